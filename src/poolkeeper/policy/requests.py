"""What do policies judge? A request: who wants to do what with which resource, and its condition keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from poolkeeper.policy.budget import Budget
from poolkeeper.policy.templates import Keys


class PrincipalKind(Enum):
    """The kind of caller that makes a request."""

    ROOT = "root"
    USER = "user"
    ROLE_SESSION = "assumed-role"
    FEDERATED_USER = "federated-user"
    # A web identity or a SAML subject without credentials, which assumes a role by a token.
    FEDERATED = "federated"
    SERVICE = "service"
    ANONYMOUS = "anonymous"


class Principal(NamedTuple):
    """The caller of a request.

    `arn` is the name in AWS's sentences: the ARN of the user or the session; for FEDERATED the provider
    (`cognito-identity.amazonaws.com`, the ARN of an OIDC or SAML provider), for SERVICE its name. `account` has 12 digits,
    and is empty where there is none. `aliases` are other names of the same caller (unique ids, another spelling of the
    issuer), `behind` the names of the owner of a session's permissions: the ARN and the id of the role, or of the user behind
    a federated user.
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
    condition keys, whose names are compared without regard to case. A missing key is not the same as an empty text; a tuple
    is a multivalued key, also with a single member or none. `budget` is what judging the request may cost.
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
