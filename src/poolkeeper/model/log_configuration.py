"""What does a pool log, and where to? What each source of events may be sent as, and how an ARN names its place.

Source: the model's texts of LogConfigurationType; measured.md 9 for the sentences.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from poolkeeper.errors import InvalidParameterException

USER_NOTIFICATION, USER_AUTH_EVENTS = "userNotification", "userAuthEvents"
ERROR, INFO = "ERROR", "INFO"
# What the entries call each source (developer guide, "Exporting logs from Amazon Cognito user pools").
SOURCES: Mapping[str, str] = {USER_NOTIFICATION: "USER_NOTIFICATION", USER_AUTH_EVENTS: "USER_ACTIVITY"}
_LEVELS = {USER_NOTIFICATION: ERROR, USER_AUTH_EVENTS: INFO}

_LOG_GROUP, _BUCKET, _STREAM = "CloudWatchLogsConfiguration", "S3Configuration", "FirehoseConfiguration"
_ARNS = {_LOG_GROUP: "LogGroupArn", _BUCKET: "BucketArn", _STREAM: "StreamArn"}
_PLACES = {USER_NOTIFICATION: (_LOG_GROUP,), USER_AUTH_EVENTS: (_LOG_GROUP, _BUCKET, _STREAM)}
_FORMS = {
    _LOG_GROUP: re.compile(r"arn:aws[a-z-]*:logs:(?P<region>[a-z0-9-]+):\d{12}:log-group:[\w./#-]+(:\*)?"),
    _BUCKET: re.compile(r"arn:aws[a-z-]*:s3:::(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"),
    _STREAM: re.compile(r"arn:aws[a-z-]*:firehose:(?P<region>[a-z0-9-]+):\d{12}:deliverystream/[\w.-]+"),
}


def arn_of(configuration: Mapping[str, Any]) -> str:
    """Return the ARN to which a configuration that was checked sends."""
    return str(next(configuration[kind][name] for kind, name in _ARNS.items() if name in configuration.get(kind, {})))


def bucket_of(arn: str) -> str:
    """Return the bucket of an ARN that was checked."""
    return arn.rpartition(":")[2]


def require_valid(configurations: Sequence[Mapping[str, Any]], *, region: str) -> None:
    """Refuse what a pool of a region cannot log to. Raises InvalidParameterException."""
    sources = [configuration["EventSource"] for configuration in configurations]
    if len(set(sources)) < len(sources):
        raise InvalidParameterException("Following event sources appear more then once in a request")
    for configuration in configurations:
        _require_valid(configuration, region)


def _require_valid(configuration: Mapping[str, Any], region: str) -> None:
    # UNVERIFIED: the words but for those of the region; each such request against AWS would settle them.
    source, level = configuration["EventSource"], configuration["LogLevel"]
    if level != _LEVELS[source]:
        raise InvalidParameterException(f"Log level {level} is not supported for event source {source}.")
    kinds = [kind for kind in _ARNS if _ARNS[kind] in configuration.get(kind, {})]
    if len(kinds) != 1 or kinds[0] not in _PLACES[source]:
        raise InvalidParameterException(f"Event source {source} takes one of {', '.join(_PLACES[source])}.")
    arn = configuration[kinds[0]][_ARNS[kinds[0]]]
    form = _FORMS[kinds[0]].fullmatch(arn)
    if form is None:
        raise InvalidParameterException(f"{arn} is not an ARN of {_ARNS[kinds[0]]}.")
    if form.groupdict().get("region", region) != region:
        raise InvalidParameterException("ARN does not belong to current region")
