"""What follows from learning something only afterwards: late registrations and corrections, over whole histories."""
