"""What is somebody told who may not? AWS's sentence, with who, what and on which resource."""

from collections.abc import Callable
from typing import Any

from api.principals import Holder
from api.world import refused


def sentence(who: Holder, action: str, resource: str, why: str = "") -> str:
    """Return AWS's sentence for a refusal; without a reason, that nothing allows it."""
    why = why or f"because no identity-based policy allows the {action} action"
    return f"User: {who.arn} is not authorized to perform: {action} on resource: {resource} {why}"


def denied(call: Callable[[], Any]) -> str:
    """Return the sentence with which a call is denied."""
    name, told = refused(call)
    assert name == "AccessDeniedException", (name, told)
    return told
