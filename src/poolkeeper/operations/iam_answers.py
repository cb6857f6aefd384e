"""How do answers show users, groups, roles and policies? In the shapes that several operations of iam share."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

import msgspec

from poolkeeper.aws.generated import iam as shapes
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidInputException, LimitExceededException
from poolkeeper.model.iam import TAGS, Entity, PolicyVersion
from poolkeeper.operations import iam_aws_policies
from poolkeeper.operations.iam_lookup import arn_of, policy_by_id
from poolkeeper.store.db import Reader

_UNRESERVED = "-._~"


def encoded(document: str) -> str:
    """Return a policy for an answer, percent-encoded by RFC 3986 (IAM API reference, "GetRolePolicy")."""
    return quote(document, safe=_UNRESERVED)


def moment(milliseconds: int) -> float:
    """Return a time for a shape: IAM answers whole seconds."""
    return float(milliseconds // SECOND)


def user(call: Call, entity: Entity, **members: object) -> shapes.User:
    """Return a user for lists; `members` are those that only answers about one user have (see `detail_members`)."""
    described = shapes.User(
        path=entity.path,
        user_name=entity.name,
        user_id=entity.entity_id,
        arn=arn_of(call, entity),
        create_date=moment(entity.created_at),
    )
    return msgspec.structs.replace(described, **members)


def group(call: Call, entity: Entity) -> shapes.Group:
    """Return a group."""
    return shapes.Group(
        path=entity.path,
        group_name=entity.name,
        group_id=entity.entity_id,
        arn=arn_of(call, entity),
        create_date=moment(entity.created_at),
    )


def role(call: Call, entity: Entity, **members: object) -> shapes.Role:
    """Return a role for lists; `members` are those that only answers about one role have (see `detail_members`)."""
    assert entity.trust_policy is not None, "a role has one"
    described = shapes.Role(
        path=entity.path,
        role_name=entity.name,
        role_id=entity.entity_id,
        arn=arn_of(call, entity),
        create_date=moment(entity.created_at),
        assume_role_policy_document=encoded(entity.trust_policy),
        description=entity.description,
        max_session_duration=entity.max_session_seconds,
    )
    return msgspec.structs.replace(described, **members)


async def detail_members(call: Call, reader: Reader, entity: Entity) -> dict[str, object]:
    """Return the members that answers about one user or role have and lists lack: tags, and the boundary."""
    members: dict[str, object] = {}
    if listed := tags(entity.tags):
        members["tags"] = listed
    if entity.boundary_id is not None:
        boundary = await policy_by_id(reader, entity.boundary_id)
        assert boundary is not None, "a policy that bounds somebody cannot be deleted"
        # The model's enumeration says PermissionsBoundaryPolicy, its text (and the answers of AWS's CLI reference) Policy.
        members["permissions_boundary"] = shapes.AttachedPermissionsBoundary(
            permissions_boundary_type="Policy", permissions_boundary_arn=arn_of(call, boundary)
        )
    return members


def policy(
    call: Call, entity: Entity, tallies: Mapping[str, tuple[int, int]], *, listed: bool = False
) -> shapes.Policy:
    """Return a managed policy; lists leave out description and tags. `tallies` is store/iam_policies.py's."""
    attached, bounding = tallies.get(entity.entity_id, (0, 0))
    return shapes.Policy(
        policy_name=entity.name,
        policy_id=iam_aws_policies.unique_id(entity.entity_id),
        arn=arn_of(call, entity),
        path=entity.path,
        default_version_id=f"v{entity.default_version}",
        attachment_count=attached,
        permissions_boundary_usage_count=bounding,
        is_attachable=True,
        description=None if listed else entity.description,
        create_date=moment(entity.created_at),
        update_date=moment(entity.updated_at),
        tags=None if listed else tags(entity.tags),
    )


def policy_version(entity: Entity, version: PolicyVersion, *, with_document: bool) -> shapes.PolicyVersion:
    """Return a version of a managed policy; only GetPolicyVersion shows its document."""
    return shapes.PolicyVersion(
        document=encoded(version.document) if with_document else None,
        version_id=f"v{version.version}",
        is_default_version=version.version == entity.default_version,
        create_date=moment(version.created_at),
    )


def tags(stored: str) -> list[shapes.Tag]:
    """Return stored tags as a list."""
    return [shapes.Tag(key=key, value=value) for key, value in msgspec.json.decode(stored, type=dict[str, str]).items()]


def tagged(stored: str, new_tags: Sequence[shapes.Tag] | None) -> str:
    """Return stored tags with new ones added: a key that differs only in case replaces the present one.

    Raises InvalidInputException for a key that comes twice or is reserved, LimitExceededException for too many tags.
    Source: IAM User Guide, "Tags for IAM resources".
    """
    added = {tag.key.casefold(): tag for tag in new_tags or ()}
    if len(added) != len(new_tags or ()):
        raise InvalidInputException("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith("aws:") for key in added):
        # UNVERIFIED: code and words; TagRole with `aws:x` against AWS would settle them.
        raise InvalidInputException("Tag keys that begin with aws: are reserved.")
    before = msgspec.json.decode(stored, type=dict[str, str])
    after = {key: value for key, value in before.items() if key.casefold() not in added}
    after |= {tag.key: tag.value for tag in added.values()}
    if len(after) > TAGS:
        # UNVERIFIED: the words; the 51st tag of a role against AWS would settle them.
        raise LimitExceededException(f"Cannot exceed quota for TagsPerResource: {TAGS}")
    return msgspec.json.encode(after).decode()


def untagged(stored: str, keys: Iterable[str]) -> str:
    """Return stored tags without those of some keys, in whatever case; an unknown key is no error."""
    removed_keys = {key.casefold() for key in keys}
    before = msgspec.json.decode(stored, type=dict[str, str])
    return msgspec.json.encode(
        {key: value for key, value in before.items() if key.casefold() not in removed_keys}
    ).decode()
