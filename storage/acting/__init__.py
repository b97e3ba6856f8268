"""Remembers the tokens of links as hashes of their secrets, and who stands in for whom; decides nothing."""

from .standing_in import StandIns
from .tokens import NewToken, TokenRow, Tokens

__all__ = ["NewToken", "StandIns", "TokenRow", "Tokens"]
