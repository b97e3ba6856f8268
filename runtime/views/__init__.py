"""What faces show: pure read models of a database in words and as data; prints nothing and changes nothing."""

from .board import Board, board_of, programme_rows
from .finding import find_actor, find_instance, find_person, find_programme, kommune_code, kommune_title, role_title
from .sheet import Missing, Possibilities, Sheet, field_of_event, missing_of, possibilities, sheet_of
from .story import Happened, StoryRow, as_of_text, before, happened, story_of
from .upcoming import Agenda, MailRow, agenda, outbox
from .words import Words, moment_text, value_text, when_text

__all__ = [
    "Agenda",
    "Board",
    "Happened",
    "MailRow",
    "Missing",
    "Possibilities",
    "Sheet",
    "StoryRow",
    "Words",
    "agenda",
    "as_of_text",
    "before",
    "board_of",
    "field_of_event",
    "find_actor",
    "find_instance",
    "find_person",
    "find_programme",
    "happened",
    "kommune_code",
    "kommune_title",
    "missing_of",
    "moment_text",
    "outbox",
    "possibilities",
    "programme_rows",
    "role_title",
    "sheet_of",
    "story_of",
    "value_text",
    "when_text",
]
