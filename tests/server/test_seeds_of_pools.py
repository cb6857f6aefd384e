"""Is a pool set as a seed file says by what no creation sets? Second factors, sessions, logs: once, and all or nothing of a pool."""

import re
from pathlib import Path

import pyotp
import pytest

from poolkeeper.server.seeding.reading import SeedError, read
from server import program
from server.operating import KEY, client_of
from server.program import Place, place, serving

POOL = "us-east-1_Strong"
GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/vendedlogs/strong"
SEED = f"""
[[user_pools]]
id = "us-east-1_Strong"
PoolName = "strong"
MfaConfiguration = "OPTIONAL"
SoftwareTokenMfaConfiguration = {{Enabled = true}}
WebAuthnConfiguration = {{RelyingPartyId = "auth.strong.example", UserVerification = "required"}}
UserSessionTracking = "ENABLED"
TokenSession = {{MaxPerUser = 3}}

[[user_pools.LogConfigurations]]
LogLevel = "ERROR"
EventSource = "userNotification"
CloudWatchLogsConfiguration = {{LogGroupArn = "{GROUP}"}}

[[user_pools.clients]]
id = "web"
ClientName = "web"
SSOSession = {{MaxValidityMinutes = 15}}
"""


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """Write the seed."""
    file = tmp_path / "strong.seed.toml"
    file.write_text(SEED)
    return file


def test_a_pool_has_factors_sessions_and_logs_once(installed: Place, seed: Path) -> None:
    """With the creation of pool and app client; a second start leaves what somebody set since."""
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        mfa = idp.get_user_pool_mfa_config(UserPoolId=POOL)
        assert (mfa["MfaConfiguration"], mfa["SoftwareTokenMfaConfiguration"]) == ("OPTIONAL", {"Enabled": True})
        assert mfa["WebAuthnConfiguration"]["RelyingPartyId"] == "auth.strong.example"
        tracked = idp.get_user_pool_session_configuration(UserPoolId=POOL)
        assert (tracked["UserSessionTracking"], tracked["TokenSession"]) == ("ENABLED", {"MaxPerUser": 3})
        web = idp.get_user_pool_client_session_configuration(UserPoolId=POOL, ClientId="web")
        assert web["SSOSession"] == {"MaxValidityMinutes": 15}
        logs = idp.get_log_delivery_configuration(UserPoolId=POOL)["LogDeliveryConfiguration"]
        assert [one["EventSource"] for one in logs["LogConfigurations"]] == ["userNotification"]
        idp.set_user_pool_mfa_config(UserPoolId=POOL, MfaConfiguration="OFF")
        idp.set_log_delivery_configuration(UserPoolId=POOL, LogConfigurations=[])
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        assert idp.get_user_pool_mfa_config(UserPoolId=POOL)["MfaConfiguration"] == "OFF"
        logs = idp.get_log_delivery_configuration(UserPoolId=POOL)["LogDeliveryConfiguration"]
        assert logs["LogConfigurations"] == []


PEOPLE = (
    '[[user_pools]]\nid = "us-east-1_Apps"\nPoolName = "apps"\n{}'
    '[[user_pools.clients]]\nid = "web"\nClientName = "web"\nExplicitAuthFlows = ["ALLOW_USER_PASSWORD_AUTH"]\n'
    '[[user_pools.users]]\nUsername = "ada"\npassword = "Swim-in-2-pools"\ntotp_secret = "{}"\n'
)
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
FACTOR = 'MfaConfiguration = "OPTIONAL"\nSoftwareTokenMfaConfiguration = {Enabled = true}\n'


def test_an_authenticator_app_of_a_seed_signs_in(installed: Place, tmp_path: Path) -> None:
    """With the code that it shows at that moment, once; the file is read with blanks and small letters, as people write secrets."""
    file = tmp_path / "apps.toml"
    file.write_text(PEOPLE.format(FACTOR, " ".join(re.findall("....", SECRET.lower()))))
    with serving(installed, "--dev", "--seed", str(file)):
        idp = client_of(installed)
        asked = {"ClientId": "web", "AuthFlow": "USER_PASSWORD_AUTH"}
        sign_in = {"USERNAME": "ada", "PASSWORD": "Swim-in-2-pools"}
        challenge = idp.initiate_auth(**asked, AuthParameters=sign_in)
        assert challenge["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
        answer = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": pyotp.TOTP(SECRET).now()}
        told = idp.respond_to_auth_challenge(
            ClientId="web", ChallengeName="SOFTWARE_TOKEN_MFA", Session=challenge["Session"], ChallengeResponses=answer
        )
        assert "AccessToken" in told["AuthenticationResult"]
        idp.admin_delete_software_token(UserPoolId="us-east-1_Apps", Username="ada")
    with serving(installed, "--dev", "--seed", str(file)):
        assert "AuthenticationResult" in client_of(installed).initiate_auth(**asked, AuthParameters=sign_in)


def test_an_app_of_no_use_is_told_and_its_user_is_not_made(tmp_path: Path) -> None:
    """A secret that is none, in a pool without a place for it; the secret is not repeated."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "apps.toml"
    file.write_text(PEOPLE.format("", "JBSWY3DPEHPK3PXP"))
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert told.returncode == 2
    assert f"{file}:8: Software Token MFA has not been enabled by the userPool" in told.stderr
    assert f"{file}:8: totp_secret is no secret of an authenticator app" in told.stderr
    assert "JBSWY" not in told.stderr
    with serving(where, "--dev"):
        assert client_of(where).list_users(UserPoolId="us-east-1_Apps")["Users"] == []


def test_what_cannot_be_read_of_them_is_told_with_its_line(tmp_path: Path) -> None:
    """Shapes of the later operations are looked at with those of the first; nothing is asked of what is not said."""
    file = tmp_path / "bad.toml"
    file.write_text(
        '[[user_pools]]\nid = "us-east-1_Bad"\nPoolName = "bad"\nUserSessionTracking = "PERHAPS"\n'
        'EmailMfaConfiguration = {Subject = ""}\n'
        '[[user_pools.clients]]\nid = "web"\nClientName = "web"\nSSOSession = {MaxValidityMinutes = "long"}\n'
        '[[user_pools.clients]]\nid = "cli"\nClientName = "cli"\n'
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    faults = [fault.removeprefix(f"{file}:") for fault in refusal.value.faults]
    assert [one.partition(":")[0] for one in faults] == ["1", "1", "6"]
    assert "'emailMfaConfiguration.subject'" in faults[0]
    assert "at 'tokenSession' failed to satisfy constraint: Member must not be null" in faults[1]
    assert "$.SSOSession.MaxValidityMinutes" in faults[2]


def test_of_a_pool_that_cannot_be_set_so_nothing_is_made(tmp_path: Path) -> None:
    """All that would be refused after its creation is told before; an app client waits for a pool that tracks sessions."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "bad.toml"
    bucket = '{BucketArn = "arn:aws:s3:::nobodys"}'
    file.write_text(
        '[[user_pools]]\nid = "us-east-1_Bad"\nPoolName = "bad"\nSoftwareTokenMfaConfiguration = {Enabled = true}\n'
        'LogConfigurations = [{LogLevel = "INFO", EventSource = "userAuthEvents", S3Configuration = ' + bucket + "}]\n"
        '[[user_pools]]\nid = "us-east-1_Good"\nPoolName = "good"\n'
        '[[user_pools.clients]]\nid = "web"\nClientName = "web"\nSSOSession = {MaxValidityMinutes = 15}\n'
    )
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert told.returncode == 2
    lines = [line.strip().removeprefix(f"{file}:") for line in told.stderr.splitlines() if f"{file}:" in line]
    assert lines == [
        "1: Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
        "1: arn:aws:s3:::nobodys means nothing here: poolkeeper.toml has no table log_delivery for it.",
        "9: Session tracking is not enabled for this user pool.",
    ]
    with serving(where, "--dev"):
        idp = client_of(where)
        assert [one["Name"] for one in idp.list_user_pools(MaxResults=5)["UserPools"]] == ["good"]
        assert idp.list_user_pool_clients(UserPoolId="us-east-1_Good")["UserPoolClients"] == []


def test_what_is_written_inline_has_no_name_twice_either(tmp_path: Path) -> None:
    """Such an entry has no line of its own, and is no less a second one."""
    file = tmp_path / "seed.toml"
    file.write_text('[[user_pools]]\nPoolName = "a"\nclients = [{ id = "web" }, { id = "web" }]\n')
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    assert any("user_pools.clients has 'web' already" in fault for fault in refusal.value.faults)
