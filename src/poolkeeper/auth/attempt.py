"""What is known while somebody signs in? One attempt, what it has proved so far, and what a step of it may lead to."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from poolkeeper.auth.state import Journey
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.group import Membership
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.tokens.issue import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request on the way to tokens. `given` are AuthParameters or ChallengeResponses, none of them believed yet.

    `subject` is whom USERNAME means. `answered` is the challenge that this request answers, empty where it begins a
    flow; `given_session` is the sealed state that came along, if one did. `journey` is what the first request said and
    the later ones go by. ClientMetadata is `validation_data` where a flow begins and `metadata` where a challenge is
    answered: they reach different triggers (contract, user pools 6.2). `invocations` is how many functions had been
    asked when pool, client and subject were read.
    """

    call: Call
    pool: Pool
    client: Client
    subject: Subject
    given: Mapping[str, str]
    journey: Journey
    answered: str = ""
    given_session: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    validation_data: Mapping[str, str] = field(default_factory=dict)
    invocations: int = 0

    def require(self, name: str) -> str:
        """Return a parameter that the flow cannot do without.

        Raises InvalidParameterException.
        """
        return require_given(self.given, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Evidence that a user gave a proof just now: what the gate asks for.

    `factors` are what was proved, in order, `memberships` the groups at that time. `failures` were counted before it, in
    `bucket` where the sign-in came from a remembered device (Subject).
    `spends` is the sealed state that the proof used up, (nonce, expiry), which is spent in the same transaction as what
    it leads to.
    """

    user: User
    factors: tuple[str, ...]
    memberships: tuple[Membership, ...]
    failures: int = 0
    bucket: str = ""
    spends: tuple[str, int] | None = None
    journey: Journey = field(default_factory=Journey)

    def with_factor(self, factor: str) -> "Proven":
        """Return the evidence with one proof more."""
        return replace(self, factors=(*self.factors, factor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a client is asked for next. `session` is the sealed state to send back, None where none is needed.

    `available` are the challenges to choose from, where there is a choice.
    """

    name: str
    parameters: Mapping[str, str]
    session: str | None
    available: tuple[str, ...] | None = None


Outcome = Challenge | Tokens
Step = Callable[[Attempt], Awaitable[Challenge | Proven]]
"""What a request does: it asks for something, or it proves something and the flow goes on from there."""


def require_given(given: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be there; an empty one is there.

    Raises InvalidParameterException.
    """
    if name not in given:
        raise InvalidParameterException(f"Missing required parameter {name}")
    return given[name]
