"""Which limits does poolkeeper's model set? For constraints.py to walk.

Written by tools/generate_shapes.py from models/; do not edit.
"""

from collections.abc import Mapping

from poolkeeper.aws.shape import Limit, Member
from poolkeeper.errors import InvalidParameterException

FAULT = InvalidParameterException

LIMITS: Mapping[str, Limit] = {
    "AddressType": Limit(kind="string", minimum=1, maximum=2048, sensitive=True),
    "AuthEventListType": Limit(kind="list", item="AuthEventType"),
    "BooleanType": Limit(kind="boolean"),
    "CapturedMessageListType": Limit(kind="list", item="CapturedMessageType"),
    "CountMapType": Limit(kind="map", key="StringType", item="LongType"),
    "DateType": Limit(kind="timestamp"),
    "DomainAddressListType": Limit(kind="list", item="DomainAddressType"),
    "DomainKindType": Limit(kind="string", enum=("PREFIX", "CUSTOM")),
    "EffectiveSenderListType": Limit(kind="list", item="EffectiveSenderType"),
    "EngineType": Limit(kind="string", enum=("SQLITE", "POSTGRESQL")),
    "ExportDocumentType": Limit(kind="string", sensitive=True),
    "ImportFaultListType": Limit(kind="list", item="ImportFaultType"),
    "JobIdType": Limit(kind="string", minimum=1, maximum=55, pattern="import-[0-9a-zA-Z-]+"),
    "LongType": Limit(kind="long"),
    "LookFormType": Limit(kind="string", enum=("CLASSIC", "MANAGED_LOGIN")),
    "LookListType": Limit(kind="list", item="LookType"),
    "MediumType": Limit(kind="string", enum=("EMAIL", "SMS")),
    "PageSizeType": Limit(kind="integer", minimum=1, maximum=60),
    "PageTokenType": Limit(kind="string", minimum=1, maximum=131072, pattern="[\\S]+"),
    "RateMapType": Limit(kind="map", key="StringType", item="LongType"),
    "SecretStringType": Limit(kind="string", sensitive=True),
    "SettingListType": Limit(kind="list", item="SettingType"),
    "StringListType": Limit(kind="list", item="StringType"),
    "StringType": Limit(kind="string"),
    "UserPoolIdType": Limit(kind="string", minimum=1, maximum=55, pattern="[\\w-]+_[0-9a-zA-Z]+"),
    "UsernameType": Limit(
        kind="string", minimum=1, maximum=128, pattern="[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", sensitive=True
    ),
}

STRUCTURES: Mapping[str, tuple[Member, ...]] = {
    "DescribeImportProgressRequest": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType", required=True),
        Member("job_id", "JobId", "JobIdType", required=True),
        Member("max_results", "MaxResults", "PageSizeType"),
        Member("next_token", "NextToken", "PageTokenType"),
    ),
    "ImportFaultType": (
        Member("row_number", "RowNumber", "LongType"),
        Member("column_name", "ColumnName", "StringType"),
        Member("reason", "Reason", "StringType"),
    ),
    "DescribeImportProgressResponse": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType"),
        Member("job_id", "JobId", "JobIdType"),
        Member("status", "Status", "StringType"),
        Member("rows", "Rows", "LongType"),
        Member("rows_done", "RowsDone", "LongType"),
        Member("imported_users", "ImportedUsers", "LongType"),
        Member("skipped_users", "SkippedUsers", "LongType"),
        Member("failed_users", "FailedUsers", "LongType"),
        Member("completion_message", "CompletionMessage", "StringType"),
        Member("faults", "Faults", "ImportFaultListType"),
        Member("next_token", "NextToken", "PageTokenType"),
    ),
    "DescribePoolSettingsRequest": (Member("user_pool_id", "UserPoolId", "UserPoolIdType", required=True),),
    "DomainAddressType": (
        Member("domain", "Domain", "StringType"),
        Member("kind", "Kind", "DomainKindType"),
        Member("address", "Address", "StringType"),
        Member("reachable", "Reachable", "BooleanType"),
        Member("form", "Form", "LookFormType"),
    ),
    "LookType": (
        Member("client_id", "ClientId", "StringType"),
        Member("form", "Form", "LookFormType"),
    ),
    "EffectiveSenderType": (
        Member("medium", "Medium", "MediumType"),
        Member("sender", "Sender", "StringType"),
    ),
    "SettingType": (
        Member("name", "Name", "StringType"),
        Member("value", "Value", "StringType"),
    ),
    "DescribePoolSettingsResponse": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType"),
        Member("issuer", "Issuer", "StringType"),
        Member("accepted_issuers", "AcceptedIssuers", "StringListType"),
        Member("address", "Address", "StringType"),
        Member("domains", "Domains", "DomainAddressListType"),
        Member("looks", "Looks", "LookListType"),
        Member("senders", "Senders", "EffectiveSenderListType"),
        Member("limits", "Limits", "SettingListType"),
        Member("request_rates", "RequestRates", "RateMapType"),
        Member("srp_enabled", "SrpEnabled", "BooleanType"),
        Member("any_localhost_port", "AnyLocalhostPort", "BooleanType"),
    ),
    "DescribeServerRequest": (),
    "DescribeServerResponse": (
        Member("version", "Version", "StringType"),
        Member("engine", "Engine", "EngineType"),
        Member("settings", "Settings", "SettingListType"),
        Member("sealing_key_id", "SealingKeyId", "StringType"),
    ),
    "EraseUserRequest": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType", required=True),
        Member("username", "Username", "UsernameType", required=True),
    ),
    "EraseUserResponse": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType"),
        Member("username", "Username", "UsernameType"),
        Member("user_sub", "UserSub", "StringType"),
        Member("removed", "Removed", "CountMapType"),
    ),
    "ExportUserRequest": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType", required=True),
        Member("username", "Username", "UsernameType", required=True),
    ),
    "ExportUserResponse": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType"),
        Member("username", "Username", "UsernameType"),
        Member("user_sub", "UserSub", "StringType"),
        Member("document", "Document", "ExportDocumentType"),
    ),
    "ListAuthEventsRequest": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType", required=True),
        Member("max_results", "MaxResults", "PageSizeType"),
        Member("next_token", "NextToken", "PageTokenType"),
    ),
    "AuthEventType": (
        Member("event_id", "EventId", "StringType"),
        Member("user_sub", "UserSub", "StringType"),
        Member("event_type", "EventType", "StringType"),
        Member("event_response", "EventResponse", "StringType"),
        Member("creation_date", "CreationDate", "DateType"),
    ),
    "ListAuthEventsResponse": (
        Member("auth_events", "AuthEvents", "AuthEventListType"),
        Member("next_token", "NextToken", "PageTokenType"),
    ),
    "ListCapturedMessagesRequest": (
        Member("user_pool_id", "UserPoolId", "UserPoolIdType"),
        Member("to", "To", "AddressType"),
        Member("max_results", "MaxResults", "PageSizeType"),
        Member("next_token", "NextToken", "PageTokenType"),
    ),
    "CapturedMessageType": (
        Member("message_id", "MessageId", "StringType"),
        Member("to", "To", "AddressType"),
        Member("medium", "Medium", "StringType"),
        Member("kind", "Kind", "StringType"),
        Member("subject", "Subject", "SecretStringType"),
        Member("body", "Body", "SecretStringType"),
        Member("code", "Code", "SecretStringType"),
        Member("user_pool_id", "UserPoolId", "StringType"),
        Member("username", "Username", "UsernameType"),
        Member("creation_date", "CreationDate", "DateType"),
    ),
    "ListCapturedMessagesResponse": (
        Member("messages", "Messages", "CapturedMessageListType"),
        Member("next_token", "NextToken", "PageTokenType"),
    ),
}
