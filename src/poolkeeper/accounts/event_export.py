"""What does a pool's own log say of its users' events? What AdminListUserAuthEvents says, and whose they were."""

from typing import Any

from poolkeeper.call import Call
from poolkeeper.lookup import Subject
from poolkeeper.model.auth_event import Facts, challenges_of, facts_of
from poolkeeper.model.log_configuration import INFO, USER_AUTH_EVENTS
from poolkeeper.model.pool import Pool
from poolkeeper.store.auth_history import EventRow


def tell(call: Call, pool: Pool, subject: Subject, row: EventRow) -> None:
    """Write an event that has ended to the pool's log, where it has one; a ghost's events are not written."""
    if subject.user is not None:
        call.house.log_delivery.tell(pool, USER_AUTH_EVENTS, INFO, _entry(subject.user.username, subject.user.sub, row))


def _entry(username: str, sub: str, row: EventRow) -> dict[str, Any]:
    # UNVERIFIED: the members' names; an export of AWS's would settle them.
    facts = Facts() if row.document is None else facts_of(row.document)
    seen, risk = facts.seen, facts.risk
    members = {
        "eventId": row.event_id,
        "eventType": row.kind,
        "eventResponse": row.outcome,
        "creationDate": row.at,
        "userName": username,
        "userSub": sub,
        "challengeResponses": [
            {"challengeName": name, "challengeResponse": answer} for name, answer in challenges_of(row.challenges)
        ],
        "riskDecision": risk.decision,
        "riskLevel": risk.level.capitalize(),
        "compromisedCredentialDetected": risk.compromised,
        "ipAddress": seen.address,
        "deviceName": seen.device_name or seen.user_agent,
        "city": seen.city,
        "country": seen.country,
    }
    return {name: value for name, value in members.items() if value is not None and value != ""}
