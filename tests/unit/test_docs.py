"""Guards that the pages of the project point at what exists."""

import re

from ..source import ROOT, walk

LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")


def test_every_relative_link_leads_somewhere() -> None:
    """A link from one page to a file of the repository finds it."""
    pages = [path for path in walk(ROOT) if path.suffix == ".md"]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert pages
    assert broken == []


def test_decisions_are_numbered_without_gaps() -> None:
    """Decisions count from 0001, each file with its own number in the title."""
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    titles = [page.read_text(encoding="utf-8").partition(".")[0] for page in pages]
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    assert titles == [f"# {number}" for number in range(1, len(pages) + 1)]
