"""Which pictures does a style take, for what? Each category with its kinds; a drawing is made anew, a picture only looked at."""

from collections.abc import Mapping

from poolkeeper.branding import images, svg
from poolkeeper.branding.images import ICO, JPEG, PNG, SVG, WEBP, BadImage
from poolkeeper.branding.svg import BadSvg

MOST_ASSETS = 40
MOST_BYTES = 1_000_000

# UNVERIFIED: where WEBP is taken, which the model has and the guide does not name; a FORM_LOGO of that kind would settle it.
_PICTURES = frozenset({PNG, JPEG, SVG, WEBP})
# oauth-federation.md 5
KINDS: Mapping[str, frozenset[str]] = {
    "FAVICON_ICO": frozenset({ICO}),
    "FAVICON_SVG": frozenset({SVG}),
    "IDP_BUTTON_ICON": frozenset({ICO, SVG}),
    "EMAIL_GRAPHIC": _PICTURES,
    "SMS_GRAPHIC": _PICTURES,
    "AUTH_APP_GRAPHIC": _PICTURES,
    "PASSWORD_GRAPHIC": _PICTURES,
    "PASSKEY_GRAPHIC": _PICTURES,
    "PAGE_HEADER_LOGO": _PICTURES,
    "PAGE_HEADER_BACKGROUND": _PICTURES,
    "PAGE_FOOTER_LOGO": _PICTURES,
    "PAGE_FOOTER_BACKGROUND": _PICTURES,
    "PAGE_BACKGROUND": _PICTURES,
    "FORM_BACKGROUND": _PICTURES,
    "FORM_LOGO": _PICTURES,
}


class BadAsset(Exception):  # noqa: N818 - what is said of the picture, not of us
    """A picture that its category does not take, or bytes that are no picture. The message is for its uploader."""


def served(category: str, extension: str, content: bytes) -> bytes:
    """Return a picture as pages get it: a drawing is made anew, every other picture is returned as it is.

    Raises BadAsset. A large drawing takes long, so call this in a thread.
    """
    if extension not in KINDS[category]:
        raise BadAsset(f"{category} is of {', '.join(sorted(KINDS[category]))}, not of {extension}")
    try:
        if extension == SVG:
            return svg.cleaned(content, most_bytes=MOST_BYTES)
        kind = images.look_at(content).kind
    except (BadSvg, BadImage) as fault:
        raise BadAsset(f"{category} is no {extension} that can be shown: {fault}") from None
    if kind != extension:
        raise BadAsset(f"{category} says {extension} and is {kind}")
    return content
