"""How much must a browser draw for a drawing? A part is drawn anew for each reference to it, and references can nest.

A mask of ten masks of ten masks, or markers at every corner of a marker, make a page that never loads: a kilobyte is
enough. Source: SVG 2, 13.7 (markers), 14 (clipping, masking), 13.3 (patterns).
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from poolkeeper.xml_reader import Element

# How many shapes may be drawn, repetitions included: a browser takes less than a second for them.
MOST_DRAWN = 20_000
# No tool makes references through more parts than this.
_DEEPEST = 8
# How many characters a corner of a path takes.
_CORNER = 4
_REFERENCE = re.compile(r"""url\(\s*["']?#([\w.-]{1,128})""")
_ONCE = ("mask", "clip-path")
# The children of an element inherit these from it.
_INHERITED = ("fill", "stroke")
_MARKERS = ("marker-start", "marker-mid", "marker-end")
_REPEATED = frozenset({"mask", "clipPath", "pattern", "marker"})


class TooMuch(Exception):  # noqa: N818 - what is said of the drawing, not of us
    """A drawing of parts that refer to parts, more of them than a browser can draw, or to themselves."""


def require_little(root: Element) -> None:
    """Pass for a drawing that a browser draws soon. Raises TooMuch."""
    parts: dict[str, Element] = {}
    for element in root.iter(etree.Element):
        parts.setdefault(element.get("id", ""), element)
    _Count(parts).of(root, 0)


class _Count:
    """Count what is drawn; the count of a part that is referred to is made once."""

    def __init__(self, parts: Mapping[str, Element]) -> None:
        self._parts = parts
        self._known: dict[str, int] = {}

    def of(self, part: Element, level: int) -> int:
        """Return how many shapes a part draws. Raises TooMuch."""
        if level > _DEEPEST:
            raise TooMuch("its parts refer to one another too often")
        count = 0
        for element in part.iter(etree.Element):
            count += 1 + sum(times * self._named(name, level) for name, times in self._references(element))
            if count > MOST_DRAWN:
                raise TooMuch("its parts refer to one another too often")
        return count

    def _named(self, name: str, level: int) -> int:
        if name not in self._known:
            self._known[name] = self.of(self._parts[name], level + 1)
        return self._known[name]

    def _references(self, element: Element) -> Iterator[tuple[str, int]]:
        """Yield the parts that an element has drawn, and how often."""
        used = element.get("href", "").removeprefix("#")
        if str(element.tag).endswith("}use") and used in self._parts:
            yield used, 1
        for attribute in (*_ONCE, *_INHERITED, *_MARKERS):
            for name in _REFERENCE.findall(element.get(attribute, "")):
                if name in self._parts and str(self._parts[name].tag).rpartition("}")[2] in _REPEATED:
                    yield name, _times(element, attribute)


def _times(element: Element, attribute: str) -> int:
    if attribute in _ONCE:
        return 1
    within = list(element.iter(etree.Element))
    if attribute in _INHERITED:
        return len(within)
    return len(within) + sum(len(shape.get("d", "")) + len(shape.get("points", "")) for shape in within) // _CORNER
