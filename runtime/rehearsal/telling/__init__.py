"""What a rehearsal showed: as values, read from its database, and in Danish words."""
