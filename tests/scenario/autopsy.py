"""What must hold after a kill: compares a victim's folder with what was acknowledged to it, then goes on to the end."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from functools import cache
from pathlib import Path

from samskabt.notifications import FolderMailer
from samskabt.notifications.mailer import file_name
from samskabt.runtime.clock import VirtualClock
from samskabt.runtime.doctor import examine
from samskabt.runtime.engine import Engine, connect
from samskabt.runtime.posting.sending import LEASE
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.storage import HistoryRow

from .crashing import ACKS, DATABASE, MAILS, Death

AT_ONCE = {"forloeb.vaelg", "forloeb.fravaelg"}
"""What one transaction does to many kommuner; any other step that was not acknowledged stands alone."""


@dataclass(slots=True)
class Findings:
    """What was wrong, what was looked at, and the mails as they were at the moment of death (name -> digest)."""

    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    mails: dict[str, str] = field(default_factory=dict)


def autopsy(death: Death, workflows: Workflows, *, thorough: bool) -> Findings:
    """Open a victim's database, examine it, let what is due happen, and examine it again."""
    found, clock = Findings(), VirtualClock(death.now)
    mails = death.folder / MAILS
    mailer, url = FolderMailer(mails), f"sqlite:///{death.folder / DATABASE}"
    with connect(url, workflows=workflows, clock=clock, mailer=mailer) as engine:
        engine.context.store.hurry()  # What is tried is what the victim has written, not what happens here.
        found.wrong += [f"doctor: {finding}" for finding in examine(engine).findings]
        found.wrong += _steps_wrong(engine, death.folder / ACKS, found.counts)
        found.wrong += _mails_wrong(engine, mails)
        found.mails = {mail.name: digest(mail) for mail in mails.glob("*.eml")}
        clock.move_to(death.now + LEASE + timedelta(minutes=1))
        fired, sent = engine.tick(), engine.deliver()
        found.counts.update(fired_afterwards=fired.fired, sent_afterwards=sent.sent)
        if fired.failed or sent.failed:
            found.wrong.append(f"drain: {fired}, {sent}")
        found.wrong += _mails_wrong(engine, mails) + _undelivered(engine, mails)
        if thorough:
            found.wrong += [f"doctor, afterwards: {finding}" for finding in examine(engine).findings]
    found.wrong = [f"{death.folder.name} ({death.phase}, {death.statement}): {line}" for line in found.wrong]
    return found


def digest(mail: Path) -> str:
    """Give a mail's contents in short."""
    return hashlib.sha256(mail.read_bytes()).hexdigest()


def _steps_wrong(engine: Engine, acks: Path, counts: Counter[str]) -> Iterator[str]:
    """Compare what was acknowledged with what is in history: once each, and nothing besides but what was in flight."""
    decisions = _decisions(engine)
    told = [line.split(" ") for line in acks.read_text().splitlines()] if acks.exists() else []
    counts["acknowledged"] += len(told)
    for instance, revision, events in told:
        rows = decisions.pop((int(instance), int(revision)), None)
        if rows is None:
            yield f"step {events} of {instance} was acknowledged at {revision} and is not (or twice) there"
        elif ",".join(dict.fromkeys(row.event for row in rows)) != events:
            yield f"step {events} of {instance} was acknowledged, history has {[row.event for row in rows]}"
    rest = [rows[0] for rows in decisions.values() if rows[0].actor_kind == "person" and rows[0].kind != "birth"]
    counts["recorded, not acknowledged"] += len(rest)
    if len(rest) > 1 and not {row.event for row in rest} <= AT_ONCE:
        yield f"nobody was told of {[(row.instance_id, row.event) for row in rest]}"


def _decisions(engine: Engine) -> dict[tuple[int, int], list[HistoryRow]]:
    """Read all history, put together by decision: (instance, revision that it led to) -> rows."""
    found: dict[tuple[int, int], list[HistoryRow]] = {}
    with engine.context.store.read() as reader:
        for programme in reader.programmes():
            for instance in reader.instances(programme.id):
                for row in reader.history(instance.id, limit=10_000):
                    found.setdefault((row.instance_id, row.decision_seq), []).append(row)
    return {(rows[-1].instance_id, rows[-1].seq): rows for rows in found.values()}


def _mails_wrong(engine: Engine, mails: Path) -> list[str]:
    """Check that every file is one whole mail, that no mail is there twice, and that what was delivered is there."""
    wrong, seen = [], Counter[str]()
    for path in mails.glob("*.eml"):
        identity, is_whole = _read(path.read_bytes())
        seen[identity] += 1
        if not is_whole or file_name(identity) != path.name:
            wrong.append(f"mail {path.name} is not whole: {identity}")
    wrong += [f"mail {identity} is there {number} times" for identity, number in seen.items() if number > 1]
    keys = Counter[tuple[int, str]]()
    with engine.context.store.read() as reader:
        for row in reader.outbox(limit=100_000):
            keys[row.instance_id, row.nudge.key] += 1
            wrong += [
                f"mail {one.message_id} was delivered, and is lost"
                for one in row.deliveries
                if one.message_id not in seen
            ]
    return wrong + [f"{key} is {number} times in the outbox" for key, number in keys.items() if number > 1]


@cache
def _read(content: bytes) -> tuple[str, bool]:
    """Read a mail's identity, and whether it is whole as far as that can be seen; victims share most of their mails."""
    message = message_from_bytes(content, policy=SMTP)
    is_whole = not message.defects and bool(message["Date"]) and content.endswith(b"\n")
    return str(message["Message-ID"]).strip(), is_whole  # a long one is folded, and begins with a blank


def _undelivered(engine: Engine, mails: Path) -> list[str]:
    """Check at the end that nothing waits that is due, and that every file belongs to a delivery."""
    now = engine.context.clock.now()
    with engine.context.store.read() as reader:
        rows = reader.outbox(limit=100_000)
        letters = [view.row for view in reader.posted.letters(status="pending", limit=100_000)]
    wrong = [f"mail {row.id} waits for ever" for row in rows if row.status == "pending" and row.not_before <= now]
    wrong += [f"letter {row.id} waits for ever" for row in letters if row.not_before <= now]
    known = {file_name(one.message_id) for row in rows for one in row.deliveries}
    return wrong + [f"mail {path.name} is of nobody" for path in mails.glob("*.eml") if path.name not in known]
