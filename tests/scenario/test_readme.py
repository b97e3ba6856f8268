"""The README's example of the library is run as it stands."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a newcomer copies works, refuses in Danish and leaves mails in a folder."""
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    assert "senere forloeb.vaelg Vælg kommunen" in printed and "nu forloeb.traek" in printed
    assert "Kommunens forløb skal stå som »Deltager«, men står som »Tilmeldt«." in printed
    assert (tmp_path / "example.db").exists()
