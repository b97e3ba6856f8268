"""What is kept of who comes and who came, and of calendar feeds; decides nothing."""
