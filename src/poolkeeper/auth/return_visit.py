"""How does a user get tokens who was judged before? By a browser session or a code: they are judged anew, then let in."""

from collections.abc import Collection

from poolkeeper import lookup, triggers
from poolkeeper.accounts import means
from poolkeeper.auth.gate import Admission, acr_of, require_enough
from poolkeeper.auth.means import available
from poolkeeper.auth.standing import require_good_standing
from poolkeeper.auth.steps import step_up
from poolkeeper.call import Call
from poolkeeper.errors import (
    NotAuthorizedException,
    PasswordResetRequiredException,
    UserNotConfirmedException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model import first_factor, levels
from poolkeeper.model.admission import Admitted, Want
from poolkeeper.model.browser_session import BrowserSession
from poolkeeper.model.client import Client
from poolkeeper.model.factors import FEDERATED
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, User


async def admit_again(
    call: Call, pool: Pool, client: Client, browser: BrowserSession, want: Want, *, target: Collection[str] = ()
) -> Admission:
    """Admit the person of a browser session, by what was proved when it began.

    `target` are the levels that the app asks for, by name. Triggers: PreTokenGeneration. Raises NotAuthorizedException,
    PasswordResetRequiredException and their like where that is not enough any more: the person must sign in afresh.
    """
    # UNVERIFIED: that PostAuthentication is not asked; a second authorize request of a browser would settle it.
    pool, client, user, subject = await _judged(call, pool, client, browser, target)
    invocations = call.trace.invocations
    overrides = await triggers.pre_token_generation(
        call,
        pool,
        client,
        source=want.source,
        user=user,
        memberships=subject.memberships,
        scopes=want.scopes,
        metadata={},
    )
    if call.trace.invocations != invocations:
        pool, client, user, subject = await _judged(call, pool, client, browser, target)
    admitted = Admitted(
        user_id=user.sub,
        client_id=client.client_id,
        factors=browser.factors,
        auth_time=browser.auth_time,
        want=want,
        credential_version=user.credential_version,
        status=user.status,
        mfa=user.mfa.text or "",
        failures=0,
        device_key=None,
        new_device=None,
        acr=acr_of(pool, browser.factors, target),
        origin="",
        overrides=overrides,
        browser_session_id=browser.session_id,
    )
    return Admission(admitted=admitted, pool=pool, client=client, user=user, memberships=subject.memberships)


async def is_enough(
    call: Call, pool: Pool, client: Client, browser: BrowserSession, *, target: Collection[str] = ()
) -> bool:
    """Say whether the person of a browser session would be admitted again, leaving out what functions would say."""
    try:
        await _judged(call, pool, client, browser, target)
    except (NotAuthorizedException, PasswordResetRequiredException, UserNotConfirmedException):
        return False
    return True


async def admission_of(call: Call, pool: Pool, admitted: Admitted) -> Admission:
    """Return a former admission with pool, client and user as they are now; the gate's `issue` judges the rest.

    Raises NotAuthorizedException where the user is gone, ResourceNotFoundException where the client is.
    """
    pool, client, subject = await lookup.require_client_and_subject(
        call, admitted.client_id, admitted.user_id, pool_id=pool.pool_id
    )
    if subject.user is None or subject.user.sub != admitted.user_id:
        raise refused(Reason.USER_GONE)
    require_enough(pool, subject.user, admitted.factors, ())
    return Admission(admitted=admitted, pool=pool, client=client, user=subject.user, memberships=subject.memberships)


async def _judged(
    call: Call, pool: Pool, client: Client, browser: BrowserSession, target: Collection[str]
) -> tuple[Pool, Client, User, Subject]:
    """Return pool, client and user as they are now, if what the browser session proved is still enough."""
    pool, client, subject = await lookup.require_client_and_subject(
        call, client.client_id, browser.user_id, pool_id=pool.pool_id
    )
    user = subject.user
    if user is None or user.sub != browser.user_id or user.credential_version != browser.credential_version:
        raise refused(Reason.CREDENTIAL_CHANGED)
    require_good_standing(user, browser.factors)
    if user.status != CONFIRMED and FEDERATED not in browser.factors:
        raise refused(Reason.STATUS_CHANGED)
    reachable = await _level(call, pool, client, user, browser, target) if target else 0
    require_enough(pool, user, browser.factors, (levels.name_of(pool.document, reachable),) if reachable else ())
    return pool, client, user, subject


async def _level(
    call: Call, pool: Pool, client: Client, user: User, browser: BrowserSession, target: Collection[str]
) -> int:
    """Return the level that a fresh sign-in of this person at the pages would aim at.

    What a provider would reach is not known before it is asked: its users aim at the first level that was named.
    """
    if FEDERATED in browser.factors:
        return levels.levels_of(pool.document)[next(iter(target))]
    user_means = await means.of_user(call, pool, user)
    first_challenges = available(pool, user_means) if client.lets_choose else (first_factor.PASSWORD,)
    return step_up.level_at_pages(pool, user_means, target, first_challenges)
