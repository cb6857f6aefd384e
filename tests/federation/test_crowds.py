"""Do many sign-ins crowd out one? Neither in a browser, by cookies that pile up, nor at a provider, by made-up codes."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

import botocore.auth
import pytest
from starlette.responses import Response

from api.world import World, round_to_second, running, settings_for
from federation.partner import Journey, asked_of, journey
from federation.provider import Provider
from federation.returns import refused
from functions.receiver import Answer
from hosted.cookie_pool import Pool
from oauth.browsing import Browser, Page
from pages.walking import arrived
from poolkeeper import providers as fetching
from poolkeeper.clock import HOUR
from poolkeeper.hosted import federated_visit
from poolkeeper.hosted.places import Place


def test_sign_ins_at_many_pools_of_a_host_do_not_pile_up(world: World, provider: Provider) -> None:
    """A page that embeds them fills no browser with cookies until the host turns it away; the newest can be finished."""
    cookies: dict[str, str] = {}
    walks = []
    for _ in range(4):
        walk = journey(world, provider)
        walk.browser.cookies = cookies
        walks += [(walk, walk.at_provider(walk.leave())) for _ in range(4)]
    assert len([name for name in cookies if name.startswith("comeback-")]) == 8
    refused(walks[0][0], walks[0][0].back(walks[0][1]), "the state of another browser")
    for walk, address in (walks[9], walks[15]):
        arrived(walk.back(address))


def test_a_cookie_of_the_bare_host_is_taken_away_where_it_was_set() -> None:
    """From a path form too: at another path it would stay, and go on to count (RFC 6265 5.3)."""
    ids = [f"{number:022d}" for number in range(9)]
    pool: Any = Pool()
    at_path = Place(pool=pool, origin="https://id.example.com", mount="/_domains/juniper")
    root = {f"__Host-return-us-east-1_Other-{one}": "" for one in ids[:5]}
    own = {f"return-{Pool.pool_id}-path-{one}": "" for one in ids[5:]}
    visit: Any = SimpleNamespace(place=at_path, cookies={**own, "session-x": "", **root, "return-x": ""})
    response = Response()
    errand: Any = SimpleNamespace(id="new" + "0" * 19)
    departure: Any = SimpleNamespace(errand=errand, secret="secret")
    federated_visit.keep(visit, response, departure, by_form=False)
    lines = [text.decode() for name, text in response.raw_headers if name == b"set-cookie"]
    gone = {line.partition("=")[0]: line for line in lines if "Max-Age=0" in line}
    assert list(gone) == list(root)[:2]
    assert all("Path=/;" in line and "Secure" in line for line in gone.values())
    (kept,) = [line for line in lines if line not in gone.values()]
    assert "Path=/_domains/juniper/;" in kept


@pytest.mark.parametrize("by_form", [True, False])
def test_a_cookie_of_the_way_there_is_set_and_taken_away_alike(*, by_form: bool) -> None:
    """Over https it is always Secure; over http on this machine only where a form brings it, and the oldest of either kind go."""
    pool: Any = Pool()
    for origin, word in (
        ("https://id.example.com", "__Host-return"),
        ("http://localhost:7665", "return" if by_form else "comeback"),
        ("http://id.example.com", "return"),
    ):
        place = Place(pool=pool, origin=origin, mount="")
        words = {"__Host-return"} if place.secure else {"return", "comeback"}
        old = {f"{known}-{Pool.pool_id}-{number:022d}": "" for known in sorted(words) for number in range(8)}
        visit: Any = SimpleNamespace(place=place, cookies=old)
        departure: Any = SimpleNamespace(errand=SimpleNamespace(id="new" + "0" * 19), secret="secret")
        response = Response()
        federated_visit.keep(visit, response, departure, by_form=by_form)
        lines = [text.decode() for name, text in response.raw_headers if name == b"set-cookie"]
        assert lines[-1].startswith(f"{word}-{Pool.pool_id}-new")
        assert len(lines) == len(old) - 8 + 2
        here = origin.startswith("http://localhost")
        for line in lines:
            secure = place.secure or (here and line.startswith("return-"))
            assert ("Secure" in line, "SameSite=none" in line) == (secure, secure), line


@pytest.fixture
def world_behind_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Run a server that believes what its proxy, the test, says of addresses."""
    settings = settings_for(tmp_path, trusted_proxies=("127.0.0.1",))
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def test_strangers_of_one_network_turn_nobody_else_away(
    world_behind_proxy: World, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who comes with codes that they made up has few of the calls that may be under way to a provider (attacks.md 108)."""
    monkeypatch.setattr(fetching, "_MOST_AT_ONCE", 12)
    world = world_behind_proxy
    walk = journey(world, provider)
    address = walk.at_provider(walk.leave())
    strangers = [Journey(Browser(walk.client.pool), walk.client, provider) for _ in range(20)]
    states = [asked_of(one.leave())["state"] for one in strangers]
    provider.issuer.faults["/token"] = Answer(hang=True)

    def made_up(one: Journey, state: str) -> Page:
        query = urlencode({"code": "made-up", "state": state})
        return one.browser.get("/oauth2/idpresponse", query, x_forwarded_for="192.0.2.1")

    with ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(made_up, *one) for one in zip(strangers, states, strict=True)]
        while provider.issuer.asked.count("/token") < 8:
            time.sleep(0.01)
        time.sleep(0.5)  # for those who may not come through
        del provider.issuer.faults["/token"]
        parts = urlsplit(address)
        arrived(walk.browser.get(parts.path, parts.query, x_forwarded_for="198.51.100.1"))
        answers = [one.result(60) for one in waiting]
    assert {one.told["error"] for one in answers} == {"invalid_request"}


def test_strangers_of_one_network_fill_no_table(
    world_behind_proxy: World, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes back leaves a row, whatever they bring: so many of one network in an hour, and others come in."""
    monkeypatch.setattr(federated_visit, "MOST_AN_HOUR", 3)
    world = world_behind_proxy
    walk = journey(world, provider)

    def come_back(address: str) -> Page:
        stranger = Journey(Browser(walk.client.pool), walk.client, provider)
        query = urlencode({"error": "access_denied", "state": asked_of(stranger.leave())["state"]})
        return stranger.browser.get("/oauth2/idpresponse", query, x_forwarded_for=address)

    def rows() -> int:
        return len(world.rows("SELECT mark FROM provider_answers WHERE pool_id = $1", walk.client.pool.pool_id))

    told = [come_back(f"2001:db8:7:{number:x}::1") for number in range(5)]
    assert [one.status for one in told] == [303, 303, 303, 429, 429]
    assert rows() == 3
    assert come_back("2001:db8:8::1").told["error"] == "access_denied"
    world.clock.advance(HOUR)
    assert come_back("2001:db8:7::1").told["error"] == "access_denied"
