"""What can an operator set? Every setting, its default and one sentence on it; where each value came from.

A flag of `poolkeeper serve` beats the environment (`POOLKEEPER_<NAME>`), which beats `poolkeeper.toml`, which beats the
default. docs/settings.md is generated from this file.
"""

import dataclasses
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_type_hints

from poolkeeper.function_settings import FunctionSetting, impossible, read_functions
from poolkeeper.secret import Secret

PREFIX = "POOLKEEPER_"


class SettingsError(Exception):
    """A setting that cannot be used. The message names it, what is wrong and what would be right."""


def _setting(default: Any, help_text: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, decided once at start and handed to whoever needs it."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(7665, "Port to listen on.")
    tls_port: int = _setting(0, "Port for TLS with the development certificate; 0: none, or port + 1 with --dev.")
    data: Path = _setting(
        Path("data"), "Folder for the SQLite file, the sealing keys and the development certificates."
    )
    database: str = _setting("", "postgresql://... ; empty: the SQLite file in the data folder.")
    workers: int = _setting(1, "Processes that answer requests; more than one needs PostgreSQL.")
    base_url: str = _setting("", "Public address, which fixes the issuer and links; empty: http://localhost:<port>.")
    former_base_urls: tuple[str, ...] = _setting((), "Earlier public addresses whose tokens are still accepted.")
    config: Path | None = _setting(None, "Configuration file; default: poolkeeper.toml in the data folder.")
    dev: bool = _setting(False, "Development mode: messages are kept in an inbox, TLS with a certificate of our own.")
    dev_anywhere: bool = _setting(False, "Let development mode listen on an address that is not loopback.")
    debug: bool = _setting(False, "Show tracebacks.")

    account_id: str = _setting("000000000000", "The twelve digits of the account in ARNs.")
    region: str = _setting("us-east-1", "Region of what is made without a signed request.")
    issuer: str = _setting("own", "Issuer of tokens: own (<base url>/<pool id>) or aws (https://cognito-idp...).")

    root_access_key_id: str = _setting("", "Id of the first access key; empty: one is made at first start.")
    root_secret_access_key: Secret = _setting(Secret(""), "Secret of the first access key.")
    sealing_key_file: Path | None = _setting(
        None, "File of sealing keys, mode 600; default: sealing.keys in the data folder."
    )

    password_hash_memory: int = _setting(19_456, "Memory of one Argon2id password hash, in KiB.")
    password_hash_passes: int = _setting(2, "Passes over that memory.")
    heavy_threads: int = _setting(
        0, "Threads for password hashes and SRP in each process; 0: cores / workers, at least 1."
    )
    heavy_queue: int = _setting(
        64, "Password hashes and SRP proofs that may wait in each process before new ones are refused."
    )

    max_body: int = _setting(1_048_576, "Largest request body, in bytes.")
    max_connections_per_address: int = _setting(512, "Open connections from one client address in each process.")
    header_seconds: int = _setting(5, "Seconds in which the head of a request must arrive.")
    body_seconds: int = _setting(10, "Seconds in which the body of a request must arrive.")
    idle_seconds: int = _setting(60, "Seconds for which a connection may be kept open without a request.")
    sms_per_number_per_hour: int = _setting(20, "Text messages of one pool to one number in an hour; 0: no limit.")
    sms_per_pool_per_hour: int = _setting(0, "Text messages of one pool in an hour; 0: no limit.")
    sms_prefixes: tuple[str, ...] = _setting(
        (), "Beginnings (+49,+43) of the numbers that get text messages; empty: all."
    )
    sign_ups_per_minute: int = _setting(0, "SignUp calls of public clients from one address in a minute; 0: no limit.")
    trusted_proxies: tuple[str, ...] = _setting((), "Addresses of proxies whose X-Forwarded-For is believed.")

    mfa_notices: bool = _setting(
        True, "Mail users when their MFA is turned off, their app replaced or their address changed while MFA is on."
    )
    mfa_change_seconds: int = _setting(
        0,
        "Seconds since a sign-in with MFA in which its access token may change MFA and where its codes go; 0: always.",
    )

    smtp_host: str = _setting("", "Mail server; empty: no mail can be sent (with --dev: the inbox keeps it).")
    smtp_port: int = _setting(587, "Port of the mail server.")
    smtp_security: str = _setting("starttls", "starttls, tls or none.")
    smtp_user: str = _setting("", "User name at the mail server; empty: none.")
    smtp_password: Secret = _setting(Secret(""), "Password at the mail server.")
    mail_from: str = _setting("no-reply@localhost", "Sender of mail where the pool names none.")

    egress_allow: tuple[str, ...] = _setting(
        (), "Networks (10.1.0.0/16) that calls to the outside may reach although they are private."
    )

    functions: tuple[FunctionSetting, ...] = _setting(
        (), 'What the ARNs of triggers mean: tables [functions."<arn>"], in poolkeeper.toml alone (functions.md).'
    )
    local_functions: bool = _setting(False, "Let functions be programs on this machine outside development mode too.")
    function_calls_per_pool: int = _setting(
        16, "Calls of functions for one user pool in each process, under way or waiting, before new ones are refused."
    )

    log_format: str = _setting("auto", "json, text, or auto: text on a terminal, else json.")
    metrics_host: str = _setting("127.0.0.1", "Address on which GET /metrics is answered, in clear and to anybody.")
    metrics_port: int = _setting(0, "Port on which GET /metrics is answered, and nothing else (metrics.md); 0: none.")

    @property
    def issuer_base(self) -> str:
        """The public address without a slash at the end."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def sealing_keys(self) -> Path:
        return self.sealing_key_file or self.data / "sealing.keys"

    @property
    def sqlite_file(self) -> Path:
        return self.data / "poolkeeper.sqlite3"

    @property
    def on_postgres(self) -> bool:
        return self.database.startswith(("postgresql://", "postgres://"))

    @property
    def on_loopback(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def dev_tls_port(self) -> int:
        """The TLS port that is meant: in development the port plus 1 unless another is set; 0: none."""
        return self.tls_port or (self.port + 1 if self.dev else 0)


NAMES = tuple(field.name for field in dataclasses.fields(Settings))
HELP: Mapping[str, str] = {field.name: field.metadata["help"] for field in dataclasses.fields(Settings)}
TYPES: Mapping[str, Any] = get_type_hints(Settings)
DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in dataclasses.fields(Settings)}

_FILE_ALONE = ("functions",)
_CHOICES = {
    "issuer": ("own", "aws"),
    "smtp_security": ("starttls", "tls", "none"),
    "log_format": ("auto", "json", "text"),
}
_WORDS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}


def load(
    flags: Mapping[str, Any], environment: Mapping[str, str], *, working_folder: Path | None = None
) -> tuple[Settings, dict[str, str]]:
    """Put the settings together and say where each came from (`flag`, `environment`, a file's path, or `default`).

    `flags` without `dev` are those of a command that does not serve: it runs beside a server in either mode. Raises
    SettingsError for an unknown name in the file, a value of the wrong kind, or a combination that cannot work.
    """
    given: dict[str, tuple[Any, str]] = {}
    given |= {name: (environment[_variable(name)], "environment") for name in NAMES if _variable(name) in environment}
    given |= {name: (value, "flag") for name, value in flags.items() if value is not None}

    for name in _FILE_ALONE:
        if name in given:
            raise SettingsError(f"{name}: only poolkeeper.toml can say this, in tables")
    file = _config_file(given, working_folder or Path())
    if file is not None:
        given = _from_file(file) | given

    values = {name: _convert(name, value) for name, (value, _) in given.items()}
    settings = Settings(**values)
    _refuse_impossible(settings, serving="dev" in flags)
    return settings, {name: given[name][1] if name in given else "default" for name in NAMES}


def shown(settings: Settings, name: str) -> str:
    """Return one value as text for people, secrets hidden."""
    value = getattr(settings, name)
    if isinstance(value, Secret):
        return "(hidden)" if value else ""
    if name == "functions":
        return str(len(value)) if value else ""
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value)


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _config_file(given: Mapping[str, tuple[Any, str]], working_folder: Path) -> Path | None:
    if "config" in given:
        named = working_folder / str(given["config"][0])
        if not named.is_file():
            raise SettingsError(f"config: there is no file {named}")
        return named
    data = given["data"][0] if "data" in given else DEFAULTS["data"]
    usual = working_folder / str(data) / "poolkeeper.toml"
    return usual if usual.is_file() else None


def _from_file(file: Path) -> dict[str, tuple[Any, str]]:
    try:
        table = tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{file}: {fault}") from None
    for name in table:
        if name not in NAMES:
            raise SettingsError(f"{file}: there is no setting {name}")
    if "functions" in table:
        table["functions"] = _functions_from(file, table["functions"])
    return {name: (value, str(file)) for name, value in table.items()}


def _functions_from(file: Path, tables: Any) -> tuple[FunctionSetting, ...]:
    functions, faults = read_functions(tables, folder=file.parent.absolute())
    if faults:
        raise SettingsError("\n".join(f"{file}: {fault}" for fault in faults))
    return functions


def _convert(name: str, value: Any) -> Any:
    kind = TYPES[name]
    if isinstance(kind, UnionType):
        kind = next(member for member in get_args(kind) if member is not NoneType)
    try:
        converted = _CONVERTERS[kind](value)
    except (KeyError, TypeError, ValueError):
        wanted = {bool: "true or false", int: "a whole number"}.get(kind, "text")
        raise SettingsError(f"{name}: {value!r} is not {wanted}") from None
    if name in _CHOICES and converted not in _CHOICES[name]:
        raise SettingsError(f"{name}: {converted!r} is none of {', '.join(_CHOICES[name])}")
    return converted


def _whole(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    number = int(value)
    if number < 0:
        raise ValueError
    return number


_CONVERTERS: Mapping[Any, Any] = {
    str: str,
    int: _whole,
    bool: lambda value: value if isinstance(value, bool) else _WORDS[str(value).lower()],
    Path: lambda value: Path(str(value)),
    Secret: lambda value: value if isinstance(value, Secret) else Secret(str(value)),
    tuple[FunctionSetting, ...]: tuple,
    tuple[str, ...]: lambda value: (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else tuple(value)
    ),
}


def _refuse_impossible(settings: Settings, *, serving: bool) -> None:
    """Report every combination that cannot work, all at once."""
    half_a_key = bool(settings.root_access_key_id) != bool(settings.root_secret_access_key)
    account = settings.account_id
    faults = (
        (settings.workers < 1, "workers: at least one process must answer"),
        (
            settings.workers > 1 and not settings.on_postgres,
            "workers: SQLite has one writer, so one process serves it; give --database postgresql://... for more",
        ),
        (
            bool(settings.database) and not settings.on_postgres,
            "database: a postgresql:// address, or nothing for the SQLite file in the data folder",
        ),
        (
            settings.dev and not settings.on_loopback and not settings.dev_anywhere,
            f"host: development mode shows everybody's messages: on {settings.host} it wants --dev-anywhere as well",
        ),
        (half_a_key, "root_access_key_id, root_secret_access_key: give both or neither"),
        (len(account) != 12 or not account.isdigit(), "account_id: twelve digits"),
        (
            bool(settings.base_url) and not settings.base_url.startswith(("http://", "https://")),
            "base_url: begins with http:// or https://",
        ),
        (settings.password_hash_memory < 64, "password_hash_memory: at least 64 KiB"),
        (settings.password_hash_passes < 1, "password_hash_passes: at least 1"),
        (settings.port > 65535 or settings.dev_tls_port > 65535, "port, tls_port: at most 65535"),
        (settings.metrics_port > 65535, "metrics_port: at most 65535"),
        (
            settings.metrics_port != 0 and settings.metrics_port in (settings.port, settings.dev_tls_port),
            "metrics_port: a port of its own, since metrics are not for whoever sends requests",
        ),
        (settings.function_calls_per_pool < 1, "function_calls_per_pool: at least 1"),
        (
            not all(_is_network(one) for one in settings.egress_allow),
            "egress_allow: networks, such as 10.1.0.0/16 or fd12:3456::/32",
        ),
        (
            not all(isinstance(one, str) and re.fullmatch(r"\+[0-9]+", one) for one in settings.sms_prefixes),
            "sms_prefixes: how phone numbers begin, such as +49 or +1204",
        ),
    )
    found = [message for bad, message in faults if bad]
    if serving:
        mode = {"dev": settings.dev, "local_functions": settings.local_functions}
        found += [message for function in settings.functions for message in impossible(function, **mode)]
    if found:
        raise SettingsError("\n".join(found))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
