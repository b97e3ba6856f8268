"""When a text is sent: by what, about what kind of thing and to whom, as the workflow itself says; writes no mail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ...engine.definition import Workflow
from ...engine.definition.workflow import PARTICIPANTS, RESPONSIBLE
from ...engine.values import Intent
from ...engine.values.names import KOMMUNE, MEETING, PROGRAMME

TITLES: Mapping[str, str] = MappingProxyType(
    {
        PROGRAMME: "",
        KOMMUNE: "",
        MEETING: "Fælles opstartsmøde",
        "task": "Analyse af borgernes forløb",
        "evaluation": "Midtvejsevaluering",
        "approval": "Godkendelse af projektplanen",
        "change": "Et ekstra netværksmøde i foråret",
        "cluster": "Klyngen om sygedagpenge",
        "deliverable": "Katalog over gode løsninger",
        "challenge": "Borgeren får breve fra tre kontorer",
        "solution": "Ét brev og ét navn til borgeren",
    }
)
"""A sample title for each kind; a kommune and a programme are called by their own names."""

_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "eskalering_leder": ("challenge", "leder"),
        "eskalering_projektleder": ("challenge", "projektleder"),
        "ring_i_stedet": ("task", "projektleder"),
        "overdragelse": (PROGRAMME, "kommunal_konsulent"),
        "venteliste": (KOMMUNE, "leder"),
        "udfordring_parkeret": ("challenge", "kommunal_konsulent"),
        "loesning_klar": ("solution", "kommunal_konsulent"),
        "fase_slutter": (PROGRAMME, RESPONSIBLE),
    }
)
"""What the texts are about, and whom they are for, that no shipped workflow sends by a rule of its own."""

_GUESTS = ("kommunal_konsulent", "kommunal_projektleder", "leder", "chef", "partskonsulent")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One time when a text is sent: about which kind, to which role, why and how long."""

    kind: str
    intent: Intent
    role: str
    why: str = ""
    stops: str = ""

    @property
    def title(self) -> str:
        """Give a sample title of such a thing."""
        return TITLES.get(self.kind, TITLES[MEETING])


def occasion(workflow: Workflow, key: str) -> Occasion | None:
    """Find the first time when a workflow sends a text; None where it never does."""
    return next(iter((*_reminders(workflow, key), *_notices(workflow, key))), None)


def standing_in(key: str, workflow: Workflow) -> Occasion:
    """Make up a time for a text that nothing sends by itself."""
    kind, role = _KINDS.get(key, (MEETING, "kommunal_konsulent"))
    return Occasion(kind, Intent.NOTICE, _role(workflow, [role], kind))


def _reminders(workflow: Workflow, key: str) -> Iterator[Occasion]:
    for rule in workflow.reminders.values():
        for number in range(1, len(rule.ladder) + 1) if rule.ladder else (1,):
            names, text = rule.rung(number)
            if text == key:
                role = _role(workflow, names, rule.on)
                yield Occasion(rule.on, Intent.NUDGE, role, rule.title, rule.stops)


def _notices(workflow: Workflow, key: str) -> Iterator[Occasion]:
    for kind, machine in workflow.machines.items():
        for region in machine.regions.values():
            for move in region.moves.values():
                for notice in move.notices:
                    if notice.text == key:
                        yield Occasion(kind, notice.intent, _role(workflow, notice.to, kind))


def _role(workflow: Workflow, names: Iterable[str], kind: str) -> str:
    """Name the role that gets it: whom the first of the names stands for, if it is one that is written to."""
    responsible = workflow.programme.responsible
    level = "programme" if kind in (PROGRAMME, "approval", "change", "deliverable") else "kommune"
    for name in names:
        found = responsible.get("kommune") or responsible.get("programme") if name == RESPONSIBLE else name
        if name == RESPONSIBLE and level == "programme":
            found = responsible.get("programme")
        if name == PARTICIPANTS:
            found = next((role for role in _GUESTS if role in workflow.roles), None)
        role = workflow.roles.get(found or "")
        if found and role:
            return role.stands_for[0] if role.stands_for else found
    return next((role for role in _GUESTS if role in workflow.roles), "deltager")
