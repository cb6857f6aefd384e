"""What may guests of identity pools do at the most? AWS narrows their sessions to a list of services, whatever their role says.

The list is guest_policy.json beside this file (identity-security.md 1.4); the setting `guest_policy` puts another in its place.
"""

from importlib.resources import files
from pathlib import Path

from poolkeeper.policy import Kind, MalformedPolicy, Policy, parse
from poolkeeper.settings import Settings, SettingsError


def load(settings: Settings) -> Policy | None:
    """Return the policy that narrows guests, None where nothing does; raises SettingsError for a file that is no policy."""
    if settings.guest_policy == "none":
        return None
    try:
        if settings.guest_policy == "default":
            text = (files("poolkeeper.rights") / "guest_policy.json").read_text(encoding="utf-8")
        else:
            text = Path(settings.guest_policy).read_text(encoding="utf-8")
        return parse(text, Kind.SESSION, name="guest_policy")
    except (OSError, UnicodeDecodeError, MalformedPolicy) as fault:
        raise SettingsError(f"guest_policy: {settings.guest_policy} is no policy: {fault}") from None
