"""What does a message say? The pool's templates, AWS's defaults, and placeholders filled by replacement alone."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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


_VERIFICATION = Template(
    "Your verification code", "Your confirmation code is {####}", "Your confirmation code is {####}"
)
# UNVERIFIED: the words; a pool with CONFIRM_WITH_LINK and no texts of its own would settle them.
_LINK = Template(
    "Your verification link", "Please click the link below to verify your email address. {##Verify Email##}", ""
)
_INVITATION = Template(
    "Your temporary password",
    "Your username is {username} and temporary password is {####}.",
    "Your username is {username} and temporary password is {####}.",
)
_RESET = Template(
    "Your password reset code", "Your password reset code is {####}", "Your password reset code is {####}"
)
# UNVERIFIED: the subject; one code of a pool without EmailMfaConfiguration.Subject would settle it.
_AUTHENTICATION = Template(
    "Your authentication code", "Your authentication code is {####}", "Your authentication code is {####}"
)

_NOT_YOU = "If that was not you, change your password at once and tell whoever runs the service."
MFA_TURNED_OFF = Template(
    "Multi-factor authentication was turned off",
    "The account {username} is no longer protected by {####} when somebody signs in. " + _NOT_YOU,
    "",
)
APP_REPLACED = Template(
    "Your authenticator app was replaced", "The account {username} has another {####} now. " + _NOT_YOU, ""
)
MFA_LED_AWAY = Template(
    "Your codes go elsewhere",
    "The codes by {####} that protect the account {username} go to another address now. " + _NOT_YOU,
    "",
)
NUMBER_MOVED = Template(
    "Your phone number was changed", "The account {username} has another phone number now, or none. " + _NOT_YOU, ""
)
EMAIL_MOVED = Template(
    "Your e-mail address was changed", "This is no longer the e-mail address of the account {username}. " + _NOT_YOU, ""
)


def confirms_by_link(document: Mapping[str, Any], kind: str) -> bool:
    """Say whether a mail of a kind holds a link in place of a code: those that a sign-up is confirmed by may."""
    template = document.get("VerificationMessageTemplate", {})
    return kind in _BY_LINK and template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK"


def template_for(document: Mapping[str, Any], kind: str) -> Template:
    """Return what a pool says for a kind of message: its own words where it has some, else AWS's default."""
    if kind == INVITATION:
        own = document.get("AdminCreateUserConfig", {}).get("InviteMessageTemplate", {})
        return Template(
            own.get("EmailSubject") or _INVITATION.subject,
            own.get("EmailMessage") or _INVITATION.email,
            own.get("SMSMessage") or _INVITATION.sms,
        )
    if kind == "Authentication":
        own = document.get("EmailMfaConfiguration", {})
        return Template(
            own.get("Subject") or _AUTHENTICATION.subject,
            own.get("Message") or _AUTHENTICATION.email,
            document.get("SmsAuthenticationMessage") or _AUTHENTICATION.sms,
        )
    default = _RESET if kind == "ForgotPassword" else _VERIFICATION
    own = document.get("VerificationMessageTemplate", {})
    if confirms_by_link(document, kind):
        return Template(
            own.get("EmailSubjectByLink") or _LINK.subject,
            own.get("EmailMessageByLink") or _LINK.email,
            own.get("SmsMessage") or default.sms,
        )
    return Template(
        own.get("EmailSubject") or default.subject,
        own.get("EmailMessage") or default.email,
        own.get("SmsMessage") or default.sms,
    )


def render(template: Template, *, medium: Medium, username: str | None, code: str, link: str = "") -> tuple[str, str]:
    """Return (subject, body); `link` is the address that a mail leads to, empty where it leads nowhere. Values are put in once and never looked at again; in mail, which is HTML, they are escaped.

    Where `username` is None its placeholder stays, and so does that of a link that there is none of. A subject is one line
    without control characters and encoded words, whatever it was made of (attacks.md 97, 144).
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
