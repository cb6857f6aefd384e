"""/login and what follows until the first proof: a name and a password, or a name and then what was chosen."""

from dataclasses import replace
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from poolkeeper.accounts import passkeys
from poolkeeper.auth.steps import passkey
from poolkeeper.auth.steps.passkey import ANYBODY
from poolkeeper.errors import InvalidParameterException, ServiceError
from poolkeeper.hosted import arrival, browser, paths
from poolkeeper.hosted.federated_departure import leave_at_once, pinned
from poolkeeper.hosted.outcomes import Fault
from poolkeeper.hosted.redirects import redirect
from poolkeeper.lookup import user_by_id
from poolkeeper.model.account_recovery import recovery_order
from poolkeeper.model.browser_session import BrowserSession
from poolkeeper.model.user import EXTERNAL_PROVIDER, User
from poolkeeper.pages.managed_login import asking, at_provider, passkeys_here, views
from poolkeeper.pages.managed_login.asking import CHOOSE, CHOOSE_SECOND, PASSKEY, PASSWORD, Said, view_of
from poolkeeper.pages.managed_login.dressing import in_order
from poolkeeper.pages.managed_login.fields import DOMAIN
from poolkeeper.pages.managed_login.kept import Kept
from poolkeeper.pages.managed_login.parts import Problem, Wrong
from poolkeeper.pages.managed_login.sitting import AtClient
from poolkeeper.pages.managed_login.walking import (
    AFTER_A_PROOF,
    again,
    ask_anew,
    begin,
    begin_by_passkey,
    begins_with_a_name,
    go_on,
    refused,
    respond,
    start_of,
)

_ACCOUNT, _OTHER = "account", "other"


async def show(s: AtClient) -> Response:
    """GET /login: a person who is signed in at this browser may go on as they are; everybody else signs in."""
    signed_in = None if s.visit.query.get(_ACCOUNT) == _OTHER else await _may_continue(s)
    if signed_in is not None:
        return s.show(_continue_as(s, signed_in[1]))
    provider = await pinned(s.visit, s.request)
    if provider is not None and not s.client.registered_itself:  # whose address its person must have seen
        return await leave_at_once(s.visit, s.request, provider)
    page = await first_page(s, s.request.login_hint)
    if not (page.own_users or page.providers or page.asks_domain):
        return s.fault(Fault.NOT_OPEN, client_id=s.client.client_id)
    return s.show(replace(page, notice=s.notice))


async def answer(s: AtClient) -> Response:
    """POST /login: a name, and a password where the page asked for one."""
    username, password = s.form.get("username", "").strip(), s.form.get("password", "")
    asks_password = not begins_with_a_name(s)
    empty = [name for name, given in (("username", username), ("password", password)) if not given]
    problems = tuple(Problem(Wrong.REQUIRED, name) for name in empty if name == "username" or asks_password)
    if problems:
        return s.show(await first_page(s, username, *problems))
    kept = start_of(s, username)
    try:
        outcome = await begin(s, username=username, **({"PASSWORD": password} if asks_password else {}))
    except InvalidParameterException:  # a name that is longer than any
        return s.show(await first_page(s, username, Problem(Wrong.CREDENTIALS)))
    except ServiceError as fault:
        problem = await refused(s, kept, fault)
        return problem if isinstance(problem, Response) else s.show(await first_page(s, username, problem))
    return await go_on(s, kept, outcome)


async def answer_password(s: AtClient) -> Response:
    """POST /login/password: the password, where it was chosen."""
    kept, password = s.kept(PASSWORD), s.form.get("password", "")
    if not password:
        return s.show(await view_of(s, kept, Said(problems=(Problem(Wrong.REQUIRED, "password"),))))
    try:
        outcome = await respond(s, kept, PASSWORD=password)
    except ServiceError as fault:
        return await again(s, kept, fault)
    return await go_on(s, kept, outcome)


async def choose(s: AtClient) -> Response:
    """POST /login/choose: by which way to go on, the first proof or the second."""
    kept, chosen = s.kept(CHOOSE, CHOOSE_SECOND), s.form.get("challenge", "")
    if chosen not in kept.choices:
        return s.show(await view_of(s, kept, Said(problems=(Problem(Wrong.WAY),))))
    try:
        outcome = await respond(s, kept, ANSWER=chosen)
    except ServiceError as fault:
        return await again(s, kept, fault, {Wrong.NOT_NOW: Wrong.WAY})
    return await go_on(s, kept, outcome)


async def choose_another(s: AtClient) -> Response:
    """POST /login/another: back to the choice; of the first proof it is begun anew, since nothing is proved yet."""
    kept = s.kept(PASSWORD, PASSKEY, *asking.CODES, asking.APP)
    try:
        outcome = await (begin(s, username=kept.username) if kept.first else ask_anew(s, kept))
    except ServiceError as fault:
        return await again(s, kept, fault)
    return await go_on(s, start_of(s, kept.username), outcome)


async def answer_passkey(s: AtClient) -> Response:
    """POST /login/passkey: what the browser made of the question for a passkey."""
    kept, credential = s.kept(PASSKEY, ANYBODY), s.form.get("credential", "")
    if kept.page == ANYBODY:
        return await _passkey_of_anybody(s, kept, credential)
    if not credential:
        return s.show(await view_of(s, kept, Said(problems=(Problem(Wrong.PASSKEY),))))
    try:
        outcome = await respond(s, kept, CREDENTIAL=credential)
    except ServiceError as fault:
        return await again(s, kept, fault, {Wrong.CREDENTIALS: Wrong.PASSKEY, Wrong.NOT_NOW: Wrong.PASSKEY})
    return await go_on(s, kept, outcome)


async def _passkey_of_anybody(s: AtClient, kept: Kept, credential: str) -> Response:
    sub = passkeys.claimed_owner(credential)
    if not sub:
        return s.show(await first_page(s, "", Problem(Wrong.PASSKEY)))
    try:
        outcome = await begin_by_passkey(s, username=sub, session=kept.session, credential=credential)
    except AFTER_A_PROOF as fault:
        problem = await refused(s, start_of(s, await _known_as(s, sub)), fault)
    except ServiceError as fault:
        problem = await refused(s, start_of(s, sub), fault)
    else:
        return await go_on(s, start_of(s, await _known_as(s, sub)), outcome)
    if isinstance(problem, Response):
        return problem
    return s.show(await first_page(s, "", problem if problem.wrong is Wrong.FUNCTION else Problem(Wrong.PASSKEY)))


async def _known_as(s: AtClient, sub: str) -> str:
    """Return the name by which somebody signs in whom a key has named by an id, which is proved by now."""
    user = await user_by_id(s.call, s.pool.pool_id, sub)
    return sub if user is None else _own_name(s, user)


async def go_on_as(s: AtClient) -> Response:
    """POST /login/continue: as the person who is signed in here, or as somebody else."""
    if s.form.get(_ACCOUNT) != _OTHER:
        signed_in = await _may_continue(s)
        response = None if signed_in is None else await arrival.go_on(s.visit, s.request, signed_in[0])
        if response is not None:
            return response
    return redirect(f"{s.address(paths.LOGIN)}&{urlencode({_ACCOUNT: _OTHER})}")


async def go_to_provider(s: AtClient) -> Response:
    """POST /login/federated: to the provider of a button, or to the one of an address's domain."""
    name, address = s.form.get("identity_provider", ""), s.form.get(DOMAIN, "").strip()
    provider = await (at_provider.of_name(s, name) if name else at_provider.of_address(s, address))
    if provider is None:
        page = await first_page(s, s.request.login_hint)
        problem = Problem(Wrong.DOMAIN if address else Wrong.REQUIRED, DOMAIN)
        problem = Problem(Wrong.WAY) if name or not page.asks_domain else problem
        return s.show(replace(page, domain_address=address, problems=(problem,)))
    try:
        return await at_provider.leave(s, provider, hint="" if name else address)
    except at_provider.Unreachable:
        problem = Problem(Wrong.PROVIDER, values={"name": at_provider.label_of(provider)})
        return s.show(await first_page(s, s.request.login_hint, problem))


async def first_page(s: AtClient, username: str, *problems: Problem) -> views.SignIn:
    """Return the page that a sign-in begins with."""
    own_users, choice = s.client.serves_own_users, await at_provider.choice_of(s)
    here = own_users and passkeys_here.offered(s.call.settings, s.visit.place)
    passkey_question = passkey.ask_anybody(s.call, s.pool, s.client) if here else None
    state = (
        ""
        if passkey_question is None
        else s.sealed(msgspec.structs.replace(start_of(s, ""), page=ANYBODY, session=passkey_question[1]))
    )
    return views.SignIn(
        session=state,
        passkey_options="" if passkey_question is None else msgspec.json.encode(passkey_question[0]).decode(),
        problems=problems,
        username=username,
        asks_password=not begins_with_a_name(s),
        sign_up=own_users and not s.pool.admin_only_sign_up,
        forgot=bool(recovery_order(s.pool.document)),
        providers=in_order(s.look, choice.buttons),
        asks_domain=choice.asks_domain,
        own_users=own_users,
    )


async def to_first_page(s: AtClient) -> Response:
    """GET of an address that only forms are sent to: a reload after Back, or a bookmark."""
    return s.further(paths.LOGIN)


async def _may_continue(s: AtClient) -> tuple[BrowserSession, User] | None:
    """Return the person who is signed in at this browser, if the app client may go on from that (attacks.md 93)."""
    session = await browser.current(s.visit)
    if session is None or not await arrival.may_go_on(s.visit, s.request, session):
        return None
    user = await user_by_id(s.call, s.pool.pool_id, session.user_id)
    return None if user is None else (session, user)


def _address(user: User) -> str:
    return next((user.attributes[name] for name in ("email", "phone_number") if user.attributes.get(name)), "")


def _own_name(s: AtClient, user: User) -> str:
    """Return what somebody types to sign in: where the user name is an id of ours or a provider's, the address."""
    not_typed = s.pool.username_attributes or user.status == EXTERNAL_PROVIDER
    return (_address(user) if not_typed else "") or user.username


def _continue_as(s: AtClient, user: User) -> views.ContinueAs:
    address, own = _address(user), _own_name(s, user)
    name = user.attributes.get("name") or own
    return views.ContinueAs(name=name, detail=own if own != name else address if address != name else "")
