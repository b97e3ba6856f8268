"""The delivery loop: every row comes to an end, none stops another, and nothing personal is logged."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from samskabt.engine.errors import DeliveryFailed, NotFound, StorageUnavailable
from samskabt.engine.values import Dates, Intent, Nudge, OutboxRow, Recipient
from samskabt.notifications import DeliveryReport, Mail, MemoryMailer, Sender, Text, deliver
from samskabt.notifications.delivery import BACKOFF, Settled

NOW = datetime(2019, 9, 17, 6, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
BO = Recipient(6, "Bo Holm", "bo@nyborg.example")
SENDER = Sender("Sekretariatet", "samskabt@program.example", "Karen Holm", "karen@program.example")
TEXT = Text("{{ titel }}", "{{ titel }} er {{ dato }}.")


def row(number: int = 1, fence: int = 1, *people: Recipient, is_moot: bool = False, kommune: bool = True) -> OutboxRow:
    """Give a row to these people, Anne if none is named."""
    nudge = Nudge(f"k{number}", Intent.NUDGE, "min_tekst", "kommunal_konsulent", "regel")
    return OutboxRow(
        number, fence, 17, 3, "activity", "Opstartsmøde", "Nye veje", "0450" if kommune else None,
        "Nyborg Kommune" if kommune else None, nudge, is_moot, people or (ANNE,), "h",
        Dates(date(2019, 9, 20), None, "day"), NOW,
    )  # fmt: skip


@dataclass
class MemoryOutbox:
    """An outbox in memory: leases rows once, keeps what is reported, refuses reports with an old fence."""

    rows: list[OutboxRow]
    overtaken: frozenset[int] = frozenset()
    broken: frozenset[str] = frozenset()
    settled: dict[int, tuple[Settled, str]] = field(default_factory=dict)
    retried: dict[int, tuple[datetime, str]] = field(default_factory=dict)
    handed: list[tuple[int, int, str]] = field(default_factory=list)
    instants: set[datetime] = field(default_factory=set)

    def claim(self, now: datetime, limit: int) -> Sequence[OutboxRow]:
        """Lease the first rows."""
        self.instants.add(now)
        claimed, self.rows = self.rows[:limit], self.rows[limit:]
        return claimed

    def delivered(self, row: OutboxRow, person_id: int, message_id: str, now: datetime) -> bool:
        """Keep the delivery."""
        self.instants.add(now)
        self.handed.append((row.id, person_id, message_id))
        return self._holds(row, "delivered")

    def settle(self, row: OutboxRow, status: Settled, now: datetime, note: str) -> bool:
        """Keep the end."""
        self.instants.add(now)
        if self._holds(row, "settle"):
            self.settled[row.id] = (status, note)
        return row.id not in self.overtaken

    def retry(self, row: OutboxRow, at: datetime, error: str) -> bool:
        """Keep when it is due again."""
        if self._holds(row, "retry"):
            self.retried[row.id] = (at, error)
        return row.id not in self.overtaken

    def _holds(self, row: OutboxRow, verb: str) -> bool:
        if verb in self.broken:
            raise StorageUnavailable("the database is locked")
        return row.id not in self.overtaken


@dataclass
class TroubledMailer:
    """Hands over to a memory, except to the addresses that fail."""

    failures: dict[str, Exception]
    memory: MemoryMailer = field(default_factory=MemoryMailer)

    def send(self, mail: Mail) -> None:
        """Fail or hand over."""
        if mail.recipient in self.failures:
            raise self.failures[mail.recipient]
        self.memory.send(mail)


BUSY = DeliveryFailed("mailserveren svarer ikke", retry=True)
NO_SUCH = DeliveryFailed("550 no such user anne@nyborg.example", retry=False)


def run(outbox: MemoryOutbox, mailer: TroubledMailer | MemoryMailer | None = None, text: Text = TEXT) -> DeliveryReport:
    """Deliver one batch."""
    return deliver(outbox, mailer or MemoryMailer(), lambda _: text, SENDER, NOW)


def test_a_row_goes_to_everybody_and_is_sent() -> None:
    """Each person gets a mail of their own, is noted as delivered, and the row is closed."""
    outbox, mailer = MemoryOutbox([row(1, 1, ANNE, BO)]), MemoryMailer()
    assert run(outbox, mailer) == DeliveryReport(sent=1)
    assert [mail.recipient for mail in mailer.mails] == [ANNE.email, BO.email]
    assert outbox.handed == [(1, 5, mailer.mails[0].message_id), (1, 6, mailer.mails[1].message_id)]
    assert outbox.settled == {1: ("sent", "")}
    assert outbox.instants == {NOW}


def test_a_moot_row_is_withdrawn() -> None:
    """Nobody is reminded of what is done, even when a person could be written to."""
    outbox, mailer = MemoryOutbox([row(is_moot=True)]), MemoryMailer()
    assert run(outbox, mailer) == DeliveryReport(withdrawn=1)
    assert mailer.mails == () and outbox.settled[1][0] == "withdrawn" and outbox.settled[1][1]


def test_a_row_without_people_is_held_and_says_whom_it_waits_for() -> None:
    """An empty role is shown to people, by role and kommune, instead of losing the mail."""
    outbox = MemoryOutbox([replace(row(1), recipients=()), replace(row(2, kommune=False), recipients=())])
    assert run(outbox) == DeliveryReport(held=2)
    assert outbox.settled[1] == (
        "held", "ingen har rollen kommunal konsulent i Nyborg Kommune; mailen venter, til en person har rollen",
    )  # fmt: skip
    assert "rollen kommunal konsulent i Nye veje" in outbox.settled[2][1]


def test_an_unusable_address_is_held_or_noted() -> None:
    """Alone it holds the mail; among others it does not keep the mail from them."""
    bad = replace(ANNE, email="anne på nyborg")
    outbox, mailer = MemoryOutbox([row(1, 1, bad), row(2, 1, bad, BO)]), MemoryMailer()
    assert run(outbox, mailer) == DeliveryReport(sent=1, held=1)
    assert outbox.settled[1][0] == "held" and "person 5 (rollen kommunal konsulent" in outbox.settled[1][1]
    assert outbox.settled[2] == ("sent", "ikke leveret til person 5; ret mailadressen")
    assert bad.email not in str(outbox.settled) and len(mailer.mails) == 1


@pytest.mark.parametrize(("attempt", "minutes"), [*enumerate((1, 5, 30, 120, 360, 720, 1440), start=1)])
def test_a_failed_attempt_is_tried_again_later(attempt: int, minutes: int) -> None:
    """The waits grow from a minute to a day."""
    outbox = MemoryOutbox([row(1, attempt)])
    assert run(outbox, TroubledMailer({ANNE.email: BUSY})) == DeliveryReport(failed=1)
    assert outbox.retried == {1: (NOW + timedelta(minutes=minutes), "mailserveren svarer ikke")}
    assert not outbox.settled


def test_the_eighth_failed_attempt_is_the_last() -> None:
    """Then the row is dead, with the reason for people to read."""
    assert len(BACKOFF) == 7
    outbox = MemoryOutbox([row(1, 8)])
    assert run(outbox, TroubledMailer({ANNE.email: BUSY})) == DeliveryReport(failed=1)
    assert outbox.settled == {1: ("dead", "opgivet efter 8 forsøg: mailserveren svarer ikke")} and not outbox.retried


def test_one_who_cannot_be_reached_now_does_not_stop_the_next() -> None:
    """Bo gets his mail; the row is tried again for Anne, and Bo's mail keeps its Message-ID."""
    mailer = TroubledMailer({ANNE.email: BUSY})
    outbox = MemoryOutbox([row(1, 1, ANNE, BO)])
    assert run(outbox, mailer) == DeliveryReport(failed=1)
    assert [person for _, person, _ in outbox.handed] == [6] and 1 in outbox.retried
    mailer.failures.clear()
    outbox.rows = [row(1, 2, ANNE, BO)]
    assert run(outbox, mailer) == DeliveryReport(sent=1)
    assert sorted(mail.recipient for mail in mailer.memory.mails) == [ANNE.email, BO.email]


def test_a_refused_address_is_not_tried_again() -> None:
    """A mailbox that does not exist ends the row at once, or is noted when others got the mail."""
    outbox = MemoryOutbox([row(1), row(2, 1, ANNE, BO)])
    assert run(outbox, TroubledMailer({ANNE.email: NO_SUCH})) == DeliveryReport(sent=1, failed=1)
    assert outbox.settled[1][0] == "dead" and "person 5" in outbox.settled[1][1]
    assert outbox.settled[2] == ("sent", "ikke leveret til person 5; ret mailadressen")


def test_a_wrong_text_is_dead_before_anybody_gets_half_of_it() -> None:
    """A text that cannot be filled sends nothing and says what to mend."""
    outbox, mailer = MemoryOutbox([row(1, 1, ANNE, BO)]), MemoryMailer()
    assert run(outbox, mailer, Text("x", "{{ mistake }}")) == DeliveryReport(failed=1)
    assert mailer.mails == () and "unknown placeholder {{ mistake }}" in outbox.settled[1][1]


def test_a_missing_text_is_dead() -> None:
    """A key without a text is a mistake of the workflow, not of the mail server."""

    def texts(row: OutboxRow) -> Text:
        raise NotFound("text", row.nudge.template, ["indkaldelse"])

    outbox = MemoryOutbox([row()])
    assert deliver(outbox, MemoryMailer(), texts, SENDER, NOW) == DeliveryReport(failed=1)
    assert outbox.settled[1][0] == "dead" and "min_tekst" in outbox.settled[1][1]


def test_a_broken_row_does_not_stop_the_others() -> None:
    """Whatever a mailer throws at one row, the rows around it are sent and it is tried again."""
    outbox = MemoryOutbox([row(1, 1, BO), row(2), row(3, 1, BO)])
    assert run(outbox, TroubledMailer({ANNE.email: ZeroDivisionError("anne@nyborg.example")})) == DeliveryReport(
        2, failed=1
    )
    assert outbox.settled.keys() == {1, 3}
    assert outbox.retried[2] == (NOW + BACKOFF[0], "uventet fejl (ZeroDivisionError)")


def test_a_database_out_of_reach_does_not_stop_the_others() -> None:
    """When neither end nor retry can be written, the loop still comes through; the lease runs out by itself."""
    outbox, mailer = MemoryOutbox([row(1), row(2)], broken=frozenset({"settle", "retry"})), MemoryMailer()
    assert run(outbox, mailer) == DeliveryReport(failed=2)
    assert len(mailer.mails) == 2


def test_an_overtaken_row_is_left_alone() -> None:
    """Once a newer attempt holds the row, no further mail of it is sent from here, and it is counted nowhere."""
    outbox, mailer = MemoryOutbox([row(1, 1, ANNE, BO), row(2)], overtaken=frozenset({1})), MemoryMailer()
    assert run(outbox, mailer) == DeliveryReport(sent=1)
    assert len(mailer.mails) == 2 and outbox.settled.keys() == {2}


def test_a_stop_signal_is_not_swallowed() -> None:
    """Ctrl-C between two mails ends the loop; the row's lease is what brings it back."""

    class Interrupted(MemoryMailer):
        def send(self, mail: Mail) -> None:
            raise KeyboardInterrupt(mail.message_id)

    outbox = MemoryOutbox([row()])
    with pytest.raises(KeyboardInterrupt):
        run(outbox, Interrupted())
    assert not outbox.settled and not outbox.retried


def test_no_more_than_the_limit_is_claimed() -> None:
    """A batch stays small enough for its leases."""
    outbox = MemoryOutbox([row(number) for number in range(1, 6)])
    assert deliver(outbox, MemoryMailer(), lambda _: TEXT, SENDER, NOW, limit=2) == DeliveryReport(sent=2)
    assert [row.id for row in outbox.rows] == [3, 4, 5]


def test_logs_hold_numbers_only(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither addresses, names, titles nor error texts are logged, and nothing is printed."""
    outbox = MemoryOutbox([row(1), row(2, 1, BO), row(3)], overtaken=frozenset({3}))
    with caplog.at_level(logging.DEBUG, logger="samskabt.notifications"):
        run(outbox, TroubledMailer({ANNE.email: NO_SUCH, BO.email: ValueError("Bo Holm bo@nyborg.example")}))
    # What logging itself adds (numbers of threads and lines, times) may hold any digits.
    added = vars(logging.makeLogRecord({})).keys() - {"msg", "args"}
    told = str([{key: value for key, value in vars(one).items() if key not in added} for one in caplog.records])
    assert [record.message for record in caplog.records] == [
        "outbox_mail_not_accepted", "outbox_row_broke", "outbox_mail_not_accepted", "outbox_row_overtaken",
    ]  # fmt: skip
    assert "'row_id': 2" in told and "'error': 'ValueError'" in told and "'person_id': 5" in told
    assert not [word for word in ("@", "Anne", "Holm", "Opstart", "Nyborg", "550") if word in told]
    assert capsys.readouterr() == ("", "")


def test_delivering_leaves_the_hosts_logging_alone() -> None:
    """An embedding program's structlog configuration is untouched."""
    import structlog

    assert not structlog.is_configured()
    run(MemoryOutbox([row()]), TroubledMailer({ANNE.email: BUSY}))
    assert not structlog.is_configured()
