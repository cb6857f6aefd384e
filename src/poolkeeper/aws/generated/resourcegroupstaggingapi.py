"""What does resourcegroupstaggingapi receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Facts, ServiceModel, Shape


class TagFilter(Shape):
    key: str | None = field(name="Key", default=None)
    values: list[str] | None = field(name="Values", default=None)


class GetResourcesInput(Shape):
    pagination_token: str | None = field(name="PaginationToken", default=None)
    tag_filters: list[TagFilter] | None = field(name="TagFilters", default=None)
    resources_per_page: int | None = field(name="ResourcesPerPage", default=None)
    tags_per_page: int | None = field(name="TagsPerPage", default=None)
    resource_type_filters: list[str] | None = field(name="ResourceTypeFilters", default=None)
    include_compliance_details: bool | None = field(name="IncludeComplianceDetails", default=None)
    exclude_compliant_resources: bool | None = field(name="ExcludeCompliantResources", default=None)
    resource_arn_list: list[str] | None = field(name="ResourceARNList", default=None)


class Tag(Shape):
    key: str = field(name="Key", default=ABSENT)
    value: str = field(name="Value", default=ABSENT)


class ComplianceDetails(Shape):
    noncompliant_keys: list[str] | None = field(name="NoncompliantKeys", default=None)
    keys_with_noncompliant_values: list[str] | None = field(name="KeysWithNoncompliantValues", default=None)
    missing_tag_keys: list[str] | None = field(name="MissingTagKeys", default=None)
    compliance_status: bool | None = field(name="ComplianceStatus", default=None)


class ResourceTagMapping(Shape):
    resource_arn: str | None = field(name="ResourceARN", default=None)
    tags: list[Tag] | None = field(name="Tags", default=None)
    compliance_details: ComplianceDetails | None = field(name="ComplianceDetails", default=None)


class GetResourcesOutput(Shape):
    pagination_token: str | None = field(name="PaginationToken", default=None)
    resource_tag_mapping_list: list[ResourceTagMapping] | None = field(name="ResourceTagMappingList", default=None)


SERVICE = ServiceModel(
    name="tagging",
    in_policies="tag",
    protocol="json",
    target_prefix="ResourceGroupsTaggingAPI_20170126",
    version="2017-01-26",
    namespace="",
    operations={
        "GetResources": Facts(GetResourcesInput, GetResourcesOutput, unsigned=False),
    },
    unbuilt=(
        "DescribeReportCreation",
        "GetComplianceSummary",
        "GetTagKeys",
        "GetTagValues",
        "ListRequiredTags",
        "StartReportCreation",
        "TagResources",
        "UntagResources",
    ),
)
