"""Which moment or number does a text of a policy mean? The readers here say so, or None where it is neither.

Source: IAM User Guide, "Condition operators": W3C's note on ISO 8601 dates, or seconds since 1970; integers and decimals.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_EPOCH = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_LONGEST_EPOCH = 2**63
_DATE = re.compile(
    r"(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"([Tt](?P<hour>\d{1,2})(:(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d{1,9}))?)?)?"
    r"(?P<zone>[Zz]|[+-]\d\d(:?\d\d)?)?)?)?)?",
    re.ASCII,
)
_START = datetime(1970, 1, 1, tzinfo=UTC)
_NANOSECONDS = 10**9


def number(text: str) -> Decimal | None:
    """Read an integer or a decimal; None for anything else."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def instant(text: str) -> int | None:
    """Read a date, or seconds since 1970, as nanoseconds since 1970; None for anything else.

    A time without a zone is UTC.
    """
    # UNVERIFIED: that four digits are seconds and no year, and what AWS makes of a time without a zone or with fractions
    # beyond nine digits; conditions with such values would settle them.
    if _EPOCH.fullmatch(text):
        seconds = int(text)
        return seconds * _NANOSECONDS if -_LONGEST_EPOCH <= seconds < _LONGEST_EPOCH else None
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (
        int(match[part] or start)
        for part, start in (("year", 1), ("month", 1), ("day", 1), ("hour", 0), ("minute", 0), ("second", 0))
    )
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(match["zone"])
    except (ValueError, OverflowError):
        return None
    seconds_since_epoch = (moment - _START) // timedelta(seconds=1)
    return seconds_since_epoch * _NANOSECONDS + int((match["fraction"] or "0").ljust(9, "0"))


def _offset(zone: str | None) -> timedelta:
    """Return how far a zone is ahead of UTC; raises ValueError for more than a day."""
    if zone is None or zone in "Zz":
        return timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[3:].removeprefix(":") or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    return timedelta(hours=hours, minutes=minutes) * (1 if zone[0] == "+" else -1)
