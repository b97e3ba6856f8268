"""When a person may be written to, and in which letter: hours, digests, budgets and wishes; writes nothing."""
