"""Who may end a session? The identity provider by its signature, in both bindings; and what we say to it verifies."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import etree

from federation.saml import keys, signing
from federation.saml.identity_provider import AUDIENCE, ISSUER, MINUTE, NOW, Element, message, sign
from poolkeeper.federation.saml import bindings, instants, logout, names, signatures, structure
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.logout import Ended, LogoutRequest, LogoutResponse, Peer
from poolkeeper.federation.saml.signatures import Signer
from poolkeeper.federation.saml.statements import NameId

HERE = "https://auth.example.org/saml2/logout"
THEIRS = Signer(keys.rsa_key(), keys.certificate(keys.rsa_key()))
STRANGER = Signer(keys.rsa_key("stranger"), keys.certificate(keys.rsa_key("stranger")))
PEER = Peer(issuer=ISSUER, certificates=[THEIRS.certificate], address=HERE, now=NOW, skew=MINUTE, most_age=5 * MINUTE)
NAME = NameId(value="ada & <co>", format="urn:format", name_qualifier="n", sp_name_qualifier="s")
REQUEST = LogoutRequest(
    id="_out-1",
    issued=NOW,
    expires=NOW + 3 * MINUTE,
    issuer=ISSUER,
    destination=HERE,
    name_id=NAME,
    session_index="_session-1",
)
RESPONSE = LogoutResponse(id="_done-1", issued=NOW, issuer=ISSUER, destination=HERE, request_id="_out-2")

Sent = LogoutRequest | LogoutResponse


def by_redirect(sent: Sent, signer: Signer, peer: Peer, *, relay_state: str | None = None) -> Any:
    """Let a message come by redirect."""
    address = logout.to_redirect(sent, relay_state=relay_state, signer=signer)
    assert address.startswith(f"{sent.destination}?")
    return arrive(sent, urlsplit(address).query.encode(), peer)


def by_post(sent: Sent, signer: Signer, peer: Peer) -> Any:
    """Let a message come by form."""
    return arrive(sent, logout.to_post(sent, signer=signer), peer)


def arrive(sent: Sent, came: bytes | str, peer: Peer = PEER) -> Any:
    """Let the query of a redirect, or the text of a form's field, come in: a message of the kind of `sent`."""
    if isinstance(sent, LogoutRequest):
        if isinstance(came, bytes):
            return logout.request_from_redirect(came, peer)
        return logout.request_from_post(came, peer)
    if isinstance(came, bytes):
        return logout.accept_redirect(came, peer, request_id="_out-2")
    return logout.accept_post(came, peer, request_id="_out-2")


BINDINGS: list[Callable[..., Any]] = [by_redirect, by_post]


@pytest.mark.parametrize("by", BINDINGS)
def test_a_request_says_whose_session_ends(by: Callable[..., Any]) -> None:
    """The name with all that qualifies it, the session, and until when the id is to be remembered."""
    ended = Ended(id="_out-1", name_id=NAME, sessions=("_session-1",), relay_state=None, expires=NOW + 4 * MINUTE)
    assert by(REQUEST, THEIRS, PEER) == ended
    everywhere = replace(REQUEST, session_index=None, name_id=NameId(value="ada"), expires=NOW + 60 * MINUTE)
    assert by(everywhere, THEIRS, PEER) == Ended(
        id="_out-1", name_id=NameId(value="ada"), sessions=(), relay_state=None, expires=NOW + 6 * MINUTE
    )


def test_the_state_of_a_redirect_is_told_since_it_was_signed() -> None:
    """It goes back with the answer."""
    assert by_redirect(REQUEST, THEIRS, PEER, relay_state="x y").relay_state == "x y"


WRONG: dict[str, tuple[Sent, Peer, Fault]] = {
    "issuer": (replace(REQUEST, issuer=AUDIENCE), PEER, Fault.ISSUER),
    "destination": (replace(REQUEST, destination="https://elsewhere.example"), PEER, Fault.DESTINATION),
    "too old": (REQUEST, replace(PEER, now=NOW + 6 * MINUTE), Fault.TIME),
    "to come": (replace(REQUEST, issued=NOW + 2 * MINUTE), PEER, Fault.TIME),
    "has ended": (replace(REQUEST, expires=NOW - MINUTE), PEER, Fault.TIME),
    "answer from another": (replace(RESPONSE, issuer=AUDIENCE), PEER, Fault.ISSUER),
    "answer to another": (replace(RESPONSE, request_id="_out-3"), PEER, Fault.IN_RESPONSE_TO),
    "answer elsewhere": (replace(RESPONSE, destination="https://elsewhere.example"), PEER, Fault.DESTINATION),
    "answer too old": (RESPONSE, replace(PEER, now=NOW + 6 * MINUTE), Fault.TIME),
    "not done": (replace(RESPONSE, status="urn:oasis:names:tc:SAML:2.0:status:Responder"), PEER, Fault.STATUS),
    "no keys": (REQUEST, replace(PEER, certificates=[]), Fault.SIGNATURE),
}


@pytest.mark.parametrize("by", BINDINGS)
@pytest.mark.parametrize("case", WRONG)
def test_one_thing_wrong_is_named_in_the_refusal(case: str, by: Callable[..., Any]) -> None:
    """However well it is signed."""
    sent, peer, fault = WRONG[case]
    with pytest.raises(BadMessage) as caught:
        by(sent, THEIRS, peer)
    assert caught.value.fault is fault


@pytest.mark.parametrize("by", BINDINGS)
@pytest.mark.parametrize("sent", [REQUEST, RESPONSE])
def test_a_strangers_signature_ends_nothing(by: Callable[..., Any], sent: Sent) -> None:
    """Request or answer, by either binding."""
    with pytest.raises(BadMessage) as caught:
        by(sent, STRANGER, PEER)
    assert caught.value.fault is Fault.SIGNATURE


@pytest.mark.parametrize("by", BINDINGS)
def test_our_request_was_done(by: Callable[..., Any]) -> None:
    """Nothing is told but that it was."""
    assert by(RESPONSE, THEIRS, PEER) is None


def bare(sent: Sent) -> Element:
    """Return a message without its signature."""
    root = etree.fromstring(bindings.from_post(logout.to_post(sent, signer=THEIRS)))
    root.remove(root[1])
    return root


@pytest.mark.parametrize("sent", [REQUEST, RESPONSE])
def test_what_is_not_signed_ends_nothing(sent: Sent) -> None:
    """By form without a signature; by redirect without one, also with one within the message (attacks.md 133)."""
    field = bindings.REQUEST if isinstance(sent, LogoutRequest) else bindings.RESPONSE
    form, unsigned = bindings.to_post(message(bare(sent))), message(bare(sent))
    within = bindings.from_post(logout.to_post(sent, signer=THEIRS))
    queries = [
        bindings.to_redirect(HERE, field, text, relay_state=None, key=None).partition("?")[2].encode()
        for text in (unsigned, within)
    ]
    doubly = bindings.to_redirect(HERE, field, within, relay_state=None, key=THEIRS.key).partition("?")[2].encode()
    all_ways: list[bytes | str] = [form, *queries, doubly]
    refusals = []
    for came in all_ways:
        with pytest.raises(BadMessage) as caught:
            arrive(sent, came)
        refusals.append(caught.value.fault)
    assert refusals == [Fault.UNSIGNED, Fault.UNSIGNED, Fault.UNSIGNED, Fault.SIGNATURE_PLACE]


def test_a_form_is_wrapped_in_vain() -> None:
    """Another request around the signed one, beside it, or in its signature; a comment; an id twice; a weak hash."""
    good = bindings.from_post(logout.to_post(REQUEST, signer=THEIRS))
    evil = replace(REQUEST, name_id=NameId(value="victim"), session_index=None)
    around = bare(evil)
    around.append(etree.fromstring(good))
    inside = bare(replace(evil, id="_evil"))
    signature = etree.fromstring(good)[1]
    signature.append(bare(REQUEST))
    inside.insert(1, signature)
    for raw, fault in (
        (message(around), Fault.REPEATED_ID),
        (message(around).replace(b'ID="_out-1"', b'ID="_evil"', 1), Fault.SIGNATURE_PLACE),
        (message(inside), Fault.SIGNATURE_FORM),
        (good.replace(b"<co>", b"<!-- -->").replace(b"ada", b"ada<!-- -->"), Fault.COMMENT),
        (good.replace(b"ada", b"eva"), Fault.SIGNATURE),
        (message(sign(bare(REQUEST), method="rsa-sha1")), Fault.SIGNATURE_FORM),
        (message(sign(bare(REQUEST), method="hmac-sha256", key=b"x")), Fault.SIGNATURE_FORM),
        (message(bare(RESPONSE)), Fault.STRUCTURE),
        (b"<!DOCTYPE x>" + good, Fault.XML),
    ):
        with pytest.raises(BadMessage) as caught:
            logout.request_from_post(bindings.to_post(raw), PEER)
        assert caught.value.fault is fault


def test_many_sessions_end_but_not_without_bound() -> None:
    """All that are named; a hundred and one are refused, and so is a request that names nobody."""
    for count, accepted in ((100, True), (101, False)):
        root = bare(replace(REQUEST, session_index=None))
        for number in range(count):
            etree.SubElement(root, "{urn:oasis:names:tc:SAML:2.0:protocol}SessionIndex").text = f" {number}\n"
        field = bindings.to_post(message(sign(root)))
        if accepted:
            assert logout.request_from_post(field, PEER).sessions == tuple(map(str, range(count)))
        else:
            with pytest.raises(BadMessage, match="more than 100 sessions"):
                logout.request_from_post(field, PEER)
    nobody = bare(REQUEST)
    nobody.remove(nobody[1])
    with pytest.raises(BadMessage) as caught:
        logout.request_from_post(bindings.to_post(message(sign(nobody))), PEER)
    assert caught.value.fault is Fault.UNSUPPORTED


def test_what_we_send_has_the_order_of_the_schema() -> None:
    """Issuer, Signature, then NameID and SessionIndex, or Status."""
    for sent, expected in (
        (REQUEST, ["Issuer", "Signature", "NameID", "SessionIndex"]),
        (RESPONSE, ["Issuer", "Signature", "Status"]),
    ):
        root = etree.fromstring(bindings.from_post(logout.to_post(sent, signer=THEIRS)))
        assert [str(one.tag).rpartition("}")[2] for one in root] == expected
        assert root.get("IssueInstant") == instants.write(NOW)
    assert bare(REQUEST).get("NotOnOrAfter") == instants.write(REQUEST.expires)
    assert bare(RESPONSE).find(".//*[@Value]").get("Value") == names.SUCCESS  # type: ignore[union-attr]
    assert signing.DSIG == names.SIGNATURE


def test_what_claims_the_wrong_thing_costs_no_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sender, address and time are looked at first, for anybody may send many (attacks.md 130)."""
    monkeypatch.delattr(signatures, "verified")
    for case in ("issuer", "destination", "too old", "to come", "answer from another", "answer elsewhere"):
        sent, peer, fault = WRONG[case]
        with pytest.raises(BadMessage) as caught:
            by_post(sent, THEIRS, peer)
        assert caught.value.fault is fault


def test_a_message_has_few_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two thousand at most: what is larger is refused before anything is made of it (attacks.md 130)."""
    root = bare(REQUEST)
    extensions = etree.SubElement(root, "{urn:oasis:names:tc:SAML:2.0:protocol}Extensions")
    for _ in range(1_900):
        etree.SubElement(extensions, "a")
    assert logout.request_from_post(bindings.to_post(message(sign(root))), PEER).id == "_out-1"
    for _ in range(200):
        etree.SubElement(extensions, "a")
    larger = bindings.to_post(message(sign(root)))
    monkeypatch.delattr(structure, "require_one_reading")
    with pytest.raises(BadMessage, match="more than 2000 elements") as caught:
        logout.request_from_post(larger, PEER)
    assert caught.value.fault is Fault.XML
