"""The door that every use case passes: may this actor do this here; keeps no users and no roles itself."""

from __future__ import annotations

from typing import Protocol

from ..engine.values import Actor, Identity, Refusal


class Permit(Protocol):
    """Answers whether an actor may do something to an instance: nothing, or the refusal."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:
        """Give None where it is allowed.

        To enter a person (``opret_person``) is asked of an identity of kind ``person`` with the number 0: people belong
        to no programme.
        """


class AllowAll:
    """Lets everybody do everything; the embedding application guards its own doors."""

    def refusal(self, actor: Actor, event: str, identity: Identity) -> Refusal | None:  # noqa: ARG002
        """Give None: it is allowed."""
        return None
