"""What is kept of letters to people and of what they want to hear; decides nothing."""

from .claims import Claims
from .letters import Fate, LetterRow, Letters, NewLetter
from .reading import ItemView, LetterReader, LetterView, Wish
from .returned import Returned
from .wishing import Wishes

__all__ = [
    "Claims",
    "Fate",
    "ItemView",
    "LetterReader",
    "LetterRow",
    "LetterView",
    "Letters",
    "NewLetter",
    "Returned",
    "Wish",
    "Wishes",
]
