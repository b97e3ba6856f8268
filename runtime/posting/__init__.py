"""How intents become letters: whose turn it is, what merges, what waits and what is dropped."""
