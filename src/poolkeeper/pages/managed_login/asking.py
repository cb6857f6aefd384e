"""Which page asks a challenge? What each has to know is kept with it, so that it can be shown again when the answer is wrong.

    a challenge of auth/flow.py --kept_of--> Kept --view_of--> a page, with problems or without

Where there is one way to go on no page asks for it: the way's own page comes at once.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import msgspec

from poolkeeper.auth.challenge import Because, Challenge, CodeSent, FirstFactors, Methods, NewPassword, PasskeyUse
from poolkeeper.auth.steps import mfa_setup
from poolkeeper.auth.steps.one_time_code import CHALLENGES
from poolkeeper.clock import MINUTE
from poolkeeper.defences import ghosts
from poolkeeper.messaging.compose import MEDIUMS, mask
from poolkeeper.messaging.templates import confirms_by_link
from poolkeeper.model import first_factor
from poolkeeper.model.account_recovery import recovery_order
from poolkeeper.model.factors import EMAIL_OTP, MFA_SETUP, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.pages.managed_login import passkeys_here, rules, views
from poolkeeper.pages.managed_login.fields import attribute_field, attribute_name
from poolkeeper.pages.managed_login.kept import Kept
from poolkeeper.pages.managed_login.parts import Medium, Notice, Problem, Way
from poolkeeper.pages.managed_login.sitting import AtClient, subject_of
from poolkeeper.pages.managed_login.views import View

CHOOSE, CHOOSE_SECOND = "SELECT_CHALLENGE", "SELECT_MFA_TYPE"
PASSWORD, PASSKEY = first_factor.PASSWORD, first_factor.WEB_AUTHN
APP, NEW_PASSWORD = SOFTWARE_TOKEN_MFA, "NEW_PASSWORD_REQUIRED"
CODES = ("EMAIL_OTP", "SMS_OTP", "SMS_MFA")
SET_UP, SET_UP_APP, SET_UP_ADDRESS = MFA_SETUP, "SET_UP_APP", "SET_UP_ADDRESS"
CONFIRM, AWAIT, OFFER = "CONFIRM", "AWAIT_ADMINISTRATOR", "OFFER_PASSKEY"
# The kind of the first message of a sign-up; the next ones hold what that one does.
SIGN_UP = "SignUp"
_SET_UP_BY: Mapping[str, str] = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}
# Bytes of a name in a QR code.
_LONGEST_LABEL = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a page says above its form: what is wrong, or what went well just before."""

    problems: tuple[Problem, ...] = ()
    notice: Notice | None = None


NOTHING = Said()


async def kept_of(s: AtClient, challenge: Challenge, before: Kept) -> Kept:
    """Return what the page of a challenge keeps; `before` is what the page kept that led to it.

    Of what was known there the name stays, and that there was a choice.
    """
    kept = Kept(
        client_id=before.client_id,
        page=challenge.name,
        session=challenge.session or "",
        challenge=challenge.name,
        username=before.username,
        chosen=before.page in {CHOOSE, CHOOSE_SECOND} or (before.chosen and before.challenge == challenge.name),
        first=challenge.reason in {Because.FIRST_FACTOR, Because.CHOICE} and not isinstance(challenge.facts, Methods),
        binding=before.binding,
    )
    add = _KEEPS.get(type(challenge.facts))
    return kept if add is None else await add(s, kept, challenge.facts, before)


async def _first_factors(s: AtClient, kept: Kept, facts: FirstFactors, _before: Kept) -> Kept:
    """Keep the ways that a page can offer: both of the password's are one, passkeys only where they are known."""
    offered, here = facts.choices, passkeys_here.offered(s.call.settings, s.visit.place)
    ways = tuple(
        challenge
        for challenge in offered
        if not (challenge == first_factor.PASSWORD_SRP and PASSWORD in offered) and (challenge != PASSKEY or here)
    )
    return msgspec.structs.replace(kept, choices=ways, chosen=False)


async def _code_sent(s: AtClient, kept: Kept, facts: CodeSent, before: Kept) -> Kept:
    """Keep where the code went; in full, to send another, where the person has typed it at the page before."""
    typed = before.page == SET_UP_ADDRESS or bool(before.address)
    return msgspec.structs.replace(
        kept,
        attribute=facts.attribute,
        destination=mask(facts.attribute, facts.destination),
        address=facts.destination if typed else "",
        sent_at=s.call.now,
    )


async def _methods(s: AtClient, kept: Kept, facts: Methods, _before: Kept) -> Kept:
    kept = msgspec.structs.replace(kept, choices=facts.methods, chosen=len(facts.methods) > 1)
    return await set_up(s, kept) if facts.to_set_up else kept


async def _missing(_s: AtClient, kept: Kept, facts: NewPassword, _before: Kept) -> Kept:
    return msgspec.structs.replace(kept, choices=facts.missing)


async def _options(_s: AtClient, kept: Kept, facts: PasskeyUse, _before: Kept) -> Kept:
    return msgspec.structs.replace(kept, text=msgspec.json.encode(facts.options).decode())


_KEEPS: Mapping[type, Callable[[AtClient, Kept, Any, Kept], Awaitable[Kept]]] = {
    FirstFactors: _first_factors,
    CodeSent: _code_sent,
    Methods: _methods,
    NewPassword: _missing,
    PasskeyUse: _options,
}


async def set_up(s: AtClient, kept: Kept, method: str = "") -> Kept:
    """Return what the page keeps on which a second factor is set up: the `method` that was chosen, or the only one."""
    method = method or (kept.choices[0] if len(kept.choices) == 1 else "")
    if method == SOFTWARE_TOKEN_MFA:
        secret, challenge = await mfa_setup.associate(s.call, kept.session)
        return msgspec.structs.replace(kept, page=SET_UP_APP, session=challenge.session or "", text=secret)
    if method:
        return msgspec.structs.replace(kept, page=SET_UP_ADDRESS, attribute=_SET_UP_BY[method], text=method)
    return kept


async def view_of(s: AtClient, kept: Kept, said: Said = NOTHING) -> View:
    """Return a page, by what it keeps."""
    return await SHOWS[kept.page](s, kept, said)


async def _choose(s: AtClient, kept: Kept, said: Said) -> View:
    return views.ChooseWay(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        asked=kept.challenge,
        ways=await _ways(s, kept),
    )


async def _ways(s: AtClient, kept: Kept) -> tuple[Way, ...]:
    """Return the ways with the destination of each code, made up for a name that nobody has (userpools.md 7.4)."""
    subject = await subject_of(s, kept.username)
    user = subject.user

    def destination(challenge: str) -> str:
        if challenge not in CHALLENGES:
            return ""
        attribute = CHALLENGES[challenge].attribute
        address = ghosts.address(s.pool, subject, attribute) if user is None else user.attributes.get(attribute, "")
        return mask(attribute, address) if address else ""

    return tuple(Way(choice, destination(choice)) for choice in kept.choices)


async def _password(s: AtClient, kept: Kept, said: Said) -> View:
    return views.Password(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        forgot=bool(recovery_order(s.pool.document)),
        another_way=kept.chosen,
    )


async def _sent_code(s: AtClient, kept: Kept, said: Said) -> View:
    return views.SentCode(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        challenge=kept.challenge,
        medium=Medium(MEDIUMS[kept.attribute]),
        destination=kept.destination,
        minutes=s.client.challenge_validity // MINUTE,
        digits=CHALLENGES[kept.challenge].digits,
        resend=True,
        another_way=kept.chosen,
    )


async def _app_code(s: AtClient, kept: Kept, said: Said) -> View:
    return views.AppCode(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        another_way=kept.chosen,
    )


async def _passkey(s: AtClient, kept: Kept, said: Said) -> View:
    return views.PasskeyPrompt(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        options=kept.text,
        another_way=kept.chosen,
    )


async def _new_password(s: AtClient, kept: Kept, said: Said) -> View:
    return views.NewPassword(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        rules=rules.of(s.pool.password_policy),
        fields=tuple(attribute_field(name, value=s.form.get(attribute_name(name), "")) for name in kept.choices),
    )


async def _choose_factor(s: AtClient, kept: Kept, said: Said) -> View:
    return views.ChooseFactor(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        ways=tuple(Way(choice) for choice in kept.choices),
    )


async def _set_up_app(s: AtClient, kept: Kept, said: Said) -> View:
    issuer = _quoted(s.pool.name)
    return views.SetUpApp(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        secret=kept.text,
        uri=f"otpauth://totp/{issuer}:{_quoted(kept.username)}?secret={kept.text}&issuer={issuer}",
    )


async def _set_up_address(s: AtClient, kept: Kept, said: Said) -> View:
    return views.SetUpAddress(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        medium=Medium(MEDIUMS[kept.attribute]),
        challenge=kept.text,
        value=s.form.get(attribute_name(kept.attribute), ""),
    )


def waits_for_link(s: AtClient, kept: Kept) -> bool:
    """Say whether the mail of a sign-up holds a link alone, and no code that could be typed at the page which waits."""
    return kept.attribute == "email" and confirms_by_link(s.pool.document, SIGN_UP)


async def _confirm(s: AtClient, kept: Kept, said: Said) -> View:
    if waits_for_link(s, kept):
        return views.AwaitLink(
            problems=said.problems,
            notice=said.notice,
            session=s.sealed(kept),
            username=kept.username,
            destination=kept.destination,
            sign_up=sign_up_is_open(s),
        )
    return views.Confirm(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        medium=Medium(MEDIUMS[kept.attribute]),
        destination=kept.destination,
        sign_up=sign_up_is_open(s),
    )


def sign_up_is_open(s: AtClient) -> bool:
    """Say whether people make accounts of their own at the pages of this app client."""
    return s.client.serves_own_users and not s.pool.admin_only_sign_up


async def _await_administrator(_s: AtClient, _kept: Kept, said: Said) -> View:
    return views.AwaitAdministrator(problems=said.problems, notice=said.notice)


async def _offer_passkey(s: AtClient, kept: Kept, said: Said) -> View:
    return views.OfferPasskey(
        problems=said.problems,
        notice=said.notice,
        session=s.sealed(kept),
        username=kept.username,
        options=kept.options,
    )


# page -> what shows it
SHOWS: Mapping[str, Callable[[AtClient, Kept, Said], Awaitable[View]]] = {
    CHOOSE: _choose,
    CHOOSE_SECOND: _choose,
    PASSWORD: _password,
    PASSKEY: _passkey,
    **dict.fromkeys(CODES, _sent_code),
    APP: _app_code,
    NEW_PASSWORD: _new_password,
    SET_UP: _choose_factor,
    SET_UP_APP: _set_up_app,
    SET_UP_ADDRESS: _set_up_address,
    CONFIRM: _confirm,
    AWAIT: _await_administrator,
    OFFER: _offer_passkey,
}


def _quoted(text: str) -> str:
    """Return a name for an authenticator app, cut to what a QR code of some width holds: it is drawn at each showing."""
    return quote(text.encode()[:_LONGEST_LABEL].decode(errors="ignore"), safe="")
