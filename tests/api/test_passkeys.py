"""Does a user come by a passkey, and by no other than one of this pool's? Registration, the list, deletion (attacks.md 51)."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.listing import refused_as_no_marker
from api.passkeys import OTHER_PARTY, Owner, configure, owner, passkey_client, passkey_pool, with_passkey
from api.signing_in import at_once
from api.software_authenticator import ORIGIN, PRESENT, VERIFIED, Authenticator, b64, cose, unb64
from api.world import World, refused
from poolkeeper.clock import MINUTE

NOT_FOUND = ("WebAuthnChallengeNotFoundException", "The registration challenge was not found or has expired.")
ORIGIN_REFUSED = ("WebAuthnOriginNotAllowedException", "The origin of the passkey is not allowed.")
OTHER_RELYING_PARTY = ("WebAuthnRelyingPartyMismatchException", "The passkey belongs to another relying party.")
UNSUPPORTED = ("WebAuthnCredentialNotSupportedException", "The passkey is not supported.")
UNREADABLE = ("InvalidParameterException", "Credential data is not valid")


@pytest.fixture
def ada(world: World) -> Owner:
    """Have a user of a pool for http://localhost who may register a key."""
    return owner(passkey_client(passkey_pool(world)))


def test_the_options_have_the_form_that_aws_shows(ada: Owner) -> None:
    """A browser is told who asks, for whom, with a fresh challenge, for ES256 or RS256 and a key that can be found."""
    options = ada.start()

    assert len(unb64(options.pop("challenge"))) == 32
    assert options == {
        "rp": {"id": "localhost", "name": "localhost"},
        "user": {"id": b64(ada.sub.encode()), "name": "ada", "displayName": "ada"},
        "pubKeyCredParams": [{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}],
        "timeout": 60000,
        "excludeCredentials": [],
        "authenticatorSelection": {
            "requireResidentKey": True,
            "residentKey": "required",
            "userVerification": "preferred",
        },
    }


def test_people_choose_the_passkey_by_the_name_that_they_sign_in_with(world: World) -> None:
    """Where usernames are ids, the options bear the address; the name of a person stands beside it."""
    client = passkey_client(passkey_pool(world, UsernameAttributes=["email"]))
    client.pool.user("ada@example.com", name="Ada Lovelace")
    token = client.tokens("ada@example.com")["AccessToken"]

    options = world.unsigned.start_web_authn_registration(AccessToken=token)["CredentialCreationOptions"]
    assert options["user"]["name"] == "ada@example.com"
    assert options["user"]["displayName"] == "Ada Lovelace"


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)], ids=["ES256", "RS256"]
)
def test_a_registered_key_is_listed_and_left_out_of_the_next_registration(ada: Owner, key: Any) -> None:
    """The list says what the browser said of it; the next options exclude it."""
    made = ada.register(Authenticator(key=key))

    (listed,) = ada.listed()
    assert listed.pop("CreatedAt").timestamp() == ada.world.clock.now() / 1000
    assert listed == {
        "CredentialId": made.id,
        "FriendlyCredentialName": "Platform passkey",
        "RelyingPartyId": "localhost",
        "AuthenticatorAttachment": "platform",
        "AuthenticatorTransports": ["internal", "hybrid"],
    }
    assert ada.start()["excludeCredentials"] == [
        {"type": "public-key", "id": made.id, "transports": ["internal", "hybrid"]}
    ]


def test_what_browsers_of_later_days_say_is_left_out(ada: Owner) -> None:
    """Unknown transports and attachments are no reason to refuse a key; a cross-platform one has AWS's name."""
    later, roaming = Authenticator(), Authenticator()
    unknown = later.create(ada.start()) | {"authenticatorAttachment": "implant", "hints": ["client-device"]}
    unknown["response"] |= {"transports": ["telepathy", "usb", "usb"], "publicKeyAlgorithm": -7}
    ada.complete(unknown)
    ada.complete(roaming.create(ada.start()) | {"authenticatorAttachment": "cross-platform"})

    by_id = {one["CredentialId"]: one for one in ada.listed()}
    assert by_id[later.id]["AuthenticatorTransports"] == ["usb"]
    assert "AuthenticatorAttachment" not in by_id[later.id]
    assert by_id[roaming.id]["FriendlyCredentialName"] == "Roaming passkey"


@pytest.mark.parametrize(
    "statement",
    [("packed", {"alg": -7, "sig": b"\x00" * 70}), ("tpm", {"ver": "2.0", "x5c": [b"\x30"]}), ("future", {"a": 1})],
    ids=lambda statement: statement[0],
)
def test_no_attestation_is_asked_for_or_looked_at(ada: Owner, statement: tuple[str, dict[str, Any]]) -> None:
    """Whatever a vendor attests, and be it nonsense, the key is taken for what it is."""
    fmt, att_stmt = statement
    ada.register(fmt=fmt, att_stmt=att_stmt)
    assert len(ada.listed()) == 1


def test_a_challenge_serves_once(ada: Owner) -> None:
    """The answer that was taken cannot be given again, nor another one to the same challenge."""
    options = ada.start()
    ada.complete(ada.authenticator.create(options))

    for again in (ada.authenticator, Authenticator()):
        assert refused(partial(ada.complete, again.create(options))) == NOT_FOUND
    assert len(ada.listed()) == 1


def test_of_many_answers_to_one_challenge_one_is_taken(ada: Owner) -> None:
    """Ten keys at the same moment: one conditional statement decides."""
    options = ada.start()
    credentials = [Authenticator().create(options) for _ in range(10)]

    told = at_once([partial(_told, ada, credential) for credential in credentials])
    assert sorted(told) == [("", "")] + [NOT_FOUND] * 9
    assert len(ada.listed()) == 1


def _told(user: Owner, credential: object) -> tuple[str, str]:
    try:
        return refused(lambda: user.complete(credential))
    except AssertionError:
        return "", ""


def test_the_newest_challenge_alone_counts_for_five_minutes(ada: Owner) -> None:
    """An older one, one that nobody gave, none at all and one of six minutes ago are not there."""
    never = {"rp": {"id": "localhost"}, "user": {"id": b64(ada.sub.encode())}, "challenge": b64(bytes(32))}
    assert refused(lambda: ada.complete(Authenticator().create(never))) == NOT_FOUND
    older, newest = ada.start(), ada.start()
    for options in (older, never):
        assert refused(partial(ada.complete, Authenticator().create(options))) == NOT_FOUND
    ada.complete(Authenticator().create(newest))

    late = ada.start()
    ada.world.clock.advance(5 * MINUTE)
    assert refused(lambda: ada.complete(Authenticator().create(late))) == NOT_FOUND
    assert len(ada.listed()) == 1


def test_a_challenge_is_one_users_own(ada: Owner) -> None:
    """Who gets hold of another user's challenge, or of his answer, cannot make the key his."""
    bob = owner(ada.client, "bob")
    options = ada.start()
    credential = ada.authenticator.create(options)

    assert refused(lambda: bob.complete(credential)) == NOT_FOUND
    bob.start()
    assert refused(lambda: bob.complete(credential)) == NOT_FOUND
    ada.complete(credential)


def test_a_registration_is_completed_through_the_client_that_started_it(ada: Owner) -> None:
    """A token of another app client does not complete it; that of the first one still does."""
    other = passkey_client(ada.client.pool)
    elsewhere = replace(ada, client=other, access_token=other.tokens("ada")["AccessToken"])
    credential = ada.authenticator.create(ada.start())

    refusal = ("WebAuthnClientMismatchException", "The registration was started with another app client.")
    assert refused(lambda: elsewhere.complete(credential)) == refusal
    ada.complete(credential)


def test_pools_without_passkeys_say_so(world: World) -> None:
    """Not a first factor, or no relying party: each says so by an error that its model has, the list is empty."""
    pool = world.pool()
    ada = owner(pool.client())
    not_enabled = ("WebAuthnNotEnabledException", "Passkeys are not enabled for the user pool.")
    assert refused(ada.start) == not_enabled
    assert refused(lambda: ada.complete({})) == not_enabled

    factors = {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}
    world.signed.update_user_pool(UserPoolId=pool.pool_id, Policies={"SignInPolicy": factors})
    missing = ("WebAuthnConfigurationMissingException", "The user pool has neither a relying party id nor a domain.")
    assert refused(ada.start) == missing
    assert refused(lambda: ada.complete({})) == OTHER_RELYING_PARTY
    assert ada.listed() == []


@pytest.mark.parametrize(
    ("otherwise", "refusal"),
    [
        ({"challenge": b64(b"x" * 32)}, NOT_FOUND),
        ({"type": "webauthn.get"}, UNREADABLE),
        ({"crossOrigin": True}, ORIGIN_REFUSED),
        ({"rp_id": OTHER_PARTY}, OTHER_RELYING_PARTY),
        ({"flags": VERIFIED}, UNREADABLE),
        ({"rawId": b64(b"another")}, UNREADABLE),
        ({"id": b64(b"another"), "rawId": b64(b"another")}, UNREADABLE),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value[0],
)
def test_an_answer_that_is_wrong_in_one_thing_is_refused(
    ada: Owner, otherwise: dict[str, Any], refusal: tuple[str, str]
) -> None:
    """Each has AWS's own error where it has one, and leaves the challenge for the right answer."""
    options = ada.start()

    assert refused(lambda: ada.complete(Authenticator().create(options, **otherwise))) == refusal
    assert ada.listed() == []
    ada.complete(ada.authenticator.create(options))


@pytest.mark.parametrize(
    "public_key",
    [
        cose(ec.generate_private_key(ec.SECP384R1()), algorithm=-35),
        cose(ec.generate_private_key(ec.SECP384R1()), algorithm=-7),
        cose(ec.generate_private_key(ec.SECP256R1()), algorithm=-257),
        cose(rsa.generate_private_key(65537, 2048), algorithm=-37),
        cose(rsa.generate_private_key(65537, 1024)),
        bytes.fromhex("a4010103272006215820") + bytes(32),
        bytes.fromhex("a5010203262001215820") + bytes(31) + b"\x01" + bytes.fromhex("225820") + bytes(32),
        b"\x04",
    ],
    ids=[
        "ES384",
        "ES256 on P-384",
        "RS256 of a curve",
        "PS256",
        "RSA 1024",
        "EdDSA",
        "no point of P-256",
        "U2F's form",
    ],
)
def test_no_other_kind_of_key_is_taken(ada: Owner, public_key: bytes) -> None:
    """ES256 on P-256 and RS256 of a decent size, and only numbers that make a key (userpools.md 3.6)."""
    assert refused(lambda: ada.register(public_key=public_key)) == UNSUPPORTED
    assert ada.listed() == []


@pytest.mark.parametrize(
    ("relying_party", "origin", "allowed"),
    [
        ("localhost", "http://localhost", True),
        ("localhost", "http://localhost:5173", True),
        ("localhost", "https://localhost:7666", True),
        ("localhost", "http://app.localhost:3000", True),
        ("localhost", "http://localhost.evil.example", False),
        ("localhost", "http://127.0.0.1:3000", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY}", True),
        (OTHER_PARTY, f"https://login.{OTHER_PARTY}:8443", True),
        (OTHER_PARTY, f"http://{OTHER_PARTY}", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY}.evil.example", False),
        (OTHER_PARTY, f"https://evil{OTHER_PARTY}", False),
        (OTHER_PARTY, f"https://evil.example/{OTHER_PARTY}", False),
        (OTHER_PARTY, f"https://evil.example#.{OTHER_PARTY}", False),
        (OTHER_PARTY, f"https://evil.example\\.{OTHER_PARTY}", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY}@evil.example", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY}:443@evil.example", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY}/", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY}\n", False),
        (OTHER_PARTY, "https://example.com", False),
        (OTHER_PARTY, f"https://{OTHER_PARTY.upper()}", False),
        (OTHER_PARTY, f"ftp://{OTHER_PARTY}", False),
        (OTHER_PARTY, "http://localhost", False),
        (OTHER_PARTY, "null", False),
        (OTHER_PARTY, "", False),
    ],
)
def test_an_origin_is_the_relying_partys_own_or_it_is_refused(
    world: World, relying_party: str, origin: str, *, allowed: bool
) -> None:
    """By https on the name or below it, by http on the machine's own names; the port is free, prefixes are nothing."""
    user = owner(passkey_client(passkey_pool(world, relying_party=relying_party)))
    credential = user.authenticator.create(user.start(), origin=origin)
    if allowed:
        user.complete(credential)
    else:
        assert refused(lambda: user.complete(credential)) == ORIGIN_REFUSED


def test_where_the_pool_requires_it_the_user_is_verified(world: World) -> None:
    """A key whose authenticator did not verify its user is not supported there; elsewhere it is."""
    strict = owner(passkey_client(passkey_pool(world, verification="required")))
    assert strict.start()["authenticatorSelection"]["userVerification"] == "required"
    assert refused(lambda: strict.register(flags=PRESENT)) == UNSUPPORTED
    strict.register()

    easy = owner(passkey_client(passkey_pool(world)))
    easy.register(flags=PRESENT)


@pytest.mark.parametrize(
    "credential",
    [
        None,
        "",
        [],
        {},
        {"id": "AA", "rawId": "AA", "type": "public-key"},
        {"id": "AA", "rawId": "AA", "type": "password", "response": {"clientDataJSON": "", "attestationObject": ""}},
        {"id": 1, "rawId": 1, "type": "public-key", "response": 1},
        {"id": "", "rawId": "", "type": "public-key", "response": {"clientDataJSON": "e30", "attestationObject": ""}},
    ],
    ids=json.dumps,
)
def test_what_is_no_credential_is_a_bad_parameter(ada: Owner, credential: object) -> None:
    """Nothing that is not a RegistrationResponseJSON leads to more than that sentence."""
    ada.start()
    body = {"AccessToken": ada.access_token, "Credential": credential}
    status, answer = ada.world.call("CompleteWebAuthnRegistration", body)
    assert status == 400
    assert answer["__type"] == "InvalidParameterException"


def test_a_key_that_somebody_has_is_not_registered_again(ada: Owner) -> None:
    """Neither by another user of the pool nor by its owner; in another pool it is a key like any other."""
    ada.register()
    bob = owner(ada.client, "bob")
    taken = ("InvalidParameterException", "The passkey is registered already.")
    for user in (ada, bob):
        assert refused(partial(user.register, ada.authenticator)) == taken
    assert bob.listed() == []

    owner(passkey_client(passkey_pool(ada.world))).register(ada.authenticator)


def test_a_user_has_at_most_twenty(ada: Owner) -> None:
    """The twenty-first is refused at its start, and at its completion where it was started as the twentieth."""
    for _ in range(19):
        ada.register(Authenticator())
    early = ada.start()
    ada.complete(Authenticator().create(early))
    full = ("LimitExceededException", "The user has 20 passkeys, which is the limit.")
    assert refused(ada.start) == full

    removed = ada.listed()[0]["CredentialId"]
    ada.delete(removed)
    options = ada.start()
    sql = (
        "INSERT INTO passkeys (pool_id, credential_id, user_id, public_key, sign_count, details, created_at) "
        "VALUES ($1, $2, $3, $4, 0, $5, 0)"
    )
    row = (ada.client.pool.pool_id, "elsewhere", ada.sub, b"", '{"relying_party":"localhost"}')
    ada.world.run(lambda: ada.world.house.db.execute(sql, *row))
    assert refused(lambda: ada.complete(Authenticator().create(options))) == full
    assert len(ada.listed()) == 20


def test_the_list_comes_in_pages_in_the_order_of_registration(ada: Owner) -> None:
    """Three pages of seven keys, each once; a token serves its own user alone."""
    made = []
    for _ in range(7):
        made.append(ada.register(Authenticator()).id)
        ada.world.clock.advance(1)
    bob = owner(ada.client, "bob")
    page = partial(ada.world.unsigned.list_web_authn_credentials, AccessToken=ada.access_token, MaxResults=3)

    found, answer = [], page()
    token = answer["NextToken"]
    found += answer["Credentials"]
    while "NextToken" in answer:
        answer = page(NextToken=answer["NextToken"])
        found += answer["Credentials"]
    assert [one["CredentialId"] for one in found] == made
    assert len(ada.listed(MaxResults=0)) == 7
    assert refused_as_no_marker(lambda: bob.listed(NextToken=token))


def test_nobody_deletes_the_passkey_of_another(ada: Owner) -> None:
    """For anybody else it is not there; its owner deletes it once, and may register it anew."""
    key = ada.register()
    bob = owner(ada.client, "bob")
    gone = ("ResourceNotFoundException", "The passkey does not exist.")

    assert refused(lambda: bob.delete(key.id)) == gone
    ada.delete(key.id)
    assert refused(lambda: ada.delete(key.id)) == gone
    assert ada.listed() == []
    ada.register()


def test_passkeys_go_with_their_user_and_challenges_with_a_password(ada: Owner) -> None:
    """A deleted user leaves no key behind; a challenge that was begun before a password change is void (attacks.md 41)."""
    options = ada.start()
    ada.client.pool.admin("admin_set_user_password", "ada", Password="Other-water-9", Permanent=True)
    token = ada.client.tokens("ada", "Other-water-9")["AccessToken"]
    again = replace(ada, access_token=token)
    assert refused(lambda: again.complete(ada.authenticator.create(options))) == NOT_FOUND

    again.register()
    ada.world.unsigned.delete_user(AccessToken=token)
    pool_id = ada.client.pool.pool_id
    assert ada.world.rows("SELECT credential_id FROM passkeys WHERE pool_id = $1", pool_id) == []


def test_a_key_of_another_relying_party_is_shown_and_does_not_serve(world: World) -> None:
    """After the pool's name has changed the old key can be deleted; no browser would find it."""
    ada = with_passkey(world)
    configure(ada.client.pool, relying_party=OTHER_PARTY)

    assert [one["RelyingPartyId"] for one in ada.listed()] == ["localhost"]
    assert ada.start()["excludeCredentials"] == []
    assert refused(lambda: ada.register(Authenticator(origin=ORIGIN))) == ORIGIN_REFUSED
    ada.register(Authenticator(origin=f"https://{OTHER_PARTY}"))
