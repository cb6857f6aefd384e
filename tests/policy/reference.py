"""How would a reader of the guide judge a request? Slowly, from the documents as they are, with nothing compiled.

This is what the evaluator is held against. It shares no code with it, and takes the sentences of the IAM User Guide in the
order in which they stand there.
"""

import base64
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from poolkeeper.policy import Principal, PrincipalKind, Request

Document = Mapping[str, Any]
Context = Mapping[str, str | tuple[str, ...]]
# One letter, or the sign of a wildcard.
Sign = tuple[str, str]

ALLOWED, EXPLICIT, IMPLICIT = "allowed", "explicitDeny", "implicitDeny"


def judge(
    request: Request,
    *,
    identity: Sequence[Document],
    boundary: Document | None = None,
    session: Sequence[Document] | None = None,
    resource: Document | None = None,
    same_account: bool = True,
) -> str:
    """Return what the policy simulator would call the decision."""
    who = request.principal
    if who.kind is PrincipalKind.ROOT:
        identity, boundary, session = [statement_for_all()], None, None
    elif who.kind is PrincipalKind.FEDERATED_USER and session is None:
        session = []
    everything = [*identity, *([boundary] if boundary else []), *(session or []), *([resource] if resource else [])]
    if any(effects(document, request, "Deny") for document in everything):
        return EXPLICIT

    by_identity = any(effects(document, request, "Allow") for document in identity)
    by_boundary = boundary is None or bool(effects(boundary, request, "Allow"))
    by_session = session is None or any(effects(document, request, "Allow") for document in session)
    ways = {how_named(statement, who) for statement in effects(resource, request, "Allow")} if resource else set()
    if not same_account:
        return ALLOWED if by_identity and by_boundary and by_session and ways else IMPLICIT
    if "itself" in ways or (("behind" in ways or by_identity) and by_boundary and by_session):
        return ALLOWED
    return IMPLICIT


def statement_for_all() -> Document:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}


def effects(document: Document, request: Request, effect: str) -> list[Document]:
    """Return the statements of that effect that apply."""
    listed = document["Statement"]
    variables = document.get("Version") == "2012-10-17"
    return [
        statement
        for statement in (listed if isinstance(listed, list) else [listed])
        if statement["Effect"] == effect and applies(statement, request, variables=variables)
    ]


def applies(statement: Document, request: Request, *, variables: bool) -> bool:
    context = {name.lower(): value for name, value in request.context.items()}
    if "Action" in statement:
        if not any(same_action(pattern, request.action) for pattern in several(statement["Action"])):
            return False
    elif any(same_action(pattern, request.action) for pattern in several(statement["NotAction"])):
        return False

    def has(pattern: str) -> bool:
        return pattern == "*" or same_arn(pattern, request.resource, context, variables=variables)

    if "Resource" in statement and not any(has(pattern) for pattern in several(statement["Resource"])):
        return False
    if "NotResource" in statement and any(has(pattern) for pattern in several(statement["NotResource"])):
        return False
    if ("Principal" in statement or "NotPrincipal" in statement) and how_named(statement, request.principal) is None:
        return False
    return all(
        holds(operator, context.get(key.lower()), several(values), context, variables=variables)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def several(value: Any) -> list[str]:
    return [
        str(one).lower() if isinstance(one, bool) else str(one)
        for one in (value if isinstance(value, list) else [value])
    ]


def same_action(pattern: str, action: str) -> bool:
    return glob(list(signs(pattern.lower())), action.lower())


def same_arn(pattern: str, arn: str, context: Context, *, variables: bool) -> bool:
    """Compare segment by segment; a variable stands in the last segment only."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    wanted += ["*"] * (6 - len(wanted))
    if len(given) < 6:
        return False
    filled = [fill(part, context, wildcards=True, variables=variables) for part in wanted]
    return all(part is not None and glob(part, text) for part, text in zip(filled, given, strict=True))


def signs(text: str) -> Iterator[Sign]:
    for character in text:
        yield ("wild" if character in "*?" else "letter", character)


def glob(pattern: Sequence[Sign], text: str) -> bool:
    """Try every way to share the text out among the signs."""
    if not pattern:
        return not text
    (kind, sign), rest = pattern[0], pattern[1:]
    if kind == "wild" and sign == "*":
        return any(glob(rest, text[taken:]) for taken in range(len(text) + 1))
    if kind == "wild":
        return bool(text) and glob(rest, text[1:])
    return text[:1] == sign and glob(rest, text[1:])


def fill(text: str, context: Context, *, wildcards: bool, variables: bool) -> list[Sign] | None:
    """Replace what stands in `${}`; None where there is no value for it."""
    filled: list[Sign] = []
    for literal, inside in (
        re.findall(r"((?:(?!\$\{[^}]*\}).)+)|\$\{([^}]*)\}", text, re.DOTALL) if variables else [(text, "")]
    ):
        if literal or not inside:
            filled.extend(signs(literal) if wildcards else (("letter", character) for character in literal))
        elif inside in ("*", "?", "$"):
            filled.append(("letter", inside))
        else:
            name, _, default = inside.partition(", ")
            value = context.get(name.lower())
            if not isinstance(value, str) or not value:
                if not default:
                    return None
                value = default[1:-1]
            filled.extend(("letter", character) for character in value)
    return filled


def how_named(statement: Document, who: Principal) -> str | None:
    """Return `itself`, `behind` (its role, its user) or `account`, the first of these that is true; None otherwise."""
    if "NotPrincipal" in statement:
        return "itself" if how_named({"Principal": statement["NotPrincipal"]}, who) is None else None
    element = statement["Principal"]
    if element == "*":
        return "itself"
    own = {who.arn, *who.aliases}
    outside = {PrincipalKind.SERVICE: "Service", PrincipalKind.FEDERATED: "Federated"}
    if who.kind in outside:
        return "itself" if own & set(several(element.get(outside[who.kind], []))) else None
    names = set(several(element.get("AWS", [])))
    account = {who.account, f"arn:aws:iam::{who.account}:root"} & names
    if "*" in names or own & (names - account):
        return "itself"
    if set(who.behind) & names:
        return "behind"
    return "account" if account else None


def holds(
    operator: str, value: str | tuple[str, ...] | None, wanted: Sequence[str], context: Context, *, variables: bool
) -> bool:
    if operator == "Null":
        absent = value is None or value == ()
        return ("true" if absent else "false") in [one.lower() for one in wanted]
    if operator.startswith("ForAllValues:"):
        given = [] if value is None else several(list(value) if isinstance(value, tuple) else value)
        plain = operator.removeprefix("ForAllValues:").removesuffix("IfExists")
        return not any(given) or all(holds(plain, one, wanted, context, variables=variables) for one in given)
    if value is None and operator.endswith("IfExists"):
        return True
    operator = operator.removesuffix("IfExists")
    if operator.startswith("ForAnyValue:"):
        given = [] if value is None else several(list(value) if isinstance(value, tuple) else value)
        plain = operator.removeprefix("ForAnyValue:")
        return any(given) and any(holds(plain, one, wanted, context, variables=variables) for one in given)
    if "Not" in operator:
        positive = operator.replace("Not", "")
        return not isinstance(value, tuple) and not holds(positive, value, wanted, context, variables=variables)
    return isinstance(value, str) and any(compare(operator, value, one, context, variables=variables) for one in wanted)


def compare(operator: str, value: str, wanted: str, context: Context, *, variables: bool) -> bool:
    """Compare one value with one value."""
    if operator in ("ArnEquals", "ArnLike"):
        return wanted == "*" or same_arn(wanted, value, context, variables=variables)
    if operator.startswith("String") or operator == "Bool":
        filled = fill(wanted, context, wildcards=operator == "StringLike", variables=variables)
        if filled is None:
            return False
        if operator in ("StringEquals", "StringLike"):
            return glob(filled, value)
        lower = glob([(kind, sign.lower()) for kind, sign in filled], value.lower())
        return lower and (operator != "Bool" or value.lower() in ("true", "false"))
    return next(read for family, read in READ.items() if operator.startswith(family))(operator, value, wanted)


def ordered(read: Callable[[str], Any]) -> Callable[[str, str, str], bool]:
    def test(operator: str, value: str, wanted: str) -> bool:
        try:
            one, other = read(value), read(wanted)
        except ValueError:
            return False
        answers: dict[str, bool] = {
            "Equals": one == other,
            "LessThan": one < other,
            "LessThanEquals": one <= other,
            "GreaterThan": one > other,
            "GreaterThanEquals": one >= other,
        }
        return answers[operator.removeprefix("Numeric").removeprefix("Date")]

    return test


def moment(text: str) -> Fraction:
    if re.fullmatch(r"-?\d+", text):
        return Fraction(text)
    read = datetime.fromisoformat(text)
    aware = read if read.tzinfo else read.replace(tzinfo=UTC)
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return Fraction(since.days * 86400 + since.seconds) + Fraction(since.microseconds, 10**6)


def in_network(_: str, value: str, wanted: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address in ipaddress.ip_network(wanted, strict=False)


def same_bytes(_: str, value: str, wanted: str) -> bool:
    try:
        return base64.b64decode(value, validate=True) == base64.b64decode(wanted, validate=True)
    except ValueError:
        return False


READ: dict[str, Callable[[str, str, str], bool]] = {
    "Numeric": ordered(Fraction),
    "Date": ordered(moment),
    "Ip": in_network,
    "Binary": same_bytes,
}
