"""Where are the documents of a test? At no real host: a stand-in for the egress answers for them, and notes what was asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from oauth.browsing import Browser
from oauth.hosted import CALLBACK, CHALLENGE, NAME, VERIFIER, Answer, code_client, post
from pages.walking import Walk
from poolkeeper.egress import EgressFailed, Response

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
NOWHERE = EgressFailed("https://tools.example.com took longer than 5 s", kind="time-out")


def host_of(client: ClientOfTests) -> str:
    """Return a host of documents that no other test has: on the bare host the oldest policy of all pools decides."""
    return f"{client.pool.pool_id.rpartition('_')[2].lower()}.example.com"


def url_of(client: ClientOfTests, path: str = "/client.json") -> str:
    """Return the address by which the app of a test names itself."""
    return f"https://{host_of(client)}{path}"


def document(url: str, **said: Any) -> dict[str, Any]:
    """Return a document that is accepted; members that are None are left out."""
    known = {
        "client_id": url,
        "client_name": "The Tool",
        "redirect_uris": [CALLBACK],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        **said,
    }
    return {name: value for name, value in known.items() if value is not None}


@dataclass
class Host:
    """What each address answers; the others fail. `asked` are the addresses that were asked for, in order."""

    answers: dict[str, Response | Exception] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    most_bytes: int = 0

    def put(
        self, url: str, said: object = None, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer an address with JSON, or with bytes as they are; with a good document where nothing is given."""
        said = document(url) if said is None else said
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.answers[url] = Response(status, headers or {}, body)

    async def request(self, method: str, url: str, **given: Any) -> Response:
        """Stand in for Egress.request."""
        assert method == "GET"
        assert not given["plain_http"]
        self.most_bytes = given["max_bytes"]
        self.asked.append(url)
        answer = self.answers.get(url, NOWHERE)
        if isinstance(answer, Exception):
            raise answer
        if len(answer.body) > given["max_bytes"]:
            raise EgressFailed("too large", kind="answer")
        return answer


@pytest.fixture
def host(world: World, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Hand a test the host of documents, which has none yet."""
    made = Host()
    monkeypatch.setattr(world.house.egress, "request", made.request)
    return made


def policy(client: ClientOfTests, *patterns: str, **settings: Any) -> str:
    """Let apps name themselves by an address as this app client; return the policy's id."""
    given = {"PolicyName": "tools", "URLPatterns": list(patterns) or [url_of(client, "/*")], **settings}
    made = client.world.signed.create_cimd_policy(UserPoolId=client.pool.pool_id, ClientId=client.client_id, **given)
    return str(made["CIMDPolicy"]["CIMDPolicyId"])


def walk(client: ClientOfTests, url: str, **asked: str) -> Walk:
    """Return a browser that an app sends to sign in, with its address as the client id."""
    return Walk(Browser(client.pool), client, {"client_id": url, **PKCE, **asked})


def code_of(walk: Walk, name: str = NAME) -> str:
    """Sign in by the page; return the code that the app gets."""
    page = walk.follow(walk.authorize())
    return walk.send(page, "/login", username=name, password=PASSWORD).told["code"]


def exchange(world: World, code: str, url: str, **more: str) -> Answer:
    """Exchange a code as an app does that names itself by an address."""
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": url,
        "code_verifier": VERIFIER,
        **more,
    }
    return post(world, "/oauth2/token", {name: value for name, value in fields.items() if value})


def refresh(world: World, token: str, url: str) -> Answer:
    """Ask for the next tokens as such an app does."""
    return post(world, "/oauth2/token", {"grant_type": "refresh_token", "refresh_token": token, "client_id": url})


def metadata(pool: PoolOfTests) -> Mapping[str, Any]:
    """Return what the pool says of itself."""
    status, _, body = pool.world.get(f"/{pool.pool_id}/.well-known/openid-configuration")
    assert status == 200
    told: Mapping[str, Any] = json.loads(body)
    return told


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make an app client with a secret, which gives apps without one their settings, and `ada`."""
    pool = world.pool()
    pool.user(NAME, email="ada@example.com", email_verified="true")
    return code_client(pool, GenerateSecret=True, ClientName="behind the policy")


@pytest.fixture
def url(client: ClientOfTests, host: Host) -> str:
    """Return an address with a good document, which a policy allows."""
    url = url_of(client)
    host.put(url)
    policy(client)
    return url
