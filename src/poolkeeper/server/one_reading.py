"""Could a proxy before us read a head in another way than we do? What would let it see another request is refused.

RFC 9112: 2.3 (versions), 3.2 and 3.2.2 (one valid Host, which is the target's where that has one), 6.1 (codings).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus

_VERSIONS = frozenset({"1.0", "1.1"})
_HOST = re.compile(rb"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?")
# What decides how a message is read, or whose it is: where it stands twice, two readers may take one each.
_ONCE = frozenset({b"content-length", b"content-type", b"host", b"transfer-encoding", b"x-amz-target"})


def fault_of(
    headers: Sequence[tuple[bytes, bytes]],
    by_name: Mapping[bytes, bytes],
    *,
    url: bytes,
    version: str,
    clear_host: bytes | None,
) -> HTTPStatus | None:
    """Return how a head is refused, None where there is one reading of it.

    `by_name` are the headers by name; `clear_host` is a Host that was found valid before, if any.
    """
    if len(by_name) < len(headers):
        names = Counter(name for name, _ in headers)
        if any(names[name] > 1 for name in _ONCE):
            return HTTPStatus.BAD_REQUEST
    if version not in _VERSIONS:
        return HTTPStatus.HTTP_VERSION_NOT_SUPPORTED

    host = by_name.get(b"host")
    clear = version == "1.0" if host is None else host == clear_host or _HOST.fullmatch(host) is not None
    if not clear or b"#" in url or not (url.startswith(b"/") or _is_of(url, host)):
        return HTTPStatus.BAD_REQUEST

    coding = by_name.get(b"transfer-encoding")
    if coding is not None and (version == "1.0" or coding.lower() != b"chunked"):
        return HTTPStatus.BAD_REQUEST if version == "1.0" else HTTPStatus.NOT_IMPLEMENTED
    return None


def _is_of(url: bytes, host: bytes | None) -> bool:
    """Say whether a target that is no path is `*`, or an address whose host and port are those of the Host header."""
    scheme, _, rest = url.partition(b"://")
    authority = rest.partition(b"/")[0]
    return url == b"*" or (
        host is not None and scheme.lower() in {b"http", b"https"} and authority.lower() == host.lower()
    )
