"""What is kept of letters to people and of what they want to hear; decides nothing."""
