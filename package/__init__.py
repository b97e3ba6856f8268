"""The face of the import package: what users import from ``samskabt`` itself, loaded only when asked for."""

from importlib import import_module
from types import MappingProxyType

__version__ = "0.1.0"

# name -> the room's module that has it. Loaded on first use, so that `import samskabt.engine` loads no database.
_HOMES = MappingProxyType({})  # type: MappingProxyType[str, str]

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604


def __getattr__(name: str) -> object:
    """Load a public name from its room."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(home, __name__), name)


def __dir__() -> list[str]:
    """List the public surface and nothing else."""
    return sorted(__all__)
