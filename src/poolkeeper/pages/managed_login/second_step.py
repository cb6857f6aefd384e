"""/mfa, /changePassword: what follows on the first proof. Codes, second factors that are set up, passwords of one's own."""

from starlette.responses import Response

from poolkeeper.auth.steps import mfa_setup
from poolkeeper.clock import SECOND
from poolkeeper.errors import AliasExistsException, InvalidParameterException, ServiceError
from poolkeeper.pages.managed_login import asking, typed
from poolkeeper.pages.managed_login.asking import (
    APP,
    CODES,
    NEW_PASSWORD,
    SET_UP,
    SET_UP_ADDRESS,
    SET_UP_APP,
    Said,
    view_of,
)
from poolkeeper.pages.managed_login.fields import attribute_name
from poolkeeper.pages.managed_login.kept import Kept
from poolkeeper.pages.managed_login.parts import Notice, Problem, Wrong
from poolkeeper.pages.managed_login.sitting import AtClient
from poolkeeper.pages.managed_login.stepping import lead_to
from poolkeeper.pages.managed_login.walking import Outcome, Through, again, ask_anew, begin, go_on, respond

RESEND_AFTER = 30 * SECOND
_LONGEST_DEVICE_NAME = 128
_SET_UP_KEYS = {"email": "EMAIL", "phone_number": "PHONE_NUMBER"}
# An app's code cannot be asked for: the next one comes by itself.
_OF_APPS = {Wrong.CODE: Wrong.APP_CODE, Wrong.CODE_EXPIRED: Wrong.APP_CODE}


async def answer_code(s: AtClient) -> Response:
    """POST /mfa: a code, sent or of an app."""
    kept, code = s.kept(*CODES, APP), typed.code_of(s.form.get("code", ""))
    if not code:
        return await _with(s, kept, Problem(Wrong.REQUIRED, "code"))
    try:
        outcome = await respond(s, kept, **{f"{kept.challenge}_CODE": code})
    except ServiceError as fault:
        return await again(s, kept, fault, _OF_APPS if kept.page == APP else {})
    return await go_on(s, kept, outcome)


async def send_again(s: AtClient) -> Response:
    """POST /mfa/resend: another code the same way, not before half a minute has gone by."""
    kept = s.kept(*CODES)
    if (soon := too_soon(s, kept)) is not None:
        return await _with(s, kept, soon)
    try:
        outcome = await _sent_again(s, kept)
    except ServiceError as fault:
        return await again(s, kept, fault)
    return await go_on(s, kept, outcome, Said(notice=Notice.CODE_SENT))


async def _sent_again(s: AtClient, kept: Kept) -> Outcome:
    """Have the same question asked anew; where that leads to a choice first, it is made as it was before."""
    if kept.first:
        return await begin(s, username=kept.username, PREFERRED_CHALLENGE=kept.challenge)
    outcome = await ask_anew(s, kept)
    if isinstance(outcome, Through):
        return outcome
    answers = {asking.CHOOSE_SECOND: {"ANSWER": kept.challenge}}
    if kept.address:
        answers[SET_UP] = {_SET_UP_KEYS[kept.attribute]: kept.address}
    if outcome.name not in answers:
        return outcome
    return await respond(s, kept, challenge=outcome.name, session=outcome.session or "", **answers[outcome.name])


def too_soon(s: AtClient, kept: Kept) -> Problem | None:
    """Return how long another code is refused still, None where it is not."""
    milliseconds_left = kept.sent_at + RESEND_AFTER - s.call.now
    return Problem(Wrong.RESEND_TOO_SOON, n=-(-milliseconds_left // SECOND)) if milliseconds_left > 0 else None


async def choose_factor(s: AtClient) -> Response:
    """POST /mfa/choose: which second factor is set up."""
    kept, chosen = s.kept(SET_UP), s.form.get("challenge", "")
    if chosen not in kept.choices:
        return await _with(s, kept, Problem(Wrong.WAY))
    try:
        return await lead_to(s, await asking.set_up(s, kept, chosen))
    except ServiceError as fault:
        return await again(s, kept, fault)


async def set_up_app(s: AtClient) -> Response:
    """POST /mfa/setup: the first code of an app."""
    kept, code = s.kept(SET_UP_APP), typed.code_of(s.form.get("code", ""))
    if not code:
        return await _with(s, kept, Problem(Wrong.REQUIRED, "code"))
    name = s.form.get("friendlyDeviceName", "").strip()[:_LONGEST_DEVICE_NAME]
    try:
        verified = await mfa_setup.verify(s.call, kept.session, code=code, name=name or None)
        outcome = await respond(s, kept, challenge=verified.name, session=verified.session or "")
    except ServiceError as fault:
        return await again(s, kept, fault, {Wrong.CODE: Wrong.SET_UP_CODE})
    return await go_on(s, kept, outcome)


async def set_up_address(s: AtClient) -> Response:
    """POST /mfa/address: the address that codes are to go to."""
    kept = s.kept(SET_UP_ADDRESS)
    field = attribute_name(kept.attribute)
    address = typed.address_of(kept.attribute, s.form.get(field, ""))
    if not address:
        return await _with(s, kept, Problem(Wrong.REQUIRED, field))
    has_form, wrong = typed.FORMS[kept.attribute]
    if not has_form(address):
        return await _with(s, kept, Problem(wrong, field))
    try:
        outcome = await respond(s, kept, **{_SET_UP_KEYS[kept.attribute]: address})
    except (InvalidParameterException, AliasExistsException):
        return await _with(s, kept, Problem(wrong, field))
    except ServiceError as fault:
        return await again(s, kept, fault)
    return await go_on(s, kept, outcome)


async def change_password(s: AtClient) -> Response:
    """POST /changePassword: a password of one's own, and the attributes that are missing yet."""
    kept = s.kept(NEW_PASSWORD)
    given = {name: typed.address_of(name, s.form.get(attribute_name(name), "")) for name in kept.choices}
    problems = typed.problems(s, s.form.get("password", ""), given, required=frozenset(kept.choices))
    if problems:
        return await _with(s, kept, *problems)
    attributes = {f"userAttributes.{name}": value for name, value in given.items() if value}
    try:
        outcome = await respond(s, kept, NEW_PASSWORD=s.form.get("password", ""), **attributes)
    except ServiceError as fault:
        return await again(s, kept, fault)
    return await go_on(s, kept, outcome)


async def _with(s: AtClient, kept: Kept, *problems: Problem) -> Response:
    return s.show(await view_of(s, kept, Said(problems=problems)))
