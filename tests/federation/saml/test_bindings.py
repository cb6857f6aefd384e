"""What comes through an address or a form? The message as it was sent, by whom the signature says, and no bombs."""

import tracemalloc
import zlib
from base64 import b64encode
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from federation.saml import keys
from poolkeeper.federation.saml import bindings
from poolkeeper.federation.saml.bindings import REQUEST, Redirected, from_redirect, to_redirect
from poolkeeper.federation.saml.faults import BadMessage, Fault

MORE = "http://www.w3.org/2001/04/xmldsig-more#"
CERTIFICATES = [keys.certificate(keys.rsa_key())]
HTML = b"<samlp:LogoutRequest>\xc3\xa4 &amp; + / =</samlp:LogoutRequest>"


def query(*, relay_state: str | None = "a b&c=\u00e4+%", message: bytes = HTML) -> bytes:
    """Return the query of a redirect signed by the identity provider."""
    address = to_redirect("https://sp.example", REQUEST, message, relay_state=relay_state, key=keys.rsa_key())
    return address.partition("?")[2].encode()


def fault_of(text: bytes) -> Fault:
    """Return why a query is refused."""
    with pytest.raises(BadMessage) as caught:
        from_redirect(text, REQUEST, CERTIFICATES)
    return caught.value.fault


@pytest.mark.parametrize("relay_state", ["a b&c=\u00e4+%", "", None])
def test_a_redirect_comes_back_as_it_was(relay_state: str | None) -> None:
    """The message, and the state that was signed with it; other fields of the query are nobody's."""
    text = query(relay_state=relay_state)
    assert from_redirect(text, REQUEST, CERTIFICATES) == Redirected(HTML, relay_state)
    assert from_redirect(b"x=1&" + text + b"&SAMLRequestX=2", REQUEST, CERTIFICATES) == Redirected(HTML, relay_state)


def test_an_address_may_have_a_query_already() -> None:
    """Then ours goes on; without a key nothing is signed."""
    assert to_redirect("https://idp/sso?a=b", REQUEST, b"x", relay_state=None, key=None).startswith(
        "https://idp/sso?a=b&SAMLRequest="
    )
    assert "Sig" not in to_redirect("https://idp/sso", REQUEST, b"x", relay_state="y", key=None)


def test_fields_may_come_in_another_order_and_spelling() -> None:
    """What was signed is put together from the bytes that were sent; lower case in %2b is the sender's choice."""
    encoded = quote(b64encode(bindings.deflate(HTML)).decode(), safe="").replace("%2B", "%2b").replace("%2F", "%2f")
    signed = f"SAMLRequest={encoded}&RelayState=a+b&SigAlg={quote(MORE, safe='')}rsa-sha256"
    value = keys.rsa_key().sign(signed.encode(), padding.PKCS1v15(), SHA256())
    fields = [f"Signature={quote(b64encode(value).decode(), safe='')}", *reversed(signed.split("&"))]
    assert from_redirect("&".join(fields).encode(), REQUEST, CERTIFICATES) == Redirected(HTML, "a b")


def test_a_redirect_may_be_signed_on_a_curve() -> None:
    """The two numbers side by side, as in XML; an RSA key elsewhere in the metadata does not mind."""
    signed = query().rpartition(b"&Signature=")[0].replace(b"rsa-sha256", b"ecdsa-sha256")
    r, s = decode_dss_signature(keys.ec_key().sign(signed, ec.ECDSA(SHA256())))
    value = quote(b64encode(r.to_bytes(32) + s.to_bytes(32)).decode(), safe="").encode()
    both = [*CERTIFICATES, keys.certificate(keys.ec_key())]
    assert from_redirect(signed + b"&Signature=" + value, REQUEST, both).message == HTML
    assert fault_of(signed + b"&Signature=" + value) is Fault.SIGNATURE
    with pytest.raises(BadMessage):
        from_redirect(signed + b"&Signature=QUFB", REQUEST, both)


def test_the_algorithm_is_one_of_the_kind_of_key_that_signed() -> None:
    """A good signature by a key of ours that is called by the other kind's name."""
    both = [*CERTIFICATES, keys.certificate(keys.ec_key())]
    as_ecdsa = query().rpartition(b"&Signature=")[0].replace(b"rsa-sha256", b"ecdsa-sha256")
    as_rsa = query().rpartition(b"&Signature=")[0]
    r, s = decode_dss_signature(keys.ec_key().sign(as_rsa, ec.ECDSA(SHA256())))
    for signed, value in (
        (as_ecdsa, keys.rsa_key().sign(as_ecdsa, padding.PKCS1v15(), SHA256())),
        (as_rsa, r.to_bytes(32) + s.to_bytes(32)),
    ):
        text = signed + b"&Signature=" + quote(b64encode(value).decode(), safe="").encode()
        with pytest.raises(BadMessage) as caught:
            from_redirect(text, REQUEST, both)
        assert caught.value.fault is Fault.SIGNATURE


def test_a_redirect_without_a_good_signature_is_refused() -> None:
    """None, a stranger's, over another state, by a weak hash, by no algorithm, or with a field twice."""
    good = query()
    head = good.rpartition(b"&Signature=")[0]
    sha1 = head.replace(b"xmldsig-more%23rsa-sha256", b"xmldsig%23rsa-sha1").replace(b"2001%2F04", b"2000%2F09")
    weak = quote(b64encode(keys.rsa_key().sign(sha1, padding.PKCS1v15(), SHA1())).decode(), safe="").encode()
    assert b"rsa-sha1" in sha1
    assert fault_of(head) is Fault.UNSIGNED
    assert fault_of(good.replace(b"&SigAlg=", b"&sigalg=")) is Fault.UNSIGNED
    assert fault_of(good.replace(b"RelayState=a", b"RelayState=b")) is Fault.SIGNATURE
    assert fault_of(good.replace(b"&RelayState=", b"&relaystate=")) is Fault.SIGNATURE
    assert fault_of(good.replace(b"rsa-sha256", b"rsa-sha512")) is Fault.SIGNATURE
    assert fault_of(good.replace(b"rsa-sha256", b"hmac-sha256")) is Fault.SIGNATURE
    assert fault_of(good.replace(quote(MORE, safe="").encode(), b"")) is Fault.SIGNATURE
    assert fault_of(sha1 + b"&Signature=" + weak) is Fault.SIGNATURE
    assert fault_of(good + b"*") is Fault.ENCODING
    for again in (b"&SAMLRequest=x", b"&RelayState=x", b"&SigAlg=x", b"&Signature=x"):
        assert fault_of(good + again) is Fault.ENCODING
    assert fault_of(good.replace(b"SAMLRequest", b"SAMLResponse")) is Fault.ENCODING
    assert fault_of(good + b"&x=\xc3\xa4") is Fault.ENCODING
    assert fault_of(good + b"&x=" + b"y" * 70_000) is Fault.ENCODING
    with pytest.raises(BadMessage):
        from_redirect(good, REQUEST, [])


def test_a_bomb_of_deflate_is_never_unfolded() -> None:
    """256 MiB of nothing: what is made of it stays below a MiB (attacks.md 130)."""
    stream = zlib.compressobj(9, wbits=-15)
    bomb = b"".join(stream.compress(bytes(1024 * 1024)) for _ in range(256)) + stream.flush()
    tracemalloc.start()
    with pytest.raises(BadMessage, match="more than 262144 bytes"):
        bindings.inflate(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1024 * 1024


def test_what_is_deflated_ends_where_it_ends() -> None:
    """The longest that is taken; one byte more, a tail, a piece, and what is no deflate at all."""
    longest = bytes(bindings.MOST_INFLATED - 1)
    assert bindings.inflate(bindings.deflate(longest)) == longest
    for wrong in (bindings.deflate(longest + b"xx"), bindings.deflate(b"x") + b"y", bindings.deflate(HTML)[:-3], HTML):
        with pytest.raises(BadMessage) as caught:
            bindings.inflate(wrong)
        assert caught.value.fault is Fault.ENCODING


def test_a_form_takes_base64_of_one_reading() -> None:
    """With line breaks or without; no foreign signs, no wrong padding, nothing above 100,000 characters."""
    assert bindings.from_post(bindings.to_post(HTML)) == HTML
    assert bindings.from_post("QU\r\n FB\n") == b"AAA"
    for wrong in ("", " ", "QUF", "QUFB=", "QU=B", "QUFB*", "QUF_", "\u00e4", "A" * 100_004):
        with pytest.raises(BadMessage) as caught:
            bindings.from_post(wrong)
        assert caught.value.fault is Fault.ENCODING
