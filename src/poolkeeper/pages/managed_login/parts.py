"""What are views made of? The words of what is wrong and what went well, inputs, rules, ways to choose, and the frame."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made
from enum import Enum, StrEnum

from poolkeeper.branding.looks import PLAIN, Look


class Naming(Enum):
    """By what people of a pool name themselves: the noun of labels and sentences."""

    USER_NAME = "user-name"
    EMAIL = "email"
    PHONE = "phone"
    EMAIL_OR_USER_NAME = "email-or-user-name"
    PHONE_OR_USER_NAME = "phone-or-user-name"
    EMAIL_OR_PHONE = "email-or-phone"
    EMAIL_PHONE_OR_USER_NAME = "email-phone-or-user-name"


class Medium(Enum):
    """How a code travels."""

    EMAIL = "EMAIL"
    SMS = "SMS"


class Wrong(StrEnum):
    """What can be wrong. `{n}`, `{name}`: a Problem's `n` and `values`."""

    CREDENTIALS = "wrong.credentials"
    KEPT_OUT = "wrong.kept-out"
    """Name or password; the same for an unknown name and a disabled user."""
    WAY = "wrong.way"
    CODE = "wrong.code"
    CODE_EXPIRED = "wrong.code-expired"
    APP_CODE = "wrong.app-code"
    SET_UP_CODE = "wrong.set-up-code"
    LINK_NOT_OPENED = "wrong.link-not-opened"
    RESEND_TOO_SOON = "wrong.resend-too-soon"
    """`n` seconds until another code may be asked for."""
    PASSKEY = "wrong.passkey"
    PASSKEY_NOT_MADE = "wrong.passkey-not-made"
    PASSKEY_IS_THERE = "wrong.passkey-is-there"
    REQUIRED = "wrong.required"
    """A field is empty; the sentence follows `field`."""
    EMAIL = "wrong.email"
    PHONE = "wrong.phone"
    ATTRIBUTE = "wrong.attribute"
    """Another attribute is not what the pool's schema wants."""
    USER_NAME = "wrong.user-name"
    TAKEN = "wrong.taken"
    """There is an account of that name; a link to sign in follows."""
    PASSWORD_RULES = "wrong.password-rules"
    """The sentence lists the problem's `rules`."""
    PASSWORD_LEAKED = "wrong.password-leaked"
    """It is known from breaches, and the pool takes none that is."""
    PASSWORD_USED_BEFORE = "wrong.password-used-before"
    PASSWORD_REFUSED = "wrong.password-refused"
    """A password that is refused for a reason that no rule of the list names."""
    PASSWORD_TOO_OLD = "wrong.password-too-old"
    """A temporary password past its days."""
    NOT_NOW = "wrong.not-now"
    """What came before cannot be done, for a reason that helps nobody here (a function failed, mail cannot be sent)."""
    DOMAIN = "wrong.domain"
    """No identity provider is there for the domain of an address."""
    PROVIDER = "wrong.provider"
    """An identity provider cannot be reached: `{name}`."""
    FUNCTION = "wrong.function"
    """A function of the pool refused: values["text"] is what it said, without AWS's prefix."""


class Notice(StrEnum):
    """What went well just before, said on the next page."""

    CONFIRMED = "notice.confirmed"
    PASSWORD_CHANGED = "notice.password-changed"
    PASSWORD_MUST_CHANGE = "notice.password-must-change"
    CODE_SENT = "notice.code-sent"
    LINK_SENT = "notice.link-sent"
    LINK_PERHAPS_OPENED = "notice.link-perhaps-opened"
    """Somebody says that they have opened a link; whether it is so, is told to nobody who is not known."""


class RuleKind(StrEnum):
    """What a pool may ask of a password."""

    LENGTH = "rule.length"
    LOWER = "rule.lower"
    UPPER = "rule.upper"
    NUMBER = "rule.number"
    SYMBOL = "rule.symbol"


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence of the words file: its key, the values that stand in it, the number that decides its plural."""

    key: str
    values: Mapping[str, str] = made(default_factory=dict)
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for passwords. `met` is by what the field holds, so False in every page; `least` is LENGTH's number."""

    kind: RuleKind
    met: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of the error summary, and the words beside the field that it is about.

    `field` is the name of that input, empty where it is about none or about several. `rules`: those that a password did
    not meet.
    """

    wrong: Wrong
    field: str = ""
    values: Mapping[str, str] = made(default_factory=dict)
    n: int | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One input. `label` is words, or text as it stands (a custom attribute's name).

    `name` is what the form sends; `value` comes back filled; a password's is never given. `hint` stands below the label.
    """

    name: str
    label: Words | str
    type: str = "text"
    inputmode: str = ""
    autocomplete: str = ""
    value: str = ""
    required: bool = True
    hint: Words | None = None
    plain: bool = False
    """No capital letters and no spelling by the keyboard."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to choose. `challenge` is the name that the button sends.

    WEB_AUTHN, EMAIL_OTP, SMS_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA, PASSWORD; where a factor is set up: SOFTWARE_TOKEN_MFA,
    SMS_MFA, EMAIL_OTP. `destination` is masked as AWS masks it (`a***@l***`, `+*******4179`), empty where none is.
    """

    challenge: str
    destination: str = ""
    used_last: bool = False


@dataclass(frozen=True, slots=True)
class ProviderButton:
    """One identity provider to continue with: the `name` that the button sends, the `label` that people know it by.

    `social`: one of the four that everybody knows.
    """

    name: str
    label: str
    social: bool = False

    @property
    def mark(self) -> str:
        """What stands in the round before the words."""
        return self.label[:1].upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page has around it.

    `pool_name` stands in titles; `mount` before every path (Place.mount). `query` is the authorize request as text, encoded,
    without a question mark: every link and every form's address carries it on. `csrf` is the token against forgery.
    `language` is a tag of model/languages.py. `here` is the path at which the page is found again in another one, empty where
    it cannot be, and `holds` what stands in the query of that address beside the language. `look` is how the page looks.
    `app_host` is where an app is that nobody registered by hand (the host of the address by which it names itself, or to which
    it wants its people back), empty for every other, and `app_name` what it says it is called. `app_here`: such an app takes
    people back on this very computer, where every program could have asked for them.
    """

    pool_name: str
    language: str = "en"
    here: str = ""
    holds: tuple[tuple[str, str], ...] = ()
    mount: str = ""
    query: str = ""
    csrf: str = ""
    naming: Naming = Naming.USER_NAME
    look: Look = PLAIN
    app_host: str = ""
    app_name: str = ""
    app_here: bool = False
