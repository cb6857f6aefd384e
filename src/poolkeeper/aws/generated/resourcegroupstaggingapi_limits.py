"""Which limits does resourcegroupstaggingapi's model set? For constraints.py to walk.

Written by tools/generate_shapes.py from botocore 1.44.8; do not edit.
"""

from collections.abc import Mapping

from poolkeeper.aws.shape import Limit, Member
from poolkeeper.errors import InvalidParameterException

FAULT = InvalidParameterException

LIMITS: Mapping[str, Limit] = {
    "AmazonResourceType": Limit(kind="string", minimum=0, maximum=256, pattern="[\\s\\S]*"),
    "ComplianceStatus": Limit(kind="boolean"),
    "ExcludeCompliantResources": Limit(kind="boolean"),
    "IncludeComplianceDetails": Limit(kind="boolean"),
    "PaginationToken": Limit(kind="string", minimum=0, maximum=2048, pattern="[\\s\\S]*"),
    "ResourceARN": Limit(kind="string", minimum=1, maximum=1011, pattern="[\\s\\S]*"),
    "ResourceARNListForGet": Limit(kind="list", minimum=1, maximum=100, item="ResourceARN"),
    "ResourceTagMappingList": Limit(kind="list", item="ResourceTagMapping"),
    "ResourceTypeFilterList": Limit(kind="list", item="AmazonResourceType"),
    "ResourcesPerPage": Limit(kind="integer"),
    "TagFilterList": Limit(kind="list", minimum=0, maximum=50, item="TagFilter"),
    "TagKey": Limit(kind="string", minimum=1, maximum=128, pattern="[\\s\\S]*"),
    "TagKeyList": Limit(kind="list", item="TagKey"),
    "TagList": Limit(kind="list", item="Tag"),
    "TagValue": Limit(kind="string", minimum=0, maximum=256, pattern="[\\s\\S]*"),
    "TagValueList": Limit(kind="list", minimum=0, maximum=20, item="TagValue"),
    "TagsPerPage": Limit(kind="integer"),
}

STRUCTURES: Mapping[str, tuple[Member, ...]] = {
    "TagFilter": (
        Member("key", "Key", "TagKey"),
        Member("values", "Values", "TagValueList"),
    ),
    "GetResourcesInput": (
        Member("pagination_token", "PaginationToken", "PaginationToken"),
        Member("tag_filters", "TagFilters", "TagFilterList"),
        Member("resources_per_page", "ResourcesPerPage", "ResourcesPerPage"),
        Member("tags_per_page", "TagsPerPage", "TagsPerPage"),
        Member("resource_type_filters", "ResourceTypeFilters", "ResourceTypeFilterList"),
        Member("include_compliance_details", "IncludeComplianceDetails", "IncludeComplianceDetails"),
        Member("exclude_compliant_resources", "ExcludeCompliantResources", "ExcludeCompliantResources"),
        Member("resource_arn_list", "ResourceARNList", "ResourceARNListForGet"),
    ),
    "Tag": (
        Member("key", "Key", "TagKey", required=True),
        Member("value", "Value", "TagValue", required=True),
    ),
    "ComplianceDetails": (
        Member("noncompliant_keys", "NoncompliantKeys", "TagKeyList"),
        Member("keys_with_noncompliant_values", "KeysWithNoncompliantValues", "TagKeyList"),
        Member("missing_tag_keys", "MissingTagKeys", "TagKeyList"),
        Member("compliance_status", "ComplianceStatus", "ComplianceStatus"),
    ),
    "ResourceTagMapping": (
        Member("resource_arn", "ResourceARN", "ResourceARN"),
        Member("tags", "Tags", "TagList"),
        Member("compliance_details", "ComplianceDetails", "ComplianceDetails"),
    ),
    "GetResourcesOutput": (
        Member("pagination_token", "PaginationToken", "PaginationToken"),
        Member("resource_tag_mapping_list", "ResourceTagMappingList", "ResourceTagMappingList"),
    ),
}
