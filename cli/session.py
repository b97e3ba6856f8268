"""One run of the command line: which database, which clock, and how errors end it; decides nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..engine.errors import Refused, SamskabtError, StorageError
from .errors import Told, report, with_ways

if TYPE_CHECKING:
    from ..runtime.clock import Clock
    from ..runtime.engine import Engine
    from ..runtime.settings import Settings


@dataclass
class Session:
    """What the global options say; ``clock`` is the machine's own unless a test gives another.

    ``about`` is the instance (and kind) that a refusal speaks of, set by the command that knows it.
    """

    url: str | None = None
    all_mail_to: str | None = None
    clock: Clock | None = None
    about: tuple[int, str | None] | None = None

    def choose(self, url: str | None, all_mail_to: str | None = None) -> None:
        """Take the database of the command line, and the one address of a trial, if it names them."""
        self.url, self.all_mail_to = url or self.url, all_mail_to or self.all_mail_to

    def settings(self) -> Settings:
        """Read the settings of the environment, with the database of the command line."""
        from ..runtime.settings import one_address, settings_from

        found = settings_from(os.environ)
        if self.all_mail_to:
            found = replace(found, all_mail_to=one_address(self.all_mail_to, "--all-mail-to"))
        return replace(found, url=self.url) if self.url else found

    @contextmanager
    def engine(self, as_json: bool, *, create: bool = False, files: Sequence[Path] = ()) -> Iterator[Engine]:
        """Open the engine for one command; what goes wrong is told and ends the command with its exit code.

        Without ``create``, a SQLite file that is not there is refused and not made.
        """
        engine: Engine | None = None
        with self.telling(as_json):
            try:
                from ..runtime.engine import connect
                from ..runtime.views.documents import catalogue

                settings = self.settings()
                if not create:
                    _refuse_missing(settings.url)
                engine = connect(settings.url, workflows=catalogue(files), clock=self.clock, settings=settings)
                yield engine
            except Refused as refused:
                told = self._explain(engine, refused)
                raise typer.Exit(report(refused, as_json=as_json, told=told)) from refused
            finally:
                if engine is not None:
                    engine.close()

    @contextmanager
    def telling(self, as_json: bool) -> Iterator[None]:
        """Tell the errors of a command that needs no database."""
        try:
            yield
        except (SamskabtError, OSError) as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise typer.Exit(report(error, as_json=as_json)) from error

    def _explain(self, engine: Engine | None, refused: Refused) -> Told | None:
        """Put a refusal into Danish, by the words of the workflow that it stems from."""
        if engine is None or self.about is None:
            return None
        from ..runtime.continuity.pausing import with_names
        from ..runtime.views import Words, missing_of

        instance_id, kind = self.about
        one = engine.show(instance_id)
        words = Words(engine.context.compiled(one.workflow_hash))
        title = words.event(kind or one.kind, refused.event)
        named = with_names(refused.refusals, engine.people.all()[0])
        missing = with_ways(missing_of(words, kind or one.kind, named))
        if kind not in (None, one.kind):
            return Told(title, missing)
        drafts = engine.asking.drafts(instance_id, refused)
        return Told(title, missing, drafts, f"samskabt missing {instance_id} {refused.event} --drafts")


def session_of(context: typer.Context) -> Session:
    """Give the session that the root command has set up."""
    found = context.find_object(Session)
    assert found is not None
    return found


def _refuse_missing(url: str) -> None:
    """Refuse a SQLite file that is not there, before anything creates it."""
    scheme, found, rest = url.partition(":///")
    if not found or not scheme.startswith("sqlite"):
        return
    path = Path(rest.partition("?")[0])
    if str(path) not in ("", ".", ":memory:") and not path.exists():
        demo = max(Path().glob("samskabt-demo*/samskabt.db"), key=lambda one: one.stat().st_mtime, default=None)
        if demo is not None:
            raise StorageError(f"there is no database {path}; that of the demo is shown by --db sqlite:///{demo}")
        raise StorageError(
            f"there is no database {path}; make one with `samskabt demo` (a programme to look at) or"
            " `samskabt start KEY` (your own), or name another with --db"
        )
