"""How does a test dress an app client's pages? By a style with pictures, made, changed and described."""

from typing import Any

import pytest

from api.world import World
from hosted.places_of_tests import Estate, estate
from pages.pictures import SVG


@pytest.fixture
def at(world: World) -> Estate:
    """Make a pool whose domains show managed login."""
    made = estate(world)
    for domain, more in ((made.prefix, {}), (made.custom, {"CustomDomainConfig": _certificate()})):
        world.signed.update_user_pool_domain(UserPoolId=made.pool.pool_id, Domain=domain, ManagedLoginVersion=2, **more)
    return made


def _certificate() -> dict[str, str]:
    return {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/4c6f7665-6c61-4365-8000-000000000000"}


def create(at: Estate, **given: Any) -> dict[str, Any]:
    """Create the style of the app client, and return it."""
    known = {"UserPoolId": at.pool.pool_id, "ClientId": at.client.client_id, **given}
    made: dict[str, Any] = at.world.signed.create_managed_login_branding(**known)["ManagedLoginBranding"]
    return made


def described(at: Estate, branding_id: str, *, whole: bool = False) -> dict[str, Any]:
    """Return a style."""
    found = at.world.signed.describe_managed_login_branding(
        UserPoolId=at.pool.pool_id, ManagedLoginBrandingId=branding_id, ReturnMergedResources=whole
    )
    style: dict[str, Any] = found["ManagedLoginBranding"]
    return style


def update(at: Estate, branding_id: str, **given: Any) -> dict[str, Any]:
    """Change a style, and return it."""
    known = {"UserPoolId": at.pool.pool_id, "ManagedLoginBrandingId": branding_id, **given}
    changed: dict[str, Any] = at.world.signed.update_managed_login_branding(**known)["ManagedLoginBranding"]
    return changed


def asset(category: str = "FORM_LOGO", content: bytes = SVG, mode: str = "LIGHT", **more: str) -> dict[str, Any]:
    """Return an asset as a request gives it."""
    extension = more.pop("Extension", "SVG" if content.startswith(b"<svg") else "PNG")
    return {"Category": category, "ColorMode": mode, "Extension": extension, "Bytes": content, **more}
