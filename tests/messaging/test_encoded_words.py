"""Can an encoded word (RFC 2047) write into the head of a mail? Attacked on whatever Python runs the tests (attacks.md 97).

The standard library decodes such words when it parses what it is handed; until its repair of CVE-2024-6923 the line
breaks in them became line breaks of the head, and since then they are still another recipient.
"""

import email
import email.policy
from email.message import EmailMessage

import pytest

from poolkeeper.messaging.senders import Unwritable, mime
from poolkeeper.messaging.templates import Template, render
from poolkeeper.model.message import Message

OURS = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
BODY = ["Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
WORDS = (
    "=?utf-8?q?x=0d=0aBcc=3A_mallory=40evil=2Eexample=0d=0aX=3A?=",
    "=?utf-8?q?you=0d=0aSubject=3A_Pay=0d=0aContent-Type=3A_text/plain=0d=0a=0d=0aPay_here=0d=0a?=",
    "=?utf-8?b?eA0KQmNjOiBtYWxsb3J5QGV2aWwuZXhhbXBsZQ0KWDog?=",
    "=?utf-8?q?mallory=40evil=2Eexample=2C?=",
    "=?UTF-8?Q?mallory=40evil=2Eexample=3E?=",
    "==?utf-8?q?x=0aBcc=3A_mallory=40evil=2Eexample?=",
)


def message(*, to: str = "ada@lovelace.example", subject: str = "Hello", sender: str = "") -> Message:
    return Message(
        to=to, medium="EMAIL", kind="SignUp", subject=subject, body="x", pool_id="p", username="u", sender=sender
    )


def composed(one: Message) -> EmailMessage:
    return mime.compose(one, sender="no-reply@pool.example", message_id="1", now=1_795_600_867_042)


def read(one: Message) -> EmailMessage:
    """Return a mail as a program reads it that gets it over the wire; fail unless its head is ours, line by line."""
    flattened = composed(one).as_bytes()
    mail = email.message_from_bytes(flattened, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail.keys() == OURS + BODY
    assert [address.addr_spec for address in mail["To"].addresses] == [one.to]
    assert mail.get_content().strip() == "x"
    return mail


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("address", ["{}@victim.example", "a@{}.example"])
def test_an_address_that_holds_an_encoded_word_gets_no_mail(word: str, address: str) -> None:
    """Whatever came into the database before such addresses were refused: it is no address to the mail either."""
    to = address.format(word)
    with pytest.raises(Unwritable) as caught:
        composed(message(to=to))
    assert (caught.value.part, caught.value.permanent) == ("recipient", True)
    with pytest.raises(Unwritable):
        composed(message(sender=to))


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("template", ["Welcome, {username}", "{username}", "={username}={username}"])
def test_a_name_in_a_subject_is_shown_as_it_is_written(word: str, template: str) -> None:
    """A name decodes to nothing in a head, and makes no mail impossible; nor do two texts that meet in the subject."""
    for name in (word, word[1:]):
        subject, _ = render(Template(template, "{####}", ""), medium="EMAIL", username=name, code="1")
        mail = read(message(subject=subject))
        assert mail["Subject"].strip() == subject
        assert "=?" not in subject


@pytest.mark.parametrize("word", WORDS)
def test_a_subject_that_was_written_before_is_broken_when_it_is_sent(word: str) -> None:
    """Messages wait in the database over an upgrade, and a function's subject is no template of ours."""
    assert "Pay here" not in str(read(message(subject=f"Hello {word}")))


@pytest.mark.parametrize("word", [*WORDS, "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3D0d=3D0aBcc=3D3A=3F=3D?="])
def test_a_sender_s_name_writes_no_line_either(word: str) -> None:
    """The pool's own From, whoever set it; a word within a word is not opened."""
    mail = read(message(sender=f'"{word}" <no-reply@juniper.example>'))
    assert [one.addr_spec for one in mail["From"].addresses] == ["no-reply@juniper.example"]


def test_a_sender_s_name_beyond_ascii_may_be_given_as_amazon_wants_it() -> None:
    """Encoded words that hold a name and nothing else arrive as that name."""
    mail = read(message(sender="=?utf-8?q?B=C3=BCcher?= <no-reply@juniper.example>"))
    assert mail["From"].addresses[0].display_name == "Bücher"


@pytest.mark.parametrize("word", WORDS)
def test_what_is_read_from_the_finished_head_decides(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """With every look before it taken away, the mail is either refused or has the head that was set."""
    parts = set[str]()
    monkeypatch.setattr(mime, "as_it_reads", str)
    monkeypatch.setattr(mime, "ENCODED_WORD", "\x00")
    for one in (message(subject=word), message(to=f"{word}@victim.example"), message(sender=f"{word} <a@b.example>")):
        try:
            read(one)
        except Unwritable as fault:
            parts.add(fault.part)
    assert parts <= {"head"}
