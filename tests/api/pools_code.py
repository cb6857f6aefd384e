"""What does a pool's own code decide in the tests of CUSTOM_AUTH? The three triggers of a riddle, and every event they got.

The riddle's answer is private; three wrong ones are too many. A test may put another rule in the place of Define.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.signing_in import begin, respond
from api.world import PASSWORD, ClientOfTests, World

RIGHT = "a-very-private-answer"
ASK, SRP, TOKENS, FAIL = "CUSTOM_CHALLENGE", "PASSWORD_VERIFIER", "tokens", "fail"
TRIGGERS = {
    "DefineAuthChallenge": "arn:aws:lambda:us-east-1:000000000000:function:define",
    "CreateAuthChallenge": "arn:aws:lambda:us-east-1:000000000000:function:create",
    "VerifyAuthChallengeResponse": "arn:aws:lambda:us-east-1:000000000000:function:verify",
    "PreAuthentication": "arn:aws:lambda:us-east-1:000000000000:function:before",
}
History = Sequence[Mapping[str, Any]]


def riddle(history: History) -> str:
    """Decide as the samples do: the password where the client began with SRP_A, then one right answer out of three."""
    names = [turn["challengeName"] for turn in history]
    if names == ["SRP_A"]:
        return SRP
    riddles = [turn["challengeResult"] for turn in history if turn["challengeName"] == ASK]
    if any(riddles):
        return TOKENS
    return FAIL if len(riddles) >= 3 else ASK


@dataclass
class Code:
    """The pool's code, and every event that it got, oldest first."""

    define: Callable[[History], str] = riddle
    solution: str = RIGHT
    events: list[dict[str, Any]] = field(default_factory=list)

    async def invoke(self, arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        """Do what the function of an ARN does, as the server invokes it."""
        self.events.append(dict(event))
        assert event["userPoolId"] == pool_id
        return {**event, "response": getattr(self, f"_{arn.rpartition(':')[2]}")(event["request"])}

    def told(self, trigger: str) -> list[dict[str, Any]]:
        """Return the requests of one trigger."""
        return [event["request"] for event in self.events if event["triggerSource"].startswith(trigger)]

    def sources(self) -> list[str]:
        """Return which triggers were asked, in short."""
        return [event["triggerSource"].removesuffix("_Authentication") for event in self.events]

    def histories(self) -> list[list[tuple[str, bool]]]:
        """Return the history that each call of Define saw, in short."""
        return [
            [(turn["challengeName"], turn["challengeResult"]) for turn in request["session"]]
            for request in self.told("Define")
        ]

    def _define(self, request: Mapping[str, Any]) -> dict[str, Any]:
        said = self.define(request["session"])
        name = None if said in {TOKENS, FAIL} else said
        return {"challengeName": name, "issueTokens": said == TOKENS, "failAuthentication": said == FAIL}

    def _create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "publicChallengeParameters": {"riddle": "?"},
            "privateChallengeParameters": {"answer": self.solution},
            "challengeMetadata": f"riddle {len(request['session'])}",
        }

    def _verify(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return {"answerCorrect": request["challengeAnswer"] == request["privateChallengeParameters"]["answer"]}

    def _before(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {}


@contextmanager
def running_code(world: World, monkeypatch: pytest.MonkeyPatch, code: Code) -> Iterator[Code]:
    """Have the server run `code` where it would run a pool's functions."""
    with monkeypatch.context() as patched:
        patched.setattr(world.house.functions, "invoke", code.invoke)
        yield code


def ask(client: ClientOfTests, name: str = "ada", *, admin: bool = False, **more: str) -> str:
    """Begin CUSTOM_AUTH; return the Session of its first challenge."""
    begun = begin(client, "CUSTOM_AUTH", admin=admin, USERNAME=name, **more)
    assert begun["ChallengeName"] == ASK
    assert "AuthenticationResult" not in begun
    return str(begun["Session"])


def answer(
    client: ClientOfTests, session: str, given: str = RIGHT, name: str = "ada", *, admin: bool = False
) -> dict[str, Any]:
    """Answer the riddle."""
    return respond(client, ASK, session, admin=admin, USERNAME=name, ANSWER=given)


def prove_password(client: ClientOfTests, name: str = "ada", password: str = PASSWORD) -> dict[str, Any]:
    """Begin CUSTOM_AUTH with SRP_A and prove the password; return the whole answer to that."""
    user = AWSSRP(name, password, client.pool.pool_id, client.client_id, client=client.world.unsigned)
    given = user.get_auth_params()
    begun = begin(client, "CUSTOM_AUTH", CHALLENGE_NAME="SRP_A", **given)
    assert begun["ChallengeName"] == SRP
    return respond(client, SRP, **user.process_challenge(begun["ChallengeParameters"], given))
