"""What does it cost to come back from a SAML provider? The callback, with responses that were signed beforehand.

A response of the usual size, its assertion signed, to each of the requests with which browsers left; the server verifies one
signature, takes handle and assertion once, and opens a session and a code.
"""

import http.client
import re
import time
import zlib
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

import saml_response
from calls import Refused, call, form
from cryptography.hazmat.primitives.serialization import Encoding
from flows import PEOPLE, a_place
from world import World

CALLBACK = "https://app.example/callback"
_NAME, _PATH = "BenchSaml", "/saml2/idpresponse"
_ACS, _ID = re.compile(rb'AssertionConsumerServiceURL="([^"]+)"'), re.compile(rb' ID="([^"]+)"')
_METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="idp">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:KeyDescriptor use="signing">
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>
</ds:KeyInfo></md:KeyDescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
 Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""


def callbacks(world: World, count: int) -> list[bytes]:
    """Begin `count` sign-ins at a provider and return the forms with which browsers come back from it."""
    provider, port = saml_response.IdentityProvider(), world.server.port
    place = a_place(world)
    certificate = b64encode(provider.certificate().public_bytes(Encoding.DER)).decode()
    call(
        port,
        "CreateIdentityProvider",
        {
            "UserPoolId": place.pool_id,
            "ProviderName": _NAME,
            "ProviderType": "SAML",
            "ProviderDetails": {"MetadataFile": _METADATA.format(certificate)},
            "AttributeMapping": {"name": "claim-1"},
        },
        signed=True,
    )
    asked = {
        "UserPoolId": place.pool_id,
        "ClientName": "app",
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "CallbackURLs": [CALLBACK],
        "SupportedIdentityProviders": [_NAME],
    }
    client_id = call(port, "CreateUserPoolClient", asked, signed=True)["UserPoolClient"]["ClientId"]
    fields = {"client_id": client_id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
    path = f"/oauth2/authorize?{urlencode(fields)}"
    audience = f"urn:amazon:cognito:sp:{place.pool_id}"
    made = [_departure(provider, port, path, audience, number) for number in range(count + PEOPLE)]
    for sent, cookie in made[:PEOPLE]:  # the first sign-in of each person makes a user
        _come_back(port, sent, cookie)
    return [form(port, _PATH, sent, Cookie=cookie) for sent, cookie in made[PEOPLE:]]


def _departure(
    provider: saml_response.IdentityProvider, port: int, path: str, audience: str, number: int
) -> tuple[dict[str, str], str]:
    """Leave for the provider; return the form of the way back and the cookie that goes with it. Raises Refused."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    told = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("location", "")).query).items()}
    if "SAMLRequest" not in told:
        raise Refused(f"/oauth2/authorize: {answer.status} {answer.headers.get('location')}")
    request = zlib.decompress(b64decode(told["SAMLRequest"]), -zlib.MAX_WBITS)
    acs, request_id = _found(_ACS, request), _found(_ID, request)
    now = time.time()
    response = provider.response(
        both=False,
        changes={
            "https://sp/acs": acs,
            '"_r"': f'"{request_id}"',
            ">sp<": f">{audience}<",
            ">ada<": f">person-{number % PEOPLE}<",
            '"_a"': f'"_a{number}"',
            saml_response.STARTS: _instant(now - 1),
            saml_response.ENDS: _instant(now + 3600),
        },
    )
    sent = {"SAMLResponse": b64encode(response).decode(), "RelayState": told["RelayState"]}
    return sent, answer.headers["set-cookie"].partition(";")[0]


def _come_back(port: int, sent: dict[str, str], cookie: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", _PATH, body=urlencode(sent), headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if "code=" not in answer.headers.get("location", ""):
        raise Refused(f"{_PATH}: {answer.status} {answer.headers.get('location')}")


def _found(pattern: re.Pattern[bytes], text: bytes) -> str:
    found = pattern.search(text)
    if found is None:
        raise Refused("/oauth2/authorize: no request of SAML's")
    return found[1].decode()


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
