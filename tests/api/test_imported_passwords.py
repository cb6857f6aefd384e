"""Do people sign in by the passwords that they had? Hashes of other systems, at the first sign-in and after it."""

from collections.abc import Mapping

import bcrypt
import pytest

from api.importing import counts, faults, imported
from api.signing_in import INCORRECT, failures, srp_sign_in
from api.world import ClientOfTests, PoolOfTests, World, refused
from poolkeeper.crypto.imported_hash import PREFIX
from poolkeeper.server.upkeep import examine

PASSWORD = "The-old-password-1"
BCRYPT = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
VERIFIED = {"AutoVerifiedAttributes": ["email"]}
# Each of "password", by the makers of the algorithms (tests/crypto/vectors).
HASHES: Mapping[str, str] = {
    "SCRYPT": "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA",
    "ARGON2ID": "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
}


def row(name: str, kept: str = "") -> dict[str, str]:
    """Return a row of a file."""
    return {
        "cognito:username": name,
        "email": f"{name}@example.com",
        "email_verified": "true",
        "cognito:password_hash": kept,
    }


def pool_with(world: World, *rows: dict[str, str], algorithm: str = "BCRYPT") -> tuple[PoolOfTests, ClientOfTests]:
    """Return a pool into which rows were imported, and a client of it."""
    pool = world.pool(**VERIFIED)
    assert counts(imported(pool, rows, algorithm)) == ("Succeeded", len(rows), 0, 0)
    return pool, pool.client()


def kept_of(pool: PoolOfTests, name: str) -> str:
    """Return what is kept of somebody's password."""
    rows = pool.world.rows("SELECT password_hash FROM users WHERE pool_id = $1 AND username = $2", pool.pool_id, name)
    return str(rows[0][0])


def test_the_first_sign_in_makes_the_hash_our_own(world: World) -> None:
    """CONFIRMED from the beginning; afterwards there is an Argon2id hash of the house, and SRP works."""
    pool, client = pool_with(world, row("ada", BCRYPT))
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "CONFIRMED"
    assert kept_of(pool, "ada") == PREFIX + BCRYPT
    assert refused(lambda: client.sign_in("ada", "Wrong-password-1")) == INCORRECT
    assert kept_of(pool, "ada") == PREFIX + BCRYPT

    assert "AccessToken" in client.tokens("ada", PASSWORD)
    assert kept_of(pool, "ada").startswith("$argon2id$")
    assert refused(lambda: client.sign_in("ada", "Wrong-password-1")) == INCORRECT
    assert "AccessToken" in client.tokens("ada", PASSWORD)
    assert "AuthenticationResult" in srp_sign_in(client, "ada", PASSWORD)


@pytest.mark.parametrize("algorithm", HASHES)
def test_each_algorithm_signs_in(world: World, algorithm: str) -> None:
    """Whatever the pool's password policy would say of the password."""
    pool, client = pool_with(world, row("ada", HASHES[algorithm]), algorithm=algorithm)
    assert refused(lambda: client.sign_in("ada", "Password")) == INCORRECT
    assert "AccessToken" in client.tokens("ada", "password")
    assert not kept_of(pool, "ada").startswith(PREFIX)
    assert "AccessToken" in client.tokens("ada", "password")


def test_srp_before_that_is_a_wrong_password_that_nobody_counts(world: World) -> None:
    """Else their own application would lock them out; the log and the doctor say what to do."""
    pool, client = pool_with(world, row("ada", BCRYPT))
    for _ in range(7):
        assert refused(lambda: srp_sign_in(client, "ada", PASSWORD)) == INCORRECT
    assert failures(pool) == []
    assert (
        b"hash-imported: imported with a hash, and signs in by USER_PASSWORD_AUTH or the pages once before SRP"
        in b"".join(world.log[-20:])
    )

    def told() -> list[str]:
        return [
            one.text
            for one in world.run(lambda: examine(world.house))
            if pool.pool_id in one.text and "SRP" in one.text
        ]

    assert len(told()) == 1
    client.tokens("ada", PASSWORD)
    assert "AuthenticationResult" in srp_sign_in(client, "ada", PASSWORD)
    assert told() == []


def test_wrong_passwords_in_the_request_are_counted_as_ever(world: World) -> None:
    """An imported hash is no better guarded against guessing, and no worse."""
    _, client = pool_with(world, row("ada", BCRYPT))
    for _ in range(5):
        assert refused(lambda: client.sign_in("ada", "Wrong-password-1")) == INCORRECT
    assert refused(lambda: client.sign_in("ada", PASSWORD)) == ("NotAuthorizedException", "Password attempts exceeded")


def test_who_has_no_hash_resets_the_password(world: World) -> None:
    """RESET_REQUIRED: told so where it is no secret who exists, and as a wrong password where it is one."""
    pool, client = pool_with(world, row("ada", BCRYPT), row("eve"))
    assert pool.admin("admin_get_user", "eve")["UserStatus"] == "RESET_REQUIRED"
    assert refused(lambda: client.sign_in("eve")) == INCORRECT
    plain = pool.client(PreventUserExistenceErrors="LEGACY")
    assert refused(lambda: plain.sign_in("eve"))[0] == "PasswordResetRequiredException"
    assert refused(lambda: srp_sign_in(plain, "eve"))[0] == "PasswordResetRequiredException"
    world.unsigned.forgot_password(ClientId=client.client_id, Username="eve")
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id,
        Username="eve",
        ConfirmationCode=world.code("eve@example.com"),
        Password="New-password-1",
    )
    assert "AuthenticationResult" in srp_sign_in(client, "eve", "New-password-1")


def test_who_has_no_hash_signs_in_by_a_code_where_the_pool_lets_them(world: World) -> None:
    """A password that they do not need is nothing that they must reset."""
    pool = world.pool(**VERIFIED, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}})
    imported(pool, [row("eve")], "BCRYPT")
    client = pool.client(ExplicitAuthFlows=["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    asked = client.initiate("USER_AUTH", USERNAME="eve", PREFERRED_CHALLENGE="EMAIL_OTP")
    assert asked["ChallengeName"] == "EMAIL_OTP"
    code = world.code("eve@example.com")
    done = client.respond("EMAIL_OTP", asked["Session"], USERNAME="eve", EMAIL_OTP_CODE=code)
    tokens = done["AuthenticationResult"]
    assert client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
    assert pool.admin("admin_get_user", "eve")["UserStatus"] == "RESET_REQUIRED"


def test_a_hash_that_is_none_or_costs_too_much_is_told(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """By its column, and without a part of it."""
    pool = world.pool(**VERIFIED)
    costly = BCRYPT.replace("$04$", "$15$")
    job = imported(pool, [row("ada", "secret-of-ada"), row("bob", costly), row("eve", HASHES["SCRYPT"])], "BCRYPT")
    none = "the hash has no form of the algorithm BCRYPT"
    assert faults(pool, job["JobId"]) == [
        (2, "cognito:password_hash", none),
        (3, "cognito:password_hash", "the cost of the hash is above what is taken"),
        (4, "cognito:password_hash", none),
    ]
    assert none in caplog.text
    assert "secret-of-ada" not in caplog.text + b"".join(world.log).decode()


def test_a_password_is_not_repeated_by_who_came_with_its_hash(world: World) -> None:
    """The history of passwords knows it, before and after it was taken over."""
    policy = {"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 2}}
    pool = world.pool(**VERIFIED, Policies=policy)
    imported(pool, [row("ada", BCRYPT)], "BCRYPT")
    again = {"Password": PASSWORD, "Permanent": True}
    assert refused(lambda: pool.admin("admin_set_user_password", "ada", **again))[0] == (
        "PasswordHistoryPolicyViolationException"
    )
