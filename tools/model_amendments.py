"""Where does the service differ from its published model? Each difference with its reason; generate_shapes.py applies them.

Three kinds of entry: what AWS prints or accepts otherwise than the model says; patterns whose meaning is kept but which
are matched in a form that takes linear time (a request must not be able to hold the loop by backtracking); and codes and
statuses of errors on the query protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_WORDS = r"\p{L}\p{M}\p{S}\p{N}\p{P}"


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to one shape: `merge` overwrites members of the model's shape, `add_enum` appends values."""

    reason: str
    merge: Mapping[str, Any] = field(default_factory=dict)
    add_enum: tuple[str, ...] = ()


_LINEAR = "Same meaning; the model's form backtracks over the square of the length or worse."
_CODE_IN_MESSAGE = Amendment(_LINEAR, {"check": rf"(?s)(?=.*\{{####\}})[{_WORDS}\s*]*"})
_LINK_IN_MESSAGE = Amendment(_LINEAR, {"check": rf"(?s)(?=(?>.*?\{{##).*##\}})[{_WORDS}\s*]*"})
_PASSWORD = Amendment(
    "AWS prints this pattern (public error reports), the model says [\\S]+. Inner blanks are legal; one character is left "
    "to the pool's policy to refuse; the empty string is legal for users without a password.",
    {"pattern": r"^[\S]+.*[\S]+$", "check": r"(?:\S(?:.*\S)?)?", "max": 256, "min": 0},
)

SHAPES: Mapping[str, Mapping[str, Amendment]] = {
    "cognito-idp": {
        "PasswordType": _PASSWORD,
        "DomainType": Amendment(
            "The model's dot-free pattern is given to custom domains too, which are names with dots (developer guide, "
            "'Using your own domain'); CreateUserPoolDomain itself tells prefixes from custom domains.",
            {
                "check": r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?)*",
                "max": 253,
            },
        ),
        "ExplicitAuthFlowsType": Amendment(
            "Documented for GetClientToken and missing from the enumeration.", add_enum=("ALLOW_CLIENT_TOKEN_AUTH",)
        ),
        "EmailVerificationMessageType": _CODE_IN_MESSAGE,
        "EmailMfaMessageType": _CODE_IN_MESSAGE,
        "EmailVerificationMessageByLinkType": _LINK_IN_MESSAGE,
        "SmsVerificationMessageType": Amendment(_LINEAR, {"check": r"(?=.*\{####\}).*"}),
        "EmailAddressType": Amendment(_LINEAR, {"check": rf"(?s)(?=.+@.)[{_WORDS}]+"}),
    },
    "cognito-identity": {},
    "sts": {},
    "kms": {},
    "iam": {},
    "resourcegroupstaggingapi": {},
    "poolkeeper": {},
}

QUERY_ERRORS: Mapping[str, tuple[str, int]] = {
    # Identity and Access Management guide, 'Common errors': what a denial is called on the query protocol.
    "AccessDeniedException": ("AccessDenied", 403),
    # cognito-idp's model has these names too, with statuses of its own: iam's are those of the query protocol.
    "LimitExceededException": ("LimitExceeded", 409),
    "ConcurrentModificationException": ("ConcurrentModification", 409),
}

CONSTRAINT_FAULT: Mapping[str, str] = {
    # Raw answers in public reports: cognito-identity calls a violated constraint ValidationException, cognito-idp
    # InvalidParameterException; the query protocol's name is ValidationError.
    "cognito-idp": "InvalidParameterException",
    "cognito-identity": "ValidationException",
    "sts": "ValidationException",
    "kms": "ValidationException",
    "iam": "ValidationException",
    # UNVERIFIED: that it is no ValidationException; ResourcesPerPage 0 against AWS would settle it.
    "resourcegroupstaggingapi": "InvalidParameterException",
    "poolkeeper": "InvalidParameterException",
}
