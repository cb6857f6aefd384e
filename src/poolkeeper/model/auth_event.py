"""What did a user of a watched pool do? One event: what was seen, how it was judged, how it ended (identity-security.md 4.1)."""

import msgspec

SIGN_IN, SIGN_UP, FORGOT_PASSWORD = "SignIn", "SignUp", "ForgotPassword"
PASSWORD_CHANGE, RESEND_CODE = "PasswordChange", "ResendCode"
PASS, FAIL, IN_PROGRESS = "Pass", "Fail", "InProgress"
NO_RISK, TAKEOVER, BLOCKED = "NoRisk", "AccountTakeover", "Block"
VALID, INVALID = "Valid", "Invalid"


class Seen(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen of a request: an address in its one spelling, and what the client told of itself."""

    address: str = ""
    user_agent: str = ""
    device: str = ""
    device_name: str = ""
    time_zone: str = ""
    city: str = ""
    country: str = ""


class Risk(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an event was judged. `parts` are (name, weight, words); `level` is LOW, MEDIUM or HIGH, empty where there is none.

    `compromised` is None where no password was looked at.
    """

    decision: str = NO_RISK
    level: str = ""
    score: float = 0.0
    parts: tuple[tuple[str, float, str], ...] = ()
    compromised: bool | None = None


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of an event that never changes once it has begun."""

    seen: Seen = Seen()
    risk: Risk = Risk()

    @property
    def text(self) -> bytes:
        """What the column holds."""
        return msgspec.json.encode(self)


class Feedback(msgspec.Struct, frozen=True):
    """What somebody said of an event: Valid or Invalid, who, and when (milliseconds)."""

    value: str
    provider: str
    at: int


class Assessment(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a sign-in under way was judged to be when it was looked at last; it travels in its Session.

    `at` and `event_id` name its event. `action` is what must be done about it, NO_ACTION where the pool only watches.
    `listed`: its address is always kept out, whoever comes.
    """

    event_id: str
    at: int
    network: str = ""
    level: str = ""
    action: str = "NO_ACTION"
    notify: bool = False
    listed: bool = False


facts_of = msgspec.json.Decoder(Facts).decode
feedback_of = msgspec.json.Decoder(Feedback).decode
challenges_of = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode
