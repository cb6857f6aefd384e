"""Does the time of an answer tell anything, and is oversized input refused at once? `make timing`, run on purpose.

These are the measurements of the attack rows whose tests in the suite count work instead: row 8 (a huge SRP_A), row 10
(which names exist: wrong passwords, and each way in which USER_AUTH begins and a passkey is answered), row 11 (a reset or a
code waits for the mail server), row 58 (a huge token). `--rows` takes their numbers. Ends with 1 when one fails.
Times are compared by medians of interleaved calls, and by Mann and Whitney's test; the bound is 5 % of a password hash.
"""

import argparse
import json
import socketserver
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import flows
import load
from calls import Refused, answers, call, cycled, post
from passkey import RELYING_PARTY, Authenticator, unpadded
from servers import Server, running
from world import PASSWORD, add_client, add_user, password_sign_in

from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.settings import DEFAULTS

CALLS = 200
TRIES_PER_NAME = 4  # The fifth wrong password locks the name.
OVERSIZED = 1_000_000
OVERSIZED_CALLS = 50
RESETS = 60
# Users who choose their first factor, and how often each begins: below the codes that are sent to one in an hour.
CHOOSERS, EACH = 16, 12
GHOSTS_ASKED = 8
MAIL_SERVER_SLEEPS = 2.0
TOLERANCE = 0.05
SRP_A_LIMIT, TOKEN_LIMIT, RESET_LIMIT = 5.0, 2.0, 100.0
REFERENCE = "wrong password"


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool to attack: masking is on, so that unknown names answer as known ones do."""

    server: Server
    pool_id: str
    client_id: str


def pool_on(server: Server) -> Pool:
    """Make the pool and its client: every first factor is allowed. Raises Refused."""
    place = {"PoolName": "timing", "AutoVerifiedAttributes": ["email"], "Policies": flows.FIRST_FACTORS}
    pool_id = call(server.port, "CreateUserPool", place, signed=True)["UserPool"]["Id"]
    relying_party = {"RelyingPartyId": RELYING_PARTY, "UserVerification": "preferred"}
    by_passkey = {"UserPoolId": pool_id, "WebAuthnConfiguration": relying_party}
    call(server.port, "SetUserPoolMfaConfig", by_passkey, signed=True)
    hiding = {"ExplicitAuthFlows": flows.FLOWS, "PreventUserExistenceErrors": "ENABLED"}
    return Pool(server, pool_id, add_client(server.port, pool_id, **hiding))


def mann_whitney(first: Sequence[int], second: Sequence[int]) -> float:
    """Return the two-sided p-value of Mann and Whitney's U test, by the normal approximation (samples above 20)."""
    ranked = sorted([(value, True) for value in first] + [(value, False) for value in second])
    rank_sum = sum(rank for rank, (_, is_first) in enumerate(ranked, start=1) if is_first)
    n, m = len(first), len(second)
    u = rank_sum - n * (n + 1) / 2
    deviation = (n * m * (n + m + 1) / 12) ** 0.5
    z = abs(u - n * m / 2) / deviation
    return 2 * (1 - statistics.NormalDist().cdf(z))


def hash_time() -> float:
    """Return the wall time of one password hash on this machine, in milliseconds."""
    argon2 = Argon2(DEFAULTS["password_hash_memory"], DEFAULTS["password_hash_passes"])
    sample = []
    for _ in range(20):
        begun = time.perf_counter()
        argon2.hash(PASSWORD, salt=b"0123456789abcdef")
        sample.append(time.perf_counter() - begun)
    return statistics.median(sample) * 1e3


# What makes the users of a branch, and the password that is tried on them.
Branch = tuple[Callable[[Pool, str], None], str]


def _confirmed(pool: Pool, name: str) -> None:
    add_user(pool.server.port, pool.pool_id, name)


def _nobody(_pool: Pool, _name: str) -> None:
    """Make no user: the name stays unknown."""


def _unconfirmed(pool: Pool, name: str) -> None:
    email = [{"Name": "email", "Value": name}]
    who = {"ClientId": pool.client_id, "Username": name, "Password": PASSWORD, "UserAttributes": email}
    call(pool.server.port, "SignUp", who)


def _without_password(pool: Pool, name: str) -> None:
    email = [{"Name": "email", "Value": name}]
    call(pool.server.port, "SignUp", {"ClientId": pool.client_id, "Username": name, "UserAttributes": email})


def _disabled(pool: Pool, name: str) -> None:
    _confirmed(pool, name)
    call(pool.server.port, "AdminDisableUser", {"UserPoolId": pool.pool_id, "Username": name}, signed=True)


def _must_change(pool: Pool, name: str) -> None:
    who = {"UserPoolId": pool.pool_id, "Username": name, "TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS"}
    call(pool.server.port, "AdminCreateUser", who, signed=True)


BRANCHES: Mapping[str, Branch] = {
    REFERENCE: (_confirmed, "Wrong-Passw0rd!"),
    "unknown": (_nobody, "Wrong-Passw0rd!"),
    "unknown, empty password": (_nobody, ""),
    "empty password": (_confirmed, ""),
    "no password set": (_without_password, "Wrong-Passw0rd!"),
    "unconfirmed": (_unconfirmed, "Wrong-Passw0rd!"),
    "disabled": (_disabled, "Wrong-Passw0rd!"),
    "temporary password": (_must_change, "Wrong-Passw0rd!"),
}
NOT_BUILT = {"external": "there is no federation yet"}


def prepared(pool: Pool) -> Mapping[str, list[bytes]]:
    """Make each branch's users and return its requests; a branch that cannot be made is told of and left out."""
    numbers = count()
    made = {}
    for branch, (make, password) in BRANCHES.items():
        names = [f"name-{next(numbers):05}@example.com" for _ in range(CALLS // TRIES_PER_NAME)]
        try:
            for name in names:
                make(pool, name)
        except Refused as refusal:
            print(f"row 10  {branch:24} cannot be made: {refusal}")
            continue
        bodies = [password_sign_in(pool.client_id, name, password=password) for name in names] * TRIES_PER_NAME
        made[branch] = [post(pool.server.port, "InitiateAuth", body) for body in bodies]
    for branch, why in NOT_BUILT.items():
        print(f"row 10  {branch:24} cannot be made: {why}")
    return made


def interleaved(port: int, branches: Mapping[str, list[bytes]]) -> Mapping[str, list[load.Answer]]:
    """Send one request of each branch in turn over one connection and return each branch's answers."""
    rows = list(zip(*branches.values(), strict=True))
    requests = [request for row in rows for request in row]
    job = load.Job(port=port, requests=requests, count=len(requests), concurrency=1, seconds=240, keep_bodies=True)
    answers = load.run(job).answers
    return {name: answers[start :: len(branches)] for start, name in enumerate(branches)}


def compared(row: str, answers: Mapping[str, list[load.Answer]], bound: float) -> bool:
    """Print each branch beside the first and return whether all their medians lie within `bound` milliseconds."""
    samples = {name: [answer.nanoseconds for answer in branch] for name, branch in answers.items()}
    reference = next(iter(samples.values()))
    good = True
    for name, sample in samples.items():
        off = (statistics.median(sample) - statistics.median(reference)) / 1e6
        said = {(answer.status, answer.body[:60].decode(errors="replace")) for answer in answers[name]}
        verdict = "ok" if abs(off) <= bound else "FAIL"
        good = good and verdict == "ok"
        print(
            f"{row:7} {name:30} median {statistics.median(sample) / 1e6:7.2f} ms  {off:+6.2f} (bound {bound:.2f})  "
            f"p {mann_whitney(reference, sample):.3f}  {verdict}  {sorted(said)[:2]}"
        )
    return good


def row_10(pool: Pool) -> bool:
    """Compare refused sign-ins: no branch may be told from a wrong password by its time."""
    bound = TOLERANCE * hash_time()
    return compared("row 10", interleaved(pool.server.port, prepared(pool)), bound)


def by_choice(pool: Pool, known: Sequence[str], challenge: str) -> Mapping[str, list[bytes]]:
    """Return the requests that begin USER_AUTH with a challenge: for users, and for names of nobody who gets it too.

    What a name of nobody may begin with is guessed anew for each, so that those are looked for first.
    """
    nobody = [f"nobody-{number:03}@example.com" for number in range(GHOSTS_ASKED * len(known))]
    asked = answers(pool.server.port, [_begin(pool, name, challenge) for name in nobody])
    unknown = [name for name, one in zip(nobody, asked, strict=True) if one["ChallengeName"] == challenge]
    sides = {"known": known, "unknown": unknown[: len(known)]}
    return {
        f"{challenge}: {side}": cycled([_begin(pool, name, challenge) for name in names], EACH * len(known))
        for side, names in sides.items()
    }


def _begin(pool: Pool, name: str, challenge: str) -> bytes:
    return _place(pool).begin("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE=challenge)


def _place(pool: Pool) -> flows.Place:
    return flows.Place(pool.server.port, pool.pool_id, pool.client_id)


def forged(pool: Pool, branches: Mapping[str, list[bytes]]) -> Mapping[str, list[bytes]]:
    """Begin with passkeys, and return answers by the passkeys that were asked for, signed by other keys."""
    made = {}
    for branch, requests in branches.items():
        asked = answers(pool.server.port, requests)
        names = [json.loads(request.partition(b"\r\n\r\n")[2])["AuthParameters"]["USERNAME"] for request in requests]
        made[f"forged {branch}"] = [_forged(pool, name, one) for name, one in zip(names, asked, strict=True)]
    return made


def _forged(pool: Pool, name: str, asked: Mapping[str, Any]) -> bytes:
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    thief = Authenticator(unpadded(options["allowCredentials"][0]["id"]))
    return _place(pool).respond("WEB_AUTHN", asked["Session"], USERNAME=name, CREDENTIAL=thief.assertion(options))


def row_10_by_choice(pool: Pool) -> bool:
    """Compare how USER_AUTH begins and how a forged passkey is refused: nobody is to be told from users by the time."""
    known = [f"chooser-{number:02}@example.com" for number in range(CHOOSERS)]
    for name in known:
        add_user(pool.server.port, pool.pool_id, name)
    flows.register_passkeys(_place(pool), known)
    passkeys = by_choice(pool, known, "WEB_AUTHN")
    measured = (by_choice(pool, known, "SELECT_CHALLENGE"), passkeys, forged(pool, passkeys))
    bound = TOLERANCE * hash_time()
    verdicts = [compared("row 10", interleaved(pool.server.port, branches), bound) for branches in measured]
    return all(verdicts)


def row_8(pool: Pool) -> bool:
    """Send SRP_A values of 1 MB: each must be refused, quickly."""
    add_user(pool.server.port, pool.pool_id, "huge@example.com")
    parameters = {"USERNAME": "huge@example.com", "SRP_A": "F" * OVERSIZED}
    body = {"AuthFlow": "USER_SRP_AUTH", "ClientId": pool.client_id, "AuthParameters": parameters}
    return refused("row 8", pool, post(pool.server.port, "InitiateAuth", body), SRP_A_LIMIT)


def row_58(pool: Pool) -> bool:
    """Send access tokens of 1 MB: each must be refused, quickly."""
    return refused("row 58", pool, post(pool.server.port, "GetUser", {"AccessToken": "e" * OVERSIZED}), TOKEN_LIMIT)


def refused(row: str, pool: Pool, request: bytes, limit: float) -> bool:
    """Return whether 1 MB is answered with 400 within `limit` milliseconds (median; the longest is printed too)."""
    job = load.Job(port=pool.server.port, requests=[request], count=OVERSIZED_CALLS, concurrency=1, keep_bodies=True)
    answers = load.run(job).answers
    sample = [answer.nanoseconds / 1e6 for answer in answers]
    middle = statistics.median(sample)
    good = middle < limit and {answer.status for answer in answers} == {400}
    first = f"{answers[0].status} {answers[0].body[:100].decode(errors='replace')}"
    verdict = "ok" if good else "FAIL"
    print(f"{row:7} 1 MB: median {middle:.2f} ms, longest {max(sample):.2f} (bound {limit:.0f})  {verdict}  {first}")
    return good


class _Sleeper(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        time.sleep(MAIL_SERVER_SLEEPS)


@contextmanager
def slow_mail_server() -> Iterator[int]:
    """Run an SMTP server that says nothing for two seconds and then hangs up; yields its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Sleeper) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


def row_11() -> bool:
    """Ask for resets and codes of known and unknown names while the mail server sleeps: quick, and the same for both."""
    with slow_mail_server() as mail_port:
        settings = {
            "POOLKEEPER_SMTP_HOST": "127.0.0.1",
            "POOLKEEPER_SMTP_PORT": str(mail_port),
            "POOLKEEPER_SMTP_SECURITY": "none",
        }
        with running("sending", settings=settings) as server:
            pool = pool_on(server)
            names = [f"known-{number:03}@example.com" for number in range(RESETS)]
            for name in names:
                add_user(server.port, pool.pool_id, name)
            resets = {
                "reset: known": [_reset(pool, name) for name in names],
                "reset: unknown": [_reset(pool, name.replace("known", "other")) for name in names],
            }
            codes = by_choice(pool, names[:CHOOSERS], "EMAIL_OTP")
            measured = [interleaved(server.port, branches) for branches in (resets, codes)]

    bound = TOLERANCE * hash_time()
    verdicts = [compared("row 11", answered, bound) for answered in measured]
    each = [answer for answered in measured for branch in answered.values() for answer in branch]
    longest = max(answer.nanoseconds / 1e6 for answer in each)
    statuses = {answer.status for answer in each}
    quick = longest < RESET_LIMIT and statuses == {200}
    print(f"row 11  longest {longest:.1f} ms (bound {RESET_LIMIT:.0f})  {'ok' if quick else 'FAIL'}  {statuses}")
    return all(verdicts) and quick


def _reset(pool: Pool, name: str) -> bytes:
    return post(pool.server.port, "ForgotPassword", {"ClientId": pool.client_id, "Username": name})


def main() -> None:
    """Run the measurements, or those of some rows, and end with 1 when one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=("8", "10", "11", "58"), default=("8", "10", "11", "58"))
    rows = parser.parse_args().rows

    with running("sqlite") as server:
        pool = pool_on(server)
        on_this = (("8", row_8), ("58", row_58), ("10", row_10), ("10", row_10_by_choice))
        verdicts = [measure(pool) for row, measure in on_this if row in rows]
    if "11" in rows:
        verdicts.append(row_11())
    sys.exit(0 if all(verdicts) else 1)


if __name__ == "__main__":
    main()
