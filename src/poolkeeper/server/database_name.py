"""What is a database called where people read it? Its kind and place, and never its password."""

from urllib.parse import unquote, urlsplit

from poolkeeper.settings import Settings


def database_name(settings: Settings) -> str:
    """Return the kind and place of the database, without a password."""
    if not settings.on_postgres:
        return f"SQLite {settings.sqlite_file}"
    address = urlsplit(settings.database)
    return f"PostgreSQL {address.netloc.rpartition('@')[2] or 'localhost'}{address.path}"


def without_secret(text: str, database: str) -> str:
    """Leave the password of a database's address out of what a library says of it."""
    password = database.partition("://")[2].rpartition("@")[0].partition(":")[2]
    for secret in {password, unquote(password)} - {""}:
        text = text.replace(secret, "(hidden)")
    return text
