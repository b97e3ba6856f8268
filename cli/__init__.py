"""The command line: parses, calls one use case, shows the result."""


def main() -> None:
    """Run the command line."""
    from .app import run

    run()
