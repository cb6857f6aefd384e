"""Whether the evaluator and the slow reading of the guide (reference.py) judge alike, whatever the policies."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policy import reference, strategies
from poolkeeper.policy import Kind, Request, decide, parse
from poolkeeper.policy.simulation import simulate
from poolkeeper.policy.templates import literals, tokens
from poolkeeper.policy.wildcards import Piece, Wild, compiled

# The suite tries some; `WALK_EXAMPLES=20000 pytest tests/policy` tries more.
EXAMPLES = int(os.environ.get("WALK_EXAMPLES", "300"))
PIECES = st.lists(st.sampled_from(["a", "b", Wild.STAR, Wild.ONE]), max_size=9)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    request=strategies.REQUESTS,
    identity=st.lists(strategies.documents(), max_size=2),
    boundary=st.none() | strategies.documents(),
    session=st.none() | st.lists(strategies.documents(), max_size=2),
    resource=st.none() | strategies.documents(principals=True),
    same_account=st.booleans(),
)
def test_both_judge_alike(
    request: Request,
    identity: list[Any],
    boundary: Any,
    session: list[Any] | None,
    resource: Any,
    same_account: bool,  # noqa: FBT001 - hypothesis calls by name
) -> None:
    """No request is judged otherwise than the guide says, and the simulation agrees."""
    expected = reference.judge(
        request,
        identity=identity,
        boundary=boundary,
        session=session,
        resource=resource,
        same_account=same_account,
    )
    policies: dict[str, Any] = {
        "identity": [parse(json.dumps(document), Kind.IDENTITY) for document in identity],
        "boundary": boundary and parse(json.dumps(boundary), Kind.IDENTITY),
        "resource": resource and parse(json.dumps(resource), Kind.RESOURCE),
        "same_account": same_account,
    }
    read = None if session is None else [parse(json.dumps(document), Kind.SESSION) for document in session]
    decision = decide(request, **policies, session=read)

    assert decision.allowed == (expected == "allowed")
    assert decision.explicit_deny == (expected == "explicitDeny")
    if session is None:
        assert simulate(request, **policies).outcome == expected


@settings(max_examples=3 * EXAMPLES, deadline=None)
@given(
    request=strategies.REQUESTS, block=strategies.conditions(), version=st.sampled_from(["2008-10-17", "2012-10-17"])
)
def test_conditions_hold_alike(request: Request, block: Any, version: str) -> None:
    """No condition holds for one of the two alone."""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": block}
    document = {"Version": version, "Statement": statement}
    allowed = bool(reference.effects(document, request, "Allow"))
    assert parse(json.dumps(document), Kind.IDENTITY).statements[0].applies(request) is allowed


@settings(max_examples=2 * EXAMPLES, deadline=None)
@given(pattern=PIECES, text=st.text("abc*?", max_size=8))
def test_a_pattern_matches_what_it_should(pattern: list[Piece], text: str) -> None:
    """Both ways to match (runs and automaton) find what trying everything finds."""
    signs = [("wild", piece.value) if isinstance(piece, Wild) else ("letter", piece) for piece in pattern]
    assert compiled(pattern)(text) is reference.glob(signs, text)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*b*b", "b", False),
        ("*b*b", "bb", True),
        ("*ab*ab*", "aba", False),
        ("*a*a*a*", "aa", False),
        ("a?*", "a", False),
        ("?*?", "a", False),
        ("?*?", "ab", True),
        ("*?b", "bb", True),
        ("", "", True),
        ("*", "", True),
        ("?", "", False),
        ("**", "x", True),
        ("a", "a\n", False),
        ("a*", "a\nb", True),
        ("?", "\n", True),
        ("[ab]", "a", False),
        (".*", "a", False),
    ],
)
def test_runs_of_a_pattern_do_not_overlap(pattern: str, text: str, matches: bool) -> None:  # noqa: FBT001 - a column
    """No character of the text is taken twice, and no sign but two means anything."""
    assert compiled(literals(tokens(pattern, wildcards=True, variables=False)))(text) is matches
