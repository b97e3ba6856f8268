"""A programme document in words: its head, its work, its people and what it leaves open; reads no database."""
