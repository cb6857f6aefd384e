"""What does a verified assertion say, and to whom? Its plain values, once its issuer, audience and time are judged.

SAML core 2.5 and profiles 4.1.4.3; every check of attacks.md 128 and 129.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from poolkeeper.federation.saml import instants, messages, names, tree
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.names import saml
from poolkeeper.federation.saml.structure import message_id
from poolkeeper.xml_reader import Element

_CONDITIONS = frozenset({saml("AudienceRestriction"), saml("OneTimeUse"), saml("ProxyRestriction")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Whom an assertion must be from and for, and when.

    `issuer` is the identity provider's entity id. The assertion must name one of `audiences`, our names
    (`urn:amazon:cognito:sp:<pool id>`), and one of `addresses`, to which the response may be sent. `request_id` is the ID of
    the request that it answers, None where the sign-in begins at the identity provider and answers no request; with
    `asked_by_others` it may answer any request. `now` is in milliseconds since the epoch; `skew` and `most_age` (since
    IssueInstant; None: any) in milliseconds.
    """

    issuer: str
    audiences: Collection[str]
    addresses: Collection[str]
    request_id: str | None
    asked_by_others: bool = False
    now: int
    skew: int
    most_age: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameId:
    """Who a user is at the identity provider. A logout names them by all four values."""

    value: str
    format: str = names.UNSPECIFIED
    name_qualifier: str | None = None
    sp_name_qualifier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What an identity provider says of a user, verified and judged.

    After `expires`, skew included, it is refused for its age: until then its `id` must be remembered, since an assertion
    is good once. `attributes` by Name, each with all its values in order; `session_index` and `session_expires`
    (milliseconds since the epoch, None where there is none) come from the first AuthnStatement. `recipient` is the address
    of ours that it was confirmed for.
    """

    id: str
    issuer: str
    recipient: str = ""
    name_id: NameId
    attributes: Mapping[str, tuple[str, ...]]
    session_index: str | None
    session_expires: int | None
    authenticated_at: int
    expires: int


def judged(assertion: Element, expected: Expected) -> Assertion:
    """Return the plain values of an assertion, whose element comes from bytes with a verified signature.

    Raises BadMessage for an assertion that is not from the issuer, not for us, not an answer to our request, or not of now.
    """
    if tree.attribute(assertion, "Version") != "2.0":
        raise BadMessage(Fault.STRUCTURE, "an assertion of another version than 2.0")
    messages.require_issuer(tree.require_child(assertion, saml("Issuer")), expected.issuer)
    ends = [_require_recent(assertion, expected), _require_conditions(assertion, expected)]
    subject = tree.require_child(assertion, saml("Subject"))
    recipient, bearer_until = _require_bearer(subject, expected)
    ends.append(bearer_until)
    statement, session_expires = _authentication(assertion, expected)

    return Assertion(
        id=message_id(assertion),
        issuer=expected.issuer,
        recipient=recipient,
        name_id=name_id_of(subject),
        attributes=_attributes(assertion),
        session_index=tree.attribute(statement, "SessionIndex"),
        session_expires=session_expires,
        authenticated_at=instants.read(tree.require_attribute(statement, "AuthnInstant")),
        expires=min(end for end in ends if end is not None) + expected.skew,
    )


def name_id_of(parent: Element) -> NameId:
    """Return the NameID in a Subject or a LogoutRequest, its value unchanged.

    Raises BadMessage where there is none, but a BaseID, or an EncryptedID, which nobody sends to Cognito.
    """
    element = tree.child(parent, saml("NameID"))
    if element is None:
        raise BadMessage(Fault.UNSUPPORTED, f"{tree.name(parent)} has no NameID")
    value = tree.text_of(element)
    if not value.strip():
        raise BadMessage(Fault.STRUCTURE, "an empty NameID")
    return NameId(
        value=value,
        format=tree.attribute(element, "Format") or names.UNSPECIFIED,
        name_qualifier=tree.attribute(element, "NameQualifier"),
        sp_name_qualifier=tree.attribute(element, "SPNameQualifier"),
    )


def require_answer(element: Element, expected: Expected) -> None:
    """Pass an element that answers the expected request, or any request where others ask.

    Raises BadMessage.
    """
    if not expected.asked_by_others:
        messages.require_answer(element, expected.request_id)


def _require_recent(assertion: Element, expected: Expected) -> int | None:
    return messages.require_issued(assertion, now=expected.now, skew=expected.skew, most_age=expected.most_age)


def _require_conditions(assertion: Element, expected: Expected) -> int | None:
    """Pass conditions that hold: all are known, and every restriction of the audience names us."""
    conditions = tree.require_child(assertion, saml("Conditions"))
    end = messages.require_within(conditions, now=expected.now, skew=expected.skew)
    if unknown := [tree.name(element) for element in conditions if element.tag not in _CONDITIONS]:
        raise BadMessage(Fault.UNSUPPORTED, f"a condition that nobody knows: {unknown[0][:80]}")

    restrictions = tree.children(conditions, saml("AudienceRestriction"))
    for restriction in restrictions:
        audiences = [tree.word_of(element) for element in tree.children(restriction, saml("Audience"))]
        if not set(audiences) & set(expected.audiences):
            raise BadMessage(Fault.AUDIENCE, f"for {', '.join(audiences)[:200] or 'nobody'}")
    if not restrictions:
        raise BadMessage(Fault.AUDIENCE, "for anybody")
    return end


def _require_bearer(subject: Element, expected: Expected) -> tuple[str, int]:
    """Pass a subject that a confirmation lets in as the bearer, here and now; return the confirmation's address and its end."""
    refusals = [BadMessage(Fault.CONFIRMATION, "no confirmation of a bearer")]
    for confirmation in tree.children(subject, saml("SubjectConfirmation")):
        if tree.attribute(confirmation, "Method") != names.BEARER:
            continue
        try:
            return _bearer_until(tree.require_child(confirmation, saml("SubjectConfirmationData")), expected)
        except BadMessage as refusal:
            refusals.append(refusal)
    raise refusals[-1]


def _bearer_until(data: Element, expected: Expected) -> tuple[str, int]:
    recipient = tree.attribute(data, "Recipient")
    if recipient is None or recipient not in expected.addresses:
        raise BadMessage(Fault.CONFIRMATION, f"received by {(recipient or '')[:200]!r}")
    require_answer(data, expected)
    end = messages.require_within(data, now=expected.now, skew=expected.skew)
    if end is None:
        raise BadMessage(Fault.CONFIRMATION, "a confirmation without an end")
    return recipient, end


def _authentication(assertion: Element, expected: Expected) -> tuple[Element, int | None]:
    """Return the first AuthnStatement, and the end of its session."""
    statements = tree.children(assertion, saml("AuthnStatement"))
    if not statements:
        raise BadMessage(Fault.STRUCTURE, "an assertion without an AuthnStatement")
    end = tree.attribute(statements[0], "SessionNotOnOrAfter")
    if end is None:
        return statements[0], None
    if expected.now - expected.skew >= instants.read(end):
        raise BadMessage(Fault.TIME, "a session that has ended")
    return statements[0], instants.read(end)


def _attributes(assertion: Element) -> dict[str, tuple[str, ...]]:
    """Return all attributes; a value that holds elements becomes the text of them all (XPath's string of a node)."""
    attributes: dict[str, tuple[str, ...]] = {}
    for statement in tree.children(assertion, saml("AttributeStatement")):
        if tree.children(statement, saml("EncryptedAttribute")):
            raise BadMessage(Fault.UNSUPPORTED, "an encrypted attribute")
        for attribute in tree.children(statement, saml("Attribute")):
            name = tree.require_attribute(attribute, "Name")
            values = (
                "".join(map(str, element.itertext())) for element in tree.children(attribute, saml("AttributeValue"))
            )
            attributes[name] = (*attributes.get(name, ()), *values)
    return attributes
