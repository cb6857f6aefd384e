"""Who may call an operation? A row of the table says it, and wraps one of these around the function."""

from collections.abc import Awaitable, Callable
from typing import Any

from poolkeeper.aws.operation import Run
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call, Caller
from poolkeeper.errors import UserPoolAddOnNotEnabledException
from poolkeeper.lookup import Bearer
from poolkeeper.model.pool import Pool
from poolkeeper.model.protection import mode_of
from poolkeeper.tokens.verify import require_bearer

WithBearer = Callable[[Call, Any, Bearer], Awaitable[Shape | None]]


def by_token(function: WithBearer) -> Run:
    """Make an operation of a function that takes the bearer of the access token in the request.

    No function of a TOKEN row can be reached without a bearer (attacks.md 31, 32, 59, 66). By the model GetDevice and
    ForgetDevice may come without a token; that is refused like a bad token.
    """

    async def admitted(call: Call, request: Any) -> Shape | None:
        return await function(call, request, await require_bearer(call, request.access_token or ""))

    return admitted


def require_caller(call: Call) -> Caller:
    """Return the signer; the row of the table demands a signature."""
    assert call.caller is not None, "the table asks for a signature"
    return call.caller


def require_protection(pool: Pool) -> None:
    """Raise UserPoolAddOnNotEnabledException for a pool whose threat protection is off."""
    if not mode_of(pool):
        # UNVERIFIED: the words; one DescribeRiskConfiguration of a pool without the add-on would settle them.
        raise UserPoolAddOnNotEnabledException("Threat protection is not enabled for this user pool.")
