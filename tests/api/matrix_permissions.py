"""How does the matrix of permissions ask? Each service's operation once, by a client with one key."""

from typing import Any

from botocore.exceptions import ClientError

from api.principals import Holder
from poolkeeper.aws.operation import Operation

DENIED = {"AccessDenied", "AccessDeniedException"}


# What clients call a service that signs by another name.
CLIENTS = {"tagging": "resourcegroupstaggingapi"}


def asked(holder: Holder, operation: Operation, given: dict[str, Any]) -> tuple[str, str]:
    """Send a request; return the error's name and sentence, empty where there is none."""
    try:
        holder.client(CLIENTS.get(operation.model.name, operation.model.name))._make_api_call(operation.name, given)
    except ClientError as fault:
        return fault.response["Error"]["Code"], fault.response["Error"]["Message"]
    return "", ""
