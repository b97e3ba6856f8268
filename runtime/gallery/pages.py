"""The gallery as files: each mail as .html, .txt and .eml, and one page that leads to them; words no mail."""

from __future__ import annotations

import email
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from html import escape
from pathlib import Path

from .exhibits import Exhibit

_HEAD = (
    '<tr><th scope="col">Mail</th><th scope="col">Emne</th>'
    '<th scope="col">Som tekst</th><th scope="col">Som fil</th></tr>'
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Where one mail of the gallery was written: its subject, its size in bytes and its files in the folder."""

    name: str
    group: str
    title: str
    subject: str
    size: int
    html: str
    text: str
    eml: str


def hang(exhibits: Sequence[Exhibit], folder: Path) -> tuple[Shown, ...]:
    """Write the files of every mail and ``index.html`` into a folder, which is made; what is there is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = tuple(_hang(one, folder) for one in exhibits)
    _write(folder / "index.html", _index(shown))
    return shown


def _hang(one: Exhibit, folder: Path) -> Shown:
    read = email.message_from_bytes(one.mail.content, policy=default)
    html, text, eml = (f"{one.name}.{kind}" for kind in ("html", "txt", "eml"))
    _write(folder / html, _body(read, "html"))
    _write(folder / text, f"{one.mail.subject}\n\n{_body(read, 'plain')}")
    (folder / eml).write_bytes(one.mail.content)
    return Shown(one.name, one.group, one.title, one.mail.subject, len(one.mail.content), html, text, eml)


def _body(read: EmailMessage, kind: str) -> str:
    found = read.get_body((kind,))
    return str(found.get_content()).replace("\r\n", "\n") if isinstance(found, EmailMessage) else ""


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _index(shown: Sequence[Shown]) -> str:
    parts = []
    for group in dict.fromkeys(one.group for one in shown):
        rows = "\n".join(
            f'<tr><th scope="row"><a href="{escape(one.html)}">{escape(one.title)}</a></th>'
            f"<td>{escape(one.subject)}</td>"
            f'<td><a href="{escape(one.text)}">{escape(one.name)} som tekst</a></td>'
            f'<td><a href="{escape(one.eml)}">{escape(one.name)} som mail</a></td></tr>'
            for one in shown
            if one.group == group
        )
        parts.append(f"<h2>{escape(group)}</h2>\n<table>\n{_HEAD}\n{rows}\n</table>")
    return (
        '<!DOCTYPE html>\n<html lang="da">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Mails fra samskabt</title>\n'
        "<style>body{font-family:Arial,Helvetica,sans-serif;margin:2em;color:#1b1b1b;background:#fff}"
        "th,td{text-align:left;padding:4px 12px 4px 0;vertical-align:top}</style>\n</head>\n<body>\n"
        "<h1>Mails fra samskabt</h1>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )
