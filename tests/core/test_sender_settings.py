"""Which sender does a message take, and what is wrong with a table? The recipes of docs/messages.md are read as they stand."""

import re
from pathlib import Path
from typing import Any

import pytest

from poolkeeper.secret import Secret
from poolkeeper.sender_settings import (
    AwsKey,
    Endpoint,
    FileTransport,
    SenderSetting,
    SesTransport,
    SmtpTransport,
    TwilioTransport,
    sender_of,
)
from poolkeeper.sender_tables import read_senders
from poolkeeper.settings import Settings, SettingsError, doubts, load, shown

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "messages.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
POOL, OTHER = "us-east-1_AbCdEfGhI", "us-east-1_Bcdefghij"
IDENTITY = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"
KEY: dict[str, Any] = {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "the-secret-of-ses"}
SES: dict[str, Any] = {"transport": "ses", "region": "eu-west-1", **KEY}
SNS: dict[str, Any] = {"transport": "sns", "region": "eu-west-1", **KEY}
SMTP: dict[str, Any] = {"transport": "smtp", "host": "mail.example.com"}
TWILIO: dict[str, Any] = {"transport": "twilio", "account_sid": "AC1", "auth_token": "token-of-twilio", "from": "+1"}
HOOK: dict[str, Any] = {"transport": "webhook", "url": "https://hooks.example.com/m", "secrets": ["sixteen-characters"]}
FOLDER: dict[str, Any] = {"transport": "file", "folder": "spool"}


def read(folder: Path, **tables: dict[str, Any]) -> tuple[SenderSetting, ...]:
    """Return the entries of tables that are right."""
    senders, faults = read_senders(tables, folder=folder)
    assert faults == []
    return senders


def with_file(folder: Path, text: str) -> Settings:
    """Load settings from a poolkeeper.toml."""
    (folder / "poolkeeper.toml").write_text(text)
    return load({"data": str(folder)}, {})[0]


@pytest.mark.parametrize("recipe", RECIPES)
def test_each_recipe_of_the_page_works(recipe: str, tmp_path: Path) -> None:
    """As it stands, with the files that it names."""
    (tmp_path / "secrets").mkdir()
    for name in ("smtp", "ses", "sns", "twilio"):
        (tmp_path / "secrets" / name).write_text(f"secret of {name}\n")
    settings = with_file(tmp_path, recipe)
    assert settings.senders
    assert "secret of" not in repr(settings)
    assert shown(settings, "senders") == str(len(settings.senders))


def test_the_page_has_a_recipe_for_each_transport() -> None:
    """Whoever reads it finds theirs."""
    named = set(re.findall(r'^transport = "(\w+)"$', PAGE, re.MULTILINE))
    assert named == {"smtp", "ses", "sns", "twilio", "webhook", "file"}


def test_an_entry_says_what_its_table_says(tmp_path: Path) -> None:
    """Every key arrives; what is left out has its default."""
    (tmp_path / "pw").write_text("hush\n")
    mail, ses, text, spool = read(
        tmp_path,
        mail={**SMTP, "security": "tls", "user": "ada", "password_file": "pw", "ca_file": "ca.pem"},
        ses={**SES, "api": "v1", "endpoint": "http://localhost:4566/", "configuration_set": "codes", "pools": [POOL]},
        text={**TWILIO, "api_key": "SK1", "endpoint": "https://sms.example.com/api"},
        spool={**FOLDER, "media": ["SMS"], "sns_caller_arns": ["arn:aws:iam::1:role/*"]},
    )
    assert isinstance(mail.transport, SmtpTransport)
    assert (mail.transport.port, mail.transport.password.reveal()) == (465, "hush")
    assert mail.transport.ca_file == tmp_path / "ca.pem"
    assert isinstance(ses.transport, SesTransport)
    assert ses.transport.endpoint == Endpoint(url="http://localhost:4566", private=True, plain_http=True)
    assert isinstance(ses.transport.key, AwsKey)
    assert (ses.transport.api, ses.pools) == ("v1", (POOL,))
    assert isinstance(text.transport, TwilioTransport)
    assert (text.transport.user, text.transport.endpoint.private) == ("SK1", False)
    assert spool == SenderSetting(
        name="spool",
        transport=FileTransport(folder=tmp_path / "spool"),
        media=("SMS",),
        accounts=("arn:aws:iam::1:role/*",),
    )


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"transport": "pigeon"}, "transport must be one of smtp, ses, sns, twilio, webhook, file"),
        ("x", "must be a table"),
        ({"transport": "smtp"}, "host is missing"),
        ({**SMTP, "host": "mail.example.com:587"}, "host must be"),
        ({**SMTP, "port": 0}, "port must be"),
        ({**SMTP, "port": True}, "port must be"),
        ({**SMTP, "security": "ssl"}, "security must be"),
        ({**SMTP, "user": "ada"}, "user and password: give both or neither"),
        ({**SMTP, "password_file": "none"}, "password_file: .*none cannot be read"),
        ({**SMTP, "user": "a", "password": "b", "password_file": "c"}, "password and password_file are both there"),
        ({**SMTP, "password_file": "empty", "user": "a"}, "is empty"),
        ({**SMTP, "mail_from": "a@b.example\r\nBcc: eve@evil.example"}, "mail_from must be"),
        ({**SMTP, "mail_from": "nobody"}, "mail_from must be"),
        ({**SMTP, "media": ["SMS"]}, "there is no key media"),
        ({**SMTP, "sns_caller_arns": ["x"]}, "there is no key sns_caller_arns"),
        ({**SMTP, "pools": ["everybody!"]}, "pools must be"),
        ({**SMTP, "source_arns": []}, "source_arns must be"),
        ({**SES, "region": "eu-west-1.evil.example/"}, "region must be"),
        ({**SES, "api": "v3"}, "api must be"),
        ({**SES, "endpoint": "file:///etc/passwd"}, "endpoint must be"),
        ({**SES, "endpoint": "https://a:b@ses.example.com"}, "endpoint must be"),
        ({**SES, "endpoint": "http://ses.example.com"}, "plain_http = true"),
        ({**SNS, "max_price": "much"}, "max_price must be"),
        ({**SNS, "source_arns": ["x"]}, "there is no key source_arns"),
        ({**TWILIO, "messaging_service_sid": "MG1"}, "one of from and messaging_service_sid"),
        ({"transport": "twilio", "account_sid": "../../x", "auth_token": "t", "from": "+1"}, "account_sid must be"),
        ({**HOOK, "secrets": ["short"]}, "secrets must be"),
        ({**HOOK, "secrets": ["sixteen-characters"] * 3}, "secrets must be"),
        ({**HOOK, "url": "http://10.1.2.3/m"}, "plain_http = true"),
        ({**HOOK, "source_arns": ["x"], "sns_caller_arns": ["y"]}, "one table for mail, one for text messages"),
        ({**HOOK, "media": ["FAX"]}, "media must be"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(entry: Any, fault: str, tmp_path: Path) -> None:
    """In the operator's words, with the table's name, and without the secret."""
    (tmp_path / "empty").write_text("\n")
    senders, faults = read_senders({"a": entry}, folder=tmp_path)
    assert senders == ()
    assert [one for one in faults if re.search(rf"^senders\.a: .*{fault}", one)], faults
    assert not [one for one in faults if "the-secret-of-ses" in one or "token-of-twilio" in one]


@pytest.mark.parametrize("name", ["outbox", "custom", "none", "Mail", "a.b", ""])
def test_a_name_is_a_label_of_metrics(name: str, tmp_path: Path) -> None:
    """What metrics call the other ways is nobody's name."""
    assert read_senders({name: SMTP}, folder=tmp_path)[1]


def test_the_nearest_table_sends(tmp_path: Path) -> None:
    """The pool's own, then the ARN's by length, then the one for all; a medium is never another's."""
    senders = read(
        tmp_path,
        everybody=SMTP,
        company={**SES, "source_arns": ["arn:aws:ses:*"]},
        exact={**SES, "source_arns": [IDENTITY]},
        mine={**SMTP, "pools": [POOL]},
        text={**HOOK, "media": ["SMS"]},
    )

    def chosen(pool_id: str, account: str, medium: str = "EMAIL") -> str:
        found = sender_of(senders, medium=medium, pool_id=pool_id, account=account)
        return "" if found is None else found.name

    assert chosen(POOL, IDENTITY) == "mine"
    assert chosen(OTHER, IDENTITY) == "exact"
    assert chosen(OTHER, IDENTITY + "/more") == "company"
    assert chosen(OTHER, "arn:aws:other:x") == chosen(OTHER, "") == "everybody"
    assert chosen(POOL, "", "SMS") == chosen(OTHER, IDENTITY, "SMS") == "text"
    assert sender_of(senders[1:3], medium="EMAIL", pool_id=OTHER, account="") is None


def test_two_tables_of_the_same_messages_are_a_fault(tmp_path: Path) -> None:
    """Nobody could tell which of them sends; the mail server of the settings is one too."""
    text = '[senders.a]\ntransport = "smtp"\nhost = "a"\n[senders.b]\ntransport = "smtp"\nhost = "b"\n'
    with pytest.raises(SettingsError, match="senders: a and b both send EMAIL of every pool"):
        with_file(tmp_path, text)
    with pytest.raises(SettingsError, match="senders: a and smtp both send EMAIL of every pool"):
        with_file(tmp_path, 'smtp_host = "c"\n[senders.a]\ntransport = "smtp"\nhost = "a"\n')
    with pytest.raises(SettingsError, match=r"senders\.smtp: the mail server of smtp_host is called so"):
        with_file(tmp_path, f'smtp_host = "c"\n[senders.smtp]\ntransport = "smtp"\nhost = "a"\npools = ["{POOL}"]\n')
    both = with_file(tmp_path, f'smtp_host = "c"\n[senders.a]\ntransport = "smtp"\nhost = "a"\npools = ["{POOL}"]\n')
    assert both.sender_names == ("a", "smtp", "custom", "none")


def test_tables_are_of_the_file_alone(tmp_path: Path) -> None:
    """No flag and no variable says where codes go."""
    with pytest.raises(SettingsError, match=r"senders: only poolkeeper\.toml can say this"):
        load({"data": str(tmp_path)}, {"POOLKEEPER_SENDERS": "x"})


def test_a_start_tells_of_secrets_that_others_read_and_of_passwords_in_clear(tmp_path: Path) -> None:
    """A file with a token in it, and a mail server without TLS that is sent a password."""
    text = '[senders.a]\ntransport = "smtp"\nhost = "a"\nsecurity = "none"\nuser = "u"\npassword = "p"\n'
    settings = with_file(tmp_path, text)
    (tmp_path / "poolkeeper.toml").chmod(0o644)
    told = doubts(settings, {}, {})
    assert [one for one in told if "poolkeeper.toml holds secrets and others can read it" in one]
    assert [one for one in told if "the mail server of a is sent its password in clear" in one]
    server = SmtpTransport(host="h", port=25, security="none", user="", password=Secret(""))
    assert not doubts(Settings(senders=(SenderSetting(name="b", transport=server, media=("EMAIL",)),)), {}, {})
