"""What is a response believed, and what not? A good one as values; one thing wrong with it, signed all the same."""

import logging
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from federation.saml import keys
from federation.saml.identity_provider import (
    ACS,
    AUDIENCE,
    EXPECTED,
    GOOD,
    ISSUER,
    MINUTE,
    NOW,
    SAID,
    SAML,
    Story,
    instant,
    message,
    sign,
    signed,
    trust,
)
from poolkeeper.federation.saml import signatures, signatures_library, structure
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.responses import accept
from poolkeeper.federation.saml.statements import NameId

SIGNATURES: list[dict[str, Any]] = [
    {"response": False, "assertion": True},
    {"response": True, "assertion": False},
    {"response": True, "assertion": True},
]


def refusal(story: Story) -> BadMessage:
    """Return why a response is refused that is signed in all places."""
    with pytest.raises(BadMessage) as caught:
        accept(message(signed(story, response=True)), trust(), EXPECTED)
    return caught.value


@pytest.mark.parametrize("places", SIGNATURES)
def test_a_response_is_told_as_plain_values(places: dict[str, bool]) -> None:
    """One signature is enough, wherever it stands."""
    assert accept(message(signed(GOOD, **places)), trust(), EXPECTED) == SAID


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_rsa_and_ecdsa_are_taken_with_good_hashes(kind: str, name: str) -> None:
    """Both kinds of key, each with the three hashes, for the signature and for the digest."""
    key: keys.PrivateKey = keys.rsa_key() if kind == "rsa" else keys.ec_key()
    root = signed(key=key, method=f"{kind}-{name}", digest=name)
    assert accept(message(root), trust(certificates=[keys.certificate(key)]), EXPECTED) == SAID


def test_every_certificate_of_the_metadata_counts_whatever_its_days() -> None:
    """A rollover: the one that has ended, the one to come, and one of another kind."""
    ended = keys.certificate(keys.rsa_key(), years=(2001, 2003))
    to_come = keys.certificate(keys.rsa_key("next"), years=(2040, 2050))
    others = [keys.certificate(keys.ec_key()), keys.certificate(keys.rsa_key("stranger")), to_come]
    assert accept(message(signed()), trust(certificates=[*others, ended]), EXPECTED) == SAID
    assert accept(message(signed(key=keys.rsa_key("next"))), trust(certificates=others), EXPECTED) == SAID


def test_prefixes_that_a_signature_keeps_may_be_declared_outside() -> None:
    """InclusiveNamespaces names a prefix of the response: many providers sign so, both signatures included."""
    text = GOOD.response().replace("<samlp:Response ", '<samlp:Response xmlns:far="urn:far" ', 1)
    for prefixes in (["xs"], ["xs", "far", "#default"]):
        root = etree.fromstring(text)
        (plain,) = root.findall(f"{SAML}Assertion")
        root.replace(plain, sign(plain, prefixes=prefixes))
        for whole in (root, sign(root), sign(root, prefixes=["far"])):
            assert accept(message(whole), trust(), EXPECTED) == SAID


def test_where_both_are_signed_both_must_hold() -> None:
    """A good signature of the response makes up for no other, and the other way round."""
    stranger = keys.rsa_key("stranger")
    root = signed(key=stranger)
    with pytest.raises(BadMessage, match="SIGNATURE: none of 1 keys"):
        accept(message(sign(root)), trust(), EXPECTED)
    with pytest.raises(BadMessage, match="SIGNATURE: none of 1 keys"):
        accept(message(sign(signed(), key=stranger)), trust(), EXPECTED)


def test_an_unsigned_response_is_refused() -> None:
    """Not even with a certificate to verify by; and with none, nothing is accepted."""
    with pytest.raises(BadMessage) as caught:
        accept(message(signed(assertion=False)), trust(), EXPECTED)
    assert caught.value.fault is Fault.UNSIGNED
    with pytest.raises(BadMessage) as caught:
        accept(message(signed()), trust(certificates=[]), EXPECTED)
    assert caught.value.fault is Fault.SIGNATURE


ELSEWHERE = "https://elsewhere.example/saml2/idpresponse"
WRONG = {
    "issuer": (replace(GOOD, issuer="https://other.example"), Fault.ISSUER),
    "issuer that is longer": (replace(GOOD, issuer=ISSUER + "/"), Fault.ISSUER),
    "issuer of the response": (
        replace(GOOD, response_issuer="<saml:Issuer>https://other.example</saml:Issuer>"),
        Fault.ISSUER,
    ),
    "no issuer of a signed response": (replace(GOOD, response_issuer="<samlp:Extensions/>"), Fault.ISSUER),
    "issuer of another format": (
        replace(GOOD, response_issuer=f'<saml:Issuer Format="urn:other">{ISSUER}</saml:Issuer>'),
        Fault.ISSUER,
    ),
    "destination": (replace(GOOD, destination=f'Destination="{ELSEWHERE}"'), Fault.DESTINATION),
    "no destination of a signed response": (replace(GOOD, destination=""), Fault.DESTINATION),
    "recipient": (
        replace(GOOD, confirmation=GOOD.confirmation.replace(ACS, ELSEWHERE)),
        Fault.CONFIRMATION,
    ),
    "no recipient": (
        replace(GOOD, confirmation=GOOD.confirmation.replace("Recipient", "Address")),
        Fault.CONFIRMATION,
    ),
    "no end of the confirmation": (
        replace(GOOD, confirmation=GOOD.confirmation.partition("NotOnOrAfter")[0]),
        Fault.CONFIRMATION,
    ),
    "method": (replace(GOOD, method="urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"), Fault.CONFIRMATION),
    "audience": (replace(GOOD, audience=GOOD.audience.replace("Example12", "Example13")), Fault.AUDIENCE),
    "audience that is longer": (
        replace(GOOD, audience=GOOD.audience.replace("Example12", "Example123")),
        Fault.AUDIENCE,
    ),
    "audience that is shorter": (
        replace(GOOD, audience=GOOD.audience.replace("Example12", "Example1")),
        Fault.AUDIENCE,
    ),
    "audience in other letters": (
        replace(GOOD, audience=GOOD.audience.replace("Example12", "example12")),
        Fault.AUDIENCE,
    ),
    "no audience": (replace(GOOD, audience=""), Fault.AUDIENCE),
    "one audience of two restrictions": (
        replace(GOOD, audience=GOOD.audience + GOOD.audience.replace("Example12", "Example13")),
        Fault.AUDIENCE,
    ),
    "an audience with a comment's place": (
        replace(GOOD, audience=GOOD.audience.replace(AUDIENCE, f"{AUDIENCE}<saml:x/>.evil")),
        Fault.STRUCTURE,
    ),
    "condition that nobody knows": (
        replace(GOOD, audience=GOOD.audience + "<saml:Condition/>"),
        Fault.UNSUPPORTED,
    ),
    "request of the response": (replace(GOOD, response_answers='InResponseTo="_other"'), Fault.IN_RESPONSE_TO),
    "no request of the response": (replace(GOOD, response_answers=""), Fault.IN_RESPONSE_TO),
    "request of the confirmation": (
        replace(GOOD, confirmation=GOOD.confirmation.replace("_request", "_other")),
        Fault.IN_RESPONSE_TO,
    ),
    "not before": (replace(GOOD, conditions=f'NotBefore="{instant(61)}"'), Fault.TIME),
    "not after": (replace(GOOD, conditions=f'NotOnOrAfter="{instant(-60)}"'), Fault.TIME),
    "confirmation has ended": (
        replace(GOOD, confirmation=GOOD.confirmation.replace(instant(300), instant(-60))),
        Fault.TIME,
    ),
    "confirmation not yet": (
        replace(GOOD, confirmation=f'{GOOD.confirmation} NotBefore="{instant(61)}"'),
        Fault.TIME,
    ),
    "issued in times to come": (replace(GOOD, issued=instant(61)), Fault.TIME),
    "no time": (replace(GOOD, conditions='NotOnOrAfter="tomorrow"'), Fault.TIME),
    "a day that is none": (replace(GOOD, conditions='NotOnOrAfter="2026-02-30T00:00:00Z"'), Fault.TIME),
    "session has ended": (
        replace(
            GOOD,
            statement=f'<saml:AuthnStatement AuthnInstant="{instant()}" SessionNotOnOrAfter="{instant(-60)}"/>',
        ),
        Fault.TIME,
    ),
    "no statement": (replace(GOOD, statement=""), Fault.STRUCTURE),
    "status": (
        replace(
            GOOD,
            status='<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">'
            '<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode>'
            "<samlp:StatusMessage>no such luck</samlp:StatusMessage>",
        ),
        Fault.STATUS,
    ),
    "no status": (replace(GOOD, status=""), Fault.STRUCTURE),
    "no NameID": (replace(GOOD, name_id=""), Fault.UNSUPPORTED),
    "EncryptedID": (replace(GOOD, name_id="<saml:EncryptedID/>"), Fault.UNSUPPORTED),
    "two NameIDs": (replace(GOOD, name_id=GOOD.name_id * 2), Fault.STRUCTURE),
    "empty NameID": (replace(GOOD, name_id="<saml:NameID> </saml:NameID>"), Fault.STRUCTURE),
    "NameID with an element": (replace(GOOD, name_id="<saml:NameID>ada<saml:x/>.evil</saml:NameID>"), Fault.STRUCTURE),
    "encrypted attribute": (replace(GOOD, attributes="<saml:EncryptedAttribute/>"), Fault.UNSUPPORTED),
    "attribute without a name": (replace(GOOD, attributes="<saml:Attribute/>"), Fault.STRUCTURE),
}


@pytest.mark.parametrize("case", WRONG)
def test_one_thing_wrong_is_named_in_the_refusal(case: str) -> None:
    """However well it is signed (attacks.md 128, 129)."""
    story, fault = WRONG[case]
    assert refusal(story).fault is fault


def test_a_refusal_by_the_provider_says_its_codes() -> None:
    """For the log: all codes, and the message."""
    text = str(refusal(WRONG["status"][0]))
    assert text.endswith("status:Responder urn:oasis:names:tc:SAML:2.0:status:AuthnFailed no such luck")


def test_a_refusal_by_the_provider_is_named_without_assertion_and_signature() -> None:
    """As providers send it: it lets nobody in, so it need not be proved."""
    with pytest.raises(BadMessage) as caught:
        accept(WRONG["status"][0].response("").encode(), trust(), EXPECTED)
    assert caught.value.fault is Fault.STATUS


@pytest.mark.parametrize(
    "story",
    [
        replace(GOOD, conditions=f'NotBefore="{instant(60)}" NotOnOrAfter="{instant(-59)}"', issued=instant(60)),
        replace(GOOD, conditions="", audience=GOOD.audience * 2),
        replace(GOOD, audience=f"{GOOD.audience}<saml:OneTimeUse/><saml:ProxyRestriction/>"),
        replace(
            GOOD,
            audience=GOOD.audience.replace(
                "<saml:Audience>", "<saml:Audience>urn:x</saml:Audience>\n<saml:Audience>\n  "
            ),
        ),
        replace(GOOD, conditions='NotOnOrAfter="2026-03-01T14:05:00.123456+02:00"'),
        replace(GOOD, conditions='NotOnOrAfter="2026-03-01T12:05:00"'),
    ],
)
def test_what_the_standard_allows_is_accepted(story: Story) -> None:
    """Times within the skew and in all spellings, several audiences, conditions that ask nothing of us."""
    accepted = accept(message(signed(story, response=True)), trust(), EXPECTED)
    assert accepted.name_id == SAID.name_id


def test_an_unsigned_response_around_a_signed_assertion_need_not_say_whom_it_is_for() -> None:
    """Issuer and Destination may be missing, and are looked at where they are there."""
    bare = replace(GOOD, response_issuer="", destination="")
    assert accept(message(signed(bare)), trust(), EXPECTED) == SAID
    for story in (WRONG["destination"][0], WRONG["issuer of the response"][0]):
        with pytest.raises(BadMessage):
            accept(message(signed(story)), trust(), EXPECTED)


def test_a_sign_in_that_begins_at_the_provider_answers_nobody_and_is_young() -> None:
    """Where it is allowed, no request may be named, and the assertion ends with its age."""
    unasked = replace(
        GOOD, response_answers="", confirmation=GOOD.confirmation.replace(f'InResponseTo="{EXPECTED.request_id}"', "")
    )
    expected = replace(EXPECTED, request_id=None, most_age=6 * MINUTE)

    accepted = accept(message(signed(unasked)), trust(), expected)
    assert accepted == SAID
    long_lived = replace(unasked, conditions="", confirmation=f'Recipient="{ACS}" NotOnOrAfter="{instant(9000)}"')
    assert accept(message(signed(long_lived)), trust(), expected).expires == NOW + 7 * MINUTE
    with pytest.raises(BadMessage) as caught:
        accept(message(signed(GOOD)), trust(), expected)
    assert caught.value.fault is Fault.IN_RESPONSE_TO
    with pytest.raises(BadMessage) as caught:
        accept(message(signed(replace(long_lived, issued=instant(-420)))), trust(), expected)
    assert caught.value.fault is Fault.TIME


def test_one_good_confirmation_of_several_lets_in() -> None:
    """Others may be for others; all must be wrong for a refusal."""
    other = f'</saml:SubjectConfirmation><saml:SubjectConfirmation Method="{GOOD.method}">'
    wrong = f'<saml:SubjectConfirmationData Recipient="{ELSEWHERE}"/>{other}'
    text = GOOD.response().replace("<saml:SubjectConfirmationData", f"{wrong}<saml:SubjectConfirmationData", 1)
    assert accept(message(sign(etree.fromstring(text))), trust(), EXPECTED) == SAID


def test_the_session_of_the_first_statement_is_told() -> None:
    """And when it ends, if that is said."""
    first = f'<saml:AuthnStatement AuthnInstant="{instant()}" SessionNotOnOrAfter="{instant(3600)}"/>'
    accepted = accept(message(signed(replace(GOOD, statement=first + GOOD.statement))), trust(), EXPECTED)
    assert (accepted.session_index, accepted.session_expires) == (None, NOW + 60 * MINUTE)


def test_a_name_is_told_to_the_letter() -> None:
    """With its blanks, its qualifiers, and `unspecified` where no format is named; CDATA is text."""
    name = '<saml:NameID NameQualifier="n" SPNameQualifier="s"> a<![CDATA[<d>]]>&#228; </saml:NameID>'
    accepted = accept(message(signed(replace(GOOD, name_id=name))), trust(), EXPECTED)
    assert accepted.name_id == NameId(
        value=" a<d>ä ",
        format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        name_qualifier="n",
        sp_name_qualifier="s",
    )


def test_attributes_are_lists_of_whole_texts() -> None:
    """A name twice is one list; an element within a value gives its text; an empty value is there."""
    attributes = (
        '<saml:Attribute Name="id"><saml:AttributeValue><saml:NameID>x</saml:NameID>y</saml:AttributeValue></saml:Attribute>'
        '<saml:Attribute Name="id"><saml:AttributeValue/></saml:Attribute><saml:Attribute Name="none"/>'
    )
    accepted = accept(message(signed(replace(GOOD, attributes=attributes))), trust(), EXPECTED)
    assert accepted.attributes == {"id": ("xy", ""), "none": ()}


def test_a_message_of_another_kind_is_refused() -> None:
    """No response, another version, no id, or none that can be one."""
    text = message(signed()).decode()
    for changed in (
        text.replace("samlp:Response", "samlp:ArtifactResponse"),
        text.replace('Version="2.0"', 'Version="1.1"', 1),
        text.replace('ID="_response-1"', "", 1),
        text.replace('ID="_response-1"', 'ID="1 2"', 1),
    ):
        with pytest.raises(BadMessage) as caught:
            accept(changed.encode(), trust(), EXPECTED)
        assert caught.value.fault is Fault.STRUCTURE
    old = etree.fromstring(GOOD.response(GOOD.assertion().replace('Version="2.0"', 'Version="1.1"')))
    with pytest.raises(BadMessage, match="another version"):
        accept(message(sign(old)), trust(), EXPECTED)


def test_nothing_that_is_said_of_a_user_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even at DEBUG, and not by the library that hashes it (attacks.md 155)."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("signxml").setLevel(logging.NOTSET)
    signatures_library._keep_quiet.cache_clear()
    accept(message(signed(GOOD, response=True)), trust(), EXPECTED)
    assert [record.name for record in caplog.records if "ada" in record.getMessage()] == []


@pytest.mark.parametrize("case", ["destination", "issuer", "issuer of the response"])
def test_what_claims_the_wrong_thing_costs_no_signature(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sender and address are looked at first, for anybody may send many (attacks.md 130)."""
    story, fault = WRONG[case][0], WRONG[case][-1]
    sent = message(signed(story, response=True))
    monkeypatch.delattr(signatures, "verified")
    with pytest.raises(BadMessage) as caught:
        accept(sent, trust(), EXPECTED)
    assert caught.value.fault is fault


def test_a_response_has_few_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand at most: what is larger is refused before anything is made of it (attacks.md 130)."""
    value = "<saml:AttributeValue>a</saml:AttributeValue>"
    many = '<saml:Attribute Name="groups">{}</saml:Attribute>'
    fits = message(signed(replace(GOOD, attributes=many.format(value * 1_900)), response=True))
    assert len(accept(fits, trust(), EXPECTED).attributes["groups"]) == 1_900
    larger = message(signed(replace(GOOD, attributes=many.format(value * 2_000)), response=True))
    monkeypatch.delattr(structure, "require_signatures_of")
    with pytest.raises(BadMessage, match="more than 2000 elements"):
        accept(larger, trust(), EXPECTED)
