"""Which things does a call name? The names and ids in its request and of what its answer has made, never a value.

The tables are closed: a member that is not in them (people, attributes, passwords, secrets, documents), or that a model marks
as sensitive, never gets into a log.
"""

from functools import cache
from typing import Any, Final

from poolkeeper.aws.shape import Shape

_IN_REQUESTS: Final = frozenset(
    {
        "access_key_id",
        "group_name",
        "identity_pool_id",
        "open_id_connect_provider_arn",
        "permissions_boundary",
        "policy_arn",
        "policy_name",
        "provider_name",
        "role_arn",
        "saml_provider_arn",
        "version_id",
    }
)
# Only of iam: elsewhere a user is a person's account in a pool.
_IN_REQUESTS_OF_IAM: Final = frozenset({"new_group_name", "new_user_name", "role_name", "user_name"})
# (the member of an answer, its attribute, the name that a request would use)
_IN_ANSWERS: Final = (
    ("access_key", "access_key_id", "AccessKeyId"),
    ("credentials", "access_key_id", "AccessKeyId"),
    ("policy", "arn", "PolicyArn"),
    ("policy_version", "version_id", "VersionId"),
    ("user_pool", "id", "UserPoolId"),
)
# Of answers that are the new thing itself.
_ANSWER_ITSELF: Final = (("identity_pool_id", "IdentityPoolId"),)


def named(service: str, operation_input: Any, answer: Shape | None) -> dict[str, str]:
    """Return the names and ids of a call by member: those of its request, then those of what its answer has made."""
    names: dict[str, str] = {}
    if operation_input is not None:
        shape: type[Shape] = type(operation_input)
        for attribute, wire in _request_members(shape, service == "iam"):
            value = getattr(operation_input, attribute)
            if isinstance(value, str) and value:
                names[wire] = value
    if answer is not None:
        rows = [(getattr(answer, member), attribute, wire) for member, attribute, wire in _answer_members(type(answer))]
        for holder, attribute, wire in (*rows, *((answer, *row) for row in _ANSWER_ITSELF)):
            value = getattr(holder, attribute, None)
            if isinstance(value, str) and value:
                names[wire] = value
    return names


@cache
def _request_members(shape: type[Shape], of_iam: bool) -> tuple[tuple[str, str], ...]:  # noqa: FBT001 - part of the key
    attributes = _IN_REQUESTS | _IN_REQUESTS_OF_IAM if of_iam else _IN_REQUESTS
    members = zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    return tuple((attribute, wire) for attribute, wire in members if attribute in attributes - shape.SENSITIVE)


@cache
def _answer_members(shape: type[Shape]) -> tuple[tuple[str, str, str], ...]:
    return tuple(row for row in _IN_ANSWERS if row[0] in shape.__struct_fields__)
