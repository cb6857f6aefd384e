"""What does poolkeeper receive and answer? A struct for every structure, and the facts of every operation.

Written by tools/generate_shapes.py from models/; do not edit.
"""

from typing import ClassVar

from msgspec import field

from poolkeeper.aws.shape import ABSENT, Facts, ServiceModel, Shape


class DescribeImportProgressRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    job_id: str = field(name="JobId", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ImportFaultType(Shape):
    row_number: int | None = field(name="RowNumber", default=None)
    column_name: str | None = field(name="ColumnName", default=None)
    reason: str | None = field(name="Reason", default=None)


class DescribeImportProgressResponse(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    job_id: str | None = field(name="JobId", default=None)
    status: str | None = field(name="Status", default=None)
    rows: int | None = field(name="Rows", default=None)
    rows_done: int | None = field(name="RowsDone", default=None)
    imported_users: int | None = field(name="ImportedUsers", default=None)
    skipped_users: int | None = field(name="SkippedUsers", default=None)
    failed_users: int | None = field(name="FailedUsers", default=None)
    completion_message: str | None = field(name="CompletionMessage", default=None)
    faults: list[ImportFaultType] | None = field(name="Faults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class DescribePoolSettingsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)


class DomainAddressType(Shape):
    domain: str | None = field(name="Domain", default=None)
    kind: str | None = field(name="Kind", default=None)
    address: str | None = field(name="Address", default=None)
    reachable: bool | None = field(name="Reachable", default=None)
    form: str | None = field(name="Form", default=None)


class LookType(Shape):
    client_id: str | None = field(name="ClientId", default=None)
    form: str | None = field(name="Form", default=None)


class EffectiveSenderType(Shape):
    medium: str | None = field(name="Medium", default=None)
    sender: str | None = field(name="Sender", default=None)


class SettingType(Shape):
    name: str | None = field(name="Name", default=None)
    value: str | None = field(name="Value", default=None)


class DescribePoolSettingsResponse(Shape):
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    issuer: str | None = field(name="Issuer", default=None)
    accepted_issuers: list[str] | None = field(name="AcceptedIssuers", default=None)
    address: str | None = field(name="Address", default=None)
    domains: list[DomainAddressType] | None = field(name="Domains", default=None)
    looks: list[LookType] | None = field(name="Looks", default=None)
    senders: list[EffectiveSenderType] | None = field(name="Senders", default=None)
    limits: list[SettingType] | None = field(name="Limits", default=None)
    request_rates: dict[str, int] | None = field(name="RequestRates", default=None)
    srp_enabled: bool | None = field(name="SrpEnabled", default=None)
    any_localhost_port: bool | None = field(name="AnyLocalhostPort", default=None)


class DescribeServerRequest(Shape):
    pass


class DescribeServerResponse(Shape):
    version: str | None = field(name="Version", default=None)
    engine: str | None = field(name="Engine", default=None)
    settings: list[SettingType] | None = field(name="Settings", default=None)
    sealing_key_id: str | None = field(name="SealingKeyId", default=None)


class EraseUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class EraseUserResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    username: str | None = field(name="Username", default=None)
    user_sub: str | None = field(name="UserSub", default=None)
    removed: dict[str, int] | None = field(name="Removed", default=None)


class ExportUserRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["username"])

    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    username: str = field(name="Username", default=ABSENT)


class ExportUserResponse(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["document", "username"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    username: str | None = field(name="Username", default=None)
    user_sub: str | None = field(name="UserSub", default=None)
    document: str | None = field(name="Document", default=None)


class ListAuthEventsRequest(Shape):
    user_pool_id: str = field(name="UserPoolId", default=ABSENT)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class AuthEventType(Shape):
    event_id: str | None = field(name="EventId", default=None)
    user_sub: str | None = field(name="UserSub", default=None)
    event_type: str | None = field(name="EventType", default=None)
    event_response: str | None = field(name="EventResponse", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)


class ListAuthEventsResponse(Shape):
    auth_events: list[AuthEventType] | None = field(name="AuthEvents", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class ListCapturedMessagesRequest(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["to"])

    user_pool_id: str | None = field(name="UserPoolId", default=None)
    to: str | None = field(name="To", default=None)
    max_results: int | None = field(name="MaxResults", default=None)
    next_token: str | None = field(name="NextToken", default=None)


class CapturedMessageType(Shape):
    SENSITIVE: ClassVar[frozenset[str]] = frozenset(["body", "code", "subject", "to", "username"])

    message_id: str | None = field(name="MessageId", default=None)
    to: str | None = field(name="To", default=None)
    medium: str | None = field(name="Medium", default=None)
    kind: str | None = field(name="Kind", default=None)
    subject: str | None = field(name="Subject", default=None)
    body: str | None = field(name="Body", default=None)
    code: str | None = field(name="Code", default=None)
    user_pool_id: str | None = field(name="UserPoolId", default=None)
    username: str | None = field(name="Username", default=None)
    creation_date: float | None = field(name="CreationDate", default=None)


class ListCapturedMessagesResponse(Shape):
    messages: list[CapturedMessageType] | None = field(name="Messages", default=None)
    next_token: str | None = field(name="NextToken", default=None)


SERVICE = ServiceModel(
    name="poolkeeper",
    protocol="json",
    target_prefix="PoolkeeperService",
    version="2026-12-01",
    namespace="",
    operations={
        "DescribeImportProgress": Facts(DescribeImportProgressRequest, DescribeImportProgressResponse, unsigned=False),
        "DescribePoolSettings": Facts(DescribePoolSettingsRequest, DescribePoolSettingsResponse, unsigned=False),
        "DescribeServer": Facts(DescribeServerRequest, DescribeServerResponse, unsigned=False),
        "EraseUser": Facts(EraseUserRequest, EraseUserResponse, unsigned=False),
        "ExportUser": Facts(ExportUserRequest, ExportUserResponse, unsigned=False),
        "ListAuthEvents": Facts(ListAuthEventsRequest, ListAuthEventsResponse, unsigned=False),
        "ListCapturedMessages": Facts(ListCapturedMessagesRequest, ListCapturedMessagesResponse, unsigned=False),
    },
)
