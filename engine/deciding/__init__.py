"""How a decision is drafted: births, fields, corrections and replay, for ``decide`` to put together."""
