"""What is believed of metadata? One identity provider, its keys and its addresses; every fault has its name."""

from base64 import b64encode
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate
from lxml import etree

from federation.saml import keys
from federation.saml.identity_provider import ACS, AUDIENCE, ISSUER, MINUTE, NOW, instant
from poolkeeper.federation.saml import metadata, names, own_metadata
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.metadata import Place, read
from poolkeeper.federation.saml.own_metadata import ServiceProvider

SSO = "https://idp.example.com/sso"
SLO = "https://idp.example.com/slo"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"


def key(certificate: Certificate, use: str = ' use="signing"') -> str:
    """Return a KeyDescriptor, its certificate in lines."""
    text = b64encode(certificate.public_bytes(Encoding.DER)).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return (
        f'<md:KeyDescriptor{use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>\n{lines}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
    )


FIRST, SECOND, CURVE = (keys.certificate(one) for one in (keys.rsa_key(), keys.rsa_key("next"), keys.ec_key()))
ENCRYPTION = keys.certificate(keys.rsa_key("stranger"))
KEYS = key(FIRST) + key(ENCRYPTION, ' use="encryption"') + key(CURVE, "") + key(SECOND) + key(FIRST, "")
PLACES = (
    f'<md:SingleLogoutService Binding="{names.HTTP_REDIRECT}" Location="{SLO}" ResponseLocation="{SLO}/done?x=y"/>'
    f'<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="soap:"/>'
    "<md:NameIDFormat> urn:format </md:NameIDFormat>"
    f'<md:SingleSignOnService Binding="{names.HTTP_REDIRECT}" Location="{SSO}"/>'
    f'<md:SingleSignOnService Binding="{names.HTTP_POST}" Location="{SSO}/post"/>'
    f'<md:SingleSignOnService Binding="{names.HTTP_POST}" Location="{SSO}/second"/>'
)


def role(content: str = KEYS + PLACES, *, protocols: str = names.PROTOCOL, attributes: str = "") -> str:
    """Return an IDPSSODescriptor."""
    return f'<md:IDPSSODescriptor protocolSupportEnumeration="{protocols}" {attributes}>{content}</md:IDPSSODescriptor>'


def entity(content: str | None = None, *, name: str = ISSUER, attributes: str = "") -> str:
    """Return an EntityDescriptor."""
    return (
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{name}" {attributes}>'
        f"{role() if content is None else content}</md:EntityDescriptor>"
    )


def entities(*content: str, attributes: str = "") -> str:
    """Return an EntitiesDescriptor."""
    return (
        f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" {attributes}>'
        f"{''.join(content)}</md:EntitiesDescriptor>"
    )


SERVICE = entity('<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>', name="sp")


def test_metadata_are_told_as_plain_values() -> None:
    """The first address of each binding that we speak, all keys that sign in order and each once."""
    provider = read(entity().encode(), now=NOW, pinned=ISSUER)
    assert provider.entity_id == ISSUER
    assert provider.sign_in == {
        names.HTTP_REDIRECT: Place(SSO, SSO),
        names.HTTP_POST: Place(f"{SSO}/post", f"{SSO}/post"),
    }
    assert provider.logout == {names.HTTP_REDIRECT: Place(SLO, f"{SLO}/done?x=y")}
    assert provider.certificates == (FIRST, CURVE, SECOND)
    assert (provider.wants_signed_requests, provider.valid_until) == (False, None)
    assert provider.name_id_formats == ("urn:format",)


@pytest.mark.parametrize(
    ("text", "expected"), [("true", True), ("1", True), ("false", False), ("0", False), (None, False)]
)
def test_the_provider_may_want_signed_requests(text: str | None, *, expected: bool) -> None:
    """Every spelling of xs:boolean."""
    attributes = "" if text is None else f'WantAuthnRequestsSigned="{text}"'
    assert read(entity(role(attributes=attributes)).encode(), now=NOW).wants_signed_requests is expected


def test_one_provider_among_others_who_are_none_is_taken() -> None:
    """Service providers, and roles of another protocol, beside it or around it; comments are nobody's words."""
    other = role(protocols="urn:oasis:names:tc:SAML:1.1:protocol")
    texts = [
        entities(SERVICE, entity()),
        entities(entities(SERVICE), entities(entity(other + role(protocols=f"urn:x {names.PROTOCOL}")))),
        f'<?xml version="1.0" encoding="UTF-8"?><!-- a -->{entity()}'.replace(
            "<md:KeyDescriptor", "<!-- b --><md:KeyDescriptor"
        ),
    ]
    for text in texts:
        assert read(text.encode(), now=NOW).entity_id == ISSUER


def test_the_earliest_end_counts() -> None:
    """Of the list, of the entity and of the role."""
    valid = [f'validUntil="{instant(seconds)}"' for seconds in (600, 300, 900)]
    text = entities(entity(role(attributes=valid[2]), attributes=valid[1]), attributes=valid[0])
    assert read(text.encode(), now=NOW).valid_until == NOW + 5 * MINUTE
    assert read(text.encode(), now=NOW + 5 * MINUTE - 1).entity_id == ISSUER
    for order in (valid, valid[::-1], valid[1:] + valid[:1]):
        ended = entities(entity(role(attributes=order[2]), attributes=order[1]), attributes=order[0])
        with pytest.raises(BadMessage) as caught:
            read(ended.encode(), now=NOW + 5 * MINUTE)
        assert caught.value.fault is Fault.TIME


def with_place(location: str) -> str:
    """Return metadata with one address for signing in."""
    place = f'<md:SingleSignOnService Binding="{names.HTTP_POST}" Location="{location}"/>'
    return entity(role(KEYS + place))


def with_certificate(text: str) -> str:
    """Return metadata with one certificate of some text."""
    return entity(
        role(
            key(FIRST).partition("<ds:X509Certificate>")[0]
            + f"<ds:X509Certificate>{text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            + PLACES
        )
    )


FAULTS: dict[str, tuple[Callable[[], str], Fault]] = {
    "no XML": (lambda: "hello", Fault.XML),
    "a document type": (lambda: f'<!DOCTYPE x [<!ENTITY e "x">]>{entity()}', Fault.XML),
    "huge": (lambda: entity() + " " * metadata.MOST_BYTES, Fault.XML),
    "many entities": (lambda: entities(*(entity("", name=str(number)) for number in range(20_001))), Fault.XML),
    "something else": (lambda: "<html/>", Fault.NO_PROVIDER),
    "an empty list": (entities, Fault.NO_PROVIDER),
    "a service provider": (lambda: SERVICE, Fault.NO_PROVIDER),
    "another protocol": (lambda: entity(role(protocols="urn:oasis:names:tc:SAML:1.1:protocol")), Fault.NO_PROVIDER),
    "several": (lambda: entities(entity(), entity(name="other")), Fault.SEVERAL_PROVIDERS),
    "several roles": (lambda: entity(role() * 2), Fault.SEVERAL_PROVIDERS),
    "no entity id": (lambda: entity(name=""), Fault.STRUCTURE),
    "a long entity id": (lambda: entity(name="x" * 1_025), Fault.STRUCTURE),
    "another entity": (lambda: entity(name=f"{ISSUER}/"), Fault.ISSUER),
    "no boolean": (lambda: entity(role(attributes='WantAuthnRequestsSigned="yes"')), Fault.STRUCTURE),
    "no time": (lambda: entity(attributes='validUntil="soon"'), Fault.TIME),
    "no key": (lambda: entity(role(PLACES)), Fault.NO_CERTIFICATE),
    "a key for encryption alone": (
        lambda: entity(role(key(FIRST, ' use="encryption"') + PLACES)),
        Fault.NO_CERTIFICATE,
    ),
    "no certificate": (lambda: with_certificate("QUFB"), Fault.NO_CERTIFICATE),
    "no base64": (lambda: with_certificate("*"), Fault.NO_CERTIFICATE),
    "a long certificate": (lambda: with_certificate("A" * 4_100), Fault.NO_CERTIFICATE),
    "a comment in it": (lambda: with_certificate("QU<!-- -->FB"), Fault.STRUCTURE),
    "many certificates": (lambda: entity(role(key(FIRST) * 21 + PLACES)), Fault.NO_CERTIFICATE),
    "a weak key": (
        lambda: entity(role(key(keys.certificate(keys.rsa_key(bits=1024))) + PLACES)),
        Fault.NO_CERTIFICATE,
    ),
    "no address": (lambda: entity(role(KEYS)), Fault.NO_ADDRESS),
    "no address that we speak": (lambda: entity(role(KEYS + PLACES.replace("HTTP-", "XTTP-"))), Fault.NO_ADDRESS),
    **{
        f"address {text}": (lambda text=text: with_place(text), Fault.NO_ADDRESS)  # type: ignore[misc]
        for text in (
            "javascript:alert(1)",
            "data:text/html,x",
            "//idp.example.com/sso",
            "/sso",
            "https://",
            "https://user@idp.example.com/",
            "https://idp.example.com/#x",
            "https://idp.example.com/a b",
            "https://idp.example.com/&#10;x",
            "https://idp.example.com\\@x",
            "https://idp.example.com/\u00e4",
            "https://idp.example.com/" + "x" * 2_048,
        )
    },
}


@pytest.mark.parametrize("case", FAULTS)
def test_every_fault_is_named(case: str) -> None:
    """Whatever is wrong with metadata of a stranger (attacks.md 134)."""
    make, fault = FAULTS[case]
    with pytest.raises(BadMessage) as caught:
        read(make().encode(), now=NOW, pinned=ISSUER)
    assert caught.value.fault is fault


def test_a_weak_key_beside_a_good_one_is_left_out() -> None:
    """And so is one of a kind that nobody signs with."""
    weak = keys.certificate(keys.rsa_key(bits=1024))
    other = keys.certificate(dsa.generate_private_key(2048))
    text = entity(role(key(weak) + key(other) + key(FIRST) + PLACES))
    assert read(text.encode(), now=NOW).certificates == (FIRST,)


def test_our_own_metadata_say_what_an_administrator_needs() -> None:
    """Keys by their use, both addresses, in the order of the schema."""
    text = own_metadata.write(
        ServiceProvider(
            entity_id=AUDIENCE,
            acs=ACS,
            logout="https://auth.example.org/saml2/logout",
            signing=[FIRST, SECOND],
            encryption=[ENCRYPTION],
            signs_requests=True,
        )
    )
    assert text.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    root = etree.fromstring(text)
    (sp,) = root
    assert (root.tag, root.get("entityID"), sp.tag) == (f"{MD}EntityDescriptor", AUDIENCE, f"{MD}SPSSODescriptor")
    assert (sp.get("AuthnRequestsSigned"), sp.get("WantAssertionsSigned")) == ("true", "true")
    assert [str(one.tag).rpartition("}")[2] for one in sp] == [
        *["KeyDescriptor"] * 3,
        *["SingleLogoutService"] * 2,
        "NameIDFormat",
        "AssertionConsumerService",
    ]
    assert [one.get("use") for one in sp[:3]] == ["signing", "signing", "encryption"]
    assert b64encode(ENCRYPTION.public_bytes(Encoding.DER)).decode() in [part.text for part in sp[2].iter()]
    assert dict(sp[-1].attrib) == {"Binding": names.HTTP_POST, "Location": ACS, "index": "0", "isDefault": "true"}
