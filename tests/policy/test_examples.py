"""Whether requests are judged as the IAM User Guide says of its examples. The cases are a file: cases/examples.json."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from policy import reference
from policy.people import PEOPLE, context
from poolkeeper.policy import Kind, Request, decide, parse
from poolkeeper.policy.simulation import simulate

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "examples.json").read_text())


def asked() -> Iterator[Any]:
    """Yield each question of each example."""
    for case in CASES:
        for action, resource, keys, answer in case["asks"]:
            request = Request(PEOPLE[case.get("as", "bob")], action, resource, context(keys))
            yield pytest.param(case, request, answer, id=f"{case['name']}: {action} {resource} {keys}")


@pytest.mark.parametrize(("case", "request_", "answer"), list(asked()))
def test_the_guide_is_followed(case: dict[str, Any], request_: Request, answer: str) -> None:
    """The evaluator, the simulation of it and the reference say what the guide says."""

    def read(documents: list[Any], kind: Kind) -> list[Any]:
        return [parse(json.dumps(document), kind) for document in documents]

    session = case.get("session")
    resource, boundary = case.get("resource"), case.get("boundary")
    same_account = case.get("same_account", True)
    policies: dict[str, Any] = {
        "identity": read(case["identity"], Kind.IDENTITY),
        "boundary": parse(json.dumps(boundary), Kind.BOUNDARY) if boundary else None,
        "resource": parse(json.dumps(resource), Kind.RESOURCE) if resource else None,
        "same_account": same_account,
    }
    decision = decide(request_, **policies, session=None if session is None else read(session, Kind.SESSION))
    said = "allowed" if decision.allowed else "explicitDeny" if decision.explicit_deny else "implicitDeny"
    assert said == answer
    if session is None:
        assert simulate(request_, **policies).outcome == answer
    assert answer == reference.judge(
        request_,
        identity=case["identity"],
        boundary=boundary,
        session=session,
        resource=resource,
        same_account=same_account,
    )
