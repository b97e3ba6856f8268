"""What a link in a mail may do: tokens minted, shown and spent; knows no page and no address of its own."""

from .acting import Acting
from .values import Choice, Done, Field, Shown, Standing

__all__ = ["Acting", "Choice", "Done", "Field", "Shown", "Standing"]
