"""How does an address become a picture that a phone reads? A QR code as one SVG path, for the page itself: it holds a secret."""

from dataclasses import dataclass
from itertools import groupby

# One of the eight patterns that readers know. Trying all of them for the fairest picture takes five times as long.
_MASK = 2


@dataclass(frozen=True, slots=True)
class Picture:
    """`side` modules wide and high; `path` strokes the dark ones, a row at y + 0.5."""

    side: int
    path: str


def draw(text: str) -> Picture:
    """Return the QR code of a text of at most 2,900 bytes. Source: ISO/IEC 18004."""
    import segno  # noqa: PLC0415 - only who is shown a secret pays for it

    code = segno.make_qr(text, error="l", mask=_MASK)
    rows = [bytes(row) for row in code.matrix]
    return Picture(side=len(rows), path="".join(_row(row, y) for y, row in enumerate(rows)))


def _row(row: bytes, y: int) -> str:
    """Stroke the runs of dark modules of one row, each from where the last ended."""
    path, at, pen = "", 0, None
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            path += f"M{at} {y}.5" if pen is None else f"m{at - pen} 0"
            path += f"h{length}"
            pen = at + length
        at += length
    return path
