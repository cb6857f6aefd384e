"""For whom does a call speak, and what does a client tell of itself? UserContextData and ContextData of seven operations."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from poolkeeper.aws.generated.cognito_idp import ContextDataType, HttpHeader, UserContextDataType
from poolkeeper.call import Call
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext


class _Told(Protocol):
    """A request that may bring UserContextData."""

    user_context_data: UserContextDataType | None


def speaking_for(call: Call, told: UserContextDataType | ContextDataType | None) -> Call:
    """Return the call with the address that is told of the person; whether it counts is said by `Call.address`."""
    return call if told is None else msgspec.structs.replace(call, told_address=told.ip_address or "")


def for_user_of(call: Call, req: _Told) -> Call:
    """Return the call with the address in the UserContextData of its request."""
    return speaking_for(call, req.user_context_data)


def user_context(told: UserContextDataType | None) -> ClientContext:
    """Return what a client tells of itself in UserContextData."""
    if told is None:
        return NO_CONTEXT
    return ClientContext(encoded_data=told.encoded_data, address=told.ip_address)


def admin_context(told: ContextDataType | None) -> ClientContext:
    """Return what an administrator's server tells in ContextData of the request that it got."""
    if told is None:
        return NO_CONTEXT
    return ClientContext(
        encoded_data=told.encoded_data,
        address=told.ip_address,
        server_name=told.server_name,
        server_path=told.server_path,
        headers=_headers(told.http_headers),
    )


def _headers(given: Sequence[HttpHeader]) -> dict[str, str]:
    return {one.header_name or "": one.header_value or "" for one in given}
