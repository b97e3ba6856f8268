"""The face of the import package: what users import from ``samskabt`` itself, loaded only when asked for."""

__version__ = "0.1.0"
