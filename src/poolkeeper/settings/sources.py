"""Where does each setting come from, and what does it come to? Flags, environment, file, default; one value of one kind.

A flag of `poolkeeper serve` beats the environment (`POOLKEEPER_<NAME>`), which beats `poolkeeper.toml`, which beats the
default.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args

from poolkeeper.backchannel_settings import read_backchannels
from poolkeeper.broker_settings import read_brokers
from poolkeeper.client_address import plain_address
from poolkeeper.function_settings import read_functions
from poolkeeper.log_delivery_settings import read_log_delivery
from poolkeeper.secret import Secret
from poolkeeper.sender_tables import read_senders
from poolkeeper.settings.combinations import refuse_impossible
from poolkeeper.settings.doubts import has_password, of_another_service, secrets_from_files
from poolkeeper.settings.fields import DEFAULTS, FORMER, NAMES, PREFIX, TYPES, Settings, SettingsError
from poolkeeper.verifier_settings import read_verifiers

_FORMERLY = " by its former name "
_TABLES: Mapping[str, Any] = {
    "backchannel_logout": read_backchannels,
    "brokers": read_brokers,
    "functions": read_functions,
    "log_delivery": read_log_delivery,
    "senders": read_senders,
    "verifiers": lambda tables, **_: read_verifiers(tables),
}
_PATHS = ("data", "config", "sealing_key_file", "seed", "audit_log")
_CHOICES = {
    "issuer": ("own", "aws"),
    "identity_token_algorithm": ("RS512", "RS256"),
    "unknown_roles": ("empty", "refuse"),
    "domain_paths": ("auto", "on", "off"),
    "domain_by_client": ("auto", "on", "off"),
    "unstyled_pages": ("show", "refuse"),
    "implicit_write": ("all", "standard"),
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
    names = (*NAMES, *FORMER)
    variables = {name: environment[_variable(name)] for name in names if _variable(name) in environment}
    variables = {name: value for name, value in variables.items() if not of_another_service(value)}
    given = _from(variables, "environment") | secrets_from_files(environment, working_folder or Path())
    if has_password(str(flags.get("database") or "")):
        raise SettingsError(
            "database: everybody on this machine reads the command line, so it takes no password: say the address in "
            f"{_variable('database')}, in poolkeeper.toml, or in a file that {_variable('database')}_FILE names"
        )
    given |= _from({name: value for name, value in flags.items() if value is not None}, "flag")

    for name in _TABLES:
        if name in given:
            raise SettingsError(f"{name}: only poolkeeper.toml can say this, in tables")
    file = _config_file(given, working_folder or Path())
    if file is not None:
        given = _from_file(file) | given

    values = {name: _convert(name, value) for name, (value, _) in given.items()}
    if "trusted_proxies" in values:
        values["trusted_proxies"] = tuple(plain_address(proxy) for proxy in values["trusted_proxies"])
    # Messages name them, wherever they are read.
    folder = (working_folder or Path()).absolute()
    values |= {name: folder / values.get(name, DEFAULTS[name]) for name in _PATHS if values.get(name, DEFAULTS[name])}
    settings = Settings(**values)
    refuse_impossible(settings, serving="dev" in flags)
    return settings, {name: given[name][1] if name in given else "default" for name in NAMES}


def renamed(sources: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that was given by a name which the next version will not know."""
    sentences = []
    for name, source in sources.items():
        where, formerly, former = source.partition(_FORMERLY)
        if formerly:
            sentences.append(
                f"The setting {former} ({where}) is called {name} now; its former name ends with the next version."
            )
    return sentences


def _from(values: Mapping[str, Any], source: str) -> dict[str, tuple[Any, str]]:
    """Return the values of one source by the names of today; of two names of one setting today's counts."""
    given = {name: (value, source) for name, value in values.items() if name not in FORMER}
    for former, name in FORMER.items():
        if former in values and name not in given:
            given[name] = (values[former], f"{source}{_FORMERLY}{former}")
    return given


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _config_file(given: Mapping[str, tuple[Any, str]], working_folder: Path) -> Path | None:
    working_folder = working_folder.absolute()
    if "config" in given:
        named = working_folder / _path(given["config"][0])
        if not named.is_file():
            raise SettingsError(f"config: there is no file {named}")
        return named
    data = given["data"][0] if "data" in given else DEFAULTS["data"]
    usual = working_folder / _path(data) / "poolkeeper.toml"
    try:
        usual.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as fault:
        raise SettingsError(f"{usual} cannot be looked for: {fault.strerror}") from None
    return usual


def _from_file(file: Path) -> dict[str, tuple[Any, str]]:
    try:
        table = tomllib.loads(file.read_text())
    except OSError as fault:
        raise SettingsError(f"{file} cannot be read: {fault.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{file}: {fault}") from None
    for name in table:
        if name not in NAMES and name not in FORMER:
            raise SettingsError(f"{file}: there is no setting {name}")
    for name, read_tables in _TABLES.items():
        if name in table:
            table[name], faults = read_tables(table[name], folder=file.parent.absolute())
            if faults:
                raise SettingsError("\n".join(f"{file}: {fault}" for fault in faults))
    return _from(table, str(file))


def _convert(name: str, value: Any) -> Any:
    kind = TYPES[name]
    if isinstance(kind, UnionType):
        kind = next(member for member in get_args(kind) if member is not NoneType)
    try:
        converted = _CONVERTERS[kind](value)
    except (KeyError, TypeError, ValueError):
        expected = {bool: "true or false", int: "a whole number of 0 or more"}.get(kind, "text")
        raise SettingsError(f"{name}: {value!r} is not {expected}") from None
    if name in _CHOICES and converted not in _CHOICES[name]:
        raise SettingsError(f"{name}: {converted!r} is none of {', '.join(_CHOICES[name])}")
    return converted


def _whole_number(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError
    text = str(value).strip()
    if not (text.isascii() and text.isdigit()):
        raise ValueError
    return int(text)


def _path(value: Any) -> Path:
    """Return a path; `~` is the home folder here too, where no shell has put it in (behind `=`, in a file).

    Raises SettingsError for the home of nobody.
    """
    try:
        return Path(str(value)).expanduser()
    except RuntimeError as fault:
        raise SettingsError(f"{value}: {fault}") from None


_CONVERTERS: Mapping[Any, Any] = {
    **{TYPES[name]: tuple for name in _TABLES},
    str: str,
    int: _whole_number,
    bool: lambda value: value if isinstance(value, bool) else _WORDS[str(value).lower()],
    Path: _path,
    Secret: lambda value: value if isinstance(value, Secret) else Secret(str(value)),
    tuple[str, ...]: lambda value: (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else tuple(value)
    ),
}
