"""How do tests sign in by every flow, and put a user where no call can? Both doors, pycognito's SRP, rows by hand."""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from api.world import PASSWORD, ClientOfTests, PoolOfTests, World
from poolkeeper.clock import DAY

T = TypeVar("T")

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
INVALID_SESSION = ("NotAuthorizedException", "Invalid session for the user.")
# A public value whose secret nobody needs: who only guesses does no arithmetic. It is g^4096 mod N, and below N.
SOME_A = f"{2**3070:x}"


def begin(client: ClientOfTests, flow: str, *, admin: bool = False, **given: str) -> dict[str, Any]:
    """Call InitiateAuth, or with `admin` AdminInitiateAuth."""
    if not admin:
        return client.initiate(flow, **given)
    answer: dict[str, Any] = client.world.signed.admin_initiate_auth(
        UserPoolId=client.pool.pool_id, ClientId=client.client_id, AuthFlow=flow, AuthParameters=given
    )
    return answer


def respond(
    client: ClientOfTests, challenge: str, session: str | None = None, *, admin: bool = False, **given: str
) -> dict[str, Any]:
    """Call RespondToAuthChallenge, or with `admin` AdminRespondToAuthChallenge."""
    if not admin:
        return client.respond(challenge, session, **given)
    more = {} if session is None else {"Session": session}
    answer: dict[str, Any] = client.world.signed.admin_respond_to_auth_challenge(
        UserPoolId=client.pool.pool_id,
        ClientId=client.client_id,
        ChallengeName=challenge,
        ChallengeResponses=given,
        **more,
    )
    return answer


def srp_proof(client: ClientOfTests, name: str, password: str = PASSWORD, *, admin: bool = False) -> dict[str, str]:
    """Begin USER_SRP_AUTH and return the ChallengeResponses by which pycognito proves `password`."""
    user = AWSSRP(
        name,
        password,
        client.pool.pool_id,
        client.client_id,
        client=client.world.unsigned,
        client_secret=client.secret,
    )
    begun = begin(client, "USER_SRP_AUTH", admin=admin, **user.get_auth_params())
    assert begun["ChallengeName"] == "PASSWORD_VERIFIER"
    assert "AuthenticationResult" not in begun
    proof: dict[str, str] = user.process_challenge(begun["ChallengeParameters"], user.get_auth_params())
    return proof


def srp_sign_in(client: ClientOfTests, name: str, password: str = PASSWORD, *, admin: bool = False) -> dict[str, Any]:
    """Sign in by USER_SRP_AUTH; return the whole answer."""
    return respond(client, "PASSWORD_VERIFIER", admin=admin, **srp_proof(client, name, password, admin=admin))


def srp_guess(client: ClientOfTests, name: str) -> dict[str, Any]:
    """Answer an SRP exchange with a signature that is no proof of anything."""
    begun = client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A)
    block = begun["ChallengeParameters"]["SECRET_BLOCK"]
    return client.respond("PASSWORD_VERIFIER", **guessed_proof(name, block))


def guessed_proof(name: str, secret_block: str) -> dict[str, str]:
    """Return ChallengeResponses of the right form with a signature that is none."""
    return {
        "USERNAME": name,
        "PASSWORD_CLAIM_SECRET_BLOCK": secret_block,
        "PASSWORD_CLAIM_SIGNATURE": b64encode(bytes(32)).decode(),
        "TIMESTAMP": "Mon Nov 2 08:42:08 UTC 2026",
    }


def put(pool: PoolOfTests, sub: str, **columns: object) -> None:
    """Write columns of a user's row by hand: a state that no call of this test's leads to."""
    assignments = ", ".join(f"{column} = ${number}" for number, column in enumerate(columns, start=3))
    sql = f"UPDATE users SET {assignments} WHERE pool_id = $1 AND user_id = $2"
    db = pool.world.house.db
    assert pool.world.run(lambda: db.execute(sql, pool.pool_id, sub, *columns.values())) == 1


def drop_password(pool: PoolOfTests, sub: str) -> None:
    """Leave a user without a password, as one who signs in by other means."""
    put(pool, sub, password_hash=None, srp_salt=None, srp_verifier=None, password_set_at=None)


def age_password(pool: PoolOfTests, sub: str, *, days: int) -> None:
    """Make a user's password that many days old."""
    put(pool, sub, password_set_at=pool.world.clock.now() - days * DAY)


def lock(client: ClientOfTests, name: str) -> None:
    """Give five wrong passwords for a name, or as many as are missing to the fifth."""
    for _ in range(5):
        try:
            client.sign_in(name, "Wrong-password-0")
        except ClientError as fault:
            if fault.response["Error"]["Message"] == LOCKED[1]:
                return


def failures(pool: PoolOfTests) -> list[tuple[int, int]]:
    """Return (failures, milliseconds locked since the last one) of everybody in a pool, in no order of names."""
    found = pool.world.rows(
        "SELECT failures, locked_until, last_failure_at FROM lockouts WHERE pool_id = $1", pool.pool_id
    )
    return sorted((count, max(0, until - last)) for count, until, last in found)


def count_of_sessions(pool: PoolOfTests) -> int:
    """Return how many sessions of a pool there are: tokens come with one."""
    return int(pool.world.rows("SELECT COUNT(*) FROM sessions WHERE pool_id = $1", pool.pool_id)[0][0])


Raw = tuple[int, dict[str, str], bytes]


def raw(world: World, operation: str, body: dict[str, Any]) -> Raw:
    """Call an operation unsigned; return everything that a stranger could compare, to the byte.

    The id of the request, its date and the lengths that follow from the body are left out.
    """
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    status, told, answer = world.http("POST", "/", body=json.dumps(body).encode(), headers=headers)
    comparable = {name: value for name, value in told.items() if name not in {"x-amzn-requestid", "date"}}
    return status, comparable, answer


def error_of(answer: Raw) -> tuple[str, str]:
    """Return (name, sentence) of a raw answer that is an error."""
    told = json.loads(answer[2])
    return told["__type"], told["message"]


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make all calls at the same moment, each in a thread of its own, and return the answers in their order."""
    with ThreadPoolExecutor(len(calls)) as threads:
        return [one.result() for one in [threads.submit(call) for call in calls]]


def guess(client: ClientOfTests, name: str, password: str, *, at: World | None = None) -> Raw:
    """Try a password by USER_PASSWORD_AUTH, at the client's own process or at another one."""
    return raw(at or client.world, "InitiateAuth", password_body(client, name, password))


def password_body(client: ClientOfTests, name: str, password: str) -> dict[str, Any]:
    """Return the body of InitiateAuth by USER_PASSWORD_AUTH."""
    return {
        "ClientId": client.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": password},
    }
