"""How many bytes may follow a head? What a stranger may send is small, what is signed larger, files of imports largest."""

import re
from collections.abc import Collection, Mapping

from poolkeeper.model.imports import MOST_BYTES
from poolkeeper.settings import Settings

MAX_FORM = 64 * 1024
MAX_SAML_FORM = 256 * 1024
MAX_UNSIGNED = 128 * 1024
# AWS takes 2 MB of a style's settings and pictures in one request, which base64 makes larger by a third.
MAX_STYLE = 3 * 1024 * 1024
OF_STYLES = frozenset(
    {
        b"AWSCognitoIdentityProviderService.CreateManagedLoginBranding",
        b"AWSCognitoIdentityProviderService.UpdateManagedLoginBranding",
    }
)
_UPLOADS = b"/imports/"
# Of a file that is passed on as it comes no more is in memory at once: what is read in one go, behind what fills the buffer.
HELD_OF_UPLOAD = 320 * 1024
_OF_SAML = re.compile(rb"(?:/_domains/[^/?]+)?/saml2/")


def is_upload(method: bytes, url: bytes) -> bool:
    """Say whether a body is the file of an import, which is passed on as it comes (uploads/endpoint.py)."""
    return method == b"PUT" and url.startswith(_UPLOADS)


def largest_body(
    settings: Settings, known: Mapping[bytes, bytes], *, method: bytes, url: bytes, signed_targets: Collection[bytes]
) -> int:
    """Return how many bytes may follow a head with these headers."""
    if is_upload(method, url):
        return MOST_BYTES
    target = known.get(b"x-amz-target")
    if known.get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded"):
        most = MAX_SAML_FORM if _OF_SAML.match(url) else MAX_FORM
    elif target not in signed_targets:
        most = MAX_UNSIGNED
    elif target in OF_STYLES:
        return max(MAX_STYLE, settings.max_body)
    else:
        most = settings.max_body
    return min(most, settings.max_body)
