"""Whether each operator compares as the guide says, and what it means that a key is missing, empty or multivalued."""

from typing import Any

import pytest

from policy.people import PEOPLE, policy, statement
from poolkeeper.policy import Request
from poolkeeper.policy.operators import OPERATORS

# operator                  the policy's values                      values that hold                  values that do not
TABLE: list[tuple[str, list[str], list[str], list[str]]] = [
    ("StringEquals", ["a", "b*"], ["a", "b*"], ["A", "b", "bb", "", "ab"]),
    ("StringNotEquals", ["a", "b*"], ["A", "bb", ""], ["a", "b*"]),
    ("StringEqualsIgnoreCase", ["aB"], ["ab", "AB"], ["a", "aB "]),
    ("StringNotEqualsIgnoreCase", ["aB"], ["a"], ["ab", "AB"]),
    ("StringLike", ["a?c*", ""], ["abc", "abcd", "a*c", ""], ["ac", "Abc", "xabc"]),
    ("StringNotLike", ["a?c*", ""], ["ac", "Abc"], ["abc", ""]),
    ("NumericEquals", ["10", "-2.50"], ["10", "10.0", "010", "-2.5"], ["1", "ten", "", "1e1", "0xa", "\u0661\u0660"]),
    ("NumericNotEquals", ["10"], ["9", "ten"], ["10.0"]),
    ("NumericLessThan", ["10"], ["9.999", "-11"], ["10", "11", "nan", "-inf"]),
    ("NumericLessThanEquals", ["10"], ["10", "9"], ["10.01"]),
    ("NumericGreaterThan", ["10"], ["10.01"], ["10", "9", "inf"]),
    ("NumericGreaterThanEquals", ["10"], ["10", "11"], ["9"]),
    (
        "DateEquals",
        ["2020-01-01T00:00:00Z"],
        ["1577836800", "2020-01-01", "2020-01-01T01:00+01:00"],
        ["2020-01-01T00:00:01Z"],
    ),
    ("DateEquals", ["2020-01-01T00:00:00.5Z"], ["2020-01-01T00:00:00.500Z"], ["2020-01-01T00:00:00.05Z", "2020-01-01"]),
    ("DateNotEquals", ["2020-01-01T00:00:00Z"], ["2020-01-02", "soon"], ["2020-01-01"]),
    (
        "DateLessThan",
        ["2020-01-01"],
        ["2019-12-31T23:59:59.999999999Z", "0", "-5"],
        ["2020-01-01", "2020-01-01T00:00:00Z", "soon"],
    ),
    ("DateLessThanEquals", ["2020-01-01"], ["2020-01-01"], ["2020-01-01T00:00:00.000000001Z"]),
    ("DateGreaterThan", ["2020-01-01"], ["2020-01-01T00:00:00.000000001Z"], ["2020-01-01", "2019", "2020-13-01"]),
    ("DateGreaterThanEquals", ["2020-01-01"], ["2020-01-01", "2020-06"], ["2019-12-31"]),
    ("Bool", ["true"], ["true", "TRUE"], ["false", "1", "yes", ""]),
    (
        "BinaryEquals",
        ["QmluYXJ5VmFsdWVJbkJhc2U2NA=="],
        ["QmluYXJ5VmFsdWVJbkJhc2U2NA=="],
        ["QmluYXJ5", "BinaryValueInBase64", "%"],
    ),
    (
        "IpAddress",
        ["10.1.0.0/16", "2001:db8::/32", "192.0.2.1", "172.16.9.9/16"],
        ["10.1.2.3", "2001:DB8::1", "192.0.2.1", "172.16.0.1", "::ffff:10.1.2.3"],
        ["10.2.0.1", "192.0.2.2", "::1", "10.1.2", "x"],
    ),
    ("IpAddress", ["::ffff:10.1.0.0/112"], ["10.1.2.3", "::ffff:10.1.2.3"], ["10.2.0.1", "::1"]),
    ("NotIpAddress", ["::ffff:10.1.2.3"], ["10.1.2.4"], ["10.1.2.3", "::ffff:10.1.2.3"]),
    ("NotIpAddress", ["10.1.0.0/16"], ["10.2.0.1", "::1"], ["10.1.2.3", "::ffff:10.1.2.3"]),
    (
        "ArnEquals",
        ["arn:aws:sns:*:1:t?p"],
        ["arn:aws:sns:eu:1:top"],
        ["arn:aws:sns:eu:2:top", "arn:aws:sns:eu:9:1:top", "arn:aws:sns:eu:1:toop", "top"],
    ),
    ("ArnLike", ["arn:aws:sns:*:1:*"], ["arn:aws:sns:eu:1:a:b"], ["arn:aws:SNS:eu:1:a"]),
    ("ArnNotEquals", ["arn:aws:sns:*:1:t?p"], ["arn:aws:sns:eu:2:top"], ["arn:aws:sns:eu:1:top"]),
    ("ArnNotLike", ["arn:aws:sns:*:1:*"], ["arn:aws:sqs:eu:1:a"], ["arn:aws:sns:eu:1:a"]),
]
NEGATED = {name for name, *_ in TABLE if "Not" in name}
BY_NAME = {name: values for name, values, _, _ in TABLE}


def holds(operator: str, wanted: Any, **keys: str | tuple[str, ...]) -> bool:
    """Say whether a condition on the key `k` holds for a request with these keys."""
    allowing = policy(statement(Condition={operator: {"k": wanted}}))
    return allowing.statements[0].applies(Request(PEOPLE["bob"], "a:X", "*", keys))


def test_the_table_has_every_operator() -> None:
    """No operator is without rows."""
    assert {name.lower() for name, *_ in TABLE} == OPERATORS.keys()


@pytest.mark.parametrize(("operator", "wanted", "right", "wrong"), TABLE, ids=[row[0] for row in TABLE])
def test_an_operator_compares(operator: str, wanted: list[str], right: list[str], wrong: list[str]) -> None:
    """Values of the request are compared with all of the policy's; a negated operator excludes each of them."""
    assert [value for value in right if not holds(operator, wanted, k=value)] == []
    assert [value for value in wrong if holds(operator, wanted, k=value)] == []


@pytest.mark.parametrize("operator", BY_NAME)
def test_a_missing_key(operator: str) -> None:
    """It is equal to nothing, so it is what a negated operator wants; IfExists holds, ForAllValues too, ForAnyValue does not."""
    wanted = BY_NAME[operator]
    assert holds(operator, wanted) is (operator in NEGATED)
    assert holds(f"{operator}IfExists", wanted)
    assert holds(f"ForAllValues:{operator}", wanted)
    assert not holds(f"ForAnyValue:{operator}", wanted)
    assert holds(f"ForAnyValue:{operator}IfExists", wanted)


@pytest.mark.parametrize("operator", BY_NAME)
@pytest.mark.parametrize("empty", [(), ("",), ""])
def test_an_empty_key(operator: str, empty: str | tuple[str, ...]) -> None:
    """No value is there: all of them are in any set, and none is. The key exists, so IfExists asks as usual."""
    wanted = BY_NAME[operator]
    assert holds(f"ForAllValues:{operator}", wanted, k=empty)
    assert not holds(f"ForAnyValue:{operator}", wanted, k=empty)
    assert not holds(f"ForAnyValue:{operator}IfExists", wanted, k=empty)
    if empty != "":
        assert not holds(f"{operator}IfExists", wanted, k=empty)


@pytest.mark.parametrize(("operator", "wanted", "right", "wrong"), TABLE, ids=[row[0] for row in TABLE])
def test_sets_of_values(operator: str, wanted: list[str], right: list[str], wrong: list[str]) -> None:
    """ForAllValues asks of each value, ForAnyValue of one; an operator alone asks nothing of a multivalued key."""
    good, bad = [value for value in right if value], [value for value in wrong if value]
    assert holds(f"ForAllValues:{operator}", wanted, k=tuple(good))
    assert not holds(f"ForAllValues:{operator}", wanted, k=(*good, bad[0]))
    assert holds(f"ForAnyValue:{operator}", wanted, k=(*bad, good[0]))
    assert not holds(f"ForAnyValue:{operator}", wanted, k=tuple(bad))
    assert holds(f"ForAnyValue:{operator}", wanted, k=good[0])
    assert not holds(operator, wanted, k=tuple(good))
    assert not holds(f"{operator}IfExists", wanted, k=(good[0],))


@pytest.mark.parametrize(
    ("keys", "null"), [({}, True), ({"k": ()}, True), ({"k": ""}, False), ({"k": "x"}, False), ({"k": ("",)}, False)]
)
def test_null(keys: dict[str, str | tuple[str, ...]], null: bool) -> None:  # noqa: FBT001 - a column of a table
    """It asks whether the key is there."""
    assert holds("Null", "true", **keys) is null
    assert holds("Null", "False", **keys) is not null
    assert holds("Null", ["true", "false"], **keys)


def test_keys_and_operators_in_any_case() -> None:
    """Names of keys are the same in any case, values are not."""
    allowing = policy(statement(Condition={"stringEQUALS": {"AWS:UserName": "Bob"}}))
    assert allowing.statements[0].applies(Request(PEOPLE["bob"], "a:X", "*", {"aws:username": "Bob"}))
    assert not allowing.statements[0].applies(Request(PEOPLE["bob"], "a:X", "*", {"aws:username": "bob"}))


def test_variables_in_conditions() -> None:
    """They stand for a value under operators of texts, of ARNs and of truths, and for nothing where there is none."""
    same = {"k": "a*", "v": "a*", "other": "ab"}
    assert holds("StringEquals", "${v}", **same)
    assert holds("StringLike", "${V}", **same)
    assert not holds("StringLike", "${v}", k="ab", v="a*")
    assert holds("StringEqualsIgnoreCase", ["x", "${v}"], k="A*", v="a*")
    assert holds("Bool", "${v}", k="True", v="tRUE")
    assert holds("ArnLike", "arn:aws:sns:*:1:${v}", k="arn:aws:sns:eu:1:a:b", v="a:b")
    assert not holds("ArnLike", "arn:aws:${v}:*", k="arn:aws:sns:eu:1:a", v="sns:eu:1")
    assert not holds("ArnLike", "arn:aws:${v}:x:y:z", k="arn:aws:sns:eu:1:x:y:z", v="sns:eu:1")
    assert not holds("Bool", "${v}", k="x", v="x")
    assert not holds("StringEquals", "${v}", k="a")
    assert not holds("StringEquals", "${v}", k="", v="")
    assert holds("StringNotEquals", "${v}", k="a")
    assert holds("ArnNotLike", "arn:aws:sns:*:1:${v}", k="arn:aws:sns:eu:1:a")
    assert not holds("StringEquals", "${v}", k="a", v=("a",))
    assert holds("StringEquals", "${v, 'a}b'}", k="a}b")
    assert holds("StringEquals", "${v", k="${v")
    assert holds("StringEquals", "${v, nothing}", k="x") is False
