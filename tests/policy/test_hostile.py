"""Whether what a decision costs is bounded by the lengths of text and policy, whoever wrote them. Steps are counted."""

import json
import string
import tracemalloc
from collections.abc import Iterator
from time import process_time
from typing import Any

import pytest

from policy.people import PEOPLE, document, policy, statement
from poolkeeper.call import Memory
from poolkeeper.policy import Kind, MalformedPolicy, Request, bytes_held, decide, parse
from poolkeeper.policy.budget import MOST_STEPS
from poolkeeper.policy.templates import literals, tokens
from poolkeeper.policy.wildcards import compiled

LONG = "a" * 5000


class Counted(str):
    """A text that counts how often it is searched and how many of its characters are taken one by one."""

    __slots__ = ("searches", "steps")

    def __init__(self, _: str) -> None:
        super().__init__()
        self.searches = self.steps = 0

    def find(self, *args: Any) -> int:
        self.searches += 1
        return super().find(*args)

    def __iter__(self) -> Iterator[str]:
        for character in super().__iter__():
            self.steps += 1
            yield character


@pytest.mark.parametrize("length", [1, 50, 2000])
def test_a_star_costs_one_search(length: int) -> None:
    """Each literal between stars is looked for once, from where the one before ended."""
    text = Counted(LONG)
    assert not compiled(literals(tokens("*a" * length + "*b", wildcards=True, variables=False)))(text)
    assert compiled(literals(tokens("*a" * length + "*", wildcards=True, variables=False)))(text)
    assert text.searches <= 2 * length + 2
    assert text.steps == 0


@pytest.mark.parametrize("length", [1, 50, 2000])
def test_a_question_mark_costs_one_pass(length: int) -> None:
    """However many wildcards there are, each character of the text is looked at once."""
    text = Counted(LONG)
    assert not compiled(literals(tokens("*?a" * length + "*b", wildcards=True, variables=False)))(text)
    assert text.steps == len(LONG)
    assert text.searches == 0


def test_a_text_that_cannot_match_is_left_at_once() -> None:
    """An automaton without a state has nothing to wait for."""
    text = Counted(LONG)
    assert not compiled(literals(tokens("b?*", wildcards=True, variables=False)))(text)
    assert text.steps == 1


def test_values_of_variables_are_no_patterns() -> None:
    """A name made of wildcards neither matches more nor costs more."""
    mine = policy(statement(Resource="arn:aws:s3:::b/${aws:username}/*"))
    request = Request(PEOPLE["bob"], "s3:GetObject", "arn:aws:s3:::b/" + LONG + "/x", {"aws:username": "*a" * 2000})
    assert not decide(request, identity=[mine]).allowed


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"Statement":' * 50_000,
        json.dumps({"Version": "2012-10-17", "Statement": statement(Condition=[[[[{}]]]])}),
        json.dumps(
            {"Version": "2012-10-17", "Statement": statement(Condition={"StringEquals": {"a": {"b": {"c": "d"}}}})}
        ),
        json.dumps(document(statement())) + " " * 131_072,
    ],
    ids=["brackets", "objects", "a deep condition", "a deep key", "a long text"],
)
def test_depth_and_length_have_an_end(text: str) -> None:
    """What is nested beyond a policy's own depth, or longer than any, is refused and breaks nothing."""
    for kind in Kind:
        with pytest.raises(MalformedPolicy):
            parse(text, kind)


def test_numbers_are_not_made_before_they_are_asked_for() -> None:
    """A number of a hundred thousand digits is a text until an operator refuses it."""
    digits = "1" * 100_000
    block = f'"Condition": {{"NumericEquals": {{"k": {digits}}}}}'
    with pytest.raises(MalformedPolicy):
        parse(f'{{"Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*", {block}}}}}', Kind.IDENTITY)
    few = policy(statement(Condition={"NumericEquals": {"k": "1"}}))
    assert not decide(Request(PEOPLE["bob"], "a:X", "*", {"k": digits}), identity=[few]).allowed


def test_a_hundred_policies_ask_each_statement_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision looks at each statement at most once, and stops where one denies."""
    asked: list[int] = []
    real = type(policy(statement()).statements[0]).applies

    def counted(self: Any, request: Request) -> bool:
        asked.append(self.index)
        return real(self, request)

    monkeypatch.setattr("poolkeeper.policy.policies.Statement.applies", counted)
    request = Request(PEOPLE["bob"], "a:X", "*")
    nothing = policy(*[statement(Action=f"b:{number}") for number in range(50)])
    assert not decide(request, identity=[nothing] * 100).allowed
    assert len(asked) == 5000

    asked.clear()
    assert decide(request, identity=[policy(statement(), name="all"), *[policy(statement())] * 99]).allowed
    assert len(asked) == 1

    asked.clear()
    assert decide(request, identity=[policy(statement("Deny")), *[nothing] * 99]).explicit_deny
    assert len(asked) == 1


UNLIKE = [f"*?{number}x" for number in range(1500)]
TAG_KEYS = tuple(LONG[:128] for _ in range(1000))


@pytest.mark.parametrize(
    ("condition", "context"),
    [
        ({"StringLike": {"k": UNLIKE}}, {"k": LONG * 3}),
        ({"ArnLike": {"k": [f"arn:*:s3:::*?{number}x" for number in range(600)]}}, {"k": "arn:a:s3:::" + LONG * 3}),
        ({"ForAnyValue:StringLike": {"k": UNLIKE[:300]}}, {"k": TAG_KEYS}),
        ({"StringLike": {"k": "?" + "${v}" * 600}}, {"k": LONG, "v": LONG}),
        ({"StringEquals": {"k": ["${v}" * 500 + str(number) for number in range(60)]}}, {"k": "b", "v": LONG}),
        (
            {"ForAnyValue:IpAddress": {"k": [f"10.{n}.{m}.0/24" for n in range(30) for m in range(40)]}},
            {"k": ("1.1.1.1",) * 1000},
        ),
        ({"ForAnyValue:NumericEquals": {"k": [str(number) for number in range(2000)]}}, {"k": ("x1",) * 50_000}),
    ],
    ids=["texts", "arns", "values", "variables in patterns", "variables in texts", "addresses", "numbers"],
)
def test_patterns_times_text_has_an_end(condition: dict[str, Any], context: dict[str, Any]) -> None:
    """What would take more steps than a decision may is denied, by whichever statement, and takes no more time."""
    allows, denies = policy(statement()), policy(statement("Deny", Condition=condition))
    request = Request(PEOPLE["bob"], "a:X", "*", context)
    begun = process_time()
    decision = decide(request, identity=[allows], session=[allows, denies])
    assert process_time() - begun < 0.5
    assert decision.too_costly
    assert not decision.allowed


def test_what_is_like_a_pattern_is_counted() -> None:
    """Characters that go through automata are no more than the steps of a decision."""
    value = Counted(LONG * 3)
    denies = policy(statement("Deny", Condition={"StringLike": {"k": UNLIKE[:30]}}))
    assert decide(Request(PEOPLE["bob"], "a:X", "*", {"k": value}), identity=[policy(statement())]).allowed
    assert not decide(Request(PEOPLE["bob"], "a:X", "*", {"k": value}), identity=[policy(statement()), denies]).allowed
    assert value.steps <= MOST_STEPS


def test_equal_patterns_are_asked_once() -> None:
    """A pattern that is written many times costs what it costs once, in every element."""
    value, resource = Counted(LONG), Counted("arn:aws:s3:::b/" + LONG)
    many = policy(
        statement(Resource=["arn:aws:s3:::*?x"] * 1000),
        statement(Condition={"StringLike": {"k": ["*?x"] * 1000}}),
        statement(Condition={"ArnLike": {"k": ["arn:aws:s3:::*?x"] * 1000}}),
    )
    assert not decide(Request(PEOPLE["bob"], "a:X", resource, {"k": value}), identity=[many]).too_costly
    assert value.steps <= 2 * len(value)
    assert resource.steps <= len(resource)


def test_a_decision_has_room_for_all_policies_that_somebody_can_have() -> None:
    """Ten groups with ten policies each, which name single pools, take a part of the steps."""
    pools = [f"arn:aws:cognito-idp:*:*:userpool/eu-central-1_{number:09}" for number in range(90)]
    full = policy(statement(Action="a:*", Resource=pools))
    request = Request(PEOPLE["bob"], "a:X", "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/eu-central-1_x")
    assert not decide(request, identity=[full] * 110).too_costly
    assert request.budget.left > MOST_STEPS // 4


class Searched(Counted):
    """A text that counts how many characters are searched."""

    __slots__ = ()

    def find(self, *args: Any) -> int:
        found = super().find(*args)
        self.steps += (len(self) if found < 0 else found) - (args[1] if len(args) > 1 else 0)
        return found


@pytest.mark.parametrize("beginning", ["${'x}", "${", "${'", "${'x}}", "${x,'y'"])
@pytest.mark.parametrize("end", ["", "}", "'}", "'x}"])
def test_variables_that_are_not_closed_cost_one_pass(beginning: str, end: str) -> None:
    """However many begin: each sign that could end one is looked for once."""
    text = Searched(beginning * 2000 + end)
    tokens(text, wildcards=True, variables=True)
    assert text.steps <= 4 * len(text)


@pytest.mark.parametrize(
    "patterns",
    [
        [f"?{number}" + string.printable.replace('"', "") for number in range(90)],
        ["?" + "".join(map(chr, range(0x4E00, 0x4E00 + 9_000)))],
        [f"?{number}" for number in range(1_500)],
        [f"{number}" for number in range(1_500)],
        ["${a}?" * 1_900],
    ],
    ids=["texts", "one of many characters", "small ones", "no patterns", "variables"],
)
def test_what_a_policy_holds_is_known_by_its_text(patterns: list[str]) -> None:
    """No policy holds more bytes than its text says, and what a process remembers of sessions' policies has an end."""
    for element in (
        {"Condition": {"StringLike": {"k": patterns}}},
        {"Resource": [f"arn:aws:s3:::{one}" for one in patterns]},
    ):
        text = json.dumps(document(statement(**element)), separators=(",", ":"), ensure_ascii=False)
        tracemalloc.start()
        held = parse(text, Kind.SESSION)
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert held.statements
        assert size <= bytes_held(text), (size, len(text))


def test_what_sessions_bring_along_has_an_end_in_bytes() -> None:
    """Many long policies push each other out; small ones stay together."""
    texts, small = Memory().session_texts, Memory().session_texts
    mine = policy(statement())
    for number in range(512):
        texts.put((f"{number:010240}", Kind.SESSION), mine)
        small.put((f"{number}", Kind.SESSION), mine)
    assert len(small) == 512
    assert 10 <= len(texts) * bytes_held("x" * 10_240) // 2**20 <= 32
