"""How is a setting shown to people? As text, and secrets not at all."""

from poolkeeper.secret import Secret
from poolkeeper.settings.fields import Settings


def shown(settings: Settings, name: str) -> str:
    """Return one value as text for people, secrets hidden."""
    value = getattr(settings, name)
    if isinstance(value, Secret):
        return "(hidden)" if value else ""
    if name == "database":
        return without_password(value)
    if name in {"backchannel_logout", "brokers", "functions", "log_delivery", "senders", "verifiers"}:
        return str(len(value)) if value else ""
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def without_password(database: str) -> str:
    """Return the address of a database as it may be shown."""
    scheme, separator, rest = database.partition("://")
    user, at, hosts = rest.rpartition("@")
    shown_query = hosts.partition("?")[0]
    secret = "password" in hosts.partition("?")[2]
    name, colon, _ = user.partition(":")
    hidden = "(hidden)" if colon else ""
    return f"{scheme}{separator}{name}{colon}{hidden}{at}{shown_query if secret else hosts}"
