"""What does a document of settings become? A sheet of the custom properties that the pages are made of, and little more.

Only what a document sets itself is written: the rest is in tokens.css, which holds Cognito's default document. Of the
document's texts only checked colours and numbers reach the sheet.
"""

from collections.abc import Callable, Iterator, Mapping

from poolkeeper.branding.colors import DARK, LIGHT
from poolkeeper.branding.documents import Document, at

_Path = tuple[str, ...]


def _states(prefix: str, path: _Path, *, edged: bool = True) -> Iterator[tuple[str, _Path]]:
    """Yield the properties of a kind of button; a property of `defaults` has no state in its name."""
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
    # An error is shown in the alert, so the alert's own colours come last.
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
# The steps of space of tokens.css, in rem: COMPACT takes a quarter from each.
_SPACES = {1: 0.25, 2: 0.5, 3: 0.75, 4: 1.0, 5: 1.25, 6: 1.5, 8: 2.0, 12: 3.0, 16: 4.0}
_IN_DARK = "(prefers-color-scheme: dark)"
# A picture's property -> the light address, the dark one.
Pictures = Mapping[str, tuple[str, str]]


def sheet_of(document: Document, *, pictures: Pictures, custom: Mapping[str, str]) -> str:
    """Return the sheet of a document; `pictures` are addresses of backgrounds, `custom` the class of each provider's button.

    It has the modes that `colorSchemeMode` shows: both, where it is DYNAMIC.
    """
    scheme = at(document, "categories", "global", "colorSchemeMode") or "LIGHT"
    shared = _shared(document)
    light = _block([*_of_mode(document, LIGHT), *_pictures(pictures, 0)]) + _buttons(document, custom, LIGHT)
    dark = _block([*_of_mode(document, DARK), *_pictures(pictures, 1)]) + _buttons(document, custom, DARK)
    if scheme == "LIGHT":
        return _block(shared) + light
    if scheme == "DARK":
        return _block(shared) + dark
    # What a document sets for one mode alone must leave the other mode's colours in tokens-dark.css as they are.
    return _block(shared) + _when("not all and (prefers-color-scheme: dark)", light) + _when(_IN_DARK, dark)


def _when(query: str, rules: str) -> str:
    return f"@media {query} {{\n{rules}}}\n" if rules else ""


def _block(lines: list[str]) -> str:
    # Our own sheets use `:root`: a style must count for more than they do, whatever is linked after it.
    return ":root:root { " + "; ".join(lines) + " }\n" if lines else ""


def _color(value: object) -> str:
    return (
        f"#{value}".lower().removesuffix("ff")
        if len(str(value)) == 8 and str(value).lower().endswith("ff")
        else f"#{value}"
    )


def _properties(
    document: Document, table: tuple[tuple[str, _Path], ...], mode: str, write: Callable[[object], str]
) -> dict[str, str]:
    properties = {}
    for name, path in table:
        value = at(document, *(mode if part == "*" else part for part in path))
        if value is not None:
            properties[name] = write(value)
    return properties


def _shared(document: Document) -> list[str]:
    properties = _properties(document, _LENGTHS, "", lambda value: f"{float(str(value)):g}px")
    properties |= _properties(document, _PLACES, "", lambda value: _SIDES[str(value)])
    if at(document, "categories", "global", "spacingDensity") == "COMPACT":
        properties |= {f"--pk-{step}": f"{rem * 0.75:g}rem" for step, rem in _SPACES.items()}
    return [f"{name}: {value}" for name, value in properties.items()]


def _of_mode(document: Document, mode: str) -> list[str]:
    properties = _properties(document, _COLORS, mode, _color)
    if "--ml-page" in properties or at(document, "components", "pageBackground", "image", "enabled") is False:
        properties["--ml-page-image"] = "none"  # ours is made for our own colour
    return [f"{name}: {value}" for name, value in properties.items()]


def _pictures(pictures: Pictures, mode_number: int) -> list[str]:
    shown = ((name, addresses[mode_number] or addresses[0]) for name, addresses in pictures.items())
    return [f'{name}: url("{address}")' for name, address in shown if address]


def _buttons(document: Document, custom: Mapping[str, str], mode: str) -> str:
    rules = []
    for name, class_ in custom.items():
        settings = at(document, "components", "idpButton", "custom", name)
        properties = _properties(settings or {}, tuple(_states("--ml-idp", ("*",))), mode, _color)
        if properties:
            rules.append(
                f".{class_} {{ "
                + "; ".join(f"{property_}: {value}" for property_, value in properties.items())
                + " }\n"
            )
    return "".join(rules)
