"""Does a provider that others made understand us, and we it? samlp (Auth0's), unmodified, in a Node server of the tests."""

import html
import json
import re
import shutil
import subprocess
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from federation.saml import keys
from federation.saml.identity_provider import ACS, AUDIENCE, ISSUER, MINUTE
from poolkeeper.federation.saml import bindings, logout, metadata, names, requests
from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.federation.saml.logout import LogoutRequest, LogoutResponse, Peer
from poolkeeper.federation.saml.metadata import Provider
from poolkeeper.federation.saml.requests import AuthnRequest
from poolkeeper.federation.saml.responses import Trust, accept
from poolkeeper.federation.saml.signatures import Signer
from poolkeeper.federation.saml.statements import Expected, NameId

SERVER = Path(__file__).parent / "samlp_provider.mjs"
NODE_MODULES = Path(__file__).parents[3] / "node_modules"
OURS = Signer(keys.rsa_key("sp"), keys.certificate(keys.rsa_key("sp")))
LOGOUT = "https://auth.example.org/saml2/logout"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def now() -> int:
    """Return the time: the provider knows no other clock than the machine's."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Samlp:
    """The running provider, by its own metadata."""

    origin: str
    provider: Provider

    def get(self, address: str) -> httpx.Response:
        """Go where a redirect leads."""
        return httpx.get(address, trust_env=False)

    def peer(self) -> Peer:
        """Return whom messages about logout come from."""
        return Peer(
            issuer=self.provider.entity_id,
            certificates=self.provider.certificates,
            address=LOGOUT,
            now=now(),
            skew=MINUTE,
            most_age=5 * MINUTE,
        )


@pytest.fixture(scope="module")
def samlp() -> Iterator[Samlp]:
    """Run the provider, which is stopped in the end."""
    node = shutil.which("node")
    assert node is not None, "node is not installed"
    assert (NODE_MODULES / "samlp").is_dir(), "the JavaScript clients are not installed: run `npm ci`"
    theirs, sp = keys.rsa_key(), OURS.certificate
    facts = {
        "key": theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "cert": keys.certificate(theirs).public_bytes(Encoding.PEM).decode(),
        "issuer": ISSUER,
        "serviceCert": sp.public_bytes(Encoding.PEM).decode(),
        "servicePublicKey": sp.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "acs": ACS,
        "logout": LOGOUT,
        "audience": AUDIENCE,
    }
    with subprocess.Popen([node, str(SERVER), json.dumps(facts)], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            origin = f"http://127.0.0.1:{int(process.stdout.readline())}"
            text = httpx.get(f"{origin}/metadata", trust_env=False).raise_for_status().content
            yield Samlp(origin, metadata.read(text, now=now(), pinned=ISSUER))
        finally:
            process.terminate()


def form_of(page: httpx.Response) -> tuple[str, dict[str, str]]:
    """Return where a page's form goes and what it holds."""
    assert page.status_code == httpx.codes.OK, page.text
    action = re.search(r'action="([^"]*)"', page.text)
    assert action is not None, page.text
    fields = re.findall(r'name="(\w+)"\s+value="([^"]*)"', page.text)
    return html.unescape(action[1]), {name: html.unescape(value) for name, value in fields}


def request_to(samlp: Samlp, way: str) -> AuthnRequest:
    """Return a request for one of the provider's ways to answer."""
    return AuthnRequest(
        id=f"_{way}-0123456789", issued=now(), issuer=AUDIENCE, destination=f"{samlp.origin}/sso/{way}", acs=ACS
    )


def test_its_metadata_are_read(samlp: Samlp) -> None:
    """Its key, and its addresses by both bindings."""
    assert samlp.provider.certificates == (keys.certificate(keys.rsa_key()),)
    assert samlp.provider.sign_in[names.HTTP_REDIRECT].location == f"{samlp.origin}/sso/assertion"
    assert samlp.provider.logout[names.HTTP_POST].location == f"{samlp.origin}/logout/post"


@pytest.mark.parametrize(
    "way", ["assertion", "response", "both", "prefixed", "encrypted", "encrypted-and-signed", "cbc"]
)
def test_its_response_is_verified(samlp: Samlp, way: str) -> None:
    """Signed here or there or encrypted: whom it names, and what it says of them."""
    request = request_to(samlp, way)
    page = samlp.get(requests.to_redirect(request, relay_state="opaque/+=", signer=OURS))
    action, fields = form_of(page)
    assert (action, fields["RelayState"]) == (ACS, "opaque/+=")

    told = accept(
        bindings.from_post(fields["SAMLResponse"]),
        Trust(
            certificates=samlp.provider.certificates,
            decryption_keys=[OURS.key],
            only_encrypted=way in {"encrypted", "encrypted-and-signed", "cbc"},
        ),
        Expected(issuer=ISSUER, audiences=[AUDIENCE], addresses=[ACS], request_id=request.id, now=now(), skew=MINUTE),
    )
    assert told.name_id == NameId(value="ada")
    assert told.session_index == "_session-1"
    assert told.attributes[f"{CLAIMS}surname"] == ("Lövelace & Co",)
    assert told.attributes["http://schemas.passportjs.com/groups"] == ("staff", "admins")
    assert told.expires > now() + 10 * MINUTE


def test_it_verifies_our_request(samlp: Samlp) -> None:
    """By query and by form; one that was changed on the way, or is not signed, it refuses."""
    request = request_to(samlp, "assertion")
    address = requests.to_redirect(request, relay_state="a", signer=OURS)
    unsigned = requests.to_redirect(request, relay_state="a")
    assert "does not match" in samlp.get(address.replace("RelayState=a", "RelayState=b")).text
    assert "MUST be signed" in samlp.get(unsigned).text

    fields = {"SAMLRequest": requests.to_post(request, signer=OURS)}
    assert form_of(httpx.post(request.destination, data=fields, trust_env=False))[0] == ACS
    message = b64decode(fields["SAMLRequest"]).replace(AUDIENCE.encode(), b"urn:other")
    changed = {"SAMLRequest": b64encode(message).decode()}
    assert "Signature check errors" in httpx.post(request.destination, data=changed, trust_env=False).text


def test_its_response_to_another_request_is_refused(samlp: Samlp) -> None:
    """The very same bytes, expected for another."""
    _, fields = form_of(samlp.get(requests.to_redirect(request_to(samlp, "both"), relay_state=None, signer=OURS)))
    expected = Expected(
        issuer=ISSUER, audiences=[AUDIENCE], addresses=[ACS], request_id="_other", now=now(), skew=MINUTE
    )
    with pytest.raises(BadMessage) as caught:
        accept(bindings.from_post(fields["SAMLResponse"]), Trust(certificates=samlp.provider.certificates), expected)
    assert caught.value.fault is Fault.IN_RESPONSE_TO


def our_logout(destination: str) -> LogoutRequest:
    """Return the request that ends the provider's one session."""
    return LogoutRequest(
        id="_out-0123456789",
        issued=now(),
        expires=now() + 5 * MINUTE,
        issuer=AUDIENCE,
        destination=destination,
        name_id=NameId(value="ada"),
        session_index="_session-1",
    )


def test_it_ends_a_session_at_our_request(samlp: Samlp) -> None:
    """By redirect and by form; its answers verify."""
    by_redirect = our_logout(f"{samlp.origin}/logout/redirect")
    answer = samlp.get(logout.to_redirect(by_redirect, relay_state="back", signer=OURS))
    assert answer.status_code == httpx.codes.FOUND, answer.text
    query = urlsplit(answer.headers["location"]).query.encode()
    logout.accept_redirect(query, samlp.peer(), request_id=by_redirect.id)

    by_form = our_logout(f"{samlp.origin}/logout/post")
    fields: Any = {"SAMLRequest": logout.to_post(by_form, signer=OURS), "RelayState": "back"}
    action, sent = form_of(httpx.post(by_form.destination, data=fields, trust_env=False))
    assert (action, sent["RelayState"]) == (LOGOUT, "back")
    logout.accept_post(sent["SAMLResponse"], samlp.peer(), request_id=by_form.id)


def test_it_asks_us_to_end_a_session_and_believes_that_we_did(samlp: Samlp) -> None:
    """A LogoutRequest by redirect, answered by redirect; and by form, answered by form."""
    asked = samlp.get(f"{samlp.origin}/logout/redirect")
    ended = logout.request_from_redirect(urlsplit(asked.headers["location"]).query.encode(), samlp.peer())
    assert (ended.name_id, ended.sessions) == (NameId(value="ada"), ("_session-1",))
    done = LogoutResponse(
        id="_done-0123456789",
        issued=now(),
        issuer=AUDIENCE,
        destination=f"{samlp.origin}/done/redirect",
        request_id=ended.id,
    )
    answer = samlp.get(logout.to_redirect(done, relay_state=ended.relay_state, signer=OURS))
    assert answer.status_code == httpx.codes.OK, answer.text

    _, fields = form_of(samlp.get(f"{samlp.origin}/logout/post"))
    ended = logout.request_from_post(fields["SAMLRequest"], samlp.peer())
    done = replace(done, destination=f"{samlp.origin}/done/post", request_id=ended.id)
    sent: Any = {"SAMLResponse": logout.to_post(done, signer=OURS), "RelayState": fields["RelayState"]}
    answer = httpx.post(f"{samlp.origin}/done/post", data=sent, trust_env=False)
    assert answer.status_code == httpx.codes.OK, answer.text
