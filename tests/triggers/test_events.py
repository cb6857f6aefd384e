"""What exactly do functions hear? Every event against its snapshot, no secret in any, and all of them typed by `tsc`."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from poolkeeper.triggers.events import sdk_version, told_attributes
from triggers.stage import (
    CODE_CIPHERTEXT,
    GHOST,
    PASSWORD,
    SOURCES,
    USER,
    Function,
    Source,
    client_with,
    define,
    pool_with,
    pre_authentication,
    run,
    source,
)

SNAPSHOT: Mapping[str, Any] = json.loads((Path(__file__).parent / "events.json").read_text())
ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "node_modules"
EVENTS = {one.name: one.event() for one in SOURCES}


@pytest.mark.parametrize("one", SOURCES, ids=lambda one: one.name)
def test_an_event_is_its_snapshot(one: Source) -> None:
    """Every member of every event, and none besides (userpools.md 6.1)."""
    assert EVENTS[one.name] == SNAPSHOT[one.name]


def test_every_snapshot_is_an_event() -> None:
    """No trigger source went missing."""
    assert EVENTS.keys() == SNAPSHOT.keys()


@pytest.mark.parametrize("one", SOURCES, ids=lambda one: one.name)
def test_no_event_tells_a_secret(one: Source) -> None:
    """The password goes to UserMigration_Authentication alone, the code to custom senders and wrapped (attacks.md 142)."""
    told = json.dumps(EVENTS[one.name])
    assert (PASSWORD in told) == (one.name == "UserMigration_Authentication")
    assert CODE_CIPHERTEXT.decode() not in told
    assert USER.credential is not None
    for secret in (USER.credential.password_hash, "verifier", "salt", "s" * 32):
        assert secret not in told


def test_userNotFound_is_told_where_existence_is_hidden_alone() -> None:  # noqa: N802 - the member's own name
    """A client in LEGACY mode has the key in no event, and nobody hears of a ghost there."""
    function = Function()
    run(pre_authentication, function, client=client_with(hides_existence=False))
    assert "userNotFound" not in function.event["request"]
    ghost = Function()
    legacy = client_with(hides_existence=False)
    run(lambda call, pool, client: pre_authentication(call, pool, client, GHOST), ghost, client=legacy)
    assert ghost.heard == []


def test_a_ghost_has_no_attributes_but_its_name() -> None:
    """A handler of DefineAuthChallenge learns that nobody is there, as AWS tells it."""
    function = Function()
    run(lambda call, pool, client: define(call, pool, client, GHOST), function)
    assert function.event["userName"] == "nobody"
    assert function.event["request"]["userAttributes"] == {}
    assert function.event["request"]["userNotFound"] is True


@pytest.mark.parametrize("name", [name for name in SNAPSHOT if "Sender_" not in name])
def test_without_a_trigger_nobody_is_asked(name: str) -> None:
    """A pool without triggers calls nothing; a challenge that must be asked for says that it cannot be."""
    function = Function()
    pool = pool_with(triggers=False)
    if "AuthChallenge" in name:
        with pytest.raises(Exception, match=r"^Custom auth lambda trigger is not configured"):
            run(source(name), function, pool=pool)
    else:
        run(source(name), function, pool=pool)
    assert function.heard == []


def test_only_version_three_hears_of_machines() -> None:
    """Client credentials reach a V3_0 trigger alone (userpools.md 4.1)."""
    for version in ("V1_0", "V2_0"):
        function = Function()
        assert run(source("TokenGeneration_ClientCredentials-V3"), function, pool=pool_with(version=version)) is None
        assert function.heard == []


def test_sign_in_names_are_told_as_aliases() -> None:
    """A verified alias, or what UsernameAttributes make the sign-in name; nothing in a pool that knows user names alone."""
    unverified = replace(USER, attributes={"sub": USER.sub, "email": "ada@example.com", "email_verified": "false"})
    for settings, user, told in (
        ({"AliasAttributes": ["email"]}, USER, True),
        ({"AliasAttributes": ["email"]}, unverified, False),
        ({"AliasAttributes": ["phone_number"]}, USER, False),
        ({"AliasAttributes": [], "UsernameAttributes": ["email"]}, unverified, True),
        ({"AliasAttributes": []}, USER, False),
    ):
        attributes = told_attributes(pool_with(**settings), user)
        assert ("cognito:email_alias" in attributes) == told, settings


@pytest.mark.parametrize(
    ("user_agent", "told"),
    [
        ("aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js", "aws-sdk-js-3.1169.0"),
        ("aws-sdk-java/1.11.900 Linux/5.4", "aws-sdk-java-1.11.900"),
        ("Boto3/1.44.5 md/Botocore#1.44.5", "aws-sdk-unknown-unknown"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "aws-sdk-unknown-unknown"),
        ("", "aws-sdk-unknown-unknown"),
        ('aws-sdk-js/3.1"}\n,{"x":', "aws-sdk-unknown-unknown"),
        ("aws-sdk-" + "a" * 5_000 + "/1", "aws-sdk-unknown-unknown"),
    ],
)
def test_the_sdk_is_read_from_the_user_agent(user_agent: str, told: str) -> None:
    """As far as it is written there; what is not an SDK's name stays out of the event."""
    assert sdk_version(user_agent) == told


# Which type of @types/aws-lambda an event is; the longest beginning counts. None of them types a response that is filled
# in with nulls, but for CustomMessage, so the others are compared without it.
TYPES: Mapping[str, str] = {
    "PreSignUp_": "PreSignUpTriggerEvent",
    "PostConfirmation_": "PostConfirmationTriggerEvent",
    "PreAuthentication_": "PreAuthenticationTriggerEvent",
    "PostAuthentication_": "PostAuthenticationTriggerEvent",
    "DefineAuthChallenge_": "Unanswered<DefineAuthChallengeTriggerEvent>",
    "CreateAuthChallenge_": "Unanswered<CreateAuthChallengeTriggerEvent>",
    "VerifyAuthChallengeResponse_": "Unanswered<VerifyAuthChallengeResponseTriggerEvent>",
    "TokenGeneration_": "Unanswered<PreTokenGenerationTriggerEvent>",
    "UserMigration_": "Unanswered<UserMigrationTriggerEvent>",
    "CustomMessage_": "CustomMessageTriggerEvent",
    "CustomEmailSender_": "CustomEmailSenderTriggerEvent",
    "CustomSMSSender_": "CustomSMSSenderTriggerEvent",
    "InboundFederation_": "InboundFederationTriggerEvent",
}


def typed(name: str, event: Mapping[str, Any]) -> str:
    """Return an event as a typed constant, brought to where the types are known to differ from the service."""
    kind = next(kind for beginning, kind in TYPES.items() if name.startswith(beginning))
    request = dict(event["request"])
    if name.endswith("-V2"):
        kind = "Unanswered<PreTokenGenerationV2TriggerEvent>"
    if name.endswith("-V3"):
        # V3 lists ClientCredentials alone; the events of users are those of V2.
        of_machine = name.startswith("TokenGeneration_ClientCredentials")
        kind = f"Unanswered<PreTokenGenerationV{3 if of_machine else 2}TriggerEvent>"
    if request.get("groupConfiguration", {}) is None:
        request["groupConfiguration"] = {}  # A machine is in no group, which the service says by null.
    if request.get("validationData", {}) is None:
        del request["validationData"]  # Typed as absent where none was sent.
    if "session" in request:  # Typed as absent where a challenge has none.
        request["session"] = [
            {key: value for key, value in turn.items() if key != "challengeMetadata" or value is not None}
            for turn in request["session"]
        ]
    if name == "UserMigration_ForgotPassword":
        request["password"] = ""  # Typed as always there; nobody typed one.
    if name.startswith("UserMigration_"):
        del request["userAttributes"]  # Typed as absent; the service says null of nobody yet.
    told = {**event, "request": request}
    if kind.startswith("Unanswered"):
        del told["response"]
    return f"export const {name.replace('-', '_')}: {kind} = {json.dumps(told)};"


def compiled(folder: Path, constants: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `tsc` over typed constants."""
    kinds = sorted({kind.removeprefix("Unanswered<").removesuffix(">") for kind in TYPES.values()})
    kinds += ["PreTokenGenerationV2TriggerEvent", "PreTokenGenerationV3TriggerEvent"]
    (folder / "events.ts").write_text(
        "\n".join(
            [
                f'import type {{ {", ".join(kinds)} }} from "aws-lambda";',
                'type Unanswered<E> = E extends unknown ? Omit<E, "response"> : never;',
                *constants,
            ]
        )
    )
    options = {
        "noEmit": True,
        "strict": True,
        "skipLibCheck": True,  # What the types say of streams needs the types of Node, which nothing here speaks of.
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
        "paths": {"aws-lambda": [str(NODE_MODULES / "@types" / "aws-lambda" / "index.d.ts")]},
    }
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["events.ts"]}))
    return subprocess.run(
        [NODE_MODULES / ".bin" / "tsc", "--project", folder], capture_output=True, text=True, timeout=120, check=False
    )


def test_every_event_is_of_its_type(tmp_path: Path) -> None:
    """What handlers in TypeScript are written against fits, but for the differences that `typed` names."""
    done = compiled(tmp_path, [typed(name, event) for name, event in EVENTS.items()])
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("member", ["userPoolId", "callerContext", "request"])
def test_an_event_without_a_member_is_not_of_its_type(tmp_path: Path, member: str) -> None:
    """The compiler would see it."""
    event = {key: value for key, value in EVENTS["PostAuthentication_Authentication"].items() if key != member}
    event.setdefault("request", {"userAttributes": {}})
    done = compiled(tmp_path, [typed("PostAuthentication_Authentication", event)])
    assert done.returncode != 0
