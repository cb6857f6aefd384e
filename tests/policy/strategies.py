"""What policies and requests could there be? Small alphabets, so that they meet often."""

from typing import Any

from hypothesis import strategies as st

from policy.people import ACCOUNT, PEOPLE, ROLE
from poolkeeper.policy import Request

ACTIONS = ["s:Get", "s:Put", "S:get", "t:Get", "s:GetAll"]
ACTION_PATTERNS = ["*", "*", "*", "s:Get", "s:*", "*", "s:?et", "S:g*t", "s:*l*", "t:Get", "t:?", "s:Get*"]
RESOURCES = [
    "*",
    *(f"arn:aws:{part}" for part in ("s:eu:1:a/b", "s:eu:1:a/b/b", "s:eu:2:a", "s:us:1:b:c", "t:::a", "s:eu:1:")),
]
RESOURCE_PATTERNS = [
    *["*"] * 8,
    *(
        f"arn:aws:{part}"
        for part in (
            "s:eu:1:a/b",
            "s:*:1:a/*",
            "s:e?:*:*",
            "s:eu:1:*b",
            "s:*:*:?/*b",
            "s:eu:1:${k}/b",
            "s:*:1:${K}*",
            "s:eu:?:${m}",
            "s:eu:1:${z, 'a'}/?",
            "s:us:1:*:*",
            "s",
            "t",
            "s:eu:1:${*}",
            "s:eu:1:a/${l}${?}",
        )
    ),
]
KEYS = ["k", "K", "l", "m", "n"]
TEXTS = ["", "a", "b", "A", "ab", "a*", "*", "true", "False", "1", "2.50", "-3", "2020-01-01", "2020-01-01T00:00:01Z"]
ADDRESSES = ["10.0.0.1", "10.0.1.1", "::1", "::ffff:10.0.0.1", "2001:db8::1"]
ARNS = ["arn:aws:s:eu:1:a/b", "arn:aws:s:eu:1:a:b", "arn:aws:s:us:1:a", "arn:aws"]
VALUES = {
    "String": [*TEXTS, "${k}", "x${l}", "${n, 'a'}", "?", "a*b", "*b", "${*}", "A${K}"],
    "Numeric": ["0", "1", "2.5", "-3", "10"],
    "Date": ["2020-01-01", "2020-01-01T00:00:00Z", "2020-01-01T01:00:01+01:00", "1577836800", "2019-12-31T23:59:59.5Z"],
    "Bool": ["true", "FALSE"],
    "Binary": ["", "YQ==", "YWI="],
    "Ip": ["10.0.0.0/24", "10.0.0.1", "::/0", "2001:db8::/32", "0.0.0.0/0"],
    "Arn": [
        "*",
        "arn:aws:s:*:1:*",
        "arn:aws:s:eu:1:${k}*",
        "arn:aws:s:*:a",
        "arn:aws:s:?u:1:a?b",
        "arn:aws:s:eu:1:a/b",
    ],
}
_EQUAL = ("Equals", "NotEquals")
_ORDER = (*_EQUAL, "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
OPERATORS = {
    "String": [f"String{name}" for name in (*_EQUAL, "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")],
    "Numeric": [f"Numeric{name}" for name in _ORDER],
    "Date": [f"Date{name}" for name in _ORDER],
    "Bool": ["Bool"],
    "Binary": ["BinaryEquals"],
    "Ip": ["IpAddress", "NotIpAddress"],
    "Arn": [f"Arn{name}" for name in (*_EQUAL, "Like", "NotLike")],
}
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "arn:aws:iam::999999999999:user/eve"]},
    {"AWS": [PEOPLE["bob"].arn, ROLE]},
    {"AWS": [PEOPLE["session"].arn, "AIDAAAAAAAAAAAAAAAAAA"]},
    {"AWS": PEOPLE["federated"].arn, "Federated": "cognito-identity.amazonaws.com"},
    {"Service": ["lambda.amazonaws.com", "s.amazonaws.com"], "AWS": "AROAAAAAAAAAAAAAAAAAA"},
]


def one_or_more(values: list[str]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values) | st.lists(st.sampled_from(values), min_size=1, max_size=3)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a Condition element of up to three keys."""
    block: dict[str, Any] = {}
    for _ in range(draw(st.integers(1, 2))):
        family = draw(st.sampled_from(list(OPERATORS)))
        name = draw(st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:"])) + draw(
            st.sampled_from(OPERATORS[family])
        )
        name += draw(st.sampled_from(["", "", "IfExists"]))
        block.setdefault(name, {})[draw(st.sampled_from(KEYS))] = draw(one_or_more(VALUES[family]))
    if draw(st.booleans()):
        block["Null"] = {draw(st.sampled_from(KEYS)): draw(one_or_more(["true", "false"]))}
    return block


@st.composite
def statements(draw: st.DrawFn, *, principals: bool) -> dict[str, Any]:
    """Draw a statement; with `principals` for the policy of a resource."""
    drawn = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(one_or_more(ACTION_PATTERNS)),
        draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"])): draw(
            one_or_more(RESOURCE_PATTERNS)
        ),
    }
    if principals:
        drawn[draw(st.sampled_from(["Principal", "Principal", "NotPrincipal"]))] = draw(st.sampled_from(PRINCIPALS))
    if draw(st.integers(0, 2)) == 0:
        drawn["Condition"] = draw(conditions())
    return drawn


def documents(*, principals: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a document, mostly of the newer version."""
    listed = st.lists(statements(principals=principals), min_size=1, max_size=3)
    return st.fixed_dictionaries(
        {
            "Version": st.sampled_from(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]),
            "Statement": listed | statements(principals=principals),
        }
    )


_VALUES = st.sampled_from([*TEXTS, *ADDRESSES, *ARNS, "YWI="])
CONTEXTS = st.dictionaries(
    st.sampled_from(["k", "L", "m", "n"]), _VALUES | st.lists(_VALUES, max_size=3).map(tuple), max_size=4
)
REQUESTS = st.builds(
    Request,
    st.sampled_from(list(PEOPLE.values())),
    st.sampled_from(ACTIONS),
    st.sampled_from(RESOURCES),
    CONTEXTS,
)
