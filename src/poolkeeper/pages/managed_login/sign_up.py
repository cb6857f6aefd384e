"""/signup, /confirm, /resendcode: how somebody becomes a user at a page, and returns to the app signed in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
from starlette.responses import Response

from poolkeeper.accounts import passwords
from poolkeeper.accounts import sign_up as accounts
from poolkeeper.auth import sign_up_session
from poolkeeper.errors import NotAuthorizedException, ServiceError
from poolkeeper.hosted import paths
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.messaging.compose import mask
from poolkeeper.model.attributes import never_writable
from poolkeeper.model.names import fits_username, looks_like_email
from poolkeeper.model.terms import Agreement, agreement
from poolkeeper.model.user import UNCONFIRMED
from poolkeeper.pages.managed_login import rules, typed, views
from poolkeeper.pages.managed_login.asking import AWAIT, CONFIRM, Said, sign_up_is_open, view_of, waits_for_link
from poolkeeper.pages.managed_login.fields import attribute_field, attribute_name, username_field
from poolkeeper.pages.managed_login.kept import Kept
from poolkeeper.pages.managed_login.parts import Field, Notice, Problem, Words, Wrong
from poolkeeper.pages.managed_login.second_step import too_soon
from poolkeeper.pages.managed_login.sitting import AtClient, naming_of, subject_of
from poolkeeper.pages.managed_login.stepping import lead_to
from poolkeeper.pages.managed_login.walking import again, begin, begins_with_a_name, go_on, refused, start_of
from poolkeeper.store import terms

_ADDRESSES = ("email", "phone_number")
_decode_links = msgspec.json.Decoder(dict[str, str]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody typed at /signup."""

    username: str
    password: str
    attributes: Mapping[str, str]


async def show(s: AtClient) -> Response:
    """GET /signup."""
    if not sign_up_is_open(s):
        return s.fault(Fault.NOT_OPEN, client_id=s.client.client_id)
    attributes = {name: s.request.login_hint for name in ("email",) if looks_like_email(s.request.login_hint)}
    return s.show(await _page(s, Given(username=s.request.login_hint, password="", attributes=attributes)))


async def answer(s: AtClient) -> Response:
    """POST /signup: an account, and then the page that waits for the code."""
    if not sign_up_is_open(s):
        return s.fault(Fault.NOT_OPEN, client_id=s.client.client_id)
    given = _given(s)
    problems = _problems(s, given)
    if problems:
        return s.show(await _page(s, given, *problems))
    form = accounts.Form(
        name=given.username,
        password=given.password or None,
        attributes={name: value for name, value in given.attributes.items() if value},
        validation_data=None,
        metadata={},
    )
    try:
        user, confirmation = await accounts.sign_up(s.call, s.pool, s.client, form)
    except ServiceError as fault:
        problem = await refused(s, start_of(s, given.username), fault)
        return problem if isinstance(problem, Response) else s.show(await _page(s, given, problem))
    if user.confirmed:
        return await _sign_in_at_once(s, given)
    if confirmation is None:
        return await lead_to(s, msgspec.structs.replace(start_of(s, given.username), page=AWAIT))
    session = sign_up_session.after_sign_up(s.call, s.client, user, name=given.username, at_pages=True)
    attribute, destination = confirmation.code.attribute, confirmation.code.destination
    return await lead_to(s, _waiting(s, given.username, session or "", attribute, destination, sent_at=s.call.now))


async def show_confirm(s: AtClient) -> Response:
    """GET /confirm: for somebody who is to sign in and has not confirmed an address yet; who, is in `login_hint`."""
    username = s.request.login_hint
    if not username:
        return s.further(paths.LOGIN)
    if not s.pool.auto_verified:
        return s.show(views.AwaitAdministrator())
    attribute = "email" if "email" in s.pool.auto_verified else "phone_number"
    return s.show(await view_of(s, _waiting(s, username, "", attribute, "", sent_at=0), Said(notice=s.notice)))


async def confirm(s: AtClient) -> Response:
    """POST /confirm: the code, or word that the link was opened; a person who has just signed up at this browser is signed in by it."""
    kept, code = s.kept(CONFIRM), typed.code_of(s.form.get("code", ""))
    if not code:
        return await _without_code(s, kept)
    subject = await subject_of(s, kept.username)
    try:
        await accounts.confirm(s.call, s.pool, s.client, subject, code=code, force=False, metadata={})
    except NotAuthorizedException:  # confirmed before: told to nobody but who has the code
        return s.further(paths.LOGIN, username=kept.username, notice=Notice.CONFIRMED)
    except ServiceError as fault:
        return await again(s, kept, fault)
    session = sign_up_session.after_confirmation(s.call, s.client, subject, kept.session or None, at_pages=True)
    if session is None:
        return s.further(paths.LOGIN, username=kept.username, notice=Notice.CONFIRMED)
    try:
        outcome = await begin(s, username=kept.username, session=session)
    except ServiceError:
        return s.further(paths.LOGIN, username=kept.username, notice=Notice.CONFIRMED)
    return await go_on(s, start_of(s, kept.username), outcome)


async def _without_code(s: AtClient, kept: Kept) -> Response:
    """Go on if a link was opened, here or elsewhere; a person who did not sign up at this browser just now then signs in."""
    if not waits_for_link(s, kept):
        return s.show(await view_of(s, kept, Said(problems=(Problem(Wrong.REQUIRED, "code"),))))
    subject = await subject_of(s, kept.username)
    if not sign_up_session.is_of_sign_up(s.call, s.client, subject, kept.session or None):
        return s.further(paths.LOGIN, username=kept.username, notice=Notice.LINK_PERHAPS_OPENED)
    if subject.user is not None and subject.user.status == UNCONFIRMED:
        return s.show(await view_of(s, kept, Said(problems=(Problem(Wrong.LINK_NOT_OPENED),))))
    try:
        session = await sign_up_session.after_link(s.call, s.client, subject, kept.session)
        outcome = await begin(s, username=kept.username, session=session)
    except ServiceError:
        return s.further(paths.LOGIN, username=kept.username, notice=Notice.CONFIRMED)
    return await go_on(s, start_of(s, kept.username), outcome)


async def resend(s: AtClient) -> Response:
    """POST /resendcode: another code, not before half a minute has gone by."""
    kept = s.kept(CONFIRM)
    if (soon := too_soon(s, kept)) is not None:
        return s.show(await view_of(s, kept, Said(problems=(soon,))))
    try:
        subject = await subject_of(s, kept.username)
        attribute, destination = await accounts.resend(s.call, s.pool, s.client, subject, metadata=None)
    except ServiceError as fault:
        return await again(s, kept, fault)
    waiting = _waiting(s, kept.username, kept.session, attribute, destination, sent_at=s.call.now)
    sent = Notice.LINK_SENT if waits_for_link(s, waiting) else Notice.CODE_SENT
    return await lead_to(s, waiting, Said(notice=sent))


def _given(s: AtClient) -> Given:
    """Return what was typed; what is no field of the page is not looked at."""
    given = {name: typed.address_of(name, s.form.get(attribute_name(name), "")) for name in _asked_for(s)}
    return Given(username=s.form.get("username", "").strip(), password=s.form.get("password", ""), attributes=given)


def _asked_for(s: AtClient) -> dict[str, bool]:
    """Return the attributes that the page asks for, in its order, and whether each must be given.

    What the pool requires; and every address that it verifies and the app client may write, of two of which the second
    may be left out. Where an address is the name, it is not asked for twice.
    """
    by_name, writable = s.pool.username_attributes, s.client.writable
    must_be_given = {name: True for name in s.pool.schema.required if not never_writable(name)}
    verified = [
        name
        for name in _ADDRESSES
        if name in s.pool.auto_verified and (writable is None or name in {*writable, *must_be_given})
    ]
    for name in verified:
        must_be_given.setdefault(name, name == verified[0] and not by_name)
    if len(by_name) == 1:
        must_be_given = {name: must for name, must in must_be_given.items() if name not in by_name}
    elif by_name:  # the name is one of two addresses: which, is known when it has been typed
        must_be_given = {name: must and name not in by_name for name, must in must_be_given.items()}
    order = [name for name in _ADDRESSES if name in must_be_given]
    return {name: must_be_given[name] for name in (*order, *(name for name in must_be_given if name not in order))}


async def _page(s: AtClient, given: Given, *problems: Problem) -> views.SignUp:
    """Return the page with what was typed, and what whoever sends it agrees to."""
    naming = naming_of(s.pool)
    # What stands for a name elsewhere may be an address; here a name of one's own is made up.
    by_name = Field(name="username", label=Words("naming.user-name"), autocomplete="username", plain=True)
    name = username_field(naming) if s.pool.username_attributes else by_name
    attributes = tuple(
        attribute_field(attribute, value=given.attributes.get(attribute, ""), required=must)
        for attribute, must in _asked_for(s).items()
    )
    return views.SignUp(
        problems=problems,
        fields=(replace(name, value=given.username), *attributes),
        rules=rules.of(s.pool.password_policy),
        password_required=not _password_may_be_left_out(s),
        agreement=await _agreement(s),
    )


async def _agreement(s: AtClient) -> Agreement | None:
    rows = await terms.of_client(s.call.db, pool_id=s.pool.pool_id, client_id=s.client.client_id)
    return agreement({row.name: _decode_links(row.links) for row in rows}, s.call.language)


def _password_may_be_left_out(s: AtClient) -> bool:
    return begins_with_a_name(s) and passwords.may_be_left_out(s.pool)


def _problems(s: AtClient, given: Given) -> tuple[Problem, ...]:
    """Return everything that is wrong with what was typed, in the order of the page."""
    must = frozenset(name for name, must in _asked_for(s).items() if must)
    about_name = _name_problem(s, given.username)
    password = given.password
    optional = not password and _password_may_be_left_out(s)
    problems = typed.problems(s, password, given.attributes, required=must)
    problems = tuple(problem for problem in problems if not (optional and problem.field == "password"))
    return (*((about_name,) if about_name is not None else ()), *problems)


def _name_problem(s: AtClient, username: str) -> Problem | None:
    if not username:
        return Problem(Wrong.REQUIRED, "username")
    by_name = s.pool.username_attributes
    forms = [typed.FORMS[name] for name in _ADDRESSES if name in by_name]
    if forms and not any(has_form(username) for has_form, _ in forms):
        return Problem(forms[0][1] if len(forms) == 1 else Wrong.USER_NAME, "username")
    return None if fits_username(username) else Problem(Wrong.USER_NAME, "username")


async def _sign_in_at_once(s: AtClient, given: Given) -> Response:
    """Sign somebody in whom a function of the pool has confirmed, by the password that they have just chosen."""
    try:
        outcome = await begin(s, username=given.username, **({"PASSWORD": given.password} if given.password else {}))
    except ServiceError:
        return s.further(paths.LOGIN, username=given.username, notice=Notice.CONFIRMED)
    return await go_on(s, start_of(s, given.username), outcome)


def _waiting(s: AtClient, username: str, session: str, attribute: str, destination: str, *, sent_at: int) -> Kept:
    """Return what the page keeps that waits for a code."""
    return Kept(
        client_id=s.client.client_id,
        page=CONFIRM,
        session=session,
        challenge="",
        username=username,
        attribute=attribute,
        destination=mask(attribute, destination) if destination else "",
        sent_at=sent_at,
        binding=s.guard.binding,
    )
