"""Which things does a call name? What it speaks of in its request and what its answer made: names and ids, never a value.

The tables are closed: what is not in them (people, attributes, passwords, secrets, documents), and what a model marks as
sensitive, is told nowhere.
"""

from functools import cache
from typing import Any, Final

from poolkeeper.aws.shape import Shape

_ASKED: Final = frozenset(
    {
        "access_key_id",
        "group_name",
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
# Of iam alone: elsewhere a user is somebody's account in a pool.
_ASKED_OF_IAM: Final = frozenset({"new_group_name", "new_user_name", "role_name", "user_name"})
# Where an answer has it, and what a request would call it.
_MADE: Final = (
    ("access_key", "access_key_id", "AccessKeyId"),
    ("credentials", "access_key_id", "AccessKeyId"),
    ("policy", "arn", "PolicyArn"),
    ("policy_version", "version_id", "VersionId"),
    ("user_pool", "id", "UserPoolId"),
)


def named(service: str, given: Any, answer: Shape | None) -> dict[str, str]:
    """Return what a call of a service names, by the names of members: what it was given, then what it has made."""
    found: dict[str, str] = {}
    if given is not None:
        shape: type[Shape] = type(given)
        for attribute, wire in _asked(shape, service == "iam"):
            value = getattr(given, attribute)
            if isinstance(value, str) and value:
                found[wire] = value
    if answer is not None:
        for member, attribute, wire in _made(type(answer)):
            value = getattr(getattr(answer, member), attribute, None)
            if isinstance(value, str) and value:
                found[wire] = value
    return found


@cache
def _asked(shape: type[Shape], of_iam: bool) -> tuple[tuple[str, str], ...]:  # noqa: FBT001 - part of the key
    known = _ASKED | _ASKED_OF_IAM if of_iam else _ASKED
    members = zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    return tuple((attribute, wire) for attribute, wire in members if attribute in known - shape.SENSITIVE)


@cache
def _made(shape: type[Shape]) -> tuple[tuple[str, str, str], ...]:
    return tuple(one for one in _MADE if one[0] in shape.__struct_fields__)
