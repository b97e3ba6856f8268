"""Remembers the tokens of links, as hashes of their secrets; knows no secret and decides nothing."""

from .tokens import NewToken, TokenRow, Tokens

__all__ = ["NewToken", "TokenRow", "Tokens"]
