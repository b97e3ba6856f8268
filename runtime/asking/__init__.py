"""What do we lack? Every step that waits, who can mend what, and the letters that would bring it."""

from .missing import Asking, Draft, Person, Step

__all__ = ["Asking", "Draft", "Person", "Step"]
