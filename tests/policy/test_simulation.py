"""Whether a simulation tells what was decided, by which statements, at which place of the document, and for want of what."""

import json

import pytest

from policy.people import PEOPLE, document, policy, statement
from poolkeeper.policy import Kind, Policy, Request, Source, parse
from poolkeeper.policy.simulation import (
    MatchedStatement,
    Outcome,
    Position,
    Simulated,
    context_keys,
    most_restrictive,
    positions,
    simulate,
)

ALL = policy(statement(), name="PolicyInputList.1")
NOTHING = policy(statement(Action="nobody:Nothing"), name="PolicyInputList.2")
DENY = policy(statement("Deny"), name="PolicyInputList.3")


def ask(action: str = "s3:GetObject", resource: str = "arn:aws:s3:::b/x", **keys: str) -> Request:
    """Return what bob asks."""
    return Request(PEOPLE["bob"], action, resource, keys)


def test_positions_are_counted_as_aws_counts() -> None:
    """The first statement begins at its brace, the others where the one before ended; recorded answers have 41-198, 198-300."""
    text = json.dumps(document(statement(Sid="A"), statement(Sid="B")))
    first, second = positions(text)
    assert first[0] == Position(1, 41)
    assert text[first[0].column - 1 : first[1].column - 1] == json.dumps(statement(Sid="A"))
    assert second[0] == first[1]
    assert text[second[0].column - 1 : second[1].column - 1] == ", " + json.dumps(statement(Sid="B"))


def test_positions_in_a_document_of_lines() -> None:
    """IAM API Reference, SimulateCustomPolicy: a lone statement from line 3, column 16 to line 7, column 4."""
    text = """{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": "*"
  }
}"""
    assert positions(text) == ((Position(3, 16), Position(7, 4)),)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"Statement":[{"Effect":"Allow"}]}', ((1, 15), (1, 33))),
        ('{ "Id" : "Statement" , "Statement" : [ {"a": [1, {"b": "}"}]} ] }', ((1, 40), (1, 62))),
        ('{"Id": ",", "\\u0053tatement": {}}', ((1, 31), (1, 33))),
        ('{\n"Statement":\n[\n{}\n]}', ((4, 1), (4, 3))),
    ],
)
def test_positions_whatever_stands_around(text: str, place: tuple[tuple[int, int], tuple[int, int]]) -> None:
    """Other members, blanks, escapes and braces in texts do not lead astray."""
    assert positions(text) == (place,)


def test_what_allows_is_told() -> None:
    """All statements that allow, of all policies, with the names of these."""
    two = policy(statement(Action="s3:Put*"), statement(Action="s3:Get*"), name="PolicyInputList.2")
    result = simulate(ask(), identity=[ALL, two])
    assert result.outcome is Outcome.ALLOWED
    assert [(match.policy, match.source) for match in result.matched] == [
        ("PolicyInputList.1", Source.IDENTITY),
        ("PolicyInputList.2", Source.IDENTITY),
    ]
    assert (result.matched[1].start, result.matched[1].end) == positions(two.text)[1]
    assert (result.missing, result.boundary_allows, result.details) == ((), None, {})


def test_of_what_denies_that_alone_is_told() -> None:
    """A denial is the only entry, whatever allows; where nothing applies there is none."""
    denied = simulate(ask(), identity=[ALL, DENY])
    assert denied.outcome is Outcome.EXPLICIT_DENY
    assert [match.policy for match in denied.matched] == ["PolicyInputList.3"]
    silent = simulate(ask(), identity=[NOTHING])
    assert (silent.outcome, silent.matched) == (Outcome.IMPLICIT_DENY, ())


@pytest.mark.parametrize(("boundary", "allows"), [(ALL, True), (NOTHING, False), (DENY, False)])
def test_the_boundary_is_told(boundary: Policy, allows: bool) -> None:  # noqa: FBT001 - a column of a table
    """Whether it allows is told whatever the identity's policies say."""
    assert simulate(ask(), identity=[ALL], boundary=boundary).boundary_allows is allows
    assert simulate(ask(), identity=[NOTHING], boundary=boundary).boundary_allows is allows


def test_both_sides_are_told_across_accounts() -> None:
    """What each kind of policy says by itself."""
    resource = policy(statement(Principal={"AWS": "999999999999"}), kind=Kind.RESOURCE)
    result = simulate(ask(), identity=[ALL], resource=resource, same_account=False)
    assert result.outcome is Outcome.IMPLICIT_DENY
    assert result.details == {Source.IDENTITY: Outcome.ALLOWED, Source.RESOURCE: Outcome.IMPLICIT_DENY}


def test_missing_keys_are_told() -> None:
    """Keys of conditions and variables of statements about the action, as they are written, if the request lacks them."""
    wanting = policy(
        statement(
            Action="s3:*",
            Resource="arn:aws:s3:::b/${aws:PrincipalTag/Team, 'x'}",
            Condition={"StringEquals": {"aws:RequestTag/Env": "${AWS:username}", "s3:Prefix": "a"}},
        ),
        statement(Action="ec2:*", Condition={"Null": {"ec2:Vpc": "true"}}),
    )
    result = simulate(ask(**{"S3:prefix": "a"}), identity=[wanting])
    assert result.missing == ("aws:PrincipalTag/Team", "aws:RequestTag/Env", "AWS:username")
    again = policy(statement(Condition={"StringLike": {"S3:PREFIX": "*"}}))
    assert context_keys([wanting, wanting, again]) == (
        "aws:PrincipalTag/Team",
        "aws:RequestTag/Env",
        "AWS:username",
        "s3:Prefix",
        "ec2:Vpc",
    )


def test_an_older_version_asks_for_no_variable() -> None:
    """Its `${...}` are characters."""
    old = parse(
        json.dumps(document(statement(Resource="arn:aws:s3:::${aws:username}"), version="2008-10-17")), Kind.IDENTITY
    )
    assert context_keys([old]) == ()


def test_the_most_restrictive_of_several_is_told() -> None:
    """One result for an action: a denial before silence before permission, with what all of them lack."""
    here = Position(1, 1)

    def match(outcome: Outcome) -> MatchedStatement:
        return MatchedStatement(outcome.value, Source.IDENTITY, here, here)

    def result(outcome: Outcome, missing: str, *, boundary: bool | None = None) -> Simulated:
        return Simulated(outcome, (match(outcome),), (missing,), boundary, {Source.IDENTITY: outcome})

    allowed, silent, denied = (result(outcome, outcome.value, boundary=True) for outcome in Outcome)
    assert most_restrictive([allowed]).outcome is Outcome.ALLOWED
    assert most_restrictive([silent, allowed]).outcome is Outcome.IMPLICIT_DENY
    whole = most_restrictive([allowed, denied, silent, result(Outcome.ALLOWED, "allowed", boundary=False)])
    assert whole == Simulated(
        Outcome.EXPLICIT_DENY,
        (match(Outcome.EXPLICIT_DENY),),
        ("allowed", "explicitDeny", "implicitDeny"),
        boundary_allows=False,
        details={Source.IDENTITY: Outcome.EXPLICIT_DENY},
    )
