"""Whose address counts at the pages? That of the person's browser, also where the app client has a secret."""

import time
from pathlib import Path

import botocore.auth
import pytest

from api.second_factors import wrong
from api.world import PASSWORD, World, round_to_second, running, settings_for
from oauth.browsing import Browser
from pages.walking import Walk, arrived, walk_in
from poolkeeper.call import Call
from poolkeeper.defences import destinations


def test_sign_ups_are_limited_by_address_whatever_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md 12: back ends have no limit at the API, since they sign up for all their users; browsers have."""
    settings = settings_for(tmp_path, sign_ups_per_minute=2)
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        walk = walk_in(world.pool(), GenerateSecret=True)
        for number in range(3):
            page = walk.press(walk.begin("/signup"), "/signup", username=f"user-{number}", password=PASSWORD)
            assert page.page.status == (429 if number == 2 else 200)


def test_wrong_codes_count_for_the_network_whatever_the_client(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses spread over many names are those of one network, at the pages of a client with a secret too."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = walk_in(pool, GenerateSecret=True).client
    pool.user("ada")
    seen: list[str] = []
    note = destinations.note_wrong_code

    def noted(call: Call, kind: str) -> None:
        seen.append(call.network)
        note(call, kind)

    monkeypatch.setattr(destinations, "note_wrong_code", noted)
    walk = Walk(Browser(pool), client)
    walk.send(walk.begin("/confirm", login_hint="ada"), "/confirm", code=wrong("123456"))
    assert seen
    assert all(seen)
    arrived(walk.sign_in("ada"))
