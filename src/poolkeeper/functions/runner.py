"""Which function does an ARN mean, and how often is it tried? The rules that hold for every transport."""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from poolkeeper.clock import Clock
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.function_settings import (
    EmulatorTransport,
    FunctionSetting,
    LambdaTransport,
    LocalTransport,
    WebhookTransport,
    impossible,
)
from poolkeeper.functions.aws_lambda import AwsLambda
from poolkeeper.functions.call import NOT_SET_UP, CannotInvoke, Carrier, Invocation, NotJson
from poolkeeper.functions.emulator import Emulator
from poolkeeper.functions.local import LocalFunction
from poolkeeper.functions.webhook import Webhook
from poolkeeper.settings import Settings

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one event may cost. `seconds` bounds each try; `most_bytes` the event, and its answer.

    Five seconds: Developer guide, "Important considerations" of Lambda triggers. Three tries: its text of 2023.
    """

    seconds: float = 5.0
    tries: int = 3
    most_bytes: int = 1_048_576


class Functions:
    """The operator's functions; belongs to one event loop."""

    def __init__(
        self, settings: Settings, egress: Egress, clock: Clock, entropy: Entropy, *, limits: Limits | None = None
    ) -> None:
        self._settings = settings
        self._entropy = entropy
        self._limits = limits or Limits()
        # An exact ARN goes before a pattern, the longer pattern before the shorter.
        self._entries = sorted(settings.functions, key=lambda entry: (entry.is_pattern, -len(entry.arn)))
        self._carriers = {entry.arn: _carrier(entry, egress, clock) for entry in self._entries}
        self._under_way: Counter[str] = Counter()

    async def invoke(self, arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        """Return what the function answers to `event`, decoded.

        Tried again where the try took too long, found no connection, or was told to come later (429); never where the
        function ran and raised. Raises FunctionFailed and CannotInvoke.
        """
        entry = self._require_entry(arn, pool_id)
        invocation = self._invocation(arn, event)
        with self._holding_place(pool_id):
            return await self._try(entry, invocation)

    def fault(self, arn: str, *, pool_id: str) -> str | None:
        """Return why a pool's function means nothing here, None where an entry says what it is: it is not called."""
        try:
            self._named(arn, pool_id)
        except CannotInvoke as fault:
            return fault.detail
        return None

    async def close(self) -> None:
        """End the programs that run here."""
        for carrier in self._carriers.values():
            await carrier.close()

    async def _try(self, entry: FunctionSetting, invocation: Invocation) -> Any:
        carrier = self._carriers[entry.arn]
        for tries_left in reversed(range(self._limits.tries)):
            try:
                return await carrier.call(invocation)
            except CannotInvoke as fault:
                if not (fault.fleeting and tries_left):
                    detail = f'functions."{entry.arn}": {fault.detail}'
                    raise (
                        NotJson(detail) if isinstance(fault, NotJson) else CannotInvoke(fault.reason, detail=detail)
                    ) from None
        raise AssertionError

    def _require_entry(self, arn: str, pool_id: str) -> FunctionSetting:
        """Return the entry that speaks of `arn`. Raises CannotInvoke where none does, or not for this pool or server."""
        entry = self._named(arn, pool_id)
        # A start refuses such a setting, but a command that does not serve does not know in which mode one serves.
        faults = impossible(entry, dev=self._settings.dev, local_functions=self._settings.local_functions)
        if faults:
            raise CannotInvoke(NOT_SET_UP, detail=faults[0])
        return entry

    def _named(self, arn: str, pool_id: str) -> FunctionSetting:
        entry = next((candidate for candidate in self._entries if candidate.matches(arn)), None)
        if entry is None:
            detail = f'no function is set up for {arn}; name it under [functions."<arn>"] in poolkeeper.toml'
            raise CannotInvoke(NOT_SET_UP, detail=detail)
        if entry.pools is not None and pool_id not in entry.pools:
            detail = f'{arn} is not set up for {pool_id}; add it to pools of [functions."{entry.arn}"]'
            raise CannotInvoke(NOT_SET_UP, detail=detail)
        return entry

    def _invocation(self, arn: str, event: Mapping[str, Any]) -> Invocation:
        body = _encode(event)
        if len(body) > self._limits.most_bytes:
            # The name of Lambda's error for an event above its own limit (6 MiB).
            detail = f"the event has {len(body)} bytes, at most {self._limits.most_bytes} are sent"
            raise CannotInvoke("RequestTooLargeException", detail=detail)
        return Invocation(
            arn=arn,
            request_id=self._entropy.uuid(),
            body=body,
            seconds=self._limits.seconds,
            most_bytes=self._limits.most_bytes,
        )

    @contextlib.contextmanager
    def _holding_place(self, pool_id: str) -> Iterator[None]:
        """Hold one of the pool's places, so that one pool whose function hangs takes nothing from the others."""
        most = self._settings.function_calls_per_pool
        if self._under_way[pool_id] >= most:
            detail = f"function_calls_per_pool: {most} calls of {pool_id} are under way"
            raise CannotInvoke("TooManyRequestsException", detail=detail)
        self._under_way[pool_id] += 1
        try:
            yield
        finally:
            self._under_way[pool_id] -= 1
            if not self._under_way[pool_id]:
                del self._under_way[pool_id]


def _carrier(entry: FunctionSetting, egress: Egress, clock: Clock) -> Carrier:
    match entry.transport:
        case LambdaTransport() as setting:
            return AwsLambda(setting, egress, clock)
        case EmulatorTransport() as setting:
            return Emulator(setting, egress)
        case WebhookTransport() as setting:
            return Webhook(setting, egress, clock)
        case LocalTransport() as setting:
            return LocalFunction(setting)
