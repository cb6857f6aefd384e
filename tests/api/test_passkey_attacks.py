"""Can an answer be bent until it fits? Recorded ceremonies with each part altered, and texts that are none (attacks.md 51)."""

import json
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.passkeys import Owner, owner, passkey_client, passkey_pool, with_passkey
from api.signing_in import INCORRECT, count_of_sessions, error_of, raw
from api.software_authenticator import b64, unb64
from api.stage import Wire
from api.world import World

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
CBOR = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary(max_size=80) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers() | st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=20,
)
ASSERTED = ("clientDataJSON", "authenticatorData", "signature", "userHandle")


@pytest.fixture
def ada(world: World) -> Owner:
    """Have a user with a key, of a pool for http://localhost."""
    return with_passkey(world)


def _answer(user: Owner, session: str, credential: str) -> tuple[str, str]:
    """Answer WEB_AUTHN; return (name, sentence) of the refusal."""
    responses = {"USERNAME": user.name, "CREDENTIAL": credential}
    body = {
        "ClientId": user.client.client_id,
        "ChallengeName": "WEB_AUTHN",
        "Session": session,
        "ChallengeResponses": responses,
    }
    answer = raw(user.world, "RespondToAuthChallenge", body)
    assert answer[0] == 400, answer[2]
    return error_of(answer)


def test_no_byte_of_an_assertion_can_be_another(ada: Owner) -> None:
    """In each part a byte changed, put in or taken out: refused, and the recorded assertion still serves after all that."""
    options, session = ada.challenged()
    recorded = ada.authenticator.get(options)
    before = count_of_sessions(ada.client.pool)

    @settings(max_examples=200, deadline=None)
    @given(
        part=st.sampled_from(ASSERTED),
        place=st.integers(0, 10_000),
        put=st.binary(max_size=2),
        length=st.integers(0, 2),
    )
    def mutate(part: str, place: int, put: bytes, length: int) -> None:
        held = unb64(recorded["response"][part])
        at = place % len(held)
        mutated = held[:at] + put + held[at + length :]
        if mutated == held:
            return
        bent = {**recorded, "response": {**recorded["response"], part: b64(mutated)}}
        assert _answer(ada, session, json.dumps(bent)) == INCORRECT, (part, at, put, length)

    mutate()
    assert count_of_sessions(ada.client.pool) == before
    assert ada.answer(session, recorded)


def test_no_character_of_an_assertion_can_be_another(ada: Owner) -> None:
    """Another spelling of the same bytes is refused as well: padding, the other alphabet, stray bits, white space."""
    options, session = ada.challenged()
    recorded = ada.authenticator.get(options)

    @settings(max_examples=150, deadline=None)
    @given(
        part=st.sampled_from([*ASSERTED, "id", "rawId"]),
        place=st.integers(0, 10_000),
        put=st.sampled_from(["=", "+", "/", " ", "\n", "A", "-", "_", "\u00e9", "."]),
        length=st.integers(0, 1),
    )
    def mutate(part: str, place: int, put: str, length: int) -> None:
        inside = part in ASSERTED
        held = recorded["response"][part] if inside else recorded[part]
        at = place % (len(held) + 1)
        mutated = held[:at] + put + held[at + length :]
        if mutated == held:
            return
        changed = {part: mutated}
        bent = {**recorded, "response": {**recorded["response"], **changed}} if inside else {**recorded, **changed}
        assert _answer(ada, session, json.dumps(bent)) == INCORRECT, (part, at, put, length)

    mutate()
    assert ada.answer(session, recorded)


def test_what_is_no_assertion_is_refused_as_a_wrong_one(ada: Owner) -> None:
    """Any text, any JSON, any JSON in the place of any member: one sentence, and never a fault of the server."""
    options, session = ada.challenged()
    recorded = ada.authenticator.get(options)

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def bend(data: st.DataObject) -> None:
        members = ["", "id", "rawId", "type", "response"]
        name = data.draw(st.sampled_from([*members, *ASSERTED, "text"]))
        if name == "text":
            text = data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40))
        elif name == "":
            text = json.dumps(data.draw(JSON))
        elif name in ASSERTED[:3]:
            text = json.dumps({**recorded, "response": {**recorded["response"], name: data.draw(JSON)}})
        else:
            text = json.dumps({**recorded, name if name != "userHandle" else "id": data.draw(JSON)})
        if "\\u0000" not in text:
            assert _answer(ada, session, text) == INCORRECT, text

    bend()
    for text in ("", "{", "[" * 50_000, '{"id":' * 10_000, "null", '"' + "A" * 100_000 + '"'):
        assert _answer(ada, session, text) == INCORRECT, text[:20]


def _complete(wire: Wire, user: Owner, credential: object) -> str:
    """Call CompleteWebAuthnRegistration; return the name of the error, empty for a success."""
    answer = wire.call("CompleteWebAuthnRegistration", {"AccessToken": user.access_token, "Credential": credential})
    assert answer.status in {200, 400}, answer.body
    return answer.error


def test_no_attestation_that_is_bent_is_a_fault_of_the_server(wire: Wire, world: World) -> None:
    """Bytes changed anywhere, CBOR of any kind in any place: refused by name, or it was a key after all."""
    ada = owner(passkey_client(passkey_pool(world)))
    recorded = ada.authenticator.create(ada.start())
    attestation = unb64(recorded["response"]["attestationObject"])
    parts: dict[str, Any] = cbor2.loads(attestation)
    named = {"InvalidParameterException", "WebAuthnCredentialNotSupportedException"}
    named |= {"WebAuthnRelyingPartyMismatchException"}

    def register(bent: bytes) -> None:
        credential = {**recorded, "response": {**recorded["response"], "attestationObject": b64(bent)}}
        error = _complete(wire, ada, credential)
        if error:
            assert error in named
            return
        ada.delete(ada.authenticator.id)
        recorded.update(ada.authenticator.create(ada.start()))

    @settings(max_examples=200, deadline=None)
    @given(place=st.integers(0, len(attestation) - 1), put=st.binary(max_size=3), length=st.integers(0, 3))
    def bytes_changed(place: int, put: bytes, length: int) -> None:
        register(attestation[:place] + put + attestation[place + length :])

    @settings(max_examples=150, deadline=None)
    @given(name=st.sampled_from(["", "fmt", "attStmt", "authData", "key"]), value=CBOR)
    def cbor_of_any_kind(name: str, value: Any) -> None:
        if name == "key":
            head = parts["authData"][: 55 + 32]
            register(cbor2.dumps({**parts, "authData": head + cbor2.dumps(value)}))
        else:
            register(cbor2.dumps({**parts, name: value} if name else value))

    bytes_changed()
    cbor_of_any_kind()


def test_no_document_is_a_fault_of_the_server(wire: Wire, world: World) -> None:
    """Any JSON in the place of the credential or of a member of it."""
    ada = owner(passkey_client(passkey_pool(world)))
    recorded = ada.authenticator.create(ada.start())
    named = {"InvalidParameterException", "SerializationException"}

    @settings(max_examples=150, deadline=None)
    @given(
        name=st.sampled_from(["", "id", "rawId", "type", "response", "clientDataJSON", "attestationObject"]), value=JSON
    )
    def bend(name: str, value: Any) -> None:
        if name == "":
            assert _complete(wire, ada, value) in named
        elif name in recorded:
            assert _complete(wire, ada, {**recorded, name: value}) in named
        else:
            assert _complete(wire, ada, {**recorded, "response": {**recorded["response"], name: value}}) in named

    bend()
    deep: object = 1
    for _ in range(400):
        deep = [deep]
    assert _complete(wire, ada, deep) in named
    ada.complete(recorded)
