"""What may an app client have that stands for itself? The one flow that it must have, and the scopes of resource servers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from poolkeeper.errors import ScopeDoesNotExistException
from poolkeeper.model.client import Client

# The two doors, by the name of what a client must allow, and nothing beside it.
CLIENT_CREDENTIALS = "client_credentials"
CLIENT_TOKEN_AUTH = "ALLOW_CLIENT_TOKEN_AUTH"  # noqa: S105 - the name of a flow


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRequest:
    """What an app client that stands for itself asks for.

    `pool_id` is the pool that was asked, None where the client names it; `flow` is CLIENT_CREDENTIALS or
    CLIENT_TOKEN_AUTH. Without `scopes` it gets all that it has.
    """

    pool_id: str | None
    client_id: str
    secret: str | None = field(repr=False)
    flow: str
    scopes: Sequence[str]


def allows_machines(client: Client, flow: str) -> bool:
    """Say whether a client has this flow alone, and a secret: a client that signs people in does not stand for itself."""
    if not client.confidential:
        return False
    if flow == CLIENT_TOKEN_AUTH:
        return client.flows == {CLIENT_TOKEN_AUTH}
    document = client.document
    return bool(document.get("AllowedOAuthFlowsUserPoolClient")) and document.get("AllowedOAuthFlows") == [flow]


def machine_scopes(client: Client, asked: Sequence[str], of_servers: Collection[str]) -> tuple[str, ...]:
    """Return the scopes to give: those that were asked for, in that order, or all that the client has.

    One that its resource server does not know any more is left out. Raises ScopeDoesNotExistException for one that the
    client does not have, that is about users (attacks.md 92), or where none is left.
    """
    custom = [scope for scope in client.document.get("AllowedOAuthScopes", ()) if "/" in scope]
    foreign = [scope for scope in asked if scope not in custom]
    if foreign:
        raise ScopeDoesNotExistException(f"Invalid scope requested: {foreign[0]}")
    # UNVERIFIED: what AWS answers where none is left; a client of a resource server that was deleted would settle it.
    granted = tuple(scope for scope in dict.fromkeys(asked or custom) if scope in of_servers)
    if not granted:
        raise ScopeDoesNotExistException("Invalid scope requested: the client has none")
    return granted
