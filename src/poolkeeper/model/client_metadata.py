"""What may an app be that names itself by an address? Which addresses, which documents behind them, which patterns allow them.

Source: draft-ietf-oauth-client-id-metadata-document sections 3 and 4; RFC 7591 section 2; measured.md 10.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException
from poolkeeper.hosts import is_plain
from poolkeeper.model.client_rules import require_plain_redirect_address

# In bytes; AWS: MetadataURLType.
LARGEST_DOCUMENT = 32 * 1024
LONGEST_URL = 256
_SCHEME = "https://"
# In seconds; AWS: CacheDurationType. UNVERIFIED: how long a document is kept where neither policy nor document says.
SHORTEST_CACHE, LONGEST_CACHE, DEFAULT_CACHE = 86_400, 31_556_952, 86_400
# As many as CreateUserPoolClient takes, of as many characters.
_MOST_ADDRESSES, _LONGEST_ADDRESS = 100, 1_024
_LONGEST_NAME = 80
# Each quotation mark that a page in some language could put around a name.
_UNQUOTED = dict.fromkeys(map(ord, '"“”„‟«»「」『』〝〞〟❝❞'), "'")
# RFC 3986 section 6.2.2.3: also where the dots, or what stands between segments, are written as escapes.
_DOTS = re.compile(r"(?:\.|%2e){1,2}", re.IGNORECASE)
_BETWEEN = re.compile(r"/|%2f|%5c", re.IGNORECASE)
_NEVER_WILD = frozenset("@?#")
_MAX_AGE = re.compile(r"max-age=\"?([0-9]{1,10})\"?", re.IGNORECASE)
_UNKEPT = re.compile(r"\b(?:no-store|no-cache|private)\b", re.IGNORECASE)
_CODE, _REFRESH = "authorization_code", "refresh_token"
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class BadDocument(Exception):  # noqa: N818 - what is said of a document
    """An address or a document by which no app may name itself. The message is for the log."""


class ClientMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a document says of an app: the members that we use. `name` is what it calls itself, which nobody vouches for."""

    redirect_uris: tuple[str, ...]
    name: str
    codes: bool
    refreshes: bool
    dpop_bound: bool = False


def is_client_url(client_id: str) -> bool:
    """Say whether a client id is an address at all; no id of an app client looks like one."""
    return client_id.startswith(_SCHEME)


def require_client_url(url: str) -> str:
    """Return an address by which an app may name itself. Raises BadDocument.

    It is https, with a host and a path, and without a user, a fragment or dot segments; nothing in it may be read in two ways.
    """
    if (
        len(url) > LONGEST_URL
        or not url.isascii()
        or not url.isprintable()
        or any(sign in url for sign in ' "\\<>^`{|}')
    ):
        raise BadDocument("an address that is too long, or holds what no address holds")
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        raise BadDocument("an address that cannot be read") from None
    rows = (
        (
            not url.startswith(_SCHEME) or not parts.hostname or not port_fits,
            "an address that is not https with a host",
        ),
        ("@" in parts.netloc, "an address with a user"),
        (not is_plain(parts.netloc), "an address whose host can be read in two ways"),
        ("#" in url, "an address with a fragment"),
        (not parts.path.startswith("/"), "an address without a path"),
        (any(_DOTS.fullmatch(segment) for segment in _BETWEEN.split(parts.path)), "an address with dot segments"),
    )
    for bad, why in rows:
        if bad:
            raise BadDocument(why)
    return url


def host_of(url: str) -> str:
    """Return the host of an address that was taken, with the port where it names one."""
    return urlsplit(url).netloc


def allows(patterns: Iterable[str], url: str) -> bool:
    """Say whether an address is one of those that patterns mean, every other sign but `*` taken to the letter.

    `*` stands for any signs but `@`, `?` and `#`, and in the host for none of a path: what follows the host of a pattern is
    compared with what follows the host of the address.
    """
    # UNVERIFIED: AWS says no more of `*` than that it is a wildcard; addresses that cross a slash would settle it.
    host, slash, path = url.removeprefix(_SCHEME).partition("/")
    for pattern in patterns:
        of_host, also_slash, of_path = pattern.removeprefix(_SCHEME).partition("/")
        if slash == also_slash and _means(of_host, host) and _means(of_path, path):
            return True
    return False


def _means(pattern: str, text: str) -> bool:
    """Say whether a pattern means a text, in one pass: each wildcard takes the fewest signs and gives none back (no blow-up)."""
    first, *later_parts = pattern.split("*")
    if not later_parts:
        return text == first
    *middle, last = later_parts
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        position = text.find(part, at, end)
        if position < 0 or not _NEVER_WILD.isdisjoint(text[at:position]):
            return False
        at = position + len(part)
    return _NEVER_WILD.isdisjoint(text[at:end])


def read_document(body: bytes, url: str) -> ClientMetadata:
    """Return what the document of an address says of the app. Raises BadDocument."""
    try:
        document = _decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise BadDocument("no JSON object") from None
    if document.get("client_id") != url:
        raise BadDocument("its client_id is not its address")
    if document.get("token_endpoint_auth_method", "none") != "none":
        raise BadDocument("it wants to prove itself, which nobody can who is not registered")
    if any(name in document for name in ("client_secret", "client_secret_expires_at")):
        raise BadDocument("it has a secret")
    grants = _texts(document, "grant_types", (_CODE,))
    responses = _texts(document, "response_types", ("code",))
    dpop_bound = document.get("dpop_bound_access_tokens", False)
    if not isinstance(dpop_bound, bool):
        raise BadDocument("dpop_bound_access_tokens is neither true nor false")
    name = document.get("client_name")
    return ClientMetadata(
        redirect_uris=_addresses(document),
        name=_plain(name) if isinstance(name, str) else "",
        codes=_CODE in grants and "code" in responses,
        refreshes=_REFRESH in grants,
        dpop_bound=dpop_bound,
    )


def _addresses(document: Mapping[str, Any]) -> tuple[str, ...]:
    listed = _texts(document, "redirect_uris", ())
    if not 0 < len(listed) <= _MOST_ADDRESSES or any(not 0 < len(address) <= _LONGEST_ADDRESS for address in listed):
        raise BadDocument("no redirect_uris, or more and longer ones than an app client may have")
    for address in listed:
        try:
            require_plain_redirect_address(address)
        except InvalidParameterException as fault:
            raise BadDocument(fault.message) from None
    return listed


def _texts(document: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    listed = document.get(name)
    if listed is None:
        return default
    if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
        raise BadDocument(f"{name} is no list of texts")
    return tuple(listed)


def _plain(text: str) -> str:
    """Return a name as a page may show it between quotation marks.

    It is no longer than a line, without what changes the direction of writing, and does not end the quotation by itself.
    """
    return "".join(sign for sign in text.translate(_UNQUOTED) if sign.isprintable()).strip()[:_LONGEST_NAME]


def kept_for(cache_control: str, duration: int) -> int:
    """Return for how many milliseconds a document is kept: its own max-age between a day and a year, else `duration` seconds."""
    max_age = _MAX_AGE.search(cache_control)
    seconds = int(max_age[1]) if max_age and not _UNKEPT.search(cache_control) else 0
    return (seconds if SHORTEST_CACHE <= seconds <= LONGEST_CACHE else duration) * SECOND
