"""How do tests give a pool an operator's own code? Real functions of one file each, run as local ones, and what they were told."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from api.world import World
from poolkeeper.function_settings import FunctionSetting, LocalTransport
from poolkeeper.functions import Functions

KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/tests"
_FRAME = """
import json

def handler(event, context):
    with open({log!r}, "a") as log:
        log.write(json.dumps(event) + "\\n")
    request, response = event["request"], event["response"]
{body}
    return event
"""


@dataclass
class OwnCode:
    """The functions of one test. What no function is made for goes the server's own way, which knows none."""

    world: World
    folder: Path
    _made: dict[str, Functions] = field(default_factory=dict)
    _all: list[Functions] = field(default_factory=list)

    def function(self, name: str, *lines: str) -> str:
        """Make a function and return its ARN; `lines` are Python over `event`, `request` and `response`.

        A later one of the same name takes the place of the one before.
        """
        body = "\n".join(f"    {line}" for line in lines)
        (self.folder / f"{name}.py").write_text(_FRAME.format(log=str(self._log(name)), body=body))
        transport = LocalTransport(
            language="python", source=name, function="handler", folder=self.folder, environment={}
        )
        arn = f"arn:aws:lambda:us-east-1:000000000000:function:{name}"
        setting = FunctionSetting(arn=arn, transport=transport, pools=None)
        house = self.world.house
        settings = replace(house.settings, functions=(setting,))
        self._made[arn] = Functions(settings, house.egress, house.clock, house.entropy)
        self._all.append(self._made[arn])
        return arn

    def told(self, name: str) -> list[dict[str, Any]]:
        """Return the events that a function got, oldest first; a line that it is still writing is none yet."""
        log = self._log(name)
        written = log.read_text().splitlines(keepends=True) if log.exists() else []
        return [json.loads(line) for line in written if line.endswith("\n")]

    def sources(self, *names: str) -> list[str]:
        """Return the triggerSource of every event that these functions got."""
        return [event["triggerSource"] for name in names for event in self.told(name)]

    def carried(self, invoke: Callable[..., Any]) -> Callable[..., Any]:
        """Return how the server invokes: these functions, and by `invoke` every other."""

        async def choose(arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
            made = self._made.get(arn)
            return await (invoke if made is None else made.invoke)(arn, event, pool_id=pool_id)

        return choose

    def end(self) -> None:
        """End the programs."""

        async def close() -> None:
            for functions in self._all:
                await functions.close()

        self.world.run(close)

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"


@contextmanager
def own_code(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Let the server run the functions that a test makes in `folder`."""
    made = OwnCode(world, folder)
    with monkeypatch.context() as patched:
        functions = world.house.functions
        patched.setattr(functions, "invoke", made.carried(functions.invoke))
        try:
            yield made
        finally:
            made.end()
