"""Remembers the tokens of links as hashes of their secrets, and who stands in for whom; decides nothing."""

from .asked import Asked, asked_of
from .standing_in import StandIns
from .tokens import NewToken, TokenRow, Tokens

__all__ = ["Asked", "NewToken", "StandIns", "TokenRow", "Tokens", "asked_of"]
