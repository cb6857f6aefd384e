"""Can a stranger fill a mailbox, guess at its codes over many users, or shut its owner out? attacks.md 38 and 145.

Loopback has many addresses, each a network of its own: whoever asks from another is somebody else.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.choosing import ALLOWED
from api.confirming import LIMIT, MISMATCH, confirm, wrong
from api.happenings import happened
from api.networks import ask_from
from api.quiet import round_trips, worker_at_rest
from api.signing_in import raw
from api.world import PASSWORD, ClientOfTests, World, refused, running, settings_for
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.crypto.secret_hash import secret_hash
from poolkeeper.store.cleaning import Expired, delete_expired

VICTIM = "ceo@victim.example"
BY_CODE = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
OWNER_S, STRANGER_S = "127.0.0.77", "127.0.0.66"


def open_pool(world: World, **settings: Any) -> ClientOfTests:
    """Make a pool that anybody may sign up to, with an owner of the victim's mailbox in it; return a client."""
    pool = world.pool(AutoVerifiedAttributes=["email"], Policies=BY_CODE, **settings)
    pool.user("owner", email=VICTIM, email_verified="true")
    return pool.client(ExplicitAuthFlows=ALLOWED)


def sent(client: ClientOfTests, kind: str, to: str = VICTIM) -> list[dict[str, Any]]:
    """Return the messages of a kind that were sent for a pool, newest last."""
    pool_id = client.pool.pool_id
    return [one for one in client.world.outbox(to) if (one["kind"], one["pool_id"]) == (kind, pool_id)]


def resend(client: ClientOfTests, name: str) -> Any:
    return client.world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=name)


def by_code(client: ClientOfTests, source: str, name: str = "owner") -> dict[str, Any]:
    """Ask for a sign-in's code from an address."""
    given = {"USERNAME": name, "PREFERRED_CHALLENGE": "EMAIL_OTP"}
    body = {"ClientId": client.client_id, "AuthFlow": "USER_AUTH", "AuthParameters": given}
    return ask_from(source, client.world, "InitiateAuth", body)[1]


def kept_back(client: ClientOfTests) -> list[tuple[str, str]]:
    """Return (kind of message, budget) of each that was not sent."""
    events = happened(client.world, client.pool, "MessageKeptBack")
    return [(one["about"]["message"], one["about"]["budget"]) for one in events]


@contextmanager
def world_with(folder: Path, world: World, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Iterator[World]:
    """Run a server of its own with other settings, at the time of the shared one."""
    with running(replace(settings_for(folder), **settings), engine="sqlite", started_at=world.clock.now()) as own:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", own.clock.datetime)
        yield own


def test_a_mailbox_gets_twenty_messages_of_strangers_in_an_hour(world: World) -> None:
    """Over all users and however it is spelled; whoever asks is told what whoever was sent one is; the operator hears."""
    client = open_pool(world)
    answers = [client.sign_up(f"user-{number}", email=VICTIM) for number in range(15)]
    spelled = VICTIM.upper(), VICTIM.replace("@", "+2@")
    answers += [client.sign_up(f"more-{number}", email=other) for number, other in enumerate(spelled)]
    details = [resend(client, f"user-{number}")["CodeDeliveryDetails"] for number in range(5)]
    answers += [client.sign_up(f"last-{number}", email=VICTIM) for number in range(2)]

    assert sum(len(sent(client, "SignUp", other)) for other in (VICTIM, *spelled)) == 17
    assert len(sent(client, "ResendCode")) == 3
    assert {json.dumps(one["CodeDeliveryDetails"]) for one in answers[:15] + answers[17:]} == {
        json.dumps(one) for one in details
    }
    assert kept_back(client) == [("ResendCode", "claim")] * 2 + [("SignUp", "claim")] * 2

    client.sign_up("somebody", email="somebody@else.example")
    assert len(sent(client, "SignUp", "somebody@else.example")) == 1
    world.clock.advance(HOUR)
    resend(client, "last-0")
    assert len(sent(client, "ResendCode")) == 4


def test_a_new_address_of_a_user_is_a_claim_too(world: World) -> None:
    """Whoever has a token leads codes to any mailbox, and an administrator's correction is nobody's claim."""
    client = open_pool(world)
    for number in range(20):
        client.sign_up(f"user-{number}", email=VICTIM)
    client.pool.user("mallory", email="mallory@x.example", email_verified="true")
    token = client.tokens("mallory")["AccessToken"]
    given = [{"Name": "email", "Value": VICTIM}]
    change = partial(world.unsigned.update_user_attributes, AccessToken=token, UserAttributes=given)
    assert change()["CodeDeliveryDetailsList"][0]["AttributeName"] == "email"
    assert sent(client, "UpdateUserAttribute") == []
    ask = partial(world.unsigned.get_user_attribute_verification_code, AccessToken=token, AttributeName="email")
    assert ask()["CodeDeliveryDetails"]["AttributeName"] == "email"
    assert sent(client, "VerifyUserAttribute") == []

    client.pool.user("bob", email="bob@x.example", email_verified="true")
    client.pool.admin("admin_update_user_attributes", "bob", UserAttributes=given)
    assert len(sent(client, "UpdateUserAttribute")) == 1
    invite = partial(client.pool.admin, "admin_create_user", "guest", UserAttributes=given)
    assert invite(DesiredDeliveryMediums=["EMAIL"], TemporaryPassword=PASSWORD)["User"]
    assert len(sent(client, "AdminCreateUser")) == 1


def test_claims_never_use_up_what_goes_to_the_owner(world: World) -> None:
    """However many sign-ups name the mailbox, its owner gets the reset and the code to sign in with."""
    client = open_pool(world)
    for number in range(25):
        client.sign_up(f"user-{number}", email=VICTIM)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="owner")
    assert [by_code(client, OWNER_S)["ChallengeName"] for _ in range(5)] == ["EMAIL_OTP"] * 5
    assert (len(sent(client, "ForgotPassword")), len(sent(client, "Authentication"))) == (1, 5)


def test_who_signs_up_with_a_mailbox_has_codes_of_sign_ins_sent_as_claims(world: World) -> None:
    """A code by which a user would first prove the address is one more claim of it."""
    client = open_pool(world)
    for number in range(19):
        client.sign_up(f"user-{number}", email=VICTIM)
    for source in ("127.0.0.2", "127.0.0.3", "127.0.0.4"):
        assert by_code(client, source, "user-0")["ChallengeName"] == "EMAIL_OTP"
    assert len(sent(client, "Authentication")) == 1
    assert kept_back(client) == [("Authentication", "claim")] * 2


def test_an_owner_is_sent_forty_messages_and_three_for_each_other_network(world: World) -> None:
    """Ten networks fill no mailbox, and keep nobody out: whoever has asked for hardly any gets three all the same."""
    client = open_pool(world)
    for source in ("127.0.0.2", "127.0.0.3"):
        for _ in range(20):
            by_code(client, source)
    assert len(sent(client, "Authentication")) == 40
    for source in ("127.0.0.4", "127.0.0.2", OWNER_S):
        told = [by_code(client, source).get("ChallengeName") for _ in range(5)]
        assert source == "127.0.0.2" or told == ["EMAIL_OTP"] * 5

    assert len(sent(client, "Authentication")) == 46
    assert kept_back(client) == [("Authentication", "proved")] * 4
    world.unsigned.forgot_password(ClientId=client.client_id, Username="owner")  # from 127.0.0.1
    assert len(sent(client, "ForgotPassword")) == 1
    world.clock.advance(HOUR)
    by_code(client, "127.0.0.2")
    assert len(sent(client, "Authentication")) == 47


def test_of_many_asked_for_at_once_no_more_are_sent(world: World) -> None:
    """One statement counts and decides: what comes at the same time waits for it."""
    client = open_pool(world)
    for number in range(18):
        client.sign_up(f"user-{number}", email=VICTIM)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: client.sign_up(f"more-{number}", email=VICTIM), range(8)))
    assert len(sent(client, "SignUp")) == 20


def test_a_code_that_was_sent_outlives_one_that_was_not(world: World) -> None:
    """A stranger who has used up the budget asks for a code in somebody's name: the one that arrived before still counts."""
    client = open_pool(world)
    client.sign_up("ada", email=VICTIM)
    code = sent(client, "SignUp")[-1]["code"]
    for number in range(20):
        client.sign_up(f"user-{number}", email=VICTIM)
    resend(client, "ada")
    assert sent(client, "ResendCode") == []
    confirm(client, code)


def test_wrong_codes_are_counted_for_the_mailbox_over_all_users(world: World) -> None:
    """attacks.md 38: thirty guesses an hour, however many sign-ups there are to guess for; then the right code is refused too."""
    client = open_pool(world, AliasAttributes=["email"])
    codes = {}
    for name in ("first", "second", "third"):
        world.clock.advance(SECOND)
        client.sign_up(name, email=VICTIM)
        codes[name] = sent(client, "SignUp")[-1]["code"]
    for name in ("first", "second"):
        for _ in range(15):
            assert refused(partial(confirm, client, wrong(codes[name]), name)) == MISMATCH

    for code in (wrong(codes["third"]), codes["third"]):
        assert refused(partial(confirm, client, code, "third")) == LIMIT
    events = happened(world, client.pool, "CodesRefused")
    assert [one["about"] for one in events] == [{"budget": "claim"}] * 2
    world.clock.advance(HOUR)
    force = {"ClientId": client.client_id, "Username": "third", "ForceAliasCreation": True}
    world.unsigned.confirm_sign_up(ConfirmationCode=codes["third"], **force)


def test_wrong_codes_for_a_new_address_count_for_it_too(world: World) -> None:
    """Whoever leads codes of many users to one mailbox has no more guesses than whoever signs up."""
    client = open_pool(world)
    for name in ("first", "second"):
        client.sign_up(name, email=VICTIM)
        code = sent(client, "SignUp")[-1]["code"]
        for _ in range(15):
            refused(partial(confirm, client, wrong(code), name))
    client.pool.user("mallory", email="mallory@x.example", email_verified="true")
    token = client.tokens("mallory")["AccessToken"]
    world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "email", "Value": VICTIM}])
    right = sent(client, "UpdateUserAttribute")[-1]["code"]
    verify = partial(world.unsigned.verify_user_attribute, AccessToken=token, AttributeName="email")
    assert refused(lambda: verify(Code=right)) == LIMIT


def test_wrong_codes_of_strangers_do_not_keep_the_owner_from_a_reset(world: World) -> None:
    """What is guessed at for a claim says nothing of codes to an address that was proved."""
    client = open_pool(world)
    for name in ("first", "second", "third"):
        client.sign_up(name, email=VICTIM)
        for _ in range(15):
            refused(partial(confirm, client, "000000", name))
    world.unsigned.forgot_password(ClientId=client.client_id, Username="owner")
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id,
        Username="owner",
        ConfirmationCode=sent(client, "ForgotPassword")[-1]["code"],
        Password=f"{PASSWORD}-2",
    )


def _ask(operation: str, **more: str) -> Callable[[ClientOfTests, str], Any]:
    return lambda client, name: raw(client.world, operation, {"ClientId": client.client_id, "Username": name, **more})


def _otp(client: ClientOfTests, name: str) -> Any:
    answer = by_code(client, STRANGER_S, name)
    masked = answer.get("ChallengeParameters", {}).get("CODE_DELIVERY_DESTINATION")
    return sorted(answer), answer.get("__type"), masked


ASKED = {
    "ForgotPassword": _ask("ForgotPassword"),
    "ResendConfirmationCode": _ask("ResendConfirmationCode"),
    "EMAIL_OTP": _otp,
}


@pytest.mark.parametrize("asked", ASKED)
def test_the_end_of_a_mailbox_s_budget_tells_nobody_who_exists(world: World, asked: str) -> None:
    """Before it and after it, somebody and nobody are answered alike, at as many round trips."""
    pool = world.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], Policies=BY_CODE)
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    known, unknown = "known@x.example", "kelly@x.example"
    if asked == "ResendConfirmationCode":
        client.sign_up(known)
    else:
        pool.user(known, email_verified="true")
    ask = ASKED[asked]
    ask(client, "first@x.example")  # what is looked up once for all
    for limit in (40, 1):
        with budgets_of(world, limit):
            told = [_counted(world, partial(ask, client, name)) for name in (known, unknown)]
        assert told[0] == told[1]
    assert len(kept_back(client)) == 1


@contextmanager
def budgets_of(world: World, limit: int) -> Iterator[None]:
    """Let each mailbox be sent so many messages; keep none for networks, and let the worker rest."""
    settings = replace(
        world.house.settings,
        messages_per_claim_per_hour=limit,
        messages_per_proved_address_per_hour=limit,
        messages_kept_for_a_network=0,
    )
    with pytest.MonkeyPatch.context() as other:
        other.setattr(type(world.house), "settings", settings)
        if world.engine == "sqlite":
            yield
            return
        with worker_at_rest(world):
            yield


def _counted(world: World, ask: Callable[[], Any]) -> tuple[Any, int]:
    """Return an answer and the round trips that it took, 0 on SQLite, which has none."""
    if world.engine == "sqlite":
        return ask(), 0
    before = round_trips(world)
    return ask(), round_trips(world) - before


def test_made_up_names_leave_no_rows_without_end(world: World) -> None:
    """What nobody is sent is counted in a thousand rows at most, and nobody's count is a real mailbox's."""
    pool = world.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], Policies=BY_CODE)
    client = pool.client()
    for number in range(60):
        _ask("ForgotPassword")(client, f"nobody-{number % 30}@x.example")
    rows = world.rows("SELECT destination FROM destinations WHERE pool_id = $1", pool.pool_id)
    assert 0 < len(rows) <= 30
    assert all(0 <= int(row[0].removeprefix("nobody:")) < 1_024 for row in rows)


def test_no_address_lies_in_the_table_and_old_counts_are_removed(world: World) -> None:
    """Rows name an HMAC; after their hour the worker takes them away."""
    client = open_pool(world)
    client.sign_up("ada", email=VICTIM)
    (row,) = world.rows("SELECT * FROM destinations WHERE pool_id = $1", client.pool.pool_id)
    assert len(row[1]) == 64
    assert VICTIM not in str(row)
    now = world.clock.now() + 2 * HOUR
    world.run(lambda: world.house.db.write(lambda tx: delete_expired(tx, Expired(client.pool.pool_id), now=now)))
    assert world.rows("SELECT * FROM destinations WHERE pool_id = $1", client.pool.pool_id) == []


def test_a_network_causes_so_many_messages_and_no_more(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever mailboxes it names; other networks, back ends with a secret and administrators' servers go on."""
    with world_with(tmp_path, world, monkeypatch, messages_per_network_per_hour=3) as own:
        client = open_pool(own)
        back_end = client.pool.client(GenerateSecret=True, ExplicitAuthFlows=ALLOWED)
        for number in range(5):
            client.sign_up(f"user-{number}", email=f"user-{number}@x.example")
        assert [len(sent(client, "SignUp", f"user-{number}@x.example")) for number in range(5)] == [1, 1, 1, 0, 0]
        assert kept_back(client) == [("SignUp", "network")] * 2

        by_code(client, OWNER_S)
        assert len(sent(client, "Authentication")) == 1
        given = {"USERNAME": "owner", "PREFERRED_CHALLENGE": "EMAIL_OTP"}
        admin = partial(
            own.signed.admin_initiate_auth,
            UserPoolId=client.pool.pool_id,
            ClientId=client.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters=given,
        )
        admin()
        assert len(sent(client, "Authentication")) == 2
        context = {"IpAddress": "198.51.100.7", "ServerName": "", "ServerPath": "", "HttpHeaders": []}
        for _ in range(4):
            admin(ContextData=context)
        assert len(sent(client, "Authentication")) == 5

        known = {"client_id": back_end.client_id, "client_secret": str(back_end.secret)}
        hashed = secret_hash(username="owner", **known)
        own.unsigned.forgot_password(ClientId=back_end.client_id, Username="owner", SecretHash=hashed)
        assert len(sent(client, "ForgotPassword")) == 1
        own.clock.advance(HOUR)
        client.sign_up("later", email="later@x.example")
        assert len(sent(client, "SignUp", "later@x.example")) == 1


def test_a_network_gives_so_many_wrong_codes_and_no_more(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of whatever users and purposes; then the right one is refused there, and taken from anywhere else."""
    with world_with(tmp_path, world, monkeypatch, wrong_codes_per_network_per_hour=4) as own:
        client = open_pool(own)
        client.sign_up("ada", email="ada@x.example")
        code = own.code("ada@x.example")
        guess = {"ClientId": client.client_id, "Username": "nobody", "ConfirmationCode": "000000"}
        for _ in range(2):
            assert refused(lambda: own.unsigned.confirm_sign_up(**guess)) == MISMATCH
        assert refused(partial(confirm, client, wrong(code))) == MISMATCH
        reset = {**guess, "Username": "owner", "Password": PASSWORD}
        assert refused(lambda: own.unsigned.confirm_forgot_password(**reset))[0] == "ExpiredCodeException"

        assert refused(partial(confirm, client, code)) == LIMIT
        asked = client.initiate("USER_AUTH", USERNAME="owner", PREFERRED_CHALLENGE="EMAIL_OTP")
        given = {"USERNAME": "owner", "EMAIL_OTP_CODE": sent(client, "Authentication")[-1]["code"]}
        answer = partial(client.respond, "EMAIL_OTP", asked["Session"], **given)
        assert refused(answer)[0] == "TooManyRequestsException"
        assert {one["about"]["budget"] for one in happened(own, client.pool, "CodesRefused")} == {"network"}

        body = {"ClientId": client.client_id, "Username": "ada", "ConfirmationCode": code}
        assert ask_from(OWNER_S, own, "ConfirmSignUp", body)[0] == 200


def test_a_number_s_budget_is_not_used_up_by_claims_either(world: World) -> None:
    """Twenty sign-ups with a number, and its owner is sent the code of a reset; then another network gets one too."""
    sms = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "tests"}
    recovery = {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_phone_number"}]}
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    pool = world.pool(
        AutoVerifiedAttributes=["phone_number"],
        SmsConfiguration=sms,
        AccountRecoverySetting=recovery,
        Policies=factors,
    )
    number = "+15550173322"
    pool.user("owner", phone_number=number, phone_number_verified="true")
    client = pool.client(ExplicitAuthFlows=ALLOWED)
    for other in range(20):
        client.sign_up(f"user-{other}", phone_number=number)
    assert refused(lambda: client.sign_up("user-20", phone_number=number)) == LIMIT
    world.unsigned.forgot_password(ClientId=client.client_id, Username="owner")
    assert len(sent(client, "ForgotPassword", number)) == 1

    given = {"USERNAME": "owner", "PREFERRED_CHALLENGE": "SMS_OTP"}
    body = {"ClientId": client.client_id, "AuthFlow": "USER_AUTH", "AuthParameters": given}
    statuses = [ask_from(STRANGER_S, world, "InitiateAuth", body)[0] for _ in range(20)]
    assert statuses == [200] * 19 + [400]
    assert [ask_from(OWNER_S, world, "InitiateAuth", body)[0] for _ in range(4)] == [200] * 3 + [400]
