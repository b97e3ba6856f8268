"""What a programme document consists of: its items, its work, its people and its frame; plans nothing."""
