"""What leaves the house when a service is asked? And what one costs that hangs or lies."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from compromised.range_service import RangeService, answering, digest, line
from poolkeeper.egress import Egress
from poolkeeper.model.finding import Finding, together
from poolkeeper.risk.compromised.ranges import Ranges, judge
from poolkeeper.settings import Settings

T = TypeVar("T")
KNOWN = "Autumn-in-8-gardens"


def asking(url: str, work: Callable[[Ranges], Awaitable[T]]) -> T:
    """Run something that asks a service."""

    async def inside() -> T:
        egress = Egress(Settings())
        try:
            return await work(Ranges(url, egress))
        finally:
            await egress.close()

    return asyncio.run(inside())


def said(service: RangeService, password: str, *, seconds: float = 5) -> Finding:
    """Ask a service for one password."""
    return asking(service.url, lambda ranges: ranges.ask(digest(password), seconds=seconds))


def test_five_digits_leave_and_padding_is_asked_for() -> None:
    """Neither password nor hash is in the request (k-anonymity)."""
    with answering() as service:
        service.known.add(KNOWN)
        assert said(service, KNOWN) is Finding.COMPROMISED
        assert said(service, "Winter-in-9-gardens") is Finding.CLEAN
        assert service.asked[0] == (f"/range/{digest(KNOWN)[:5]}", "true")


def test_padding_is_no_find() -> None:
    """What was seen 0 times fills the answer up."""
    body = "\r\n".join([line("other", 3), line(KNOWN, 0)]).encode()
    assert judge(body, digest(KNOWN)[5:]) is Finding.CLEAN
    assert judge(body.replace(b":0", b":000"), digest(KNOWN)[5:]) is Finding.CLEAN
    assert judge(body.replace(b":0", b":10").lower(), digest(KNOWN)[5:]) is Finding.COMPROMISED


LIES = {
    "a page": (200, b"<html><body>Sign in to this network</body></html>"),
    "nothing": (200, b""),
    "hashes in whole": (200, digest(KNOWN).encode() + b":1"),
    "a line that is none": (200, f"{line('other', 1)}\n{line(KNOWN, 2)}\nhallo".encode()),
    "counts that are none": (200, f"{digest(KNOWN)[5:]}:many".encode()),
    "too much": (200, b"\n".join([line("other", 1).encode()] * 40_000)),
    "not found": (404, f"{digest(KNOWN)[5:]}:1".encode()),
    "too many requests": (429, b""),
    "a redirect": (302, b""),
    "a fault": (500, f"{digest(KNOWN)[5:]}:1".encode()),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_range_is_no_answer(lie: str) -> None:
    """Neither that the password is known nor that it is not."""
    with answering() as service:
        service.answer = lambda _: LIES[lie]
        assert said(service, KNOWN) is Finding.UNCHECKED


def test_a_service_that_hangs_costs_the_time_that_was_given() -> None:
    """And a moment more for the machine."""
    with answering() as service:
        service.hang()
        begun = time.monotonic()
        assert said(service, KNOWN, seconds=0.3) is Finding.UNCHECKED
        assert time.monotonic() - begun < 3


def test_a_service_that_is_not_there_is_no_answer_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log names no password, hash or range; when it answers again it says that too."""

    async def story(ranges: Ranges) -> list[Finding]:
        found = [await ranges.ask(digest(KNOWN), seconds=2) for _ in range(3)]
        service.answer = None
        return [*found, await ranges.ask(digest(KNOWN), seconds=2)]

    with answering() as service:
        service.answer = lambda _: (503, b"")
        service.known.add(KNOWN)
        assert asking(service.url, story) == [Finding.UNCHECKED] * 3 + [Finding.COMPROMISED]
    told = [record.getMessage() for record in caplog.records if record.name == "poolkeeper.compromised"]
    assert len(told) == 2
    assert "503" in told[0]
    assert told[1].endswith("answers again")
    assert not any(digest(KNOWN)[:5] in one or KNOWN in one for one in told)


def test_a_crowd_waits_for_so_many_calls_and_no_more() -> None:
    """Whoever finds no place goes on unchecked at once."""

    async def story(ranges: Ranges) -> tuple[list[Finding], int]:
        asked = [asyncio.create_task(ranges.ask(digest(str(number)), seconds=20)) for number in range(80)]
        done, _ = await asyncio.wait(asked, timeout=1)
        early = len(done)
        service.go_on.set()
        return [await one for one in asked], early

    with answering() as service:
        service.hang()
        found, early = asking(service.url, story)
    assert (early, found.count(Finding.UNCHECKED), found.count(Finding.CLEAN)) == (16, 16, 64)


def test_one_look_that_knows_the_password_is_enough() -> None:
    """And one without an answer leaves a doubt."""
    compromised, clean, unchecked = Finding.COMPROMISED, Finding.CLEAN, Finding.UNCHECKED
    assert together(clean, clean) is clean
    assert together(clean, unchecked) is unchecked
    assert together(unchecked, compromised, clean) is compromised
