"""Can it be read? The contrast of a style's colours, pair by pair, by WCAG 2.2 (1.4.3 and 1.4.11, levels AA)."""

from collections.abc import Iterator
from dataclasses import dataclass

from poolkeeper.branding.documents import Document, at

TEXT, EDGE = 4.5, 3.0
LIGHT, DARK = "lightMode", "darkMode"

_Path = tuple[str, ...]
_FORM: _Path = ("components", "form", "*", "backgroundColor")
_PAGE: _Path = ("components", "pageBackground", "*", "color")
_PRIMARY: _Path = ("components", "primaryButton", "*")
_SECONDARY: _Path = ("components", "secondaryButton", "*")
_IDP: _Path = ("components", "idpButton", "standard", "*")
_INPUT: _Path = ("componentClasses", "input", "*")
_STATUS: _Path = ("componentClasses", "statusIndicator", "*")

# The colour in front, the colour behind it, and their least contrast; `*` is the mode. `disabled` buttons need no contrast.
_PAIRS: tuple[tuple[_Path, _Path, float], ...] = (
    (("components", "pageText", "*", "headingColor"), _FORM, TEXT),
    (("components", "pageText", "*", "bodyColor"), _FORM, TEXT),
    (("components", "pageText", "*", "descriptionColor"), _FORM, TEXT),
    (("componentClasses", "inputLabel", "*", "textColor"), _FORM, TEXT),
    (("componentClasses", "inputDescription", "*", "textColor"), _FORM, TEXT),
    (("componentClasses", "link", "*", "defaults", "textColor"), _FORM, TEXT),
    (("componentClasses", "link", "*", "hover", "textColor"), _FORM, TEXT),
    (("components", "pageText", "*", "headingColor"), (*_INPUT, "defaults", "backgroundColor"), TEXT),
    ((*_INPUT, "placeholderColor"), (*_INPUT, "defaults", "backgroundColor"), TEXT),
    ((*_INPUT, "defaults", "borderColor"), _FORM, EDGE),
    (("componentClasses", "focusState", "*", "borderColor"), _FORM, EDGE),
    (("componentClasses", "optionControls", "*", "defaults", "borderColor"), _FORM, EDGE),
    ((*_STATUS, "error", "indicatorColor"), _FORM, TEXT),
    ((*_STATUS, "success", "indicatorColor"), _FORM, TEXT),
    (("components", "pageText", "*", "headingColor"), ("components", "alert", "*", "error", "backgroundColor"), TEXT),
    (("components", "pageText", "*", "bodyColor"), _PAGE, TEXT),
    *(
        ((*button, state, "textColor"), (*button, state, "backgroundColor"), TEXT)
        for button in (_PRIMARY, _SECONDARY, _IDP)
        for state in ("defaults", "hover", "active")
    ),
)
_MODES = {"LIGHT": (LIGHT,), "DARK": (DARK,), "DYNAMIC": (LIGHT, DARK)}


@dataclass(frozen=True, slots=True)
class Faint:
    """Two colours of a style that differ too little: the member that is hard to see, and the member behind it."""

    seen: str
    on: str
    ratio: float
    least: float

    def __str__(self) -> str:
        return f"{self.seen} on {self.on} has a contrast of {self.ratio:.1f}:1 (AA asks for {self.least:g}:1)"


def faint(document: Document) -> Iterator[Faint]:
    """Yield the pairs of a complete document that differ too little, in the modes that its pages show."""
    for mode in _MODES.get(at(document, "categories", "global", "colorSchemeMode"), (LIGHT,)):
        for seen, on, least in _PAIRS:
            color, ground = (tuple(mode if part == "*" else part for part in path) for path in (seen, on))
            colors = at(document, *color), at(document, *ground)
            if isinstance(colors[0], str) and isinstance(colors[1], str):
                ratio = contrast(colors[0], colors[1])
                if ratio < least:
                    yield Faint(".".join(color), ".".join(ground), ratio, least)


def contrast(color: str, ground: str) -> float:
    """Return the contrast of two colours of eight digits; white shines through the ground, the ground through the colour."""
    below = _over(_channels(ground), (1.0, 1.0, 1.0))
    lighter, darker = sorted((_luminance(_over(_channels(color), below)), _luminance(below)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(color: str) -> tuple[float, float, float, float]:
    red, green, blue, opacity = (int(color[start : start + 2], 16) / 255 for start in (0, 2, 4, 6))
    return red, green, blue, opacity


def _over(above: tuple[float, float, float, float], below: tuple[float, float, float]) -> tuple[float, float, float]:
    opacity = above[3]
    red, green, blue = (shade * opacity + under * (1 - opacity) for shade, under in zip(above[:3], below, strict=True))
    return red, green, blue


def _luminance(color: tuple[float, float, float]) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
