"""Can a stranger find out who has an account? Answers for known and unknown names, compared byte by byte.

With PreventUserExistenceErrors=ENABLED an unknown name is a ghost: counters, lock, codes and limits run on it as on a
user (userpools.md 7.4). Work is counted, not timed.
"""

import json
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from api.signing_in import (
    SOME_A,
    Raw,
    drop_password,
    error_of,
    guess,
    guessed_proof,
    lock,
    put,
    raw,
    srp_guess,
)
from api.world import PASSWORD, SMS, ClientOfTests, PoolOfTests, World, refused
from poolkeeper.clock import DAY, SECOND

WRONG = "Wrong-password-0"
# Both have the same masked form, so that even the simulated destination is the same text.
KNOWN, UNKNOWN = "known@x.example", "kelly@x.example"
# As somebody types it whose keyboard makes letters of full width: NFKC takes them for the others.
WIDE = {sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Ask = Callable[[ClientOfTests, str], Raw]


def _make(state: str, client: ClientOfTests) -> None:
    """Make the known user, in one of the states that a stranger must not be able to tell from nobody."""
    pool = client.pool
    if state == "UNCONFIRMED":
        client.sign_up(KNOWN)
        return
    sub = pool.user(KNOWN, email_verified="true", permanent=state != "FORCE_CHANGE_PASSWORD")
    if state == "disabled":
        put(pool, sub, enabled=0)
    if state in {"RESET_REQUIRED", "EXTERNAL_PROVIDER"}:
        put(pool, sub, status=state)
    if state in {"without password", "EXTERNAL_PROVIDER"}:
        drop_password(pool, sub)
    if state == "unverified":
        put(pool, sub, attributes=json.dumps({"sub": sub, "email": KNOWN}))


STATES = [
    "CONFIRMED",
    "UNCONFIRMED",
    "FORCE_CHANGE_PASSWORD",
    "RESET_REQUIRED",
    "EXTERNAL_PROVIDER",
    "disabled",
    "without password",
    "unverified",
]


def _public(operation: str, **more: str) -> Ask:
    """Return a way to ask an operation that names a user."""
    return lambda client, name: raw(client.world, operation, {"ClientId": client.client_id, "Username": name, **more})


def _srp(client: ClientOfTests, name: str) -> Raw:
    """Begin SRP and answer with a signature that is none; return the answer to that, or what stopped the beginning."""
    given = {"USERNAME": name, "SRP_A": SOME_A}
    body: dict[str, Any] = {"ClientId": client.client_id, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": given}
    start = raw(client.world, "InitiateAuth", body)
    if start[0] != 200:
        return start
    begun = json.loads(start[2])["ChallengeParameters"]
    body = {
        "ClientId": client.client_id,
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": guessed_proof(begun["USER_ID_FOR_SRP"], begun["SECRET_BLOCK"]),
    }
    return raw(client.world, "RespondToAuthChallenge", body)


# Every question by which a stranger could ask whether somebody is there, each with what is wrong in it.
QUESTIONS: Mapping[str, Ask] = {
    "a wrong password": lambda client, name: guess(client, name, WRONG),
    "an empty password": lambda client, name: guess(client, name, ""),
    "a password longer than any": lambda client, name: guess(client, name, "x" * 257),
    "a wrong SRP proof": _srp,
    "ForgotPassword": _public("ForgotPassword"),
    "ConfirmForgotPassword": _public("ConfirmForgotPassword", ConfirmationCode="000000", Password=PASSWORD),
    "ConfirmForgotPassword, weak": _public("ConfirmForgotPassword", ConfirmationCode="000000", Password="weak-1"),
    "ConfirmSignUp": _public("ConfirmSignUp", ConfirmationCode="000000"),
    "ResendConfirmationCode": _public("ResendConfirmationCode"),
}


def _pool(world: World) -> PoolOfTests:
    return world.pool(
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
    )


@pytest.mark.parametrize("state", STATES)
def test_wrong_attempts_tell_nothing_to_the_byte(world: World, state: str) -> None:
    """Status, headers and body are the same for a user and for nobody, at the first, the fifth and the twentieth attempt."""
    for question, ask in QUESTIONS.items():
        client = _pool(world).client()
        _make(state, client)
        for attempt in range(1, 21 if state in {"CONFIRMED", "UNCONFIRMED"} else 7):
            told = [_counted(world, partial(ask, client, name)) for name in (KNOWN, UNKNOWN)]
            assert told[0] == told[1], f"{question}, attempt {attempt}"
            if attempt % 7 == 0:
                world.clock.advance(3 * SECOND)


def _counted(world: World, ask: Callable[[], Raw]) -> tuple[Raw, int]:
    """Return an answer and how many password hashes and SRP proofs were computed for it."""
    before = world.hashes()
    return ask(), world.hashes() - before


def test_after_a_code_was_sent_wrong_ones_tell_nothing(world: World) -> None:
    """With codes on their way, real and imagined, wrong ones are counted and refused alike until the limit."""
    for sent, tried in (
        ("ForgotPassword", "ConfirmForgotPassword"),
        ("ResendConfirmationCode", "ConfirmSignUp"),
    ):
        client = _pool(world).client()
        _make("CONFIRMED" if sent == "ForgotPassword" else "UNCONFIRMED", client)
        answers = [QUESTIONS[sent](client, name) for name in (KNOWN, UNKNOWN)]
        assert answers[0] == answers[1]
        assert json.loads(answers[0][2])["CodeDeliveryDetails"]["Destination"] == "k***@x***"

        told = [[QUESTIONS[tried](client, name) for name in (KNOWN, UNKNOWN)] for _ in range(20)]
        assert all(known == unknown for known, unknown in told)
        assert error_of(told[0][0])[0] == "CodeMismatchException"
        assert error_of(told[-1][0])[0] == "LimitExceededException"


def test_a_code_that_has_expired_tells_nothing_to_who_does_not_know_it(world: World) -> None:
    """A day after a sign-up the wrong code of a user is refused like anybody's; that it is too late is its owner's to hear."""
    client = _pool(world).client()
    _make("UNCONFIRMED", client)
    world.clock.advance(DAY)
    for _ in range(3):
        told = [QUESTIONS["ConfirmSignUp"](client, name) for name in (KNOWN, UNKNOWN)]
        assert told[0] == told[1]
    given = {"Username": KNOWN, "ConfirmationCode": world.code(KNOWN)}
    late = raw(world, "ConfirmSignUp", {"ClientId": client.client_id, **given})
    assert error_of(late)[0] == "ExpiredCodeException"


def test_a_capital_letter_in_the_address_tells_nothing(world: World) -> None:
    """In a pool that folds case the destination of nobody looks like that of a stored address, however it was typed."""
    client = _pool(world).client()
    _make("CONFIRMED", client)
    answers = [QUESTIONS["ForgotPassword"](client, name.upper()) for name in (KNOWN, UNKNOWN)]
    assert answers[0] == answers[1]


def test_nobody_is_sent_anything(world: World) -> None:
    """Codes of ghosts are rows, and so are their messages, which are nobody's."""
    client = _pool(world).client()
    for question in ("ForgotPassword", "ResendConfirmationCode"):
        assert QUESTIONS[question](client, UNKNOWN)[0] == 200
    assert [one for one in world.outbox() if one["pool_id"] == client.pool.pool_id] == []


@pytest.mark.parametrize(
    ("settings", "known", "unknown", "looks"),
    [
        ({}, "known", "ghost", re.compile("known|ghost")),
        ({"UsernameAttributes": ["email"]}, KNOWN, UNKNOWN, UUID),
    ],
    ids=["usernames", "addresses"],
)
def test_the_srp_of_nobody_looks_like_anybodys(
    world: World, settings: dict[str, Any], known: str, unknown: str, looks: re.Pattern[str]
) -> None:
    """Same members, same forms, and a salt that is the same at every call; B and the block are new each time."""
    client = world.pool(**settings).client()
    client.pool.user(known)
    shapes = []
    for name in (known, unknown):
        first, second = (
            client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A)["ChallengeParameters"] for _ in range(2)
        )
        for stable in ("SALT", "USER_ID_FOR_SRP", "USERNAME"):
            assert first[stable] == second[stable]
        assert first["SRP_B"] != second["SRP_B"]
        assert first["SECRET_BLOCK"] != second["SECRET_BLOCK"]
        assert first["USERNAME"] == first["USER_ID_FOR_SRP"]
        assert looks.fullmatch(first["USERNAME"])
        assert 0 < int(first["SALT"], 16) < 1 << 128
        shapes.append((sorted(first), len(b64decode(first["SECRET_BLOCK"]))))
        assert "Session" not in client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A)
    assert shapes[0] == shapes[1]


def test_the_id_of_nobody_is_drawn_like_a_sub(world: World) -> None:
    """Where USER_ID_FOR_SRP is a random UUID for users, each of its free digits is as free for ghosts (RFC 9562, 4.1)."""
    client = world.pool(UsernameAttributes=["email"]).client()
    begun = [client.initiate("USER_SRP_AUTH", USERNAME=f"g{n}@x.example", SRP_A=SOME_A) for n in range(60)]
    shown = [one["ChallengeParameters"]["USER_ID_FOR_SRP"] for one in begun]
    assert {one[14] for one in shown} == {"4"}
    assert {one[19] for one in shown} == set("89ab")


@pytest.mark.parametrize(
    "spell", [str, str.upper, lambda name: name.translate(WIDE)], ids=["as is", "capitals", "wide"]
)
@pytest.mark.parametrize("settings", [{}, {"AliasAttributes": ["email"]}], ids=["usernames", "aliases"])
def test_another_spelling_of_a_name_tells_nothing(
    world: World, settings: dict[str, Any], spell: Callable[[str], str]
) -> None:
    """A pool that folds case shows the name that it would have stored, of nobody too, and an id for an address."""
    client = world.pool(UsernameConfiguration={"CaseSensitive": False}, **settings).client()
    client.pool.user("known", email=KNOWN, email_verified="true")

    def shown(name: str) -> str:
        begun = client.initiate("USER_SRP_AUTH", USERNAME=spell(name), SRP_A=SOME_A)["ChallengeParameters"]
        assert begun["USERNAME"] == begun["USER_ID_FOR_SRP"]
        return str(begun["USERNAME"])

    assert (shown("known"), shown("ghost")) == ("known", "ghost")
    if settings:
        assert UUID.fullmatch(shown(UNKNOWN))


def test_who_answers_by_the_name_that_was_shown_is_the_same_nobody(world: World) -> None:
    """A sign-in that began with capitals goes on under the name that came back, for nobody as for a user, and counts."""
    client = world.pool(UsernameConfiguration={"CaseSensitive": False}).client()
    client.pool.user("known")
    told = []
    for name in ("KNOWN", "GHOST"):
        begun = client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A)["ChallengeParameters"]
        proof = guessed_proof(begun["USER_ID_FOR_SRP"], begun["SECRET_BLOCK"])
        told.append(refused(partial(client.respond, "PASSWORD_VERIFIER", **proof)))
    assert told == [("NotAuthorizedException", "Incorrect username or password.")] * 2
    assert len(world.rows("SELECT subject_id FROM lockouts WHERE pool_id = $1", client.pool.pool_id)) == 2


EMAIL_FIRST = [("verified_email", 1), ("verified_phone_number", 2)]
PHONE_FIRST = [("verified_phone_number", 1), ("verified_email", 2)]
# So many that a kind which one name in eight has is all but surely among them.
NAMES_OF_NOBODY = [f"nobody-{number}" for number in range(100)]


def _required(*names: str) -> dict[str, Any]:
    return {"Schema": [{"Name": name, "Required": True} for name in names]}


def _mediums(client: ClientOfTests, operation: str, names: list[str]) -> set[str]:
    """Return by what ways the codes of some names pretend to go out."""
    told = [json.loads(QUESTIONS[operation](client, name)[2])["CodeDeliveryDetails"] for name in names]
    assert all(("*@" in one["Destination"]) == (one["DeliveryMedium"] == "EMAIL") for one in told)
    return {one["DeliveryMedium"] for one in told}


@pytest.mark.parametrize(
    ("settings", "order", "names", "mediums"),
    [
        (_required("email"), PHONE_FIRST, NAMES_OF_NOBODY, {"EMAIL"}),
        (_required("phone_number"), EMAIL_FIRST, NAMES_OF_NOBODY, {"SMS"}),
        (_required("phone_number", "email"), EMAIL_FIRST, NAMES_OF_NOBODY, {"EMAIL"}),
        (_required("phone_number", "email"), PHONE_FIRST, NAMES_OF_NOBODY, {"SMS"}),
        ({"UsernameAttributes": ["email"]}, PHONE_FIRST, [UNKNOWN], {"EMAIL"}),
        ({"UsernameAttributes": ["phone_number"]}, EMAIL_FIRST, ["+15550001111"], {"SMS"}),
        ({"AliasAttributes": ["phone_number"]}, EMAIL_FIRST, ["+15550001111"], {"SMS"}),
        ({}, EMAIL_FIRST, NAMES_OF_NOBODY, {"EMAIL"}),
        ({}, PHONE_FIRST, NAMES_OF_NOBODY, {"SMS"}),
        ({"AutoVerifiedAttributes": ["phone_number"]}, EMAIL_FIRST, NAMES_OF_NOBODY, {"SMS"}),
        ({"AutoVerifiedAttributes": ["email"]}, PHONE_FIRST, NAMES_OF_NOBODY, {"EMAIL"}),
        ({"AutoVerifiedAttributes": ["email", "phone_number"]}, EMAIL_FIRST, NAMES_OF_NOBODY, {"EMAIL", "SMS"}),
    ],
)
def test_nobody_recovers_as_a_user_of_that_name_would(
    world: World, settings: dict[str, Any], order: list[tuple[str, int]], names: list[str], mediums: set[str]
) -> None:
    """By the first way of the pool's order that its users must have; by a drawn one where they need have neither."""
    recovery = {"RecoveryMechanisms": [{"Name": name, "Priority": priority} for name, priority in order]}
    client = world.pool(AccountRecoverySetting=recovery, SmsConfiguration=SMS, **settings).client()
    assert _mediums(client, "ForgotPassword", names) == mediums
    assert _mediums(client, "ForgotPassword", names[:1]) == _mediums(client, "ForgotPassword", names[:1])


def test_nobody_is_verified_as_a_user_of_that_name_would_be(world: World) -> None:
    """A sign-up is confirmed by phone where both are to be verified: whatever the order of recovery says."""
    both = {"AutoVerifiedAttributes": ["email", "phone_number"], "SmsConfiguration": SMS}
    for settings, mediums in (
        (_required("phone_number", "email"), {"SMS"}),
        (_required("email"), {"EMAIL"}),
        ({}, {"EMAIL", "SMS"}),
    ):
        client = world.pool(**both, **settings).client()
        assert _mediums(client, "ResendConfirmationCode", NAMES_OF_NOBODY) == mediums


def test_the_phone_numbers_of_nobody_are_as_long_as_anybodys(world: World) -> None:
    """A mask has a star for each hidden digit, so ghosts' numbers differ in length too, each always the same."""
    client = world.pool(AutoVerifiedAttributes=["phone_number"], SmsConfiguration=SMS).client()
    client.pool.user("ada", phone_number="+491512348920", phone_number_verified="true")

    def shown(name: str) -> str:
        answer = world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=name)
        return str(answer["CodeDeliveryDetails"]["Destination"])

    reset = world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    assert reset["CodeDeliveryDetails"]["Destination"] == "+********8920"
    masks = [shown(f"nobody-{number}") for number in range(20)]
    assert all(re.fullmatch(r"\+\*{6,9}[0-9]{4}", mask) for mask in masks)
    assert len({len(mask) for mask in masks}) > 1
    assert [shown(f"nobody-{number}") for number in range(3)] == masks[:3]


def test_the_salts_of_two_ghosts_and_of_two_pools_differ(world: World) -> None:
    """A ghost's salt hangs on its folded name and on the pool's secret, on nothing that a stranger knows."""
    pools = [world.pool(UsernameConfiguration={"CaseSensitive": False}).client() for _ in range(2)]

    def salt(client: ClientOfTests, name: str) -> str:
        begun = client.initiate("USER_SRP_AUTH", USERNAME=name, SRP_A=SOME_A)
        return str(begun["ChallengeParameters"]["SALT"])

    assert salt(pools[0], "ghost") == salt(pools[0], "GHOST")
    assert len({salt(pools[0], "ghost"), salt(pools[0], "ghast"), salt(pools[1], "ghost")}) == 3


@pytest.mark.parametrize("name", [KNOWN, UNKNOWN])
@pytest.mark.parametrize("password", [WRONG, "", PASSWORD])
@pytest.mark.parametrize("state", ["without password", "EXTERNAL_PROVIDER", "UNCONFIRMED"])
def test_one_hash_answers_every_password(world: World, state: str, name: str, password: str) -> None:
    """Whoever there is or is not behind a name, a password costs one hash of one cost."""
    client = _pool(world).client()
    _make(state, client)
    costs: list[str] = []
    hasher = world.house.hasher

    class Noting:
        decoy = hasher.decoy

        def verify(self, encoded: str, given: str) -> bool:
            costs.append(encoded.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(encoded, given)

    with pytest.MonkeyPatch.context() as spied:
        object_of = type(world.house)
        spied.setattr(object_of, "hasher", Noting())
        answer = guess(client, name, password)
    assert costs == ["$argon2id$v=19$m=64,t=1,p=1"]
    right = state == "UNCONFIRMED" and (name, password) == (KNOWN, PASSWORD)
    assert error_of(answer)[0] == ("UserNotConfirmedException" if right else "NotAuthorizedException")


@pytest.mark.parametrize("name", [KNOWN, UNKNOWN])
def test_no_hash_answers_what_is_refused_before_it(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Longer than any password, locked, or the queue full: no hash, and the same answer for nobody as for a user."""
    client = _pool(world).client()
    _make("CONFIRMED", client)

    hashes = world.hashes()
    assert error_of(guess(client, name, "x" * 257))[1] == "Incorrect username or password."
    assert world.hashes() == hashes

    lock(client, name)
    hashes = world.hashes()
    assert error_of(guess(client, name, PASSWORD))[1] == "Password attempts exceeded"
    assert world.hashes() == hashes

    world.clock.advance(SECOND)
    monkeypatch.setattr(world.house.heavy, "_queue", 0)
    monkeypatch.setattr(world.house.heavy, "_reserve", 0)
    monkeypatch.setattr(world.house.heavy, "_running", world.house.heavy._threads)
    assert error_of(guess(client, name, PASSWORD))[0] == "TooManyRequestsException"
    assert world.hashes() == hashes


def test_a_legacy_client_is_told_who_is_unknown(world: World) -> None:
    """Without the setting AWS's own sentences say that there is nobody (userpools.md 1.3)."""
    client = _pool(world).client(PreventUserExistenceErrors="LEGACY")
    _make("CONFIRMED", client)
    unknown = ("UserNotFoundException", "User does not exist.")
    combination = ("UserNotFoundException", "Username/client id combination not found.")

    assert error_of(guess(client, UNKNOWN, WRONG)) == unknown
    assert refused(lambda: srp_guess(client, UNKNOWN)) == unknown
    for question in ("ForgotPassword", "ConfirmForgotPassword", "ConfirmSignUp", "ResendConfirmationCode"):
        assert error_of(QUESTIONS[question](client, UNKNOWN)) == combination
    assert error_of(guess(client, KNOWN, WRONG))[1] == "Incorrect username or password."


def test_a_legacy_client_is_told_why_no_code_can_be_sent(world: World) -> None:
    """Disabled, temporary password, no proved address, confirmed already: each in AWS's words."""
    for state, question, told in (
        ("disabled", "ForgotPassword", "User is disabled."),
        ("FORCE_CHANGE_PASSWORD", "ForgotPassword", "User password cannot be reset in the current state."),
        (
            "unverified",
            "ForgotPassword",
            "Cannot reset password for the user as there is no registered/verified email or phone_number",
        ),
        ("CONFIRMED", "ResendConfirmationCode", "User is already confirmed."),
        ("CONFIRMED", "ConfirmSignUp", "User cannot be confirmed. Current status is CONFIRMED"),
    ):
        client = _pool(world).client(PreventUserExistenceErrors="LEGACY")
        _make(state, client)
        assert error_of(QUESTIONS[question](client, KNOWN))[1] == told


def test_an_administrator_is_told_who_is_unknown(world: World) -> None:
    """Masking is for strangers: the Admin operations say plainly that there is nobody, but for their sign-in."""
    pool = _pool(world)
    client = pool.client()
    for operation, more in (
        ("admin_get_user", {}),
        ("admin_delete_user", {}),
        ("admin_confirm_sign_up", {}),
        ("admin_user_global_sign_out", {}),
        ("admin_set_user_password", {"Password": PASSWORD}),
    ):
        refusal = refused(partial(pool.admin, operation, UNKNOWN, **more))
        assert refusal == ("UserNotFoundException", "User does not exist.")
    given = {"USERNAME": UNKNOWN, "PASSWORD": PASSWORD}
    refusal = refused(
        lambda: world.signed.admin_initiate_auth(
            UserPoolId=pool.pool_id,
            ClientId=client.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=given,
        )
    )
    assert refusal == ("NotAuthorizedException", "Incorrect username or password.")
