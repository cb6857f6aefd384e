"""How often are documents of apps fetched, and for how many strangers? No more than people who sign in need."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api.world import ClientOfTests, World
from oauth.documents import (
    Host,
    client,
    code_of,
    host,
    host_of,
    policy,
    url,
    url_of,
    walk,
)
from poolkeeper.accounts import client_documents
from poolkeeper.clock import SECOND
from poolkeeper.egress import Response
from waiting import wait_for

__all__ = ["client", "host", "url"]


def test_one_document_is_fetched_once_for_all_who_come(
    world: World, client: ClientOfTests, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes while it is under way waits for it."""
    url, began, goes_on = url_of(client), threading.Event(), threading.Event()
    policy(client)
    host.put(url)

    async def slow(method: str, url: str, **given: Any) -> Response:
        began.set()
        await asyncio.get_running_loop().run_in_executor(None, goes_on.wait, 20)
        return await host.request(method, url, **given)

    monkeypatch.setattr(world.house.egress, "request", slow)
    with ThreadPoolExecutor(4) as pool:
        under_way = [pool.submit(walk(client, url).authorize) for _ in range(4)]
        assert began.wait(20)
        goes_on.set()
        assert {one.result(20).status for one in under_way} == {303}
    assert host.asked == [url]


def test_strangers_make_us_fetch_so_much_and_no_more(
    world: World, client: ClientOfTests, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Addresses that a pattern allows can be made up without end."""
    monkeypatch.setattr(client_documents, "MOST_FETCHES_OF_A_NETWORK", 3)
    policy(client)
    for n in range(5):
        host.put(url_of(client, f"/{n}"))
        walk(client, url_of(client, f"/{n}")).authorize()
    assert len(host.asked) == 3
    world.clock.advance(3_601 * SECOND)
    assert code_of(walk(client, url_of(client, "/4")))


def test_an_app_that_people_use_is_fetched_whatever_strangers_ask_for(
    world: World, client: ClientOfTests, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its document has expired: the addresses that strangers name within the hour keep out new addresses alone."""
    monkeypatch.setattr(client_documents, "MOST_FETCHES_OF_A_NETWORK", 3)
    policy(client, CacheDuration=86_400)
    url = url_of(client)
    host.put(url)
    assert code_of(walk(client, url))
    world.clock.advance(86_401 * SECOND)
    for n in range(5):
        walk(client, url_of(client, f"/{n}")).authorize()
    assert code_of(walk(client, url))
    assert host.asked.count(url) == 2


def test_nobody_takes_all_places_at_a_host(
    world: World, client: ClientOfTests, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than eight calls of one network are under way there; whoever waits is served later, and no fault is remembered."""
    goes_on, under_way, most = threading.Event(), 0, 0
    policy(client)

    async def slow(method: str, url: str, **given: Any) -> Response:
        nonlocal under_way, most
        if host_of(client) not in url:  # what the server's own worker asks for, of other pools
            return await host.request(method, url, **given)
        under_way += 1
        most = max(most, under_way)
        await asyncio.get_running_loop().run_in_executor(None, goes_on.wait, 20)
        under_way -= 1
        return await host.request(method, url, **given)

    monkeypatch.setattr(world.house.egress, "request", slow)
    urls = [url_of(client, f"/{n}") for n in range(12)]
    for one in urls:
        host.put(one)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(walk(client, url).authorize) for url in urls]
        wait_for(lambda: under_way >= 8)
        time.sleep(0.2)
        goes_on.set()
        assert all("/login" in one.result(20).location for one in asked)
    assert most == 8
