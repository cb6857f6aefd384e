"""What does a process know of a password? And what it asks behind an answer, so much at once and no more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from compromised.range_service import answering, digest
from poolkeeper.egress import Egress
from poolkeeper.model.finding import Finding
from poolkeeper.risk.compromised.building import build
from poolkeeper.risk.compromised.known_passwords import KnownPasswords, digest_of
from poolkeeper.settings import Settings

T = TypeVar("T")
LISTED, IN_THE_FILE, NOWHERE = "Password123!", "Autumn-in-8-gardens", "Winter-in-9-gardens"


def with_known(settings: Settings, work: Callable[[KnownPasswords], Awaitable[T]]) -> T:
    """Run something with what a process knows by these settings."""

    async def inside() -> T:
        egress = Egress(settings)
        known = KnownPasswords(settings, egress)
        try:
            return await work(known)
        finally:
            await known.close()
            await egress.close()

    return asyncio.run(inside())


async def nobody(_: Finding) -> None:
    """Keep nothing."""


def looked(settings: Settings) -> list[Finding]:
    """Return what list and file say of three passwords."""

    async def look(known: KnownPasswords) -> list[Finding]:
        return [known.look(one) for one in (LISTED, IN_THE_FILE, NOWHERE)]

    return with_known(settings, look)


def test_list_and_file_are_looked_into(tmp_path: Path) -> None:
    """The file for the password as it is, in one or the other case of letters."""
    compromised, clean, unchecked = Finding.COMPROMISED, Finding.CLEAN, Finding.UNCHECKED
    assert looked(Settings()) == [compromised, clean, clean]
    file = tmp_path / "known"
    assert looked(Settings(compromised_passwords_file=file)) == [compromised, unchecked, unchecked]
    with (tmp_path / "list").open("wb+") as lines:
        lines.write(digest(IN_THE_FILE).lower().encode())
        lines.seek(0)
        build(lines, file, plain=False, progress=lambda _: None)
    assert looked(Settings(compromised_passwords_file=file)) == [compromised, compromised, clean]


def test_a_hash_is_that_of_the_bytes() -> None:
    """As services write it; a lone surrogate has one too."""
    assert digest_of(IN_THE_FILE) == digest(IN_THE_FILE)
    assert len(digest_of("\ud800")) == 40


def test_one_key_is_asked_for_once_at_a_time_and_so_many_keys_at_once() -> None:
    """A crowd of sign-ins costs 64 calls, and what finds no place is asked at the next."""

    async def story(known: KnownPasswords) -> None:
        for number in range(200):
            known.ask_behind(f"user-{number % 100}", f"password-{number % 100}", nobody)
        for _ in range(3_000):
            await asyncio.sleep(0.01)
            if len(service.asked) >= 64:
                break
        await asyncio.sleep(0.1)

    with answering() as service:
        service.hang()
        with_known(Settings(compromised_passwords_url=service.url), story)
        assert len(service.asked) == 64


def test_nothing_is_asked_where_no_service_is_named() -> None:
    """And nothing kept."""

    async def story(known: KnownPasswords) -> None:
        known.ask_behind("user", NOWHERE, never)
        await asyncio.sleep(0)

    async def never(_: Finding) -> None:
        raise AssertionError("kept")

    with_known(Settings(), story)


def test_what_cannot_be_kept_is_told_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    """The database may be away: the answer is lost, the log says so without the password."""

    async def fail(_: Finding) -> None:
        raise OSError("away")

    async def story(known: KnownPasswords) -> None:
        for _ in range(2):
            known.ask_behind("user", NOWHERE, fail)
            await asyncio.gather(*known._behind.values())
            await asyncio.sleep(0)

    with answering() as service, caplog.at_level(logging.WARNING):
        with_known(Settings(compromised_passwords_url=service.url), story)
        assert len(service.asked) == 2
    assert [record.getMessage() for record in caplog.records] == [
        "what the service of known passwords said was not kept"
    ] * 2
    assert NOWHERE not in caplog.text
