"""AdminListUserAuthEvents, AdminUpdateAuthEventFeedback, UpdateAuthEventFeedback: what users did, and feedback on it."""

from poolkeeper.accounts import auth_events, feedback
from poolkeeper.aws.generated.cognito_idp import (
    AdminListUserAuthEventsRequest,
    AdminListUserAuthEventsResponse,
    AdminUpdateAuthEventFeedbackRequest,
    AdminUpdateAuthEventFeedbackResponse,
    AuthEventType,
    ChallengeResponseType,
    EventContextDataType,
    EventFeedbackType,
    EventRiskType,
    UpdateAuthEventFeedbackRequest,
    UpdateAuthEventFeedbackResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import require_pool_and_subject, require_pool_and_user
from poolkeeper.model.auth_event import Facts, Seen, challenges_of, facts_of, feedback_of
from poolkeeper.operations.guards import require_protection
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import auth_history
from poolkeeper.store.auth_history import EventRow

# Newer than any event can be.
_NEWEST = (1 << 62, "")
# UNVERIFIED: what AWS calls whoever said something of an event; one event with feedback of either kind would settle it.
_ADMINISTRATOR, _USER = "Admin", "User"


async def admin_list_user_auth_events(
    call: Call, req: AdminListUserAuthEventsRequest
) -> AdminListUserAuthEventsResponse:
    """Return what a user did, the newest first, a page at a time.

    Raises UserPoolAddOnNotEnabledException, UserNotFoundException, InvalidParameterException.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    require_protection(pool)
    listing = f"AdminListUserAuthEvents {pool.pool_id} {user.sub}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    at, _, event_id = wanted.after().partition(" ")
    rows = await auth_history.page(
        call.db,
        pool_id=pool.pool_id,
        user_id=user.sub,
        before=(int(at), event_id) if at else _NEWEST,
        limit=wanted.limit,
    )
    page = wanted.cut(rows, lambda row: f"{row.at} {row.event_id}")
    return AdminListUserAuthEventsResponse(auth_events=[_auth_event(row) for row in page.items], next_token=page.token)


async def admin_update_auth_event_feedback(
    call: Call, req: AdminUpdateAuthEventFeedbackRequest
) -> AdminUpdateAuthEventFeedbackResponse:
    """Store whether an administrator takes an event for the user's own.

    Raises UserPoolAddOnNotEnabledException, UserNotFoundException, ResourceNotFoundException.
    """
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    require_protection(pool)
    event_feedback = {"event_id": req.event_id, "value": req.feedback_value, "provider": _ADMINISTRATOR}
    await auth_events.say(call, pool, user, **event_feedback)
    return AdminUpdateAuthEventFeedbackResponse()


async def update_auth_event_feedback(
    call: Call, req: UpdateAuthEventFeedbackRequest
) -> UpdateAuthEventFeedbackResponse:
    """Store whether a user says that an event was their own, by the token in its notice.

    Raises UserPoolAddOnNotEnabledException, NotAuthorizedException, ResourceNotFoundException.
    """
    pool, subject = await require_pool_and_subject(call, req.user_pool_id, req.username)
    require_protection(pool)
    about = {"pool_id": pool.pool_id, "user_id": subject.subject_id, "event_id": req.event_id}
    feedback.require_token(call, req.feedback_token, **about)
    if subject.user is None:
        raise refused(Reason.FEEDBACK_TOKEN)
    event_feedback = {"event_id": req.event_id, "value": req.feedback_value, "provider": _USER}
    await auth_events.say(call, pool, subject.user, **event_feedback)
    return UpdateAuthEventFeedbackResponse()


def _auth_event(row: EventRow) -> AuthEventType:
    facts = Facts() if row.document is None else facts_of(row.document)
    event_feedback = None if row.feedback is None else feedback_of(row.feedback)
    return AuthEventType(
        event_id=row.event_id,
        event_type=row.kind,
        creation_date=seconds(row.at),
        event_response=row.outcome,
        event_risk=EventRiskType(
            risk_decision=facts.risk.decision,
            risk_level=facts.risk.level.capitalize() or None,
            compromised_credentials_detected=facts.risk.compromised,
        ),
        challenge_responses=[
            ChallengeResponseType(challenge_name=name, challenge_response=answer)
            for name, answer in challenges_of(row.challenges)
        ],
        event_context_data=_context(facts.seen),
        event_feedback=None
        if event_feedback is None
        else EventFeedbackType(
            feedback_value=event_feedback.value,
            provider=event_feedback.provider,
            feedback_date=seconds(event_feedback.at),
        ),
    )


def _context(seen: Seen) -> EventContextDataType:
    return EventContextDataType(
        ip_address=seen.address or None,
        device_name=seen.device_name or seen.user_agent[:128] or None,
        timezone=seen.time_zone or None,
        city=seen.city or None,
        country=seen.country or None,
    )
