"""What does a name or an ARN stand for? A user, group, role, managed policy or provider; else AWS's error is raised."""

import re
from typing import Any

from poolkeeper.call import Call
from poolkeeper.errors import InvalidInputException, NoSuchEntityException, ValidationException
from poolkeeper.model.iam import Entity, Kind, Provider, ProviderKind, entity_arn, provider_arn
from poolkeeper.operations import iam_aws_policies
from poolkeeper.store import iam_entities, iam_providers
from poolkeeper.store.db import Reader

_POLICY_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}|aws):policy/.+", re.ASCII)


async def require(reader: Reader, kind: Kind, name: str) -> Entity:
    """Return the user, group or role of that name.

    Raises NoSuchEntityException.
    """
    entity = await iam_entities.find(reader, kind, name)
    if entity is None:
        raise NoSuchEntityException(f"The {kind.value} with name {name} cannot be found.")
    return entity


def owner_name(kind: Kind, req: Any) -> str:
    """Return the name of the user, group or role that a request is about."""
    name: str = getattr(req, f"{kind.value}_name")
    return name


def caller_name(call: Call) -> str | None:
    """Return the name of the user whose key signed the request, or None for the account's root.

    Raises ValidationException for a session of a role: it is no user.
    """
    assert call.caller is not None, "the table asks for a signature"
    _, _, resource = call.caller.arn.partition("::")
    _, _, name = resource.partition(":")
    if name == "root":
        return None
    if name.startswith(f"{Kind.USER.value}/"):
        return name.rpartition("/")[2]
    raise ValidationException("Must specify userName when calling with non-User credentials")


async def require_user_or_caller(call: Call, reader: Reader, name: str | None) -> Entity | None:
    """Return the user of that name, without a name the signer of the request; None is the account's root.

    Raises NoSuchEntityException, ValidationException.
    """
    name = caller_name(call) if name is None else name
    return None if name is None else await require(reader, Kind.USER, name)


def arn_of(call: Call, entity: Entity) -> str:
    """Return the ARN of a user, group, role or policy, one of AWS's policies included."""
    if iam_aws_policies.is_aws(entity.entity_id):
        return entity.entity_id
    return entity_arn(call.settings.account_id, Kind(entity.kind), path=entity.path, name=entity.name)


async def find_policy(call: Call, reader: Reader, arn: str) -> Entity | None:
    """Return the managed policy of that ARN: one of the account's own, or one of AWS's."""
    if iam_aws_policies.is_aws(arn):
        return iam_aws_policies.find(arn)
    policy = await iam_entities.find(reader, Kind.POLICY, arn.rpartition("/")[2])
    return policy if policy is not None and arn_of(call, policy) == arn else None


def require_policy_arn(arn: str) -> None:
    """Refuse a text that is no ARN of a managed policy, the account's or another's.

    Raises ValidationException.
    """
    if _POLICY_ARN.fullmatch(arn) is None:
        raise ValidationException("Invalid ARN:  Could not be parsed!")


async def require_policy(call: Call, reader: Reader, arn: str) -> Entity:
    """Return the managed policy of that ARN.

    Raises NoSuchEntityException; ValidationException for a text that is no ARN of a policy.
    """
    require_policy_arn(arn)
    policy = await find_policy(call, reader, arn)
    if policy is None:
        raise NoSuchEntityException(f"Policy {arn} was not found.")
    return policy


async def require_own_policy(call: Call, reader: Reader, arn: str) -> Entity:
    """Return one of the account's own managed policies, which can be changed.

    Raises as `require_policy`; InvalidInputException for one of AWS's.
    """
    policy = await require_policy(call, reader, arn)
    refuse_aws_policy(policy)
    return policy


def refuse_aws_policy(policy: Entity) -> None:
    """Refuse to change one of AWS's managed policies.

    Raises InvalidInputException.
    """
    if iam_aws_policies.is_aws(policy.entity_id):
        # UNVERIFIED: code and words; CreatePolicyVersion of AdministratorAccess against AWS would settle them.
        raise InvalidInputException(f"Policy {policy.entity_id} is AWS's own and cannot be changed.")


async def named_policy_arn(call: Call, name_or_arn: str) -> str:
    """Return the ARN of a managed policy by its short name: AWS's own first, then the account's.

    Raises NoSuchEntityException.
    """
    if name_or_arn.startswith("arn:"):
        return name_or_arn
    for policy in iam_aws_policies.every():
        if policy.name == name_or_arn:
            return policy.entity_id
    own = await iam_entities.find(call.db, Kind.POLICY, name_or_arn)
    if own is None:
        raise NoSuchEntityException(f"Policy {name_or_arn} was not found.")
    return arn_of(call, own)


async def policy_by_id(reader: Reader, policy_id: str) -> Entity | None:
    """Return the managed policy of that id: the ARN of one of AWS's, or the id of one of the account's own."""
    if iam_aws_policies.is_aws(policy_id):
        return iam_aws_policies.find(policy_id)
    return await iam_entities.find_by_id(reader, Kind.POLICY, policy_id)


async def require_provider(call: Call, reader: Reader, kind: ProviderKind, arn: str) -> Provider:
    """Return the identity provider of that ARN.

    Raises NoSuchEntityException.
    """
    _, _, name = arn.partition(f":{kind.value}/")
    provider = await iam_providers.find(reader, kind, name)
    if provider is None or provider_arn(call.settings.account_id, kind, provider.name) != arn:
        # UNVERIFIED: SAML's words; GetSAMLProvider of an ARN of nobody's against AWS would settle them.
        noun = "OpenIDConnect Provider" if kind is ProviderKind.OIDC else "SAML Provider"
        raise NoSuchEntityException(f"{noun} not found for arn {arn}")
    return provider
