"""Which settings should an operator know of, or did they not mean? Secrets from files, misspelt names, open doors."""

import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from poolkeeper.secret import Secret
from poolkeeper.sender_settings import SmtpTransport
from poolkeeper.settings.fields import FORMER, NAMES, PREFIX, TYPES, Settings, SettingsError

# What a file may say in the place of its variable; the address of a database may hold a password.
SECRETS = (*(name for name in NAMES if TYPES[name] is Secret), "database")
_ENDING = "_FILE"
# The tables of poolkeeper.toml in which secrets may be.
_WITH_SECRETS = ("functions", "log_delivery", "senders", "verifiers")
# Of names this long two wrong letters are a slip as well.
_LONG = 8


def secrets_from_files(environment: Mapping[str, str], working_folder: Path) -> dict[str, tuple[str, str]]:
    """Return the secrets that variables `POOLKEEPER_<NAME>_FILE` name files of, each with that file as its source.

    Raises SettingsError where the file cannot be read or is empty, or the secret is given twice.
    """
    secrets = {}
    for name in SECRETS:
        variable = f"{PREFIX}{name.upper()}"
        if not environment.get(variable + _ENDING):
            continue
        if variable in environment:
            raise SettingsError(f"{name}: {variable} and {variable}{_ENDING} are both set; one is enough")
        file = (working_folder / environment[variable + _ENDING]).absolute()
        try:
            secrets[name] = (file.read_text(encoding="utf-8").rstrip("\r\n"), str(file))
        except (OSError, UnicodeDecodeError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "it is no text"
            raise SettingsError(f"{name}: {file} cannot be read: {why}") from None
        if not secrets[name][0].strip():
            raise SettingsError(
                f"{name}: {file}, which {variable}{_ENDING} names, is empty: the secret was not put there"
            )
    return secrets


def has_password(database: str) -> bool:
    """Say whether the address of a database holds a password, as well as can be told."""
    try:
        parts = urlsplit(database)
    except ValueError:
        return "@" in database
    user = parts.netloc.rpartition("@")[0] or database.partition("://")[2].rpartition("@")[0]
    return ":" in user or "password" in parse_qs(parts.query)


def of_another_service(value: str) -> bool:
    """Say whether a variable is Kubernetes' own, of a service that is called as we are: `tcp://10.0.0.1:7665`."""
    return value.startswith(("tcp://", "udp://", "sctp://"))


def refuse_misspelt(environment: Mapping[str, str]) -> None:
    """Raise SettingsError for variables that miss the name of a setting by a slip of the hand."""
    faults = [
        f"{variable}: there is no such setting; did you mean {PREFIX}{nearest.upper()}?"
        for variable in _unknown(environment)
        if (nearest := _nearest(variable.removeprefix(PREFIX).lower()))
    ]
    if faults:
        raise SettingsError("\n".join(faults))


def doubts(settings: Settings, sources: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """Return what a start should tell of its settings: a sentence each."""
    return [
        *(
            f"{variable} is a variable of Kubernetes, of a service called poolkeeper, and is ignored"
            for variable in sorted(environment)
            if variable.startswith(PREFIX) and of_another_service(environment[variable])
        ),
        *(f"{variable} is no setting, and is ignored" for variable in _unknown(environment)),
        *_open_files(settings, sources),
        *_in_clear(settings),
    ]


def _unknown(environment: Mapping[str, str]) -> list[str]:
    known_variables = {f"{PREFIX}{name.upper()}" for name in (*NAMES, *FORMER)}
    known_variables |= {f"{PREFIX}{name.upper()}{_ENDING}" for name in SECRETS}
    return [
        name
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known_variables and not of_another_service(environment[name])
    ]


def _nearest(name: str) -> str | None:
    known_names = (*NAMES, *FORMER, *(f"{secret}{_ENDING.lower()}" for secret in SECRETS))
    candidates = [
        (_slips(name, known_name), known_name) for known_name in known_names if abs(len(known_name) - len(name)) <= 2
    ]
    close = [
        (slips, known_name)
        for slips, known_name in candidates
        if slips <= (2 if len(known_name.replace("_", "")) >= _LONG else 1)
    ]
    return min(close)[1] if close else None


def _slips(word: str, known_word: str) -> int:
    """Return by how many slips two words differ: a letter added, left out or changed, or two exchanged."""
    before: list[int] = []
    last = list(range(len(known_word) + 1))
    for i, letter in enumerate(word, start=1):
        row = [i]
        for j, known_letter in enumerate(known_word, start=1):
            best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != known_letter))
            if i > 1 and j > 1 and letter == known_word[j - 2] and word[i - 2] == known_letter:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        before, last = last, row
    return last[-1]


def _open_files(settings: Settings, sources: Mapping[str, str]) -> Iterator[str]:
    """Tell of files with secrets in them that others may read."""
    secret = {name for name in SECRETS if name != "database" or has_password(settings.database)}
    files = {source for name, source in sources.items() if name in secret and Path(source).is_absolute()}
    usual = settings.config or settings.data / "poolkeeper.toml"
    if _has_secret_tables(usual):
        files.add(str(usual))
    for file in sorted(files):
        about = Path(file).stat()
        mode = stat.S_IMODE(about.st_mode)
        if mode & (stat.S_IRGRP | stat.S_IROTH) and about.st_uid == os.geteuid():  # mounted secrets are somebody else's
            yield f"{file} holds secrets and others can read it (mode {mode:o}): chmod 600 {file}"


def _has_secret_tables(file: Path) -> bool:
    try:
        tables_of_file = tomllib.loads(file.read_text(encoding="utf-8"))
        tables = [entry for kind in _WITH_SECRETS for entry in tables_of_file.get(kind, {}).values()]
    except (OSError, ValueError):
        return False
    return any(_holds_secret(key) for table in tables for key in table)


def _holds_secret(key: str) -> bool:
    if key.endswith(_ENDING.lower()):
        return False
    return "secret" in key or key in {"authorization", "environment", "password", "auth_token"}


def _in_clear(settings: Settings) -> Iterator[str]:
    if settings.base_url.startswith("http://") and not settings.base_is_local:
        yield (
            f"base_url {settings.base_url} is plain http: passwords and tokens cross the network in clear; put a proxy with "
            "TLS in front, and name its https address"
        )
    for sender in settings.all_senders:
        server = sender.transport
        if isinstance(server, SmtpTransport) and server.security == "none" and server.password:
            yield f"the mail server of {sender.name} is sent its password in clear: security = none is for a server without one"
