"""Who comes to a meeting and who came, as values and rules over them; sends and stores nothing."""

from .standing import Guest, Seated, given, moved_up, newest, seats_left, standing, whose
from .values import Answer, Attending, Said, Times, Way

__all__ = [
    "Answer",
    "Attending",
    "Guest",
    "Said",
    "Seated",
    "Times",
    "Way",
    "given",
    "moved_up",
    "newest",
    "seats_left",
    "standing",
    "whose",
]
