"""Who may have tokens? Those whom the one gate lets through, by what is true at that moment.

Every token of a user pool's user or app client leaves through here. Two others are made elsewhere: the OpenID token of an
identity (identities/tokens.py), and the logout token that an app is sent (tokens/logout_token.py).

admit: the proofs are judged, the triggers asked --> Admission, whose `admitted` is plain data that can wait in a row
issue: one conditional statement opens the session, if all that was judged is still true --> tokens
readmit, reissue: a session that is still alive goes on, with its next refresh token where it has one --> tokens
client_tokens: an app client that stands for itself, by its secret --> a token without any session
ask_of_derived, issue_derived: an app client that shows a user's token --> another token of the same session
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import msgspec

from poolkeeper import lookup, triggers
from poolkeeper.auth.opening import Within, new_session, note_use, open_session, with_first
from poolkeeper.auth.rereading import as_it_is_now
from poolkeeper.auth.sign_in import Proven
from poolkeeper.auth.standing import require_good_standing, status_for
from poolkeeper.auth.watching import Lesson, lesson, settled
from poolkeeper.call import Call
from poolkeeper.defences import lockout
from poolkeeper.defences.client_proof import require_own_secret
from poolkeeper.errors import InvalidOAuthFlowException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer, Subject, user_by_id
from poolkeeper.model import levels
from poolkeeper.model.admission import Admitted, Want
from poolkeeper.model.client import Client
from poolkeeper.model.factors import CUSTOM, FEDERATED, level
from poolkeeper.model.group import Membership
from poolkeeper.model.machine import MachineRequest, allows_machines, machine_scopes
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import OPENID, SIGN_IN_SCOPE
from poolkeeper.model.second_factor import decide
from poolkeeper.model.token_overrides import TokenOverrides
from poolkeeper.model.tokens import Tokens
from poolkeeper.model.user import (
    CONFIRMED,
    FORCE_CHANGE_PASSWORD,
    User,
)
from poolkeeper.tokens import dpop
from poolkeeper.tokens import issue as tokens
from poolkeeper.tokens.derivation import Derivation, Derived, Grant

# Which source of PreTokenGeneration a sign-in by the API is, by the challenge that was answered last (userpools.md 4.1).
_SOURCES: Mapping[str, str] = {
    "NEW_PASSWORD_REQUIRED": "TokenGeneration_NewPasswordChallenge",
    "DEVICE_PASSWORD_VERIFIER": "TokenGeneration_AuthenticateDevice",
}
# UNVERIFIED: the source for a derived token; a function that writes its event down would settle it.
OF_DERIVED = "TokenGeneration_Authentication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A user at the gate: what they were admitted with, and pool, client and user as they were read last.

    `spends` is the sealed state that led here, (nonce, expiry), which is spent by the transaction that opens the session.
    `lesson` is what threat protection writes in that transaction, None where threat protection is off.
    """

    admitted: Admitted
    pool: Pool
    client: Client
    user: User
    memberships: tuple[Membership, ...]
    spends: tuple[str, int] | None = None
    lesson: Lesson | None = None

    def signed_in_at(self, moment: int) -> "Admission":
        """Return the admission of a user who proved themselves earlier, at a provider."""
        return replace(self, admitted=msgspec.structs.replace(self.admitted, auth_time=moment))


def require_enough(pool: Pool, user: User, factors: Collection[str], target: Collection[str]) -> None:
    """Refuse fewer proofs than pool and user demand, or less than the levels `target` that the app asks for.

    Raises NotAuthorizedException.
    """
    if FEDERATED not in factors and decide(pool.mfa, user.mfa, user.attributes, factors) is not None:
        raise refused(Reason.FACTOR_MISSING)
    if level(factors) < levels.target(pool.document, target):
        raise refused(Reason.LEVEL_MISSING)


def acr_of(pool: Pool, factors: Collection[str], target: Collection[str]) -> str | None:
    """Return the name of the level that was reached, None where none was asked for."""
    return levels.name_of(pool.document, level(factors)) if target else None


async def let_in(proven: Proven) -> Tokens:
    """Admit a user who signed in by the API, and issue the tokens at once."""
    source = _SOURCES.get(proven.attempt.answered, "TokenGeneration_Authentication")
    want = Want(scopes=(SIGN_IN_SCOPE,), source=source)
    return await issue(proven.attempt.call, await admit(proven, want))


async def admit(proven: Proven, want: Want) -> Admission:
    """Judge what was proved and call the triggers: the user may have a session then, and has none yet.

    Triggers, in order: PostAuthentication, PreTokenGeneration; when one fails the user is not admitted. Raises
    NotAuthorizedException, UserNotConfirmedException, PasswordResetRequiredException.
    """
    call, pool = proven.attempt.call, proven.attempt.pool
    _require_proofs(pool, proven)
    proven = settled(proven)
    no_device = want.by_pages or FEDERATED in proven.factors
    device_key, new_device = (None, None) if no_device else _device(call, pool, proven)
    overrides = await _ask_triggers(proven, want, new_device=new_device)
    proven = await as_it_is_now(proven)
    attempt, user = proven.attempt, proven.user
    _require_proofs(attempt.pool, proven)
    proven = settled(proven)

    admitted = Admitted(
        user_id=user.sub,
        client_id=attempt.client.client_id,
        factors=proven.factors,
        auth_time=call.now,
        want=want,
        credential_version=user.credential_version,
        status=status_for(user, proven.factors),
        mfa=user.mfa.text or "",
        failures=proven.failures,
        device_key=device_key,
        new_device=new_device,
        acr=acr_of(attempt.pool, proven.factors, proven.journey.target),
        origin=proven.journey.origin,
        overrides=overrides,
        event_id="" if proven.journey.assessed is None else proven.journey.assessed.event_id,
    )
    return Admission(
        admitted=admitted,
        pool=attempt.pool,
        client=attempt.client,
        user=user,
        memberships=proven.subject.memberships,
        spends=proven.spends,
        lesson=lesson(proven),
    )


async def issue(call: Call, admission: Admission, within: Within | None = None) -> Tokens:
    """Open the session of a user who was admitted, together with what is `within`, and issue its first tokens.

    The session is opened by one conditional statement, so that a user who was disabled, locked, given another password
    or another second factor since they were judged gets none (attacks.md 2, 3, 4, 25, 32). Raises the refusal of the
    user's state at that moment.
    """
    bearer = await _opened(call, admission, within)
    admitted = admission.admitted
    return await tokens.issue(
        call,
        bearer,
        with_id=admitted.want.id_token,
        with_refresh=admitted.want.refresh_token,
        bound_to=call.jkt,
        nonce=admitted.want.nonce,
        overrides=admitted.overrides,
        new_device=admitted.new_device,
    )


async def issue_vouched(call: Call, admission: Admission, grant: Grant) -> Derived:
    """Open the session of a user who was admitted by a token of somebody else's, and issue one token for that.

    Raises as `issue`.
    """
    derivation = Derivation(bearer=await _opened(call, admission), grant=grant)
    overrides = admission.admitted.overrides
    return await tokens.issue_derived(call, derivation, bound_to=call.jkt, overrides=overrides)


async def _opened(call: Call, admission: Admission, within: Within | None = None) -> Bearer:
    admitted, pool = admission.admitted, admission.pool
    client = admission.client.named_by(admitted.want.client_url)
    dpop.require_key(call, client)
    session = new_session(call, client, admitted)
    within = within if admission.lesson is None else with_first(admission.lesson.write, within)
    if not await open_session(call, pool, session, admitted, spends=admission.spends, within=within):
        await _refuse(call, pool, admitted)
    if admission.lesson is not None:
        admission.lesson.tell()
    if admitted.failures:
        await lockout.clear(call, pool, _subject(admission.user))
    return Bearer(pool=pool, client=client, session=session, user=admission.user, memberships=admission.memberships)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readmission:
    """A session that may go on: as it was once everything had been asked, and what its next tokens are to say.

    `scopes` are those of these tokens, of which the session may have more; `bound_to` is the key that they are bound to, or empty.
    """

    bearer: Bearer
    scopes: tuple[str, ...]
    overrides: TokenOverrides | None
    bound_to: str


async def readmit(
    call: Call,
    bearer: Bearer,
    *,
    source: str,
    metadata: Mapping[str, str],
    scopes: tuple[str, ...] | None = None,
) -> Readmission:
    """Ask everything that can refuse the next tokens of a session that was found by its refresh token.

    `scopes` are those of these tokens; None: all that the session has. Triggers: PreTokenGeneration, by the name `source`.
    """
    _require_alive(call, bearer)
    granted = bearer.session.scopes if scopes is None else scopes
    overrides = await triggers.pre_token_generation(
        call,
        bearer.pool,
        bearer.client,
        source=source,
        user=bearer.user,
        memberships=bearer.memberships,
        scopes=granted,
        metadata=metadata,
    )
    if overrides is not None:  # a trigger ran meanwhile
        again = await lookup.bearer(call, bearer.pool.pool_id, bearer.session.session_id)
        if again is None:
            raise refused(Reason.REFRESH_OVERTAKEN)
        bearer = again
        _require_alive(call, bearer)
    bound_to = await dpop.take_key(call, bearer.client)
    return Readmission(bearer=bearer, scopes=granted, overrides=overrides, bound_to=bound_to)


async def reissue(call: Call, readmission: Readmission, *, renewed: Bearer | None = None) -> Tokens:
    """Issue the next tokens of a session. `renewed` is the session with its next refresh token; None: the old one stays."""
    bearer = renewed or readmission.bearer
    if bearer.session.generation == readmission.bearer.session.generation:  # a rotation has noted the use itself
        await note_use(call, bearer)
    return await tokens.issue(
        call,
        replace(bearer, session=replace(bearer.session, scopes=readmission.scopes)),
        with_id=not bearer.session.by_pages or OPENID in readmission.scopes,
        with_refresh=renewed is not None,
        bound_to=readmission.bound_to,
        overrides=readmission.overrides,
    )


async def client_tokens(call: Call, asked: MachineRequest, *, metadata: Mapping[str, str]) -> Tokens:
    """Issue an access token to an app client that stands for itself.

    Triggers: PreTokenGeneration from version three on. Raises ResourceNotFoundException, NotAuthorizedException for the
    secret, InvalidOAuthFlowException, ScopeDoesNotExistException.
    """
    pool, client, granted = await _machine(call, asked)
    overrides = await triggers.machine_token_generation(call, pool, client, scopes=granted, metadata=metadata)
    if overrides is not None:  # a trigger ran meanwhile
        pool, client, granted = await _machine(call, asked)
    bound_to = await dpop.take_key(call, client)
    return await tokens.issue_to_client(call, pool, client, granted, bound_to=bound_to, overrides=overrides)


async def _machine(call: Call, asked: MachineRequest) -> tuple[Pool, Client, tuple[str, ...]]:
    """Return an app client that stands for itself, its pool, and its scopes of those that it asks for."""
    pool, client, of_servers = await lookup.require_client_and_scopes(call, asked.client_id, of_pool=asked.pool_id)
    require_own_secret(client, asked.secret)
    if not allows_machines(client, asked.flow):
        raise InvalidOAuthFlowException("The client does not allow this flow.")
    return pool, client, machine_scopes(client, asked.scopes, of_servers)


async def ask_of_derived(call: Call, derivation: Derivation) -> TokenOverrides | None:
    """Ask PreTokenGeneration what a token for another one is to say; None where no function ran.

    Where one ran, its caller judges anew before `issue_derived`: meanwhile anything may have changed.
    """
    bearer = derivation.bearer
    _require_alive(call, bearer)
    return await triggers.pre_token_generation(
        call,
        bearer.pool,
        bearer.client,
        source=OF_DERIVED,
        user=bearer.user,
        memberships=bearer.memberships,
        scopes=derivation.grant.scopes,
        metadata={},
    )


async def issue_derived(call: Call, derivation: Derivation, overrides: TokenOverrides | None) -> Derived:
    """Issue one token for another, of a session that is alive."""
    _require_alive(call, derivation.bearer)
    bound_to = await dpop.take_key(call, derivation.bearer.client)
    return await tokens.issue_derived(call, derivation, bound_to=bound_to, overrides=overrides)


def _require_alive(call: Call, bearer: Bearer) -> None:
    if bearer.session.revoked_at is not None:
        raise refused(Reason.REFRESH_REVOKED)
    if bearer.session.expires_at <= call.now:
        raise refused(Reason.REFRESH_EXPIRED)
    factors = bearer.session.factors
    require_good_standing(bearer.user, factors)
    if bearer.user.status == FORCE_CHANGE_PASSWORD and not {CUSTOM, FEDERATED}.intersection(factors):
        raise refused(Reason.REFRESH_OF_TEMPORARY)


def _require_proofs(pool: Pool, proven: Proven) -> None:
    """Refuse a sign-in without the proofs that pool and user demand; only a defect of the flow leads here."""
    user = proven.user
    require_good_standing(user, proven.factors)
    if user.status not in {CONFIRMED, status_for(user, proven.factors)}:
        raise refused(Reason.PASSWORD_TEMPORARY)
    if proven.journey.conversation:
        raise refused(Reason.CHALLENGES_OPEN)
    # A provider can only be asked for a level: the app sees in `acr` what was reached (oauth-federation.md 6).
    require_enough(pool, user, proven.factors, () if FEDERATED in proven.factors else proven.journey.target)


async def _ask_triggers(proven: Proven, want: Want, *, new_device: tuple[str, str] | None) -> TokenOverrides | None:
    attempt, user = proven.attempt, proven.user
    call, pool, client = attempt.call, attempt.pool, attempt.client
    if not proven.journey.provisioned:  # PostConfirmation has heard of that sign-in (oauth-federation.md 7.2)
        await triggers.post_authentication(
            call, pool, client, user=user, new_device=new_device is not None, metadata=attempt.metadata
        )
    return await triggers.pre_token_generation(
        call,
        pool,
        client,
        source=want.source,
        user=user,
        memberships=proven.subject.memberships,
        scopes=want.scopes,
        metadata=attempt.metadata,
    )


def _device(call: Call, pool: Pool, proven: Proven) -> tuple[str | None, tuple[str, str] | None]:
    """Return the device that the sign-in came from and, for one that is not known yet, its (key, group key)."""
    if pool.devices is None:
        return None, None
    if proven.journey.device_key:
        return proven.journey.device_key, None
    device_key = f"{pool.region}_{call.entropy.uuid()}"
    return device_key, (device_key, pool.device_group_key)


async def _refuse(call: Call, pool: Pool, admitted: Admitted) -> None:
    """Say why the session could not be opened, from what is true now."""
    user = await user_by_id(call, pool.pool_id, admitted.user_id)
    if user is None or user.credential_version != admitted.credential_version:
        raise refused(Reason.CREDENTIAL_CHANGED)
    require_good_standing(user, admitted.factors)
    if FEDERATED not in admitted.factors:
        await lockout.require_unlocked(call, pool, _subject(user))
    raise refused(Reason.NOT_ADMITTED)


def _subject(user: User) -> Subject:
    return Subject(name=user.username, subject_id=user.sub, user=user)
