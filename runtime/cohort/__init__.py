"""What programmes with many kommuner show beside each one's own: uncertain days, the line, faser, prices."""
