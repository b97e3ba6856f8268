"""The face of the import package: what users import from ``samskabt`` itself, loaded only when asked for."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine.errors import (
        Conflict,
        DatabaseTooNew,
        DefinitionError,
        DeliveryFailed,
        InvalidInput,
        NotFound,
        NotOurDatabase,
        NotStable,
        Refused,
        SamskabtError,
        StorageError,
        StorageUnavailable,
    )
    from .engine.values import Actor, ActorKind
    from .runtime.clock import VirtualClock
    from .runtime.engine import Engine, connect
    from .runtime.rehearsal import Rehearsal, rehearse
    from .runtime.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Actor",
    "ActorKind",
    "Conflict",
    "DatabaseTooNew",
    "DefinitionError",
    "DeliveryFailed",
    "Engine",
    "InvalidInput",
    "NotFound",
    "NotOurDatabase",
    "NotStable",
    "Refused",
    "Rehearsal",
    "SamskabtError",
    "Settings",
    "StorageError",
    "StorageUnavailable",
    "VirtualClock",
    "__version__",
    "connect",
    "rehearse",
]

# Public name -> the module that has it, loaded on first use so that `import samskabt.engine` loads no database.
# A new name stands in three places: here, in __all__ and, for type checkers, in the imports above; a test compares.
_ERRORS = ".engine.errors"
_HOMES: Mapping[str, str] = MappingProxyType(
    {
        "Actor": ".engine.values",
        "ActorKind": ".engine.values",
        "Conflict": _ERRORS,
        "DatabaseTooNew": _ERRORS,
        "DefinitionError": _ERRORS,
        "DeliveryFailed": _ERRORS,
        "Engine": ".runtime.engine",
        "InvalidInput": _ERRORS,
        "NotFound": _ERRORS,
        "NotOurDatabase": _ERRORS,
        "NotStable": _ERRORS,
        "Refused": _ERRORS,
        "SamskabtError": _ERRORS,
        "Rehearsal": ".runtime.rehearsal",
        "Settings": ".runtime.settings",
        "StorageError": _ERRORS,
        "StorageUnavailable": _ERRORS,
        "VirtualClock": ".runtime.clock",
        "connect": ".runtime.engine",
        "rehearse": ".runtime.rehearsal",
    }
)


if not TYPE_CHECKING:  # or every misspelt name would pass the type checker

    def __getattr__(name: str) -> object:
        """Load a public name from its room."""
        if name not in _HOMES:
            raise AttributeError(f"samskabt has no {name!r}; it has {', '.join(__all__)}")
        return getattr(import_module(_HOMES[name], __name__), name)


def __dir__() -> list[str]:
    """List the public surface and nothing else."""
    return sorted(__all__)
