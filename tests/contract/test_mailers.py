"""One suite for every mailer, and what only the folder promises."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from samskabt.engine.errors import DeliveryFailed
from samskabt.notifications import FolderMailer, Mail, Mailer, MemoryMailer

Held: TypeAlias = Callable[[], list[bytes]]
MAIL = Mail(
    "<moede-17.abc@x.example>", "a@x.example", "b@x.example", "Møde", "Subject: x\r\n\r\nPå gensyn\r\n".encode()
)
OTHER = replace(MAIL, message_id="<moede-17.abd@x.example>", content=b"Subject: y\r\n\r\nb\r\n")


@pytest.fixture(params=["folder", "memory"])
def mailer(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Mailer, Held]:
    """Give each mailer together with a look at what it holds."""
    if request.param == "memory":
        memory = MemoryMailer()
        return memory, lambda: sorted(mail.content for mail in memory.mails)
    folder = tmp_path / "nye" / "mails"
    return FolderMailer(folder), lambda: sorted(file.read_bytes() for file in folder.iterdir())


def test_what_is_sent_is_there_to_the_byte(mailer: tuple[Mailer, Held]) -> None:
    """When send returns, the whole mail is handed over."""
    mailer[0].send(MAIL)
    assert mailer[1]() == [MAIL.content]


def test_sending_again_leaves_one_mail(mailer: tuple[Mailer, Held]) -> None:
    """A second attempt at a Message-ID changes nothing, even when its text was mended in between."""
    mailer[0].send(MAIL)
    mailer[0].send(MAIL)
    mailer[0].send(replace(MAIL, subject="Mødet", content=b"Subject: z\r\n\r\nz\r\n"))
    assert mailer[1]() == [MAIL.content]


def test_other_message_ids_are_other_mails(mailer: tuple[Mailer, Held]) -> None:
    """Mails whose readable parts are alike do not overwrite each other."""
    mailer[0].send(MAIL)
    mailer[0].send(OTHER)
    assert mailer[1]() == sorted([MAIL.content, OTHER.content])


@pytest.mark.parametrize(
    "message_id", ["<../../etc/x@y>", "</a/b@y>", "<\x00@y>", "", "<ÆØ@y>", f"<{'a' * 999}@y>", "<CON@y>"]
)
def test_any_message_id_can_be_sent(mailer: tuple[Mailer, Held], message_id: str) -> None:
    """No identity leads out of the folder or breaks the file system's rules."""
    mailer[0].send(replace(MAIL, message_id=message_id))
    assert mailer[1]() == [MAIL.content]


def test_the_file_is_readable_by_its_name(tmp_path: Path) -> None:
    """The name begins with the readable part of the Message-ID and ends as mail programs expect."""
    FolderMailer(tmp_path).send(MAIL)
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("moede-17-") and file.suffix == ".eml"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The error names the folder, says what to do, and that another attempt makes sense."""
    blocked = tmp_path / "mails"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(DeliveryFailed, match="make it a folder") as caught:
        FolderMailer(blocked).send(MAIL)
    assert caught.value.retry and str(blocked) in str(caught.value)
    assert blocked.read_text() == "a file where the folder should be"


@pytest.mark.skipif(os.name == "nt", reason="no SIGXFSZ limit there")
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """When the bytes do not fit, the mail fails, may be retried, and no half file stays."""
    script = f"""
import resource, signal
from pathlib import Path
from samskabt.engine.errors import DeliveryFailed
from samskabt.notifications import FolderMailer, Mail
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    FolderMailer(Path({str(tmp_path)!r})).send(Mail("<a@x>", "a", "b", "s", b"x" * 5000))
except DeliveryFailed as error:
    raise SystemExit(7 if error.retry else 8)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 7
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL there")
def test_killed_before_the_rename_leaves_no_half_mail(tmp_path: Path) -> None:
    """A process killed with its bytes written but not named leaves no .eml; the next attempt completes it."""
    script = f"""
import os, signal
from pathlib import Path
from samskabt.notifications import FolderMailer, Mail
Path.replace = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
FolderMailer(Path({str(tmp_path)!r})).send(Mail({MAIL.message_id!r}, "a", "b", "s", {MAIL.content!r}))
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1 and not list(tmp_path.glob("*.eml"))
    FolderMailer(tmp_path).send(MAIL)
    assert [file.read_bytes() for file in tmp_path.glob("*.eml")] == [MAIL.content]


def test_mails_are_private(tmp_path: Path) -> None:
    """Other users of the machine cannot read names and addresses."""
    FolderMailer(tmp_path).send(MAIL)
    (file,) = tmp_path.iterdir()
    assert os.name == "nt" or file.stat().st_mode & 0o077 == 0
