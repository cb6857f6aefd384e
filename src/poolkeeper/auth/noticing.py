"""Who hears of a risky sign-in? Its user, by mail to a proved address, with a link to say whose it was.

Our own text fills what the operator's NotifyConfiguration leaves out (identity-security.md 4.1). For a ghost, and for a wrong
proof, a mail is written too but sent nowhere: the time of an answer must not show whether a user exists.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from poolkeeper.accounts import feedback
from poolkeeper.auth.sign_in import SignIn
from poolkeeper.clock import SECOND
from poolkeeper.messaging import notices
from poolkeeper.messaging.notices import Mail, SignInNoticed
from poolkeeper.model.address import main_address
from poolkeeper.model.auth_event import INVALID, VALID, Assessment, Seen
from poolkeeper.model.protection import protection_of
from poolkeeper.store.db import Transaction

_PATH = "/feedback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The notice of a sign-in: which of the operator's mails, and what was seen. `theirs`: the user really gets it."""

    mail: Mail
    assessed: Assessment
    seen: Seen
    theirs: bool


async def tell(tx: Transaction, sign_in: SignIn, notice: Notice) -> None:
    """Queue the mail of a sign-in, in the transaction that writes its event."""
    attempt = sign_in.attempt
    call, pool = attempt.call, attempt.pool
    protection = protection_of(pool, attempt.client)
    if protection is None:
        return
    event_id = notice.assessed.event_id
    token = feedback.token(call, pool_id=pool.pool_id, user_id=sign_in.subject.subject_id, event_id=event_id)
    base = main_address(call.settings, pool) or call.settings.issuer_base

    def link(value: str) -> str:
        return f"{base}{_PATH}?{urlencode({'state': f'{pool.pool_id}.{token}', 'value': value})}"

    noticed = SignInNoticed(
        mail=notice.mail,
        when=datetime.fromtimestamp(notice.assessed.at // SECOND, UTC).strftime("%Y-%m-%d %H:%M UTC"),
        event_id=event_id,
        token=token,
        seen=notice.seen,
        valid=link(VALID),
        invalid=link(INVALID),
    )
    user = sign_in.user if notice.theirs else None
    await notices.sign_in_noticed(call, tx, pool, user, sign_in.subject.subject_id, protection.notices, noticed)
