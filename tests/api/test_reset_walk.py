"""Whether a password changes on the evidence of the mailed code alone, in whatever order things are tried (attacks.md 43)."""

from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from api.stage import Wire
from api.walk import walk
from api.world import PASSWORD, World
from poolkeeper.clock import HOUR, MINUTE, SECOND

ADDRESS = "walker@example.com"


class ResetWalk(RuleBasedStateMachine):
    """Somebody who knows a name and at times the mailbox tries everything that leads towards a new password.

    `newest` is the code that was mailed last, with the moment it dies; it is None once it is spent.
    """

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.wire = Wire(world)
        self.client = world.pool(AutoVerifiedAttributes=["email"]).client()
        self.client.pool.user("walker", email=ADDRESS, email_verified="true")
        self.password = PASSWORD
        self.version = self.stored_version()
        self.newest: tuple[str, int] | None = None
        self.older: list[str] = []
        self.resets = 0

    def stored_version(self) -> int:
        sql = "SELECT credential_version FROM users WHERE pool_id = $1 AND username = $2"
        return int(self.world.rows(sql, self.client.pool.pool_id, "walker")[0][0])

    def tries(self, operation: str, **given: Any) -> str:
        """Call an operation as a stranger; return the name of its error, empty for a success."""
        return self.wire.call(operation, {"ClientId": self.client.client_id, **given}).error

    def reset(self, code: str) -> str:
        self.resets += 1
        password = f"{PASSWORD}-{self.resets}"
        error = self.tries("ConfirmForgotPassword", Username="walker", ConfirmationCode=code, Password=password)
        if not error:
            self.password = password
        return error

    @rule()
    def ask(self) -> None:
        """Ask for a code: a sixth within an hour is refused, and the one before it stays what it was."""
        self.world.clock.advance(SECOND)
        error = self.tries("ForgotPassword", Username="walker")
        assert error in {"", "LimitExceededException"}
        if not error:
            if self.newest is not None:
                self.older.append(self.newest[0])
            self.newest = (self.world.code(ADDRESS), self.world.clock.now() + HOUR)

    @rule()
    @precondition(lambda self: self.newest is not None)
    def reset_with_the_code(self) -> None:
        """Only here may the password change, and then it must have."""
        assert self.newest is not None
        code, dies_at = self.newest
        error = self.reset(code)
        if error == "LimitExceededException":
            return
        assert error == ("" if self.world.clock.now() < dies_at else "ExpiredCodeException")
        if not error:
            self.older.append(code)
            self.version += 1
            self.newest = None

    @rule(code=st.sampled_from(["000000", "", "null", "0", "{####}", "123456\n"]))
    def reset_with_a_guess(self, code: str) -> None:
        """Be refused with a guess (one that is the code by chance is not made)."""
        assert (self.newest and self.newest[0] == code) or self.reset(code)

    @rule(data=st.data())
    @precondition(lambda self: self.older)
    def reset_with_an_older_code(self, data: st.DataObject) -> None:
        """Be refused with a code that was spent or followed by another."""
        code = data.draw(st.sampled_from(self.older))
        assert (self.newest and self.newest[0] == code) or self.reset(code)

    @rule()
    def confirm_the_sign_up(self) -> None:
        """Confirm nobody with the code of a reset."""
        code = self.newest[0] if self.newest else "000000"
        assert self.tries("ConfirmSignUp", Username="walker", ConfirmationCode=code)

    @rule()
    def resend_the_sign_up_code(self) -> None:
        """Asking for another kind of code is answered, and mails nothing to a confirmed user."""
        assert self.tries("ResendConfirmationCode", Username="walker") in {"", "LimitExceededException"}

    @rule(challenge=st.sampled_from(["NEW_PASSWORD_REQUIRED", "PASSWORD_VERIFIER", "SELECT_CHALLENGE"]))
    def answer_a_challenge_that_nobody_asked(self, challenge: str) -> None:
        """Answer a challenge out of nowhere, which leads nowhere."""
        responses = {"USERNAME": "walker", "NEW_PASSWORD": f"{PASSWORD}-x", "ANSWER": "PASSWORD"}
        session = "A" * 60
        assert self.tries(
            "RespondToAuthChallenge", ChallengeName=challenge, ChallengeResponses=responses, Session=session
        )

    @rule(minutes=st.sampled_from([1, 30, 61]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes * MINUTE)

    @invariant()
    def the_password_changed_by_its_code_alone(self) -> None:
        assert self.stored_version() == self.version

    def teardown(self) -> None:
        """Sign in with the password that the walk knows."""
        self.wire.close()
        assert self.client.tokens("walker", self.password)["AccessToken"]


def test_a_password_changes_only_on_the_evidence_of_its_code(world: World) -> None:
    """attacks.md 43: a walk of asking, confirming, resending, guessing and waiting, with the stored credential in view."""
    walk(partial(ResetWalk, world), examples=12, steps=16)
