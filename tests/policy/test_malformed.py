"""Whether a document that is no policy is refused in AWS's words. The cases are a file: cases/malformed.json."""

import json
from pathlib import Path
from typing import Any

import pytest

from poolkeeper.policy import Kind, MalformedPolicy, parse

CASES: dict[str, list[list[Any]]] = json.loads((Path(__file__).parent / "cases" / "malformed.json").read_text())
ROWS = [pytest.param(Kind(kind), *case[1:], id=f"{kind}: {case[0]}") for kind, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("kind", "document", "sentence"), ROWS)
def test_a_document_is_read_or_refused(kind: Kind, document: Any, sentence: str | None) -> None:
    """Each fault has its sentence, and of two faults AWS names the one that it meets first; without a sentence it is read."""
    text = document if isinstance(document, str) else json.dumps(document)
    if sentence is None:
        assert parse(text, kind).statements
        return
    with pytest.raises(MalformedPolicy) as refusal:
        parse(text, kind)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize("kind", [Kind.SESSION, Kind.BOUNDARY])
def test_other_policies_of_identities_are_read_alike(kind: Kind) -> None:
    """Session policies and boundaries have the grammar of managed and inline policies."""
    for _, document, sentence in CASES["identity"]:
        text = document if isinstance(document, str) else json.dumps(document)
        if sentence is not None:
            with pytest.raises(MalformedPolicy):
                parse(text, kind)


def test_a_policy_is_its_text() -> None:
    """Policies may be kept by what they say, under the name by which they are attached."""
    text = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    one, other = parse(text, Kind.IDENTITY, name="a"), parse(text, Kind.IDENTITY, name="a")
    assert {one} == {other}
    assert one.named("b") != one
    assert one.named("b").statements is one.statements
