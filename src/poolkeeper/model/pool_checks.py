"""Which settings of a user pool does AWS refuse? The combinations under which users would be stranded, and its words.

The sentences are AWS's where public reports of refused requests have them (measured.md 1 and 4.2).
"""

from collections.abc import Mapping
from typing import Any

from poolkeeper.errors import InvalidParameterException, UserPoolTaggingException
from poolkeeper.model.mail_heads import require_author, require_one_line
from poolkeeper.model.tags import tags_fault

# Where AWS says that an invitation is wrong, and what an invitation must say.
_INVITATIONS = {"EmailMessage": "emailMessage", "SMSMessage": "smsMessage"}
_IN_INVITATIONS = ("{username}", "{####}")


def check_pool(document: Mapping[str, Any]) -> None:
    """Raise for the first combination that AWS refuses, of all but MFA and what goes out as text messages.

    Raises InvalidParameterException, UserPoolTaggingException.
    """
    if document.get("AliasAttributes") and document.get("UsernameAttributes"):
        raise InvalidParameterException(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        )
    if "PASSWORD" not in document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]:
        raise InvalidParameterException("Password should be configured as one of the allowed first auth factors.")
    triggers = document["LambdaConfig"]
    if ("CustomSMSSender" in triggers or "CustomEmailSender" in triggers) and "KMSKeyID" not in triggers:
        raise InvalidParameterException("KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.")
    key = document.get("KeyConfiguration", {})
    if (key.get("KeyType") == "CUSTOMER_MANAGED_KEY") != ("KmsKeyArn" in key):
        # UNVERIFIED: the words; a CUSTOMER_MANAGED_KEY without an ARN against AWS would settle them.
        raise InvalidParameterException("KmsKeyArn goes with the KeyType CUSTOMER_MANAGED_KEY, and with no other.")
    if (fault := tags_fault(document.get("UserPoolTags", {}))) is not None:
        raise UserPoolTaggingException(fault)
    _check_recovery(document["AccountRecoverySetting"].get("RecoveryMechanisms", []))
    _check_header_values(document)
    _check_sender(document["EmailConfiguration"])
    _check_invitations(document["AdminCreateUserConfig"].get("InviteMessageTemplate", {}))
    _check_proved_first(document)


def check_texts(document: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException where text messages are to go out and nothing says how.

    MFA is judged before: it has sentences of its own for what it does not go with.
    """
    if document.get("SmsConfiguration"):
        return
    if "phone_number" in document.get("AutoVerifiedAttributes", ()):
        raise InvalidParameterException(
            "SMS configuration is required when phone_number is selected for auto verification"
        )
    if "SMS_OTP" in document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]:
        raise InvalidParameterException(
            "SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration"
        )


def _check_recovery(mechanisms: list[dict[str, Any]]) -> None:
    names = [mechanism["Name"] for mechanism in mechanisms]
    if "admin_only" in names and len(names) > 1:
        raise InvalidParameterException(
            "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms."
        )
    if len({mechanism["Priority"] for mechanism in mechanisms}) != len(mechanisms) or len(set(names)) != len(names):
        raise InvalidParameterException(
            "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms."
        )


def _check_header_values(document: Mapping[str, Any]) -> None:
    """Refuse what would be a line of its own in a mail's head (attacks.md 97)."""
    email, template = document["EmailConfiguration"], document["VerificationMessageTemplate"]
    values = {
        "From": email.get("From"),
        "ReplyToEmailAddress": email.get("ReplyToEmailAddress"),
        "EmailSubject": template.get("EmailSubject"),
        "EmailSubjectByLink": template.get("EmailSubjectByLink"),
        "InviteMessageTemplate.EmailSubject": document["AdminCreateUserConfig"]
        .get("InviteMessageTemplate", {})
        .get("EmailSubject"),
    }
    for name, value in values.items():
        require_one_line(name, value)


def _check_sender(email: Mapping[str, Any]) -> None:
    """Refuse mail that would leave from nowhere: an identity goes with DEVELOPER, and is needed there."""
    developer = email["EmailSendingAccount"] == "DEVELOPER"
    if developer and "SourceArn" not in email:
        raise InvalidParameterException("Source ARN is required to use DEVELOPER email sending owner")
    if not developer and "SourceArn" in email:
        raise InvalidParameterException("Cognito is not allowed to use your email identity")
    if "From" in email:
        require_author(email["From"])


def _check_invitations(template: Mapping[str, str]) -> None:
    """Refuse an invitation that would not say by which name and password one signs in."""
    for member, path in _INVITATIONS.items():
        text = template.get(member)
        if text is not None and not all(part in text for part in _IN_INVITATIONS):
            # UNVERIFIED: the pattern that is printed; an invitation without a name against AWS would settle it.
            raise InvalidParameterException(
                f"1 validation error detected: Value '{text}' at 'adminCreateUserConfig.inviteMessage.{path}' failed to "
                "satisfy constraint: Member must satisfy regular expression pattern: "
                r"(?s)(?=.*\{username\})(?=.*\{####\}).*"
            )


def _check_proved_first(document: Mapping[str, Any]) -> None:
    """Refuse a new address that would wait for a code which nobody sends."""
    settings = document.get("UserAttributeUpdateSettings", {})
    waiting = set(settings.get("AttributesRequireVerificationBeforeUpdate", ()))
    if waiting - set(document.get("AutoVerifiedAttributes", ())):
        raise InvalidParameterException(
            "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"
        )
