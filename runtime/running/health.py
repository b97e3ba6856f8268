"""Whether the engine is well, as somebody who watches asks every minute: heartbeats, backlog, failures; mends nothing.

It reads heartbeats and the ends of indexes, so it costs the same with a million pending timers. Every line says what to
do. Ids and counts only: no address, no title.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ...notifications import FolderMailer
from ...storage import ProcessRow, Reader
from ..delivering.inboxes import READ_AT
from ..mailing.launching import MOST, TRIED, tried_between
from ..views.words import moment_text
from .vigilance import JITTER, NOTE, Leap

if TYPE_CHECKING:
    from ..engine import Engine

MAX_AGE = timedelta(seconds=180)
"""So old the last tick may be: cron starts one a minute, and now and then a run takes longer."""

LATE = timedelta(minutes=10)
"""So long something may be due before that is a backlog."""

LETTERS_LATE = timedelta(minutes=30)
MOST_ATTEMPTS = 5
"""A timer that has failed so often does not mend itself."""

DEMO = "demo"
"""The note of a database in which a demo has lived to its end."""

OWN = "begin your own in another database: `samskabt --db sqlite:///my.db start KEY`"
MANY = 1000
"""Where counting stops."""

LEAST_BYTES = 200 * 1024 * 1024


class Level(StrEnum):
    """How bad it is: ``fail`` wants somebody now (exit code 1), ``warn`` wants somebody this week."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what to do about it (empty where nothing is)."""

    name: str
    level: Level
    text: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What was looked at, the worst first."""

    level: Level
    at: datetime
    last_tick: datetime | None
    checks: tuple[Check, ...]

    @property
    def is_well(self) -> bool:
        """Tell whether nobody must come now."""
        return self.level is not Level.FAIL


def health_of(engine: Engine, max_age: timedelta = MAX_AGE, least_bytes: int = LEAST_BYTES) -> Health:
    """Look at an engine's database at the engine's time, in one read transaction.

    ``max_age`` is how old the last tick may be: the interval of the ticker (or of cron) and some more.
    """
    now = engine.context.clock.now()
    with engine.context.store.read() as reader:
        last = reader.heartbeat
        processes = _present(reader.beats.all(), now, max_age)
        demo = reader.beats.note(DEMO)
        lives = [
            *_clock(reader, last, processes, now, max_age),
            *_processes(processes, now, max_age),
            *_backlog(reader, now),
        ]
        checks = [
            *(lives if demo is None else [Check("demo", Level.WARN, "a demo has lived here; nobody runs it", OWN)]),
            *_failing(reader),
            *_stuck(reader),
            *_left(reader),
            *_tried(reader),
        ]
        schema, by_hand = reader.backlog.schema(), reader.beats.note(READ_AT)
    checks += [*_mail(engine, processes, now, max_age), *_inbox(engine, processes, by_hand, now, max_age)]
    checks += [*_disk(engine.settings.url, least_bytes), *_versions(schema)]
    order = (Level.FAIL, Level.WARN, Level.OK)
    checks.sort(key=lambda check: order.index(check.level))
    return Health(checks[0].level, now, last, tuple(checks))


def _present(rows: tuple[ProcessRow, ...], now: datetime, max_age: timedelta) -> tuple[ProcessRow, ...]:
    """Keep the processes that run or died; where none runs, the one that stopped last speaks for all (cron)."""
    unstopped = tuple(row for row in rows if row.stopped_at is None)
    if any(now - row.beat_at <= max_age for row in unstopped):
        return unstopped
    return (*unstopped, *[row for row in rows if row.stopped_at is not None][:1])


def _clock(
    reader: Reader, last: datetime | None, processes: tuple[ProcessRow, ...], now: datetime, max_age: timedelta
) -> Iterator[Check]:
    leap = Leap.read(reader.beats.note(NOTE))
    if leap is not None and leap.holds(now):
        text = f"the clock leapt from {_at(leap.before)} to {_at(leap.seen)}: nothing is fired or sent for an hour"
        way = "is the machine's clock right? Then `samskabt run --accept-clock`; else set it right"
        yield Check("clock", Level.FAIL, text, way)
    elif leap is not None and leap.is_back:
        text = f"the clock was set back from {_at(leap.before)} to {_at(leap.seen)}; nothing fires early or twice"
        yield Check("clock", Level.WARN, text, "see that the machines get their time from NTP")
    if last is None:
        way = "start `samskabt run`, or let cron run `samskabt run --once`"
        yield Check("tick", Level.FAIL, "the clock has never ticked on this database", way)
        return
    if last > now + JITTER:
        text = f"the last tick was at {_at(last)}, which is {_span(last - now)} ahead"
        yield Check("tick", Level.FAIL, text, "a machine's clock is or was wrong; compare them with NTP")
    elif now - last > max_age:
        text = f"the clock stands still: the last tick was {_span(now - last)} ago, at {_at(last)}"
        failing = [row.failing for row in processes if row.failing]
        way = f"it runs but fails ({failing[0]}): read its log" if failing else "start `samskabt run`; read its log"
        yield Check("tick", Level.FAIL, text, way)
    else:
        yield Check("tick", Level.OK, f"the last tick was {_span(now - last)} ago")


def _processes(processes: tuple[ProcessRow, ...], now: datetime, max_age: timedelta) -> Iterator[Check]:
    for row in processes:
        name, age = f"process {row.id}", now - row.beat_at
        if row.beat_at > now + JITTER:
            text = f"{name} ({row.version}) says it is {_at(row.beat_at)}, {_span(row.beat_at - now)} ahead"
            yield Check("skew", Level.FAIL, text, "the machines' clocks differ; let all follow the same NTP server")
        elif age > max_age:
            if row.stopped_at is not None:
                continue
            text = f"{name} ({row.version}) was last heard of {_span(age)} ago and has not stopped cleanly"
            yield Check("process", Level.WARN, text, "it died or hangs; it is forgotten after a day")
        elif row.failing is not None:
            since = row.failing_since or row.beat_at
            is_beside = row.failing == "inbox" and now - since <= LATE  # A mailbox may be away for some minutes.
            level = Level.WARN if is_beside else Level.FAIL
            yield Check("process", level, f"{name} fails since {_at(since)}: {row.failing}", "read its log")
        else:
            did = [f"tick {_at(row.ticked_at)}" if row.ticked_at else "no tick yet"]
            did += [f"delivery {_at(row.delivered_at)}"] if row.delivered_at else []
            did += [f"inbox {_at(row.inbox_at)}"] if row.inbox_at else []
            did += [f"ended {_at(row.stopped_at)}"] if row.stopped_at else []
            yield Check("process", Level.OK, f"{name} ({row.version}): {', '.join(did)}")


def _backlog(reader: Reader, now: datetime) -> Iterator[Check]:
    backlog = reader.backlog
    waits = (
        ("timers", backlog.timers(now - LATE), "is `samskabt run` keeping up? Start another one beside it"),
        ("mails", backlog.mails(now - LATE), "see `samskabt outbox`; is a process delivering (no --no-deliver)?"),
        ("letters", backlog.letters(now - LETTERS_LATE), "see `samskabt outbox` and the mail server"),
    )
    for name, waiting, advice in waits:
        if waiting.count and waiting.since is not None:
            are = "is" if waiting.count == 1 else "are"
            text = f"{_times(waiting.count, name[:-1])} {are} overdue, the oldest since {_at(waiting.since)}"
            yield Check(f"backlog_{name}", Level.FAIL, text, advice)
        else:
            yield Check(f"backlog_{name}", Level.OK, f"no {name} are overdue")


def _failing(reader: Reader) -> Iterator[Check]:
    count, shown = reader.backlog.failing()
    for one in shown:
        text = f"timer {one.key} of instance {one.instance_id} failed {_times(one.attempts, 'time')} ({one.error})"
        level = Level.FAIL if one.attempts >= MOST_ATTEMPTS else Level.WARN
        way = f"tried again at {_at(one.retry_at)}; `samskabt doctor` says more"
        yield Check("failing_timer", level, text, way)
    if count > len(shown):
        yield Check("failing_timer", Level.WARN, f"{count} timers fail in all", "`samskabt doctor` lists them")
    if not count:
        yield Check("failing_timer", Level.OK, "no timer fails")


def _stuck(reader: Reader) -> Iterator[Check]:
    ways = {
        "dead": "`samskabt outbox --status dead` lists them; mend with `person address` or the text; `outbox resend`",
        "doubtful": "`samskabt outbox --status doubtful` lists them; ask whether they came, else `outbox resend`",
        "held": "nobody has the role, or no usable address; `samskabt outbox --status held` lists them",
    }
    for status, count in reader.backlog.stuck().items():
        if count:
            yield Check(
                f"mails_{status}",
                Level.WARN,
                f"{count} {'mail is' if count == 1 else 'mails are'} {status}",
                ways[status],
            )
        else:
            yield Check(f"mails_{status}", Level.OK, f"no mails are {status}")


def _left(reader: Reader) -> Iterator[Check]:
    """Tell of what came in and is for a person: mails that lie somewhere, and answers of calendars on a list."""
    count, since = reader.left.waiting()
    if count and since is not None:
        text = f"{_times(count, 'mail')} that came in wait for a person, the oldest since {_at(since)}"
        way = "`samskabt inbox list` says where; then `samskabt inbox settle`"
        yield Check("mails_left", Level.WARN, text, way)
    else:
        yield Check("mails_left", Level.OK, "no mail that came in waits for a person")
    answers = reader.attendances.replies_open()
    if answers:
        text = f"{_times(answers, 'answer')} of calendars wait for a person"
        yield Check("replies_left", Level.WARN, text, "`samskabt attendance replies` lists them")


def _times(count: int, what: str) -> str:
    return f"{count}{' or more' if count >= MANY else ''} {what}{'s' if count > 1 else ''}"


def _tried(reader: Reader) -> Iterator[Check]:
    """Tell of what went on trial only; where there was no trial, nothing is read."""
    between = tried_between(reader.beats.note(TRIED))
    if between is not None:
        count = reader.posted.count_tried(between, MOST)
        text = (
            f"{count}{' or more' if count >= MOST else ''} letters went on trial only, and their receivers got nothing"
        )
        way = "`samskabt mail launch --preview` shows what would still matter to them; without --preview it is sent"
        yield Check("mails_tried", Level.WARN if count else Level.OK, text, way if count else "")


def _mail(engine: Engine, processes: tuple[ProcessRow, ...], now: datetime, max_age: timedelta) -> Iterator[Check]:
    trial = getattr(engine.settings, "all_mail_to", None)
    if trial:
        text = "trial mode: all mail goes to one address, nobody else gets any"
        yield Check("trial", Level.WARN, text, "take SAMSKABT_ALL_MAIL_TO away for the real thing")
    if engine.settings.lacks_sender:
        text = "nothing is sent: mails would go out in the name of an address that does not exist"
        yield Check("sender", Level.FAIL, text, "set SAMSKABT_SENDER and SAMSKABT_REPLY_TO to addresses of yours")
    newest = max((row.beat_at for row in processes), default=now)
    ill = [row for row in processes if row.mail_failing is not None and newest - row.beat_at <= max_age]
    for row in ill:
        since = row.mail_failing_since or row.beat_at
        text = f"the mail server fails since {_at(since)} ({row.mail_failing}); mails wait and are tried again"
        level = Level.FAIL if now - since > LATE else Level.WARN
        yield Check("mailer", level, text, "is it up, and are SAMSKABT_SMTP and its password right?")
    if not ill:
        is_folder = isinstance(engine.mailer, FolderMailer)
        nobody = f"no mail server is set: mails are written into {engine.settings.mail_folder}, and nobody gets them"
        yield Check("mailer", Level.OK, nobody if is_folder else "no failure of the mail server is known")


def _inbox(
    engine: Engine, processes: tuple[ProcessRow, ...], by_hand: str | None, now: datetime, max_age: timedelta
) -> Iterator[Check]:
    """Tell when the inbox was last read: by a process, by hand, or by a cron of its own."""
    if engine.settings.inbox is None:
        return
    noted = [] if by_hand is None else [datetime.fromisoformat(by_hand)]
    read = max([*noted, *(row.inbox_at for row in processes if row.inbox_at is not None)], default=None)
    since = read or min((row.started_at for row in processes), default=now)
    way = "is SAMSKABT_INBOX set for the process that runs? `samskabt inbox read` says what is wrong"
    if now - since > max(LATE, 2 * max_age):
        said = f"was last read {_span(now - read)} ago" if read else "has never been read"
        yield Check("inbox", Level.FAIL, f"the inbox {said}: bounces and answers are not seen", way)
    elif read is not None:
        yield Check("inbox", Level.OK, f"the inbox was read {_span(now - read)} ago")


def _disk(url: str, least_bytes: int) -> Iterator[Check]:
    scheme, found, rest = url.partition(":///")
    path = Path(rest.partition("?")[0])
    if not found or not scheme.startswith("sqlite") or not path.exists():
        return
    free = shutil.disk_usage(path.parent).free
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        yield Check("disk", Level.FAIL, "the database file is read-only", "give the program write access to it")
    elif free < least_bytes:
        text = f"{free // 2**20} MB are left on the disk of the database"
        yield Check("disk", Level.FAIL, text, f"make room: at least {least_bytes // 2**20} MB")
    else:
        yield Check("disk", Level.OK, f"{free // 2**20} MB are free")


def _versions(schema: str) -> Iterator[Check]:
    known = [f"{name} {_version(name)}" for name in ("samskabt", "tzdata", "holidays")]
    yield Check("versions", Level.OK, f"{', '.join(known)}, schema {schema}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def _at(instant: datetime) -> str:
    return moment_text(instant)


def _span(span: timedelta) -> str:
    """Write a span in its two greatest units."""
    seconds = max(int(span.total_seconds()), 0)
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2])
