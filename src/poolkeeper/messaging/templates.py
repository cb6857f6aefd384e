"""What does a message say? The pool's templates, AWS's defaults, and placeholders filled by replacement alone."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.model.message import Medium

_PLACEHOLDER = re.compile(r"\{####\}|\{username\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One text with placeholders: `{####}` for the code or temporary password, `{username}` for the name."""

    subject: str
    email: str
    sms: str


_VERIFICATION = Template(
    "Your verification code", "Your confirmation code is {####}", "Your confirmation code is {####}"
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
EMAIL_MOVED = Template(
    "Your e-mail address was changed", "This is no longer the e-mail address of the account {username}. " + _NOT_YOU, ""
)


def template_for(document: Mapping[str, Any], kind: str) -> Template:
    """Return what a pool says for a kind of message: its own words where it has some, else AWS's default."""
    if kind == "AdminCreateUser":
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
    return Template(
        own.get("EmailSubject") or default.subject,
        own.get("EmailMessage") or default.email,
        own.get("SmsMessage") or default.sms,
    )


def render(template: Template, *, medium: Medium, username: str, code: str) -> tuple[str, str]:
    """Return (subject, body). Values are put in once and never looked at again; in mail, which is HTML, they are escaped.

    A subject is one line without control characters, whatever it was made of (attacks.md 97, 144).
    """
    values = {"{####}": code, "{username}": username}
    if medium == "SMS":
        return "", _PLACEHOLDER.sub(lambda match: values[match[0]], template.sms)
    body = _PLACEHOLDER.sub(lambda match: html.escape(values[match[0]]), template.email)
    subject = _PLACEHOLDER.sub(lambda match: values[match[0]], template.subject)
    return "".join(c if c.isprintable() else " " for c in subject), body
