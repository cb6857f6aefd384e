"""Do the operator's commands do what they say, beside a running server where there is one? On both engines."""

import base64
import hashlib
import json
import os
import re
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from messaging.postbox import Postbox, served
from poolkeeper.cli.grouped import GROUPS
from poolkeeper.cli.shared import NOT_FLAGS
from poolkeeper.settings import NAMES
from ports import free_ports
from server import program
from server.operating import KEY, KEY_ID, client_of, json_lines, new_pool, new_user, refused, sign_in
from server.program import Place, place, serving


def test_migrate_makes_the_tables_and_then_has_nothing_to_do(installed: Place) -> None:
    """The first run says what it applied, the second that there was nothing; the server then starts on it."""
    first, second = program.told(installed, "migrate"), program.told(installed, "migrate")

    assert first.startswith("Applied: 1")
    assert second.startswith("Nothing to do: ")
    with serving(installed):
        pass


def test_commands_work_before_the_first_start(installed: Place) -> None:
    """As README has it: sealing keys, tables, then whatever is wanted; the ring that a command used is the database's."""
    program.told(installed, "migrate")
    if not (ring := installed.data / "sealing.keys").exists():
        missing = program.run(installed, "keys", "list")
        assert (missing.returncode, "poolkeeper keys create-sealing" in missing.stderr) == (2, True)
        program.told(installed, "keys", "create-sealing", str(ring))

    made = program.told(installed, "keys", "create", "--policy", "AdministratorAccess")
    found = re.search(r"AWS_ACCESS_KEY_ID=(\S+)\nAWS_SECRET_ACCESS_KEY=(\S+)", made)
    assert found is not None
    assert found[1] in program.told(installed, "keys", "list")
    assert "BAD" not in program.told(installed, "doctor")
    program.told(installed, "keys", "rotate-sealing")
    with serving(installed):
        assert client_of(installed, "sts", key=(found[1], found[2])).get_caller_identity()["Account"]

    ring.rename(ring.with_name("own.keys"))
    program.told(installed, "keys", "create-sealing", str(ring))
    assert "does not hold the key" in program.run(installed, "doctor").stderr


def test_settings_tells_each_value_and_its_source_and_hides_secrets(tmp_path: Path) -> None:
    """A flag beats the environment, which beats the file, which beats the default."""
    where = place(tmp_path, smtp_password="hush-hush", region="eu-west-1", mail_from="environment@example.com")
    file = tmp_path / "poolkeeper.toml"
    file.write_text('region = "eu-west-2"\nsmtp_host = "mail.example.com"\nmail_from = "file@example.com"\n')

    told = program.told(where, "settings", "--config", str(file), "--mail-from", "flag@example.com")

    rows = {line.split()[0]: line.split(maxsplit=1)[1] for line in told.splitlines()}
    assert rows["mail_from"] == "flag@example.com  [flag]"
    assert rows["region"] == "eu-west-1  [environment]"
    assert rows["smtp_host"] == f"mail.example.com  [{file}]"
    assert rows["smtp_port"] == "587  [default]"
    assert rows["smtp_password"] == "(hidden)  [environment]"
    assert rows["base_url"] == f"(empty) (= {where.endpoint})  [default]"
    assert rows["database"] == f"(empty) (= {where.data / 'poolkeeper.sqlite3'})  [default]"
    assert rows["domain_by_client"] == "auto (= on)  [default]"
    assert rows["config"].startswith(f"{file}  [flag]")
    assert "hush-hush" not in told


def test_the_help_of_serve_shows_every_flag_in_one_group_with_its_default(tmp_path: Path) -> None:
    """A new setting has to be put where one looks for it."""
    told = program.told(place(tmp_path), "serve", "--help")
    grouped = [name for names in GROUPS.values() for name in names]

    assert sorted(grouped) == sorted({*NAMES} - {*NOT_FLAGS} | {"debug"})
    assert [title for title in GROUPS if f"\n{title}:\n" not in told] == []
    assert "\nOther:" not in told.replace("\nOther:\n  -h, --help", "")
    assert re.search(r"--port TEXT +Port to listen on\.  \[default: 7665\]", told)


def test_operations_says_what_is_built_and_who_may_call(tmp_path: Path) -> None:
    """One line an operation, and a count for each service."""
    told = program.told(place(tmp_path), "operations")

    assert re.search(r"^cognito-idp: \d+ of 153 operations are built$", told, re.MULTILINE)
    assert re.search(r"^cognito-identity: \d+ of 23 operations are built$", told, re.MULTILINE)
    assert re.search(r"^  SignUp +built ", told, re.MULTILINE)


def test_access_keys_are_made_switched_and_removed_beside_a_running_server(installed: Place) -> None:
    """What `keys` does counts at the next request."""
    with serving(installed):
        made = program.told(installed, "keys", "create", "--name", "terraform", "--policy", "AdministratorAccess")
        found = re.search(r"AWS_ACCESS_KEY_ID=(\S+)\nAWS_SECRET_ACCESS_KEY=(\S+)", made)
        assert found is not None
        whoami = client_of(installed, "sts", key=(found[1], found[2])).get_caller_identity
        assert whoami()["Arn"] == "arn:aws:iam::000000000000:user/terraform"

        program.told(installed, "keys", "disable", found[1])
        refused(whoami, "InvalidClientTokenId")
        assert re.search(rf"{found[1]} +disabled +terraform", program.told(installed, "keys", "list"))
        program.told(installed, "keys", "enable", found[1])
        whoami()
        program.told(installed, "keys", "delete", found[1])
        refused(whoami, "InvalidClientTokenId")

        assert found[1] not in program.told(installed, "keys", "list")
        assert program.run(installed, "keys", "enable", found[1]).returncode == 2


def test_a_key_of_root_that_would_come_back_is_not_deleted_and_a_former_one_is_named(installed: Place) -> None:
    """Nothing comes back in silence, no former key keeps all rights in silence, and the last key is told to be that."""
    with serving(installed) as first:
        refusal = program.run(installed, "keys", "delete", KEY_ID)
        assert (refusal.returncode, f"poolkeeper keys disable {KEY_ID}" in refusal.stderr) == (2, True)
        client_of(installed, "sts").get_caller_identity()
    other = ("PKOTHEROTHEROTHEROTH", "another/secret")
    key = dict(zip(("POOLKEEPER_ROOT_ACCESS_KEY_ID", "POOLKEEPER_ROOT_SECRET_ACCESS_KEY"), other, strict=True))
    changed = replace(installed, environment={**installed.environment, **key})
    with serving(changed) as second:
        client_of(changed, "sts", key=other).get_caller_identity()
        deleted = program.told(changed, "keys", "delete", KEY_ID)
        assert "brings it back" in deleted
    with serving(installed) as third:
        off = [program.run(installed, "keys", "disable", one) for one in (KEY_ID, other[0])]
    with serving(installed) as fourth:
        refused(client_of(installed, "sts").get_caller_identity, "InvalidClientTokenId")

    assert "POOLKEEPER_ROOT_ACCESS_KEY_ID was not there" not in first.said()
    assert f"{other[0]} of POOLKEEPER_ROOT_ACCESS_KEY_ID was not there" in second.said()
    assert f"poolkeeper keys delete {KEY_ID}" in second.said()
    assert f"{KEY_ID} of POOLKEEPER_ROOT_ACCESS_KEY_ID was not there" in third.said()
    assert f"poolkeeper keys delete {other[0]}" in third.said()
    assert "keys delete" not in fourth.said()
    assert ["No access key is enabled now" in one.stderr for one in off] == [False, True]


def test_the_sessions_of_a_role_are_ended_beside_a_running_server(installed: Place) -> None:
    """At the next request; whoever may assume the role may begin another session."""
    with serving(installed):
        iam, trust = client_of(installed, "iam"), {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
        trusting = json.dumps({"Version": "2012-10-17", "Statement": trust})
        arn = iam.create_role(RoleName="support", AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
        made = program.told(installed, "keys", "create", "--name", "ada", "--policy", "AdministratorAccess")
        found = re.search(r"AWS_ACCESS_KEY_ID=(\S+)\nAWS_SECRET_ACCESS_KEY=(\S+)", made)
        assert found is not None

        def session() -> Any:
            sts = client_of(installed, "sts", key=(found[1], found[2]))
            held = sts.assume_role(RoleArn=arn, RoleSessionName="tests")["Credentials"]
            key = (held["AccessKeyId"], held["SecretAccessKey"])
            return client_of(installed, "sts", key=key, token=held["SessionToken"]).get_caller_identity

        begun = session()
        begun()
        assert "have ended" in program.told(installed, "keys", "end-sessions", "support")
        refused(begun, "InvalidClientTokenId")
        session()()
        unknown = program.run(installed, "keys", "end-sessions", "nobodys")
        assert (unknown.returncode, "The role with name nobodys cannot be found." in unknown.stderr) == (2, True)


def test_a_key_is_made_for_a_policy_that_somebody_names(installed: Place) -> None:
    """A new user needs one, and the four of AWS's are told; the account's own go by their names too.

    A user who is there needs none: whoever changes a key for another changes no rights.
    """
    with serving(installed):
        unnamed = program.run(installed, "keys", "create", "--name", "ci")
        unknown = program.run(installed, "keys", "create", "--name", "ci", "--policy", "Nobody")
        misnamed = program.run(installed, "keys", "create", "--name", "c i", "--policy", "AdministratorAccess")
        iam = client_of(installed, "iam")
        document = json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
        )
        iam.create_policy(PolicyName="Nothing", PolicyDocument=document)
        iam.create_user(UserName="ci")
        bare = program.run(installed, "keys", "create", "--name", "ci")
        iam.delete_access_key(UserName="ci", AccessKeyId=bare.stdout.partition("=")[2].partition("\n")[0])
        given = program.run(installed, "keys", "create", "--name", "ci", "--policy", "Nothing")
        again = program.run(installed, "keys", "create", "--name", "ci", "--policy", "AmazonCognitoReadOnly")
        iam.delete_access_key(UserName="ci", AccessKeyId=again.stdout.partition("=")[2].partition("\n")[0])
        same = program.run(installed, "keys", "create", "--name", "ci", "--policy", "AmazonCognitoReadOnly")
        iam.delete_access_key(UserName="ci", AccessKeyId=same.stdout.partition("=")[2].partition("\n")[0])
        rotated = program.run(installed, "keys", "create", "--name", "ci")
        third = program.run(installed, "keys", "create", "--name", "ci", "--policy", "AdministratorAccess")
        missing = program.run(
            installed, "keys", "create", "--name", "new", "--policy", "arn:aws:iam::aws:policy/PowerUserAccess"
        )
        keys_of_new = iam.list_access_keys(UserName="new")["AccessKeyMetadata"]
        attached = iam.list_attached_user_policies(UserName="ci")["AttachedPolicies"]

    assert (unnamed.returncode, unnamed.stdout) == (2, "")
    assert "--policy AdministratorAccess\n" in unnamed.stderr
    assert "--policy AmazonCognitoReadOnly\n" in unnamed.stderr
    assert (unknown.returncode, unknown.stderr) == (2, "Policy Nobody was not found.\n")
    assert misnamed.returncode == 2
    assert given.stderr == "It may do what its user ci may: Nothing.\n"
    assert re.fullmatch(r"AWS_ACCESS_KEY_ID=\S+\nAWS_SECRET_ACCESS_KEY=\S+\n", given.stdout)
    first = given.stdout.partition("=")[2].partition("\n")[0]
    assert again.stderr == (
        "It may do what its user ci may: Nothing, AmazonCognitoReadOnly.\n"
        f"AmazonCognitoReadOnly is new to ci: from now on their other keys may do it too: {first}.\n"
    )
    assert (bare.returncode, bare.stderr) == (0, "It may do nothing yet: its user ci has no policy.\n")
    assert rotated.stderr == "It may do what its user ci may: Nothing, AmazonCognitoReadOnly.\n"
    assert same.stderr == "It may do what its user ci may: Nothing, AmazonCognitoReadOnly.\n"
    assert (third.returncode, third.stderr) == (2, "Cannot exceed quota for AccessKeysPerUser: 2\n")
    assert (missing.returncode, keys_of_new) == (2, [])
    assert [one["PolicyName"] for one in attached] == ["AmazonCognitoReadOnly", "Nothing"]


def test_the_next_key_of_identity_pools_is_made_beside_a_running_server(installed: Place) -> None:
    """It is published at once, and its thumbprint told to whoever trusts keys by that."""
    with serving(installed):
        told = program.told(installed, "keys", "rotate-identity")
        keys = json.loads(httpx.get(f"{installed.endpoint}/.well-known/jwks_uri").content)["keys"]
    found = re.search(r"^Key (\S+) signs from 2 hours on", told)
    thumbprints = {key["kid"]: hashlib.sha1(base64.b64decode(key["x5c"][0])).hexdigest() for key in keys}
    assert found is not None
    assert len(keys) == 2
    assert told.endswith(f"{thumbprints[found[1]]}\n")


def test_new_sealing_keys_lose_nobodys_session(installed: Place) -> None:
    """Tokens, a half-done sign-in and passwords outlive the rotation on a running server; then the old key may go."""
    with serving(installed, "--dev") as server:
        pool_id, client_id = new_pool(installed)
        idp = client_of(installed)
        tokens = new_user(installed, pool_id, client_id)["AuthenticationResult"]
        challenge = new_user(installed, pool_id, client_id, "grace", permanent=False)
        old = (installed.data / "sealing.keys").read_text().split(":")[0]

        rotated = program.told(installed, "keys", "rotate-sealing")
        idp.get_user(AccessToken=tokens["AccessToken"])
        answered = idp.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "grace", "NEW_PASSWORD": "Second-Pass-2"},
        )
        renewed = idp.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])
        examined = program.told(installed, "doctor")
        early = program.run(installed, "keys", "retire-sealing", old)
        long_ago = time.time() - 36 * 3600 - 1
        os.utime(installed.data / "sealing.keys", (long_ago, long_ago))
        retired = program.told(installed, "keys", "retire-sealing", old)
        idp.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])
        sign_in(installed, client_id, "ada")
    with serving(installed):
        sign_in(installed, client_id, "ada")

    assert re.search(r"New sealing key [0-9a-f]{8}\.", rotated)
    assert "AccessToken" in answered["AuthenticationResult"]
    assert "AccessToken" in renewed["AuthenticationResult"]
    assert f"sealing key {old} is old and nothing in the database is under it" in examined
    assert (early.returncode, f"{old} stays for 36 hours more" in early.stderr) == (2, True)
    kept = installed.data / f"sealing.keys.retired-{old}"
    assert retired.startswith(f"{old} is gone.")
    assert str(kept) in retired
    assert kept.read_text().startswith(f"{old}:")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert not [line for line in json_lines(server.said()) if "traceback" in line]


def test_the_doctor_is_content_with_a_sound_installation_and_not_with_mail_that_waits(tmp_path: Path) -> None:
    """Exit code 0; and 1 when a message has waited for an hour, because nobody can deliver it."""
    port = free_ports(1)[0]
    where = place(tmp_path, smtp_host="127.0.0.1", smtp_port=str(port), smtp_security="none", **KEY)
    with serving(where):
        pool_id, _ = new_pool(where)
        program.told(where, "backup", "back.up")
        with served(Postbox(), port=port):
            sound = program.run(where, "doctor")
        client_of(where).admin_create_user(
            UserPoolId=pool_id,
            Username="ada",
            TemporaryPassword="First-Pass-1",
            DesiredDeliveryMediums=["EMAIL"],
            UserAttributes=[{"Name": "email", "Value": "ada@example.com"}],
        )
    with sqlite3.connect(where.data / "poolkeeper.sqlite3") as database:
        late = database.execute("UPDATE due SET created_at = created_at - 3600000 WHERE kind = 'message'").rowcount
    database.close()
    ill = program.run(where, "doctor")

    assert (sound.returncode, ill.returncode, late) == (0, 1, 1)
    assert all(line.startswith("ok ") for line in sound.stdout.splitlines())
    assert f"ok   sender smtp: 127.0.0.1:{port} answers without TLS" in sound.stdout
    assert "BAD  a message has waited for 1.0 hours" in ill.stdout
    assert "BAD  sender smtp: " in ill.stdout


def test_a_trial_is_sent_by_the_pools_sender_and_says_what_came_of_it(tmp_path: Path) -> None:
    """`mail-test`: 0 where it was taken, 1 where not, with the sender's words; 2 where there is no way, or no such thing."""
    postbox = Postbox(refused={"eve@example.com": "550 5.1.1 no such user"})
    port = free_ports(1)[0]
    where = place(tmp_path, smtp_host="127.0.0.1", smtp_port=str(port), smtp_security="none", **KEY)
    where.data.mkdir()
    (where.data / "spool").mkdir()
    table = '[senders.spool]\ntransport = "file"\nfolder = "spool"\nmedia = ["SMS"]\npools = ["us-east-1_Another00"]\n'
    (where.data / "poolkeeper.toml").write_text(table)
    with serving(where), served(postbox, port=port):
        configuration = {"EmailSendingAccount": "COGNITO_DEFAULT", "From": "Shop <shop@example.com>"}
        made = client_of(where).create_user_pool(PoolName="p", EmailConfiguration=configuration)
        pool_id = made["UserPool"]["Id"]
        taken = program.run(where, "mail-test", "ada@example.com")
        of_pool = program.run(where, "mail-test", "--pool", pool_id, "ada@example.com")
        bounced = program.run(where, "mail-test", "eve@example.com")
        text = program.run(where, "mail-test", "--sender", "spool", "+15550100123")
        refusals = [
            program.run(where, "mail-test", *arguments)
            for arguments in (
                ("nobody",),
                ("--sender", "spool", "ada@example.com"),
                ("--sender", "none", "ada@example.com"),
                ("--pool", "us-east-1_Nobody000", "ada@example.com"),
                ("--pool", pool_id, "+15550100123"),
            )
        ]
    unanswered = program.run(where, "mail-test", "ada@example.com")

    assert (taken.returncode, taken.stdout.startswith("smtp: has taken the message ")) == (0, True)
    assert of_pool.returncode == text.returncode == 0
    assert [envelope.mail_from for envelope in postbox.envelopes] == ["no-reply@localhost", "shop@example.com"]
    assert (bounced.returncode, bounced.stdout) == (1, "smtp: the mail server said: 550 5.1.1 no such user\n")
    assert [one.suffix for one in (where.data / "spool").iterdir()] == [".json"]
    assert [one.returncode for one in refusals] == [2] * 5
    assert refusals[1].stderr == "there is no sender spool of mail; there is smtp\n"
    assert refusals[3].stderr == "there is no user pool us-east-1_Nobody000\n"
    wanted = f"nothing is set up that sends text messages of {pool_id}: that wants a table [senders.NAME]\n"
    assert refusals[4].stderr == wanted
    assert unanswered.returncode == 1
    assert unanswered.stdout.startswith("smtp: there is no connection to the mail server: ")


def test_the_doctor_names_the_clients_that_leave_custom_attributes_open(tmp_path: Path) -> None:
    """Those without WriteAttributes, in pools with custom attributes; with the setting nobody's are open."""
    where = place(tmp_path, **KEY)
    with serving(where):
        new_pool(where)
        idp = client_of(where)
        schema = [{"Name": "plan", "AttributeDataType": "String", "Mutable": True}]
        pool_id = idp.create_user_pool(PoolName="custom", Schema=schema)["UserPool"]["Id"]
        lists: tuple[dict[str, list[str]], ...] = ({}, {"WriteAttributes": ["email"]}, {"ReadAttributes": ["email"]})
        made = [
            idp.create_user_pool_client(UserPoolId=pool_id, ClientName="c", **one)["UserPoolClient"]["ClientId"]
            for one in lists
        ]
    told = program.run(where, "doctor")
    closed = program.run(
        replace(where, environment={**where.environment, "POOLKEEPER_IMPLICIT_WRITE": "standard"}), "doctor"
    )

    named = {line.split()[3] for line in told.stdout.splitlines() if "has no WriteAttributes" in line}
    assert (told.returncode, named) == (0, {made[0], made[2]})
    assert f"note app client {made[0]} of {pool_id} has no WriteAttributes" in told.stdout
    assert "WriteAttributes" not in closed.stdout


def test_the_doctor_names_the_domains_that_nobody_reaches(tmp_path: Path) -> None:
    """With another public address the server's own host may come to be a pool's: the server keeps it."""
    where = place(tmp_path, **KEY, base_url="https://id.example.com", domain_base="pools.example.com")
    with serving(where):
        pool_id, _ = new_pool(where)
        idp = client_of(where)
        idp.create_user_pool_domain(UserPoolId=pool_id, Domain="juniper")
        custom = {"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/4c6f7665"}
        idp.create_user_pool_domain(UserPoolId=pool_id, Domain="login.example.com", CustomDomainConfig=custom)
    sound = program.run(where, "doctor")
    told = []
    for base in ("https://juniper.pools.example.com", "https://login.example.com"):
        environment = {**where.environment, "POOLKEEPER_BASE_URL": base}
        told.append(program.run(replace(where, environment=environment), "doctor"))

    assert (sound.returncode, "ok   2 domains, each at a host of its own" in sound.stdout) == (0, True)
    for ill, name in zip(told, ("juniper", "login.example.com"), strict=True):
        assert ill.returncode == 1
        assert f"BAD  the domain {name} of {pool_id} is the server's own host (base_url, domain_base)" in ill.stdout


def test_the_doctor_names_the_triggers_that_no_function_is_set_up_for(tmp_path: Path) -> None:
    """A function may be unknown or another pool's; one that runs in development alone is not the doctor's to judge."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, _ = new_pool(where)
        arn = "arn:aws:lambda:us-east-1:000000000000:function:"
        triggers = {name: f"{arn}{name}" for name in ("PreSignUp", "PostConfirmation")}
        sender = {"LambdaVersion": "V1_0", "LambdaArn": f"{arn}sender"}
        key = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
        client_of(where).update_user_pool(
            UserPoolId=pool_id, LambdaConfig={**triggers, "CustomSMSSender": sender, "KMSKeyID": key}
        )
    ill = program.run(where, "doctor")
    table = 'transport = "local"\nhandler = "python:handlers:handle"\n'
    for name, more in (("P*", ""), ("sender", 'pools = ["us-east-1_another00"]\n')):
        with (where.data / "poolkeeper.toml").open("a", encoding="utf-8") as file:
            file.write(f'[functions."{arn}{name}"]\n{table}{more}')
    better = program.run(where, "doctor")

    missing = f'{arn}sender is not set up for {pool_id}; add it to pools of [functions."{arn}sender"]'
    assert (ill.returncode, ill.stdout.count("BAD  "), better.returncode) == (1, 3, 1)
    assert f"BAD  PreSignUp of {pool_id} fails: no function is set up for {arn}PreSignUp" in ill.stdout
    assert [line for line in better.stdout.splitlines() if line.startswith("BAD")] == [
        f"BAD  CustomSMSSender of {pool_id} fails: {missing}"
    ]


def test_a_pools_own_settings_refuse_what_they_do_not_know(tmp_path: Path) -> None:
    """`pool set` names what there is, and the pool that is not there."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, _ = new_pool(where)
        unknown = program.run(where, "pool", "set", pool_id, "colour=red")
        wrong = program.run(where, "pool", "set", pool_id, "issuer=mine")
        nowhere = program.run(where, "pool", "set", "us-east-1_nopool000", "srp=off")

    assert [done.returncode for done in (unknown, wrong, nowhere)] == [2, 2, 2]
    assert "it has issuer, srp" in unknown.stderr
    assert "issuer is one of own, aws, default" in wrong.stderr
    assert "There is no user pool us-east-1_nopool000" in nowhere.stderr


@pytest.mark.parametrize("command", [("doctor",), ("keys", "list")], ids=" ".join)
def test_a_command_makes_no_database_where_there_is_none(tmp_path: Path, command: tuple[str, ...]) -> None:
    """Whoever mistypes the folder is told so, and finds nothing there afterwards."""
    where = place(tmp_path, **KEY)
    told = program.run(where, *command, "--data", str(tmp_path / "mistyped"))
    assert told.returncode == 3
    assert f"there is no database at {tmp_path / 'mistyped'}" in told.stderr
    assert not (tmp_path / "mistyped").exists()


def test_the_key_of_a_user_does_not_become_that_of_root(installed: Place) -> None:
    """The setting would replace the secret of an application's key, and the application would be locked out."""
    with serving(installed):
        made = program.told(installed, "keys", "create", "--name", "app", "--policy", "AmazonCognitoReadOnly")
        key_id = re.findall(r"AWS_ACCESS_KEY_ID=(\S+)", made)[0]
    other = replace(installed, environment={**installed.environment, "POOLKEEPER_ROOT_ACCESS_KEY_ID": key_id})
    tried = program.run(other, "serve")
    assert tried.returncode == 2
    assert f"{key_id} of POOLKEEPER_ROOT_ACCESS_KEY_ID is the access key of a user" in tried.stderr
