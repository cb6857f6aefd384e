"""Whether a value can become a line of its own in a header or a message, as it is or encoded (attacks.md 97)."""

import json

import pytest

from api.happenings import happened
from api.listing import eventually
from api.stage import Wire
from api.world import World, refused
from poolkeeper.clock import SystemClock
from poolkeeper.messaging.senders import DeliveryFailed, mime
from poolkeeper.messaging.templates import Template, render
from poolkeeper.model.message import Message

BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\x00", "\x1b[2J")
INJECTED = "Bcc: everybody@example.com"


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
@pytest.mark.parametrize("template", ["VerificationMessageTemplate", "AdminCreateUserConfig"])
def test_a_subject_is_one_line(world: World, wire: Wire, line_break: str, template: str) -> None:
    """A subject with a line break is refused where it is set."""
    subject = f"Welcome{line_break}{INJECTED}"
    settings = {
        "VerificationMessageTemplate": {"EmailSubject": subject, "EmailMessage": "Code {####}"},
        "AdminCreateUserConfig": {
            "InviteMessageTemplate": {"EmailSubject": subject, "EmailMessage": "{username} {####}"}
        },
    }
    request = {"PoolName": "lines", "AutoVerifiedAttributes": ["email"], template: settings[template]}
    assert wire.call("CreateUserPool", request).error in {"InvalidParameterException", "SerializationException"}


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_a_name_in_a_subject_stays_in_its_line(line_break: str) -> None:
    """What a placeholder puts into a subject is flattened, and the mail has one subject and no other header from it."""
    template = Template(subject="Welcome {username}", email="{####}", sms="{####}")
    subject, _ = render(template, medium="EMAIL", username=f"lines{line_break}{INJECTED}", code="1")
    message = Message(
        to="lines@example.com", medium="EMAIL", kind="SignUp", subject=subject, body="x", pool_id="p", username="u"
    )
    mail = mime.compose(message, sender="no-reply@example.com", message_id="1", now=SystemClock().now())
    head = bytes(mail).split(b"\r\n\r\n")[0].decode("ascii")
    names = [line.split(":")[0] for line in head.split("\r\n") if not line.startswith((" ", "\t"))]
    assert sorted(names) == sorted(set(names))
    assert "Bcc" not in names


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_a_sender_with_a_line_break_is_refused(world: World, wire: Wire, line_break: str) -> None:
    """The From of a pool's mail is one address: with a line break in it the pool is not made, and no mail."""
    sender = f"Pools{line_break}{INJECTED}{line_break} <no-reply@example.com>"
    request = {"PoolName": "lines", "EmailConfiguration": {"From": sender, "EmailSendingAccount": "COGNITO_DEFAULT"}}
    assert wire.call("CreateUserPool", request).error in {"InvalidParameterException", "SerializationException"}
    message = Message(
        to="a@example.com",
        medium="EMAIL",
        kind="SignUp",
        subject="s",
        body="x",
        pool_id="p",
        username="u",
        sender=sender,
    )
    with pytest.raises(DeliveryFailed):
        mime.compose(message, sender="no-reply@example.com", message_id="1", now=SystemClock().now())


@pytest.mark.parametrize("line_break", [one for one in BREAKS if one != "\x00"], ids=repr)
def test_an_address_with_a_line_break_is_none(world: World, wire: Wire, line_break: str) -> None:
    """No user has an address that is more than one line, so no message goes to a second one."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    for address in (
        f"a{line_break}b@example.com",
        f"a@example.com{line_break}{INJECTED}",
        f"a@example.com{line_break}",
    ):
        before = world.outbox()
        name, _ = refused(lambda: client.sign_up("lines", email=address))  # noqa: B023 - called at once
        assert name == "InvalidParameterException"
        assert not world.sent_since(before)


@pytest.mark.parametrize("line_break", BREAKS, ids=repr)
def test_no_value_becomes_a_header_of_an_answer(world: World, wire: Wire, line_break: str) -> None:
    """A value that is told back in an error stays within the error's own header."""
    target = f"x{line_break if line_break == chr(0x85) else ' '}Set-Cookie: a=b"
    body = json.dumps({"UserPoolId": f"x{line_break}Set-Cookie: a=b", "Username": f"u{line_break}Set-Cookie: a=b"})
    assert wire.call("AdminGetUser", json.loads(body)).status == 400
    status, headers, _ = world.http(
        "POST", "/", body=body.encode(), headers={"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    )
    assert status == 400
    assert "set-cookie" not in headers
    for path in (
        "/%0d%0aSet-Cookie:%20a=b",
        "/%0aSet-Cookie:%20a=b/.well-known/jwks.json",
        "/a%00b/.well-known/jwks.json",
    ):
        status, headers, _ = world.get(path)
        assert status == 404
        assert "set-cookie" not in headers


ENCODED = (
    "=?utf-8?q?x=0d=0aBcc=3A_mallory=40evil=2Eexample?=@victim.example",
    "=?utf-8?b?eA0KQmNjOiB5?=@victim.example",
    "a@=?utf-8?q?evil=2Eexample=0d=0aBcc=3Ax?=.example",
    "a=?b@victim.example",
)
MALFORMED = "Invalid email address format."


@pytest.mark.parametrize("address", ENCODED)
def test_an_address_that_holds_an_encoded_word_is_none(world: World, address: str) -> None:
    """A mail's head would be read with another address or with lines of the stranger's: it is refused where it is taken."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    client.pool.user("ada", email="ada@lines.example", email_verified="true")
    token = client.tokens("ada")["AccessToken"]
    given = [{"Name": "email", "Value": address}]
    before = world.outbox()
    for attempt in (
        lambda: client.sign_up("lines", email=address),
        lambda: world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=given),
        lambda: client.pool.user("lines", email=address),
        lambda: client.pool.admin("admin_update_user_attributes", "ada", UserAttributes=given),
        lambda: client.pool.admin(
            "admin_update_user_attributes", "ada", UserAttributes=[*given, {"Name": "email_verified", "Value": "true"}]
        ),
    ):
        assert refused(attempt) == ("InvalidParameterException", MALFORMED)

    by_address = world.pool(UsernameAttributes=["email"]).client()
    assert refused(lambda: by_address.sign_up(address)) == (
        "InvalidParameterException",
        "Username should be an email.",
    )
    assert not world.sent_since(before)


def test_a_name_that_is_an_encoded_word_is_shown_as_it_is_written(world: World) -> None:
    """Names may look like one: the subject that greets by name is sent all the same, and decodes to nothing."""
    greeting = {"EmailSubject": "Welcome, {username}", "EmailMessage": "{username}: {####}"}
    world.signed.admin_create_user(
        UserPoolId=world.pool(AdminCreateUserConfig={"InviteMessageTemplate": greeting}).pool_id,
        Username="=?utf-8?q?x=0d=0aBcc=3A_m=40evil.example?=",
        UserAttributes=[{"Name": "email", "Value": "words@lines.example"}],
        DesiredDeliveryMediums=["EMAIL"],
    )
    (mail,) = world.outbox("words@lines.example")
    assert mail["subject"] == "Welcome, = ?utf-8?q?x=0d=0aBcc=3A_m=40evil.example?="


class Refusing:
    """Writes each mail as it would go out, and sends none."""

    async def send(self, message: Message, *, message_id: str) -> None:
        """Compose a mail."""
        mime.compose(message, sender="no-reply@example.com", message_id=message_id, now=SystemClock().now())


def test_a_mail_that_would_hold_other_lines_is_told_to_the_operator(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address from before such ones were refused: the mail is given up, the log and an event say so."""
    monkeypatch.setattr(world.app.worker._messages, "_senders", {"outbox": Refusing()})
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    with pytest.MonkeyPatch.context() as before_the_upgrade:
        before_the_upgrade.setattr("poolkeeper.model.attributes._FORMS", {})
        client.sign_up("lines", email=ENCODED[0])
    eventually(world, "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1", client.pool.pool_id)

    (event,) = happened(world, client.pool, "MailNotWritten")
    assert event["about"] == {"message": "SignUp", "part": "recipient"}
