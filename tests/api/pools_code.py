"""What does a pool's own code decide in the tests of CUSTOM_AUTH? The three triggers of a riddle, and what they were told.

The riddle's answer is private; three wrong ones are too many. A test may put another rule in the place of Define.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.signing_in import begin, respond
from api.world import PASSWORD, ClientOfTests
from poolkeeper import triggers
from poolkeeper.lookup import Subject

RIGHT = "a-very-private-answer"
ASK, SRP, TOKENS, FAIL = "CUSTOM_CHALLENGE", "PASSWORD_VERIFIER", "tokens", "fail"
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
    """The pool's code, and every call that it got: (trigger, whether the user was unknown, what came with it)."""

    define: Callable[[History], str] = riddle
    solution: str = RIGHT
    calls: list[tuple[str, bool, dict[str, Any]]] = field(default_factory=list)

    def told(self, trigger: str) -> list[dict[str, Any]]:
        """Return what came with each call of one trigger."""
        return [told for name, _, told in self.calls if name == trigger]

    def histories(self) -> list[list[tuple[str, bool]]]:
        """Return the history that each call of Define saw, in short."""
        return [
            [(turn["challengeName"], turn["challengeResult"]) for turn in told["session"]]
            for told in self.told("define")
        ]

    def note(self, trigger: str, subject: Subject, **told: Any) -> None:
        self.calls.append((trigger, subject.user is None, {"name": subject.name, **told}))


@contextmanager
def running_code(monkeypatch: pytest.MonkeyPatch, code: Code) -> Iterator[Code]:
    """Have the server ask `code` where it would ask a pool's functions."""

    async def define(*_: Any, subject: Subject, session: History, metadata: Mapping[str, str]) -> triggers.Definition:
        code.note("define", subject, session=list(session), metadata=dict(metadata))
        said = code.define(session)
        name = said if said not in {TOKENS, FAIL} else None
        return triggers.Definition(challenge_name=name, issue_tokens=said == TOKENS, fail=said == FAIL)

    async def create(
        *_: Any, subject: Subject, challenge_name: str, session: History, metadata: Mapping[str, str]
    ) -> triggers.Created:
        code.note("create", subject, name_of=challenge_name, session=list(session), metadata=dict(metadata))
        return triggers.Created(
            public={"riddle": "?"}, private={"answer": code.solution}, metadata=f"riddle {len(session)}"
        )

    async def verify(
        *_: Any, subject: Subject, private: Mapping[str, str], answer: str, metadata: Mapping[str, str]
    ) -> bool:
        code.note("verify", subject, private=dict(private), answer=answer, metadata=dict(metadata))
        return answer == private["answer"]

    with monkeypatch.context() as patched:
        patched.setattr(triggers, "define_auth_challenge", define)
        patched.setattr(triggers, "create_auth_challenge", create)
        patched.setattr(triggers, "verify_auth_challenge", verify)
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
