"""Does everybody behind a real nginx get their own answer? One connection to the server, kept alive, for all of them."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nginx_server
from poolkeeper.settings import Settings
from ports import free_port
from wire.raw_sockets import serving

ROUNDS = 20
OFFER = {"Connection": "upgrade", "Upgrade": "x", "X-Amz-Target": "Large"}
# The lines that everybody copies for WebSockets, and one upstream connection that all clients share.
CONFIGURATION = """
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream poolkeeper {{ server 127.0.0.1:{upstream}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://poolkeeper;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
"""


@contextmanager
def proxied(upstream: int, folder: Path) -> Iterator[int]:
    """Run nginx before a server and yield the port on which it listens."""
    port = free_port()
    with nginx_server.running(folder, CONFIGURATION.format(upstream=upstream, port=port), port=port):
        yield port


def asked(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """Send one request on a connection of its own and return the body of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse().read()
    connection.close()
    return answer


def test_nobody_is_answered_what_another_one_asked(tmp_path: Path) -> None:
    """A request that hides behind an Upgrade, brought into a later read by line breaks, moves nobody's answers."""
    hidden = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 7\r\n\r\nmallory"
    body = b"\r\n" * 200_000 + hidden
    with serving(Settings(), signed_targets={b"Large"}) as (_, upstream), proxied(upstream, tmp_path) as port:
        for number in range(ROUNDS):
            said = asked(port, "POST", "/", body, **OFFER)
            assert b'"length": %d' % len(body) in said
            assert b'"length": %d' % number in asked(port, "POST", "/", b"v" * number)
            assert b'"length": 0' in asked(port, "GET", "/health")
