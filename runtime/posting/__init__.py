"""How intents become letters to people, and letters are sent: whose turn it is, what merges, waits or is dropped."""
