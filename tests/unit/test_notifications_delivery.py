"""The delivery loop: every letter comes to an end, none stops another, and nothing personal is logged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from samskabt.engine.errors import DeliveryFailed, NotFound, NotYet, StorageUnavailable
from samskabt.engine.values import Dates, Intent, Nudge, OutboxRow, Recipient
from samskabt.notifications import Claimed, DeliveryReport, Item, Mail, MemoryMailer, Sender, Text, deliver, write
from samskabt.notifications.delivery import BACKOFF, PACED, SERVER_DOWN, Ready, Settled

NOW = datetime(2019, 9, 17, 6, 0, tzinfo=UTC)
ANNE = Recipient(5, "Anne Sørensen", "anne@nyborg.example")
BO = Recipient(6, "Bo Holm", "bo@nyborg.example")
SENDER = Sender("Sekretariatet", "samskabt@program.example", "Karen Holm", "karen@program.example")
TEXT = Text("{{ titel }}", "{{ titel }} er {{ dato }}.")


def row(number: int = 1, *, template: str = "min_tekst", kommune: bool = True) -> OutboxRow:
    """Give a row of the outbox."""
    nudge = Nudge(f"k{number}", Intent.NUDGE, template, "kommunal_konsulent", "regel")
    return OutboxRow(
        number, 0, 17, 3, "activity", "Opstartsmøde", "Nye veje", "0450" if kommune else None,
        "Nyborg Kommune" if kommune else None, nudge, False, (ANNE,), "h",
        Dates(date(2019, 9, 20), None, "day"), NOW,
    )  # fmt: skip


def letter(number: int = 1, attempt: int = 1, to: Recipient = ANNE, *rows: OutboxRow, once: bool = False) -> Claimed:
    """Give a claimed letter about these rows, or one."""
    return Claimed(number, attempt, attempt, f"<{number}@program.example>", to, rows or (row(number),), once)


@dataclass
class MemoryLetters:
    """Letters in memory: keeps what is reported, and refuses reports on a letter that was overtaken."""

    letters: list[Claimed | Settled | None]
    overtaken: frozenset[int] = frozenset()
    broken: frozenset[str] = frozenset()
    ended: dict[int, tuple[str, str]] = field(default_factory=dict)
    retried: dict[int, tuple[datetime, str, bool]] = field(default_factory=dict)
    back: dict[int, tuple[datetime, str, str | None]] = field(default_factory=dict)
    given_up: list[tuple[int, str]] = field(default_factory=list)
    waiting: dict[int, datetime] = field(default_factory=dict)
    unnoted: int = 0
    told: list[str] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)

    def due(self, now: datetime, limit: int) -> Sequence[int]:
        """Name the first letters."""
        assert now == NOW
        return range(len(self.letters))[:limit]

    def claim(self, letter_id: int, now: datetime, ready: Ready) -> Claimed | Settled | None:
        """Hand a letter out, if the mailer is ready for it."""
        assert now == NOW
        self.asked.append(letter_id)
        self._verb("claim")
        found = self.letters[letter_id]
        return None if isinstance(found, Claimed) and ready(found.recipient.email) is not None else found

    def sent(self, letter: Claimed, now: datetime) -> bool:
        """Keep that it was sent."""
        if self.unnoted:
            self.unnoted -= 1
            raise StorageUnavailable("the disk is full")
        return self.settle(letter, "sent", now, "")

    def settle(self, letter: Claimed, status: Settled, now: datetime, note: str) -> bool:
        """Keep the end."""
        assert now == NOW
        self._verb("settle")
        if letter.id not in self.overtaken:
            self.ended[letter.id] = (status, note)
        return letter.id not in self.overtaken

    def give_up(self, letter: Claimed, outbox_id: int, now: datetime, note: str) -> bool:
        """Keep the end of one mail."""
        assert now == NOW
        self.given_up.append((outbox_id, note))
        return letter.id not in self.overtaken

    def untried(self, letter: Claimed, at: datetime, note: str, error: str | None) -> bool:
        """Give back untried."""
        self.back[letter.id] = (at, note, error)
        return True

    def retry(self, letter: Claimed, at: datetime, error: str, *, is_doubtful: bool) -> bool:
        """Keep when it is due again."""
        self._verb("retry")
        if letter.id not in self.overtaken:
            self.retried[letter.id] = (at, error, is_doubtful)
        return letter.id not in self.overtaken

    def tell(self, now: datetime, note: str) -> None:
        """Keep that all were told."""
        assert now == NOW
        self._verb("tell")
        self.told.append(note)

    def put_off(self, letter_id: int, now: datetime, error: str) -> None:
        """Keep when it could not be claimed."""
        assert error
        self._verb("put_off")
        self.waiting[letter_id] = now

    def _verb(self, verb: str) -> None:
        if verb in self.broken:
            raise StorageUnavailable("the database is locked")


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


def run(
    letters: MemoryLetters,
    mailer: TroubledMailer | MemoryMailer | None = None,
    texts: Callable[[OutboxRow], Text] = lambda _: TEXT,
) -> DeliveryReport:
    """Deliver all that is due."""

    def compose(letter: Claimed, now: datetime) -> Mail:
        return write(letter, lambda row: Item(row, texts(row)), SENDER, now)

    return deliver(letters, mailer or MemoryMailer(), compose, lambda: NOW, letters.due(NOW, 20))


def test_a_letter_is_sent_and_closed() -> None:
    """Each letter is one mail to one person, under the letter's Message-ID."""
    letters, mailer = MemoryLetters([letter(1), letter(2, 1, BO)]), MemoryMailer()
    assert run(letters, mailer) == DeliveryReport(sent=2)
    assert [(mail.recipient, mail.message_id) for mail in mailer.mails] == [
        (ANNE.email, "<1@program.example>"), (BO.email, "<2@program.example>"),
    ]  # fmt: skip
    assert letters.ended == {1: ("sent", ""), 2: ("sent", "")}


def test_what_ended_or_waits_at_the_claim_is_not_sent() -> None:
    """One of which nothing is left counts as withdrawn, one that may go once as failed, one that waits as nothing."""
    letters, mailer = MemoryLetters(["withdrawn", "doubtful", None]), MemoryMailer()
    assert run(letters, mailer) == DeliveryReport(withdrawn=1, failed=1)
    assert mailer.mails == ()


def test_an_unusable_address_is_held_and_not_repeated() -> None:
    """The note names the person by number, the role and the place."""
    bad = replace(ANNE, email="anne på nyborg")
    letters, mailer = MemoryLetters([letter(1, 1, bad, row(1), row(2, kommune=False))]), MemoryMailer()
    assert run(letters, mailer) == DeliveryReport(held=1)
    status, note = letters.ended[1]
    assert status == "held" and bad.email not in note and mailer.mails == ()
    assert "person 5 (rollen kommunal konsulent i Nyborg Kommune, rollen kommunal konsulent i Nye veje)" in note


@pytest.mark.parametrize(("attempt", "minutes"), [*enumerate((1, 5, 30, 120, 360, 720, 1440), start=1)])
def test_a_failed_attempt_is_tried_again_later(attempt: int, minutes: int) -> None:
    """The waits grow from a minute to a day."""
    letters = MemoryLetters([letter(1, attempt)])
    assert run(letters, TroubledMailer({ANNE.email: BUSY})) == DeliveryReport(failed=1)
    assert letters.retried == {1: (NOW + timedelta(minutes=minutes), "mailserveren svarer ikke", False)}
    assert not letters.ended


def test_the_eighth_failed_attempt_is_the_last() -> None:
    """Then the letter is dead, with the reason for people to read."""
    assert len(BACKOFF) == 7
    letters = MemoryLetters([letter(1, 8)])
    assert run(letters, TroubledMailer({ANNE.email: BUSY})) == DeliveryReport(failed=1)
    assert letters.ended == {1: ("dead", "opgivet efter 8 forsøg: mailserveren svarer ikke")} and not letters.retried


def test_a_doubtful_letter_is_tried_again_unless_it_may_go_once_only() -> None:
    """At least once is the rule; on demand a human looks at what a mail server may have taken."""
    letters = MemoryLetters([letter(1), letter(2, once=True), letter(3, 1, BO, once=True)])
    mailer = TroubledMailer({ANNE.email: DeliveryFailed("intet svar", retry=True, doubtful=True), BO.email: BUSY})
    assert run(letters, mailer) == DeliveryReport(failed=3)
    assert letters.retried[1] == (NOW + BACKOFF[0], "intet svar", True)
    assert letters.ended.keys() == {2} and letters.ended[2][0] == "doubtful"
    assert letters.retried[3][2] is False


def test_a_refused_address_is_not_tried_again() -> None:
    """A mailbox that does not exist ends the letter at once; the next one is sent."""
    letters = MemoryLetters([letter(1), letter(2, 1, BO)])
    assert run(letters, TroubledMailer({ANNE.email: NO_SUCH})) == DeliveryReport(sent=1, failed=1)
    assert letters.ended[1][0] == "dead" and "person 5" in letters.ended[1][1] and "550" not in letters.ended[1][1]


def test_a_wrong_text_is_dead() -> None:
    """A text that cannot be filled says what to mend; a key without a text is a mistake of the workflow too."""

    def missing(row: OutboxRow) -> Text:
        raise NotFound("text", row.nudge.template, ["indkaldelse"])

    for texts, said in ((lambda _: Text("x", "{{ mistake }}"), "unknown placeholder"), (missing, "min_tekst")):
        letters, mailer = MemoryLetters([letter()]), MemoryMailer()
        assert run(letters, mailer, texts) == DeliveryReport(failed=1)
        assert mailer.mails == () and letters.ended[1][0] == "dead" and said in letters.ended[1][1]


def test_a_digest_goes_without_the_mail_whose_text_is_wrong() -> None:
    """One mistake keeps nobody from the rest; where all are wrong, the letter is dead."""

    def texts(row: OutboxRow) -> Text:
        return TEXT if row.nudge.template == "min_tekst" else Text("x", "{{ mistake }}")

    wrong = (row(8, template="forkert"), row(9, template="forkert"))
    letters = MemoryLetters([letter(1, 1, ANNE, row(7), wrong[0]), letter(2, 1, ANNE, *wrong)])
    mailer = MemoryMailer()
    assert run(letters, mailer, texts) == DeliveryReport(sent=1, failed=1)
    assert [number for number, _ in letters.given_up] == [8, 8, 9] and len(mailer.mails) == 1
    assert (letters.ended[1], letters.ended[2][0]) == (("sent", ""), "dead")


def test_a_broken_letter_does_not_stop_the_others() -> None:
    """Whatever a mailer throws at one letter, those around it are sent, and it is tried again, in doubt."""
    letters = MemoryLetters([letter(1, 1, BO), letter(2), letter(3, 1, BO)])
    trouble = TroubledMailer({ANNE.email: ZeroDivisionError("anne@nyborg.example")})
    assert run(letters, trouble) == DeliveryReport(2, failed=1)
    assert letters.ended.keys() == {1, 3}
    assert letters.retried[2] == (NOW + BACKOFF[0], "uventet fejl (ZeroDivisionError)", True)


def test_a_letter_that_cannot_be_claimed_is_put_off() -> None:
    """It is put off; where not even that can be written, the loop still comes through."""
    letters = MemoryLetters([letter(1), letter(2)], broken=frozenset({"claim"}))
    assert run(letters) == DeliveryReport(failed=2)
    assert letters.waiting == {0: NOW, 1: NOW}
    assert run(MemoryLetters([letter()], broken=frozenset({"claim", "put_off"}))) == DeliveryReport(failed=1)


def test_a_database_out_of_reach_does_not_stop_the_others() -> None:
    """When neither end nor retry can be written, the loop still comes through; the lease runs out by itself."""
    letters, mailer = MemoryLetters([letter(1), letter(2)], broken=frozenset({"settle", "retry"})), MemoryMailer()
    assert run(letters, mailer) == DeliveryReport(failed=2)
    assert len(mailer.mails) == 2


def test_an_overtaken_letter_is_left_alone() -> None:
    """Once a newer attempt holds the letter, what this one reports counts nowhere."""
    letters = MemoryLetters([letter(1), letter(2), letter(3, 1, BO)], overtaken=frozenset({1, 3}))
    assert run(letters, TroubledMailer({BO.email: BUSY})) == DeliveryReport(sent=1)
    assert letters.ended.keys() == {2} and not letters.retried


def test_an_overtaken_digest_gives_up_no_mail() -> None:
    """Who lost the letter while its words were looked at sends nothing of it."""
    wrong = row(9, template="forkert")
    letters, mailer = MemoryLetters([letter(1, 1, ANNE, row(8), wrong)], overtaken=frozenset({1})), MemoryMailer()
    texts = lambda one: TEXT if one.id == 8 else Text("x", "{{ mistake }}")  # noqa: E731
    assert run(letters, mailer, texts) == DeliveryReport() and mailer.mails == ()


def test_a_stop_signal_is_not_swallowed() -> None:
    """Ctrl-C between two mails ends the loop; the letter's lease is what brings it back."""

    class Interrupted(MemoryMailer):
        def send(self, mail: Mail) -> None:
            raise KeyboardInterrupt(mail.message_id)

    letters = MemoryLetters([letter()])
    with pytest.raises(KeyboardInterrupt):
        run(letters, Interrupted())
    assert not letters.ended and not letters.retried


def test_logs_hold_numbers_only(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither addresses, names, titles nor error texts are logged, and nothing is printed."""
    letters = MemoryLetters([letter(1), letter(2, 1, BO), letter(3), letter(4, 1, CARL)], overtaken=frozenset({3}))
    with caplog.at_level(logging.DEBUG, logger="samskabt.notifications"):
        run(letters, TroubledMailer({ANNE.email: BUSY, BO.email: ValueError("Bo Holm bo@nyborg.example")}))
    # What logging itself adds (numbers of threads and lines, times) may hold any digits.
    added = vars(logging.makeLogRecord({})).keys() - {"msg", "args"}
    told = str([{key: value for key, value in vars(one).items() if key not in added} for one in caplog.records])
    assert [record.message for record in caplog.records] == [
        "letter_not_accepted", "letter_broke", "letter_not_accepted", "letter_overtaken", "letter_sent",
    ]  # fmt: skip
    assert "'letter_id': 2" in told and "'error': 'ValueError'" in told and "'person_id': 5" in told
    assert not [word for word in ("@", "Anne", "Holm", "Opstart", "Nyborg", "svarer") if word in told]
    assert capsys.readouterr() == ("", "")


CARL = Recipient(7, "Carl Bruun", "carl@nyborg.example")


def test_delivering_leaves_the_hosts_logging_alone() -> None:
    """An embedding program's structlog configuration is untouched."""
    import structlog

    assert not structlog.is_configured()
    run(MemoryLetters([letter()]), TroubledMailer({ANNE.email: BUSY}))
    assert not structlog.is_configured()


def test_what_is_not_tried_yet_is_no_attempt() -> None:
    """A pace and a server that is down give the letter back with its instant and a Danish note; only the latter fails.

    A server's words are kept without addresses, and the rest of the batch is not even claimed.
    """
    letters = MemoryLetters([letter(1), letter(2, 1, BO), letter(3)])
    later = NOW + timedelta(minutes=3)
    down = NotYet("x:587 will not take bo@x.example", at=later, is_fault=True)
    paces = TroubledMailer({ANNE.email: NotYet("vent", at=later), BO.email: down})
    assert run(letters, paces) == DeliveryReport(failed=1)
    assert letters.back == {1: (later, PACED, None), 2: (later, SERVER_DOWN, "x:587 will not take (adresse)")}
    assert not letters.ended and not letters.retried and letters.asked == [0, 1] and letters.told == [SERVER_DOWN]
    letters = MemoryLetters([letter(2, 1, BO)], broken=frozenset({"tell"}))
    assert run(letters, paces) == DeliveryReport(failed=1) and letters.told == []


class Knowing(TroubledMailer):
    """A mailer that knows beforehand to whom it would not send, or that it sends to nobody."""

    is_down = False

    def not_yet(self, address: str) -> NotYet | None:
        """Say so."""
        if self.is_down or address == BO.email:
            return NotYet("nede", at=NOW, is_fault=self.is_down)
        return None


def test_a_mailer_that_knows_is_asked_before_anything_is_claimed() -> None:
    """While the server is down nothing is looked at; a letter to a domain over its share is passed over."""
    mailer = Knowing({})
    letters = MemoryLetters([letter(1), letter(2, 1, BO), letter(3)])
    assert run(letters, mailer) == DeliveryReport(sent=2) and letters.ended.keys() == {1, 3}
    mailer.is_down, letters = True, MemoryLetters([letter(4)])
    assert run(letters, mailer) == DeliveryReport() and letters.asked == []


def test_what_is_out_is_never_given_back_as_if_it_were_not() -> None:
    """Noting it is tried twice; then it is in doubt, for good where it may go once only, or its lease stays."""
    assert run(letters := MemoryLetters([letter(1)], unnoted=1)) == DeliveryReport(sent=1) and not letters.retried
    letters = MemoryLetters([letter(1)], unnoted=2)
    assert run(letters) == DeliveryReport(failed=1)
    assert letters.retried[1][::2] == (NOW + BACKOFF[0], True) and "skrives ned" in letters.retried[1][1]
    letters = MemoryLetters([letter(1, once=True)], unnoted=2)
    assert run(letters) == DeliveryReport(failed=1)
    assert letters.ended[1][0] == "doubtful" and not letters.retried
    letters = MemoryLetters([letter(1, once=True)], unnoted=2, broken=frozenset({"settle"}))
    assert run(letters) == DeliveryReport(failed=1) and not letters.ended and not letters.retried


def test_what_may_be_out_is_doubtful_in_the_end_and_not_dead() -> None:
    """The eighth attempt fails, and an earlier one, or this one, may have arrived."""
    doubted = replace(letter(1, 8), is_doubtful=True)
    letters = MemoryLetters([doubted, letter(2, 8, BO)])
    lost = DeliveryFailed("intet svar fra <bo@x.example>", retry=True, doubtful=True)
    assert run(letters, TroubledMailer({ANNE.email: BUSY, BO.email: lost})) == DeliveryReport(failed=2)
    assert {status for status, _ in letters.ended.values()} == {"doubtful"}
    assert letters.ended[2][1] == "opgivet efter 8 forsøg: intet svar fra <(adresse)>; måske er mailen nået frem"
