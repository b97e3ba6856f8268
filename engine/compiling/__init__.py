"""Look-ups of one workflow, each with one job, built once and never changed; `compiled` holds them together."""

from .gates import Gates
from .moves import Firing, invitation, invites, is_done
from .paper import Paper
from .relations import Relations
from .rules import Rule, Rules

__all__ = ["Firing", "Gates", "Paper", "Relations", "Rule", "Rules", "invitation", "invites", "is_done"]
