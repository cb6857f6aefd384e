"""What do the sign-in pages look like? Samples of every view in its states, for the tests that render all of them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, TypedDict

from poolkeeper.hosted.outcomes import Fault
from poolkeeper.model.password_policy import PasswordPolicy
from poolkeeper.model.terms import Agreement
from poolkeeper.pages.managed_login import rules
from poolkeeper.pages.managed_login import views as v
from poolkeeper.pages.managed_login.fields import attribute_field, attribute_name, username_field
from poolkeeper.pages.managed_login.parts import (
    Frame,
    Medium,
    Naming,
    Notice,
    Problem,
    ProviderButton,
    Way,
    Wrong,
)
from poolkeeper.pages.managed_login.views import View


class Sealed(TypedDict):
    """What every step holds."""

    session: str
    username: str


# Named by us, not by a person: a payload there is a mistake of ours that must fail loudly. Addresses of documents are
# checked before they come to a view (model/terms.py).
OUR_NAMES = {
    ("Way", "challenge"),
    ("Words", "key"),
    ("Frame", "language"),
    ("Frame", "mount"),
    ("Frame", "here"),
    ("Problem", "field"),
    ("Look", "scheme"),
    ("Agreement", "terms_of_use"),
    ("Agreement", "privacy_policy"),
}
QUERY = (
    "response_type=code&client_id=4f2k9s0m1q8x7c6v5b4n3a2l1k&redirect_uri=https%3A%2F%2Fapp.example%2Fback&state=a%26b"
)
HOLDS = (("response_type", "code"), ("client_id", "4f2k9s0m1q8x7c6v5b4n3a2l1k"), ("state", "a&b"))
FRAME = Frame(
    pool_name="Juniper Books", query=QUERY, csrf="csrf-token", naming=Naming.EMAIL, here="/login", holds=HOLDS
)
ADA = "ada@lovelace.example"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXPJBSW"
SEALED = Sealed(session="AYABe" * 120, username=ADA)
REQUEST_OPTIONS = json.dumps({"challenge": "AAAA", "rpId": "localhost", "allowCredentials": [], "timeout": 60_000})
CREATION_OPTIONS = json.dumps(
    {
        "challenge": "AAAA",
        "rp": {"id": "localhost", "name": "Juniper Books"},
        "user": {"id": "AAAA", "name": ADA, "displayName": "Ada"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "authenticatorSelection": {"residentKey": "required", "userVerification": "preferred"},
    }
)
WAYS = (
    Way("WEB_AUTHN", used_last=True),
    Way("EMAIL_OTP", "a***@l***"),
    Way("SMS_OTP", "+*******4179"),
    Way("PASSWORD"),
)
FIELDS = (
    attribute_field("email", value="grace.hopper", sends_code=True),
    attribute_field("name", value="Grace Hopper"),
    attribute_field("birthdate"),
    attribute_field("zoneinfo"),
    attribute_field("custom:shoe size"),
    attribute_field("phone_number", required=False),
)
UNMET = rules.of(PasswordPolicy())
MISSING = tuple(rule for rule in rules.of(PasswordPolicy(), "Swimming") if not rule.met)
BROKEN = Problem(Wrong.PASSWORD_RULES, "password", rules=MISSING)
CODE = (Problem(Wrong.CODE, "code"),)
NOT_NOW = (Problem(Wrong.NOT_NOW),)


@dataclass(frozen=True, slots=True)
class States:
    """The four states of a page. `empty` is as it comes; `done` is what is seen after it, None where that is the app.

    `working` is `empty` with its button pressed, in a browser; a page without a form has neither it nor `wrong`.
    """

    empty: tuple[View, ...]
    wrong: tuple[View, ...] = ()
    done: View | None = None

    @property
    def works(self) -> bool:
        return bool(self.wrong)


def _problem(view: View, *problems: Problem) -> View:
    return replace(view, problems=problems)


PROVIDERS = (ProviderButton("Google", "Google", social=True), ProviderButton("Juniper-Staff", "Juniper-Staff"))
SIGN_IN = v.SignIn(sign_up=True, forgot=True)
SENT = v.SentCode(
    challenge="EMAIL_OTP", medium=Medium.EMAIL, destination="a***@l***", resend=True, another_way=True, **SEALED
)
CHOOSE = v.ChooseWay(ways=WAYS, **SEALED)
SET_UP = v.SetUpApp(
    secret=SECRET,
    uri=f"otpauth://totp/Juniper%20Books:{ADA}?secret={SECRET}&issuer=Juniper%20Books",
    **SEALED,
)
PASSKEY = v.PasskeyPrompt(options=REQUEST_OPTIONS, another_way=True, **SEALED)
OFFER = v.OfferPasskey(options=CREATION_OPTIONS, **SEALED)
CONFIRM = v.Confirm(medium=Medium.EMAIL, destination="g***@h***", sign_up=True, **SEALED)
AWAIT_LINK = v.AwaitLink(destination="g***@h***", sign_up=True, **SEALED)
BY_LINK = v.ConfirmByLink(carried={"client_id": "4f2k", "user_name": "grace", "confirmation_code": "123456"})
FEEDBACK = v.Feedback(carried={"state": "us-east-1_Pool.token", "value": "Invalid"}, valid=False)
NEW_PASSWORD = v.NewPassword(rules=UNMET, **SEALED)
FACTORS = v.ChooseFactor(ways=(Way("SOFTWARE_TOKEN_MFA"), Way("SMS_MFA"), Way("EMAIL_OTP")), **SEALED)
PHONE = v.SetUpAddress(medium=Medium.SMS, challenge="SMS_MFA", **SEALED)
RESET = v.Reset(username=ADA, rules=UNMET)
AGREEMENT = Agreement("https://juniper.example/terms", "https://juniper.example/privacy?a=1&b=2")
SIGN_UP = v.SignUp(fields=FIELDS, rules=UNMET, agreement=AGREEMENT)
PASSWORD = v.Password(forgot=True, another_way=True, **SEALED)
APP_CODE = v.AppCode(another_way=True, **SEALED)
CONTINUE = v.ContinueAs(name="Ada Lovelace", detail=ADA)
FAULT = v.ErrorPage(
    fault=Fault.UNEXPECTED,
    request_id="0f3c1d2e-9f4b-4c8e-8d55-1c5a2b9e7f10",
    at=1_795_426_447_000,
    client_id="4f2k9s0m1q8x7c6v5b4n3a2l1k",
)

SAMPLES: Mapping[type[View], States] = {
    v.SignIn: States(
        (
            SIGN_IN,
            v.SignIn(asks_password=False, sign_up=True, passkey_options=REQUEST_OPTIONS),
            v.SignIn(passkey_options=REQUEST_OPTIONS, forgot=True, username=ADA, notice=Notice.CONFIRMED),
            v.SignIn(username=ADA, notice=Notice.LINK_PERHAPS_OPENED),
            replace(SIGN_IN, providers=PROVIDERS),
            replace(SIGN_IN, providers=PROVIDERS[:1], asks_domain=True, domain_address=ADA),
            v.SignIn(providers=PROVIDERS, asks_domain=True, own_users=False),
        ),
        (
            _problem(replace(SIGN_IN, username=ADA), Problem(Wrong.CREDENTIALS)),
            _problem(SIGN_IN, Problem(Wrong.REQUIRED, "username"), Problem(Wrong.REQUIRED, "password")),
            _problem(replace(SIGN_IN, asks_domain=True, domain_address=ADA), Problem(Wrong.DOMAIN, "idp_identifier")),
            _problem(replace(SIGN_IN, asks_domain=True), Problem(Wrong.REQUIRED, "idp_identifier")),
            _problem(replace(SIGN_IN, providers=PROVIDERS), Problem(Wrong.PROVIDER, values={"name": "Google"})),
            _problem(SIGN_IN, Problem(Wrong.FUNCTION, values={"text": "Members of the club only."})),
        ),
    ),
    v.Password: States((PASSWORD,), (_problem(PASSWORD, Problem(Wrong.CREDENTIALS)),)),
    v.ChooseWay: States((CHOOSE,), (_problem(CHOOSE, Problem(Wrong.WAY)),), SENT),
    v.SentCode: States(
        (
            SENT,
            v.SentCode(
                challenge="SMS_MFA", medium=Medium.SMS, destination="+*******4179", minutes=1, resend=True, **SEALED
            ),
            v.SentCode(challenge="EMAIL_OTP", medium=Medium.EMAIL, digits=8, notice=Notice.CODE_SENT, **SEALED),
        ),
        (
            replace(SENT, problems=CODE),
            _problem(SENT, Problem(Wrong.CODE_EXPIRED, "code")),
            _problem(SENT, Problem(Wrong.RESEND_TOO_SOON, n=12)),
        ),
    ),
    v.AppCode: States((APP_CODE,), (_problem(APP_CODE, Problem(Wrong.APP_CODE, "code")),)),
    v.PasskeyPrompt: States((PASSKEY,), (_problem(PASSKEY, Problem(Wrong.PASSKEY)),)),
    v.SignUp: States(
        (
            SIGN_UP,
            v.SignUp(fields=(username_field(Naming.USER_NAME),), asks_password=False),
            replace(SIGN_UP, password_required=False),
        ),
        (
            _problem(
                SIGN_UP,
                Problem(Wrong.EMAIL, attribute_name("email")),
                Problem(Wrong.REQUIRED, attribute_name("birthdate")),
                Problem(Wrong.ATTRIBUTE, attribute_name("zoneinfo")),
                Problem(Wrong.REQUIRED, attribute_name("custom:shoe size")),
                Problem(Wrong.PHONE, attribute_name("phone_number")),
                BROKEN,
            ),
            _problem(
                SIGN_UP, Problem(Wrong.TAKEN, attribute_name("email")), Problem(Wrong.PASSWORD_LEAKED, "password")
            ),
            _problem(
                v.SignUp(fields=(username_field(Naming.USER_NAME),), rules=UNMET),
                Problem(Wrong.USER_NAME, "username"),
                Problem(Wrong.PASSWORD_REFUSED, "password"),
            ),
        ),
        CONFIRM,
    ),
    v.Confirm: States(
        (
            CONFIRM,
            v.Confirm(medium=Medium.SMS, destination="+*******4179", hours=1, sign_up=True, **SEALED),
            v.Confirm(medium=Medium.EMAIL, resend=False, **SEALED),
        ),
        (replace(CONFIRM, problems=CODE),),
        OFFER,
    ),
    v.AwaitLink: States(
        (AWAIT_LINK, v.AwaitLink(**SEALED)),
        (
            _problem(AWAIT_LINK, Problem(Wrong.LINK_NOT_OPENED)),
            _problem(AWAIT_LINK, Problem(Wrong.RESEND_TOO_SOON, n=12)),
        ),
        replace(AWAIT_LINK, notice=Notice.LINK_SENT),
    ),
    v.AwaitAdministrator: States((v.AwaitAdministrator(),)),
    v.ConfirmByLink: States((BY_LINK,), (replace(BY_LINK, problems=NOT_NOW),), v.LinkResult(worked=True)),
    v.LinkResult: States(
        (v.LinkResult(worked=True), v.LinkResult(worked=True, sign_in=True), v.LinkResult(worked=False, sign_in=True))
    ),
    v.Feedback: States(
        (FEEDBACK, replace(FEEDBACK, valid=True)),
        (replace(FEEDBACK, problems=NOT_NOW),),
        v.FeedbackResult(worked=True),
    ),
    v.FeedbackResult: States((v.FeedbackResult(worked=True), v.FeedbackResult(worked=False))),
    v.Forgot: States(
        (v.Forgot(), v.Forgot(username=ADA)), (_problem(v.Forgot(), Problem(Wrong.REQUIRED, "username")),), RESET
    ),
    v.Reset: States(
        (RESET, replace(RESET, notice=Notice.PASSWORD_MUST_CHANGE)),
        (
            _problem(RESET, *CODE, BROKEN),
            _problem(RESET, Problem(Wrong.REQUIRED, "code"), Problem(Wrong.PASSWORD_USED_BEFORE, "password")),
        ),
        replace(SIGN_IN, notice=Notice.PASSWORD_CHANGED),
    ),
    v.NewPassword: States(
        (NEW_PASSWORD, replace(NEW_PASSWORD, fields=(attribute_field("given_name"), attribute_field("website")))),
        (
            _problem(NEW_PASSWORD, BROKEN),
            _problem(NEW_PASSWORD, Problem(Wrong.PASSWORD_TOO_OLD)),
        ),
    ),
    v.ChooseFactor: States((FACTORS,), (replace(FACTORS, problems=NOT_NOW),), SET_UP),
    v.SetUpApp: States((SET_UP,), (_problem(SET_UP, Problem(Wrong.SET_UP_CODE, "code")),)),
    v.SetUpAddress: States(
        (PHONE, v.SetUpAddress(medium=Medium.EMAIL, challenge="EMAIL_OTP", **SEALED)),
        (_problem(replace(PHONE, value="0207946"), Problem(Wrong.PHONE, attribute_name("phone_number"))),),
        SENT,
    ),
    v.OfferPasskey: States(
        (OFFER,), (_problem(OFFER, Problem(Wrong.PASSKEY_NOT_MADE)), _problem(OFFER, Problem(Wrong.PASSKEY_IS_THERE)))
    ),
    v.ContinueAs: States((CONTINUE, v.ContinueAs(name="?")), (replace(CONTINUE, problems=NOT_NOW),)),
    v.SignOut: States((v.SignOut(), v.SignOut(stay=QUERY)), (v.SignOut(problems=NOT_NOW),), v.SignedOut(sign_in=True)),
    v.SignedOut: States((v.SignedOut(), v.SignedOut(sign_in=True))),
    v.ErrorPage: States(
        (
            *(replace(FAULT, fault=fault) for fault in Fault),
            replace(FAULT, fault=Fault.NOBODYS, client_id=""),
            replace(FAULT, fault=Fault.FORGED, restart=True),
            replace(FAULT, fault=Fault.STRAY, restart=True),
        )
    ),
    v.TooManyTries: States((v.TooManyTries(seconds=60), v.TooManyTries(seconds=870))),
    v.TooOld: States((v.TooOld(), v.TooOld(restart=False))),
}


def samples() -> Iterator[tuple[str, View]]:
    """Return every sample with a name: the view, the state, a number where there are several."""
    for kind, states in SAMPLES.items():
        name = kind.template.removeprefix("sign-in/").removesuffix(".html")
        for state, views in (("empty", states.empty), ("wrong", states.wrong)):
            for number, view in enumerate(views, start=1):
                yield f"{name}-{state}" + (f"-{number}" if number > 1 else ""), view
        if states.done is not None:
            yield f"{name}-done", states.done


def filled(one: Any, text: str) -> Any:
    """Return a view, frame or what lies in it with `text` in every place for text that is not empty."""
    if isinstance(one, str) and type(one) is str:
        return text if one else one
    if isinstance(one, tuple):
        return tuple(filled(item, text) for item in one)
    if isinstance(one, Mapping):
        return {key: filled(value, text) for key, value in one.items()}
    if not is_dataclass(one) or isinstance(one, type):
        return one
    changes = {
        field.name: filled(getattr(one, field.name), text)
        for field in fields(one)
        if field.init and (type(one).__name__, field.name) not in OUR_NAMES
    }
    return replace(one, **changes)
