"""Is an encrypted assertion read, and does it tell nothing to whoever asks often? All failures are one, after one work."""

import re
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from lxml import etree

from federation.saml import identity_provider, keys
from federation.saml.identity_provider import EXPECTED, GOOD, SAID, SAML, Story, encrypt, message, sign, trust
from poolkeeper.federation.saml import encryption
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.responses import accept

OAEP_11 = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
RSA_15 = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"
SIGNED = etree.tostring(sign(etree.fromstring(GOOD.assertion())))

SIGNATURE = etree.tostring(etree.fromstring(SIGNED)[1]).decode()


def encrypted(plain: bytes = SIGNED, *, story: Story = GOOD, response: bool = False, **how: Any) -> bytes:
    """Return a response whose assertion is encrypted, itself signed or not."""
    root = etree.fromstring(story.response(encrypt(plain, **how)))
    return message(sign(root) if response else root)


def refusal(raw: bytes, **trusted: Any) -> BadMessage:
    """Return why a message is refused."""
    with pytest.raises(BadMessage) as caught:
        accept(raw, trust(**trusted), EXPECTED)
    return caught.value


@pytest.mark.parametrize("bits", [128, 192, 256])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"digest": SHA1()},
        {"digest": SHA256()},
        {"transport": OAEP_11},
        {"transport": OAEP_11, "digest": SHA256(), "mask": SHA256()},
        {"transport": OAEP_11, "digest": SHA256(), "mask": SHA1()},
    ],
)
def test_an_encrypted_assertion_is_read(how: dict[str, Any], bits: int) -> None:
    """AES-GCM, its key by RSA-OAEP with either hash for either purpose."""
    assert accept(encrypted(bits=bits, **how), trust(only_encrypted=True), EXPECTED) == SAID


def test_what_is_within_a_signed_response_need_not_be_signed_again() -> None:
    """The signature covers the cipher text; if there is another within, it must hold."""
    bare = GOOD.assertion().encode()
    assert accept(encrypted(bare, response=True), trust(), EXPECTED) == SAID
    assert accept(encrypted(response=True), trust(), EXPECTED) == SAID
    stranger = etree.tostring(sign(etree.fromstring(GOOD.assertion()), key=keys.rsa_key("stranger")))
    assert refusal(encrypted(stranger, response=True)).fault is Fault.SIGNATURE


def test_what_anybody_may_have_encrypted_must_be_signed_within() -> None:
    """Our public key is public: without a signature it says nothing."""
    assert refusal(encrypted(GOOD.assertion().encode())).fault is Fault.UNSIGNED
    other = SIGNED.replace(b"ada@example.com", b"admin@example.com")
    assert refusal(encrypted(other)).fault is Fault.SIGNATURE


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_cbc_is_taken_within_a_signed_response_alone(bits: int) -> None:
    """Its padding tells of the plain text, so whoever could change the cipher text must not be asked."""
    assert accept(encrypted(mode="cbc", bits=bits, response=True), trust(), EXPECTED) == SAID
    assert refusal(encrypted(mode="cbc", bits=bits)).fault is Fault.DECRYPTION


def test_prefixes_may_be_declared_around_what_was_encrypted() -> None:
    """Some encrypt the element as it stands, without what is declared further up; or with a declaration of XML."""
    bare = GOOD.assertion().replace(' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"', "", 1)
    assert accept(encrypted(bare.encode(), response=True), trust(), EXPECTED) == SAID
    assert accept(encrypted(b'<?xml version="1.0"?>\n' + SIGNED), trust(), EXPECTED) == SAID


def test_keys_of_ours_that_follow_one_another_are_all_tried() -> None:
    """The new one and the old one; the key may also stand beside the data."""
    both = [keys.rsa_key("next"), keys.rsa_key("sp")]
    assert accept(encrypted(), trust(decryption_keys=both), EXPECTED) == SAID
    text = encrypted().decode()
    found = re.search("<ds:KeyInfo.*?(<xenc:EncryptedKey>.*</xenc:EncryptedKey></ds:KeyInfo>)", text, re.DOTALL)
    assert found is not None
    moved = (
        found[1]
        .removesuffix("</ds:KeyInfo>")
        .replace("<xenc:EncryptedKey>", '<xenc:EncryptedKey xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">')
    )
    beside = text.replace(found[0], "").replace("</saml:EncryptedAssertion>", f"{moved}</saml:EncryptedAssertion>")
    assert accept(beside.encode(), trust(), EXPECTED) == SAID


def test_what_is_not_encrypted_is_refused_where_it_must_be() -> None:
    """EncryptedResponses, as Cognito has it."""
    plain = message(sign(etree.fromstring(GOOD.response())))
    assert refusal(plain, only_encrypted=True).fault is Fault.NOT_ENCRYPTED


def flipped(raw: bytes, which: str, at: int) -> bytes:
    """Return a message with one bit of the wrapped key, or of the content, turned over."""
    values = list(re.finditer(b"<xenc:CipherValue>([^<]*)<", raw))
    value = values[0 if which == "key" else 1]
    cipher = bytearray(b64decode(value[1]))
    cipher[at] ^= 1
    return raw[: value.start(1)] + b64encode(cipher) + raw[value.end(1) :]


def cut(raw: bytes, pattern: str, replacement: str) -> bytes:
    """Return a message in which the first of a pattern is something else."""
    changed = re.sub(pattern, replacement, raw.decode(), count=1, flags=re.DOTALL)
    assert changed != raw.decode()
    return changed.encode()


GCM = encrypted()
BROKEN = {
    "key, first byte": flipped(GCM, "key", 0),
    "key, last byte": flipped(GCM, "key", -1),
    "nonce": flipped(GCM, "content", 0),
    "content": flipped(GCM, "content", 40),
    "tag": flipped(GCM, "content", -1),
    "content cut short": cut(GCM, "(.*<xenc:CipherValue>.*<xenc:CipherValue>)[^<]*", r"\1QUFBQQ=="),
    "no content": cut(GCM, "(.*<xenc:CipherValue>.*<xenc:CipherValue>)[^<]*", r"\1"),
    "no base64": cut(GCM, "(.*<xenc:CipherValue>.*<xenc:CipherValue>)", r"\1*"),
    "key of another size": cut(GCM, "aes256-gcm", "aes128-gcm"),
    "algorithm of nobody": cut(GCM, "aes256-gcm", "aes256-ctr"),
    "triple DES": cut(
        GCM, "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#tripledes-cbc"
    ),
    "downgrade to CBC": cut(
        GCM, "http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
    ),
    "downgrade to RSA 1.5": cut(GCM, "rsa-oaep-mgf1p", "rsa-1_5"),
    "wrapped by RSA 1.5": encrypted(transport=RSA_15),
    "wrapped by RSA 1.5 in a signed response": encrypted(transport=RSA_15, response=True),
    "for somebody else": encrypted(to=keys.rsa_key("stranger").public_key()),
    "mask of another hash": cut(encrypted(transport=OAEP_11, mask=SHA256()), "mgf1sha256", "mgf1sha512"),
    "a mask where none may be": cut(
        encrypted(transport=OAEP_11, mask=SHA256()), OAEP_11, "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
    ),
    "a digest of nobody": cut(encrypted(digest=SHA256()), "xmlenc#sha256", "xmlenc#md5"),
    "a label": cut(GCM, '(rsa-oaep-mgf1p")/>', r"\1><xenc:OAEPparams>QUFB</xenc:OAEPparams></xenc:EncryptionMethod>"),
    "no key": cut(GCM, "<ds:KeyInfo.*</ds:KeyInfo>", ""),
    "a reference": cut(
        GCM, "<xenc:CipherValue>[^<]*</xenc:CipherValue>", '<xenc:CipherReference URI="http://127.0.0.1:9/"/>'
    ),
    "nine keys": cut(GCM, "(<xenc:EncryptedKey>.*</xenc:EncryptedKey>)", r"\1" * 9),
    "no XML": encrypted(b"hello"),
    "a document type": encrypted(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + SIGNED),
    "two elements": encrypted(SIGNED + b"<saml:x/>"),
    "text beside it": encrypted(SIGNED + b"x"),
    "CBC padding": flipped(encrypted(mode="cbc", response=False), "content", -17),
}


@pytest.mark.parametrize("case", BROKEN)
def test_all_failures_are_one(case: str) -> None:
    """Whatever is wrong with it (attacks.md 132)."""
    assert refusal(BROKEN[case]).fault is Fault.DECRYPTION


@pytest.mark.parametrize("case", ["key, first byte", "content", "tag", "for somebody else", "key of another size"])
def test_a_failure_costs_what_a_success_costs(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One key is unwrapped and one content opened, also where the key could not be unwrapped."""
    done: list[str] = []

    class CountedKey:
        def decrypt(self, *given: Any) -> bytes:
            done.append("unwrap")
            return keys.rsa_key("sp").decrypt(*given)

    class CountedContent:
        def __init__(self, key: bytes) -> None:
            self.cipher = AESGCM(key)

        def decrypt(self, *given: Any) -> bytes:
            done.append("open")
            return self.cipher.decrypt(*given)

    monkeypatch.setattr(encryption, "AESGCM", CountedContent)
    counted: Any = CountedKey()
    for raw in (GCM, BROKEN[case]):
        done.clear()
        try:
            accept(raw, trust(decryption_keys=[counted]), EXPECTED)
        except BadMessage:
            assert raw is not GCM
        assert done == ["unwrap", "open"]


def test_a_key_that_cannot_be_unwrapped_opens_nothing_even_if_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands for it is known to everybody: content sealed with that is refused."""
    monkeypatch.setattr("os.urandom", bytes)
    raw = encrypted()
    assert accept(raw, trust(), EXPECTED) == SAID
    assert refusal(flipped(raw, "key", 3)).fault is Fault.DECRYPTION


@pytest.mark.parametrize("length", [0, 17, 40, 255])
def test_a_padding_longer_than_a_block_is_none(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though what is left without it would be the whole assertion."""
    plain = GOOD.assertion().encode()
    tail = bytes(length - 1) + bytes([length]) if length else bytes(16)
    padded = plain + b" " * (-(len(plain) + len(tail)) % 16) + tail
    monkeypatch.setattr(identity_provider, "padded", lambda _plain: padded)
    assert refusal(encrypted(plain, mode="cbc", response=True)).fault is Fault.DECRYPTION


def test_what_is_within_is_one_assertion_of_one_reading() -> None:
    """No other element, none within it, no second encryption, no comment, no id twice."""
    nested = GOOD.assertion().replace(
        "<saml:Conditions", f"<saml:Advice>{GOOD.assertion()}</saml:Advice><saml:Conditions", 1
    )
    for plain, fault in (
        (nested, Fault.ASSERTIONS),
        (GOOD.response(), Fault.ASSERTIONS),
        (encrypt(SIGNED), Fault.ASSERTIONS),
        (GOOD.assertion().replace("ada<", "a<!-- -->da<"), Fault.COMMENT),
        (GOOD.assertion().replace("<saml:Subject>", f"<saml:Subject>{SIGNATURE}"), Fault.SIGNATURE_PLACE),
        (GOOD.assertion().replace("<saml:Conditions", '<saml:Conditions Id="_assertion-1"'), Fault.REPEATED_ID),
    ):
        assert refusal(encrypted(plain.encode(), response=True)).fault is fault


def test_conditions_are_judged_as_ever() -> None:
    """Encryption proves nothing but that our key is known."""
    story = replace(GOOD, audience=GOOD.audience.replace("Example12", "Example13"))
    plain = etree.tostring(sign(etree.fromstring(story.assertion())))
    assert refusal(encrypted(plain)).fault is Fault.AUDIENCE
    assert f"{SAML}EncryptedAssertion" in [one.tag for one in etree.fromstring(GCM)]
