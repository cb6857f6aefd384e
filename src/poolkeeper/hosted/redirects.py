"""How is a browser sent on? By 303, and with nothing kept: an address may hold a code or lead to one."""

import string
from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import Response

from poolkeeper import forms

# Of every answer that holds a code or leads to one (RFC 9700 section 4.2).
NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache", "referrer-policy": "no-referrer"}
_ASCII = string.ascii_letters + string.digits + string.punctuation


def redirect(location: str) -> Response:
    """Return a redirect; the browser comes by GET whatever it came to us by (RFC 9700 section 4.12).

    An address that an app has registered may hold letters of any alphabet, and a header none but ASCII's.
    """
    return Response(status_code=303, headers={**NOT_KEPT, "location": quote(location, safe=_ASCII)})


def with_query(address: str, fields: Mapping[str, str]) -> str:
    """Return an address with fields behind what its query has already."""
    return f"{address}{'&' if '?' in address else '?'}{forms.write(fields.items())}"
