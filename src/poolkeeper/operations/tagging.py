"""GetResources of the tagging API: the user pools, replicas and identity pools of a region that have these tags.

Source: Resource Groups Tagging API Reference, "GetResources". Resources that have lost their tags are not listed: that is not stored.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper.aws.generated.resourcegroupstaggingapi import (
    ComplianceDetails,
    GetResourcesInput,
    GetResourcesOutput,
    ResourceTagMapping,
    Tag,
    TagFilter,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.identity_ids import identity_pool_arn
from poolkeeper.model.pool import pool_arn
from poolkeeper.operations import paging, resources
from poolkeeper.store import identity_pools, pool_replicas, pools

MOST_LOOKED_AT = 1_000
_BATCH = 100
_PAGE, _LARGEST_PAGE = 50, 100
_USER_POOL, _REPLICA, _IDENTITY_POOL = (
    "cognito-idp:userpool",
    "cognito-idp:userpool/replica",
    "cognito-identity:identitypool",
)
# UNVERIFIED: all sentences; one call each against AWS would settle them.
_ALONE = "ResourceARNList cannot be given together with {}."


class _Document(msgspec.Struct, frozen=True):
    tags: dict[str, str] = msgspec.field(name="UserPoolTags", default_factory=dict)


_document = msgspec.json.Decoder(_Document).decode
_tags = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True)
class _Resource:
    """One pool; `position` is where the next page begins after it."""

    position: str
    arn: str
    tags: Mapping[str, str]


async def get_resources(call: Call, req: GetResourcesInput) -> GetResourcesOutput:
    """Return the tagged resources of the signature's region, a page at a time; a page may hold less than it could.

    Raises InvalidParameterException.
    """
    _require_fitting(req)
    if req.resource_arn_list is not None:
        by_arn = [await _by_arn(call, arn) for arn in dict.fromkeys(req.resource_arn_list)]
        return _answer(
            call,
            req,
            [resource_by_arn for resource_by_arn in by_arn if resource_by_arn is not None and resource_by_arn.tags],
        )
    filters = req.tag_filters or []
    listing = f"GetResources {call.region} {_question_of(req)}"
    after = paging.read_token(call, req.pagination_token or None, listing=listing)
    page, looked_at, room = list[_Resource](), 0, _Room(req)
    async for resource in _all(call, after, _wanted_kinds(req)):
        looked_at += 1
        if resource.tags and _has(resource.tags, filters):
            if not room.takes(resource):
                return _answer(call, req, page, listing=listing, after=after)
            page.append(resource)
        after = resource.position
        if looked_at >= MOST_LOOKED_AT:
            return _answer(call, req, page, listing=listing, after=after)
    return _answer(call, req, page)


class _Room:
    """How much room a page still has, by resources or by tags."""

    def __init__(self, req: GetResourcesInput) -> None:
        self._resources = req.resources_per_page or _PAGE
        self._tags = req.tags_per_page

    def takes(self, resource: _Resource) -> bool:
        """Take a resource if there is room for it."""
        if self._resources < 1 or (self._tags is not None and self._tags < len(resource.tags)):
            return False
        self._resources -= 1
        if self._tags is not None:
            self._tags -= len(resource.tags)
        return True


def _require_fitting(req: GetResourcesInput) -> None:
    together = {
        "TagFilters": req.tag_filters,
        "ResourceTypeFilters": req.resource_type_filters,
        "ResourcesPerPage": req.resources_per_page,
        "TagsPerPage": req.tags_per_page,
        "PaginationToken": req.pagination_token,
    }
    page, tags = req.resources_per_page, req.tags_per_page
    beside = [name for name, value in together.items() if value]
    rows = (
        (req.resource_arn_list is not None and bool(beside), _ALONE.format(", ".join(beside))),
        (page is not None and not 1 <= page <= _LARGEST_PAGE, f"ResourcesPerPage is from 1 to {_LARGEST_PAGE}."),
        (tags is not None and (not 100 <= tags <= 500 or tags % 100 != 0), "TagsPerPage is 100, 200, 300, 400 or 500."),
        (page is not None and tags is not None, "ResourcesPerPage and TagsPerPage cannot be given together."),
        (
            bool(req.exclude_compliant_resources) and not req.include_compliance_details,
            "ExcludeCompliantResources asks for IncludeComplianceDetails.",
        ),
        (any(not tag_filter.key for tag_filter in req.tag_filters or ()), "Each of TagFilters has a Key."),
    )
    for is_wrong, sentence in rows:
        if is_wrong:
            raise InvalidParameterException(sentence)


def _question_of(req: GetResourcesInput) -> str:
    """Return the question that a page answers: a token is good for this question alone."""
    question = [
        sorted((tag_filter.key or "", sorted(tag_filter.values or ())) for tag_filter in req.tag_filters or ()),
        sorted(req.resource_type_filters or ()),
        bool(req.exclude_compliant_resources),
    ]
    return msgspec.json.encode(question).decode()


def _wanted_kinds(req: GetResourcesInput) -> Sequence[str]:
    """Return the kinds of resources that a request wants; there are no tag policies here, so every resource complies."""
    if req.exclude_compliant_resources:
        return ()
    type_filters = req.resource_type_filters
    return [
        kind for kind in _KINDS if not type_filters or any(_is_of(kind, type_filter) for type_filter in type_filters)
    ]


def _is_of(kind: str, type_filter: str) -> bool:
    service, _, resource = type_filter.partition(":")
    kind_service, _, kind_resource = kind.partition(":")
    return service == kind_service and resource in {"", kind_resource.partition("/")[0]}


def _has(tags: Mapping[str, str], filters: Sequence[TagFilter]) -> bool:
    """Say whether tags satisfy all filters: each key is present and, where values are given, has one of them."""
    return all(
        tag_filter.key in tags and (not tag_filter.values or tags[tag_filter.key or ""] in tag_filter.values)
        for tag_filter in filters
    )


async def _all(call: Call, after: str, kinds: Sequence[str]) -> AsyncIterator[_Resource]:
    """Yield the resources of some kinds in the order of kinds and ids, after a position."""
    kind_before, _, id_before = after.partition(" ")
    order = list(_KINDS)
    for kind in kinds:
        if kind_before and order.index(kind) < order.index(kind_before):
            continue
        begin = id_before if kind == kind_before else ""
        while batch := await _KINDS[kind](call, begin):
            for resource_id, arn, tags in batch:
                yield _Resource(f"{kind} {resource_id}", arn, tags)
            begin = batch[-1][0]


async def _by_arn(call: Call, arn: str) -> _Resource | None:
    """Return the resource of an ARN in the signature's region, None where there is none."""
    if (pool_id := resources.pool_id_of(arn)) and arn == _pool_arn(call, pool_id):
        if pool_id.rpartition("_")[0] == call.region:
            pool = await pools.find(call.db, pool_id)
            return None if pool is None else _Resource("", arn, _document(pool.document).tags)
        replica = await pool_replicas.find(call.db, pool_id=pool_id, region=call.region)
        return None if replica is None else _Resource("", arn, _tags(replica.tags))
    if (identity_pool_id := resources.identity_pool_id_of(arn)) and arn == _identity_pool_arn(call, identity_pool_id):
        identity_pool = await identity_pools.find(call.db, identity_pool_id)
        return None if identity_pool is None else _Resource("", arn, _tags(identity_pool.tags))
    return None


_Batch = list[tuple[str, str, Mapping[str, str]]]


async def _user_pools(call: Call, after: str) -> _Batch:
    rows = await pools.page(call.db, region=call.region, after=after, limit=_BATCH)
    return [(row.pool_id, _pool_arn(call, row.pool_id), _document(row.document).tags) for row in rows]


async def _replicas(call: Call, after: str) -> _Batch:
    rows = await pool_replicas.in_region(call.db, region=call.region, after=after, limit=_BATCH)
    return [(row.pool_id, _pool_arn(call, row.pool_id), _tags(row.tags)) for row in rows]


async def _identity_pools(call: Call, after: str) -> _Batch:
    rows = await identity_pools.tagged(call.db, region=call.region, after=after, limit=_BATCH)
    return [(row.identity_pool_id, _identity_pool_arn(call, row.identity_pool_id), _tags(row.tags)) for row in rows]


_KINDS: Mapping[str, Callable[[Call, str], Awaitable[_Batch]]] = {
    _USER_POOL: _user_pools,
    _REPLICA: _replicas,
    _IDENTITY_POOL: _identity_pools,
}


def _pool_arn(call: Call, pool_id: str) -> str:
    return pool_arn(region=call.region, account_id=call.settings.account_id, pool_id=pool_id)


def _identity_pool_arn(call: Call, identity_pool_id: str) -> str:
    account = call.settings.account_id
    return identity_pool_arn(region=call.region, account_id=account, identity_pool_id=identity_pool_id)


def _answer(
    call: Call, req: GetResourcesInput, page: Sequence[_Resource], *, listing: str = "", after: str = ""
) -> GetResourcesOutput:
    """Return a page; the last one has an empty token, as on AWS."""
    details = ComplianceDetails(compliance_status=True) if req.include_compliance_details else None
    return GetResourcesOutput(
        pagination_token=paging.write_token(call, listing=listing, after=after) if listing else "",
        resource_tag_mapping_list=[
            ResourceTagMapping(
                resource_arn=listed.arn,
                tags=[Tag(key=key, value=value) for key, value in listed.tags.items()],
                compliance_details=details,
            )
            for listed in page
        ],
    )
