"""Is a pool set as a seed file says by what no creation sets? Second factors, sessions, logs: once, and all or nothing of a pool."""

from pathlib import Path

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
