"""What has been said in a CUSTOM_AUTH so far? The history that the triggers see, and what is kept from the client.

A conversation outgrows a Session, so it is a sealed row that the Session names (userpools.md 3.5). Only the holder of
that Session reads and writes it, and the Session is spent in between, so no two answers ever go on from one state.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from poolkeeper.auth.sign_in import SignIn
from poolkeeper.clock import HOUR
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model import factors
from poolkeeper.store import conversations
from poolkeeper.store.db import Transaction

# A Session expires on its own; a conversation must outlive the other steps that can come between two of its challenges.
_LIFETIME = 2 * HOUR
# The challenge that proved a factor, by its name in the history (AWS: Define auth challenge Lambda trigger).
# UNVERIFIED: that a device's exchange is in the history by its second half; an event of DefineAuthChallenge after one
# would settle it, and whether NEW_PASSWORD_REQUIRED, which proves nothing, stands between the others.
_CHALLENGES = {
    factors.PASSWORD: "PASSWORD_VERIFIER",
    factors.SMS: "SMS_MFA",
    factors.EMAIL: "EMAIL_OTP",
    factors.TOTP: "SOFTWARE_TOKEN_MFA",
    factors.DEVICE: "DEVICE_PASSWORD_VERIFIER",
}


class Turn(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One challenge that was answered."""

    name: str
    right: bool
    metadata: str | None = None


class Conversation(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A CUSTOM_AUTH under way.

    `private` and `metadata` belong to the challenge that waits for its answer. `recorded` is how many of the proved
    factors are in the history already. `public_value` is the SRP_A that it began with, until an exchange uses it.
    """

    turns: tuple[Turn, ...] = ()
    private: dict[str, str] = {}
    metadata: str | None = None
    recorded: int = 0
    public_value: str = ""

    def __repr__(self) -> str:
        return f"Conversation({len(self.turns)} turns)"

    @property
    def history(self) -> list[dict[str, Any]]:
        """The `session` of the triggers' events (userpools.md 3.7)."""
        return [
            {"challengeName": turn.name, "challengeResult": turn.right, "challengeMetadata": turn.metadata}
            for turn in self.turns
        ]

    def answered(self, name: str, *, right: bool) -> "Conversation":
        """Return the conversation after the challenge that waited got its answer."""
        turn = Turn(name=name, right=right, metadata=self.metadata)
        return msgspec.structs.replace(self, turns=(*self.turns, turn), private={}, metadata=None)

    def proved(self, proved: Sequence[str]) -> "Conversation":
        """Return the conversation with newly proved factors in its history; `proved` are all factors so far."""
        since = tuple(
            Turn(name=_CHALLENGES[factor], right=True) for factor in proved[self.recorded :] if factor in _CHALLENGES
        )
        return msgspec.structs.replace(self, turns=(*self.turns, *since), recorded=len(proved))


_decode = msgspec.msgpack.Decoder(Conversation).decode


async def read(sign_in: SignIn) -> Conversation:
    """Return the conversation that the journey of a sign-in names, if it is of the same subject.

    Raises NotAuthorizedException where it is gone.
    """
    call = sign_in.attempt.call
    row_key = {"pool_id": sign_in.attempt.pool.pool_id, "conversation_id": sign_in.journey.conversation}
    row = await conversations.find(call.db, **row_key, subject_id=sign_in.subject.subject_id)
    if row is None or row.expires_at <= call.now:
        raise refused(Reason.CONVERSATION_ENDED)
    return _decode(call.house.sealer.open_column(row.document, **_column(**row_key)))


def sealed(sign_in: SignIn, talk: Conversation) -> bytes:
    """Return a conversation sealed for the row that the journey names."""
    column = _column(sign_in.attempt.pool.pool_id, sign_in.journey.conversation)
    return sign_in.attempt.call.house.sealer.seal_column(msgspec.msgpack.encode(talk), **column)


async def keep(tx: Transaction, sign_in: SignIn, document: bytes) -> None:
    """Keep a sealed conversation until its next step."""
    await conversations.put(
        tx,
        pool_id=sign_in.attempt.pool.pool_id,
        conversation_id=sign_in.journey.conversation,
        subject_id=sign_in.subject.subject_id,
        document=document,
        expires_at=sign_in.attempt.call.now + _LIFETIME,
    )


def _column(pool_id: str, conversation_id: str) -> dict[str, str]:
    return {"table": "conversations", "key": f"{pool_id}/{conversation_id}", "column": "document"}
