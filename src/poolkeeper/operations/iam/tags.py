"""Tag, Untag and List...Tags of users, roles, managed policies and identity providers.

Each function makes the operation for one kind: the table of operations names it for all of them.
"""

from typing import Any

import msgspec

from poolkeeper.aws.generated.iam import (
    ListOpenIDConnectProviderTagsResponse,
    ListPolicyTagsResponse,
    ListRoleTagsResponse,
    ListSAMLProviderTagsResponse,
    ListUserTagsResponse,
)
from poolkeeper.aws.operation import Run
from poolkeeper.aws.shape import Shape
from poolkeeper.call import Call
from poolkeeper.model.iam import Entity, Kind, Provider, ProviderKind
from poolkeeper.operations import iam_answers, iam_pages
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import require, require_own_policy, require_policy, require_provider
from poolkeeper.store import iam_entities, iam_providers
from poolkeeper.store.db import Reader, Transaction

Tagged = Kind | ProviderKind

_LISTED: dict[Tagged, type[Shape]] = {
    Kind.USER: ListUserTagsResponse,
    Kind.ROLE: ListRoleTagsResponse,
    Kind.POLICY: ListPolicyTagsResponse,
    ProviderKind.OIDC: ListOpenIDConnectProviderTagsResponse,
    ProviderKind.SAML: ListSAMLProviderTagsResponse,
}
_NAMED_BY: dict[Tagged, str] = {
    Kind.USER: "user_name",
    Kind.ROLE: "role_name",
    Kind.POLICY: "policy_arn",
    ProviderKind.OIDC: "open_id_connect_provider_arn",
    ProviderKind.SAML: "saml_provider_arn",
}


def tag(kind: Tagged) -> Run:
    """Make TagUser and its companions."""

    async def tag_entity(call: Call, req: Any) -> None:
        """Add tags; a present key, in whatever case, gets the new value.

        Raises InvalidInputException, LimitExceededException, NoSuchEntityException.
        """

        async def body(tx: Transaction) -> None:
            tagged = await _require_own(call, tx, kind, req)
            await _put(tx, kind, tagged, iam_answers.tagged(tagged.tags, req.tags))

        await change(call, body)

    return tag_entity


def untag(kind: Tagged) -> Run:
    """Make UntagUser and its companions."""

    async def untag_entity(call: Call, req: Any) -> None:
        """Remove tags by their keys; an unknown key is no error.

        Raises InvalidInputException, NoSuchEntityException.
        """

        async def body(tx: Transaction) -> None:
            tagged = await _require_own(call, tx, kind, req)
            await _put(tx, kind, tagged, iam_answers.untagged(tagged.tags, req.tag_keys))

        await change(call, body)

    return untag_entity


def listed(kind: Tagged) -> Run:
    """Make ListUserTags and its companions."""

    async def list_tags(call: Call, req: Any) -> Shape:
        """Return the tags, a page at a time, in the order of their keys.

        Raises InvalidInputException, NoSuchEntityException, ValidationException.
        """
        tagged = await _require(call, call.db, kind, req)
        wanted = iam_pages.page_request(call, f"ListTags {kind.value} {_name(kind, req)}", req.marker, req.max_items)
        page = iam_pages.page(wanted, iam_answers.tags(tagged.tags), lambda listed_tag: str(listed_tag.key))
        return _LISTED[kind](tags=list(page.items), is_truncated=page.is_truncated, marker=page.token)

    return list_tags


def _name(kind: Tagged, req: Any) -> str:
    name: str = getattr(req, _NAMED_BY[kind])
    return name


async def _require(call: Call, reader: Reader, kind: Tagged, req: Any) -> Entity | Provider:
    if isinstance(kind, ProviderKind):
        return await require_provider(call, reader, kind, _name(kind, req))
    if kind is Kind.POLICY:
        return await require_policy(call, reader, _name(kind, req))
    return await require(reader, kind, _name(kind, req))


async def _require_own(call: Call, reader: Reader, kind: Tagged, req: Any) -> Entity | Provider:
    if kind is Kind.POLICY:
        return await require_own_policy(call, reader, _name(kind, req))
    return await _require(call, reader, kind, req)


async def _put(tx: Transaction, kind: Tagged, tagged: Entity | Provider, tags: str) -> None:
    if isinstance(kind, ProviderKind):
        assert isinstance(tagged, Provider)
        await iam_providers.replace(tx, kind, msgspec.structs.replace(tagged, tags=tags))
    else:
        assert isinstance(tagged, Entity)
        await iam_entities.set_tags(tx, kind, tagged.entity_id, tags)
