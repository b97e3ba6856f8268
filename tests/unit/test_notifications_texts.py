"""The placeholders of texts: one pass, plain values, errors that say what there is."""

from __future__ import annotations

import pytest
from samskabt.engine.errors import InvalidInput
from samskabt.notifications import KNOWN_PLACEHOLDERS, Text, check, placeholders, substitute


def test_substitute_puts_values_in_their_places() -> None:
    """Values stand where their names stood, however the braces are spaced."""
    template = "Kære {{navn}}: {{  titel  }} er {{ om }}"
    assert substitute(template, {"navn": "Anne", "titel": "Mødet", "om": "i dag"}) == "Kære Anne: Mødet er i dag"


def test_values_are_never_expanded_again() -> None:
    """A value that looks like a placeholder stays the text that it is."""
    assert substitute("{{ titel }}", {"titel": "{{ navn }}", "navn": "Anne"}) == "{{ navn }}"


@pytest.mark.parametrize("mark", ["\r\n", "\n", "\r", "\t", "\v", "\f", "\x00", "\x1b", "\x85", "\u2028", "\u2029"])
def test_a_value_is_one_line(mark: str) -> None:
    """Line ends and controls in a value become one space, so that it cannot add a line of its own."""
    assert substitute("<{{ titel }}>", {"titel": f"a{mark}b"}) == "<a b>"


def test_a_value_cannot_turn_the_direction_of_the_text() -> None:
    """Invisible format characters go: they make a name look like another."""
    assert substitute("{{ titel }}", {"titel": "a\u202eb\u200bc\u2066"}) == "abc"


def test_a_value_is_composed_and_encodable() -> None:
    """Decomposed letters become one character, and a lone surrogate cannot break the mail's encoding."""
    assert substitute("{{ titel }}", {"titel": "Bla\u030a \ud800 "}) == "Blå"


def test_an_unknown_placeholder_names_text_placeholder_and_known_ones() -> None:
    """The author reads which text is wrong, what is wrong in it, and what there is instead."""
    with pytest.raises(InvalidInput) as caught:
        substitute("Hej {{ nvan }}", {"navn": "Anne", "titel": "x"}, text="indkaldelse")
    assert str(caught.value) == "text 'indkaldelse': unknown placeholder {{ nvan }}; available: navn, titel"


@pytest.mark.parametrize(
    "template", ["{{ titel.__class__ }}", "{{ titel|upper }}", "{{ 7*7 }}", "{{ titel[0] }}", "{{ }}", "{{ Titel }}"]
)
def test_nothing_in_braces_is_evaluated(template: str) -> None:
    """Attributes, filters and sums are names that do not exist."""
    with pytest.raises(InvalidInput, match="unknown placeholder"):
        placeholders(template)
    with pytest.raises(InvalidInput, match="unknown placeholder"):
        substitute(template, {"titel": "x"})


@pytest.mark.parametrize("template", ["{{ titel", "titel }}", "{{ titel }", "{{ {{ titel }} }}"])
def test_open_braces_are_refused(template: str) -> None:
    """A placeholder without an end is the author's slip, not text to send."""
    with pytest.raises(InvalidInput, match="has no end"):
        substitute(template, {"titel": "x"})


def test_other_template_languages_mean_nothing() -> None:
    """Percent signs, single braces and dollars are plain text."""
    template = "{% for x in y %} {titel} ${titel} %(titel)s {0.__globals__}"
    assert substitute(template, {"titel": "x"}) == template


def test_placeholders_tells_every_name() -> None:
    """The loader of workflows can check names before anybody gets a mail."""
    assert placeholders("{{ navn }} {{ x_1 }} {{navn}}") == {"navn", "x_1"}


def test_check_reads_subject_body_and_stop() -> None:
    """A wrong name is found in each of the three parts."""
    check(Text("{{ titel }}", "{{ navn }}", "{{ frist }}"), "god")
    for text in (Text("{{ a }}", ""), Text("", "{{ a }}"), Text("", "", "{{ a }}")):
        with pytest.raises(InvalidInput, match=r"text 'min'.*unknown placeholder \{\{ a \}\}"):
            check(text, "min")


def test_every_placeholder_is_explained() -> None:
    """Authors find a meaning, an example and the words that stand in for a missing value."""
    for name, spot in KNOWN_PLACEHOLDERS.items():
        assert placeholders(f"{{{{ {name} }}}}") == {name}
        assert spot.meaning and spot.example and spot.fallback
