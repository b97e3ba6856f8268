"""What is kept of the links that act: tokens by their hash; decides nothing."""
