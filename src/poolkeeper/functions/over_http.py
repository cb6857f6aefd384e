"""How does an event travel over HTTP? What the three HTTP transports share: one POST, and the ways in which it can fail."""

import contextlib
import re
from collections.abc import Mapping

from poolkeeper.egress import Egress, EgressFailed, EgressRefused, Response
from poolkeeper.functions.call import (
    TIMED_OUT,
    UNREACHABLE,
    CannotInvoke,
    Invocation,
    decode_answer,
    error_in,
    too_large,
)

_ERROR_NAME = re.compile(r"[A-Za-z][\w.]{0,99}")


async def post(
    egress: Egress,
    url: str,
    invocation: Invocation,
    *,
    headers: Mapping[str, str],
    private: bool = False,
    plain_http: bool = False,
) -> Response:
    """Send the event and return the answer, whatever its status. Raises CannotInvoke."""
    try:
        return await egress.request(
            "POST",
            url,
            headers={"Content-Type": "application/json", **headers},
            body=invocation.body,
            timeout_seconds=invocation.seconds,
            max_bytes=invocation.most_bytes,
            private=private,
            plain_http=plain_http,
        )
    except EgressRefused as fault:
        raise CannotInvoke(UNREACHABLE, detail=str(fault)) from None
    except EgressFailed as fault:
        if fault.kind == "answer":
            raise too_large(invocation.most_bytes) from None
        reason = TIMED_OUT if fault.timed_out else UNREACHABLE
        raise CannotInvoke(reason, detail=str(fault), fleeting=True) from None


def refusal(response: Response) -> CannotInvoke:
    """Return what an answer with an error's status says: the error's name, where it has one as Lambda's errors have.

    Lambda's text goes to the log. Anybody else's does not: error pages quote what they were sent, passwords included.
    """
    status = f"HTTP {response.status}"
    fleeting = response.status == 429
    name = response.headers.get("x-amzn-errortype", "").partition(":")[0]
    if not _ERROR_NAME.fullmatch(name):
        return CannotInvoke(status, detail=status, fleeting=fleeting)
    text = response.body[:300].decode(errors="replace")
    return CannotInvoke(name, detail=f"{status}: {text}", fleeting=fleeting)


def error_message(response: Response) -> str | None:
    """Return the errorMessage of a body that is a function's error, None where it is anything else."""
    with contextlib.suppress(CannotInvoke):
        return error_in(decode_answer(response.body))
    return None
