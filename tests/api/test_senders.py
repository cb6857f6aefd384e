"""Does each pool's EmailConfiguration and SmsConfiguration choose its sender, and do its words get there? Folders as senders."""

import email
import email.policy
import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from api.listing import eventually
from api.posting import WAITING, into, sending
from api.world import World
from poolkeeper.sender_settings import SenderSetting

ADDRESS = "arn:aws:ses:us-east-1:123456789012:identity/hello@juniper.example"
DOMAIN = "arn:aws:ses:us-east-1:123456789012:identity/juniper.example"
ROLE = "arn:aws:iam::000000000000:role/sms-of-shops"
SMS = {"SnsCallerArn": ROLE, "ExternalId": "shops", "SnsRegion": "us-east-1"}


@pytest.fixture(params=["sqlite", "postgresql"])
def posting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Run a server with a folder for each sender."""
    database = "" if request.param == "sqlite" else request.getfixturevalue("postgres").create_database()
    senders: list[SenderSetting] = [
        into(tmp_path, "everybody", "EMAIL"),
        into(tmp_path, "ses", "EMAIL", accounts=("arn:aws:ses:*:identity/juniper.example", ADDRESS)),
        into(tmp_path, "shops", "SMS", accounts=(ROLE,)),
    ]
    with sending(tmp_path / "data", *senders, database=database) as world:
        yield world


def kept(world: World, name: str) -> list[EmailMessage | dict[str, Any]]:
    """Return what a sender has, once nothing waits any more."""
    eventually(world, WAITING)
    folder = world.house.settings.data.parent / name
    found: list[EmailMessage | dict[str, Any]] = []
    for file in sorted(folder.iterdir()):
        if file.suffix == ".json":
            found.append(json.loads(file.read_text()))
        else:
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            found.append(mail)
        file.unlink()
    return found


def mail_of(world: World, name: str, configuration: dict[str, str]) -> EmailMessage:
    """Return the one mail that a sign-up sends in a pool with an EmailConfiguration."""
    pool = world.pool(AutoVerifiedAttributes=["email"], EmailConfiguration=configuration)
    pool.client().sign_up("ada", email="ada@lovelace.example")
    (mail,) = kept(world, name)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_pool_without_an_identity_takes_the_sender_of_all(posting: World) -> None:
    """In the name of the setting, or in its own."""
    plain = mail_of(posting, "everybody", {"EmailSendingAccount": "COGNITO_DEFAULT"})
    assert (plain["From"], plain["Reply-To"]) == ("no-reply@localhost", None)
    own = {"EmailSendingAccount": "COGNITO_DEFAULT", "From": "Juniper <hello@juniper.example>"}
    answered = mail_of(posting, "everybody", {**own, "ReplyToEmailAddress": "help@juniper.example"})
    assert answered["From"] == "Juniper <hello@juniper.example>"
    assert answered["Reply-To"] == "help@juniper.example"
    assert kept(posting, "ses") == []


def test_a_pool_s_identity_chooses_its_sender(posting: World) -> None:
    """An address of SES writes in its own name; a domain in that of From, or of the settings."""
    by_address = mail_of(posting, "ses", {"EmailSendingAccount": "DEVELOPER", "SourceArn": ADDRESS})
    assert by_address["From"] == "hello@juniper.example"
    by_domain = {"EmailSendingAccount": "DEVELOPER", "SourceArn": DOMAIN}
    assert mail_of(posting, "ses", {**by_domain, "From": "x@juniper.example"})["From"] == "x@juniper.example"
    assert mail_of(posting, "ses", by_domain)["From"] == "no-reply@localhost"
    stranger = {"EmailSendingAccount": "DEVELOPER", "SourceArn": DOMAIN.replace("juniper", "stranger")}
    assert mail_of(posting, "everybody", stranger)["To"] == "ada@lovelace.example"
    assert kept(posting, "ses") == []


def test_a_pool_s_role_chooses_who_sends_its_text_messages(posting: World) -> None:
    """A pool whose role nobody speaks of cannot send any, and says so before anything is written."""
    shops = posting.pool(AutoVerifiedAttributes=["phone_number"], SmsConfiguration=SMS)
    shops.client().sign_up("ada", phone_number="+15550100123")
    (text,) = kept(posting, "shops")
    assert isinstance(text, dict)
    assert text["to"] == "+15550100123"
    assert text["text"].startswith("Your confirmation code is ")

    others = posting.pool(
        AutoVerifiedAttributes=["phone_number"], SmsConfiguration={**SMS, "SnsCallerArn": ROLE.replace("shops", "x")}
    )
    with pytest.raises(posting.unsigned.exceptions.CodeDeliveryFailureException):
        others.client().sign_up("ada", phone_number="+15550100123")
    assert posting.signed.list_users(UserPoolId=others.pool_id)["Users"] == []


def test_the_words_of_the_pool_arrive_in_html_and_text(posting: World) -> None:
    """userpools.md 1.4: `{####}` is filled in both; a user's own name begins no tag and is no placeholder."""
    template = {
        "EmailMessage": "<p>Hello,</p><p>the code is <b>{####}</b> &amp; no other: {username}</p>",
        "EmailSubject": "Code {####}",
    }
    pool = posting.pool(AutoVerifiedAttributes=["email"], VerificationMessageTemplate=template)
    pool.client().sign_up("{####}<img/src=x>", email="ada@lovelace.example")
    (mail,) = kept(posting, "everybody")
    assert isinstance(mail, EmailMessage)
    text, html = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    code = mail["Subject"].removeprefix("Code ")
    assert code.isdigit()
    assert html.get_content().strip() == f"<p>Hello,</p><p>the code is <b>{code}</b> &amp; no other: {{username}}</p>"
    assert text.get_content().split() == f"Hello, the code is {code} & no other: {{username}}".split()


def test_an_invitation_escapes_the_name_that_somebody_chose(posting: World) -> None:
    """attacks.md 144: in HTML it is text, in text it is itself, and its braces are no placeholder."""
    pool = posting.pool()
    posting.signed.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="<img/src=x>{####}",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[{"Name": "email", "Value": "ada@lovelace.example"}],
    )
    (mail,) = kept(posting, "everybody")
    assert isinstance(mail, EmailMessage)
    text, html = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert "&lt;img/src=x&gt;{####}" in html.get_content()
    assert "<img/src=x>{####}" in text.get_content()
