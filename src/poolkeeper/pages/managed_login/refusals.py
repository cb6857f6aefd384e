"""What does a person read where something is refused? The exceptions of accounts and sign-in, as words of a page.

An unknown name, a wrong password and a disabled user are one sentence (attacks.md 9). What helps nobody at a page is
said as that; what the app's people need to know stands in the log.
"""

from collections.abc import Mapping

from poolkeeper.accounts.compromised import CompromisedPassword
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.errors import (
    AliasExistsException,
    CodeMismatchException,
    EnableSoftwareTokenMFAException,
    ExpiredCodeException,
    InvalidPasswordException,
    LimitExceededException,
    NotAuthorizedException,
    PasswordHistoryPolicyViolationException,
    ServiceError,
    TooManyRequestsException,
    UserLambdaValidationException,
    UsernameExistsException,
    UserNotFoundException,
)
from poolkeeper.errors.refusals import CLOSED, SESSION_LOST, TOO_RISKY, Reason
from poolkeeper.model.pool import Pool
from poolkeeper.pages.managed_login import rules
from poolkeeper.pages.managed_login.kept import TooOld
from poolkeeper.pages.managed_login.parts import Problem, Wrong

# How long people are told to wait after an hourly limit or in a crowd: nobody knows how long it really takes.
WAIT_SECONDS = 15 * MINUTE // SECOND
_WORDS: Mapping[type[ServiceError], tuple[Wrong, str]] = {
    CodeMismatchException: (Wrong.CODE, "code"),
    ExpiredCodeException: (Wrong.CODE_EXPIRED, "code"),
    EnableSoftwareTokenMFAException: (Wrong.SET_UP_CODE, "code"),
    CompromisedPassword: (Wrong.PASSWORD_LEAKED, "password"),
    PasswordHistoryPolicyViolationException: (Wrong.PASSWORD_USED_BEFORE, "password"),
    UserNotFoundException: (Wrong.CREDENTIALS, ""),
    UsernameExistsException: (Wrong.TAKEN, "username"),
    AliasExistsException: (Wrong.TAKEN, ""),
}
_BEFORE_ITS_WORDS = " failed with error "


class Wait(Exception):  # noqa: N818 - what is said to the person
    """Too many tries: nothing more is taken for `seconds`."""

    def __init__(self, seconds: int = WAIT_SECONDS) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Locked(Wait):
    """Too many wrong proofs for one name: for how long nothing more is taken stands with the lock."""


def problem_of(fault: ServiceError, pool: Pool, *, typed: str = "") -> Problem:
    """Return what a refusal is called on the page that asked; `typed` is the new password, where there was one.

    Raises TooOld where the page itself is of no use any more, Wait where nothing more is taken for a while.
    """
    match fault:
        case LimitExceededException() | TooManyRequestsException():
            raise Wait from fault
        case NotAuthorizedException() if fault.reason in SESSION_LOST:
            raise TooOld from fault
        case NotAuthorizedException() if fault.reason in CLOSED:
            raise Locked from fault
        case NotAuthorizedException() if fault.reason is Reason.PASSWORD_EXPIRED:
            return Problem(Wrong.PASSWORD_TOO_OLD)
        case NotAuthorizedException() if fault.reason in TOO_RISKY:
            return Problem(Wrong.KEPT_OUT)
        case NotAuthorizedException():
            return Problem(Wrong.CREDENTIALS)
        case InvalidPasswordException() if not isinstance(fault, CompromisedPassword):
            return rules.refusal_of(pool.password_policy, typed)
        case UserLambdaValidationException():
            return Problem(Wrong.FUNCTION, values={"text": own_words(fault)})
    wrong, field = _WORDS.get(type(fault), (Wrong.NOT_NOW, ""))
    return Problem(wrong, field)


def own_words(fault: UserLambdaValidationException) -> str:
    """Return what a function itself said, without what AWS puts around it."""
    _, between, words = fault.message.partition(_BEFORE_ITS_WORDS)
    return words.removesuffix(".") if between else fault.message
