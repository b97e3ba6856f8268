"""What every store promises about links: forgotten in time, stand-ins until a day, and what somebody was asked for."""

from __future__ import annotations

from datetime import timedelta

from samskabt.engine.values import Intent
from samskabt.storage import NewToken, Store, asked_of

from .making import NOW, TODAY, found, letter, nudge

DAY = timedelta(days=1)


def test_expired_tokens_are_forgotten_but_for_the_newest(store: Store) -> None:
    """So many at a time, the oldest first; a number is never given again."""
    with store.begin() as work:
        person = work.registers.add_person("Åse", "aase@example.dk")
        numbers = [
            work.tokens.mint(NewToken(f"{one:064}", person, "mails", {}, NOW + one * DAY), NOW) for one in range(4)
        ]
        assert work.tokens.sweep(NOW + 9 * DAY, 2) == 2
        assert [work.tokens.find(f"{one:064}") is None for one in range(4)] == [True, True, False, False]
        assert [work.tokens.sweep(NOW + 9 * DAY, 9) for _ in range(2)] == [1, 0]
        assert work.tokens.mint(NewToken("f" * 64, person, "mails", {}, NOW), NOW) > max(numbers)


def test_what_is_still_going_on_may_be_overtaken(store: Store) -> None:
    """A token is spent once, but for the one choice over which another may be written."""
    with store.begin() as work:
        person = work.registers.add_person("Åse", "aase@example.dk")
        one = work.tokens.mint(NewToken("a" * 64, person, "skridt", {}, NOW + DAY), NOW)
        spent = [work.tokens.spend(one, name, {}, NOW, over="stadig") for name in ("stadig", "stadig", "a", "b")]
    assert spent == [True, True, True, False]


def test_a_stand_in_takes_over_until_a_day(store: Store) -> None:
    """Before the substitute, who stays; ended for one role or for all of somebody's."""
    programme = found(store).born[0].id
    with store.begin() as work:
        people = work.registers
        a, b, c = (people.add_person(name, f"{name}@example.dk", paused_until=TODAY + 9 * DAY) for name in "abc")
        people.pause_person(b, None)
        people.pause_person(c, None)
        role = people.assign_role(a, "leder", from_on=TODAY, programme_id=programme, substitute_id=b)

        def whom(days: int) -> list[int]:
            return [one.person_id for one in people.recipients("leder", programme, None, TODAY + days * DAY)]

        work.stand_ins.put(role, b, TODAY)
        work.stand_ins.put(role, c, TODAY + DAY)
        assert [whom(days) for days in (0, 1, 2, 10)] == [[c], [c], [b], [a]]
        [row] = people.roles()
        assert (row.stand_in_id, row.away_until, row.takes_over(TODAY)) == (c, TODAY + 9 * DAY, c)
        work.stand_ins.end(role)
        assert whom(0) == [b]
        work.stand_ins.put(role, c, TODAY)
        work.stand_ins.end_all(a)
        assert whom(0) == [b] and people.roles()[0].stand_in_until is None


def test_what_a_person_was_asked_for_is_found_with_where_it_stands(store: Store) -> None:
    """Reminders in letters to them, the newest first; neither news nor what was dropped, nor what others were asked."""
    programme = found(store, nudges=tuple(nudge(name) for name in "abc")).born[0].id
    with store.begin() as work:
        me, other = (work.registers.add_person(name, f"{name}@example.dk") for name in "xy")
        mails = work.posted.mails_due(NOW, 3)
        mine = work.letters.open(letter("digest:1", me), NOW)
        for mail in mails:
            work.letters.put(mine, mail, is_nudge=True)
        work.claims.drop(mine, mails[0], "dropped", "x")
        rows = asked_of(work.connection, me)
        assert [one.outbox_id for one in rows] == [mails[2], mails[1]] and asked_of(work.connection, other) == ()
        assert {one.nudge.intent for one in rows} == {Intent.NUDGE} and rows[0].identity.programme_id == programme
        assert rows[0].entered and rows[0].position
