"""One table from class of error to exit code, and what is told of each."""

import json

import pytest
import samskabt
from samskabt import Conflict, DatabaseTooNew, InvalidInput, NotFound, Refused, StorageError
from samskabt.cli.errors import EXIT_CODES, Told, exit_code, report
from samskabt.engine.errors import DefinitionError, Problem
from samskabt.runtime.views import Missing

SOFT = Missing("mangler_felt", "»Effekt« er ikke udfyldt.", "leder", "leder", "", may_override=True)
HARD = Missing("ingen_plads", "Der er ikke plads.", None, "", "", may_override=False)


def test_every_error_of_the_package_has_its_own_exit_code() -> None:
    """No public error falls through to a traceback, and each kind can be told from the others by a script."""
    errors = [getattr(samskabt, name) for name in samskabt.__all__]
    kinds = [one for one in errors if isinstance(one, type) and issubclass(one, samskabt.SamskabtError)]
    assert all(any(kind in EXIT_CODES for kind in one.__mro__) for one in kinds)
    codes = [EXIT_CODES[one] for one in (InvalidInput, Refused, NotFound, Conflict, StorageError)]
    assert codes == [2, 3, 4, 5, 6]


def test_a_subclass_has_the_code_of_its_class() -> None:
    """What is new in the tree is told like its parent."""
    assert exit_code(DatabaseTooNew("newer")) == 6


def test_an_override_is_offered_only_when_it_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    """One hard requirement is enough to make the offer a lie."""
    assert report(Refused("x", ()), as_json=False, told=Told("Afslut", (SOFT,))) == 3
    assert "--override" in capsys.readouterr().err
    report(Refused("x", ()), as_json=False, told=Told("Afslut", (SOFT, HARD)))
    assert "--override" not in capsys.readouterr().err


def test_errors_as_json_hold_every_refusal_and_problem(capsys: pytest.CaptureFixture[str]) -> None:
    """Machines get what people get, on stdout."""
    report(Refused("x", ()), as_json=True, told=Told("Afslut", (SOFT, HARD)))
    answer = json.loads(capsys.readouterr().out)
    assert answer.keys() == {"error", "kind", "refusals", "problems", "drafts"}
    assert [one["may_override"] for one in answer["refusals"]] == [True, False]
    report(DefinitionError([Problem("a.yaml", 3, 1, "title", "missing-key", "mangler")]), as_json=True)
    assert json.loads(capsys.readouterr().out)["problems"] == ["a.yaml:3:1: title: mangler [missing-key]"]
