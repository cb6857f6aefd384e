"""What does the link in a message do? It leads to a button; where the operator says so it confirms at once."""

import time
from pathlib import Path
from urllib.parse import urlsplit

import botocore.auth
import pytest

from api.confirmation_links import ADA, by_link, link_in
from api.world import World, round_to_second, running, settings_for
from pages.walking import Walk, arrived, walk_in


def linked(world: World) -> tuple[Walk, str, str]:
    """Sign ada up in a pool that confirms by link; return where the link leads, and her name."""
    pool = world.pool(**by_link())
    walk = walk_in(pool)
    walk.client.sign_up(ADA)
    address, query = link_in(world.outbox(ADA)[-1]["body"])
    return walk, urlsplit(address).path, str(query["user_name"])


def status(walk: Walk, name: str) -> str:
    return str(walk.browser.pool.admin("admin_get_user", name)["UserStatus"])


def test_a_link_leads_to_a_button_that_confirms(world: World) -> None:
    """GET changes nothing, in either spelling of the address; a link that was used is told."""
    walk, path, name = linked(world)
    query = link_in(world.outbox(ADA)[-1]["body"])[1]
    for spelling in (f"{path}/", path):
        page = walk.shown(walk.browser.get(spelling, query))
        assert status(walk, name) == "UNCONFIRMED"
    assert "Your address is confirmed" in walk.press(page, "/confirmUser").words
    assert status(walk, name) == "CONFIRMED"
    assert "This link is too old or was used." in walk.press(page, "/confirmUser").words
    arrived(walk.sign_in(ADA))


def test_a_link_that_says_too_little_is_told(world: World) -> None:
    """And one for another app client, whose pool knows no such user, is too old or was used."""
    walk, path, _ = linked(world)
    query = link_in(world.outbox(ADA)[-1]["body"])[1]
    for missing in ("user_name", "confirmation_code"):
        assert walk.browser.get(path, {**query, missing: ""}).status == 400
    other = walk_in(world.pool())
    page = other.shown(other.browser.get(path, {**query, "client_id": other.client.client_id}))
    assert "This link is too old or was used." in other.press(page, "/confirmUser").words


def test_where_the_operator_says_so_a_link_confirms_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As AWS does; HEAD, by which programs look whether there is anything, does not."""
    settings = settings_for(tmp_path, confirm_links_at_once=True)
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        walk, path, name = linked(world)
        query = link_in(world.outbox(ADA)[-1]["body"])[1]
        walk.browser._send("HEAD", f"{path}?" + "&".join(f"{key}={value}" for key, value in query.items()), None, {})
        assert status(walk, name) == "UNCONFIRMED"
        assert "Your address is confirmed" in walk.shown(walk.browser.get(path, query)).words
        assert status(walk, name) == "CONFIRMED"
