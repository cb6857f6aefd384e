"""Is it a picture, of which kind and how large? Its first bytes tell; nothing here decodes a picture.

Sources: PNG 11.2.2 (IHDR), JPEG T.81 B.2.2 (frame header), RFC 9649 (WEBP), the head of Windows' icon files.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PNG, JPEG, WEBP, ICO, SVG = "PNG", "JPEG", "WEBP", "ICO", "SVG"
TYPES: Mapping[str, str] = {
    PNG: "image/png",
    JPEG: "image/jpeg",
    WEBP: "image/webp",
    ICO: "image/x-icon",
    SVG: "image/svg+xml",
}
# A browser holds four bytes a pixel of what it shows: more than this is no logo, and a harm to phones.
MOST_PIXELS_A_SIDE = 8_192
_MOST_ICONS = 64
_PNG = b"\x89PNG\r\n\x1a\n"


class BadImage(Exception):  # noqa: N818 - what is said of the bytes, not of us
    """Bytes that are no picture of a served kind, or a picture that is too large. The message is for its uploader."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the first bytes of a picture say: its kind, and its size in pixels."""

    kind: str
    width: int
    height: int


def look_at(content: bytes) -> Picture:
    """Return the kind and the size of a picture.

    Raises BadImage for anything but PNG, JPEG, WEBP or ICO, for a picture that ends within its head, and for one with more
    than 8,192 pixels on a side, or with none.
    """
    for kind, begins, read in _KINDS:
        if begins(content):
            try:
                width, height = read(content)
            except (struct.error, IndexError):
                raise BadImage(f"the {kind} ends within its head") from None
            if not (0 < width <= MOST_PIXELS_A_SIDE and 0 < height <= MOST_PIXELS_A_SIDE):
                raise BadImage(f"the {kind} has {width} x {height} pixels, more than {MOST_PIXELS_A_SIDE} or none")
            return Picture(kind, width, height)
    raise BadImage("the first bytes are those of no PNG, JPEG, WEBP or ICO")


def _png(content: bytes) -> tuple[int, int]:
    length, name, width, height = struct.unpack_from(">I4sII", content, len(_PNG))
    if (length, name) != (13, b"IHDR"):
        raise BadImage("the PNG does not begin with its header")
    return width, height


def _jpeg(content: bytes) -> tuple[int, int]:
    offset = 2
    while True:
        mark, kind = content[offset], content[offset + 1]
        if mark != 0xFF:
            raise BadImage("the JPEG has no frame header")
        if kind == 0xFF:  # a fill byte
            offset += 1
        elif kind == 0x01 or 0xD0 <= kind <= 0xD7:  # marks without a length
            offset += 2
        elif 0xC0 <= kind <= 0xCF and kind not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack_from(">HH", content, offset + 5)
            return width, height
        elif kind in {0xD8, 0xD9, 0xDA}:  # another beginning, the end, or the scan before any frame
            raise BadImage("the JPEG has no frame header")
        else:
            (length,) = struct.unpack_from(">H", content, offset + 2)
            if length < 2:
                raise BadImage("the JPEG has a segment without a length")
            offset += 2 + length


def _webp(content: bytes) -> tuple[int, int]:
    match content[12:16]:
        case b"VP8 ":
            if content[23:26] != b"\x9d\x01\x2a":
                raise BadImage("the WEBP has no key frame")
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            if content[20] != 0x2F:
                raise BadImage("the WEBP has no lossless head")
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            head = content[24:30]
            if len(head) < 6:
                raise BadImage("the WEBP ends within its head")
            return int.from_bytes(head[:3], "little") + 1, int.from_bytes(head[3:], "little") + 1
    raise BadImage("the WEBP holds no picture")


def _ico(content: bytes) -> tuple[int, int]:
    (count,) = struct.unpack_from("<H", content, 4)
    if not 0 < count <= _MOST_ICONS:
        raise BadImage(f"the ICO holds {count} pictures: 1 to {_MOST_ICONS} are meant")
    sizes = []
    for number in range(count):
        width, height, length, offset = struct.unpack_from("<BB6xII", content, 6 + 16 * number)
        if offset < 6 + 16 * count or offset + length > len(content):
            raise BadImage("the ICO names a picture outside of itself")
        inside = content[offset : offset + 24]
        sizes.append(_png(inside) if inside.startswith(_PNG) else (width or 256, height or 256))
    return max(sizes)


_KINDS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], tuple[int, int]]], ...] = (
    (PNG, lambda content: content.startswith(_PNG), _png),
    (JPEG, lambda content: content.startswith(b"\xff\xd8\xff"), _jpeg),
    (WEBP, lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP", _webp),
    (ICO, lambda content: content.startswith(b"\x00\x00\x01\x00"), _ico),
)
