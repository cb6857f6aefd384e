"""What must a page itself know of a look? Which picture stands above its heading, and in which order its providers are."""

from collections.abc import Mapping

from poolkeeper.branding.looks import Look, ordered
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.parts import ProviderButton
from poolkeeper.pages.managed_login.views import View

# A page that names a medium has the picture of that medium (EMAIL_GRAPHIC, SMS_GRAPHIC).
_GRAPHICS: Mapping[type[View], str] = {
    views.Password: "PASSWORD_GRAPHIC",
    views.NewPassword: "PASSWORD_GRAPHIC",
    views.Forgot: "PASSWORD_GRAPHIC",
    views.Reset: "PASSWORD_GRAPHIC",
    views.AppCode: "AUTH_APP_GRAPHIC",
    views.SetUpApp: "AUTH_APP_GRAPHIC",
    views.PasskeyPrompt: "PASSKEY_GRAPHIC",
    views.OfferPasskey: "PASSKEY_GRAPHIC",
    views.AwaitLink: "EMAIL_GRAPHIC",
}


def graphic_of(view: View) -> str:
    """Return the category of the picture above the heading of a page, empty where there is none."""
    medium = getattr(view, "medium", None)
    return _GRAPHICS.get(type(view), "") if medium is None else f"{medium.value}_GRAPHIC"


def in_order(look: Look, buttons: tuple[ProviderButton, ...]) -> tuple[ProviderButton, ...]:
    """Return the buttons of providers in the order of a style."""
    by_name = {button.name: button for button in buttons}
    return tuple(by_name[name] for name in ordered(look, by_name))
