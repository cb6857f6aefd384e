"""Sign-in names: one namespace a pool, one fold, the same on both engines; names move with attributes and are free after."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from api.people import held, listed, update, verify
from api.signing_in import SOME_A
from api.world import FLOWS, PASSWORD, ClientOfTests, World, refused
from poolkeeper.model import names
from poolkeeper.model.names import can_be_name, fold, fold_beginning, stream_safe, visible

INSENSITIVE = {"UsernameConfiguration": {"CaseSensitive": False}}
SENSITIVE = {"UsernameConfiguration": {"CaseSensitive": True}}
TAKEN = ("UsernameExistsException", "User already exists")
WRONG = ("NotAuthorizedException", "Incorrect username or password.")
ALIAS_TAKEN = ("AliasExistsException", "An account with the email already exists.")
# Spellings that are one name where case does not count, and different ones where it does: KELVIN SIGN, full width,
# a ligature, sharp s, a dotted capital I, a Greek final sigma, composed and decomposed accents (attacks.md 14).
LOOK_ALIKES = [
    ("Bob", "bob"),
    ("\u212aarl", "karl"),
    ("\uff41dmin", "admin"),
    ("\ufb01ona", "fiona"),
    ("stra\u00dfe", "STRASSE"),
    ("\u0130pek", "i\u0307pek"),
    ("\u03bf\u03b4\u03cc\u03c2", "\u039f\u0394\u038c\u03a3"),
]


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_look_alikes_are_one_name_where_case_does_not_count(world: World, one: str, other: str) -> None:
    """The second spelling cannot be taken, and finds the user of the first at every door (attacks.md 13, 14)."""
    pool = world.pool(**INSENSITIVE)
    client = pool.client()
    pool.user(one)

    assert refused(lambda: client.sign_up(other)) == TAKEN
    assert refused(lambda: pool.user(other)) == ("UsernameExistsException", "User account already exists")
    assert client.tokens(other)["AccessToken"]
    assert pool.admin("admin_get_user", other)["Username"] == one, "shown as it was typed first"


@pytest.mark.parametrize(("one", "other"), LOOK_ALIKES)
def test_look_alikes_are_two_names_where_case_counts(world: World, one: str, other: str) -> None:
    """Each spelling is a user of its own, found by that spelling alone (attacks.md 13)."""
    pool = world.pool(**SENSITIVE)
    subs = pool.user(one), pool.user(other)
    found = [pool.admin("admin_get_user", name)["UserAttributes"][0]["Value"] for name in (one, other)]
    assert found == list(subs)
    assert subs[0] != subs[1]


@pytest.mark.parametrize("configuration", [SENSITIVE, INSENSITIVE], ids=["case counts", "case does not"])
def test_composed_and_decomposed_accents_are_one_name_everywhere(
    world: World, configuration: dict[str, object]
) -> None:
    """A keyboard that composes and one that does not sign the same user in."""
    pool = world.pool(**configuration)
    composed = "ren\u00e9e"
    pool.user(composed)
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert refused(lambda: pool.client().sign_up(decomposed)) == TAKEN
    assert pool.client().tokens(decomposed)["AccessToken"]


NAMES = st.text(st.characters(categories=("L", "M", "S", "N", "P")), min_size=1, max_size=12)
SWAPS = [
    str.upper,
    str.lower,
    str.casefold,
    str.swapcase,
    lambda text: unicodedata.normalize("NFKC", text),
    lambda text: unicodedata.normalize("NFD", text),
]


@given(name=NAMES, swap=st.sampled_from(SWAPS))
def test_the_fold_is_stable(name: str, swap: object) -> None:
    """Folding twice is folding once, and a sensitive pool's key is never coarser than an insensitive one's."""
    assert callable(swap)
    for case_sensitive in (True, False):
        once = fold(name, case_sensitive=case_sensitive)
        assert fold(once, case_sensitive=case_sensitive) == once
    other = swap(name)
    if fold(name, case_sensitive=True) == fold(other, case_sensitive=True):
        assert fold(name, case_sensitive=False) == fold(other, case_sensitive=False)


@given(name=NAMES)
def test_case_never_makes_another_name(name: str) -> None:
    """The case-folded spelling of a name is the name, and so are its compositions and decompositions."""
    compatible = unicodedata.normalize("NFKC", name)
    # Folded before it is composed, the Greek iota subscript would become a letter of its own.
    for other in (compatible, compatible.casefold(), unicodedata.normalize("NFD", name)):
        assert fold(other, case_sensitive=False) == fold(name, case_sensitive=False)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, swap=st.sampled_from(SWAPS))
def test_names_of_one_key_belong_to_one_user(world: World, name: str, swap: object) -> None:
    """For any two spellings of equal key the second sign-up fails, whatever the engine thinks of case (attacks.md 14)."""
    assert callable(swap)
    other = swap(name)
    assume(len(other) <= 128 and visible(other))
    assume(fold(name, case_sensitive=False) == fold(other, case_sensitive=False))
    client = world.pool(**INSENSITIVE).client()
    client.sign_up(name)
    assert refused(lambda: client.sign_up(other)) == TAKEN


def test_mail_goes_to_the_stored_address_and_not_to_its_look_alike(world: World) -> None:
    """Whoever types a spelling of his own of somebody's address does not receive that user's code (attacks.md 14)."""
    pool = world.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], **INSENSITIVE)
    stored, typed = "mike@kelvin.example", "mi\u212ae@\u212aelvin.example"
    pool.user(stored, email_verified="true")
    client = pool.client()

    world.unsigned.forgot_password(ClientId=client.client_id, Username=typed)
    assert [one["kind"] for one in world.outbox(stored)] == ["ForgotPassword"]
    assert world.outbox(typed) == []


BAD_NAMES = {
    "zero width space": "ad\u200bmin",
    "right-to-left override": "ad\u202emin",
    "tab": "ad\tmin",
    "line end": "admin\n",
    "leading space": " admin",
    "trailing space": "admin ",
    "no-break space": "ad\u00a0min",
    "129 characters": "a" * 129,
}


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_name_is_made_of_what_can_be_seen(world: World, name: str) -> None:
    """Letters, marks, symbols, numbers and punctuation, 128 at most: all else is refused at every door (attacks.md 15)."""
    pool = world.pool()
    client = pool.client()
    for attempt in (lambda: client.sign_up(name), lambda: pool.user(name)):
        error, sentence = refused(attempt)
        assert error == "InvalidParameterException"
        assert "validation error detected" in sentence
        assert "username" in sentence


@pytest.mark.parametrize("name", [b"ad\\u0000min", b"ad\\ud800min", b"\\udc00"], ids=["NUL", "half", "other half"])
def test_what_no_database_holds_is_refused_at_the_border(world: World, name: bytes) -> None:
    """NUL and lone surrogates end before anything is looked up (attacks.md 15)."""
    client = world.pool().client()
    body = b'{"ClientId":"%s","Username":"%s","Password":"%s"}' % (client.client_id.encode(), name, PASSWORD.encode())
    status, answer = world.call("SignUp", body)
    assert status == 400
    assert answer["__type"] in {"InvalidParameterException", "SerializationException"}


def test_an_alias_that_cannot_be_seen_is_none(world: World) -> None:
    """preferred_username is a sign-in name there, so it is held to a username's form, and never to an address's."""
    pool = world.pool(AliasAttributes=["email", "preferred_username"])
    pool.user("ada")
    token = pool.client().tokens("ada")["AccessToken"]
    for value in ("ad\u200bmin", "ada lovelace", "victim@one.example"):
        error, sentence = refused(partial(update, world, token, {"preferred_username": value}))
        assert error == "InvalidParameterException"
        assert sentence.startswith("preferred_username ")
    assert held(pool, "ada") == {}


def test_nobody_is_called_like_another_users_sub_or_address(world: World) -> None:
    """A username or alias that somebody else answers to already is refused, in whatever role he does (attacks.md 22)."""
    pool = world.pool(AliasAttributes=["email", "preferred_username"], **INSENSITIVE)
    client = pool.client()
    sub = pool.user("ada", email="ada@one.example", email_verified="true", preferred_username="countess")
    pool.user("eve")
    token = client.tokens("eve")["AccessToken"]

    assert refused(lambda: client.sign_up(sub.upper())) == TAKEN
    assert refused(lambda: client.sign_up("Countess")) == TAKEN
    assert refused(lambda: client.sign_up("ada@one.example")) == (
        "InvalidParameterException",
        "Username cannot be of email format, since user pool is configured for email alias.",
    )
    for value in (sub, "ADA", "countess"):
        refusal = refused(partial(update, world, token, {"preferred_username": value}))
        assert refusal == ("AliasExistsException", "An account with the preferred_username already exists.")
    assert client.tokens("ada@one.example")["AccessToken"]
    assert client.sign_up("00000000-0000-4000-8000-000000000000")["UserSub"], "AWS advises names of a UUID's form"


def test_a_username_pool_has_names_of_any_form(world: World) -> None:
    """Without aliases an e-mail address is a username like another, and attributes sign nobody in."""
    pool = world.pool()
    client = pool.client()
    pool.user("ada@one.example")
    pool.user("bob", email="ada@one.example", email_verified="true", preferred_username="robert")
    assert client.tokens("ada@one.example")["AccessToken"]
    assert refused(lambda: client.sign_in("robert")) == WRONG


def test_an_alias_signs_in_once_it_is_verified(world: World) -> None:
    """Verified by a code: the alias is claimed; changed: it is lost until the new one is proved (userpools.md 5.3)."""
    pool = world.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    client = pool.client()
    pool.user("ada")
    token = client.tokens("ada")["AccessToken"]

    update(world, token, {"email": "ada@alias.example"})
    assert refused(lambda: client.sign_in("ada@alias.example")) == WRONG
    verify(world, token, "email", world.code("ada@alias.example"))
    assert client.tokens("ada@alias.example")["AccessToken"]

    update(world, token, {"email": "ada@other-alias.example"})
    for name in ("ada@alias.example", "ada@other-alias.example"):
        assert refused(partial(client.sign_in, name)) == WRONG
    verify(world, token, "email", world.code("ada@other-alias.example"))
    assert client.tokens("ada@other-alias.example")["AccessToken"]

    world.unsigned.delete_user_attributes(AccessToken=token, UserAttributeNames=["email"])
    assert refused(lambda: client.sign_in("ada@other-alias.example")) == WRONG
    assert client.tokens("ada")["AccessToken"]


def test_an_alias_belongs_to_whoever_proved_it_first(world: World) -> None:
    """Two users may write the same address, one alone signs in by it; the code of the other stays unspent."""
    shared = "family@shared.example"
    pool = world.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    client = pool.client()
    for name in ("ada", "bob"):
        pool.user(name)
    tokens = {name: client.tokens(name)["AccessToken"] for name in ("ada", "bob")}

    update(world, tokens["bob"], {"email": shared})
    first = world.code(shared)
    world.clock.advance(1000)
    update(world, tokens["ada"], {"email": shared})
    verify(world, tokens["ada"], "email", world.code(shared))
    assert refused(lambda: verify(world, tokens["bob"], "email", first)) == ALIAS_TAKEN
    mark = partial(pool.admin, "admin_update_user_attributes", "bob")
    assert refused(lambda: mark(UserAttributes=listed({"email_verified": "true"}))) == ALIAS_TAKEN
    assert held(pool, "bob")["email_verified"] == "false"

    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed({"email_verified": "false"}))
    verify(world, tokens["bob"], "email", first)
    assert pool.admin("admin_get_user", shared)["Username"] == "bob"


def test_an_address_as_username_moves_when_it_changes(world: World) -> None:
    """Verified or not the new address signs in and the old one is free; the sub does too (userpools.md 5.3)."""
    old, new = "ada@first.example", "ada@second.example"
    pool = world.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])
    client = pool.client()
    sub = pool.user(old)
    token = client.tokens(old)["AccessToken"]
    pool.user("bob@taken.example")

    assert refused(lambda: update(world, token, {"email": "bob@taken.example"})) == ALIAS_TAKEN
    update(world, token, {"email": new})
    assert client.tokens(new)["AccessToken"]
    assert client.tokens(sub)["AccessToken"]
    assert refused(lambda: client.sign_in(old)) == WRONG
    assert pool.admin("admin_get_user", new)["Username"] == sub
    assert client.sign_up(old)["UserSub"] != sub


def test_case_alone_does_not_move_a_name(world: World) -> None:
    """Another spelling of one's own address is stored as typed and stays the same name."""
    pool = world.pool(UsernameAttributes=["email"], **INSENSITIVE)
    client = pool.client()
    pool.user("ada@case.example")
    token = client.tokens("ada@case.example")["AccessToken"]
    update(world, token, {"email": "Ada@Case.Example"})
    assert held(pool, "ADA@CASE.EXAMPLE")["email"] == "Ada@Case.Example"
    assert client.tokens("ada@case.example")["AccessToken"]
    assert refused(lambda: client.sign_up("ada@CASE.example"))[0] == "UsernameExistsException"


def test_a_preferred_username_signs_in_while_it_is_set(world: World) -> None:
    """It is claimed when set, moves when changed and is free when removed; at sign-up it is refused."""
    pool = world.pool(AliasAttributes=["preferred_username"])
    client = pool.client()
    pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    assert refused(lambda: client.sign_up("eve", preferred_username="countess")) == (
        "InvalidParameterException",
        "User cannot set preferred_username alias before confirmation",
    )
    update(world, token, {"preferred_username": "countess"})
    assert client.tokens("countess")["AccessToken"]
    update(world, token, {"preferred_username": "ada"})
    assert refused(lambda: client.sign_in("countess")) == WRONG
    update(world, token, {"preferred_username": "enchantress"})
    assert client.tokens("ada")["AccessToken"], "one's own username is not lost with the alias of the same name"
    world.unsigned.delete_user_attributes(AccessToken=token, UserAttributeNames=["preferred_username"])
    pool.user("bob", preferred_username="enchantress")
    assert pool.admin("admin_get_user", "enchantress")["Username"] == "bob"


ADDRESSES = ["one@walk.example", "two@walk.example", "ONE@walk.example"]
STEPS = st.one_of(
    st.fixed_dictionaries(
        {"email": st.sampled_from([*ADDRESSES, ""])}, optional={"email_verified": st.sampled_from(["true", "false"])}
    ),
    st.fixed_dictionaries({"email_verified": st.sampled_from(["true", "false"])}),
    st.fixed_dictionaries({"preferred_username": st.sampled_from(["countess", "Ada", "bob", "robert", ""])}),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(["ada", "bob"]), STEPS), min_size=4, max_size=10))
def test_names_are_what_the_attributes_say(world: World, steps: list[tuple[str, dict[str, str]]]) -> None:
    """After any walk of changes, refused ones among them, each user answers to what it has proved and to nothing else."""
    pool = world.pool(AliasAttributes=["email", "preferred_username"], **INSENSITIVE)
    subs = {name: pool.user(name) for name in ("ada", "bob")}
    for name, attributes in steps:
        with suppress(ClientError):
            pool.admin("admin_update_user_attributes", name, UserAttributes=listed(attributes))

    rows = world.rows("SELECT user_id, folded_value FROM aliases WHERE pool_id = $1", pool.pool_id)
    expected = set()
    for name, sub in subs.items():
        has = held(pool, name)
        answers = {sub, name, has.get("preferred_username", name).lower()}
        answers |= {has["email"].lower()} if has.get("email_verified") == "true" else set()
        expected |= {(sub, one) for one in answers}
    assert set(rows) == expected


@pytest.mark.parametrize("by", ["user", "administrator"])
def test_a_name_that_is_used_again_inherits_nothing(world: World, by: str) -> None:
    """Everything hangs on the sub: the next user of a name has no session, attribute or code of the last (attacks.md 33)."""
    remembers = {"PasswordPolicy": {"MinimumLength": 8, "PasswordHistorySize": 3}}
    pool = world.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"], Policies=remembers)
    client = pool.client()
    known = {"email": "ada@gone.example", "email_verified": "true", "nickname": "A"}
    first = pool.user("ada", password="Temporary-pass-1", permanent=False)
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed(known))
    pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=True)
    assert world.rows("SELECT user_id FROM password_history WHERE user_id = $1", first) == [(first,)]
    tokens = client.tokens("ada")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    code = world.outbox("ada@gone.example")[-1]["code"]
    for _ in range(3):
        refused(lambda: client.sign_in("ada", "Wrong-password-1"))

    if by == "user":
        world.unsigned.delete_user(AccessToken=tokens["AccessToken"])
    else:
        pool.admin("admin_delete_user", "ada")
    assert refused(lambda: pool.admin("admin_get_user", "ada")) == ("UserNotFoundException", "User does not exist.")
    for table in ("users", "aliases", "sessions", "password_history"):
        assert world.rows(f"SELECT user_id FROM {table} WHERE user_id = $1", first) == []
    for table in ("codes", "lockouts", "hourly"):
        assert world.rows(f"SELECT subject_id FROM {table} WHERE subject_id = $1", first) == []

    second = pool.user("ada", password=PASSWORD, permanent=False)
    assert second != first
    assert pool.admin("admin_get_user", "ada")["UserAttributes"] == listed({"sub": second})
    assert refused(lambda: world.unsigned.get_user(AccessToken=tokens["AccessToken"])) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
    )
    assert refused(lambda: client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])) == (
        "NotAuthorizedException",
        "Refresh Token has been revoked",
    )
    reset = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username="ada")
    error, _ = refused(lambda: reset(ConfirmationCode=code, Password="Stolen-pass-9"))
    assert error in {"ExpiredCodeException", "CodeMismatchException"}
    assert client.sign_in("ada")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_name_longer_than_an_index_takes_is_a_name(world: World) -> None:
    """An address of two thousand characters signs in, is nobody else's, and is told from one that differs at its end."""
    pool = world.pool(AliasAttributes=["email"])
    address = "".join(chr(0x4E00 + number * 7 % 0x5000) for number in range(1_900))
    for name, email in (("ada", f"{address}@a.example"), ("bob", f"{address}@b.example")):
        pool.user(name, email=email, email_verified="true")
    assert refused(lambda: pool.user("eve", email=f"{address}@a.example", email_verified="true"))[0] == (
        "AliasExistsException"
    )
    client = pool.client()
    signed_in = client.tokens(f"{address}@a.example")
    assert world.unsigned.get_user(AccessToken=signed_in["AccessToken"])["Username"] == "ada"


@pytest.mark.parametrize("flow", ["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "USER_AUTH"])
def test_a_name_longer_than_any_can_be_costs_nothing(world: World, flow: str) -> None:
    """A body may hold 20,000 of the sign that folds to eighteen: folding them takes long, and a Session would hold them."""
    client = world.pool().client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
    sent = {"USERNAME": "\ufdfa" * 20_000, "PASSWORD": PASSWORD, "SRP_A": SOME_A}
    assert refused(lambda: client.initiate(flow, **sent)) == (
        "InvalidParameterException",
        "Invalid length for USERNAME",
    )
    sent["USERNAME"], sent["DEVICE_KEY"] = "nobody", "x" * 100_000
    if flow == "USER_AUTH":
        assert len(client.initiate(flow, **sent)["Session"]) < 4_096


@dataclass
class Work:
    """How many signs of names were normalised. Single signs are looked up in a table that is kept."""

    signs: int = 0

    combining = staticmethod(unicodedata.combining)
    category = staticmethod(unicodedata.category)

    def normalize(self, form: Any, text: str) -> str:
        """Count, and do it."""
        self.signs += len(text) if len(text) > 1 else 0
        return unicodedata.normalize(form, text)


@contextmanager
def counted() -> Iterator[Work]:
    """Count the normalising of a block."""
    work = Work()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(names, "unicodedata", work)
        yield work


Door = Callable[[ClientOfTests, str], Any]


def _asked(operation: str, **more: str) -> Door:
    return lambda client, name: getattr(client.world.unsigned, operation)(
        ClientId=client.client_id, Username=name, **more
    )


def _administered(operation: str, **more: Any) -> Door:
    return lambda client, name: client.pool.admin(operation, name, **more)


def _begun(flow: str) -> Door:
    return lambda client, name: client.initiate(flow, USERNAME=name, PASSWORD=PASSWORD, SRP_A=SOME_A)


def _answered(challenge: str, **more: str) -> Door:
    return lambda client, name: client.respond(challenge, "A" * 40, USERNAME=name, **more)


# Every door at which a name is typed: those of the flows take one of any length, the model bounds the others.
FLOW_DOORS: Mapping[str, Door] = {
    "USER_PASSWORD_AUTH": _begun("USER_PASSWORD_AUTH"),
    "USER_SRP_AUTH": _begun("USER_SRP_AUTH"),
    "USER_AUTH": _begun("USER_AUTH"),
    "SMS_MFA": _answered("SMS_MFA", SMS_MFA_CODE="000000"),
    "SELECT_CHALLENGE": _answered("SELECT_CHALLENGE", ANSWER="PASSWORD", PASSWORD=PASSWORD),
}
DOORS: Mapping[str, Door] = {
    **FLOW_DOORS,
    "ForgotPassword": _asked("forgot_password"),
    "ConfirmForgotPassword": _asked("confirm_forgot_password", ConfirmationCode="000000", Password=PASSWORD),
    "ConfirmSignUp": _asked("confirm_sign_up", ConfirmationCode="000000"),
    "ResendConfirmationCode": _asked("resend_confirmation_code"),
    "AdminGetUser": _administered("admin_get_user"),
    "AdminDisableUser": _administered("admin_disable_user"),
    "AdminSetUserPassword": _administered("admin_set_user_password", Password=PASSWORD),
}
# Marks that are in the worst order, that only appear when a sign is taken apart, and more signs than a name has.
NO_NAMES = {
    "marks": "a" + "\u0301\u0316" * 1_020,
    "marks of four kinds": "a" + "\u0345" * 400 + "\u0301" * 400 + "\u0327" * 400 + "\u0334" * 440,
    "half-width marks": "\uff9e\u0301" * 500,
    "long": "\u00f1" * 129,
    "no address": "\ufdfa" * 2_000 + "@x",
    "an address of marks": "a" + "\u0301\u0316" * 500 + "@x.example",
}


def _answer(ask: Callable[[], Any]) -> tuple[str, str] | str:
    """Return what a door says, as far as it does not differ from call to call."""
    try:
        return str(ask().get("ChallengeName", "answered"))
    except ClientError as fault:
        return fault.response["Error"]["Code"], fault.response["Error"]["Message"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("known", [True, False], ids=["somebody", "nobody"])
def test_a_name_is_folded_once_a_request(world: World, door: str, *, known: bool) -> None:
    """Row 8: two passes over its signs, whatever is asked of the user or of nobody, and none for plain ASCII."""
    client = world.pool(**INSENSITIVE).client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
    name = "Ren\u00e9e" * 20
    if known:
        client.pool.user(name)
    with counted() as work:
        _answer(lambda: DOORS[door](client, name))
    assert work.signs == 2 * len(name)
    with counted() as work:
        _answer(lambda: DOORS[door](client, "renee"))
    assert work.signs == 0


@pytest.mark.parametrize("settings_of", [SENSITIVE, INSENSITIVE], ids=["case counts", "case does not"])
@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES)
def test_what_cannot_be_a_name_is_nobodys_and_not_folded(world: World, settings_of: dict[str, Any], name: str) -> None:
    """Row 8: it is answered as an unknown name is at every door of the flows, and nothing of it is normalised."""
    client = world.pool(**settings_of).client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
    legacy = client.pool.client(PreventUserExistenceErrors="LEGACY")
    for door, ask in FLOW_DOORS.items():
        with counted() as work:
            assert _answer(partial(ask, client, name)) == _answer(partial(ask, client, "nobody")), door
        assert work.signs == 0, door
    unknown = ("UserNotFoundException", "User does not exist.")
    assert refused(lambda: legacy.sign_in(name)) == unknown


def test_what_cannot_be_a_name_is_nobodys_wherever_the_model_lets_it_in(world: World) -> None:
    """Row 8: thirty-one marks in a row fit into 128 signs; administrators are told that there is nobody."""
    client = world.pool(**INSENSITIVE).client(ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"])
    name = "a" + "\u0316\u0301" * 15 + "\u0316"
    for door, ask in DOORS.items():
        with counted() as work:
            assert _answer(partial(ask, client, name)) == _answer(partial(ask, client, "nobody")), door
        assert work.signs == 0, door
    assert refused(lambda: client.pool.admin("admin_get_user", name))[0] == "UserNotFoundException"


def test_nobody_comes_to_be_called_what_cannot_be_a_name(world: World) -> None:
    """Row 8: refused as a username, an address and a preferred_username, whoever writes it; thirty marks are a name."""
    pool = world.pool(AliasAttributes=["email", "preferred_username"], **INSENSITIVE)
    client = pool.client()
    marks = "a" + "\u0301" * 31
    for attempt in (lambda: client.sign_up(marks), lambda: pool.user(marks)):
        assert refused(attempt) == (
            "InvalidParameterException",
            "Username cannot have more than 30 combining marks in a row.",
        )
    assert client.sign_up(marks[:-1])["UserSub"]

    pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    for attribute, value in (
        ("email", f"{marks}@x.example"),
        ("preferred_username", marks),
        ("preferred_username", "a" * 129),
    ):
        assert refused(partial(update, world, token, {attribute: value}))[0] == "InvalidParameterException"
    assert held(pool, "ada") == {}


def test_what_is_no_name_may_hold_any_marks(world: World) -> None:
    """Row 8: a name of two thousand marks in the worst order is kept and found; what is put in order comes in rows of thirty."""
    pool = world.pool(**INSENSITIVE)
    rows = []

    def normalize(form: Any, text: str) -> str:
        rows.append(max(map(len, "".join(" " if not unicodedata.combining(c) else "m" for c in text).split(" "))))
        return unicodedata.normalize(form, text)

    given = "a" + "\u0345" * 400 + "\u0301" * 400 + "\u0316" * 400 + "\u0334" * 440
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Work, "normalize", staticmethod(normalize))
        patched.setattr(names, "unicodedata", Work())
        pool.user("ada", given_name=given)
        found = world.signed.list_users(UserPoolId=pool.pool_id, Filter='given_name ^= "A\u0345"')["Users"]
    assert [one["Username"] for one in found] == ["ada"]
    assert 0 < max(rows) <= 30


@given(text=st.text(st.characters(categories=("L", "M", "S")), max_size=400), kept=st.integers(1, 64))
def test_the_beginning_of_a_fold_is_that_of_the_whole(text: str, kept: int) -> None:
    """What the index keeps of an attribute is what the whole of it would begin with."""
    for written in (text, "\ufdfa" * 40 + text, text + "\u0344\u0316" * 60 + text):
        whole = fold(stream_safe(written), case_sensitive=False)
        assert fold_beginning(written, kept=kept) == whole[:kept]
        assert can_be_name(stream_safe(written)[:128])
