"""What the reader is made of: bounded YAML, positions and messages; knows no catalogue."""
