"""Whom does a role trust: a name, or its holder? The holder at the moment when the policy is stored, and nobody later.

A user or role of the account in a trust policy is stored by its id, which the next one of that name does not have; it is
shown by its present ARN, and by its id once it is gone. Source: IAM User Guide, "AWS JSON policy elements: Principal".
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


async def stored(call: Call, reader: Reader, document: str) -> str:
    """Return a trust policy for the database, with ids in place of the account's users and roles.

    Raises MalformedPolicyDocumentException for an unknown user or role.
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
    """Return a role with its trust policy for answers, with the present ARNs of those whom it trusts."""

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
    """Return a readable trust policy with other names for those whom it trusts; unchanged where it trusts nobody by name."""
    return policy.with_names(document, {name: await other(name) for name in policy.trusted_names(document)})


def _nobody(name: str) -> MalformedPolicyDocumentException:
    return MalformedPolicyDocumentException(f'Invalid principal in policy: "AWS":"{name}"')
