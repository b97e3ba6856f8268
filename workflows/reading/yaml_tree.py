"""Reads YAML text into a tree of nodes with positions, under bounds; knows nothing of what the text means.

Nodes are built from the parser's events, one at a time, so that a document which is too large, too deep or built of
aliases is refused before anything of it exists. Json scalars are read by YAML 1.2's core rules, narrowed: a number
has one way to be written, and days stay text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scanner import Scanner

from ...engine.errors import DefinitionError, Problem
from ...engine.values import Json

MAX_BYTES = 256 * 1024
MAX_DEPTH = 50
MAX_NODES = 10_000
"""Several times the longest programme; the scanner takes a fraction of a millisecond for each (ruamel.yaml 0.19)."""
MAX_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class Mark:
    """A position in a document; both count from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A value with its position. ``keys`` are the positions of a mapping's keys; at most one content is set."""

    mark: Mark
    scalar: Json = None
    items: list[Node] | None = None
    entries: dict[str, Node] | None = None
    keys: dict[str, Mark] = field(default_factory=dict)

    def plain(self) -> Json:
        """Give the data alone, as dicts, lists and scalars."""
        if self.entries is not None:
            return {key: node.plain() for key, node in self.entries.items()}
        if self.items is not None:
            return [node.plain() for node in self.items]
        return self.scalar


def read_tree(name: str, source: bytes | str) -> Node:
    """Read one document.

    :raises DefinitionError: with every problem of form: size, encoding, syntax, duplicate keys, anchors, tags.
    """
    text = _decoded(name, source)
    builder = _Builder(name)
    try:
        for event in _events(text):
            builder.take(event)
    except _Stop:
        pass
    except _TooDeep as error:
        builder.too_deep(error.mark)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        builder.add(_place(mark), *_syntax(str(error.problem or error.context or error)))
    except (YAMLError, ValueError, OverflowError) as error:  # ruamel 0.19 lets chr() of a \U escape raise
        builder.add(builder.latest, "yaml-syntax", f"filen kan ikke læses som YAML: {error}")
    if builder.root is None and not builder.problems:
        builder.add(Mark(1, 1), "empty", "filen er tom")
    if builder.problems or builder.root is None:
        raise DefinitionError(sorted(builder.problems, key=lambda one: (one.line, one.column)))
    return builder.root


class _Stop(Exception):
    """No more is read: the document is past a bound."""


class _TooDeep(YAMLError):
    """The scanner met a bracket too many."""

    def __init__(self, mark: Mark) -> None:
        self.mark = mark
        super().__init__("too deep")


class _BoundedScanner(Scanner):
    """A scanner that counts brackets, since it reads far ahead of the parser, in quadratic time (ruamel.yaml 0.19)."""

    def fetch_flow_collection_start(self, TokenClass: type, to_push: str) -> None:
        """Open a bracket, unless too many are open."""
        if len(self.flow_context) >= MAX_DEPTH:
            raise _TooDeep(_place(self.reader.get_mark()))
        super().fetch_flow_collection_start(TokenClass, to_push)


def _events(text: str) -> Iterator[Event]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Scanner = _BoundedScanner
    yield from yaml.parse(text)


class _Builder:
    """Puts nodes together from events, with its own stack instead of recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.latest = Mark(1, 1)
        self._stack: list[tuple[Node, list[str | None]]] = []
        self._nodes = 0
        self._documents = 0

    def add(self, mark: Mark, rule: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(self.name, mark.line, mark.column, "", rule, message))

    def too_deep(self, mark: Mark) -> None:
        """Note that the document is nested too deep."""
        self.add(mark, "too-deep", f"mere end {MAX_DEPTH} niveauer inde i hinanden")

    def take(self, event: Event) -> None:
        """Take the next event; raises _Stop when a bound is passed."""
        self.latest = _place(event.start_mark)
        match event:
            case DocumentStartEvent():
                self._begin(event)
            case AliasEvent():
                self.add(self.latest, "alias", f"*{event.anchor}: skriv teksten ud i stedet for at henvise til den")
                self._put(Node(self.latest))
            case ScalarEvent():
                self._check_properties(event)
                self._put_scalar(event)
            case MappingStartEvent():
                self._check_properties(event)
                self._open(Node(self.latest, entries={}))
            case SequenceStartEvent():
                self._check_properties(event)
                self._open(Node(self.latest, items=[]))
            case MappingEndEvent() | SequenceEndEvent():
                self._stack.pop()
        if len(self.problems) >= MAX_PROBLEMS:
            raise _Stop

    def _begin(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if event.version or event.tags:
            self.add(self.latest, "directive", "linjer, der begynder med %, bruges ikke her")
        if self._documents > 1:
            self.add(self.latest, "one-document", "filen rummer flere dokumenter; del den i flere filer")
            raise _Stop

    def _check_properties(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.anchor is not None:
            self.add(
                self.latest, "alias", f"&{event.anchor}: ankre bruges ikke her; skriv teksten ud, hvor den hører til"
            )
        tag = event.tag
        if tag is not None:
            self.add(
                self.latest,
                "tag",
                f"mærket {str(tag).replace(_YAML_TAG, '!!')[:60]} bruges ikke her; skriv værdien uden det",
            )

    def _put_scalar(self, event: ScalarEvent) -> None:
        value = unicodedata.normalize("NFC", event.value)
        if found := _UNSEEN.search(value):  # written as an escape, such as "\\0"
            self.add(self.latest, "control-character", f"et usynligt tegn (U+{ord(found[0]):04X}); slet det")
            value = ""
        if self._awaits_key():
            self._put_key(value)
        else:
            quoted = event.style is not None
            self._put(Node(self.latest, scalar=value if quoted else _scalar(value)))

    def _open(self, node: Node) -> None:
        if len(self._stack) >= MAX_DEPTH:
            self.too_deep(node.mark)
            raise _Stop
        if self._awaits_key():
            self.add(node.mark, "key-not-text", "en nøgle skal være et ord, ikke en liste eller en gruppe")
            raise _Stop
        self._put(node)
        self._stack.append((node, [None]))

    def _awaits_key(self) -> bool:
        return bool(self._stack) and self._stack[-1][0].entries is not None and self._stack[-1][1][0] is None

    def _put_key(self, key: str) -> None:
        node, waiting = self._stack[-1]
        if key in node.keys:
            first = node.keys[key].line
            self.add(self.latest, "duplicate-key", f"{key[:60]!r} står her to gange; første gang i linje {first}")
        node.keys.setdefault(key, self.latest)
        waiting[0] = key
        self._count()

    def _put(self, node: Node) -> None:
        self._count()
        if not self._stack:
            self.root = node
            return
        parent, waiting = self._stack[-1]
        key = waiting[0]
        if parent.items is not None:
            parent.items.append(node)
        elif parent.entries is not None and key is not None:
            if node.scalar is None and node.items is None and node.entries is None:
                node.mark = parent.keys[key]  # the parser places an empty value on a line below its key
            parent.entries.setdefault(key, node)
            waiting[0] = None
        else:
            self.add(node.mark, "key-not-text", "en nøgle skal være et ord")
            raise _Stop

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self.add(self.latest, "too-large", f"filen har mere end {MAX_NODES} dele; del den i flere filer")
            raise _Stop


_YAML_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_WORDS: tuple[tuple[str, Json], ...] = (("", None), ("~", None), ("null", None), ("true", True), ("false", False))


def _scalar(text: str) -> Json:
    """Read a plain scalar; what has no single way to be written (010, 1_000, 0x1F, .inf, yes) stays text."""
    for word, value in _WORDS:
        if text == word:
            return value
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


def _decoded(name: str, source: bytes | str) -> str:
    """Read the bytes as UTF-8 text with plain line ends; refuse what editors do not show."""
    size = len(source)
    if size > MAX_BYTES:
        kib = MAX_BYTES // 1024
        raise _refusal(name, Mark(1, 1), "too-large", f"filen fylder {size // 1024} KiB; den må højst fylde {kib} KiB")
    text = _from_utf8(name, source) if isinstance(source, bytes) else source
    text = text.replace("\r\n", "\n")
    found = _UNSEEN.search(text)
    if found is None:
        return text
    mark = _mark_at(text, found.start())
    if found[0] == "\ufeff" and found.start() == 0:
        raise _refusal(name, mark, "bom", "filen begynder med et usynligt BOM-tegn; gem den som UTF-8 uden BOM")
    raise _refusal(name, mark, "control-character", f"et usynligt tegn (U+{ord(found[0]):04X}); slet det")


def _from_utf8(name: str, source: bytes) -> str:
    if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise _refusal(name, Mark(1, 1), "not-utf8", "filen er gemt som UTF-16; gem den som UTF-8")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        good = source[: error.start].decode("utf-8").replace("\r\n", "\n")
        message = "filen er ikke gemt som UTF-8 (æ, ø og å bliver forkerte); gem den som UTF-8"
        raise _refusal(name, _mark_at(good, len(good)), "not-utf8", message) from error


def _refusal(name: str, mark: Mark, rule: str, message: str) -> DefinitionError:
    return DefinitionError([Problem(name, mark.line, mark.column, "", rule, message)])


def _mark_at(text: str, index: int) -> Mark:
    return Mark(text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)


def _place(mark: object) -> Mark:
    """Turn a mark of the parser, which counts from 0, into ours."""
    return Mark(int(getattr(mark, "line", 0)) + 1, int(getattr(mark, "column", 0)) + 1)


def _syntax(problem: str) -> tuple[str, str]:
    """Say in the author's language what the parser stumbled over."""
    if "\\t" in problem:
        return "tab", "her står et tabulatortegn; ryk ind med mellemrum"
    for part, message in _SYNTAX:
        if part in problem:
            return "yaml-syntax", message
    return "yaml-syntax", f"filen kan ikke læses som YAML her ({problem})"


_SYNTAX = (
    ("mapping values are not allowed", "et kolon for meget: sæt teksten i anførselstegn, eller ret indrykningen"),
    ("could not find expected ':'", "her mangler et kolon efter nøglen"),
    ("unexpected end of stream", "et anførselstegn eller en parentes bliver ikke lukket"),
    ("cannot start any token", "en tekst må ikke begynde med dette tegn; sæt den i anførselstegn"),
    ("<block end>", "indrykningen passer ikke med linjerne ovenfor"),
    ("expected ',' or", "her mangler et komma, eller en parentes er ikke lukket"),
    ("expected the node content", "her mangler en værdi"),
    ("unknown escape character", "en \\ betyder noget særligt inden for dobbelte anførselstegn; brug enkelte"),
)
