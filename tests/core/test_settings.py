"""Is what an operator sets read as it was meant? Values, secrets from files, slips of the hand, and what a start warns of."""

from pathlib import Path
from typing import Any, get_args

import pytest

from poolkeeper.client_address import client_address
from poolkeeper.settings import Settings, SettingsError, doubts, load, refuse_misspelt, shown
from poolkeeper.settings.fields import TYPES

PASSWORD = "hush-hush-7"
OF_TABLES = [name for name, kind in TYPES.items() if get_args(kind)[1:] == (...,) and get_args(kind)[0] is not str]
WITH_PASSWORD = f"postgresql://keeper:{PASSWORD}@db.example:5432/pools"


def loaded(folder: Path, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    return load(flags, environment or {}, working_folder=folder)[0]


def test_a_databases_password_is_shown_nowhere(tmp_path: Path) -> None:
    """Neither by `settings` nor in a traceback, however it was written."""
    for address in (WITH_PASSWORD, f"postgresql://db.example/pools?user=keeper&password={PASSWORD}"):
        settings = loaded(tmp_path, {"POOLKEEPER_DATABASE": address})
        assert settings.database == address
        assert PASSWORD not in shown(settings, "database")
        assert PASSWORD not in repr(settings)
        assert "db.example" in shown(settings, "database")


def test_a_password_on_the_command_line_is_refused_and_not_repeated(tmp_path: Path) -> None:
    """The words name what to do instead; without a password the flag works."""
    with pytest.raises(SettingsError, match="POOLKEEPER_DATABASE_FILE") as refusal:
        loaded(tmp_path, database=WITH_PASSWORD)
    assert PASSWORD not in str(refusal.value)
    assert loaded(tmp_path, database="postgresql://keeper@db.example/pools").on_postgres


@pytest.mark.parametrize("password", ["a/b", "a#b", "a?b", "half:one"])
def test_an_address_that_cannot_be_read_is_refused_without_its_password(password: str, tmp_path: Path) -> None:
    """What should have been written as %2F makes a port of the password's first half."""
    address = f"postgresql://keeper:{password}{PASSWORD}@db.example:54x2/pools"
    with pytest.raises(SettingsError, match="database: the port") as refusal:
        loaded(tmp_path, {"POOLKEEPER_DATABASE": address})
    assert PASSWORD not in str(refusal.value)


@pytest.mark.parametrize("name", ["database", "smtp_password", "root_secret_access_key"])
def test_each_secret_may_be_in_a_file(name: str, tmp_path: Path) -> None:
    """Its last line end is none of it; a file that is empty or cannot be read is named, and two sources are too many."""
    file = tmp_path / "secret"
    file.write_text((WITH_PASSWORD if name == "database" else PASSWORD) + "\n")
    variable = f"POOLKEEPER_{name.upper()}"
    more = {"POOLKEEPER_ROOT_ACCESS_KEY_ID": "PKROOT"} if name.startswith("root") else {}
    settings, sources = load({}, {f"{variable}_FILE": "secret", **more}, working_folder=tmp_path)
    value = getattr(settings, name)
    assert (value if name == "database" else value.reveal()) == file.read_text().rstrip("\n")
    assert sources[name] == str(file)
    with pytest.raises(SettingsError, match="both set"):
        loaded(tmp_path, {f"{variable}_FILE": "secret", variable: "x", **more})
    with pytest.raises(SettingsError, match=str(tmp_path / "none")):
        loaded(tmp_path, {f"{variable}_FILE": "none", **more})
    file.write_text(" \n")
    with pytest.raises(SettingsError, match=f"^{name}: {file}, which {variable}_FILE names, is empty"):
        loaded(tmp_path, {f"{variable}_FILE": "secret", **more})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "1_000"),
        ("port", "70000"),
        ("smtp_port", "70000"),
        ("workers", "1.5"),
        ("workers", "two"),
        ("database_read_connections", "0"),
        ("database_write_connections", "0"),
        ("max_body", "0"),
        ("max_connections_per_address", "0"),
        ("header_seconds", "0"),
        ("body_seconds", "0"),
        ("idle_seconds", "0"),
        ("password_hash_memory", "99999999"),
        ("smtp_port", "0"),
        ("mail_from", "nonsense"),
        ("mail_from", "Pools <nonsense>"),
        ("mail_from", ""),
        ("region", "europe"),
        ("host", "localhost:80"),
        ("smtp_host", "mail.example.com:587"),
        ("metrics_host", "http://localhost"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("trusted_proxies", "proxy"),
        ("egress_allow", "10.0.0.1/8"),
        ("base_url", "https://id.example.com/auth"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_by_its_name(name: str, value: str, tmp_path: Path) -> None:
    """Numbers, ports, hosts, regions and networks are read when the settings are."""
    with pytest.raises(SettingsError, match=name):
        loaded(tmp_path, {f"POOLKEEPER_{name.upper()}": value})


def test_a_bound_is_told_and_a_sender_may_have_a_name(tmp_path: Path) -> None:
    """Whoever gave too little or too much reads how much is right."""
    with pytest.raises(SettingsError, match=r"^idle_seconds: from 1 to 86400$"):
        loaded(tmp_path, idle_seconds="0")
    for sender in ("no-reply@localhost", "Pools <no-reply@example.com>"):
        assert loaded(tmp_path, mail_from=sender).mail_from == sender


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder of that name is made, and the configuration there is read; the home of nobody is refused."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "pk").mkdir()
    (tmp_path / "pk" / "poolkeeper.toml").write_text('region = "eu-west-1"\n')
    (tmp_path / "elsewhere").mkdir()
    settings = loaded(tmp_path / "elsewhere", data="~/pk")
    assert (settings.data, settings.region) == (tmp_path / "pk", "eu-west-1")
    with pytest.raises(SettingsError, match="~nobody-of-that-name/pk"):
        loaded(tmp_path, data="~nobody-of-that-name/pk")


def test_a_network_of_proxies_is_believed(tmp_path: Path) -> None:
    """The first hop outside of it is the client."""
    proxies = loaded(tmp_path, {"POOLKEEPER_TRUSTED_PROXIES": "10.1.0.0/16, fd12::/64"}).trusted_proxies
    for peer, forwarded, client in (
        ("10.1.2.3", b"192.0.2.7, 10.1.9.9", "192.0.2.7"),
        ("fd12::5", b"192.0.2.7", "192.0.2.7"),
        ("10.2.0.1", b"192.0.2.7", "10.2.0.1"),
    ):
        scope = {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded)]}
        assert client_address(scope, trusted_proxies=proxies) == client


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("POOLKEEPER_POTR", "POOLKEEPER_PORT"),
        ("POOLKEEPER_PRT", "POOLKEEPER_PORT"),
        ("POOLKEEPER_HOSTS", "POOLKEEPER_HOST"),
        ("POOLKEEPER_SMTP_PASWORT", "POOLKEEPER_SMTP_PASSWORD"),
        ("POOLKEEPER_DATABSE_FILE", "POOLKEEPER_DATABASE_FILE"),
    ],
)
def test_a_slip_of_the_hand_is_refused_with_the_nearest_name(variable: str, meant: str) -> None:
    """One letter, or two in a long name."""
    with pytest.raises(SettingsError, match=f"{variable}: .*{meant}\\?"):
        refuse_misspelt({variable: "x"})


def test_what_is_nobodys_setting_is_told_and_stops_nothing(tmp_path: Path) -> None:
    """An application's POOLKEEPER_URL, and what Kubernetes sets for a service of that name."""
    environment = {"POOLKEEPER_URL": "http://x", "POOLKEEPER_PORT": "tcp://10.0.0.1:7665"}
    refuse_misspelt(environment)
    settings, sources = load({}, environment, working_folder=tmp_path)
    said = doubts(settings, sources, environment)
    assert settings.port == 7665
    assert [sentence.split()[0] for sentence in said] == ["POOLKEEPER_PORT", "POOLKEEPER_URL"]


def test_secrets_that_others_can_read_and_plain_http_are_warned_of(tmp_path: Path) -> None:
    """Mode 644 is told with what mends it; 600 is quiet, and so is a file without secrets; so is loopback."""
    file = tmp_path / "poolkeeper.toml"
    for text, mode, warned in (
        (f'smtp_password = "{PASSWORD}"', 0o644, True),
        (f'database = "{WITH_PASSWORD}"', 0o640, True),
        (f'smtp_password = "{PASSWORD}"', 0o600, False),
        ('region = "eu-west-1"', 0o644, False),
    ):
        file.write_text(text)
        file.chmod(mode)
        settings, sources = load({"config": str(file)}, {}, working_folder=tmp_path)
        said = doubts(settings, sources, {})
        assert bool(said) is warned, text
        assert all(f"chmod 600 {file}" in sentence and PASSWORD not in sentence for sentence in said)
    for base, warned in (
        ("http://id.example.com", True),
        ("http://localhost:1", False),
        ("https://id.example.com", False),
    ):
        settings, sources = load({}, {"POOLKEEPER_BASE_URL": base}, working_folder=tmp_path)
        assert bool(doubts(settings, sources, {})) is warned


@pytest.mark.parametrize("name", OF_TABLES)
def test_every_setting_of_tables_is_taken_from_the_file(name: str, tmp_path: Path) -> None:
    """What reads a table hands on what it read, also where that is nothing."""
    (tmp_path / "poolkeeper.toml").write_text(f"[{name}]\n")
    assert not getattr(loaded(tmp_path, data=str(tmp_path)), name)


def test_apps_that_are_told_of_sign_outs_are_named_in_the_file(tmp_path: Path) -> None:
    """As backchannel-logout.md has it: a server begins with such a file."""
    (tmp_path / "poolkeeper.toml").write_text('[backchannel_logout.client1]\nurl = "https://app.example.com/out"\n')
    settings = loaded(tmp_path, data=str(tmp_path))
    assert [(one.client_id, one.url) for one in settings.backchannel_logout] == [
        ("client1", "https://app.example.com/out")
    ]
    assert shown(settings, "backchannel_logout") == "1"
