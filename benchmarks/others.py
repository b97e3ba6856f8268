"""The figures beside the advances: building a workflow, importing, starting, memory, one long tick, and mails."""

from __future__ import annotations

import shutil
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from ruamel.yaml import YAML
from samskabt import Settings, VirtualClock, connect
from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.notifications import MemoryMailer
from samskabt.notifications.smtp.mailer import SmtpMailer
from samskabt.notifications.smtp.settings import Security, SmtpSettings
from samskabt.runtime.posting.restraint import Restraint
from samskabt.workflows.catalogue import Catalogue, shipped_pins, shipped_sources

from .advances import ACTOR, BORN_AT, FOLDER, STEPS, Template, fsync_milliseconds, opened, timed
from .report import Figure, figure

PROGRAMME = "forenklet-beskaeftigelsesindsats"
NOTHING = "pass"
HOST = "127.0.0.1"
# A mail server that takes everything and keeps nothing, in a process of its own.
SINK = """
import socketserver

class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 sink\\r\\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\\r\\n")
                while self.rfile.readline() not in (b".\\r\\n", b""):
                    pass
            self.wfile.write(b"250-sink\\r\\n250 8BITMIME\\r\\n" if verb == b"EHLO" else b"250 ok\\r\\n")
            if verb == b"QUIT":
                return

with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""
# The greatest resident size of the process in kilobytes. getrusage would tell that of the process which started it, if
# that was greater; elsewhere than on Linux there is nothing better, and macOS counts in bytes.
PEAK = """
import pathlib, resource, sys
status = pathlib.Path("/proc/self/status")
if status.exists():
    print(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> (10 * (sys.platform == "darwin")))
"""


def build(rounds: int) -> Figure:
    """Read, check and compile the shipped programme 000, beside parsing the same texts alone."""
    calendar = WorkingCalendar()
    mine, parsing = [], []
    for number in range(rounds):
        # A process reads one text only once: every round has texts of its own.
        sources = tuple((name, f"{text}# {number}\n") for name, text in shipped_sources())
        catalogue = Catalogue(sources, shipped_pins())
        mine.append(1000 * timed(_compiled, catalogue, calendar))
        parsing.append(1000 * timed(_parsed, [text for _, text in sources]))
    return figure(
        "build of a workflow (read, check, compile)", "ms", mine, parsing, "ruamel.yaml parsing the same texts"
    )


def _compiled(catalogue: Catalogue, calendar: WorkingCalendar) -> None:
    Compiled(catalogue.programme(PROGRAMME), calendar)


def _parsed(texts: list[str]) -> None:
    for text in texts:
        YAML(typ="safe", pure=True).load(text)


def starts(rounds: int, database: Path) -> list[Figure]:
    """Start fresh interpreters that import, connect, or print the help, beside one that does nothing."""
    connects = f"import samskabt; samskabt.connect('sqlite:///{database}').close()"
    commands = {
        "start: import samskabt.engine.decide": ["-c", "import samskabt.engine.decide"],
        "start: import samskabt and connect": ["-c", connects],
        "start: samskabt --help": ["-m", "samskabt", "--help"],
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    bare: list[float] = []
    for _ in range(rounds):
        bare.append(1000 * timed(_run, "-c", NOTHING))
        for name, command in commands.items():
            spent[name].append(1000 * timed(_run, *command))
    return [figure(name, "ms", values, bare, "a bare interpreter") for name, values in spent.items()]


def memory(rounds: int, database: Path) -> Figure:
    """Measure the greatest resident size with the shipped programme ready to run, beside a bare interpreter."""
    ready = (
        f"import samskabt; engine = samskabt.connect('sqlite:///{database}')\n"
        f"engine.context.keep(engine.workflows.programme({PROGRAMME!r}))\n{PEAK}"
    )
    mine = [int(_run("-c", ready)) / 1024 for _ in range(rounds)]
    bare = [int(_run("-c", PEAK)) / 1024 for _ in range(rounds)]
    return figure("memory with programme 000 ready", "MB", mine, bare, "a bare interpreter")


def tick(rounds: int, template: Template) -> Figure:
    """Fire one due reminder of every process in one tick, each in its own durable transaction."""
    copy = template.path.with_name("tick.db")
    fired, flushes = [], []
    for _ in range(rounds):
        shutil.copyfile(template.path, copy)
        with opened(copy, VirtualClock(BORN_AT + timedelta(weeks=4))) as engine:
            seconds = timed(engine.tick)
        fired.append(len(template.processes) / seconds)
        spent = fsync_milliseconds(copy.parent)
        flushes.append(1000 * len(spent) / sum(spent))
    copy.unlink()
    return figure("reminders fired in one tick", "per s", fired, flushes, "flushes of the disk (fsync)")


def mails(rounds: int, template: Template) -> Figure:
    """Post and send one mail of every process to a sink on this machine, beside smtplib sending as many such mails."""
    copy = template.path.with_name("mails.db")
    mine, by_hand = [], []
    with _sink() as port:
        smtp = SmtpSettings(HOST, port, Security.PLAIN, most_per_minute=10 * len(template.processes))
        for _ in range(rounds):
            shutil.copyfile(template.path, copy)
            clock = VirtualClock(BORN_AT)
            one = _to_be_sent(copy, template, clock)
            mailer, catalogue = SmtpMailer(smtp, clock.now), Catalogue(()).with_files([FOLDER])
            settings = Settings(restraint=Restraint.off())
            with connect(
                f"sqlite:///{copy}", workflows=catalogue, clock=clock, settings=settings, mailer=mailer
            ) as engine:
                engine.workflow_of(template.processes[0])
                begun, sent = time.perf_counter(), 0
                while more := engine.deliver().sent:
                    sent += more
                seconds = time.perf_counter() - begun
                mailer.close()
            if sent < len(template.processes) - 1:
                raise ValueError(f"{sent} mails of {len(template.processes) - 1} were sent")
            mine.append(sent / seconds)
            by_hand.append(sent / timed(_by_smtplib, port, one, sent))
    copy.unlink()
    return figure("mails sent to a local sink", "per s", mine, by_hand, "smtplib alone, which remembers nothing")


def _to_be_sent(path: Path, template: Template, clock: VirtualClock) -> tuple[str, str, bytes]:
    """Let every process queue a mail, and give one of them: sender, recipient, content."""
    event, now = STEPS[0]
    clock.move_to(now)
    settings, mailer = Settings(restraint=Restraint.off()), MemoryMailer()
    catalogue = Catalogue(()).with_files([FOLDER])
    with connect(f"sqlite:///{path}", workflows=catalogue, clock=clock, settings=settings, mailer=mailer) as engine:
        engine.context.store.hurry()
        programme = engine.show(template.processes[0]).programme_id
        person = engine.people.add("Konsulent", "konsulent@eksempel.example")
        engine.people.assign(person, "konsulent", programme_id=programme)
        for process in template.processes:
            engine.advance(process, event, data={"notat": "Trin 1 er gjort"}, actor=ACTOR)
        engine.post.deliver(mailer, 1)
    [mail] = mailer.mails
    return mail.sender, mail.recipient, mail.content


def _by_smtplib(port: int, mail: tuple[str, str, bytes], times: int) -> None:
    with closing(smtplib.SMTP(HOST, port)) as server:
        for _ in range(times):
            server.sendmail(*mail, mail_options=["BODY=8BITMIME"])


@contextmanager
def _sink() -> Iterator[int]:
    """Run the sink; give its port."""
    with subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
