"""Pictures for tests: small ones that a browser shows, and heads of others."""

import struct
import zlib

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40" width="120" height="40">'
    b'<rect width="120" height="40" rx="8" fill="#2f7d57"/></svg>'
)


def png(width: int = 4, height: int = 4, *, color: tuple[int, int, int] = (47, 125, 87)) -> bytes:
    """Return a PNG of one colour."""
    line = b"\x00" + bytes(color) * width
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(line * height)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )


def jpeg(width: int = 4, height: int = 4) -> bytes:
    """Return the head of a JPEG: a segment of an application's, then the frame's."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(9) + b"\xff\xc0" + struct.pack(">H", 2 + len(frame)) + frame


def webp(width: int = 4, height: int = 4, *, kind: bytes = b"VP8L") -> bytes:
    """Return the head of a WEBP of one of its three kinds."""
    body = {
        b"VP8L": b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14),
        b"VP8 ": b"\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height),
        b"VP8X": bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little"),
    }[kind]
    chunk = kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def ico(inside: bytes | None = None) -> bytes:
    """Return an icon file with one picture in it."""
    inside = png(16, 16) if inside is None else inside
    return b"\x00\x00\x01\x00\x01\x00" + struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(inside), 22) + inside
