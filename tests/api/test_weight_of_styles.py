"""A style with many large pictures: whoever reads or changes it holds up nobody else."""

import asyncio
import threading
from typing import Any

import pytest

from api.styles import asset, at, create, described, update
from hosted.places_of_tests import Estate
from pages.pictures import png
from poolkeeper.branding import looks
from poolkeeper.store import brandings

__all__ = ["at"]

MODES = ("LIGHT", "DARK", "DYNAMIC")


class Turns:
    """Counts the turns of others on a loop."""

    def __init__(self) -> None:
        self.count = 0

    async def begin(self) -> None:
        """Count from now on."""
        self._task = asyncio.create_task(self._go())

    async def end(self) -> None:
        """Count no more."""
        self._task.cancel()

    async def _go(self) -> None:
        while True:
            self.count += 1
            await asyncio.sleep(0)


def test_others_have_their_turn_between_two_pictures(at: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 MB at a stretch would keep everybody waiting for a fifth of a second: an answer is written picture by picture."""
    pictures = [asset(content=png() + bytes(70_000), mode=mode) for mode in MODES]
    branding_id = create(at, UseCognitoProvidedValues=True, Assets=pictures)["ManagedLoginBrandingId"]
    turns, seen = Turns(), []
    read = brandings.given_content

    async def given_content(*args: Any, **kwargs: Any) -> bytes | None:
        seen.append(turns.count)
        return await read(*args, **kwargs)

    monkeypatch.setattr(brandings, "given_content", given_content)
    at.world.run(turns.begin)
    try:
        style = described(at, branding_id)
    finally:
        at.world.run(turns.end)
    assert sorted(one["ColorMode"] for one in style["Assets"]) == sorted(MODES)
    assert all(one["Bytes"] == pictures[0]["Bytes"] for one in style["Assets"])
    assert len(set(seen)) == len(MODES)


def test_pictures_are_hashed_in_a_thread(at: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside drawings that are made anew: a megabyte is no hash of the event loop's."""
    threads, digest = [], looks.digest_of

    def digest_of(content: bytes) -> str:
        threads.append(threading.current_thread().name)
        return digest(content)

    monkeypatch.setattr(looks, "digest_of", digest_of)
    branding_id = create(at, UseCognitoProvidedValues=True, Assets=[asset(content=png())])["ManagedLoginBrandingId"]
    update(at, branding_id, Assets=[asset(content=png())])
    assert [name.startswith("heavy") for name in threads] == [True, True]
