"""For whom does a call speak, and what does a client say of itself? UserContextData and ContextData of seven operations."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from poolkeeper.aws.generated.cognito_idp import ContextDataType, HttpHeader, UserContextDataType
from poolkeeper.call import Call
from poolkeeper.model.client_context import NO_CONTEXT, ClientContext


class _WithContextData(Protocol):
    """A request that may bring UserContextData."""

    user_context_data: UserContextDataType | None


def speaking_for(call: Call, context_data: UserContextDataType | ContextDataType | None) -> Call:
    """Return the call with the address that the caller says is the person's; `Call.address` decides whether it counts."""
    return call if context_data is None else msgspec.structs.replace(call, told_address=context_data.ip_address or "")


def for_user_of(call: Call, req: _WithContextData) -> Call:
    """Return the call with the address in the UserContextData of its request."""
    return speaking_for(call, req.user_context_data)


def user_context(context_data: UserContextDataType | None) -> ClientContext:
    """Return what a client says of itself in UserContextData."""
    if context_data is None:
        return NO_CONTEXT
    return ClientContext(encoded_data=context_data.encoded_data, address=context_data.ip_address)


def admin_context(context_data: ContextDataType | None) -> ClientContext:
    """Return what an administrator's server says in ContextData about the request that it got."""
    if context_data is None:
        return NO_CONTEXT
    return ClientContext(
        encoded_data=context_data.encoded_data,
        address=context_data.ip_address,
        server_name=context_data.server_name,
        server_path=context_data.server_path,
        headers=_headers(context_data.http_headers),
    )


def _headers(headers: Sequence[HttpHeader]) -> dict[str, str]:
    return {header.header_name or "": header.header_value or "" for header in headers}
