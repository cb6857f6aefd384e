"""What is evidence that a user is who they say? One proof, made by the function that judged it."""

from dataclasses import dataclass

from poolkeeper.model.user import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That `user` proved one `factor` just now (model/factors.py names them).

    `failures` are the wrong proofs that counted before it. Only the functions of accounts/ that judge a secret make one.
    """

    user: User
    factor: str
    failures: int = 0
