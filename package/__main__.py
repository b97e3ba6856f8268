"""Lets ``python -m samskabt`` stand for the command ``samskabt``."""

from .cli import main

if __name__ == "__main__":
    main()
