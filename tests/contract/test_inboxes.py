"""Folders and IMAP mailboxes as inboxes: what is given, put away and left, and how they are told to be unreadable."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samskabt.engine.errors import InboxUnavailable
from samskabt.notifications.smtp import ImapSettings, inbox_settings
from samskabt.notifications.smtp.inbox import LEFT, MOST_BYTES, FolderInbox, ImapInbox, Inbox, quoted

from ..mailserver import PASSWORD, USER, Certificates, closed_port, make_certificates, raw_server

RAW = b"Subject: x\r\n\r\nHej\r\n"


class Mailbox:
    """A small IMAP server with one mailbox: as much of RFC 3501 as a reader needs, line by line."""

    def __init__(self, capabilities: str = "IMAP4rev1 AUTH=PLAIN MOVE", said: dict[str, bytes] | None = None) -> None:
        self.capabilities, self.said = capabilities, said or {}
        self.mails: dict[int, bytes] = {}
        self.flags: dict[int, set[str]] = {}
        self.moved: list[int] = []
        self.commands: list[str] = []
        self.validity = 7
        self.kept = "\\Seen \\*"

    def put(self, uid: int, raw: bytes) -> None:
        """Let a mail come in."""
        self.mails[uid], self.flags[uid] = raw, set()

    def __call__(self, connection: Any) -> None:
        """Speak with one client."""
        connection.wfile.write(b"* OK ready\r\n")
        while line := connection.rfile.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            self.commands.append(rest)
            answer = self._answer(rest, connection)
            if answer is None:
                return
            verdict = "NO no such flag" if "STORE" in rest and LEFT in rest and not self.kept else "OK done"
            ending = f"{tag} {verdict}\r\n".encode()
            connection.wfile.write(answer + (b"" if answer.endswith(b"BYE\r\n") else ending))

    def _answer(self, rest: str, connection: Any) -> bytes | None:
        word = rest.split(" ")[0].upper() if not rest.startswith("UID") else " ".join(rest.split(" ")[:2]).upper()
        if word in self.said:
            return self.said[word]
        match word:
            case "CAPABILITY":
                return f"* CAPABILITY {self.capabilities}\r\n".encode()
            case "AUTHENTICATE":
                connection.wfile.write(b"+ \r\n")
                self.commands.append(connection.rfile.readline().decode().strip())
            case "SELECT":
                flags = f"* OK [PERMANENTFLAGS ({self.kept})] x\r\n" if self.kept else ""
                return f"* {len(self.mails)} EXISTS\r\n* OK [UIDVALIDITY {self.validity}] x\r\n{flags}".encode()
            case "UID SEARCH":
                first = int((re.findall(r" UID (\d+):\*", rest) or ["1"])[0])
                without = {"\\Seen", LEFT} if f"UNKEYWORD {LEFT}" in rest else {"\\Seen"}
                last = max(self.mails, default=0)  # "9:*" always holds the last mail, whatever its number.
                given = [uid for uid in self.flags if uid >= first or uid == last]
                unread = [uid for uid in given if not self.flags[uid] & without]
                return f"* SEARCH {' '.join(map(str, unread))}\r\n".encode()
            case "UID FETCH":
                uid = int(rest.split(" ")[2])
                raw = self.mails[uid][:MOST_BYTES]
                return b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%s)\r\n" % (uid, len(raw), raw)
            case "UID STORE":
                stored = set(re.findall(r"[\\\w]+", rest.rpartition("(")[2]))
                kept = stored if "\\*" in self.kept else stored & {"\\Seen"}
                self.flags[int(rest.split(" ")[2])].update(kept)
            case "UID MOVE":
                self.moved.append(int(rest.split(" ")[2]))
        return b""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Give certificates, good and bad."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def mailbox(certificates: Certificates) -> Iterator[tuple[Mailbox, ImapInbox]]:
    """Give a mailbox with its inbox."""
    found = Mailbox()
    with raw_server(found, certificates.good) as port:
        settings = ImapSettings("localhost", port, USER, PASSWORD, done="Behandlet", ca_file=certificates.ca, seconds=5)
        yield found, ImapInbox(settings)


def test_a_folder_gives_its_mails_once(tmp_path: Path) -> None:
    """Files of mails by name, as many as asked; what is done with or left is moved aside, nothing is deleted."""
    for name in ("b.eml", "a.eml", "c.EML", "note.txt", ".d.eml"):
        (tmp_path / name).write_bytes(RAW)
    inbox = FolderInbox(tmp_path)
    assert [mail.id for mail in inbox.fetch(2)] == ["a.eml", "b.eml"]
    inbox.done("a.eml")
    inbox.leave("b.eml")
    inbox.done("a.eml")
    assert [(mail.id, mail.raw) for mail in inbox.fetch(9)] == [("c.EML", RAW)]
    assert (tmp_path / "done" / "a.eml").read_bytes() == (tmp_path / "other" / "b.eml").read_bytes() == RAW


def test_a_maildir_is_a_folder_too(tmp_path: Path) -> None:
    """Both new and seen mails of a Maildir are read, whatever their files are called."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"1.{name}:2,S").write_bytes(RAW)
    inbox = FolderInbox(tmp_path)
    assert [mail.id for mail in inbox.fetch(9)] == ["cur/1.cur:2,S", "new/1.new:2,S"]
    inbox.done("new/1.new:2,S")
    assert (tmp_path / "done" / "1.new:2,S").exists()


@pytest.mark.parametrize("id", ["../secret.eml", "/etc/passwd", "done/../../secret.eml", "", "x\x00"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, id: str) -> None:
    """Only what the folder holds is moved."""
    (tmp_path / "secret.eml").write_bytes(RAW)
    (tmp_path / "box").mkdir()
    FolderInbox(tmp_path / "box").done(id)
    assert (tmp_path / "secret.eml").exists()


def test_links_and_large_files_are_bounded(tmp_path: Path) -> None:
    """A link is not followed, and of a large file only the front is read."""
    (tmp_path / "box").mkdir()
    (tmp_path / "secret").write_bytes(RAW)
    (tmp_path / "box" / "a.eml").symlink_to(tmp_path / "secret")
    (tmp_path / "box" / "b.eml").write_bytes(b"x" * (MOST_BYTES + 5))
    assert [(mail.id, len(mail.raw)) for mail in FolderInbox(tmp_path / "box").fetch(9)] == [("b.eml", MOST_BYTES)]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The error names the setting and the folder."""
    with pytest.raises(InboxUnavailable, match=r"SAMSKABT_INBOX.*no folder"):
        list(FolderInbox(tmp_path / "nej").fetch(1))
    (tmp_path / "fil").write_text("x")
    with pytest.raises(InboxUnavailable, match="SAMSKABT_INBOX"):
        FolderInbox(tmp_path / "fil").done("x")


def test_a_mailbox_gives_unread_mails_once(mailbox: tuple[Mailbox, ImapInbox]) -> None:
    """By UID and without marking them; done is read and moved, left stays unread but is not given again."""
    server, inbox = mailbox
    for uid in (12, 9, 30):
        server.put(uid, RAW + str(uid).encode())
    given = []
    for mail in inbox.fetch(2):
        given.append((mail.id, mail.raw))
        inbox.done(mail.id)
    assert given == [("7.9", RAW + b"9"), ("7.12", RAW + b"12")]
    inbox.leave("7.30")
    assert list(inbox.fetch(9)) == []
    assert server.flags == {12: {"\\Seen"}, 9: {"\\Seen"}, 30: {"SamskabtLeft"}} and server.moved == [9, 12]


def test_a_mailbox_numbered_anew_is_left_alone(mailbox: tuple[Mailbox, ImapInbox]) -> None:
    """A UID of an older numbering may be another mail by now: nothing is marked."""
    server, inbox = mailbox
    server.put(1, RAW)
    server.validity = 8
    inbox.done("7.1")
    inbox.leave("7.1")
    assert server.flags == {1: set()}


def read(inbox: Inbox, after: str, limit: int = 2) -> tuple[list[str], str]:
    """Leave what is given, as the reader does; answer what it was, and which was the last."""
    given = [mail.id for mail in inbox.fetch(limit, after)]
    for one in given:
        inbox.leave(one)
    return given, given[-1] if given else after


@pytest.mark.parametrize("kept", ["\\Seen \\Answered", ""])
def test_a_server_that_keeps_no_keywords_gives_what_was_left_once(
    mailbox: tuple[Mailbox, ImapInbox], kept: str
) -> None:
    """It says so, or refuses them; then the last one's UID is what is remembered, as long as its numbering holds."""
    server, inbox = mailbox
    server.kept = kept
    for uid in range(1, 4):
        server.put(uid, RAW)
    given, mark = read(inbox, "")
    assert given == ["7.1", "7.2"] and inbox.is_forgetful
    server.put(9, RAW)
    given, mark = read(ImapInbox(inbox._settings), mark)
    assert given == ["7.3", "7.9"]
    assert read(ImapInbox(inbox._settings), mark) == ([], "7.9")
    server.put(10, RAW)
    inbox.done("7.10")
    server.validity = 8
    assert read(inbox, mark, 9)[0] == ["8.1", "8.2", "8.3", "8.9"]


def test_a_server_that_keeps_keywords_needs_no_memory(mailbox: tuple[Mailbox, ImapInbox]) -> None:
    """What was left stays unread, and people are told where it is."""
    server, inbox = mailbox
    server.put(4, RAW)
    assert read(inbox, "")[0] == ["7.4"] and not inbox.is_forgetful
    assert read(inbox, "")[0] == []
    assert inbox.leave("7.4") == f"{inbox.name} (UID 4)" and PASSWORD not in inbox.name


def test_what_is_put_away_is_not_looked_for_nor_written_over(tmp_path: Path) -> None:
    """A mail is moved without listing the folder, and beside another of its name."""

    class Counted(FolderInbox):
        listed = 0

        def _files(self) -> Iterator[Path]:
            self.listed += 1
            return super()._files()

    inbox = Counted(tmp_path)
    for text in (b"1", b"2"):
        (tmp_path / "a.eml").write_bytes(text)
        (mail,) = inbox.fetch(1)
        place = inbox.leave(mail.id)
        assert Path(place).read_bytes() == text
    assert sorted(one.name for one in (tmp_path / "other").iterdir()) == ["2.a.eml", "a.eml"] and inbox.listed == 2


def test_a_server_without_move_marks_only(certificates: Certificates) -> None:
    """Where the server cannot move and offers no AUTH=PLAIN, LOGIN and the mark as read are enough."""
    server = Mailbox("IMAP4rev1")
    server.put(1, RAW)
    with raw_server(server, certificates.good) as port:
        inbox = ImapInbox(ImapSettings("localhost", port, 'a"b', "pass word", done="X", ca_file=certificates.ca))
        inbox.done("7.1")
    assert server.flags[1] == {"\\Seen"} and server.moved == []
    assert 'LOGIN "a\\"b" "pass word"' in server.commands


@pytest.mark.parametrize(
    "said",
    [
        {"SELECT": b"x NO no such mailbox\r\n* BYE\r\n"},
        {"UID SEARCH": b"* SEARCH a b\r\n"},
        {"UID FETCH": b"* 1 FETCH (BODY[] {99999999999}\r\n"},
        {"UID FETCH": b"\xff\xff\r\n"},
    ],
)
def test_a_mailbox_that_misbehaves_is_told(certificates: Certificates, said: dict[str, bytes]) -> None:
    """Whatever a server answers ends in one error that names the setting and holds no password."""
    server = Mailbox(said=said)
    server.put(1, RAW)
    with raw_server(server, certificates.good) as port:
        inbox = ImapInbox(ImapSettings("localhost", port, USER, PASSWORD, ca_file=certificates.ca, seconds=2))
        with pytest.raises(InboxUnavailable, match="SAMSKABT_INBOX") as caught:
            list(inbox.fetch(9))
    assert PASSWORD not in f"{caught.value} {inbox!r}"


@pytest.mark.parametrize("which", ["wrong_name", "expired", "self_signed"])
def test_a_mailbox_with_a_bad_certificate_gets_no_password(certificates: Certificates, which: str) -> None:
    """The server is verified before anything is said."""
    server = Mailbox()
    with raw_server(server, getattr(certificates, which)) as port:
        inbox = ImapInbox(ImapSettings("localhost", port, USER, PASSWORD, ca_file=certificates.ca, seconds=5))
        with pytest.raises(InboxUnavailable, match="SAMSKABT_INBOX_CA"):
            list(inbox.fetch(1))
    assert server.commands == []


def test_a_mailbox_that_is_away_is_told(certificates: Certificates, tmp_path: Path) -> None:
    """A closed port, a missing file of authorities, a password that no LOGIN can take: each named."""
    port = closed_port()
    for settings, why in (
        (ImapSettings("localhost", port, USER, PASSWORD, ca_file=certificates.ca), f"localhost:{port}"),
        (ImapSettings("localhost", port, USER, PASSWORD, ca_file=tmp_path / "no"), "SAMSKABT_INBOX_CA"),
    ):
        with pytest.raises(InboxUnavailable, match=why):
            list(ImapInbox(settings).fetch(1))
    with raw_server(Mailbox("IMAP4rev1"), certificates.good) as open_port:
        inbox = ImapInbox(ImapSettings("localhost", open_port, USER, PASSWORD, ca_file=certificates.ca))
        with pytest.raises(InboxUnavailable, match="beyond ASCII"):
            list(inbox.fetch(1))


def test_names_of_mailboxes_are_quoted() -> None:
    """No name ends its own quotes."""
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'
    found = inbox_settings("imaps://u@h.example/INBOX?done=A%20B", "p")
    assert isinstance(found, ImapSettings) and (found.mailbox, found.done, found.port) == ("INBOX", "A B", 993)
