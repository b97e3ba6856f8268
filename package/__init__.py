"""The face of the import package: what users import from ``samskabt`` itself, loaded only when asked for."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

__version__ = "0.1.0"

__all__ = ["__version__"]

# Public name -> the module that has it, loaded on first use so that `import samskabt.engine` loads no database.
# A name added here is added to __all__ and, for type checkers, imported under `if TYPE_CHECKING:` too; a test compares.
_HOMES: Mapping[str, str] = MappingProxyType({})


def __getattr__(name: str) -> object:
    """Load a public name from its room."""
    if name not in _HOMES:
        raise AttributeError(f"samskabt has no {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    """List the public surface and nothing else."""
    return sorted(__all__)
