"""How does SAML write a time? As xs:dateTime in UTC (SAML core 1.3.3)."""

import re
from datetime import UTC, datetime, timedelta

from poolkeeper.federation.saml.faults import BadMessage, Fault

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPELT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def read(text: str) -> int:
    """Return milliseconds since the epoch; a time without a zone is UTC, as the standard says.

    Raises BadMessage for anything else.
    """
    match = _SPELT.fullmatch(text.strip())
    if match is None:
        raise BadMessage(Fault.TIME, f"no time: {text[:40]!r}")
    seconds, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(seconds + (zone or "Z"))
        return (moment - _EPOCH) // timedelta(milliseconds=1) + int((fraction or "0").ljust(3, "0")[:3])
    except (ValueError, OverflowError):
        raise BadMessage(Fault.TIME, f"no time: {text[:40]!r}") from None


def write(moment: int) -> str:
    """Return milliseconds since the epoch as SAML writes them, to the second."""
    return (_EPOCH + timedelta(seconds=moment // 1_000)).strftime("%Y-%m-%dT%H:%M:%SZ")
