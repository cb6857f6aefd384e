"""How does a person get from page to page, and through? An answer goes to auth/flow.py; what it asks next is the next page.

flow.begin / flow.respond --> a challenge --> its page
                          --> enough is proved --> hosted/arrival.py --> back to the app, by way of an offer perhaps
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from poolkeeper import lookup
from poolkeeper.auth import flow
from poolkeeper.auth.challenge import Challenge
from poolkeeper.auth.flow import PAGES_CHOICE, PAGES_PASSKEY, PAGES_PASSWORD, Entrance
from poolkeeper.auth.sign_in import Proven
from poolkeeper.clock import SECOND
from poolkeeper.defences import lockout
from poolkeeper.errors import PasswordResetRequiredException, ServiceError, UserNotConfirmedException
from poolkeeper.hosted import arrival, paths
from poolkeeper.model.browser_session import BY_CHOICE, BY_PASSWORD
from poolkeeper.pages.managed_login import asking, passkey_offer, refusals
from poolkeeper.pages.managed_login.asking import CHOOSE, NOTHING, PASSWORD, Said, kept_of
from poolkeeper.pages.managed_login.kept import Kept
from poolkeeper.pages.managed_login.parts import Notice, Problem, Wrong
from poolkeeper.pages.managed_login.refusals import Locked, Wait
from poolkeeper.pages.managed_login.sitting import AtClient
from poolkeeper.pages.managed_login.stepping import lead_to


@dataclass(frozen=True, slots=True)
class Through:
    """A person who is signed in, and the answer to the app."""

    proven: Proven
    response: Response


Outcome = Challenge | Through
# The user's own state, of which whoever has proved nothing yet is not told (auth/flow.py).
AFTER_A_PROOF = (UserNotConfirmedException, PasswordResetRequiredException)
NO_OTHER: Mapping[Wrong, Wrong] = {}


def begins_with_a_name(s: AtClient) -> bool:
    """Say whether the page asks for the name first: that is all that ExplicitAuthFlows is asked about here."""
    return s.client.lets_choose


def start_of(s: AtClient, username: str) -> Kept:
    """Return what there is before the first question: a name that somebody typed."""
    return Kept(
        client_id=s.client.client_id, page="", session="", challenge="", username=username, binding=s.guard.binding
    )


async def begin(s: AtClient, *, username: str, session: str | None = None, **given: str) -> Outcome:
    """Begin signing in, with a password where one is given, by choice otherwise. Raises as flow.begin does."""
    levels = " ".join(arrival.known_levels(s.pool, s.request))
    return await flow.begin(
        s.call,
        door_of(s),
        entrance=Entrance.PAGES,
        flow=PAGES_PASSWORD if PASSWORD in given and not session else PAGES_CHOICE,
        client_id=s.client.client_id,
        given={"USERNAME": username, **given, "TARGET_ACR_VALUES": levels},
        metadata={},
        session=session,
        pool_id=s.pool.pool_id,
    )


async def begin_by_passkey(s: AtClient, *, username: str, session: str, credential: str) -> Outcome:
    """Begin signing in by a passkey that says itself whose it is. Raises as flow.begin does."""
    levels = " ".join(arrival.known_levels(s.pool, s.request))
    return await flow.begin(
        s.call,
        door_of(s),
        entrance=Entrance.PAGES,
        flow=PAGES_PASSKEY,
        client_id=s.client.client_id,
        given={"USERNAME": username, "CREDENTIAL": credential, "TARGET_ACR_VALUES": levels},
        metadata={},
        session=session,
        pool_id=s.pool.pool_id,
    )


async def respond(s: AtClient, kept: Kept, challenge: str = "", session: str = "", **given: str) -> Outcome:
    """Answer the question of a page, or another one in its place. Raises as flow.respond does."""
    return await flow.respond(
        s.call,
        door_of(s),
        entrance=Entrance.PAGES,
        challenge=challenge or kept.challenge,
        client_id=s.client.client_id,
        given={"USERNAME": kept.username, **given},
        session=session or kept.session,
        metadata={},
        pool_id=s.pool.pool_id,
    )


async def ask_anew(s: AtClient, kept: Kept) -> Outcome:
    """Have what is missing asked anew. Raises as flow.ask_anew does."""
    return await flow.ask_anew(
        s.call,
        door_of(s),
        entrance=Entrance.PAGES,
        challenge=kept.challenge,
        client_id=s.client.client_id,
        username=kept.username,
        session=kept.session,
        pool_id=s.pool.pool_id,
    )


def door_of(s: AtClient) -> flow.Door[Through]:
    """Return what opens to whoever has proved enough."""

    async def door(proven: Proven) -> Through:
        began = BY_PASSWORD if proven.journey.flow == PAGES_PASSWORD else BY_CHOICE
        return Through(proven, await arrival.arrive(s.visit, s.request, proven, began=began))

    return door


async def go_on(s: AtClient, kept: Kept, outcome: Outcome, said: Said = NOTHING) -> Response:
    """Answer with what comes next: the page of a challenge, or the way back to the app."""
    if isinstance(outcome, Through):
        return await passkey_offer.before(s, outcome.proven, outcome.response)
    next_page = await kept_of(s, outcome, kept)
    if next_page.page == CHOOSE and len(next_page.choices) == 1:
        chosen = await respond(s, next_page, ANSWER=next_page.choices[0])
        return await go_on(s, _without_choice(next_page), chosen, said)
    if next_page.page == CHOOSE and not next_page.choices:
        said = Said(problems=(Problem(Wrong.WAY),))
    return await lead_to(s, next_page, said)


def _without_choice(kept: Kept) -> Kept:
    """Return what is known before a question that nobody chose."""
    return Kept(
        client_id=kept.client_id,
        page="",
        session="",
        challenge="",
        username=kept.username,
        address=kept.address,
        binding=kept.binding,
    )


async def refused(s: AtClient, kept: Kept, fault: ServiceError) -> Problem | Response:
    """Return what a refusal is called on the page that asked, or the page that helps where that one cannot.

    Raises TooOld and Wait.
    """
    s.call.trace.refuse(fault.name, fault.detail)
    match fault:
        case UserNotConfirmedException():
            return s.further(paths.CONFIRM, username=kept.username)
        case PasswordResetRequiredException():
            return s.further(paths.RESET, username=kept.username, notice=Notice.PASSWORD_MUST_CHANGE)
    try:
        return refusals.problem_of(fault, s.pool, typed=s.form.get("password", ""))
    except Locked:
        raise Wait(await _seconds_locked(s, kept.username)) from None


async def _seconds_locked(s: AtClient, username: str) -> int:
    """Return how long the lock of a name holds; where its network is what may guess no more, how long people wait."""
    _, subject = await lookup.require_pool_and_subject(s.call, s.pool.pool_id, username)
    return -(-await lockout.remaining(s.call, s.pool, subject) // SECOND) or refusals.WAIT_SECONDS


async def again(s: AtClient, kept: Kept, fault: ServiceError, own: Mapping[Wrong, Wrong] = NO_OTHER) -> Response:
    """Show the page again that asked, with what is wrong in its own words: `own` says which of them are other ones."""
    problem = await refused(s, kept, fault)
    if isinstance(problem, Response):
        return problem
    wrong = own.get(problem.wrong, problem.wrong)
    problem = Problem(wrong, problem.field, problem.values, problem.n)
    return s.show(await asking.view_of(s, kept, Said(problems=(problem,))))
