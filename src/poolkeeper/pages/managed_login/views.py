"""What does each sign-in page need to know? One frozen view a page, and the field names that its forms send.

A handler makes a view and a Frame and gives both to Render. What a form sends beside the fields that a view names:

_csrf       Frame.csrf, in every form
session     the sealed state of the step (may be empty), where the view has `session`
username    where the view has `username`: typed on the first page, hidden or read-only after it
challenge   what is answered or chosen; see the views

Every form posts to a path of hosted/paths.py, with Frame.query in its address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from starlette.responses import Response

from poolkeeper.hosted.outcomes import Fault
from poolkeeper.model.terms import Agreement
from poolkeeper.pages.managed_login.parts import (
    Field,
    Frame,
    Medium,
    Notice,
    Problem,
    ProviderButton,
    Rule,
    Way,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page. `problems` make its state "wrong", `notice` says what was done just before; `status` is HTTP's."""

    template: ClassVar[str]
    status: ClassVar[int] = 200

    problems: tuple[Problem, ...] = ()
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(View):
    """A page after the first: `session` is the sealed state, `username` the name as it was typed. Both are sent along."""

    session: str = ""
    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn(View):
    """POST /login: username, password (where `asks_password`), session.

    `username` fills the field (login_hint, or what was typed). `sign_up` and `forgot`: the pool offers these pages.
    `passkey_options`: JSON of PublicKeyCredentialRequestOptions that name no user, empty where passkeys cannot be offered
    before a name; what the browser gives is posted to /login/passkey: credential, session.

    `providers` are buttons of POST /login/federated: identity_provider; `asks_domain`: its field idp_identifier, an address
    of work, which comes back as `domain_address`. `own_users`: people of the pool itself sign in.
    """

    template = "sign-in/sign-in.html"

    providers: tuple[ProviderButton, ...] = ()
    asks_domain: bool = False
    domain_address: str = ""
    own_users: bool = True

    username: str = ""
    session: str = ""
    asks_password: bool = True
    sign_up: bool = False
    forgot: bool = False
    passkey_options: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Password(Step):
    """POST /login/password: password, username, session. `another_way`: a button to POST /login/another is shown."""

    template = "sign-in/password.html"

    forgot: bool = False
    another_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseWay(Step):
    """POST /login/choose: challenge (the way's), asked, username, session.

    `asked` is the question that is answered: SELECT_CHALLENGE or SELECT_MFA_TYPE.
    """

    template = "sign-in/choose-way.html"

    ways: tuple[Way, ...]
    asked: str = "SELECT_CHALLENGE"


@dataclass(frozen=True, slots=True, kw_only=True)
class SentCode(Step):
    """POST /mfa: code, challenge, username, session; POST /mfa/resend and /login/another: challenge, username, session.

    `challenge`: EMAIL_OTP, SMS_OTP, SMS_MFA, or what the handler calls it. `destination` is masked, empty where it must not
    be told; `minutes` is how long the code is good for, `digits` how long it is (6 or 8).
    """

    template = "sign-in/sent-code.html"

    challenge: str
    medium: Medium
    destination: str = ""
    minutes: int = 3
    digits: int = 6
    resend: bool = False
    another_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCode(Step):
    """POST /mfa: code, challenge (SOFTWARE_TOKEN_MFA), username, session."""

    template = "sign-in/app-code.html"

    challenge: str = "SOFTWARE_TOKEN_MFA"
    another_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyPrompt(Step):
    """POST /login/passkey: credential (JSON of the browser's answer), challenge, username, session.

    `options` is JSON of PublicKeyCredentialRequestOptions. Script asks as soon as the page is there, and on "Try again".
    """

    template = "sign-in/passkey.html"

    options: str
    challenge: str = "WEB_AUTHN"
    another_way: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp(View):
    """POST /signup: what `fields` name, in their order (fields.py makes them), then password where `asks_password`.

    `password_required`: it may not be left out. `agreement`: what whoever sends it agrees to.
    """

    template = "sign-in/sign-up.html"

    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    asks_password: bool = True
    password_required: bool = True
    agreement: Agreement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Step):
    """POST /confirm: code, username, session; POST /resendcode: username, session. `hours`: how long the code is good for.

    `sign_up`: the pool offers that page, so that people who mistyped the address may begin anew.
    """

    template = "sign-in/confirm.html"

    medium: Medium
    destination: str = ""
    hours: int = 24
    digits: int = 6
    resend: bool = True
    sign_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitLink(Step):
    """POST /confirm and /resendcode: username, session. The mail holds a link alone; whoever has opened it goes on here.

    `hours`: how long the link is good for; `sign_up` as of Confirm.
    """

    template = "sign-in/await-link.html"

    destination: str = ""
    hours: int = 24
    sign_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitAdministrator(View):
    """The account is made, and the pool confirms nobody by code."""

    template = "sign-in/await-administrator.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmByLink(View):
    """POST /confirmUser: what `carried` holds, as the link in the message had it (client_id, user_name, confirmation_code)."""

    template = "sign-in/confirm-by-link.html"

    carried: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult(View):
    """What the link of a message did. `sign_in`: a link to /login is shown (Frame.query must name a client then)."""

    template = "sign-in/link-result.html"

    worked: bool
    sign_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback(View):
    """POST /feedback: what `carried` holds, as the link in the notice had it (state, value). `valid`: it says that it was me."""

    template = "sign-in/feedback.html"

    carried: Mapping[str, str]
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackResult(View):
    """What the link of a notice did."""

    template = "sign-in/feedback-result.html"

    worked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgot(View):
    """POST /forgotPassword: username."""

    template = "sign-in/forgot.html"

    username: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(View):
    """POST /confirmforgotPassword: username (unseen, read-only), code, password."""

    template = "sign-in/reset.html"

    username: str
    rules: tuple[Rule, ...] = ()
    digits: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword(Step):
    """POST /changePassword: password, username, session, and the attributes that are missing yet (`fields`)."""

    template = "sign-in/new-password.html"

    rules: tuple[Rule, ...] = ()
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseFactor(Step):
    """POST /mfa/choose: challenge, username, session. Which second factor is set up."""

    template = "sign-in/choose-factor.html"

    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpApp(Step):
    """POST /mfa/setup: code, friendlyDeviceName, secret, username, session.

    `secret` is the key in base 32 without spaces; `uri` the otpauth: address that the QR code and a link hold.
    """

    template = "sign-in/set-up-app.html"

    secret: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpAddress(Step):
    """POST /mfa/address: challenge, username, session, and email or phone_number as requiredAttributes[...]."""

    template = "sign-in/set-up-address.html"

    medium: Medium
    challenge: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferPasskey(Step):
    """POST /passkeys/add: action (create or later), credential (JSON, with create), username, session.

    `options` is JSON of PublicKeyCredentialCreationOptions.
    """

    template = "sign-in/offer-passkey.html"

    options: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContinueAs(View):
    """POST /login/continue: account (current or other). `name` is what the person is called, `detail` their address."""

    template = "sign-in/continue-as.html"

    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut(View):
    """POST /logout/confirm: nothing more; Frame.query, what the app asked /logout for, is carried on.

    `stay` is the authorize request by which a person who does not want it goes back to the app, empty where none is
    known.
    """

    template = "sign-in/sign-out.html"

    stay: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut(View):
    """`sign_in`: a link to /login is shown (Frame.query must be an authorize request then)."""

    template = "sign-in/signed-out.html"

    sign_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(View):
    """No way on from here. `fault` chooses the sentence; `code` is what the app's people are told, `at` is in ms of 1970.

    Nothing that the request said is shown but `client_id`. `restart`: Frame.query is an authorize request to begin anew with.
    """

    template = "sign-in/error.html"
    status = 400

    fault: Fault
    request_id: str
    at: int
    client_id: str = ""
    restart: bool = False

    @property
    def code(self) -> str:
        return self.fault.value


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyTries(View):
    """`seconds` until it may be tried again; becomes Retry-After too. A link back to /login is shown."""

    template = "sign-in/too-many-tries.html"
    status = 429

    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TooOld(View):
    """A page whose state is of no use any more. `restart`: Frame.query is still an authorize request to begin anew with."""

    template = "sign-in/too-old.html"
    status = 400

    restart: bool = True


class Render(Protocol):
    """What makes a page of a view: HTML, the headers of sign-in pages, the view's status unless another is given."""

    def __call__(
        self, view: View, frame: Frame, *, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Response: ...


VIEWS: tuple[type[View], ...] = (
    *(SignIn, Password, ChooseWay, SentCode, AppCode, PasskeyPrompt, SignUp, Confirm, AwaitLink, AwaitAdministrator),
    *(ConfirmByLink, LinkResult, Feedback, FeedbackResult, Forgot, Reset, NewPassword, ChooseFactor, SetUpApp),
    *(SetUpAddress, OfferPasskey, ContinueAs, SignOut, SignedOut, ErrorPage, TooManyTries, TooOld),
)
