"""How does an operator's code lead a sign-in? Define chooses the next step, Create makes the challenge, Verify judges answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.triggers.asking import ask, is_set, texts
from poolkeeper.triggers.events import about, event_of_call, username_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What DefineAuthChallenge decided."""

    challenge_name: str | None
    issue_tokens: bool
    fail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """CreateAuthChallenge's challenge: `public` goes to the client, `private` never does, `metadata` goes into the history."""

    public: Mapping[str, str]
    private: Mapping[str, str]
    metadata: str | None


class _Define(msgspec.Struct, frozen=True, rename="camel"):
    challenge_name: str | None = None
    issue_tokens: bool | None = None
    fail_authentication: bool | None = None


class _Create(msgspec.Struct, frozen=True, rename="camel"):
    public_challenge_parameters: dict[str, Any] | None = None
    private_challenge_parameters: dict[str, Any] | None = None
    challenge_metadata: Any = None


class _Verify(msgspec.Struct, frozen=True, rename="camel"):
    answer_correct: bool | None = None


async def define_auth_challenge(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    subject: Subject,
    session: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, str],
) -> Definition:
    """Ask DefineAuthChallenge for the next step, given the history of the sign-in.

    An element of `session` has challengeName, challengeResult and challengeMetadata. Raises InvalidParameterException
    where there is no such trigger, else as `ask` does.
    """
    _require(pool, "DefineAuthChallenge")
    event = event_of_call(
        call,
        pool,
        client,
        source="DefineAuthChallenge_Authentication",
        username=username_of(subject),
        request={**about(pool, client, subject), "session": _history(session)},
        response=dict.fromkeys(("challengeName", "issueTokens", "failAuthentication")),
        metadata=metadata,
    )
    answer = await ask(call, pool, "DefineAuthChallenge", event, _Define)
    return Definition(
        challenge_name=answer.challenge_name or None,
        issue_tokens=bool(answer.issue_tokens),
        fail=bool(answer.fail_authentication),
    )


async def create_auth_challenge(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    subject: Subject,
    challenge_name: str,
    session: Sequence[Mapping[str, Any]],
    metadata: Mapping[str, str],
) -> Created:
    """Ask CreateAuthChallenge for a challenge. Raises as `define_auth_challenge` does."""
    _require(pool, "CreateAuthChallenge")
    event = event_of_call(
        call,
        pool,
        client,
        source="CreateAuthChallenge_Authentication",
        username=username_of(subject),
        request={
            **about(pool, client, subject),
            "challengeName": challenge_name,
            "session": _history(session),
        },
        response=dict.fromkeys(("publicChallengeParameters", "privateChallengeParameters", "challengeMetadata")),
        metadata=metadata,
    )
    answer = await ask(call, pool, "CreateAuthChallenge", event, _Create)
    return Created(
        public=texts("CreateAuthChallenge", answer.public_challenge_parameters),
        private=texts("CreateAuthChallenge", answer.private_challenge_parameters),
        metadata=texts("CreateAuthChallenge", {"metadata": answer.challenge_metadata}).get("metadata"),
    )


async def verify_auth_challenge(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    subject: Subject,
    private: Mapping[str, str],
    answer: str,
    metadata: Mapping[str, str],
) -> bool:
    """Ask VerifyAuthChallengeResponse whether an answer is right. Raises as `define_auth_challenge` does."""
    _require(pool, "VerifyAuthChallengeResponse")
    event = event_of_call(
        call,
        pool,
        client,
        source="VerifyAuthChallengeResponse_Authentication",
        username=username_of(subject),
        request={
            **about(pool, client, subject),
            "privateChallengeParameters": dict(private),
            "challengeAnswer": answer,
        },
        response={"answerCorrect": None},
        metadata=metadata,
    )
    verdict = await ask(call, pool, "VerifyAuthChallengeResponse", event, _Verify)
    return verdict.answer_correct is True


def _require(pool: Pool, name: str) -> None:
    if not is_set(pool, name):
        # UNVERIFIED: the error's name, which public reports give as this or as InvalidLambdaResponseException.
        raise InvalidParameterException("Custom auth lambda trigger is not configured for the user pool.")


def _history(session: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [dict(challenge) for challenge in session]
