"""What does an operator do before a function is called? He writes poolkeeper.toml, and the server reads it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.functions import CannotInvoke, Functions, Limits
from poolkeeper.settings import Settings, load

T = TypeVar("T")

ARN = "arn:aws:lambda:us-east-1:123456789012:function:pre-sign-up"
POOL = "us-east-1_Kx81mQ0zP"
EVENT = {"version": "1", "triggerSource": "PreSignUp_SignUp", "userName": "ada", "request": {}, "response": {}}
HANDLERS = Path(__file__).parent / "handlers"
NOON = 1_795_600_867_042


class FixedClock:
    """A clock that stands."""

    def now(self) -> int:
        """Return the one moment."""
        return NOON


def entry(arn: str = ARN, **keys: Any) -> str:
    """Return the table of one function; values are spelt as TOML spells them."""
    return "\n".join([f'[functions."{arn}"]', *(f"{name} = {_spelt(value)}" for name, value in keys.items())]) + "\n"


def _spelt(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_spelt(one)}" for name, one in value.items()) + "}"
    return str(value) if isinstance(value, int | list) else f"'{value}'"


def settings_of(folder: Path, *entries: str, **flags: Any) -> Settings:
    """Write poolkeeper.toml into `folder` and read it, in development mode unless `flags` say otherwise."""
    (folder / "poolkeeper.toml").write_text("\n".join(entries))
    return load({"data": str(folder), "dev": True} | flags, {})[0]


@contextlib.asynccontextmanager
async def set_up(settings: Settings, *, seconds: float = 5.0, **limits: Any) -> AsyncIterator[Functions]:
    """Open what a server opens for its functions, and close it."""
    egress = Egress(settings)
    functions = Functions(settings, egress, FixedClock(), Entropy(), limits=Limits(seconds=seconds, **limits))
    try:
        yield functions
    finally:
        await functions.close()
        await egress.close()


def run(settings: Settings, work: Callable[[Functions], Awaitable[T]], **limits: Any) -> T:
    """Do `work` with functions that are set up, in a loop of its own."""

    async def all_of_it() -> T:
        async with set_up(settings, **limits) as functions:
            return await work(functions)

    return asyncio.run(all_of_it())


def invoke(settings: Settings, event: Any = EVENT, *, arn: str = ARN, pool_id: str = POOL, **limits: Any) -> Any:
    """Return what one call brings."""
    return run(settings, lambda functions: functions.invoke(arn, event, pool_id=pool_id), **limits)


def dies(process: int) -> bool:
    """Say whether a process is gone, or merely waits to be reaped. One that was killed needs a moment to die."""
    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in {"Z", "X"}:
            return True
        time.sleep(0.01)
    return False


def cannot_invoke(settings: Settings, event: Any = EVENT, **more: Any) -> CannotInvoke:
    """Return the refusal of one call."""
    with pytest.raises(CannotInvoke) as caught:
        invoke(settings, event, **more)
    return caught.value
