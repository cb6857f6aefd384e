"""What do slow sockets cost those who sign in? A place for some seconds: pages and tokens come meanwhile (attacks.md F19)."""

import contextlib
import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server import program
from server.operating import KEY_ID, KEY_SECRET, client_of
from wire.raw_sockets import everything, status

SLOW = 500
CALLBACK = "https://app.example/callback"
# Nothing, half a head, a head without its body, and a form that stops in the middle.
BEGINNINGS = (
    b"",
    b"GET /login?client_id=",
    b"POST /oauth2/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60\r\n\r\n",
    b"POST /login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 60\r\n\r\nusername=ada&pass",
)


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    room = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, room[1]), room[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, room)


def an_app(where: program.Place) -> dict[str, str]:
    """Make a pool with an app and return an authorize request of it."""
    admin = client_of(where)
    pool_id = admin.create_user_pool(PoolName="slow")["UserPool"]["Id"]
    made = admin.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="slow",
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=[CALLBACK],
    )["UserPoolClient"]
    return {"client_id": made["ClientId"], "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}


@pytest.mark.usefixtures("many_descriptors")
def test_pages_are_served_beside_five_hundred_slow_sockets(tmp_path: Path) -> None:
    """attacks.md F19: while they hold on nobody else is refused, and each of them is cut in its time."""
    where = program.place(
        tmp_path,
        root_access_key_id=KEY_ID,
        root_secret_access_key=KEY_SECRET,
        header_seconds="3",
        body_seconds="3",
        max_connections_per_address="600",
    )
    with program.serving(where, "--dev"), contextlib.ExitStack() as stack:
        asked = an_app(where)
        begun, slow = time.monotonic(), []
        for number in range(SLOW):
            slow.append(stack.enter_context(socket.create_connection(("127.0.0.1", where.port), timeout=30)))
            slow[-1].sendall(BEGINNINGS[number % len(BEGINNINGS)])

        seen: Counter[int] = Counter()
        held = time.monotonic() + 2
        with httpx.Client(base_url=where.endpoint, trust_env=False, timeout=20) as honest:
            while time.monotonic() < held:
                seen[honest.get("/login", params=asked).status_code] += 1
                seen[honest.post("/oauth2/token", data={"grant_type": "x", **asked}).status_code] += 1
        said = Counter(status(answer) if (answer := everything(connection)) else 0 for connection in slow)

    assert set(seen) == {200, 400}
    assert seen[200] > 2
    # Who sent nothing hears nothing.
    assert said == {0: SLOW // 4, 408: SLOW // 4 * 3}
    assert time.monotonic() - begun < 30
