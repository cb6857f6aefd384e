"""Whether our tokens are opened, and nothing but our tokens."""

import json
import socket
from base64 import b64decode, urlsafe_b64decode
from pathlib import Path
from typing import Any, NoReturn

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwk as jose_jwk
from joserfc import jws as jose_jws

from poolkeeper.crypto import base64url, jws

VECTORS = json.loads((Path(__file__).parent / "vectors" / "jws.json").read_text())
PAYLOAD = b'{"sub":"3f1a2b4c","iss":"http://localhost:7665/us-east-1_AbCdEfGhI"}'
KID = jws.key_id(bytes(range(32)))


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return jws.generate()


def vector_keys() -> dict[str, Any]:
    return {VECTORS["kid"]: jwt.PyJWK(VECTORS["key"]).key}


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: f"row {case['row']}: {case['name']}")
def test_every_vector_is_opened_or_refused(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """One token is ours; every forgery and every other spelling is refused, and none makes us call anybody."""
    keys = vector_keys()

    def no_network(*args: object, **kwargs: object) -> NoReturn:
        pytest.fail("a token made us open a socket")

    monkeypatch.setattr(socket, "socket", no_network)
    if case["expect"] == "opened":
        assert jws.read(case["token"]).verify(keys) == VECTORS["payload"].encode()
    else:
        with pytest.raises(jws.BadToken):
            jws.read(case["token"]).verify(keys)


def test_the_vectors_hold_what_they_are_there_for() -> None:
    """The list of attacks is covered: one good token, and refusals in every row."""
    expected = [case["expect"] for case in VECTORS["cases"]]
    rows = {case["row"] for case in VECTORS["cases"] if case["expect"] == "refused"}

    assert expected.count("opened") == 1
    assert rows == {53, 54, 55, 57, 61, 62, 70}


def test_a_signed_token_opens(key: RSAPrivateKey) -> None:
    """What sign wrote, open gives back, and the header is the one that clients know."""
    token = jws.sign(PAYLOAD, kid=KID, key=key)

    assert jws.read(token).verify({KID: key.public_key()}) == PAYLOAD
    assert urlsafe_b64decode(token.split(".")[0] + "==") == b'{"kid":"%s","alg":"RS256"}' % KID.encode()


def test_other_libraries_accept_our_tokens(key: RSAPrivateKey) -> None:
    """PyJWT and joserfc verify a token of ours with the JWK that we publish."""
    token = jws.sign(PAYLOAD, kid=KID, key=key)
    published = jws.public_jwk(KID, key)

    assert jwt.decode(token, jwt.PyJWK(published).key, algorithms=["RS256"]) == json.loads(PAYLOAD)
    assert (
        jose_jws.deserialize_compact(token, jose_jwk.RSAKey.import_key(dict(published)), ["RS256"]).payload == PAYLOAD
    )


def test_every_changed_character_is_refused(key: RSAPrivateKey) -> None:
    """No single character of a token can be another one."""
    token, keys = jws.sign(PAYLOAD, kid=KID, key=key), {KID: key.public_key()}
    opened = []

    for place, character in enumerate(token):
        changed = token[:place] + ("A" if character != "A" else "B") + token[place + 1 :]
        try:
            opened.append(jws.read(changed).verify(keys))
        except jws.BadToken:
            continue

    assert opened == []


@pytest.mark.parametrize("length", [jws.MAX_TOKEN + 1, 1_000_000])
def test_an_oversized_token_is_refused_before_decoding(
    length: int, key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long token costs a look at its length: nothing is decoded."""
    token = jws.sign(PAYLOAD, kid=KID, key=key)
    decoded: list[str] = []
    monkeypatch.setattr(jws, "_decode", decoded.append)

    for oversized in (token + "A" * (length - len(token)), "A" * (length - 2) + ".."):
        with pytest.raises(jws.BadToken, match="96 KiB"):
            jws.read(oversized).verify({KID: key.public_key()})

    assert decoded == []


def test_a_header_or_signature_of_another_length_is_refused_before_decoding(
    key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are as long in every token of ours; of any other token nothing is decoded."""
    header, payload, signature = jws.sign(PAYLOAD, kid=KID, key=key).split(".")
    decoded: list[str] = []
    monkeypatch.setattr(jws, "_decode", decoded.append)

    long_header = base64url.encode(b'{"kid":"%s","alg":"RS256"}' % (b"k" * 100))
    for other in (
        f"{long_header}.{payload}.{signature}",
        f"{header}.{payload}.{signature}AAAA",
        f"{header}.{payload}.{signature[:-1]}",
        f"{header}.{payload}.",
    ):
        with pytest.raises(jws.BadToken, match="not as long as ours"):
            jws.read(other)

    assert decoded == []


def test_what_is_remembered_of_headers_is_small(key: RSAPrivateKey) -> None:
    """Headers that are made up are remembered too: none of them is longer than ours can be, and they are counted."""
    _, payload, signature = jws.sign(PAYLOAD, kid=KID, key=key).split(".")
    before = jws._claimed_kid.cache_info().currsize

    for number in range(200):
        header = base64url.encode(b'{"kid":"%05d%s","alg":"RS256"}' % (number, b"k" * 11_900))
        with pytest.raises(jws.BadToken):
            jws.read(f"{header}.{payload}.{signature}")
    assert jws._claimed_kid.cache_info().currsize == before

    for number in range(5_000):
        header = base64url.encode(b'{"kid":"%05d%s","alg":"RS256"}' % (number, b"k" * 40))
        assert jws.read(f"{header}.{payload}.{signature}").kid == f"{number:05}" + "k" * 40
    remembered = jws._claimed_kid.cache_info(), jws._header_segment.cache_info()
    assert sum(cache.currsize for cache in remembered) * 128 < 1_000_000


def test_a_token_of_the_largest_size_opens(key: RSAPrivateKey) -> None:
    """96 KiB are allowed: the cap is not in the way of tokens with many groups."""
    payload = b'{"sub":"%s"}' % (b"x" * 73_380)
    token = jws.sign(payload, kid=KID, key=key)

    assert jws.MAX_TOKEN - 100 < len(token) <= jws.MAX_TOKEN
    assert jws.read(token).verify({KID: key.public_key()}) == payload


def test_the_key_of_one_pool_does_not_open_for_another_kid(key: RSAPrivateKey) -> None:
    """The kid chooses the key: a key under another name is no key."""
    token = jws.sign(PAYLOAD, kid=KID, key=key)

    with pytest.raises(jws.BadToken):
        jws.read(token).verify({jws.key_id(bytes(32)): key.public_key()})
    with pytest.raises(jws.BadToken):
        jws.read(token).verify({})


def test_the_jwk_has_public_members_alone(key: RSAPrivateKey) -> None:
    """Whether it is built from the pair or the public key, exactly six members, none of them private."""
    built = jws.public_jwk(KID, key)

    assert built == jws.public_jwk(KID, key.public_key())
    assert set(built) == {"kty", "kid", "use", "alg", "n", "e"}
    assert (built["kty"], built["use"], built["alg"], built["e"]) == ("RSA", "sig", "RS256", "AQAB")
    assert int.from_bytes(urlsafe_b64decode(built["n"] + "==")) == key.public_key().public_numbers().n


def test_a_key_survives_export(key: RSAPrivateKey) -> None:
    """A pair that is read back signs what the first one's public key opens."""
    again = jws.import_private(jws.export_private(key))

    assert jws.read(jws.sign(PAYLOAD, kid=KID, key=again)).verify({KID: key.public_key()}) == PAYLOAD


def test_a_key_of_another_kind_is_not_imported() -> None:
    """A shorter key or rubbish is refused although the costly checks are left out."""
    short = generate_private_key(65537, 1024).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    for der in (short, b"", b"rubbish"):
        with pytest.raises(ValueError, match=r".+"):
            jws.import_private(der)


def test_a_kid_looks_like_cognitos() -> None:
    """32 bytes in base64 with padding; fewer are refused."""
    assert len(KID) == 44
    assert KID.endswith("=")
    assert b64decode(KID) == bytes(range(32))
    with pytest.raises(ValueError, match="32 bytes"):
        jws.key_id(bytes(31))
