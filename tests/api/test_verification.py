"""Verification: which code proves which address, what waits until then, and what a change of address takes away."""

import asyncio
from functools import partial

import pytest

from api.forge import claims_of
from api.people import held, listed, seen, update, verify
from api.world import SMS, ClientOfTests, PoolOfTests, World, refused
from poolkeeper.clock import DAY, HOUR, SECOND

FIRST = {"UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}}
AUTO = {"AutoVerifiedAttributes": ["email"]}
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
OLD, NEW = "ada@old.example", "ada@new.example"


def ada(pool: PoolOfTests, *, email: str = OLD) -> tuple[ClientOfTests, str]:
    """Create ada with a verified address; return a client and ada's access token."""
    described = pool.world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    name = email if described.get("UsernameAttributes") else "ada"
    pool.user(name, email=email, email_verified="true")
    client = pool.client()
    return client, client.tokens(name)["AccessToken"]


def test_a_changed_address_counts_at_once_and_is_unverified_until_its_code_comes(world: World) -> None:
    """By default the new value replaces the old one, its mark is false, and a code goes to the new address."""
    pool = world.pool(**AUTO)
    _, token = ada(pool)

    assert update(world, token, {"email": NEW}) == [
        {"Destination": "a***@n***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    ]
    assert held(pool, "ada") == {"email": NEW, "email_verified": "false"}
    assert world.outbox(NEW)[-1]["kind"] == "UpdateUserAttribute"
    assert [one for one in world.outbox(OLD) if one["code"]] == []  # a notice alone

    verify(world, token, "email", world.code(NEW))
    assert held(pool, "ada") == {"email": NEW, "email_verified": "true"}
    assert refused(lambda: verify(world, token, "email", world.code(NEW))) == EXPIRED


def test_a_pool_that_verifies_nothing_sends_nothing(world: World) -> None:
    """Without AutoVerifiedAttributes a change sends no code by itself; a user may still ask for one."""
    pool = world.pool()
    _, token = ada(pool, email="ada@quiet.example")
    assert update(world, token, {"email": "ada@quiet-too.example"}) == []
    assert world.outbox("ada@quiet-too.example") == []

    sent = world.unsigned.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    assert sent["CodeDeliveryDetails"]["Destination"] == "a***@q***"
    assert world.outbox("ada@quiet-too.example")[-1]["kind"] == "VerifyUserAttribute"
    verify(world, token, "email", world.code("ada@quiet-too.example"))
    assert held(pool, "ada")["email_verified"] == "true"


def test_an_unchanged_address_keeps_its_mark_and_sends_nothing(world: World) -> None:
    """Sending one's own address again proves nothing anew and costs nothing."""
    pool = world.pool(**AUTO)
    _, token = ada(pool, email="ada@same.example")
    assert update(world, token, {"email": "ada@same.example", "nickname": "A"}) == []
    assert held(pool, "ada") == {"email": "ada@same.example", "email_verified": "true", "nickname": "A"}


def test_a_pending_address_is_no_attribute_until_it_is_proved(world: World) -> None:
    """Where the pool verifies first, tokens, sign-in and recovery keep the old address meanwhile (attacks.md 18)."""
    old, new = "ada@before.example", "ada@after.example"
    pool = world.pool(UsernameAttributes=["email"], **AUTO, **FIRST)
    client, token = ada(pool, email=old)

    assert update(world, token, {"email": new})[0]["Destination"] == "a***@a***"
    assert seen(world, token) == {"email": old, "email_verified": "true"}
    wrong = ("NotAuthorizedException", "Incorrect username or password.")
    assert refused(lambda: client.sign_in(new)) == wrong
    claims = claims_of(client.tokens(old)["IdToken"])
    assert (claims["email"], claims["email_verified"]) == (old, True)

    verify(world, token, "email", world.code(new))
    assert seen(world, token) == {"email": new, "email_verified": "true"}
    assert claims_of(client.tokens(new)["IdToken"])["email"] == new
    assert refused(lambda: client.sign_in(old)) == wrong


def test_a_code_may_be_asked_again_for_what_is_pending(world: World) -> None:
    """The new code goes to the waiting address, and the one before it is worth nothing."""
    new = "ada@again.example"
    pool = world.pool(**AUTO, **FIRST)
    _, token = ada(pool)
    update(world, token, {"email": new})
    first = world.code(new)
    world.clock.advance(SECOND)
    world.unsigned.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")
    second = world.code(new)

    if first != second:  # six digits fall alike once in a million
        assert refused(lambda: verify(world, token, "email", first)) == MISMATCH
    verify(world, token, "email", second)
    assert held(pool, "ada") == {"email": new, "email_verified": "true"}


@pytest.mark.parametrize("settings", [AUTO, {**AUTO, **FIRST}], ids=["at once", "verified first"])
def test_a_code_proves_the_address_that_it_was_mailed_to(world: World, settings: dict[str, object]) -> None:
    """Of two changes the code of the first proves nothing once the second stands (attacks.md 20)."""
    one, two = f"one@{len(settings)}.race.example", f"two@{len(settings)}.race.example"
    pool = world.pool(**settings)
    _, token = ada(pool)
    update(world, token, {"email": one})
    update(world, token, {"email": two})

    assert refused(lambda: verify(world, token, "email", world.code(one))) == MISMATCH
    verify(world, token, "email", world.code(two))
    assert held(pool, "ada") == {"email": two, "email_verified": "true"}


@pytest.mark.parametrize("settings", [AUTO, {**AUTO, **FIRST}], ids=["at once", "verified first"])
def test_parallel_changes_leave_one_address_with_its_own_code(world: World, settings: dict[str, object]) -> None:
    """However a race of changes ends, what is verified afterwards is the address that the code went to (attacks.md 20)."""
    pool = world.pool(**settings)
    _, token = ada(pool)
    addresses = [f"r{number}@{len(settings)}.parallel.example" for number in range(4)]

    async def race() -> None:
        await asyncio.gather(*(asyncio.to_thread(update, world, token, {"email": address}) for address in addresses))

    asyncio.run(race())
    for address in addresses:
        try:
            verify(world, token, "email", world.code(address))
        except world.unsigned.exceptions.CodeMismatchException:
            continue
        except world.unsigned.exceptions.ExpiredCodeException:
            continue
        assert held(pool, "ada") == {"email": address, "email_verified": "true"}
        return
    raise AssertionError("the last change has no code that proves it")


def test_a_newer_change_puts_a_pending_one_aside(world: World) -> None:
    """What an administrator sets as verified, or the old address sent again, ends the wait for another."""
    pool = world.pool(**AUTO, **FIRST)
    _, token = ada(pool, email="ada@stays.example")
    update(world, token, {"email": "ada@tempting.example"})
    update(world, token, {"email": "ada@stays.example"})
    assert refused(lambda: verify(world, token, "email", world.code("ada@tempting.example"))) == EXPIRED

    update(world, token, {"email": "ada@tempting.example"})
    given = listed({"email": "ada@admin.example", "email_verified": "true"})
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=given)
    assert refused(lambda: verify(world, token, "email", world.code("ada@tempting.example"))) == EXPIRED
    assert held(pool, "ada") == {"email": "ada@admin.example", "email_verified": "true"}


def test_a_pool_that_verifies_first_no_more_forgets_what_waited(world: World) -> None:
    """The code of a pending address proves nothing about the address that counts since the setting is gone."""
    pool = world.pool(**AUTO, **FIRST)
    _, token = ada(pool)
    update(world, token, {"email": "ada@waits.example"})
    none: dict[str, list[str]] = {"AttributesRequireVerificationBeforeUpdate": []}
    world.signed.update_user_pool(UserPoolId=pool.pool_id, UserAttributeUpdateSettings=none, **AUTO)
    assert refused(lambda: verify(world, token, "email", world.code("ada@waits.example"))) == EXPIRED
    assert held(pool, "ada") == {"email": OLD, "email_verified": "true"}


def test_administrators_vouch_or_leave_it_to_a_code(world: World) -> None:
    """With its mark an address is set at once without a code; without one it is treated like the user's own change."""
    pool = world.pool(**AUTO, **FIRST)
    ada(pool, email="ada@vouch.example")
    change = partial(pool.admin, "admin_update_user_attributes", "ada")

    change(UserAttributes=listed({"email": "ada@vouched.example", "email_verified": "true"}))
    assert held(pool, "ada") == {"email": "ada@vouched.example", "email_verified": "true"}
    assert world.outbox("ada@vouched.example") == []

    change(UserAttributes=listed({"email": "ada@unvouched.example"}))
    assert held(pool, "ada") == {"email": "ada@vouched.example", "email_verified": "true"}
    assert len(world.outbox("ada@unvouched.example")) == 1

    change(UserAttributes=listed({"email_verified": "false"}))
    assert held(pool, "ada") == {"email": "ada@vouched.example", "email_verified": "false"}


def test_both_addresses_have_codes_of_their_own(world: World) -> None:
    """The code for the mail does not prove the telephone, which it was not sent to."""
    mail, phone = "ada@both.example", "+15550002222"
    pool = world.pool(AutoVerifiedAttributes=["email", "phone_number"], SmsConfiguration=SMS)
    _, token = ada(pool)
    sent = update(world, token, {"email": mail, "phone_number": phone})
    assert [one["AttributeName"] for one in sent] == ["email", "phone_number"]

    codes = world.code(mail), world.code(phone)
    if codes[0] != codes[1]:
        assert refused(lambda: verify(world, token, "phone_number", codes[0])) == MISMATCH
    verify(world, token, "phone_number", codes[1])
    verify(world, token, "email", codes[0])
    assert held(pool, "ada") == {
        "email": mail,
        "email_verified": "true",
        "phone_number": phone,
        "phone_number_verified": "true",
    }


def test_a_code_of_an_address_lives_a_day(world: World) -> None:
    """After 24 hours it proves nothing, also where the address waited for it."""
    new = "ada@late.example"
    pool = world.pool(**AUTO, **FIRST)
    client, token = ada(pool)
    update(world, token, {"email": new})
    world.clock.advance(DAY)
    token = client.tokens("ada")["AccessToken"]
    assert refused(lambda: verify(world, token, "email", world.code(new))) == EXPIRED
    assert held(pool, "ada") == {"email": OLD, "email_verified": "true"}


def test_guesses_and_sends_of_an_hour_are_counted(world: World) -> None:
    """After fifteen wrong codes the right one is refused too; a sixth code within the hour is not sent."""
    new = "ada@guess.example"
    pool = world.pool(**AUTO)
    client, token = ada(pool)
    update(world, token, {"email": new})
    right = world.code(new)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(15):
        assert refused(lambda: verify(world, token, "email", wrong)) == MISMATCH
    assert refused(lambda: verify(world, token, "email", right)) == LIMIT

    ask = partial(world.unsigned.get_user_attribute_verification_code, AccessToken=token, AttributeName="email")
    for _ in range(4):
        ask()
    assert refused(ask) == LIMIT
    too_many = ("TooManyRequestsException", LIMIT[1])  # UpdateUserAttributes models no LimitExceededException
    assert refused(lambda: update(world, token, {"email": "ada@sixth.example"})) == too_many
    assert held(pool, "ada")["email"] == new, "what would need a sixth code is not written"

    world.clock.advance(HOUR)
    token = client.tokens("ada")["AccessToken"]
    ask(AccessToken=token)
    verify(world, token, "email", world.code(new))
    assert held(pool, "ada")["email_verified"] == "true"


def test_what_administrators_send_is_not_a_users_count(world: World) -> None:
    """Six changes by an administrator send six codes, and the user may ask for one of his own after them."""
    pool = world.pool(**AUTO)
    _, token = ada(pool)
    for number in range(6):
        address = f"ada@{number}.uncounted.example"
        pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"email": address}))
        assert len(world.outbox(address)) == 1
    world.unsigned.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")


def test_only_addresses_that_are_there_are_verified(world: World) -> None:
    """Other attributes, and an address that the user has not, have no codes."""
    pool = world.pool()
    pool.user("bob")
    token = pool.client().tokens("bob")["AccessToken"]
    ask = partial(world.unsigned.get_user_attribute_verification_code, AccessToken=token)
    sentence = "Invalid attribute name. Only phone_number and email can be verified."
    assert refused(lambda: ask(AttributeName="nickname")) == ("InvalidParameterException", sentence)
    code = partial(world.unsigned.verify_user_attribute, AccessToken=token, Code="123456")
    assert refused(lambda: code(AttributeName="nickname")) == ("InvalidParameterException", sentence)
    for attribute, noun in {"email": "email address", "phone_number": "phone number"}.items():
        sentence = f"User does not have a valid registered {noun}"
        assert refused(partial(ask, AttributeName=attribute)) == ("InvalidParameterException", sentence)
    assert refused(lambda: verify(world, token, "email", "123456")) == EXPIRED
