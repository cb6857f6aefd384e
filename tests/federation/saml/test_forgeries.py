"""Can a message say what nobody signed? Wrapping, two readings, weak and foreign keys, and bytes changed one by one."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from signxml.verifier import SignatureConfiguration, XMLVerifier

from federation.saml import keys, signing, wrapping
from federation.saml.identity_provider import DS, EXPECTED, GOOD, SAML, Element, message, sign, signed, trust
from federation.saml.signing import ENVELOPED, EXCLUSIVE
from poolkeeper.federation.saml import signatures_library
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.responses import accept

WELL_SIGNED: dict[str, dict[str, Any]] = {
    "response": {"response": True, "assertion": False},
    "assertion": {"response": False, "assertion": True},
    "both": {"response": True, "assertion": True},
}


def fault_of(raw: bytes, **trusted: Any) -> Fault:
    """Return why a message is refused."""
    with pytest.raises(BadMessage) as caught:
        accept(raw, trust(**trusted), EXPECTED)
    return caught.value.fault


def wrapped() -> Iterator[tuple[str, wrapping.Wrapped]]:
    """Yield every way, around response and assertion, for every place of a signature, with new ids and the same."""
    for places, how in WELL_SIGNED.items():
        for target in ("Response", "Assertion"):
            for new_ids in (True, False):
                for one in wrapping.all_ways(signed(GOOD, **how), target, new_ids=new_ids):
                    yield f"{one.way}, signed {places}", one


WRAPPED = dict(wrapped())


def test_every_way_of_wrapping_is_tried() -> None:
    """All eight, around the response and around the assertion."""
    tried = {tuple(one.way.split()[:2]) for one in WRAPPED.values()}
    assert {way for way, _ in tried} == {f"XSW{number}" for number in range(1, 9)}
    assert {way for way, target in tried if target == "Assertion"} == {f"XSW{number}" for number in range(1, 9)}
    assert len(WRAPPED) == 60


@pytest.mark.parametrize("case", WRAPPED)
def test_no_wrapping_is_accepted(case: str) -> None:
    """Not one, though each says "admin" somewhere and holds what was signed somewhere (attacks.md 111-118)."""
    root = WRAPPED[case].root
    assert "admin" in [name.text for name in root.iter(f"{SAML}NameID")]
    fault_of(message(root))


def test_the_library_alone_would_be_taken_in() -> None:
    """The wrappings are real: a verifier that looks for a signature anywhere says yes to all ways but the first."""
    anywhere = SignatureConfiguration(location=".//", ignore_ambiguous_key_info=True)
    taken_in = set()
    for case, one in WRAPPED.items():
        try:
            XMLVerifier().verify(
                message(one.root), x509_cert=keys.certificate(keys.rsa_key()), expect_config=anywhere, id_attribute="ID"
            )
        except Exception:  # noqa: BLE001 - whatever it says no by
            continue
        taken_in.add(case[:4])
    assert taken_in == {f"XSW{number}" for number in range(2, 9)}


ASSERTION = signed()
TEXT = message(ASSERTION).decode()


@pytest.mark.parametrize("inserted", ["<!-- x -->", "<?x y?>", "<?xml-stylesheet href='x'?>"])
@pytest.mark.parametrize("where", ["<saml:NameID [^>]*>", "<saml:AttributeValue>", "<saml:Audience>", "<samlp:Status>"])
def test_comments_and_instructions_are_refused_wherever_they_stand(where: str, inserted: str) -> None:
    """Canonical bytes have no comments, so the signature holds; a reader may stop at one (attacks.md 120)."""
    for whole in (TEXT, message(sign(ASSERTION)).decode()):
        changed = re.sub(f"{where}[a-z]*", lambda found: found[0] + inserted, whole, count=1)
        assert changed != whole
        assert fault_of(changed.encode()) is Fault.COMMENT


def numbered(name: str) -> str:
    """Return two hundred attributes."""
    return " ".join(f'{name}{number}="u"' for number in range(200))


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
PROLOGUES: dict[str, Callable[[str], bytes]] = {
    "billion laughs": lambda text: f'<!DOCTYPE x [<!ENTITY l0 "ha">{BOMB}]>{text}'.encode(),
    "local file": lambda text: f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{text}'.encode(),
    "parameter entity": lambda text: f'<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x">%e;]>{text}'.encode(),
    "external subset": lambda text: f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x">{text}'.encode(),
    "bare": lambda text: f"<!DOCTYPE x>{text}".encode(),
    "behind a comment": lambda text: f"<!-- --><!DOCTYPE x>{text}".encode(),
    "UTF-16": lambda text: f"<!DOCTYPE x>{text}".encode("utf-16"),
    "UTF-16 without a mark": lambda text: f"<!DOCTYPE x>{text}".encode("utf-16-be"),
    "UTF-7": lambda text: f'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x>{text}'.encode(),
    "Latin-1": lambda text: f'<?xml version="1.0" encoding="ISO-8859-1"?>{text}'.encode("latin-1"),
    "an entity of nobody": lambda text: text.replace("ada", "&ada;").encode(),
    "within": lambda text: text.replace("<samlp:Status>", "<!DOCTYPE x><samlp:Status>").encode(),
    "two roots": lambda text: (text + text).encode(),
    "deep": lambda text: text.replace(
        "<samlp:Status>", "<samlp:x>" * 70 + "</samlp:x>" * 70 + "<samlp:Status>"
    ).encode(),
    "many": lambda text: text.replace("<samlp:Status>", "<x/>" * 20_001 + "<samlp:Status>").encode(),
    "large": lambda text: text.replace("<samlp:Status>", " " * 100_000 + "<samlp:Status>").encode(),
    "wide": lambda text: text.replace("<samlp:Status>", f"<x {numbered('a')}/><samlp:Status>").encode(),
    "prefixes": lambda text: text.replace("<samlp:Response ", f"<samlp:Response {numbered('xmlns:a')} ").encode(),
    "a NUL": lambda text: text.replace("ada", "ad\x00a").encode(),
    "not UTF-8": lambda text: text.encode().replace(b"ada", b"ad\xff"),
    "a prefix of nobody": lambda text: text.replace("<samlp:Status>", "<no:Status>", 1).encode(),
    "empty": lambda text: b"",
}


@pytest.mark.parametrize("case", PROLOGUES)
def test_document_types_entities_and_other_encodings_are_refused(case: str) -> None:
    """By the text, before a parser could follow them (attacks.md 121)."""
    assert fault_of(PROLOGUES[case](TEXT)) is Fault.XML


@pytest.mark.parametrize("name", ["ID", "Id", "id", "iD", "xml:id"])
def test_an_id_that_stands_twice_is_refused(name: str) -> None:
    """By whatever attribute a reader may find it: the first that is found would decide what was signed."""
    for value in ("_assertion-1", "_response-1"):
        changed = TEXT.replace("<samlp:Status>", f'<samlp:Extensions {name}="{value}"/><samlp:Status>')
        assert fault_of(changed.encode()) is Fault.REPEATED_ID


def test_any_number_of_assertions_but_one_is_refused() -> None:
    """None, two signed, one encrypted beside, one in an Advice, one further down."""
    assertion = etree.tostring(ASSERTION[-1]).decode()
    other = assertion.replace("_assertion-1", "_assertion-2")
    for text in (
        GOOD.response("<samlp:Extensions/>"),
        GOOD.response(assertion, other),
        GOOD.response(assertion, "<saml:EncryptedAssertion/>"),
        GOOD.response(f"<samlp:Extensions>{assertion}</samlp:Extensions>"),
        GOOD.response(assertion.replace("<saml:Conditions", f"<saml:Advice>{other}</saml:Advice><saml:Conditions")),
    ):
        assert fault_of(text.encode()) is Fault.ASSERTIONS


def test_a_signature_that_is_nobodys_is_refused() -> None:
    """In a place where none belongs, or twice in one."""
    (found,) = ASSERTION.iter(f"{DS}Signature")
    signature = etree.tostring(found).decode()
    misplaced = TEXT.replace("<samlp:Status>", f"<samlp:Extensions>{signature}</samlp:Extensions><samlp:Status>")
    twice = TEXT.replace("<saml:Subject>", f"{signature}<saml:Subject>")
    assert fault_of(misplaced.encode()) is Fault.SIGNATURE_PLACE
    assert fault_of(twice.encode()) is Fault.SIGNATURE_PLACE


PEM = keys.rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
DER = b64encode(keys.certificate(keys.rsa_key("stranger")).public_bytes(Encoding.DER)).decode()
STRANGERS_KEY = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{DER}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
MANNERS: dict[str, tuple[dict[str, Any], Fault]] = {
    "rsa-sha1": ({"method": "rsa-sha1"}, Fault.SIGNATURE_FORM),
    "rsa-sha224": ({"method": "rsa-sha224"}, Fault.SIGNATURE_FORM),
    "digest sha224": ({"digest": "sha224"}, Fault.SIGNATURE_FORM),
    "digest sha1": ({"digest": "sha1"}, Fault.SIGNATURE_FORM),
    "digest md5": ({"digest": "md5"}, Fault.SIGNATURE_FORM),
    "hmac-sha1 by the public key": ({"method": "hmac-sha1", "key": PEM}, Fault.SIGNATURE_FORM),
    "hmac-sha256 by the public key": ({"method": "hmac-sha256", "key": PEM}, Fault.SIGNATURE_FORM),
    "none": ({"method": "none"}, Fault.SIGNATURE_FORM),
    "ecdsa that is named rsa": ({"key": keys.ec_key()}, Fault.SIGNATURE),
    "rsa that is named ecdsa": ({"method": "ecdsa-sha256"}, Fault.SIGNATURE),
    "the key of a stranger": ({"key": keys.rsa_key("stranger")}, Fault.SIGNATURE),
    "and its certificate": ({"key": keys.rsa_key("stranger"), "key_info": STRANGERS_KEY}, Fault.SIGNATURE),
    "no transform but the canonical form": ({"transforms": [EXCLUSIVE]}, Fault.SIGNATURE_FORM),
    "transforms the other way round": ({"transforms": [EXCLUSIVE, ENVELOPED]}, Fault.SIGNATURE_FORM),
    "an inclusive form": (
        {"transforms": [ENVELOPED, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"]},
        Fault.SIGNATURE_FORM,
    ),
    "a form with comments": ({"transforms": [ENVELOPED, f"{EXCLUSIVE}WithComments"]}, Fault.SIGNATURE_FORM),
    "SignedInfo with comments": ({"canonicalisation": f"{EXCLUSIVE}WithComments"}, Fault.SIGNATURE_FORM),
    "SignedInfo in an inclusive form": (
        {"canonicalisation": "http://www.w3.org/2006/12/xml-c14n11"},
        Fault.SIGNATURE_FORM,
    ),
    **{
        f"a transform by {name}": (
            {"transforms": [ENVELOPED, f"http://www.w3.org/{path}", EXCLUSIVE]},
            Fault.SIGNATURE_FORM,
        )
        for name, path in (
            ("XSLT", "TR/1999/REC-xslt-19991116"),
            ("XPath", "TR/1999/REC-xpath-19991116"),
            ("XPath filters", "2002/06/xmldsig-filter2"),
            ("base64", "2000/09/xmldsig#base64"),
        )
    },
    "the whole document": ({"uri": ""}, Fault.SIGNATURE_FORM),
    "an XPointer": ({"uri": "#xpointer(/)"}, Fault.SIGNATURE_FORM),
    "an address": ({"uri": "https://idp.example.com/other.xml"}, Fault.SIGNATURE_FORM),
    "its parent's parent": ({"uri": "#_response-1"}, Fault.SIGNATURE_FORM),
}


def confused(case: str) -> Element:
    """Return a response whose assertion is signed in the manner of a case."""
    root = etree.fromstring(GOOD.response())
    plain = root.find(f"{SAML}Assertion")
    assert plain is not None
    how = MANNERS[case][0]
    forms = [one for one in how.get("transforms", [EXCLUSIVE]) if one != ENVELOPED]
    signable = (
        how if forms[-1:] == how.get("transforms", [EXCLUSIVE])[-1:] else how | {"transforms": [ENVELOPED, EXCLUSIVE]}
    )
    assertion = sign(plain, **signable)
    if signable is not how:
        for transform, named in zip(assertion.iter(f"{DS}Transform"), how["transforms"], strict=True):
            transform.set("Algorithm", named)
    root.replace(plain, assertion)
    return root


@pytest.mark.parametrize("case", MANNERS)
def test_only_the_few_forms_of_a_signature_are_taken(case: str) -> None:
    """Weak, foreign or confused algorithms and keys, other transforms and references (attacks.md 123, 125)."""
    assert fault_of(message(confused(case))) is MANNERS[case][1]


def test_the_key_in_the_message_is_not_even_read() -> None:
    """A KeyInfo that belongs to nobody, or is no key at all, changes nothing; the metadata's key signed."""
    for key_info in (STRANGERS_KEY, "<ds:KeyInfo><ds:KeyValue>x</ds:KeyValue></ds:KeyInfo>"):
        accept(message(signed(key_info=key_info)), trust(), EXPECTED)


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        ("(<ds:SignedInfo>.*</ds:SignedInfo>)", r"\1\1"),
        ("(<ds:SignedInfo>)", r"<ds:SignedInfo/>\1"),
        ("(<ds:Reference .*</ds:Reference>)", r"\1\1"),
        ("(<ds:DigestValue>....)", r"\1<!-- x -->"),
        ("(<ds:DigestValue>....)", r"\1<ds:x/>"),
        ("(<ds:DigestValue>....)", r"\1*"),
        ("<ds:DigestValue>.*</ds:DigestValue>", "<ds:DigestValue></ds:DigestValue>"),
        ("(<ds:DigestValue>.*)=(</ds:DigestValue>)", r"\1\2"),
        ("(<ds:SignatureValue>....)", r"\1<ds:x/>"),
        ("(<ds:SignatureValue>....)", r"\1!"),
        ("(<ds:SignatureValue>.*</ds:SignatureValue>)", r"\1\1"),
        ("(<ds:SignatureMethod [^>]*)/>", r"\1><ds:HMACOutputLength>8</ds:HMACOutputLength></ds:SignatureMethod>"),
        ("(</ds:Signature>)", r"<ds:Object/>\1"),
        ("(<ds:Transform [^>]*)/>", r"\1><ds:XPath>1</ds:XPath></ds:Transform>"),
        ("(<ds:CanonicalizationMethod [^>]*)/>", r"\1>x</ds:CanonicalizationMethod>"),
    ],
)
def test_a_signature_that_has_more_parts_than_it_may_is_refused(pattern: str, replacement: str) -> None:
    """Two SignedInfo, a comment in a digest and their like, where readers differ in which they take (attacks.md 124)."""
    changed = re.sub(pattern, replacement, TEXT, count=1)
    assert changed != TEXT
    assert fault_of(changed.encode()) in {Fault.SIGNATURE_FORM, Fault.COMMENT, Fault.ENCODING, Fault.STRUCTURE}


def test_what_cannot_be_canonicalised_is_refused() -> None:
    """A relative namespace has no canonical form; the digest of nothing is not the digest of it (attacks.md 122)."""
    root = etree.fromstring(
        GOOD.response().replace("<saml:AuthnStatement", '<x xmlns="relative"/><saml:AuthnStatement')
    )
    plain = root.find(f"{SAML}Assertion")
    assert plain is not None
    with pytest.raises(etree.C14NError):
        signing.canonical(plain, [EXCLUSIVE])
    good = sign(etree.fromstring(GOOD.assertion()))
    signature = good.find(f"{DS}Signature")
    assert signature is not None
    for value in (b64encode(sha256(b"").digest()).decode(), None):
        digest = signature.find(f".//{DS}DigestValue")
        assert digest is not None
        digest.text = value or digest.text
        plain.insert(1, signature)
        assert fault_of(message(root)) is Fault.SIGNATURE


def test_the_library_is_not_believed_beyond_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it to verify something else than it was given, or nothing, that would be no signature of ours."""
    (parent,) = signed().iter(f"{SAML}Assertion")
    other = etree.fromstring(GOOD.assertion().replace("_assertion-1", "_other"))
    for data, element in ((b"", parent), (b"x", None), (b"x", other), (b"x", other[1])):
        result = (data, element)
        monkeypatch.setattr(signatures_library, "verify", lambda *_, result=result: result)
        assert fault_of(message(signed())) is Fault.SIGNATURE


def test_the_library_itself_takes_no_weak_algorithm() -> None:
    """A second wall behind the first."""
    certificate = keys.certificate(keys.rsa_key())
    weak: list[dict[str, Any]] = [
        {"method": "rsa-sha1"},
        {"method": "rsa-sha224"},
        {"digest": "sha1"},
        {"digest": "sha224"},
        {"method": "hmac-sha256", "key": PEM},
        {"method": "none"},
    ]
    for how in weak:
        alone = message(sign(etree.fromstring(GOOD.assertion()), **how))
        with pytest.raises(BadMessage):
            signatures_library.verify(alone, [certificate])
    signatures_library.verify(message(sign(etree.fromstring(GOOD.assertion()))), [certificate])


RESULTS = {name: message(signed(GOOD, **how)) for name, how in WELL_SIGNED.items()}
TOLD = accept(RESULTS["both"], trust(), EXPECTED)


def assert_no_other_content(raw: bytes) -> None:
    """Check that a message is refused, or tells what the untouched one told."""
    try:
        told = accept(raw, trust(), EXPECTED)
    except BadMessage:
        return
    assert told == TOLD


@pytest.mark.parametrize("places", RESULTS)
def test_no_region_can_be_changed(places: str) -> None:
    """Every sixteen bytes of a message, replaced, left out, or written twice."""
    raw = RESULTS[places]
    for start in range(0, len(raw), 16):
        before, region, after = raw[:start], raw[start : start + 16], raw[start + 16 :]
        for changed in (bytes(byte ^ 1 for byte in region), b"", region * 2):
            assert_no_other_content(before + changed + after)


@given(st.sampled_from(sorted(RESULTS)), st.data())
@settings(max_examples=300, deadline=None)
def test_no_byte_can_be_changed(places: str, data: st.DataObject) -> None:
    """Any byte into any other, two regions swapped, a region copied to another place."""
    raw = RESULTS[places]
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(raw) - 1)] * 2)))
    length = data.draw(st.integers(1, 64))
    assert_no_other_content(raw[:first] + bytes([data.draw(st.integers(0, 255))]) + raw[first + 1 :])
    assert_no_other_content(raw[:first] + raw[second : second + length] + raw[first:])
