"""The pages over HTTP: headers, hostile requests, one click, prefixes, health, feeds, and a real server."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from samskabt.cli.app import app as command_line
from samskabt.engine.errors import InvalidInput, StorageUnavailable
from samskabt.engine.values import Recipient
from samskabt.runtime.engine import connect
from samskabt.runtime.settings import settings_from
from samskabt.runtime.usecases.programmes import Workflows
from samskabt.web import app
from samskabt.web.guarding import HEADERS, LARGEST_BODY, Patience, masked
from samskabt.web.serving import server
from starlette.testclient import TestClient
from typer.testing import CliRunner

from .linked import BROWSER, WEB, Page, Stalled, browser, minted, open_linked, secrets_of, text_of
from .payloads import PAYLOADS
from .world import CHOSEN, World, copied

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def linked(workflows: Workflows, chosen_file: tuple[Path, int], tmp_path: Path) -> Iterator[World]:
    """Give the chosen programme, with links in its mails."""
    world = open_linked(copied(chosen_file[0], tmp_path / "valgt.db"), workflows, CHOSEN, chosen_file[1])
    yield world
    world.engine.close()


@pytest.fixture
def foot(linked: World) -> dict[str, str]:
    """Give the secrets of the links at the foot of a mail to the kommunale konsulent."""
    with linked.engine.context.begin() as uow:
        links = linked.engine.acting.footer_links(uow, Recipient(2, "Konsulent", "k@eksempel.example"), CHOSEN)
    return {name: url.rpartition("/")[2] for name, url in links.items()}


def test_every_answer_has_the_strict_headers(linked: World, foot: dict[str, str]) -> None:
    """Pages, errors, style, health and what breaks: the same headers, no cookies, no hint of the software."""
    with browser(linked) as client:
        answers = [
            client.get(path) for path in (f"/h/{foot['afmeld']}", "/h/ukendt", "/findes/ikke", "/sundhed", "/stil.css")
        ]
        answers += [client.put("/h/x"), client.post("/h/x", content=b"x" * (LARGEST_BODY + 1)), client.options("/h/x")]
    for answer in answers:
        for name, value in HEADERS.items():
            assert name == "Cache-Control" or answer.headers[name] == value
        assert "set-cookie" not in answer.headers and "server" not in answer.headers
        assert "max-age" in answer.headers["strict-transport-security"]
    assert [one.headers["cache-control"] for one in answers[:3]] == ["no-store"] * 3
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_what_cannot_be_read_is_refused_in_words_and_changes_nothing(linked: World, foot: dict[str, str]) -> None:
    """Too much, another encoding, broken text, too many fields: its own status, a Danish page, no row differs."""
    before, url = linked.dump(), f"/h/{foot['afmeld']}"
    form = "application/x-www-form-urlencoded"
    tries = (
        (413, b"valg=" + b"x" * LARGEST_BODY, form),
        (415, b'{"valg": "ingen"}', "application/json"),
        (415, b"valg=ingen", "text/plain"),
        (400, "valg=\u00e6".encode("latin-1"), form),
        (400, b"valg=%ff%fe", form),
        (400, b"&".join(b"a=b" for _ in range(300)), form),
        (422, b"valg=findes_ikke", form),
        (422, b"", form),
        (422, b"valg=pause&f.til=i+morgen", form),
        (422, b"valg=pause&f.til=1.1.2019", form),
    )
    with browser(linked) as client:
        for status, content, kind in tries:
            answer = client.post(url, content=content, headers={"Content-Type": kind})
            assert answer.status_code == status, (content[:40], answer.status_code)
            assert Page(answer.text).headings and "Traceback" not in answer.text
        assert client.delete(url).status_code == 405
    assert linked.dump() == before


def test_all_unknown_links_look_alike_and_too_many_are_slowed(linked: World) -> None:
    """Wrong, malformed, too long, of another kind: one page; after twenty of them 429, while true links still work."""
    secret = minted(linked, linked.kommune("Greve"), ["trin_1.begynd"])
    with browser(linked) as client:
        paths = [
            "/h/x",
            f"/h/{secret[:-1]}",
            f"/h/{secret}x",
            f"/h/{'a' * 4000}",
            "/h/%00",
            "/h/%f0%9f%92%a9",
            "/kalender/x.ics",
        ]
        answers = [client.get(path) for path in paths] + [client.post(paths[1], data={"valg": "x"})]
        assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}
        statuses = [client.get(f"/h/gaet-{number}").status_code for number in range(20)]
        assert statuses == [404] * 12 + [429] * 8
        assert client.get(f"/h/{secret}").status_code == 200
        linked.clock.move_to(CHOSEN + timedelta(minutes=11))
        assert client.get("/h/gaet").status_code == 404


def test_patience_forgets_the_oldest_client() -> None:
    """Its memory is bounded, and a clock that is set back opens no door for ever."""
    patience = Patience(most=1, clients=2)
    assert [patience.is_at_an_end(client, CHOSEN) for client in ("a", "a", "b", "c", "a")] == [
        False,
        True,
        False,
        False,
        False,
    ]
    assert not patience.is_at_an_end("c", CHOSEN - timedelta(days=1))


@pytest.mark.xdist_group("links")
@pytest.mark.parametrize("clicks", [0, 2])
def test_one_click_stops_the_reminders(
    stalled_file: Stalled, workflows: Workflows, tmp_path: Path, clicks: int
) -> None:
    """A mail program's POST without any sign of a browser; a second one is fine, other links it leaves alone."""
    world = stalled_file.open(tmp_path / "stille.db", workflows)
    with world.engine.context.begin() as uow:
        links = world.engine.acting.footer_links(uow, Recipient(2, "K", "k@eksempel.example"), world.clock.now())
    with TestClient(app(world.engine), base_url=WEB) as client:
        assert client.post(links["fravaer"], data=ONE_CLICK).status_code == 200
        assert world.dump()["person_preference"] == []
        for _ in range(clicks):
            answer = client.post(links["afmeld"], data=ONE_CLICK)
            assert answer.status_code == 200 and "ingen påmindelser" in answer.text
    world.clock.move_to(world.clock.now() + timedelta(days=21))
    world.engine.tick()
    world.engine.deliver()
    mine = [one for one in world.mailer.mails if one.recipient == "kommunal.konsulent@eksempel.example"]
    assert bool(mine) is not bool(clicks)
    world.engine.close()


def test_one_click_may_come_as_multipart(linked: World, foot: dict[str, str]) -> None:
    """RFC 8058 allows either encoding."""
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    with TestClient(app(linked.engine), base_url=WEB) as client:
        answer = client.post(
            f"/h/{foot['afmeld']}", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
    assert answer.status_code == 200 and len(linked.dump()["person_preference"]) == 1


def test_pause_week_absence_and_feed(linked: World, foot: dict[str, str]) -> None:
    """Each link at the foot does what its page says: the person is away with a substitute, and has a calendar."""
    colleague = linked.engine.people.add("Bo Vikar", "bo@eksempel.example")
    linked.engine.people.assign(colleague, "leder", programme_id=linked.programme)
    with browser(linked) as client:
        page = Page(client.get(f"/h/{foot['fravaer']}").text)
        assert "Bo Vikar" in page.text
        data = {"valg": "vaek", "f.til": "2019-09-20", "f.vikar": str(colleague)}
        assert "Mails til din rolle går til Bo Vikar." in client.post(f"/h/{foot['fravaer']}", data=data).text
        answer = client.post(f"/h/{foot['afmeld']}", data={"valg": "pause", "f.til": "1.10.2019"})
        assert "til og med tirsdag den 1. oktober 2019" in answer.text
        made = client.post(f"/h/{foot['kalender']}", data={"valg": "adresse"})
        address = next(word for word in Page(made.text).text.split() if word.endswith(".ics")).removeprefix(WEB)
        feed = client.get(address)
        assert feed.status_code == 200 and feed.text.startswith("BEGIN:VCALENDAR")
        assert feed.headers["content-type"].startswith("text/calendar")
        assert client.get(address, headers={"If-None-Match": feed.headers["etag"]}).status_code == 304
        again = client.get(f"/h/{foot['kalender']}")
        assert "allerede gjort" in again.text and address not in again.text
    people, roles = linked.engine.people.all()
    assert next(one.paused_until for one in people if one.id == 2) == date(2019, 9, 20)
    assert {one.takes_over(date(2019, 9, 20)) for one in roles if one.person_id == 2} == {colleague}
    assert {one.substitute_id for one in roles if one.person_id == 2} == {None}


def test_an_invitation_is_answered_by_its_links(linked: World) -> None:
    """The mail's two links: no, and with the other one after all yes; attendance knows both, the last one counts."""
    meeting = linked.activity("uddannelsesdag_1")
    linked.do(meeting, "indkald", sted="Odense")
    linked.engine.deliver()
    mail = next(
        mail
        for mail in linked.mailer.mails
        if mail.recipient == "kommunal.konsulent@eksempel.example" and "Odense" in text_of(mail)
    )
    yes, no, *_ = secrets_of(mail)
    with browser(linked) as client:
        assert Page(client.get(f"/h/{no}").text).headings[1] == "Jeg kommer ikke"
        assert client.post(f"/h/{no}", data={"valg": "kommer_ikke"}).status_code == 200
        assert "Du kommer ikke" in client.get(f"/h/{yes}").text
        assert client.post(f"/h/{yes}", data={"valg": "kommer"}).status_code == 200
    [mine] = [one for one in linked.engine.attendance.of(meeting).people if one.person_id == 2]
    assert str(mine.answer) == "kommer"


def test_a_reminder_of_a_meeting_is_answered_as_its_invitation_is(linked: World) -> None:
    """Yes and no stand in it too, for the meeting as it is then; no link leads nowhere."""
    meeting = linked.activity("uddannelsesdag_1")
    linked.do(meeting, "indkald", sted="Odense")
    linked.live_until(linked.engine.show(meeting).dates.planned_start or date.max)
    mail = next(
        mail
        for mail in linked.mailer.mails
        if mail.recipient == "kommunal.konsulent@eksempel.example" and mail.subject.startswith("Påmindelse: Udd")
    )
    assert "Svar, om du kommer: Ja, jeg kommer" in text_of(mail)
    _, no, *_ = secrets_of(mail)
    with browser(linked) as client:
        assert client.post(f"/h/{no}", data={"valg": "kommer_ikke"}).status_code == 200
    [mine] = [one for one in linked.engine.attendance.of(meeting).people if one.person_id == 2]
    assert str(mine.answer) == "kommer_ikke"


def test_nothing_that_is_typed_comes_back_as_markup(linked: World) -> None:
    """More than 300 payloads through a real form that is refused: each comes back as text, in its own field."""
    greve = linked.kommune("Greve")
    linked.do(greve, "trin_1.begynd")
    secret = minted(linked, greve, ["trin_1.tjek"])
    before = linked.dump()
    with browser(linked) as client:
        form = Page(client.get(f"/h/{secret}").text).form("trin_1.tjek")
        fields = [name for name in form if name.endswith((".dag", ".note"))]
        assert len(fields) == 3
        for first in range(0, len(PAYLOADS), len(fields)):
            given = dict(zip(fields, PAYLOADS[first:], strict=False))
            loose = {f"f.{payload}": payload for payload in given.values()}
            data = {"valg": "trin_1.tjek", "revision": PAYLOADS[first], **given}
            answer = client.post(f"/h/{secret}", data=data | loose)
            page = Page(answer.text)
            assert answer.status_code == 422, given
            back = page.form("trin_1.tjek")
            assert {name: back[name] for name in given} == given
            assert not {"script", "img", "svg", "iframe", "a", "style"} & {tag for tag, _ in page.tags}, given
    assert linked.dump() == before


def test_what_breaks_tells_nothing(linked: World, caplog: pytest.LogCaptureFixture) -> None:
    """A database that is away and a fault of ours: a Danish page, no trace, no secret and no name in page or log."""
    secret = minted(linked, linked.kommune("Greve"), ["trin_1.begynd"])

    def away(_secret: str) -> None:
        raise StorageUnavailable("hemmelig sti /srv/data er væk")

    def broken(_secret: str) -> None:
        raise RuntimeError("Greve og hemmeligheden")

    caplog.set_level(logging.INFO)
    with browser(linked) as client:
        for status, fault in ((503, away), (500, broken)):
            linked.engine.acting.look = fault  # type: ignore[method-assign, assignment]
            answer = client.get(f"/h/{secret}")
            assert answer.status_code == status and "hemmelig" not in answer.text and "Greve" not in answer.text
            assert answer.headers["referrer-policy"] == "no-referrer"
    said = " ".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records if one.name.startswith("samskabt"))
    assert secret not in said and "Greve og" not in said and "/h/***" in said


def test_paths_are_masked_for_the_log() -> None:
    """Only the first part of a path is told, and only when it is plain."""
    assert [masked(path, "/svar") for path in ("/svar/h/hemmelig", "/sundhed", "/h/a/b", "/\u00e6/x", "/h\n/x")] == [
        "/h/***",
        "/sundhed",
        "/h/***",
        "/***",
        "/***",
    ]


def test_the_pages_may_be_mounted_below_a_prefix(linked: World, foot: dict[str, str]) -> None:
    """An application that embeds them: links, style and forms work below its prefix."""
    outer = FastAPI()
    outer.mount("/svar", app(linked.engine))
    with TestClient(outer, base_url=WEB, headers=BROWSER) as client:
        page = client.get(f"/svar/h/{foot['afmeld']}")
        assert page.status_code == 200 and 'href="/svar/stil.css"' in page.text
        assert client.get("/svar/stil.css").headers["content-type"].startswith("text/css")
        assert client.post(f"/svar/h/{foot['afmeld']}", data={"valg": "ugentlig"}).status_code == 200
        assert client.get("/svar/h/ukendt").status_code == 404
        assert client.get("/svar/sundhed").json() == {"status": "ok"}


def test_a_real_server_shows_and_acts(linked: World, foot: dict[str, str], capfd: pytest.CaptureFixture[str]) -> None:
    """Uvicorn on a free port: GET, HEAD and POST over a socket; its own log holds no path."""
    served = server(linked.engine, "127.0.0.1", 0)
    thread = threading.Thread(target=served.run)
    thread.start()
    try:
        while not served.started:
            time.sleep(0.02)
        port = served.servers[0].sockets[0].getsockname()[1]
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        for method, body in (("GET", None), ("HEAD", None), ("POST", "valg=ugentlig")):
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
            client.request(method, f"/h/{foot['afmeld']}", body, headers)
            answer = client.getresponse()
            content = answer.read()
            assert answer.status == 200 and (method == "HEAD") == (content == b"")
    finally:
        served.should_exit = True
        thread.join()
        client.close()
    assert foot["afmeld"] not in "".join(capfd.readouterr())
    assert len(linked.dump()["person_preference"]) == 1


def test_the_address_of_the_pages_must_be_a_safe_one() -> None:
    """https, or this machine alone; no query, no user, no blanks; what is wrong names the variable."""
    for given, expected in (
        ("https://svar.example/x/", "https://svar.example/x"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("", None),
    ):
        assert settings_from({"SAMSKABT_WEB_URL": given}).web_url == expected
    for wrong in (
        "http://svar.example",
        "svar.example",
        "https://a b",
        "https://x/?a=b",
        "https://x@y",
        "https://x/#a",
    ):
        with pytest.raises(InvalidInput, match="SAMSKABT_WEB_URL"):
            settings_from({"SAMSKABT_WEB_URL": wrong})


def test_the_command_serves_the_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It opens the database, says where it listens, and ends when the server ends."""
    connect(f"sqlite:///{tmp_path}/a.db").close()
    ran = []
    monkeypatch.setattr(uvicorn.Server, "run", lambda self: ran.append(self.config.port))
    url = ["--db", f"sqlite:///{tmp_path}/a.db"]
    found = CliRunner().invoke(command_line, [*url, "web", "--port", "8099"])
    assert found.exit_code == 0 and ran == [8099] and "SAMSKABT_WEB_URL" in found.output
