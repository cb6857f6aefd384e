"""What does one request on the way to tokens bring? What the client sent, none of it believed yet, and whom it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Subject
from poolkeeper.model.auth_event import Facts, Seen
from poolkeeper.model.client import Client
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext
from poolkeeper.model.pool import Pool
from poolkeeper.risk.observation import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What was seen of a request in a pool with threat protection. `facts` are those of its event, if they are new."""

    observation: Observation
    seen: Seen
    facts: Facts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request on the way to tokens. `given` are AuthParameters or ChallengeResponses, none of them believed yet.

    `subject` is whom USERNAME means. `answered` is the challenge that this request answers, empty where it begins a
    flow; `given_session` is the sealed state that came along, if one did. ClientMetadata is `validation_data` where a
    flow begins and `metadata` where a challenge is answered: they reach different triggers (userpools.md 6.2).
    `context` is what the client says of itself. `invocations` is how many functions had been called when pool, client
    and subject were read. `watched` is what was seen of the request, where threat protection is on.
    """

    call: Call
    pool: Pool
    client: Client
    subject: Subject
    given: Mapping[str, str]
    answered: str = ""
    given_session: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    validation_data: Mapping[str, str] = field(default_factory=dict)
    context: ClientContext = NO_CONTEXT
    invocations: int = 0
    watched: Watched | None = None

    def require(self, name: str) -> str:
        """Return a parameter that the flow cannot do without.

        Raises InvalidParameterException.
        """
        return require_given(self.given, name)


def require_given(given: Mapping[str, str], name: str) -> str:
    """Return a parameter that must be present; it may be empty.

    Raises InvalidParameterException.
    """
    if name not in given:
        raise InvalidParameterException(f"Missing required parameter {name}")
    return given[name]
