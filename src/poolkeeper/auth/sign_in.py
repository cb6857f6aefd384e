"""What is a sign-in while it is under way? Whom it is about, what it said when it began, and what was proved so far.

    SignIn --proved(proof)--> Proven --proved(proof)--> Proven --> the gate

Both can ask the next question (pause.py). The gate takes Proven alone, which always has a user and at least one factor.
"""

from dataclasses import dataclass, replace
from typing import Self

from poolkeeper.auth.attempt import Attempt
from poolkeeper.lookup import Subject
from poolkeeper.model.journey import Journey
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in under way, which may have proved nothing.

    `attempt` is the request that carries it on. `subject` is the user or ghost for whom it began, by the name that was
    typed first, so that counts stay with one id whatever name later answers use. `factors` are what was proved, in order,
    `failures` the wrong proofs that counted before that. `spends` is the sealed state that led here, (nonce, expiry): it
    is spent in the transaction of what it leads to. `detail` is what the step that is being answered needs.
    """

    attempt: Attempt
    subject: Subject
    journey: Journey
    factors: tuple[str, ...] = ()
    failures: int = 0
    spends: tuple[str, int] | None = None
    detail: str = ""

    @property
    def user(self) -> User | None:
        return self.subject.user

    def proved(self, proof: Proof) -> "Proven":
        """Return the sign-in with one more proof."""
        return self._with(
            replace(self.subject, user=proof.user),
            factors=(*self.factors, proof.factor),
            failures=max(self.failures, proof.failures),
        )

    def carrying(self, factors: tuple[str, ...]) -> "Proven":
        """Return the sign-in with the factors that its user proved before, by our own seal or a session."""
        return self._with(self.subject, factors=factors, failures=self.failures)

    def on(self, journey: Journey) -> Self:
        """Return the sign-in with another journey."""
        return replace(self, journey=journey)

    def spent(self) -> Self:
        """Return the sign-in whose sealed state has been used up."""
        return replace(self, spends=None)

    def _with(self, subject: Subject, *, factors: tuple[str, ...], failures: int) -> "Proven":
        return Proven(
            attempt=self.attempt,
            subject=subject,
            journey=self.journey,
            factors=factors,
            failures=failures,
            spends=self.spends,
            detail=self.detail,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven(SignIn):
    """A sign-in whose user has proved something: what the gate demands."""

    def __post_init__(self) -> None:
        assert self.subject.user is not None, "nobody proves anything"
        assert self.factors, "nothing was proved"

    @property
    def user(self) -> User:
        assert self.subject.user is not None, "as it was made"
        return self.subject.user
