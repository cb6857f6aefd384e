"""Can a receiver tell our events from anybody else's? The samples of docs/functions.md are run as they stand."""

import asyncio
import hmac
from pathlib import Path

import pytest

from functions.receiver import Answer, Received, receiving
from functions.setting_up import ARN, EVENT, NOON, POOL, entry, set_up, settings_of
from functions.webhook_samples import Check, changed, node_sample, python_sample
from poolkeeper.clock import SECOND

NOW = NOON // SECOND


each_sample = pytest.mark.parametrize("check", [python_sample, node_sample])


def sent(folder: Path, *secrets: str, answers: tuple[Answer, ...] = (Answer(),)) -> list[Received]:
    """Return what a receiver is sent for one event."""
    left = iter(answers)

    async def call() -> list[Received]:
        async with receiving(lambda _: next(left)) as receiver:
            settings = settings_of(folder, entry(transport="webhook", url=receiver.url, secrets=list(secrets)))
            async with set_up(settings) as functions:
                await functions.invoke(ARN, EVENT, pool_id=POOL)
            return receiver.received

    return asyncio.run(call())


@each_sample
def test_a_receiver_knows_our_event(tmp_path: Path, check: Check) -> None:
    """By the secret that it shares with us."""
    (request,) = sent(tmp_path, "shared")

    assert check(request, "shared", NOW)
    assert not check(request, "another", NOW)


@each_sample
def test_an_event_that_was_meddled_with_is_known(tmp_path: Path, check: Check) -> None:
    """Body, id and time all stand in the signature (attacks.md 146)."""
    (request,) = sent(tmp_path, "shared")
    signature = request.headers["poolkeeper-signature"]

    assert not check(changed(request, body=request.body + b" "), "shared", NOW)
    assert not check(changed(request, poolkeeper_id="5b0f6a63-1f0d-4f4b-9d0e-0f6f0c1d2e3f"), "shared", NOW)
    later = signature.replace(f"t={NOW}", f"t={NOW + 1}")
    assert not check(changed(request, poolkeeper_signature=later), "shared", NOW)


@each_sample
def test_an_event_that_was_recorded_grows_old(tmp_path: Path, check: Check) -> None:
    """After five minutes it is worth nothing."""
    (request,) = sent(tmp_path, "shared")

    assert check(request, "shared", NOW + 300)
    assert not check(request, "shared", NOW + 301)
    assert not check(request, "shared", NOW - 301)


@each_sample
def test_while_a_secret_is_changed_both_verify(tmp_path: Path, check: Check) -> None:
    """Receivers go over to the new one when they like."""
    (request,) = sent(tmp_path, "new", "old")

    assert check(request, "new", NOW)
    assert check(request, "old", NOW)


def test_the_signature_is_what_the_page_says(tmp_path: Path) -> None:
    """Computed here once more, from the words of the page alone."""
    (request,) = sent(tmp_path, "new", "old")

    signed = f"{NOW}.{request.headers['poolkeeper-id']}.".encode() + request.body
    marks = [hmac.digest(secret, signed, "sha256").hex() for secret in (b"new", b"old")]
    assert request.headers["poolkeeper-signature"] == f"t={NOW},v1={marks[0]},v1={marks[1]}"


def test_an_event_keeps_its_id_at_every_try(tmp_path: Path) -> None:
    """So a receiver that has seen it can say the same again; another event has another."""
    tries = sent(tmp_path, "shared", answers=(Answer(drop=True), Answer(429), Answer()))
    (another,) = sent(tmp_path, "shared")

    ids = {request.headers["poolkeeper-id"] for request in tries}
    assert len(tries) == 3
    assert len(ids) == 1
    assert another.headers["poolkeeper-id"] not in ids
