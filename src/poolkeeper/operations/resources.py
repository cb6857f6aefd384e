"""Which resource is a call about, as policies name it? The ARN for each kind in the tables' column, and its tags.

Source: Service Authorization Reference, "Actions, resources, and condition keys" of Cognito user pools, Cognito identity, STS,
IAM and KMS; and refusals quoted in public reports where it is silent (the paths of iam's lists).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from poolkeeper import lookup
from poolkeeper.aws.operation import About
from poolkeeper.call import Call, Caller
from poolkeeper.crypto import encryption_sdk
from poolkeeper.crypto.seal import SealError
from poolkeeper.model.iam import Entity, Kind, Provider, ProviderKind, entity_arn, issuer_name, provider_arn
from poolkeeper.model.pool import pool_arn
from poolkeeper.model.principal import Kind as PrincipalKind
from poolkeeper.model.principal import federated_user_arn
from poolkeeper.store import access_keys, iam_entities, iam_providers

ALL = "*"

Find = Callable[[Call, Caller, Any], Awaitable[str]]

_PROVIDERS = {"open_id_connect_provider_arn": ProviderKind.OIDC, "saml_provider_arn": ProviderKind.SAML}
_KIND_OF = {About.USER: Kind.USER, About.GROUP: Kind.GROUP, About.ROLE: Kind.ROLE}
_NAMED = frozenset({About.USER, About.GROUP, About.ROLE})
# No user, group or role has a longer one (IAM, existingUserNameType and groupNameType).
_LONGEST_NAME = 128


async def arn_of(call: Call, caller: Caller, about: About, request: Any) -> str:
    """Return the ARN of a request's resource, whether or not it exists."""
    return await _FIND[about](call, caller, request)


def pool_id_of(resource: str) -> str:
    """Return the id of the user pool of an ARN, empty for any other ARN."""
    before, separator, pool_id = resource.partition(":userpool/")
    return pool_id if separator and before.startswith("arn:aws:cognito-idp:") else ""


def identity_pool_id_of(resource: str) -> str:
    """Return the id of the identity pool of an ARN, empty for any other ARN."""
    before, separator, identity_pool_id = resource.partition(":identitypool/")
    return identity_pool_id if separator and before.startswith("arn:aws:cognito-identity:") else ""


async def entity_of(call: Call, caller: Caller, about: About, request: Any) -> Entity | None:
    """Return the user, group, role or managed policy that a request to iam is about; None where there is none."""
    if about is About.POLICY_SOURCE:
        return await _entity_by_arn(call, request.policy_source_arn or "", (Kind.USER, Kind.GROUP, Kind.ROLE))
    if about is About.KEY_OWNER:
        key = await access_keys.find(call.db, request.access_key_id or "")
        if key is None or key.user_id is None:
            return None
        return await iam_entities.find_by_id(call.db, Kind.USER, key.user_id)
    if about is About.POLICY:  # A new policy has no ARN yet, and nothing to do with one that has its name.
        return await _entity_by_arn(call, getattr(request, "policy_arn", None) or "", (Kind.POLICY,))
    kind = _KIND_OF.get(about)
    if kind is None:
        return None
    name = _name(caller, kind, request)
    return None if name is None else await iam_entities.find(call.db, kind, name)


def called(caller: Caller, about: About, request: Any) -> str:
    """Return how AWS's error messages name the user, group or role of a request (`user ada`), empty for anything else.

    The ARN of an existing one has its path, which a refusal must not reveal; for a new one the request has the path.
    """
    # UNVERIFIED: that groups are called so too; GetGroup without a permission against AWS would settle it.
    if about not in _NAMED or hasattr(request, "path"):
        return ""
    kind = _KIND_OF[about]
    name = _name(caller, kind, request)
    return "" if name is None or len(name) > _LONGEST_NAME else f"{kind.value} {name}"


async def renamed(call: Call, caller: Caller, about: About, request: Any) -> str | None:
    """Return the ARN that a user or group will have by UpdateUser or UpdateGroup, None for any other request.

    The caller must be allowed on both ARNs (IAM API Reference, UpdateUser).
    """
    path, name = getattr(request, "new_path", None), getattr(request, f"new_{about.name.lower()}_name", None)
    if path is None and name is None:
        return None
    kind, entity = _KIND_OF[about], await entity_of(call, caller, about, request)
    path_before = "/" if entity is None else entity.path
    name_before = (_name(caller, kind, request) or "") if entity is None else entity.name
    return entity_arn(call.settings.account_id, kind, path=path or path_before, name=name or name_before)


async def provider_of(call: Call, request: Any) -> Provider | None:
    """Return the identity provider whose ARN a request names; None where there is none."""
    for member, kind in _PROVIDERS.items():
        if (arn := getattr(request, member, None)) is not None:
            provider = await iam_providers.find(call.db, kind, arn.partition(f":{kind.value}/")[2])
            if provider is not None and arn == provider_arn(call.settings.account_id, kind, provider.name):
                return provider
    return None


async def role_of(call: Call, arn: str) -> Entity | None:
    """Return the role of that ARN; None where there is none."""
    return await _entity_by_arn(call, arn, (Kind.ROLE,))


async def _entity_by_arn(call: Call, arn: str, kinds: Sequence[Kind]) -> Entity | None:
    for kind in kinds:
        if f":{kind.value}/" in arn:
            entity = await iam_entities.find(call.db, kind, arn.rpartition("/")[2])
            if entity is not None and arn == _arn_of(call, kind, entity):
                return entity
    return None


def _arn_of(call: Call, kind: Kind, entity: Entity) -> str:
    return entity_arn(call.settings.account_id, kind, path=entity.path, name=entity.name)


def _name(caller: Caller, kind: Kind, request: Any) -> str | None:
    """Return the name in a request; a request without a user's name is about the caller."""
    name: str | None = getattr(request, f"{kind.value}_name", None)
    if name is None and kind is Kind.USER and caller.principal.kind is PrincipalKind.USER:
        return caller.principal.owner_name
    return name


async def _nothing(_call: Call, _caller: Caller, _request: Any) -> str:
    return ALL


async def _pool(call: Call, _caller: Caller, request: Any) -> str:
    pool_id: str | None = getattr(request, "user_pool_id", None)
    if pool_id is None and (arn := getattr(request, "resource_arn", None)):
        pool_id = pool_id_of(arn)
    if pool_id is None and (client_id := getattr(request, "client_id", None)):
        pool_id = await lookup.pool_of_client(call.house, client_id)
    if not pool_id:
        return ALL
    # The region is the pool's own: a signature for another region reaches the same pool and the same policies.
    return pool_arn(region=pool_id.partition("_")[0], account_id=call.settings.account_id, pool_id=pool_id)


async def _identity_pool(call: Call, _caller: Caller, request: Any) -> str:
    pool_id: str | None = getattr(request, "identity_pool_id", None)
    if pool_id is None:
        return str(getattr(request, "resource_arn", None) or ALL)
    region = pool_id.partition(":")[0]
    return f"arn:aws:cognito-identity:{region}:{call.settings.account_id}:identitypool/{pool_id}"


async def _key(call: Call, _caller: Caller, request: Any) -> str:
    try:
        return encryption_sdk.unwrap(call.house.sealer, request.ciphertext_blob or b"").key_arn
    except SealError:
        return ALL


async def _role_to_assume(_call: Call, _caller: Caller, request: Any) -> str:
    return str(request.role_arn or ALL)


async def _federated_user(call: Call, _caller: Caller, request: Any) -> str:
    return federated_user_arn(account_id=call.settings.account_id, name=request.name or "")


def _entity(about: About) -> Find:
    """Return a function for the ARN of an existing user, group or role; for an unknown one its path is `/`."""
    kind = _KIND_OF[about]

    async def find(call: Call, caller: Caller, request: Any) -> str:
        entity = await entity_of(call, caller, about, request)
        if entity is not None:
            return _arn_of(call, kind, entity)
        name = _name(caller, kind, request)
        return ALL if name is None else entity_arn(call.settings.account_id, kind, path="/", name=name)

    return find


def _made(kind: Kind) -> Find:
    """Return a function for the ARN of a new user, group or role, by the request alone."""

    async def find(call: Call, _caller: Caller, request: Any) -> str:
        name, path = getattr(request, f"{kind.value}_name") or "", request.path or "/"
        return entity_arn(call.settings.account_id, kind, path=path, name=name)

    return find


def _below(kind: Kind) -> Find:
    async def find(call: Call, _caller: Caller, request: Any) -> str:
        prefix = getattr(request, "path_prefix", None) or "/"
        return entity_arn(call.settings.account_id, kind, path=prefix, name="")

    return find


async def _policy(call: Call, _caller: Caller, request: Any) -> str:
    if (arn := getattr(request, "policy_arn", None)) is not None:
        return str(arn)
    name, path = getattr(request, "policy_name", None), getattr(request, "path", None) or "/"
    return ALL if name is None else entity_arn(call.settings.account_id, Kind.POLICY, path=path, name=name)


async def _policy_source(_call: Call, _caller: Caller, request: Any) -> str:
    return str(request.policy_source_arn or ALL)


async def _key_owner(call: Call, caller: Caller, request: Any) -> str:
    user = await entity_of(call, caller, About.KEY_OWNER, request)
    return ALL if user is None else _arn_of(call, Kind.USER, user)


async def _provider(call: Call, _caller: Caller, request: Any) -> str:
    account = call.settings.account_id
    for member in _PROVIDERS:
        if (arn := getattr(request, member, None)) is not None:
            return str(arn)
    if (url := getattr(request, "url", None)) is not None:
        return provider_arn(account, ProviderKind.OIDC, issuer_name(url) or url.partition("://")[2])
    if (name := getattr(request, "name", None)) is not None:
        return provider_arn(account, ProviderKind.SAML, name)
    return ALL


_FIND: Mapping[About, Find] = {
    About.POOL: _pool,
    About.IDENTITY_POOL: _identity_pool,
    About.ALL: _nothing,
    About.CALLER: _nothing,
    About.KEY: _key,
    About.ROLE_TO_ASSUME: _role_to_assume,
    About.FEDERATED_USER: _federated_user,
    About.USER: _entity(About.USER),
    About.GROUP: _entity(About.GROUP),
    About.ROLE: _entity(About.ROLE),
    About.NEW_USER: _made(Kind.USER),
    About.NEW_GROUP: _made(Kind.GROUP),
    About.NEW_ROLE: _made(Kind.ROLE),
    About.POLICY_SOURCE: _policy_source,
    About.KEY_OWNER: _key_owner,
    About.POLICY: _policy,
    About.PROVIDER: _provider,
    About.USERS: _below(Kind.USER),
    About.GROUPS: _below(Kind.GROUP),
    About.ROLES: _below(Kind.ROLE),
}
