"""How do tests sign in by choice and by a pool's own challenges, in a pool that was made for neither? Every way, by name."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.passkeys import Owner, configure
from api.people import listed
from api.pools_code import TRIGGERS, Code, answer, ask, prove_password, running_code
from api.software_authenticator import Authenticator
from api.world import FLOWS, PASSWORD, SMS, ClientOfTests

ALLOWED = [*FLOWS, "ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"]
# Without the one that passwords ask too: nobody answers it while a user is brought into a state.
_CHALLENGES = {name: arn for name, arn in TRIGGERS.items() if name != "PreAuthentication"}
_POLICY = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]}}


def opened(client: ClientOfTests) -> ClientOfTests:
    """Set a pool to have its own challenges and codes as first factors, and let its client use them."""
    world, place = client.world, {"UserPoolId": client.pool.pool_id}
    world.signed.update_user_pool(**place, Policies=_POLICY, LambdaConfig=_CHALLENGES, SmsConfiguration=SMS)
    configure(client.pool)
    more = {"ExplicitAuthFlows": ALLOWED, "PreventUserExistenceErrors": "ENABLED"}
    world.signed.update_user_pool_client(**place, ClientId=client.client_id, **more)
    return client


def custom(client: ClientOfTests, name: str) -> dict[str, Any]:
    """Begin CUSTOM_AUTH and answer right."""
    with pytest.MonkeyPatch.context() as patched, running_code(client.world, patched, Code()):
        return answer(client, ask(client, name), name=name)


def custom_after_password(client: ClientOfTests, name: str) -> dict[str, Any]:
    """Begin CUSTOM_AUTH, prove the password by SRP and answer right, unless something else is asked in between."""
    with pytest.MonkeyPatch.context() as patched, running_code(client.world, patched, Code()):
        asked = prove_password(client, name)
        return answer(client, asked["Session"], name=name) if asked["ChallengeName"] == "CUSTOM_CHALLENGE" else asked


def riddle(client: ClientOfTests, name: str) -> str:
    """Begin CUSTOM_AUTH; return the Session of its question."""
    with pytest.MonkeyPatch.context() as patched, running_code(client.world, patched, Code()):
        return ask(client, name)


def solved(client: ClientOfTests, name: str, session: str) -> dict[str, Any]:
    """Answer the question right."""
    with pytest.MonkeyPatch.context() as patched, running_code(client.world, patched, Code()):
        return answer(client, session, name=name)


def by_password(client: ClientOfTests, name: str) -> dict[str, Any]:
    """Sign in by USER_AUTH with the password."""
    return client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD)


def by_srp(client: ClientOfTests, name: str) -> dict[str, Any]:
    """Sign in by USER_AUTH with SRP."""
    user = AWSSRP(name, PASSWORD, client.pool.pool_id, client.client_id, client=client.world.unsigned)
    given = user.get_auth_params()
    begun = client.initiate("USER_AUTH", PREFERRED_CHALLENGE="PASSWORD_SRP", **given)
    proof = user.process_challenge(begun["ChallengeParameters"], given)
    return client.respond("PASSWORD_VERIFIER", **proof)


def choice(client: ClientOfTests, name: str) -> str:
    """Begin USER_AUTH; return the Session of the choice."""
    return str(client.initiate("USER_AUTH", USERNAME=name)["Session"])


def chosen(client: ClientOfTests, name: str, session: str) -> dict[str, Any]:
    """Choose the password and give it."""
    return client.respond("SELECT_CHALLENGE", session, USERNAME=name, ANSWER="PASSWORD", PASSWORD=PASSWORD)


def password_asked(client: ClientOfTests, name: str) -> str:
    """Choose the password; return the Session of the question for it."""
    return str(client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="PASSWORD")["Session"])


def password_given(client: ClientOfTests, name: str, session: str) -> dict[str, Any]:
    """Give the password that was asked for."""
    return client.respond("PASSWORD", session, USERNAME=name, PASSWORD=PASSWORD)


def srp_asked(client: ClientOfTests, name: str) -> str:
    """Choose SRP; return the Session of the question for its public value."""
    return str(client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="PASSWORD_SRP")["Session"])


def srp_given(client: ClientOfTests, name: str, session: str) -> dict[str, Any]:
    """Give the public value that was asked for, and the proof."""
    user = AWSSRP(name, PASSWORD, client.pool.pool_id, client.client_id, client=client.world.unsigned)
    given = user.get_auth_params()
    begun = client.respond("PASSWORD_SRP", session, **given)
    return client.respond("PASSWORD_VERIFIER", **user.process_challenge(begun["ChallengeParameters"], given))


def code_sent(client: ClientOfTests, name: str) -> str:
    """Give a user an address and have a code sent there; return the Session and the code, a blank between."""
    return _sent(client, name, "EMAIL_OTP", "email", f"{name}@x.example")


def text_sent(client: ClientOfTests, name: str) -> str:
    """Give a user a number and have a code sent there; return the Session and the code, a blank between."""
    digits = int.from_bytes(f"{client.pool.pool_id}{name}".encode()) % 10**7
    return _sent(client, name, "SMS_OTP", "phone_number", f"+1555{digits:07}")


def _sent(client: ClientOfTests, name: str, challenge: str, attribute: str, address: str) -> str:
    client.pool.admin("admin_update_user_attributes", name, UserAttributes=listed({attribute: address}))
    begun = client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE=challenge)
    return f"{begun['Session']} {client.world.code(address)}"


def code_given(client: ClientOfTests, name: str, held: str) -> dict[str, Any]:
    """Answer with the code."""
    session, _, code = held.partition(" ")
    return client.respond("EMAIL_OTP", session, USERNAME=name, EMAIL_OTP_CODE=code)


def text_given(client: ClientOfTests, name: str, held: str) -> dict[str, Any]:
    """Answer with the code that came by text message."""
    session, _, code = held.partition(" ")
    return client.respond("SMS_OTP", session, USERNAME=name, SMS_OTP_CODE=code)


def key_used(client: ClientOfTests, name: str) -> str:
    """Register a passkey and use it; return the assertion and the Session that asked for it, a blank between."""
    owner = Owner(client, name, "", client.tokens(name)["AccessToken"], Authenticator())
    owner.register()
    options, session = owner.challenged()
    return f"{json.dumps(owner.authenticator.get(options), separators=(',', ':'))} {session}"


def key_given(client: ClientOfTests, name: str, held: str) -> dict[str, Any]:
    """Answer with the assertion."""
    credential, _, session = held.rpartition(" ")
    return client.respond("WEB_AUTHN", session, USERNAME=name, CREDENTIAL=credential)


def nobody_with_a_password(client: ClientOfTests) -> str:
    """Return a name that nobody has and that may begin by a password: one of four may not."""
    ask = partial(opened(client).initiate, "USER_AUTH", PREFERRED_CHALLENGE="PASSWORD")
    names = (f"nobody-{number}" for number in range(100))
    return next(name for name in names if ask(USERNAME=name)["ChallengeName"] == "PASSWORD")


def nobody_like(client: ClientOfTests, name: str, *others: str) -> str:
    """Return which of some names that nobody has is offered what a user is; what a ghost has is a guess for each."""
    offers = {one: client.initiate("USER_AUTH", USERNAME=one).get("AvailableChallenges") for one in (name, *others)}
    return next(one for one in others if offers[one] == offers[name])


Begin = Callable[[ClientOfTests, str], str]
Finish = Callable[[ClientOfTests, str, str], dict[str, Any]]
# Every way: what is obtained while all is well, and what is sent then.
WAYS: Mapping[str, tuple[Begin, Finish]] = {
    "CUSTOM_AUTH": (lambda _, __: "", lambda client, name, _: custom(client, name)),
    "CUSTOM_AUTH, password first": (lambda _, __: "", lambda client, name, _: custom_after_password(client, name)),
    "CUSTOM_CHALLENGE": (riddle, solved),
    "USER_AUTH, PASSWORD": (lambda _, __: "", lambda client, name, _: by_password(client, name)),
    "USER_AUTH, PASSWORD_SRP": (lambda _, __: "", lambda client, name, _: by_srp(client, name)),
    "SELECT_CHALLENGE": (choice, chosen),
    "PASSWORD": (password_asked, password_given),
    "PASSWORD_SRP": (srp_asked, srp_given),
    "EMAIL_OTP, first": (code_sent, code_given),
    "SMS_OTP": (text_sent, text_given),
    "WEB_AUTHN": (key_used, key_given),
}
