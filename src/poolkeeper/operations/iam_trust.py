"""Whom does a role trust: a name, or whoever has it? The one who has it when the policy is stored, and nobody later.

A user or role of the account that a trust policy names is kept by its id, which the next one of that name does not have; it is
shown by the ARN that it has now, and by its id once it is gone. Source: IAM User Guide, "AWS JSON policy elements: Principal".
"""

from collections.abc import Awaitable, Callable

import msgspec

from poolkeeper import policy
from poolkeeper.call import Call
from poolkeeper.errors import MalformedPolicyDocumentException
from poolkeeper.model.iam import Entity, Kind
from poolkeeper.operations.iam_lookup import arn_of
from poolkeeper.store import iam_entities
from poolkeeper.store.db import Reader

_NAMED = (Kind.USER, Kind.ROLE)


async def kept(call: Call, reader: Reader, document: str) -> str:
    """Return a trust policy as it is kept: with ids in the place of the account's users and roles.

    Raises MalformedPolicyDocumentException for one who is not there.
    """

    async def id_of(name: str) -> str:
        for kind in _NAMED:
            if name.startswith(f"arn:aws:iam::{call.settings.account_id}:{kind.value}/"):
                entity = await iam_entities.find(reader, kind, name.rpartition("/")[2])
                if entity is None or arn_of(call, entity) != name:
                    raise _nobody(name)
                return entity.entity_id
            if name.startswith(kind.id_prefix) and await iam_entities.find_by_id(reader, kind, name) is None:
                raise _nobody(name)
        return name

    return await _renamed(document, id_of)


async def shown(call: Call, reader: Reader, role: Entity) -> Entity:
    """Return a role with its trust policy as it is answered: with the ARNs that those whom it trusts have now."""

    async def arn_now(name: str) -> str:
        for kind in _NAMED:
            if name.startswith(kind.id_prefix):
                entity = await iam_entities.find_by_id(reader, kind, name)
                return name if entity is None else arn_of(call, entity)
        return name

    assert role.trust_policy is not None, "a role has one"
    if not any(f'"{kind.id_prefix}' in role.trust_policy for kind in _NAMED):
        return role
    return msgspec.structs.replace(role, trust_policy=await _renamed(role.trust_policy, arn_now))


async def _renamed(document: str, other: Callable[[str], Awaitable[str]]) -> str:
    """Return a trust policy that can be read with other names of those whom it trusts; the same text where none is."""
    return policy.with_names(document, {name: await other(name) for name in policy.trusted_names(document)})


def _nobody(name: str) -> MalformedPolicyDocumentException:
    return MalformedPolicyDocumentException(f'Invalid principal in policy: "AWS":"{name}"')
