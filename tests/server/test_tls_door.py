"""Does a TLS listener stay open while strangers do not shake hands? They are counted as all others are, and cut in time."""

import asyncio
import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.server import devtls, serving, tls_door
from poolkeeper.server.connections import Connections
from poolkeeper.server.devtls import DevTls
from poolkeeper.settings import Settings

REQUEST = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def scheme(scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
    """Answer by which way the request came."""
    content: bytes = scope["scheme"].encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


@pytest.fixture
def certificate(tmp_path: Path) -> DevTls:
    """Make a certificate for localhost."""
    return devtls.ensure(tmp_path, now=SystemClock().now(), entropy=Entropy())


class Doors:
    """A process with two listeners, plain and TLS, which share their connections."""

    def __init__(self, certificate: DevTls, settings: Settings) -> None:
        self.connections = Connections(settings)
        self._plain, self._secure = (serving.bind("127.0.0.1", 0, flag="") for _ in range(2))
        self._servers = [
            serving._server(scheme, settings, self.connections),
            serving._server(scheme, settings, self.connections, tls=certificate),
        ]
        self._trust = ssl.create_default_context(cafile=certificate.ca_file)
        self.plain_port, self.tls_port = (one.getsockname()[1] for one in (self._plain, self._secure))

    @contextmanager
    def open(self) -> Iterator["Doors"]:
        """Serve while the block lasts."""
        for listener in (self._plain, self._secure):
            listener.listen(100)  # the first client must not be faster than the thread
        thread = threading.Thread(target=lambda: uvloop.run(self._serve()))
        thread.start()
        try:
            yield self
        finally:
            for server in self._servers:
                server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()

    async def _serve(self) -> None:
        plain, secure = self._servers
        async with asyncio.TaskGroup() as both:
            both.create_task(plain.serve(sockets=[self._plain]))
            both.create_task(secure.serve(sockets=[self._secure]))

    def unshaken(self) -> socket.socket:
        """Connect to the TLS port and say nothing."""
        return socket.create_connection(("127.0.0.1", self.tls_port), timeout=20)

    def ask(self, *, tls: bool) -> str:
        """Ask either listener over a new connection."""
        connection = (
            http.client.HTTPSConnection("localhost", self.tls_port, timeout=20, context=self._trust)
            if tls
            else http.client.HTTPConnection("localhost", self.plain_port, timeout=20)
        )
        with contextlib.closing(connection):
            connection.request("GET", "/")
            return connection.getresponse().read().decode()


def _whole(connection: socket.socket) -> bytes:
    """Return an answer of five bytes: head and body may come one after the other."""
    said = b""
    while said.partition(b"\r\n\r\n")[2] == b"" and (piece := connection.recv(1_000)):
        said += piece
    return said


def test_both_doors_answer(certificate: DevTls) -> None:
    """Over TLS and in clear, one request after the other on one connection, and nothing is counted afterwards."""
    with Doors(certificate, Settings()).open() as doors:
        assert doors.ask(tls=True) == "https"
        assert doors.ask(tls=False) == "http"
        with doors.unshaken() as raw, doors._trust.wrap_socket(raw, server_hostname="localhost") as secure:
            for _ in range(3):
                secure.sendall(REQUEST)
                assert _whole(secure).endswith(b"https")
    assert len(doors.connections) == 0


def test_clear_http_is_answered_in_words(certificate: DevTls) -> None:
    """Whoever types http:// for the TLS port reads why nothing works, whatever they send; nothing is counted afterwards."""
    with Doors(certificate, Settings()).open() as doors:
        for sent in (REQUEST, b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000\r\n\r\n" + b"x" * 9_000):
            with doors.unshaken() as raw:
                raw.sendall(sent)
                raw.shutdown(socket.SHUT_WR)
                said = b"".join(iter(lambda: raw.recv(1_000), b""))
                assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
                assert said.endswith(b"its addresses begin with https:// and not with http://.\n")
        assert doors.ask(tls=True) == "https"
    assert len(doors.connections) == 0


def test_tls_in_clear_is_told_to_the_log_in_words(certificate: DevTls, caplog: pytest.LogCaptureFixture) -> None:
    """Its client cannot read an answer, so the line on the terminal has to say it."""
    with Doors(certificate, Settings()).open() as doors:
        with (
            socket.create_connection(("127.0.0.1", doors.plain_port), timeout=20) as raw,
            pytest.raises(ssl.SSLError),
        ):
            doors._trust.wrap_socket(raw, server_hostname="localhost")
        assert doors.ask(tls=False) == "http"
    assert "A client spoke TLS to a port without it" in caplog.text


def test_who_does_not_shake_hands_is_counted_and_cut(certificate: DevTls, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unfinished handshakes of one address are held to its number, at both doors, and end when their time is over."""
    monkeypatch.setattr(tls_door, "HANDSHAKE_SECONDS", 3)
    with (
        Doors(certificate, Settings(max_connections_per_address=3)).open() as doors,
        contextlib.ExitStack() as stack,
    ):
        held = [stack.enter_context(doors.unshaken()) for _ in range(3)]
        with doors.unshaken() as one_more:
            assert one_more.recv(1) == b""
        with socket.create_connection(("127.0.0.1", doors.plain_port), timeout=20) as plain:
            assert b" 503 " in plain.recv(1_000)
        for connection in held:
            assert connection.recv(1) == b""
        assert doors.ask(tls=True) == "https"
        assert doors.ask(tls=False) == "http"


def test_unfinished_handshakes_give_way(certificate: DevTls) -> None:
    """Where they take all places, everybody who comes by either door is served, and the longest waiting is cut."""
    with Doors(certificate, Settings(max_connections=3)).open() as doors, contextlib.ExitStack() as stack:
        held = [stack.enter_context(doors.unshaken()) for _ in range(3)]
        assert doors.ask(tls=True) == "https"
        assert held[0].recv(1) == b""
        held.append(stack.enter_context(doors.unshaken()))
        assert doors.ask(tls=False) == "http"
        assert held[1].recv(1) == b""


def test_garbage_in_place_of_a_handshake_ends_its_connection(certificate: DevTls) -> None:
    """The door stays open, and nothing of it is counted on."""
    with Doors(certificate, Settings()).open() as doors:
        with doors.unshaken() as connection:
            connection.sendall(REQUEST)
            with contextlib.suppress(ConnectionError):
                while connection.recv(1_000):
                    pass
        assert doors.ask(tls=True) == "https"
    assert len(doors.connections) == 0
