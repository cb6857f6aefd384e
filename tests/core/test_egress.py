"""Where does a call to the outside go, and how much can the other side cost us? attacks.md 107 and 108."""

import asyncio
import contextlib
import gzip
import ssl
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpcore
import pytest

from core.egress_spy import Spy, names
from functions.receiver import Answer, all_accepted, receiving
from poolkeeper.clock import SystemClock
from poolkeeper.egress import Egress, EgressFailed, EgressRefused, Response
from poolkeeper.entropy import Entropy
from poolkeeper.server import devtls
from poolkeeper.settings import Settings

PUBLIC = "93.184.215.14"
MEBIBYTE = 1_048_576


async def get(egress: Egress, url: str, **more: Any) -> Response:
    """Make one call with limits that no test waits for."""
    given: dict[str, Any] = {"headers": {}, "timeout_seconds": 5, "max_bytes": MEBIBYTE, "plain_http": True} | more
    return await egress.request("GET", url, **given)


def connections_to(
    url: str, addresses: Mapping[str, list[str]] | None = None, *, opened: tuple[str, ...] = (), **more: Any
) -> list[tuple[str, int]]:
    """Return where a call would have connected to; it fails, whether refused or spied upon."""
    spy = Spy()
    settings = Settings(egress_allow=opened)

    async def call() -> None:
        egress = Egress(settings, resolve=names(addresses or {}), network=spy)
        with pytest.raises((EgressRefused, EgressFailed)) as caught:
            await get(egress, url, **more)
        assert isinstance(caught.value, EgressFailed) == bool(spy.connections)
        await egress.close()

    asyncio.run(call())
    return spy.connections


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[fd12:3456::1]/",
        "http://[fd00:ec2::254]/",
        "http://[ff02::1]/",
        "http://[::]/",
        "http://0.0.0.0/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://100.64.0.1/",
        "http://100.100.100.200/",
        "http://168.63.129.16/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.0.2.1/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
    ],
)
def test_an_address_that_is_not_public_is_never_connected_to(url: str) -> None:
    """However it is spelt (attacks.md 107)."""
    assert connections_to(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://93.184.215.14/",
        "ftp://93.184.215.14/",
        "//93.184.215.14/",
        "93.184.215.14",
        "",
        "http://",
        "http:///path",
        "http://user@93.184.215.14/",
        "http://user:password@93.184.215.14/",
        "http://93.184.215.14:0/",
        "http://93.184.215.14:65536/",
        "http://93.184.215.14:port/",
        "http://93.184.215.14\\@127.0.0.1/",
        "http://93.184.215.14 /",
        "http://93.184.215.14/\r\nX: y",
        "http://93.184.215.14/caf\u00e9",
        "http://exämple.com/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://[2606:2800:220:1::1].example.com/",
        "http://example.com[2606:2800:220:1::1]/",
    ],
)
def test_a_url_that_is_not_plainly_one_is_refused(url: str) -> None:
    """Another scheme, a user's name, odd characters, no host: nothing is guessed."""
    assert connections_to(url) == []


def test_http_wants_a_word_of_its_own() -> None:
    """Without `plain_http` only TLS goes out."""
    assert connections_to("http://93.184.215.14/", plain_http=False) == []
    assert connections_to("https://93.184.215.14/", plain_http=False) == [(PUBLIC, 443)]


def test_a_name_is_judged_by_its_addresses_and_looked_up_once() -> None:
    """The connection goes to the address that was judged, so a later answer (DNS rebinding) is never asked for."""
    asked = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    async def call() -> list[tuple[str, int]]:
        spy = Spy()
        egress = Egress(Settings(), resolve=rebinding, network=spy)
        with pytest.raises(EgressFailed):
            await get(egress, "http://rebinding.example:8080/")
        return spy.connections

    assert asyncio.run(call()) == [(PUBLIC, 8080)]
    assert asked == ["rebinding.example"]


def test_of_several_addresses_those_that_are_not_public_are_passed_over() -> None:
    """A name may have good and bad ones, in any order."""
    addresses = {"mixed.example": ["10.0.0.1", PUBLIC, "::1", "2606:2800:21f::1"], "bad.example": ["10.0.0.1", "::1"]}

    assert connections_to("http://mixed.example/", addresses) == [(PUBLIC, 80), ("2606:2800:21f::1", 80)]
    assert connections_to("http://bad.example/", addresses) == []


def test_a_private_call_reaches_private_networks_and_this_machine() -> None:
    """And neither a metadata service nor what is no address of a machine."""
    assert connections_to("http://10.1.2.3/", private=True) == [("10.1.2.3", 80)]
    assert connections_to("http://127.0.0.1:8080/", private=True) == [("127.0.0.1", 8080)]
    assert connections_to("http://93.184.215.14/", private=True) == [(PUBLIC, 80)]
    for url in ("http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://0.0.0.0/", "http://224.0.0.1/"):
        assert connections_to(url, private=True) == []


def test_the_operator_opens_networks() -> None:
    """`egress_allow` opens what it names and nothing beside it."""
    opened = ("10.1.0.0/16", "169.254.170.2/32")

    assert connections_to("http://10.1.2.3/", opened=opened) == [("10.1.2.3", 80)]
    assert connections_to("http://[::ffff:10.1.2.3]/", opened=opened) == [("::ffff:a01:203", 80)]
    assert connections_to("http://169.254.170.2/", opened=opened) == [("169.254.170.2", 80)]
    assert connections_to("http://10.2.2.3/", opened=opened) == []
    assert connections_to("http://169.254.169.254/", opened=opened) == []


def test_a_connection_of_a_private_call_serves_no_other_call() -> None:
    """The same name, a moment later, is judged again."""

    async def calls() -> tuple[Response, int]:
        async with receiving(Answer()) as receiver:
            egress = Egress(Settings())
            first = await get(egress, receiver.url, private=True)
            with pytest.raises(EgressRefused):
                await get(egress, receiver.url)
            await egress.close()
            return first, len(receiver.received)

    first, received = asyncio.run(calls())
    assert (first.status, received) == (200, 1)


async def answered(answer: Answer, **more: Any) -> Response:
    """Return what a call to a receiver brings."""
    async with receiving(answer) as receiver:
        egress = Egress(Settings())
        try:
            return await get(egress, receiver.url, private=True, **more)
        finally:
            await egress.close()


def failure(answer: Answer, **more: Any) -> EgressFailed:
    """Return how a call to a receiver fails."""
    with pytest.raises(EgressFailed) as caught:
        asyncio.run(answered(answer, **more))
    return caught.value


def test_a_redirect_is_not_followed() -> None:
    """It comes back as it is; the caller may judge the other URL by a call of its own."""
    redirect = Answer(302, b"", {"Location": "http://169.254.169.254/"})

    response = asyncio.run(answered(redirect))

    assert (response.status, response.headers["location"]) == (302, "http://169.254.169.254/")


def test_no_cookie_is_kept_and_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two calls have nothing to do with each other."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")

    async def calls() -> list[Mapping[str, str]]:
        async with receiving(Answer(headers={"Set-Cookie": "a=b"})) as receiver:
            egress = Egress(Settings())
            for _ in range(2):
                await get(egress, receiver.url, private=True)
            await egress.close()
            return [request.headers for request in receiver.received]

    assert ["cookie" in headers for headers in asyncio.run(calls())] == [False, False]


def test_connections_are_kept_alive() -> None:
    """A warm receiver costs one connection; one that it closed is opened anew."""

    async def calls() -> tuple[int, int]:
        async with receiving(Answer()) as receiver:
            egress = Egress(Settings())
            for _ in range(5):
                await get(egress, receiver.url, private=True)
            await egress.close()
            return receiver.connections, len(receiver.received)

    assert asyncio.run(calls()) == (1, 5)


def test_a_call_looks_for_no_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search through all folders costs more than a call; httpcore imports `sniffio` at each of its locks, there or not."""
    sought: list[str] = []

    class Finder:
        @staticmethod
        def find_spec(name: str, *_: Any) -> None:
            sought.append(name)

    async def calls() -> None:
        async with receiving(Answer()) as receiver:
            egress = Egress(Settings())
            await get(egress, receiver.url, private=True)  # what is loaded late is loaded now
            monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
            await get(egress, receiver.url, private=True)
            await egress.close()

    if sys.modules.get("sniffio") is None:
        monkeypatch.delitem(sys.modules, "sniffio", raising=False)
    asyncio.run(calls())
    assert sought == []


async def trickle(*, seconds: float, head: bytes, byte: bytes) -> EgressFailed:
    """Return how a call ends whose answer comes byte by byte and never ends."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            while not writer.is_closing():
                writer.write(byte)
                await writer.drain()
                await asyncio.sleep(0.02)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    egress = Egress(Settings())
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(EgressFailed) as caught:
        await get(egress, f"http://127.0.0.1:{port}/", private=True, timeout_seconds=seconds)
    await egress.close()
    await all_accepted()
    server.close()
    for writer in writers:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return caught.value


@pytest.mark.parametrize(
    ("head", "byte"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nContent-Encoding: gzip\r\n\r\n"
            + gzip.compress(b"", mtime=0)[:10],
            b"\0\0\0\xff\xff",  # An empty block, and not the last one.
        ),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["a body", "a packed body", "headers", "answers before the answer"],
)
def test_an_answer_that_trickles_is_cut_off_at_the_time_limit(head: bytes, byte: bytes) -> None:
    """Each byte starts no new limit: in the body, in the head, or in answers before the answer (attacks.md 108)."""
    assert asyncio.run(trickle(seconds=0.3, head=head, byte=byte)).timed_out


class Ready(httpcore.AsyncNetworkStream):
    """A connection on which everything is there already: reading it never waits."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        data, self._sent = self._sent[:max_bytes], self._sent[max_bytes:]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - httpcore's signature

    async def aclose(self) -> None: ...

    def get_extra_info(self, info: str) -> Any: ...


class ReadyNetwork(httpcore.AsyncNetworkBackend):
    """A network in which every connection brings the same answer."""

    def __init__(self, sent: bytes) -> None:
        self._sent = sent

    async def connect_tcp(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        return Ready(self._sent)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


async def read_ready(sent: bytes) -> tuple[Response | EgressFailed, int]:
    """Return what an answer that is there at once brings, and how many turns others had meanwhile."""
    egress = Egress(Settings(), network=ReadyNetwork(sent))
    call = asyncio.create_task(get(egress, f"http://{PUBLIC}/"))
    turns = 0
    while not call.done():
        turns += 1
        await asyncio.sleep(0)
    await egress.close()
    failed = call.exception()
    assert failed is None or isinstance(failed, EgressFailed)
    return failed or call.result(), turns


def test_an_answer_in_small_pieces_is_read_and_holds_nobody_up() -> None:
    """Some servers send each word as a chunk, and heads before the head. Others have a turn at every few hundred of them."""
    response, turns = asyncio.run(read_ready(CONTINUE * 1000 + CHUNKED + b"1\r\nx\r\n" * 9000 + b"0\r\n\r\n"))

    assert isinstance(response, Response)
    assert response.body == b"x" * 9000
    assert turns > (25 * 1000 + 6 * 9000) / 4096


@pytest.mark.parametrize(
    "sent",
    [CHUNKED + b"1\r\nx\r\n" * 11_000, CONTINUE * 20_000, b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000],
    ids=["chunks", "answers before the answer", "headers"],
)
def test_an_answer_that_is_nothing_but_small_pieces_is_refused(sent: bytes) -> None:
    """Its bytes are few, and each piece costs: it is an answer that is no good, and not one to try for again (attacks.md 108)."""
    refusal, _ = asyncio.run(read_ready(sent))

    assert isinstance(refusal, EgressFailed)
    assert refusal.kind == "answer"


def test_each_answer_of_a_connection_may_have_a_head_of_its_own() -> None:
    """What many heads on one connection cost together is no fault of the last, and a body is no head."""

    async def calls() -> int:
        async with receiving(Answer(headers={"X-Long": "y" * 30_000}, body=b"z" * 200_000)) as receiver:
            egress = Egress(Settings())
            for _ in range(8):
                assert len((await get(egress, receiver.url, private=True)).body) == 200_000
            await egress.close()
            return receiver.connections

    assert asyncio.run(calls()) == 1


def test_a_later_answer_of_a_connection_is_held_to_the_same() -> None:
    """A first answer that was good opens no way for the second."""

    async def calls() -> str:
        network = ReadyNetwork(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + CONTINUE * 20_000)
        egress = Egress(Settings(), network=network)
        assert (await get(egress, f"http://{PUBLIC}/")).status == 200
        with pytest.raises(EgressFailed) as caught:
            await get(egress, f"http://{PUBLIC}/")
        await egress.close()
        return caught.value.kind

    assert asyncio.run(calls()) == "answer"


def test_a_server_that_says_nothing_is_a_time_out() -> None:
    """And says so to the caller, who may try again."""
    assert failure(Answer(hang=True), timeout_seconds=0.2).timed_out


def test_a_connection_that_breaks_is_no_time_out() -> None:
    """Nor is one that is refused."""
    assert failure(Answer(drop=True)).kind == "connection"

    async def refused() -> str:
        async with receiving(Answer()) as receiver:
            closed = receiver.url
        with pytest.raises(EgressFailed) as caught:
            await get(Egress(Settings()), closed, private=True)
        return caught.value.kind

    assert asyncio.run(refused()) == "connection"


def test_a_name_that_is_nowhere_is_a_failed_connection() -> None:
    """Labels too long for DNS as well."""

    async def call(host: str) -> str:
        with pytest.raises(EgressFailed) as caught:
            await get(Egress(Settings()), f"http://{host}/")
        return caught.value.kind

    assert asyncio.run(call("nowhere.invalid")) == "connection"
    assert asyncio.run(call("x" * 64 + ".example")) == "connection"


def test_a_body_above_the_limit_is_refused() -> None:
    """One byte more than `max_bytes` is too much."""
    assert asyncio.run(answered(Answer(body=b"x" * 1000), max_bytes=1000)).body == b"x" * 1000
    assert failure(Answer(body=b"x" * 1001), max_bytes=1000).kind == "answer"


def test_a_packed_body_is_counted_unpacked_and_never_held_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gigabyte in a megabyte of gzip is refused after the first mebibyte of it (attacks.md 108)."""
    bomb = packed_zeros(1024)
    assert len(bomb) < MEBIBYTE * 1.1
    inflated = []
    make = zlib.decompressobj

    class Counting:
        def __init__(self, wbits: int) -> None:
            self._inflater = make(wbits)

        def decompress(self, data: bytes, most: int) -> bytes:
            piece = self._inflater.decompress(data, most)
            inflated.append(len(piece))
            return piece

    monkeypatch.setattr(zlib, "decompressobj", Counting)

    assert failure(Answer(body=bomb, headers={"Content-Encoding": "gzip"}), max_bytes=MEBIBYTE).kind == "answer"
    assert sum(inflated) == MEBIBYTE + 1


def packed_zeros(mebibytes: int) -> bytes:
    """Return mebibytes of zeros as gzip, without the end that nobody will read."""
    packer = zlib.compressobj(9, wbits=31)
    first, each = (packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + each * (mebibytes - 1)


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_body_that_is_packed_unasked_is_unpacked(packing: str) -> None:
    """Some servers pack whatever is asked."""
    body = gzip.compress(b"hello") if packing == "gzip" else zlib.compress(b"hello")

    assert asyncio.run(answered(Answer(body=body, headers={"Content-Encoding": packing}))).body == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=b"hello", headers={"Content-Encoding": "gzip"}),
        Answer(body=gzip.compress(b"hello", mtime=0)[:-9], headers={"Content-Encoding": "gzip"}),
        Answer(body=b"hello", headers={"Content-Encoding": "br"}),
        Answer(body=b"hello", headers={"Content-Encoding": "gzip, gzip"}),
    ],
)
def test_a_body_that_is_not_packed_as_it_says_is_refused(answer: Answer) -> None:
    """Nor is a packing that nobody asked for guessed at."""
    assert failure(answer).kind == "answer"


def test_tls_checks_the_name_and_not_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate for localhost is good for localhost, and not for another name at the same address.

    SSL_CERT_FILE names a certificate authority of the operator's own.
    """
    tls = devtls.ensure(tmp_path, now=SystemClock().now(), entropy=Entropy())
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(tls.cert_file, tls.key_file)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    async def calls() -> tuple[int, str]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving)
        port = server.sockets[0].getsockname()[1]
        addresses = {"localhost": ["127.0.0.1"], "other.example": ["127.0.0.1"]}
        untrusting, egress = (Egress(Settings(), resolve=names(addresses)) for _ in range(2))
        with pytest.raises(EgressFailed, match="CERTIFICATE_VERIFY_FAILED"):
            await get(untrusting, f"https://localhost:{port}/", private=True)
        await untrusting.close()
        monkeypatch.setenv("SSL_CERT_FILE", str(tls.ca_file))
        good = await get(egress, f"https://localhost:{port}/", private=True)
        with pytest.raises(EgressFailed) as caught:
            await get(egress, f"https://other.example:{port}/", private=True)
        await egress.close()
        server.close()
        await asyncio.sleep(0.05)
        return good.status, str(caught.value)

    status, refusal = asyncio.run(calls())
    assert status == 200
    assert "CERTIFICATE_VERIFY_FAILED" in refusal
