"""How is a provider's claim written as a text? Once over, however it is nested: its writer chooses neither our time nor our memory."""

import json
from typing import Any

import pytest

from poolkeeper.federation.statement import text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ada", "Ada"),
        ("a\0b", "ab"),
        (None, ""),
        (True, "true"),
        (7, "7"),
        ([], ""),
        (["one"], "one"),
        (["a b", "c~d", "e.-*_f"], "[a+b,c%7Ed,e.-*_f]"),
        (["one", 2, None], "[one,2,]"),
        ({"country": "GB"}, '{"country":"GB"}'),
        ([["one", "two"]], '["one","two"]'),
        (["one", ["two"]], "[one,%5B%22two%22%5D]"),
    ],
)
def test_a_claim_is_one_text(value: Any, text: str) -> None:
    """A text as it is, several values in brackets, and what is nested deeper as JSON."""
    assert text_of(value) == text


def test_lists_in_lists_are_encoded_once() -> None:
    """Encoded anew at each depth, a claim of a few kilobytes would keep everybody waiting for minutes (attacks.md 108)."""
    value: Any = ["x", "%" * 20]
    for _ in range(50):
        value = ["x", value]
    assert len(text_of(value)) <= 3 * len(json.dumps(value))


def test_what_is_nested_without_end_is_no_text() -> None:
    """Deeper than the interpreter goes: nothing is taken of it, and nothing breaks."""
    value: Any = "a"
    for _ in range(5_000):
        value = [value]
    assert text_of(value) == ""
    assert text_of({"a": value}) == ""
    assert text_of(["one", value]) == "[one,]"
