"""Which id did the caller choose for a pool or an app client? In development they can, as LocalStack's users write it."""

from collections.abc import Mapping

from msgspec.structs import replace

from poolkeeper.aws import constraints
from poolkeeper.aws.generated.cognito_idp import CreateUserPoolClientRequest
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.client import CLIENT_ID
from poolkeeper.model.pool import POOL_ID

POOL_TAG = "_custom_id_"
CLIENT_PREFIX = "_custom_id_:"


def of_pool(call: Call, tags: Mapping[str, str]) -> str | None:
    """Return the id in the tag `_custom_id_` of a new pool, None without that tag or outside of development.

    Raises InvalidParameterException for an id that no client could use.
    """
    chosen = tags.get(POOL_TAG) if call.house.settings.dev else None
    if chosen is not None:
        require_pool_id(chosen, region=call.region)
    return chosen


def of_client(call: Call, name: str) -> str | None:
    """Return the id after the prefix `_custom_id_:` of a new app client's name, None without it or outside of development.

    Raises InvalidParameterException.
    """
    if not (call.house.settings.dev and name.startswith(CLIENT_PREFIX)):
        return None
    chosen = name.removeprefix(CLIENT_PREFIX)
    require_client_id(chosen)
    return chosen


def check(request: Shape) -> None:
    """Refuse a request that breaks a limit of its model, but allow the colon of `_custom_id_:` in an app client's name."""
    if isinstance(request, CreateUserPoolClientRequest) and (request.client_name or "").startswith(CLIENT_PREFIX):
        request = replace(request, client_name=request.client_name.replace(":", "", 1))
    constraints.check(request)


def require_pool_id(chosen: str, *, region: str) -> None:
    """Raise InvalidParameterException unless clients can read the region out of an id (clients.md 2)."""
    if not POOL_ID.fullmatch(chosen):
        raise InvalidParameterException(
            f"The id of a pool is a region, _ and letters and digits, for clients read the region out of it; "
            f"{chosen[:64]!r} is not."
        )
    if chosen.rpartition("_")[0] != region:
        raise InvalidParameterException(
            f"The id of a pool of {region} is {region}_ and letters and digits, for clients read the region out of it; "
            f"{chosen[:64]!r} is not."
        )


def require_client_id(chosen: str) -> None:
    """Raise InvalidParameterException unless an id has the form that ids of app clients have."""
    if not CLIENT_ID.fullmatch(chosen):
        raise InvalidParameterException(
            f"{chosen[:64]!r} is no id of an app client: letters, digits, _ and +, up to 128."
        )


def taken(noun: str, chosen: str) -> InvalidParameterException:
    """Return the refusal of an id that is taken, or was: the rows of a deleted one go in the background."""
    return InvalidParameterException(
        f"There is {noun} with the id {chosen} already, or one whose deletion is not done."
    )
