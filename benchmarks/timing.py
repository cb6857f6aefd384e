"""Does the time of an answer tell anything, and is oversized input refused at once? `make timing`, run on purpose.

These are the measurements of the attack rows whose tests in the suite count work instead: row 8 (a huge SRP_A, and names that
take long to fold), row 10 (which names exist: wrong passwords, each way in which USER_AUTH begins and a passkey is answered,
and codes that are sent, with and without a slow CustomMessage), row 11 (a reset or a code waits for the mail server), row 28
(an honest sign-in beside a crowd of guesses from another address), row 58 (a huge token), row 163 (the bodies that take most
work, of each kind the worst). `--rows` takes their numbers. Ends with 1 when one fails. Huge is what a stranger may send, to
the last byte.
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
from calls import Refused, answers, call, cycled, post, raw, raw_form
from passkey import RELYING_PARTY, Authenticator, unpadded
from servers import Home, Server, a_home, running
from world import PASSWORD, add_client, add_user, password_sign_in

from poolkeeper.crypto import jws
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.server.body_limits import MAX_FORM, MAX_UNSIGNED
from poolkeeper.settings import DEFAULTS

CALLS = 200
TRIES_PER_NAME = 4  # The fifth wrong password locks the name.
OVERSIZED = MAX_UNSIGNED - 1_000
OVERSIZED_CALLS = 50
RESETS = 60
# Users who choose their first factor, and how often each begins: below the codes that are sent to one in an hour.
CHOOSERS, EACH = 16, 12
GHOSTS_ASKED = 8
MAIL_SERVER_SLEEPS = 2.0
TOLERANCE = 0.05
HONEST, CROWD, HONEST_CALLS = "127.0.0.77", 80, 60
CROWD_SECONDS, CROWD_LIMIT = 12.0, 3.0
SRP_A_LIMIT, TOKEN_LIMIT, WORK_LIMIT, RESET_LIMIT = 5.0, 2.0, 10.0, 100.0
NAME_LIMIT = 10.0
FUNCTION_SLEEPS = 0.08
SLOW = "arn:aws:lambda:us-east-1:000000000000:function:slow"
# In the worst order, of a sign that folds to eighteen, and of what is folded the longest of all that is a name.
NAMES = {
    "marks": "a" + "\u0345" * 400 + "\u0301" * 400 + "\u0316" * 400 + "\u0327" * 400 + "\u0334" * 440,
    "no address": "\ufdfa" * 2_040,
    "address of marks": ("a" + "\u0301\u0316" * 15) * 65 + "@example.com",
    "address that grows": "\ufdfa" * 2_030 + "@example.com",
}
REFERENCE = "wrong password"
ROWS = ("8", "10", "11", "28", "58", "163")


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool to attack: masking is on, so that unknown names answer as known ones do."""

    server: Server
    pool_id: str
    client_id: str


def pool_on(server: Server, **more: Any) -> Pool:
    """Make the pool and its client: every first factor is allowed. Raises Refused."""
    place = {"PoolName": "timing", "AutoVerifiedAttributes": ["email"], "Policies": flows.FIRST_FACTORS, **more}
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


def above(first: Sequence[int], second: Sequence[int]) -> float:
    """Return how often an answer of the first kind takes longer than one of the second: 0.5 tells nothing."""
    return sum(one > other for one in first for other in second) / (len(first) * len(second))


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
            f"p {mann_whitney(reference, sample):.3f}  AUC {above(sample, reference):.2f}  {verdict}  {sorted(said)[:2]}"
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
    """Send huge SRP_A values: each must be refused, quickly."""
    add_user(pool.server.port, pool.pool_id, "huge@example.com")
    parameters = {"USERNAME": "huge@example.com", "SRP_A": "F" * OVERSIZED}
    body = {"AuthFlow": "USER_SRP_AUTH", "ClientId": pool.client_id, "AuthParameters": parameters}
    return refused("row 8", "SRP_A", pool, post(pool.server.port, "InitiateAuth", body), SRP_A_LIMIT)


def row_8_names(pool: Pool) -> bool:
    """Send names that take long to put in order, in a pool that folds case: none holds up everybody else."""
    place = {"PoolName": "names", "UsernameConfiguration": {"CaseSensitive": False}}
    pool_id = call(pool.server.port, "CreateUserPool", place, signed=True)["UserPool"]["Id"]
    folding = Pool(pool.server, pool_id, add_client(pool.server.port, pool_id, ExplicitAuthFlows=flows.FLOWS))
    verdicts = []
    for what, name in NAMES.items():
        given = {"USERNAME": name, "SMS_MFA_CODE": "000000"}
        body = {
            "ClientId": folding.client_id,
            "ChallengeName": "SMS_MFA",
            "Session": "a" * 40,
            "ChallengeResponses": given,
        }
        request = post(folding.server.port, "RespondToAuthChallenge", body)
        verdicts.append(refused("row 8", what, folding, request, NAME_LIMIT))
    return all(verdicts)


def row_58(pool: Pool) -> bool:
    """Send access tokens that are larger than any: each must be refused, quickly."""
    return refused(
        "row 58", "token", pool, post(pool.server.port, "GetUser", {"AccessToken": "e" * OVERSIZED}), TOKEN_LIMIT
    )


def jws_of(claims: bytes) -> str:
    """Return a token of the form of ours, by a key that is nobody's."""
    return jws.sign(claims, kid=jws.key_id(bytes(32)), key=jws.generate())


def full_of(beginning: str, piece: str, end: str) -> bytes:
    """Return a body that is as large as a stranger's may be, and full of one piece."""
    count = (MAX_UNSIGNED - len(beginning) - len(end)) // (len(piece) + 1)
    return (beginning + ",".join([piece] * count) + end).encode()


def burners(pool: Pool) -> Mapping[str, bytes]:
    """Return the requests that take most work, of each kind the worst that was found."""
    port, client = pool.server.port, f'"ClientId":"{pool.client_id}"'
    add_user(port, pool.pool_id, "burner@example.com")
    signed_in = call(port, "InitiateAuth", password_sign_in(pool.client_id, "burner@example.com"))
    _, claims, signature = signed_in["AuthenticationResult"]["AccessToken"].split(".")
    foreign = f"{jws_of(b'{}').partition('.')[0]}.{claims}.{signature}"
    lists = jws_of(b'{"x":[' + b",".join([b"[]"] * 24_000) + b'],"token_use":"access"}')
    sign_up = f'{{{client},"Username":"burner","Password":"{PASSWORD}",'
    many = ",".join(f'"{number:x}":""' for number in range(13_000))
    attributes = ",".join(f'{{"Name":"custom:{number:010}","Value":"{"v" * 80}"}}' for number in range(1_000))
    bodies = {
        "violations": ("SignUp", full_of(f'{sign_up}"UserAttributes":[', "{}", "]}")),
        "attributes": ("SignUp", f'{sign_up}"UserAttributes":[{attributes}]}}'.encode()),
        "a map": ("ForgotPassword", f'{{{client},"Username":"burner","ClientMetadata":{{{many}}}}}'.encode()),
        "a map with a null": ("ForgotPassword", f'{{{client},"Username":null,"ClientMetadata":{{{many}}}}}'.encode()),
        "lists with an escape": ("GetUser", full_of('{"X":[', "[]", '],"AccessToken":"\\u0041"}')),
        "lists with a null": ("GetUser", full_of('{"X":[', "[]", '],"AccessToken":null}')),
        "numbers with a null": ("GetUser", full_of('{"X":[', "1.5e300", '],"AccessToken":null}')),
        "numbers in a document": (
            "CompleteWebAuthnRegistration",
            full_of('{"AccessToken":"a","Credential":[', "1.5e300", "]}"),
        ),
        "a long name": ("ForgotPassword", f'{{{client},"Username":"{"a" * OVERSIZED}"}}'.encode()),
        "an unknown key": ("GetUser", f'{{"AccessToken":"{foreign}"}}'.encode()),
        "claims of lists": ("GetUser", f'{{"AccessToken":"{lists}"}}'.encode()),
        "claims to revoke": ("RevokeToken", f'{{{client},"Token":"{lists}"}}'.encode()),
    }
    requests = {what: raw(port, operation, body) for what, (operation, body) in bodies.items()}
    form = b"Action=GetCallerIdentity&Version=2011-06-15&x=" + b"%41" * ((MAX_FORM - 50) // 3)
    return {**requests, "a form of escapes": raw_form(port, form)}


def row_163(pool: Pool) -> bool:
    """Send each request that takes most work: none may take 10 ms of the one thread that serves everybody.

    Its processor time is what is bounded, for it is the same on a busy machine; the time of an answer is printed too.
    """
    verdicts = [held(what, pool, request) for what, request in burners(pool).items()]
    return all(verdicts)


def held(what: str, pool: Pool, request: bytes) -> bool:
    """Return whether a request is refused for less than WORK_LIMIT milliseconds of the server's processor time."""
    before = pool.server.cpu()
    answers = _asked(pool, request)
    each = (pool.server.cpu() - before) / len(answers) / 1e6
    good = each < WORK_LIMIT and {answer.status for answer in answers} <= {400, 403}
    middle = statistics.median(answer.nanoseconds for answer in answers) / 1e6
    verdict = "ok" if good else "FAIL"
    first = f"{answers[0].status} {answers[0].body[:80].decode(errors='replace')}"
    print(
        f"row 163 {what:22} {len(request):7} B: CPU {each:5.2f} ms (bound {WORK_LIMIT:.0f})  median {middle:5.2f} ms  "
        f"{verdict}  {first}"
    )
    return good


def refused(row: str, what: str, pool: Pool, request: bytes, limit: float) -> bool:
    """Return whether a request is refused within `limit` milliseconds (median; the longest is printed too)."""
    answers = _asked(pool, request)
    sample = [answer.nanoseconds / 1e6 for answer in answers]
    middle = statistics.median(sample)
    good = middle < limit and {answer.status for answer in answers} == {400}
    first = f"{answers[0].status} {answers[0].body[:80].decode(errors='replace')}"
    verdict = "ok" if good else "FAIL"
    print(
        f"{row:7} {what:22} {len(request):7} B: median {middle:5.2f} ms, longest {max(sample):5.2f} "
        f"(bound {limit:.0f})  {verdict}  {first}"
    )
    return good


def row_28(pool: Pool) -> bool:
    """Sign in from one address while 80 connections of another guess: each must get in, in less than three times its time.

    The guesses are for names that nobody has, each for another, so that no lock ends them.
    """
    names = [f"honest-{number:02}@example.com" for number in range(10)]
    for name in names:
        add_user(pool.server.port, pool.pool_id, name)
    sign_ins = [post(pool.server.port, "InitiateAuth", password_sign_in(pool.client_id, name)) for name in names]
    guesses = [
        password_sign_in(pool.client_id, f"guess-{n:05}@example.com", password="Wrong-1!") for n in range(20_000)
    ]
    requests = [post(pool.server.port, "InitiateAuth", guess) for guess in guesses]
    honest = load.Job(
        port=pool.server.port,
        requests=sign_ins,
        count=HONEST_CALLS,
        concurrency=1,
        seconds=30,
        pause=0.1,
        source=HONEST,
    )
    rush = load.Job(
        port=pool.server.port,
        requests=requests,
        count=10**9,
        concurrency=CROWD,
        seconds=CROWD_SECONDS,
        source="127.0.0.2",
    )

    alone = load.run(honest)
    crowd = load.begin(rush)
    time.sleep(1)
    among = load.run(honest)
    guessed = load.finish(crowd, rush)

    before, beside = (statistics.median(one.nanoseconds for one in run.answers) / 1e6 for run in (alone, among))
    signed_in = sum(answer.status == 200 for answer in among.answers)
    good = signed_in == len(among.answers) and beside < CROWD_LIMIT * before
    looked_at = sum(b"TooManyRequests" not in answer.body for answer in guessed.answers)
    print(
        f"row 28  alone {before:.1f} ms, beside {CROWD} guessing connections {beside:.1f} ms, {beside / before:.2f} times "
        f"(bound {CROWD_LIMIT:.0f})  {'ok' if good else 'FAIL'}  {signed_in} of {len(among.answers)} signed in; "
        f"{len(guessed.answers) / CROWD_SECONDS:.0f} guesses a second, {looked_at / CROWD_SECONDS:.0f} of them looked at"
    )
    return good


def _asked(pool: Pool, request: bytes) -> list[load.Answer]:
    job = load.Job(port=pool.server.port, requests=[request], count=OVERSIZED_CALLS, concurrency=1, keep_bodies=True)
    return load.run(job).answers


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


def row_10_by_message() -> bool:
    """Ask for resets, confirmation codes and codes to sign in by, of names that exist and of names that do not.

    Once where the pool's templates are all there is, once with a CustomMessage that takes its time.
    """
    bound = TOLERANCE * hash_time()
    verdicts = []
    with a_home("sqlite") as home:
        _set_up_slow_function(home)
        with running("sqlite", home=home) as server:
            for triggers in ({}, {"CustomMessage": SLOW}):
                pool = pool_on(server, LambdaConfig=triggers)
                title = "with a function" if triggers else "by templates"
                for asked in _asked_of_both(pool):
                    branches = {f"{what}, {title}": requests for what, requests in asked.items()}
                    verdicts.append(compared("row 10", interleaved(server.port, branches), bound))
    return all(verdicts)


def _asked_of_both(pool: Pool) -> Iterator[Mapping[str, list[bytes]]]:
    names = [f"known-{number:03}@example.com" for number in range(RESETS)]
    others = [name.replace("known", "other") for name in names]
    for name in names:
        add_user(pool.server.port, pool.pool_id, name)
    yield {
        "reset: known": [_reset(pool, one) for one in names],
        "reset: unknown": [_reset(pool, one) for one in others],
    }
    yield by_choice(pool, names[:CHOOSERS], "EMAIL_OTP")
    waiting = [name.replace("known", "waiting") for name in names]
    for name in waiting:
        _unconfirmed(pool, name)
    # Whoever signs up is sent a message too, which the worker must not be at any more.
    time.sleep(RESETS * FUNCTION_SLEEPS)
    yield {
        "confirmation: known": [_again(pool, one) for one in waiting],
        "confirmation: unknown": [_again(pool, one) for one in others],
    }


def _again(pool: Pool, name: str) -> bytes:
    return post(pool.server.port, "ResendConfirmationCode", {"ClientId": pool.client_id, "Username": name})


def _set_up_slow_function(home: Home) -> None:
    """Tell a server that will live in `home` of a function that sleeps."""
    data = home.folder / "data"
    data.mkdir()
    (data / "slow.py").write_text(
        f"import time\n\ndef handler(event, context):\n    time.sleep({FUNCTION_SLEEPS})\n    return event\n"
    )
    (data / "poolkeeper.toml").write_text(
        f'local_functions = true\n\n[functions."{SLOW}"]\ntransport = "local"\nhandler = "python:slow:handler"\nfolder = "."\n'
    )


def _reset(pool: Pool, name: str) -> bytes:
    return post(pool.server.port, "ForgotPassword", {"ClientId": pool.client_id, "Username": name})


def main() -> None:
    """Run the measurements, or those of some rows, and end with 1 when one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS)
    rows = parser.parse_args().rows

    with running("sqlite") as server:
        pool = pool_on(server)
        on_this = (
            ("8", row_8),
            ("8", row_8_names),
            ("58", row_58),
            ("163", row_163),
            ("28", row_28),
            ("10", row_10),
            ("10", row_10_by_choice),
        )
        verdicts = [measure(pool) for row, measure in on_this if row in rows]
    if "10" in rows:
        verdicts.append(row_10_by_message())
    if "11" in rows:
        verdicts.append(row_11())
    sys.exit(0 if all(verdicts) else 1)


if __name__ == "__main__":
    main()
