"""Which words may a pool's messages be? The rules of the contract (userpools.md 1.4, measured.md 4.2), each where it is set."""

from typing import Any

import pytest

from api.world import SMS, World, refused

CODE = "{####}"
SUBJECT = "Your code"
PATTERN, LENGTH = "Member must satisfy regular expression pattern", "Member must have length less than or equal to"
ONE_LINE = "must be one line without control characters."
VERIFICATION: list[tuple[dict[str, Any], str]] = [
    ({"EmailMessage": "no code", "EmailSubject": SUBJECT}, PATTERN),
    ({"EmailMessage": "The code: {###}", "EmailSubject": SUBJECT}, PATTERN),
    ({"EmailMessage": CODE + "x" * 20_000, "EmailSubject": SUBJECT}, LENGTH),
    ({"EmailMessage": CODE, "EmailSubject": "x" * 141}, LENGTH),
    ({"EmailMessage": CODE, "EmailSubject": "Hi\r\nBcc: eve@evil.example"}, ONE_LINE),
    ({"EmailMessageByLink": "Follow {##this}", "EmailSubjectByLink": SUBJECT}, PATTERN),
    ({"EmailMessageByLink": "{##go##}" + "x" * 20_000, "EmailSubjectByLink": SUBJECT}, LENGTH),
    ({"EmailMessageByLink": "{##go##}", "EmailSubjectByLink": "Hi\nBcc: eve@evil.example"}, ONE_LINE),
    ({"SmsMessage": "no code"}, PATTERN),
    ({"SmsMessage": CODE + "x" * 140}, LENGTH),
]
INVITATIONS: list[tuple[dict[str, Any], str]] = [
    ({"EmailMessage": f"Only {CODE}"}, PATTERN),
    ({"EmailMessage": "Only {username}"}, PATTERN),
    ({"SMSMessage": f"Only {CODE}"}, PATTERN),
    ({"SMSMessage": f"{{username}} {CODE}" + "x" * 140}, LENGTH),
    ({"EmailSubject": "Hi\r\nBcc: eve@evil.example"}, ONE_LINE),
]


def says(answer: tuple[str, str], sentence: str) -> bool:
    return answer[0] == "InvalidParameterException" and sentence in answer[1]


@pytest.mark.parametrize(("template", "sentence"), VERIFICATION)
def test_a_verification_that_says_no_code_is_refused(world: World, template: dict[str, Any], sentence: str) -> None:
    """By CreateUserPool and by UpdateUserPool: a code must be in the words, a link in those by link, none too long."""
    assert says(refused(lambda: world.pool(VerificationMessageTemplate=template)), sentence)
    pool = world.pool()
    update = world.signed.update_user_pool
    assert says(refused(lambda: update(UserPoolId=pool.pool_id, VerificationMessageTemplate=template)), sentence)


@pytest.mark.parametrize(("template", "sentence"), INVITATIONS)
def test_an_invitation_that_says_no_name_or_no_password_is_refused(
    world: World, template: dict[str, Any], sentence: str
) -> None:
    """Nobody could sign in by it."""
    invitation = {"InviteMessageTemplate": template}
    assert says(refused(lambda: world.pool(AdminCreateUserConfig=invitation)), sentence)


def test_a_text_message_of_signing_in_says_the_code(world: World) -> None:
    """Of the pool, and of its MFA."""
    assert says(refused(lambda: world.pool(SmsAuthenticationMessage="no code")), PATTERN)
    pool = world.pool()
    sms = {"SmsAuthenticationMessage": "no code", "SmsConfiguration": SMS}
    set_mfa = world.signed.set_user_pool_mfa_config
    assert says(refused(lambda: set_mfa(UserPoolId=pool.pool_id, SmsMfaConfiguration=sms)), PATTERN)
    mail = {"Message": "no code", "Subject": SUBJECT}
    assert says(refused(lambda: set_mfa(UserPoolId=pool.pool_id, EmailMfaConfiguration=mail)), PATTERN)


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ({"From": "no address"}, "Provided From email address is invalid"),
        ({"From": "x@y.example\r\nBcc: eve@evil.example"}, ONE_LINE),
        ({"ReplyToEmailAddress": "no address"}, PATTERN),
        ({"EmailSendingAccount": "DEVELOPER"}, "Source ARN is required to use DEVELOPER email sending owner"),
        ({"ConfigurationSet": "a b"}, PATTERN),
        ({"ConfigurationSet": "x" * 65}, LENGTH),
    ],
)
def test_what_would_send_mail_from_nowhere_is_refused(
    world: World, configuration: dict[str, Any], sentence: str
) -> None:
    """EmailConfiguration is judged where it is set, not by a mail that does not come."""
    assert says(refused(lambda: world.pool(EmailConfiguration=configuration)), sentence)
