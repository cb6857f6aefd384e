"""Whether a value can become a line of its own in a header or a message (attack 97)."""

import json

import pytest

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
        before = len(world.outbox())
        name, _ = refused(lambda: client.sign_up("lines", email=address))  # noqa: B023 - called at once
        assert name == "InvalidParameterException"
        assert len(world.outbox()) == before


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
