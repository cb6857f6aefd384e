"""What is judged? Who wants to do what with which resource, and what else is known of the request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from poolkeeper.policy.budget import Budget
from poolkeeper.policy.templates import Keys


class PrincipalKind(Enum):
    """As whom a request is made."""

    ROOT = "root"
    USER = "user"
    ROLE_SESSION = "assumed-role"
    FEDERATED_USER = "federated-user"
    # A web identity or a SAML subject that has no credentials yet: it assumes a role by a token.
    FEDERATED = "federated"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


class Principal(NamedTuple):
    """Whoever makes a request.

    `arn` is the name in AWS's sentences: the user's or the session's ARN; of a FEDERATED one the provider
    (`cognito-identity.amazonaws.com`, the ARN of an OIDC or SAML provider), of a SERVICE its name. `account` is 12 digits,
    empty where there is none. `aliases` are further names of the same (unique ids, another spelling of the issuer), and
    `behind` the names of whose permissions a session has: the ARN and the id of the role, of a federated user the user's.
    """

    kind: PrincipalKind
    arn: str
    account: str = ""
    aliases: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One action on one resource.

    `action` is `service:Name` in any case, `resource` an ARN, or `*` for an action that has none. `context` holds the
    condition keys, whose names are compared without regard to case. A key that is not there is missing, which is not the
    same as an empty text; a tuple is a multivalued key, also with one member or none. `budget` is what judging it may cost.
    """

    principal: Principal
    action: str
    resource: str
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget, repr=False, compare=False)
    folded_action: str = field(init=False, repr=False)
    keys: Keys = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded_action", self.action.lower())
        object.__setattr__(self, "keys", Keys(self.context, self.budget))
