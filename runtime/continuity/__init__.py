"""What keeps the work whole when something or somebody stops: pauses, closings, replacements, double bookings."""
