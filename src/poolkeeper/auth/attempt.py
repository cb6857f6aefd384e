"""What is known while somebody signs in? One attempt, and what a step of it may lead to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.tokens.issue import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request on the way to tokens. `given` are AuthParameters or ChallengeResponses, none of them believed yet.

    `subject` is whom USERNAME means. `given_session` is the sealed state that came along, if one did.
    """

    call: Call
    pool: Pool
    client: Client
    subject: Subject
    given: Mapping[str, str]
    given_session: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    def require(self, name: str) -> str:
        """Return a parameter that the flow cannot do without.

        Raises InvalidParameterException.
        """
        return require_given(self.given, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a client is asked for next. `session` is the sealed state to send back, None where none is needed."""

    name: str
    parameters: Mapping[str, str]
    session: str | None


Outcome = Challenge | Tokens


def require_given(given: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be there; an empty one is there.

    Raises InvalidParameterException.
    """
    if name not in given:
        raise InvalidParameterException(f"Missing required parameter {name}")
    return given[name]
