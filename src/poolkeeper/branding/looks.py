"""How does a page look? All that its template needs, made of the settings and assets that the caller passes in.

Nothing is read from storage here: a saved style and one that is only tried out look the same.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from poolkeeper.branding import classic_css, images, sheets
from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.branding.documents import Document, at, merged

LIGHT, DARK, DYNAMIC = "LIGHT", "DARK", "DYNAMIC"
FOR_ALL = "ALL"
_FILE_TYPES = {"css": "text/css", **{kind.lower(): type_ for kind, type_ in images.TYPES.items()}}
# property of the sheet -> the asset of a background, and the switch that shows it
_BACKGROUNDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "--ml-page-image": ("PAGE_BACKGROUND", ("components", "pageBackground", "image", "enabled")),
    "--ml-form-image": ("FORM_BACKGROUND", ("components", "form", "backgroundImage", "enabled")),
    "--ml-header-image": ("PAGE_HEADER_BACKGROUND", ("components", "pageHeader", "backgroundImage", "enabled")),
    "--ml-footer-image": ("PAGE_FOOTER_BACKGROUND", ("components", "pageFooter", "backgroundImage", "enabled")),
}
_GRAPHICS = ("EMAIL_GRAPHIC", "SMS_GRAPHIC", "AUTH_APP_GRAPHIC", "PASSWORD_GRAPHIC", "PASSKEY_GRAPHIC")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One picture of a style. `digest` names its content as it is served; `resource_id` is empty where none was given."""

    category: str
    color_mode: str
    extension: str
    digest: str
    resource_id: str = ""

    @property
    def file(self) -> str:
        return f"{self.digest}.{self.extension.lower()}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a page shows it: its address, and the one in the dark where that is another (DYNAMIC)."""

    address: str
    in_dark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What stands above or below the frame of a page."""

    logo: Shown | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the pages of one app client look. `sheet` is empty where the plain look is enough; `sheet_file` is its name.

    `base` is the path under which the files of the look are served. `providers_last`: the way in by name stands above the
    providers. `asks_domain`: the user's address chooses the provider, not a button. `marks`: a provider has its letter, or
    one of the `icons`, before its name; `icons` and `button_classes` are by provider. `files` are the pictures that stood in
    the sheet, by name. `unstyled`: AWS would have no page here.
    """

    scheme: str = DYNAMIC
    classic: bool = False
    base: str = ""
    sheet: str = field(default="", repr=False)
    sheet_file: str = ""
    logo: Shown | None = None
    logo_outside: bool = False
    header: Bar | None = None
    footer: Bar | None = None
    favicons: tuple[tuple[str, str], ...] = ()
    graphics: Mapping[str, Shown] = field(default_factory=dict)
    providers_last: bool = False
    asks_domain: bool = False
    provider_order: tuple[str, ...] = ()
    marks: bool = True
    icons: Mapping[str, Shown] = field(default_factory=dict)
    button_classes: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    unstyled: bool = False


PLAIN = Look()


def digest_of(content: bytes) -> str:
    """Return the name of a content in an address."""
    return hashlib.sha256(content).hexdigest()[:32]


def type_of_file(name: str) -> str | None:
    """Return the media type of a file by its name, None for a name that is not ours."""
    digest, _, ending = name.partition(".")
    return _FILE_TYPES.get(ending) if re.fullmatch(r"[0-9a-f]{32}", digest) else None


def managed(settings: Document | None, assets: Sequence[Asset], *, base: str) -> Look:
    """Return the look of a managed login style; `settings` are None where Cognito's own values are chosen."""
    own = settings or {}
    document = merged(DEFAULTS, own)
    scheme = at(document, "categories", "global", "colorSchemeMode")
    shelf = _Shelf(assets, scheme=scheme, base=base)
    custom = {name: f"idp-{number}" for number, name in enumerate(at(document, "components", "idpButton", "custom"))}
    pictures = {
        name: shelf.both(category) for name, (category, switch) in _BACKGROUNDS.items() if at(document, *switch)
    }
    form_logo = at(document, "components", "form", "logo")
    sheet = sheets.sheet_of(own, pictures=pictures, custom=custom)
    return Look(
        scheme=scheme,
        base=base,
        sheet=sheet,
        sheet_file=_sheet_file(sheet),
        logo=shelf.shown("FORM_LOGO") if form_logo["enabled"] else None,
        logo_outside=form_logo["formInclusion"] == "OUT",
        header=_bar(document, shelf, "pageHeader", "PAGE_HEADER_LOGO"),
        footer=_bar(document, shelf, "pageFooter", "PAGE_FOOTER_LOGO"),
        favicons=shelf.favicons(at(document, "components", "favicon", "enabledTypes")),
        graphics=shelf.graphics() if at(document, "categories", "form", "displayGraphics") else {},
        providers_last=_providers_last(at(document, "categories", "auth", "authMethodOrder")),
        asks_domain=at(document, "categories", "auth", "federation", "interfaceStyle") != "BUTTON_LIST",
        provider_order=tuple(
            name for name in at(document, "categories", "auth", "federation", "order") if name == str(name)
        ),
        marks=at(document, "componentClasses", "idpButtons", "icons", "enabled"),
        icons=shelf.icons(),
        button_classes=custom,
    )


def classic(css: str | None, logo: Asset | None, *, base: str) -> Look:
    """Return the look of a classic customisation: light, since whoever wrote its colours saw a light page.

    Raises BadCss where its CSS was accepted once and would not be now.
    """
    files: dict[str, bytes] = {}

    def keep(content: bytes) -> str:
        name = f"{digest_of(content)}.{_kind_of(content).lower()}"
        files[name] = content
        return f"{base}/{name}"

    sheet = classic_css.cleaned(css, keep).css if css else ""
    return Look(
        scheme=LIGHT,
        classic=True,
        base=base,
        sheet=sheet,
        sheet_file=_sheet_file(sheet),
        logo=None if logo is None else Shown(f"{base}/{logo.file}"),
        files=files,
    )


def ordered(look: Look, names: Iterable[str]) -> list[str]:
    """Return names of providers in the order that a look gives them; those that it does not name come after."""
    position = {name: number for number, name in enumerate(look.provider_order)}
    return sorted(names, key=lambda name: position.get(name, len(position)))


def without_style(look: Look) -> Look:
    """Return a look of pages that have no style of managed login, where Cognito has no page at all."""
    return replace(look, unstyled=True)


def _sheet_file(sheet: str) -> str:
    return f"{digest_of(sheet.encode())}.css" if sheet else ""


def _kind_of(content: bytes) -> str:
    try:
        return images.look_at(content).kind
    except images.BadImage as fault:
        raise classic_css.BadCss(f"The CSS holds a picture that is not allowed: {fault}.") from None


def _bar(document: Document, shelf: "_Shelf", component: str, logo: str) -> Bar | None:
    if not at(document, "categories", "global", component, "enabled"):
        return None
    return Bar(logo=shelf.shown(logo) if at(document, "components", component, "logo", "enabled") else None)


def _providers_last(order: object) -> bool:
    """Say whether the first way to sign in that a list of lists names is not the providers'."""
    groups = order if isinstance(order, list) else []
    ways = [way for group in groups if isinstance(group, list) for way in group if isinstance(way, dict)]
    types = [way.get("type") for way in ways]
    return "FEDERATED" in types and types.index("FEDERATED") > 0


class _Shelf:
    """The assets of a style, by category and colour mode; of one category and mode the last one counts."""

    def __init__(self, assets: Sequence[Asset], *, scheme: str, base: str) -> None:
        self._scheme, self._base = scheme, base
        self._assets = assets

    def both(self, category: str, resource_id: str | None = None) -> tuple[str, str]:
        """Return the addresses in light and in dark of a category, as far as the scheme shows them; empty where none is."""
        addresses = {
            asset.color_mode: f"{self._base}/{asset.file}"
            for asset in self._assets
            if asset.category == category and resource_id in {None, asset.resource_id}
        }
        light = addresses.get(LIGHT) or addresses.get(DYNAMIC) or ""
        dark = addresses.get(DARK) or addresses.get(DYNAMIC) or ""
        if self._scheme == LIGHT:
            return light, ""
        if self._scheme == DARK:
            return "", dark
        return light or dark, dark if light and dark != light else ""

    def shown(self, category: str, resource_id: str | None = None) -> Shown | None:
        light, dark = self.both(category, resource_id)
        if light:
            return Shown(light, dark)
        return Shown(dark) if dark else None

    def favicons(self, kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
        pictures = [(kind, self.shown(f"FAVICON_{kind}")) for kind in ("ICO", "SVG") if kind in kinds]
        return tuple((images.TYPES[kind], picture.address) for kind, picture in pictures if picture is not None)

    def graphics(self) -> Mapping[str, Shown]:
        return {name: picture for name in _GRAPHICS if (picture := self.shown(name)) is not None}

    def icons(self) -> Mapping[str, Shown]:
        # UNVERIFIED: that ResourceId names the provider of an icon; the console's own request for one would settle it.
        names = {
            asset.resource_id for asset in self._assets if asset.category == "IDP_BUTTON_ICON" and asset.resource_id
        }
        return {name: picture for name in sorted(names) if (picture := self.shown("IDP_BUTTON_ICON", name)) is not None}
