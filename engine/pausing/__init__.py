"""What stands in the way beyond an instance's own machine: pauses and their clocks, what is open, who is elsewhere."""
