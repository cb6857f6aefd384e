"""Does a host that nobody answers for hold up the look-ups of others? One thread a host, and no end of waiting for it."""

import asyncio
import threading

import pytest

from poolkeeper.hosts import host_of
from poolkeeper.resolver import CannotResolve, Resolver


class Names:
    """A resolver's look-ups by name: `hanging.example` waits until it is let go. `asked` are the hosts, in order."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.asked: list[str] = []

    def look(self, host: str) -> list[str]:
        self.asked.append(host)
        if host.startswith("hanging"):
            self.let_go.wait(20)
        if host == "nobody.example":
            raise OSError("no such host")
        return ["192.0.2.1", "192.0.2.2"]


def test_a_host_that_hangs_holds_up_no_other_and_is_asked_for_once() -> None:
    """Twenty calls wait for it and give up; another host is found meanwhile, and it too, once there is an answer."""
    names = Names()

    async def story() -> None:
        resolver = Resolver(names.look)
        waiting = [asyncio.create_task(_patiently(resolver, "hanging.example", 0.05)) for _ in range(20)]
        assert await asyncio.gather(*waiting) == ["late"] * 20
        assert await resolver.addresses("other.example") == ["192.0.2.1", "192.0.2.2"]
        assert names.asked == ["hanging.example", "other.example"]

        again = asyncio.create_task(resolver.addresses("hanging.example"))
        await asyncio.sleep(0)
        names.let_go.set()
        assert await again == ["192.0.2.1", "192.0.2.2"]
        assert names.asked.count("hanging.example") == 1

    asyncio.run(story())


async def _patiently(resolver: Resolver, host: str, seconds: float) -> str:
    try:
        async with asyncio.timeout(seconds):
            return str(await resolver.addresses(host))
    except TimeoutError:
        return "late"


def test_what_is_no_host_is_told_each_time() -> None:
    """The system's word, and a label that is too long for any."""

    async def story() -> None:
        for resolver, host in ((Resolver(Names().look), "nobody.example"), (Resolver(), "a" * 70 + ".example")):
            for _ in range(2):
                with pytest.raises(CannotResolve):
                    await resolver.addresses(host)

    asyncio.run(story())


def test_so_many_hosts_are_looked_for_and_no_more() -> None:
    """Whoever comes then is refused at once; an address is no host to be looked for, nor is this machine."""
    names = Names()

    async def story() -> None:
        resolver = Resolver(names.look)
        waiting = [asyncio.create_task(resolver.addresses(f"hanging{number}.example")) for number in range(64)]
        await asyncio.sleep(0)
        with pytest.raises(CannotResolve, match="too many"):
            await resolver.addresses("other.example")
        assert await resolver.addresses("192.0.2.7") == ["192.0.2.7"]
        assert await resolver.addresses("localhost") == ["::1", "127.0.0.1"]
        assert await resolver.addresses("demo.auth.localhost") == ["::1", "127.0.0.1"]
        names.let_go.set()
        await asyncio.gather(*waiting)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("id.example.com", "id.example.com"),
        ("ID.Example.com:443", "id.example.com"),
        ("localhost:", "localhost"),
        ("127.0.0.1:7665", "127.0.0.1"),
        ("[::1]:7665", "::1"),
        ("[2001:DB8::1]", "2001:db8::1"),
        ("", ""),
        ("[1.2]", "1.2"),
    ],
)
def test_a_host_is_read_without_its_port(header: str, host: str) -> None:
    """In lower case, and of an IPv6 address without the brackets."""
    assert host_of(header) == host


@pytest.mark.parametrize("header", ["[::1].evil.example", "localhost@evil.example", "localhost:80:90", "[::1", "a:b"])
def test_what_is_no_host_is_nobodys(header: str) -> None:
    """It does not shrink to a name that is somebody's, and raises nothing."""
    assert host_of(header) == header
