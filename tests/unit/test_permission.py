"""Who may do what where, as a matrix: every kind of actor, role, place and event against what a plain table says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import product

from samskabt.engine.civil.calendar import WorkingCalendar
from samskabt.engine.compiled import Compiled
from samskabt.engine.definition import Workflow
from samskabt.engine.refusals import refusal_text
from samskabt.engine.values import Actor, ActorKind, Identity, Intent, Nudge
from samskabt.runtime.acting.steps import events_of
from samskabt.runtime.permission import ANSWER, OWN, Grant, RolePermit, about, named
from samskabt.storage import RoleRow
from samskabt.workflows.catalogue import Catalogue

TODAY = date(2019, 10, 3)
EVENTS = ("afhold", "aflys", "vaelg", "opret_person", "meld_fravaer")
BY = {"vaelg": ("leder",)}
PLACES = (None, "0101", "0253")
SPANS = {
    "now": (date(2019, 1, 1), None),
    "ended": (date(2019, 1, 1), date(2019, 10, 2)),
    "last day": (date(2019, 1, 1), TODAY),
    "to come": (date(2019, 10, 4), None),
}
PERSON, SUBSTITUTE, STRANGER = 7, 8, 9


def identity(number: int, kommune: str | None, programme: int = 1, kind: str = "meeting") -> Identity:
    """Give an instance."""
    return Identity(number, kind, "noegle", programme, None, kommune, "hash")


def permit(rows: list[RoleRow], grant: Grant | None = None) -> RolePermit:
    """Give the door with these role assignments."""
    return RolePermit(lambda: rows, lambda: TODAY, lambda _, event: BY.get(event, ()), grant)


def row(role: str, programme: int | None, kommune: str | None, span: str, away: date | None = TODAY) -> RoleRow:
    """Give person 7, who is away, a role, with 8 as substitute."""
    return RoleRow(1, PERSON, role, programme, kommune, *SPANS[span], SUBSTITUTE, away_until=away)


def test_a_person_does_what_her_roles_reach() -> None:
    """Role x programme x kommune x span x person x event x instance: allowed exactly where a plain table says so."""
    cells = 0
    for role, programme, kommune, span in product(("leder", "konsulent"), (None, 1, 2), PLACES, SPANS):
        door = permit([row(role, programme, kommune, span)])
        for who, event, place in product((PERSON, SUBSTITUTE, STRANGER), EVENTS, PLACES):
            found = door.refusal(Actor(ActorKind.PERSON, str(who)), event, identity(5, place))
            expected = (
                who != STRANGER
                and span in ("now", "last day")
                and programme in (None, 1)
                and (kommune is None or kommune == place)
                and (event != "vaelg" or role == "leder")
            )
            assert (found is None) == expected, (role, programme, kommune, span, who, event, place)
            assert found is None or found.code == "ikke_tilladt"
            cells += 1
    assert cells == 2 * 3 * 3 * 4 * 3 * 5 * 3


def test_a_link_does_its_own_and_nothing_else() -> None:
    """Every event, instance, person and state of the role but the link's own is refused; even a leader's link."""
    cells = allowed = 0
    for span, kommune, held in product(SPANS, PLACES, ("leder", "konsulent")):
        rows = [row(held, 1, kommune, span), row("leder", None, None, "now")]
        grant = Grant(PERSON, frozenset({"afhold"}), 5, "konsulent", ("0101",))
        door = permit(rows, grant)
        for who, event, number in product((PERSON, SUBSTITUTE, STRANGER), EVENTS, (5, 6)):
            found = door.refusal(Actor(ActorKind.TOKEN, str(who)), event, identity(number, "0101"))
            is_own = (who, event, number) == (PERSON, "afhold", 5)
            has_role = held == "konsulent" and span in ("now", "last day") and kommune in (None, "0101")
            assert (found is None) == (is_own and has_role), (span, kommune, held, who, event, number)
            allowed += found is None
            cells += 1
    assert (cells, allowed) == (4 * 3 * 2 * 3 * 5 * 2, 4)


def test_links_of_the_foot_reach_the_person_alone() -> None:
    """A link without an instance: its one event, where the person has any role; another event is refused."""
    mine = Grant(PERSON, frozenset({"meld_fravaer"}))
    door = permit([row("konsulent", 1, "0101", "now")], mine)
    actor = Actor(ActorKind.TOKEN, str(PERSON))
    assert door.refusal(actor, "meld_fravaer", identity(1, None, kind="programme")) is None
    assert door.refusal(actor, "meld_fravaer", about(PERSON)) is None
    assert door.refusal(actor, "meld_fravaer", about(STRANGER)) is not None
    assert door.refusal(actor, "meld_fravaer", identity(2, None, 2, "programme")) is not None
    assert door.refusal(actor, "opret_person", identity(0, None, 0, "person")) is not None


def test_without_a_link_no_token_passes_and_the_system_always_does() -> None:
    """A token that no link stands behind is nothing; timers and imports are not people."""
    door = permit([row("leder", None, None, "now")])
    assert door.refusal(Actor(ActorKind.TOKEN, str(PERSON)), "afhold", identity(5, None)) is not None
    for kind in (ActorKind.SYSTEM, ActorKind.IMPORT):
        assert door.refusal(Actor(kind, "samskabt"), "vaelg", identity(5, "0101")) is None


def test_people_are_entered_by_those_who_have_a_role_for_all_kommuner() -> None:
    """To enter a person takes a role that no kommune bounds; whoever is no number is nobody."""
    for kommune, expected in ((None, True), ("0101", False)):
        door = permit([row("konsulent", 1, kommune, "now")])
        found = door.refusal(Actor(ActorKind.PERSON, str(PERSON)), "opret_person", identity(0, None, 0, "person"))
        assert (found is None) == expected
    assert permit([]).refusal(Actor(ActorKind.PERSON, "ukendt"), "afhold", identity(5, None)) is not None


def test_a_mail_to_one_person_is_answered_while_she_has_a_role_there() -> None:
    """What was written to person 7 alone may be answered by 7 while a role of hers concerns it; not once she left."""
    mine = Grant(PERSON, frozenset({"afhold"}), 5, f"person:{PERSON}", (None,))
    actor = Actor(ActorKind.TOKEN, str(PERSON))
    for rows, expected in (([row("leder", 1, "0101", "now")], True), ([row("leder", 1, "0101", "ended")], False)):
        assert (permit(rows, mine).refusal(actor, "afhold", identity(5, None)) is None) is expected
    assert permit([row("leder", 2, None, "now")], mine).refusal(actor, "afhold", identity(5, None)) is not None


def test_a_link_asks_for_the_role_that_its_step_names() -> None:
    """A step with ``by`` takes one of those roles, whichever role the mail was written to."""
    actor, events = Actor(ActorKind.TOKEN, str(PERSON)), frozenset({"vaelg", "afhold"})
    for role, held, expected in (
        ("konsulent", "konsulent", (False, True)),
        ("konsulent", "leder", (True, False)),
        (f"person:{PERSON}", "konsulent", (False, True)),
    ):
        door = permit([row(held, 1, "0101", "now")], Grant(PERSON, events, 5, role, ("0101",)))
        found = tuple(door.refusal(actor, name, identity(5, "0101")) is None for name in ("vaelg", "afhold"))
        assert found == expected, (role, held)


def test_a_substitute_counts_during_the_absence_only() -> None:
    """Before and after it the role is its holder's alone; the stand-in of an absence goes before the substitute."""
    deputy, holder = (Actor(ActorKind.PERSON, str(who)) for who in (SUBSTITUTE, PERSON))
    for away, expected in ((None, False), (date(2019, 10, 2), False), (TODAY, True)):
        door = permit([row("leder", 1, None, "now", away)])
        assert (door.refusal(deputy, "vaelg", identity(5, "0101")) is None) is expected
        assert door.refusal(holder, "vaelg", identity(5, "0101")) is None
    other = replace(row("leder", 1, None, "now"), stand_in_id=STRANGER, stand_in_until=TODAY)
    assert permit([other]).refusal(deputy, "vaelg", identity(5, "0101")) is not None
    assert permit([other]).refusal(Actor(ActorKind.PERSON, str(STRANGER)), "vaelg", identity(5, "0101")) is None


def test_what_is_ones_own_takes_no_role() -> None:
    """Wishes, absence and a calendar of one's own; an answer takes a role that the meeting concerns."""
    door, me = permit([row("konsulent", 1, "0101", "now")]), Actor(ActorKind.PERSON, str(PERSON))
    for event in OWN:
        assert door.refusal(me, event, about(PERSON)) is None and door.refusal(me, event, about(STRANGER)) is not None
    assert door.refusal(me, ANSWER, identity(5, None)) is None
    assert door.refusal(me, "afhold", identity(5, None)) is not None
    assert door.refusal(me, ANSWER, identity(5, None, 2)) is not None


def test_each_refusal_says_why_in_danish() -> None:
    """Three reasons, three sentences."""
    workflow = Catalogue.shipped().programme("forenklet-beskaeftigelsesindsats")
    door = permit([row("konsulent", 1, None, "now")])
    stranger = door.refusal(Actor(ActorKind.PERSON, "9"), "afhold", identity(5, None))
    other = door.refusal(Actor(ActorKind.PERSON, str(PERSON)), "vaelg", identity(5, None))
    link = door.refusal(Actor(ActorKind.TOKEN, str(PERSON)), "vaelg", identity(5, None))
    assert stranger and other and link
    said = {refusal_text(one, workflow, "meeting") for one in (stranger, other, link)}
    assert len(said) == 3 and all(text.endswith(".") for text in said)


def test_a_link_holds_the_steps_of_its_role() -> None:
    """A move that names its roles is in links to them, and in one to a person, who is asked for such a role then."""
    document = json.loads(Catalogue.shipped().programme("forenklet-beskaeftigelsesindsats").canonical)
    document["machines"]["kommune"]["regions"]["trin_1"]["moves"]["genaabn"]["by"] = ["leder"]
    compiled = Compiled(Workflow.model_validate_json(json.dumps(document)), WorkingCalendar())
    place = identity(5, "0253", kind="kommune")
    assert named(compiled, place, "trin_1.genaabn") == {"leder"} and not named(compiled, place, "trin_1.afslut")
    assert not named(compiled, place, "vaelg_mails")
    for role, expected in (("leder", True), ("kommunal_konsulent", False), ("person:7", True)):
        nudge = Nudge("n", Intent.NUDGE, "stille", role, "stille", region="trin_1")
        events = events_of(compiled, place, nudge)
        assert ("trin_1.genaabn" in events) is expected and "trin_1.afslut" in events
