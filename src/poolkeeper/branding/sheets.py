"""What does a document of settings become? A sheet of the custom properties that the pages are made of, and little more.

Only what a document says itself is written: the rest is in tokens.css, which holds Cognito's default document. No text of the
document reaches the sheet but checked colours and numbers.
"""

from collections.abc import Callable, Iterator, Mapping

from poolkeeper.branding.colors import DARK, LIGHT
from poolkeeper.branding.documents import Document, at

_Path = tuple[str, ...]


def _states(prefix: str, path: _Path, *, edged: bool = True) -> Iterator[tuple[str, _Path]]:
    """Yield the properties of a kind of button; those of `defaults` have no state in their names."""
    for state, word in (("defaults", ""), ("hover", "-hover"), ("active", "-active")):
        yield f"{prefix}{word}", (*path, state, "backgroundColor")
        yield f"{prefix}{word}-ink", (*path, state, "textColor")
        if edged:
            yield f"{prefix}{word}-edge", (*path, state, "borderColor")


# property -> the member whose colour it is; `*` is the mode
_COLORS: tuple[tuple[str, _Path], ...] = (
    ("--ml-page", ("components", "pageBackground", "*", "color")),
    ("--ml-form", ("components", "form", "*", "backgroundColor")),
    ("--ml-form-edge", ("components", "form", "*", "borderColor")),
    ("--ml-heading", ("components", "pageText", "*", "headingColor")),
    ("--ml-body", ("components", "pageText", "*", "bodyColor")),
    ("--ml-description", ("components", "pageText", "*", "descriptionColor")),
    ("--ml-label", ("componentClasses", "inputLabel", "*", "textColor")),
    ("--ml-hint", ("componentClasses", "inputDescription", "*", "textColor")),
    ("--ml-input", ("componentClasses", "input", "*", "defaults", "backgroundColor")),
    ("--ml-input-edge", ("componentClasses", "input", "*", "defaults", "borderColor")),
    ("--ml-placeholder", ("componentClasses", "input", "*", "placeholderColor")),
    ("--ml-focus", ("componentClasses", "focusState", "*", "borderColor")),
    ("--ml-link", ("componentClasses", "link", "*", "defaults", "textColor")),
    ("--ml-link-hover", ("componentClasses", "link", "*", "hover", "textColor")),
    ("--ml-divider", ("componentClasses", "divider", "*", "borderColor")),
    *_states("--ml-primary", ("components", "primaryButton", "*"), edged=False),
    *_states("--ml-secondary", ("components", "secondaryButton", "*")),
    *_states("--ml-idp", ("components", "idpButton", "standard", "*")),
    ("--ml-option", ("componentClasses", "optionControls", "*", "defaults", "backgroundColor")),
    ("--ml-option-edge", ("componentClasses", "optionControls", "*", "defaults", "borderColor")),
    ("--ml-option-on", ("componentClasses", "optionControls", "*", "selected", "backgroundColor")),
    ("--ml-option-on-ink", ("componentClasses", "optionControls", "*", "selected", "foregroundColor")),
    ("--ml-error", ("componentClasses", "statusIndicator", "*", "error", "indicatorColor")),
    ("--ml-error-soft", ("componentClasses", "statusIndicator", "*", "error", "backgroundColor")),
    ("--ml-error-edge", ("componentClasses", "statusIndicator", "*", "error", "borderColor")),
    ("--ml-success", ("componentClasses", "statusIndicator", "*", "success", "indicatorColor")),
    ("--ml-success-soft", ("componentClasses", "statusIndicator", "*", "success", "backgroundColor")),
    ("--ml-success-edge", ("componentClasses", "statusIndicator", "*", "success", "borderColor")),
    ("--ml-warning", ("componentClasses", "statusIndicator", "*", "warning", "indicatorColor")),
    ("--ml-warning-soft", ("componentClasses", "statusIndicator", "*", "warning", "backgroundColor")),
    ("--ml-warning-edge", ("componentClasses", "statusIndicator", "*", "warning", "borderColor")),
    # The alert is what an error is shown in, so what is said of it alone comes last.
    ("--ml-error-soft", ("components", "alert", "*", "error", "backgroundColor")),
    ("--ml-error-edge", ("components", "alert", "*", "error", "borderColor")),
    ("--ml-header", ("components", "pageHeader", "*", "background", "color")),
    ("--ml-header-edge", ("components", "pageHeader", "*", "borderColor")),
    ("--ml-footer", ("components", "pageFooter", "*", "background", "color")),
    ("--ml-footer-edge", ("components", "pageFooter", "*", "borderColor")),
)
_LENGTHS: tuple[tuple[str, _Path], ...] = (
    ("--ml-form-radius", ("components", "form", "borderRadius")),
    ("--ml-input-radius", ("componentClasses", "input", "borderRadius")),
    ("--ml-button-radius", ("componentClasses", "buttons", "borderRadius")),
    ("--ml-alert-radius", ("components", "alert", "borderRadius")),
)
_SIDES = {"START": "start", "CENTER": "center", "END": "end"}
_PLACES: tuple[tuple[str, _Path], ...] = (
    ("--ml-form-x", ("categories", "form", "location", "horizontal")),
    ("--ml-form-y", ("categories", "form", "location", "vertical")),
    ("--ml-logo-x", ("components", "form", "logo", "location")),
    ("--ml-header-x", ("components", "pageHeader", "logo", "location")),
    ("--ml-footer-x", ("components", "pageFooter", "logo", "location")),
)
# What COMPACT takes a quarter from: the steps of space of tokens.css, in rem.
_SPACES = {1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0, 5: 1.25, 6: 1.5, 8: 2.0, 12: 3.0, 16: 4.0}
_IN_DARK = "(prefers-color-scheme: dark)"
# A picture's property -> the light address, the dark one.
Pictures = Mapping[str, tuple[str, str]]


def sheet_of(document: Document, *, pictures: Pictures, custom: Mapping[str, str]) -> str:
    """Return the sheet of a document; `pictures` are addresses of backgrounds, `custom` the class of each provider's button.

    Of the two modes those are written that `colorSchemeMode` shows: both, where it is DYNAMIC.
    """
    scheme = at(document, "categories", "global", "colorSchemeMode") or "LIGHT"
    shared = _shared(document)
    light = _block([*_of_mode(document, LIGHT), *_pictures(pictures, 0)]) + _buttons(document, custom, LIGHT)
    dark = _block([*_of_mode(document, DARK), *_pictures(pictures, 1)]) + _buttons(document, custom, DARK)
    if scheme == "LIGHT":
        return _block(shared) + light
    if scheme == "DARK":
        return _block(shared) + dark
    # What a document says of one mode alone must leave the other one's colours in tokens-dark.css as they are.
    return _block(shared) + _when("not all and (prefers-color-scheme: dark)", light) + _when(_IN_DARK, dark)


def _when(query: str, rules: str) -> str:
    return f"@media {query} {{\n{rules}}}\n" if rules else ""


def _block(lines: list[str]) -> str:
    # Our own sheets say `:root`: what a style says must count for more, whatever is linked after it.
    return ":root:root { " + "; ".join(lines) + " }\n" if lines else ""


def _color(value: object) -> str:
    return (
        f"#{value}".lower().removesuffix("ff")
        if len(str(value)) == 8 and str(value).lower().endswith("ff")
        else f"#{value}"
    )


def _found(
    document: Document, table: tuple[tuple[str, _Path], ...], mode: str, write: Callable[[object], str]
) -> dict[str, str]:
    found = {}
    for name, path in table:
        value = at(document, *(mode if part == "*" else part for part in path))
        if value is not None:
            found[name] = write(value)
    return found


def _shared(document: Document) -> list[str]:
    found = _found(document, _LENGTHS, "", lambda value: f"{float(str(value)):g}px")
    found |= _found(document, _PLACES, "", lambda value: _SIDES[str(value)])
    if at(document, "categories", "global", "spacingDensity") == "COMPACT":
        found |= {f"--pk-{step}": f"{rem * 0.75:g}rem" for step, rem in _SPACES.items()}
    return [f"{name}: {value}" for name, value in found.items()]


def _of_mode(document: Document, mode: str) -> list[str]:
    found = _found(document, _COLORS, mode, _color)
    if "--ml-page" in found or at(document, "components", "pageBackground", "image", "enabled") is False:
        found["--ml-page-image"] = "none"  # ours is made for our own colour
    return [f"{name}: {value}" for name, value in found.items()]


def _pictures(pictures: Pictures, which: int) -> list[str]:
    shown = ((name, addresses[which] or addresses[0]) for name, addresses in pictures.items())
    return [f'{name}: url("{address}")' for name, address in shown if address]


def _buttons(document: Document, custom: Mapping[str, str], mode: str) -> str:
    rules = []
    for name, class_ in custom.items():
        said = at(document, "components", "idpButton", "custom", name)
        found = _found(said or {}, tuple(_states("--ml-idp", ("*",))), mode, _color)
        if found:
            rules.append(f".{class_} {{ " + "; ".join(f"{one}: {value}" for one, value in found.items()) + " }\n")
    return "".join(rules)
