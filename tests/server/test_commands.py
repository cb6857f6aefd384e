"""Do the operator's commands do what they say, beside a running server where there is one? On both engines."""

import re
import sqlite3
from pathlib import Path

from server import program
from server.operating import KEY, client_of, json_lines, new_pool, new_user, refused, sign_in
from server.program import Place, place, serving


def test_migrate_makes_the_tables_and_then_has_nothing_to_do(installed: Place) -> None:
    """The first run says what it applied, the second that there was nothing; the server then starts on it."""
    first, second = program.told(installed, "migrate"), program.told(installed, "migrate")

    assert first.startswith("Applied: 1")
    assert second.startswith("Nothing to do: ")
    with serving(installed):
        pass


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
    assert "hush-hush" not in told


def test_operations_says_what_is_built_and_who_may_call(tmp_path: Path) -> None:
    """One line an operation, and a count for each service."""
    told = program.told(place(tmp_path), "operations")

    assert re.search(r"^cognito-idp: \d+ of 141 operations are built$", told, re.MULTILINE)
    assert re.search(r"^cognito-identity: \d+ of 23 operations are built$", told, re.MULTILINE)
    assert re.search(r"^  SignUp +built ", told, re.MULTILINE)


def test_access_keys_are_made_switched_and_removed_beside_a_running_server(installed: Place) -> None:
    """What `keys` does counts at the next request."""
    with serving(installed):
        made = program.told(installed, "keys", "create", "--name", "terraform")
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
        retired = program.told(installed, "keys", "retire-sealing", old)
        idp.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])
        sign_in(installed, client_id, "ada")
    with serving(installed):
        sign_in(installed, client_id, "ada")

    assert re.search(r"New sealing key [0-9a-f]{8}\.", rotated)
    assert "AccessToken" in answered["AuthenticationResult"]
    assert "AccessToken" in renewed["AuthenticationResult"]
    assert f"sealing key {old} is old and nothing in the database is under it" in examined
    assert retired == f"{old} is gone.\n"
    assert not [line for line in json_lines(server.said()) if "traceback" in line]


def test_the_doctor_is_content_with_a_sound_installation_and_not_with_mail_that_waits(tmp_path: Path) -> None:
    """Exit code 0; and 1 when a message has waited for an hour, because nobody can deliver it."""
    where = place(tmp_path, smtp_host="127.0.0.1", smtp_port=str(program.free_ports(1)[0]), **KEY)
    with serving(where):
        pool_id, _ = new_pool(where)
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
    assert "BAD  a message has waited for 1.0 hours" in ill.stdout


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
