"""What does a message say? The pool's templates, the built-in words of a language, and placeholders filled by replacement alone."""

import html
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from poolkeeper.model import languages
from poolkeeper.model.message import Medium
from poolkeeper.model.names import ENCODED_WORD

# The one kind of a code's message that tells a name: `{username}` in any other stays as it is written, as at AWS
# (measured.md 12).
INVITATION = "AdminCreateUser"
_BY_LINK = frozenset({"SignUp", "ResendCode"})
_PLACEHOLDER = re.compile(r"\{####\}|\{username\}|\{##(?P<words>[^{}]*)##\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One text with placeholders: `{####}` for the code or temporary password, `{username}` for the name.

    In a mail that confirms by link `{##words##}` are the words of the link. Invitations and notices alone have the name.
    """

    subject: str
    email: str
    sms: str


_INVITATION = Template(
    "Your temporary password",
    "Your username is {username} and temporary password is {####}.",
    "Your username is {username} and temporary password is {####}.",
)


@cache
def words_of(language: str) -> Mapping[str, str]:
    """Return the built-in words of a language by key, AWS's English for a language that we do not speak. Each file is read once."""
    tag = languages.known(language) or languages.FALLBACK
    return tomllib.loads((files("poolkeeper.messaging") / "words" / f"{tag}.toml").read_text("utf-8"))


def built_in(key: str, language: str = "") -> Template:
    """Return a text that is no pool's own, in the language of the page that caused it: AWS's English where none did.

    The keys are those of the files of words: verification, link, reset, authentication, and the notices.
    """
    # UNVERIFIED: the words of `link`, of which a pool with CONFIRM_WITH_LINK and no texts of its own would settle AWS's.
    # UNVERIFIED: the subject of `authentication`; one code of a pool without EmailMfaConfiguration.Subject would settle it.
    # UNVERIFIED: that AWS's built-in messages follow the language of its pages; a sign-up with lang=de would settle it.
    words = words_of(language)
    return Template(words[f"{key}.subject"], words[f"{key}.body"], words[f"{key}.body"])


def confirms_by_link(document: Mapping[str, Any], kind: str) -> bool:
    """Say whether a mail of a kind holds a link in place of a code: those that a sign-up is confirmed by may."""
    template = document.get("VerificationMessageTemplate", {})
    return kind in _BY_LINK and template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK"


def template_for(document: Mapping[str, Any], kind: str, language: str = "") -> Template:
    """Return what a pool says for a kind of message: its own words where it has some, else the built-in ones.

    `language` is that of the page that caused it, empty where none did; a pool's own words are in the pool's language, and
    an invitation, which no page sends, is in AWS's.
    """
    if kind == INVITATION:
        own = document.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
        return Template(
            own.get("EmailSubject") or _INVITATION.subject,
            own.get("EmailMessage") or _INVITATION.email,
            own.get("SMSMessage") or _INVITATION.sms,
        )
    if kind == "Authentication":
        default = built_in("authentication", language)
        own = document.get("EmailMfaConfiguration", {})
        return Template(
            own.get("Subject") or default.subject,
            own.get("Message") or default.email,
            document.get("SmsAuthenticationMessage") or default.sms,
        )
    default = built_in("reset" if kind == "ForgotPassword" else "verification", language)
    own = document.get("VerificationMessageTemplate", {})
    if confirms_by_link(document, kind):
        by_link = built_in("link", language)
        return Template(
            own.get("EmailSubjectByLink") or by_link.subject,
            own.get("EmailMessageByLink") or by_link.email,
            own.get("SmsMessage") or default.sms,
        )
    return Template(
        own.get("EmailSubject") or default.subject,
        own.get("EmailMessage") or default.email,
        own.get("SmsMessage") or default.sms,
    )


def render(template: Template, *, medium: Medium, username: str | None, code: str, link: str = "") -> tuple[str, str]:
    """Return (subject, body); `link` is the address that a mail leads to, empty where it leads nowhere.

    Values are put in once and never looked at again; in mail, which is HTML, they are escaped. Where `username` is None its
    placeholder stays, and so does a link's where there is no link. A subject is one line without control characters and encoded
    words, whatever it was made of (attacks.md 97, 144).
    """
    values = {"{####}": code, "{username}": "{username}" if username is None else username}

    def plain(match: re.Match[str]) -> str:
        return values.get(match[0], match[0])

    def in_mail(match: re.Match[str]) -> str:
        if match[0] in values:
            return html.escape(values[match[0]])
        # The words are the template's, which is the HTML of whoever runs the pool.
        return f'<a href="{html.escape(link)}">{match["words"]}</a>' if link else match[0]

    if medium == "SMS":
        return "", _PLACEHOLDER.sub(plain, template.sms)
    body = _PLACEHOLDER.sub(in_mail, template.email)
    subject = _PLACEHOLDER.sub(plain, template.subject)
    return as_it_reads("".join(c if c.isprintable() else " " for c in subject)), body


def as_it_reads(text: str) -> str:
    """Return a text for a mail's head in which nothing is an encoded word, so that it is shown as it is written here.

    A name that looks like one makes no mail impossible: the two signs that begin it are put apart.
    """
    return text.replace(ENCODED_WORD, " ".join(ENCODED_WORD))
