"""Which request is a verifier asked about? Its line and its headers, as the proxy tells them that asks.

Each proxy has headers of its own, which it writes itself over whatever a client sent; those of the others are a client's, and
are not looked at. What may be read in two ways is refused.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolkeeper.aws.signed_request import Request
from poolkeeper.verifier_settings import HOST, S3, VerifierSetting

SECRET = "x-poolkeeper-verifier"  # noqa: S105 - the name of a header
OWN_PREFIX = "x-poolkeeper-"
STRANGER = f"{OWN_PREFIX}asker"
LENGTH, ADDRESS, BODY_HASH = "x-original-content-length", "x-original-address", "x-original-content-sha256"

_METHOD = re.compile(r"[A-Z]{1,16}")
# A request line's characters: a fragment, a backslash or what is not ASCII is read in many ways.
_TARGET = re.compile(r"/[!-\"$-\[\]-~]*")
_LONGEST_TARGET, _LONGEST_HOST = 16_384, 259
_OF_STORES = ("x-minio-", "x-rgw-")
# How the headers begin by which a request is judged, or told apart from others.
_COUNTS = ("x-amz-", "x-minio-", "x-rgw-", OWN_PREFIX, "authorization", "host", "content-")


@dataclass(frozen=True, slots=True)
class _Names:
    """The headers in which a proxy tells method, address and host; empty: those of the request that asks."""

    method: str
    target: str
    host: str


_BY_PROXY: Mapping[str, _Names] = {
    "nginx": _Names("x-original-method", "x-original-uri", "x-original-host"),
    "caddy": _Names("x-forwarded-method", "x-forwarded-uri", "x-forwarded-host"),
    "traefik": _Names("x-forwarded-method", "x-forwarded-uri", "x-forwarded-host"),
    # It asks with the method and the host of the request itself, whose address is behind the verifier's.
    "envoy": _Names("", "", ""),
    "python": _Names("x-original-method", "x-original-uri", "x-original-host"),
}


class Unclear(Exception):  # noqa: N818 - what is said of the request, not of us
    """A request that could be read in two ways, or is not told whole. The message is for its sender."""


@dataclass(frozen=True, slots=True)
class Original:
    """The request that a verifier is asked about, and what its proxy adds to it.

    `request.body` is empty where the proxy keeps the body: then `body_hash` is what the proxy says that it is, or empty.
    """

    request: Request
    host: str
    address: str
    body_hash: str


def shows_secret(setting: VerifierSetting | None, headers: Sequence[tuple[str, str]]) -> bool:
    """Say whether whoever asks knows a secret of this verifier, compared in constant time; a verifier that is none has none."""
    given = [value for name, value in headers if name == SECRET]
    secrets = [secret.reveal() for secret in setting.secrets] if setting is not None else [""]
    shown_secret = given[0].encode("latin-1") if len(given) == 1 else b""
    matches = [hmac.compare_digest(shown_secret, secret.encode()) for secret in secrets]
    return setting is not None and any(matches)


def read(setting: VerifierSetting, asking: Request, rest: str) -> Original:
    """Return what a verifier is asked about; `rest` is the address that stands behind the verifier's own.

    Raises Unclear.
    """
    given = asking.headers
    _refuse_look_alikes(given)
    if setting.service == S3:
        _refuse_words_of_stores(given)
    names = _BY_PROXY[setting.proxy]
    method = _once(given, names.method) if names.method else asking.method
    target = _once(given, names.target) if names.target else _with_query(rest, asking.query)
    host = _once(given, names.host or "host").lower()
    if not _METHOD.fullmatch(method):
        raise Unclear("The method of the request is none.")
    if len(target) > _LONGEST_TARGET or not _TARGET.fullmatch(target):
        raise Unclear("The address of the request can be read in more than one way.")
    if host not in setting.hosts and not _is_below(setting, host):
        raise Unclear(_another(host))
    in_python = setting.proxy == "python"
    path, _, query = target.partition("?")
    return Original(
        request=Request(method, path, query, _headers(given, names, host), asking.body if in_python else b""),
        host=host,
        address=_address(setting, given),
        body_hash=_hash(given, asking.body) if in_python else "",
    )


def _address(setting: VerifierSetting, given: Sequence[tuple[str, str]]) -> str:
    """Return the client's address from our own header; if empty, X-Forwarded-For counts, which the other proxies write.

    nginx hands on what a client sent of that, so it must say the address itself.
    """
    if setting.proxy == "nginx":
        return _once(given, ADDRESS)
    return _at_most_once(given, ADDRESS) if setting.proxy == "python" else ""


def _hash(given: Sequence[tuple[str, str]], body: bytes) -> str:
    return hashlib.sha256(body).hexdigest() if body else _at_most_once(given, BODY_HASH)


def _headers(given: Sequence[tuple[str, str]], names: _Names, host: str) -> Sequence[tuple[str, str]]:
    """Return the headers of the request that is asked about: without the proxy's own, under the host that was signed."""
    dropped = {"host", "content-length", SECRET, LENGTH, ADDRESS, BODY_HASH, names.method, names.target, names.host}
    length = _at_most_once(given, LENGTH)
    passed_on = [header for header in given if header[0] not in dropped]
    return [("host", host), *([("content-length", length)] if length else []), *passed_on]


def _refuse_look_alikes(given: Sequence[tuple[str, str]]) -> None:
    """Refuse headers that some applications read as others, and those in which we answer: a client sends neither."""
    for name, _ in given:
        plain = name.replace("_", "-")
        if plain != name and plain.startswith(_COUNTS):
            raise Unclear(f"The header {name} can be read as another one.")
        if name.startswith(OWN_PREFIX) and name != SECRET:
            raise Unclear(f"The header {name} is not for a client to send.")


def _refuse_words_of_stores(given: Sequence[tuple[str, str]]) -> None:
    """Refuse what some stores do beside S3, for which there are no actions: they take archives apart, or act for others."""
    for name, _ in given:
        if name.startswith(_OF_STORES) or "snowball" in name:
            raise Unclear(f"The header {name[:64]} is not known here.")


def _is_below(setting: VerifierSetting, host: str) -> bool:
    """Say whether a host is a bucket's, by its name below one of the hosts."""
    return setting.virtual_hosts and any(host.endswith(f".{parent}") for parent in setting.hosts)


def _another(host: str) -> str:
    """Return what is said of a host that is none of the verifier's, which stands in the sentence where it looks like one."""
    if len(host) > _LONGEST_HOST or not HOST.fullmatch(host):
        return "The request is for another host."
    return f"The request is for the host {host}, which is none of this verifier's."


def _once(given: Sequence[tuple[str, str]], name: str) -> str:
    values = [value for known, value in given if known == name]
    if len(values) != 1:
        raise Unclear(f"The proxy must say {name} once.")
    return values[0]


def _at_most_once(given: Sequence[tuple[str, str]], name: str) -> str:
    return _once(given, name) if any(known == name for known, _ in given) else ""


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
