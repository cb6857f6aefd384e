"""Is a pool protected and open to apps as a seed file says? Risk, terms, apps' addresses and registration: once, faults all at once."""

from pathlib import Path

import httpx
import pytest

from poolkeeper.server.seeding.reading import SeedError, read
from server import program
from server.operating import KEY, client_of
from server.program import Place, place, serving

POOL = "us-east-1_Guarded"
POOL_AND_CLIENT = (
    '[[user_pools]]\nid = "us-east-1_Guarded"\nPoolName = "guarded"\n'
    '[[user_pools.clients]]\nid = "web"\nClientName = "web"\n'
)
SEED = """
[[user_pools]]
id = "us-east-1_Guarded"
PoolName = "guarded"
UserPoolAddOns = {AdvancedSecurityMode = "ENFORCED"}
DcrConfiguration = {OpenDcrEnabled = true, AllowedScopes = ["orders/read"]}

[[user_pools.resource_servers]]
Identifier = "orders"
Name = "Orders"
Scopes = [{ScopeName = "read", ScopeDescription = "Read orders"}]

[[user_pools.clients]]
id = "web"
ClientName = "web"
AllowedOAuthFlowsUserPoolClient = true
AllowedOAuthFlows = ["code"]
AllowedOAuthScopes = ["openid", "aws.cognito/dcr/register"]
CallbackURLs = ["http://localhost:3000/"]
SupportedIdentityProviders = ["COGNITO"]

[[user_pools.terms]]
ClientId = "web"
TermsName = "terms-of-use"
TermsSource = "LINK"
Enforcement = "NONE"
Links = {"cognito:default" = "https://guarded.example/terms"}

[[user_pools.terms]]
ClientId = "web"
TermsName = "privacy-policy"
TermsSource = "LINK"
Enforcement = "NONE"
Links = {"cognito:default" = "https://guarded.example/privacy", "cognito:french" = "https://guarded.example/fr"}

[[user_pools.risk_configurations]]
CompromisedCredentialsRiskConfiguration = {Actions = {EventAction = "BLOCK"}}

[[user_pools.risk_configurations]]
ClientId = "web"
RiskExceptionConfiguration = {BlockedIPRangeList = ["192.0.2.0/24"]}

[[user_pools.cimd_policies]]
ClientId = "web"
PolicyName = "tools"
URLPatterns = ["https://*.example.com/*"]
CacheDuration = 86400

[[user_pools.cimd_policies]]
ClientId = "web"
PolicyName = "others"
URLPatterns = ["https://apps.example.org/*"]
"""


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """Write the seed."""
    file = tmp_path / "guarded.seed.toml"
    file.write_text(SEED)
    return file


def test_risk_is_met_as_a_seed_says_once(installed: Place, seed: Path) -> None:
    """Of the pool and of an app client; what somebody set since stays, and what they took back comes again."""
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        pool = idp.describe_risk_configuration(UserPoolId=POOL)["RiskConfiguration"]
        assert pool["CompromisedCredentialsRiskConfiguration"]["Actions"] == {"EventAction": "BLOCK"}
        web = idp.describe_risk_configuration(UserPoolId=POOL, ClientId="web")["RiskConfiguration"]
        assert web["RiskExceptionConfiguration"] == {"BlockedIPRangeList": ["192.0.2.0/24"]}
        exceptions = {"SkippedIPRangeList": ["198.51.100.0/24"]}
        set_since = idp.set_risk_configuration(UserPoolId=POOL, RiskExceptionConfiguration=exceptions)
        idp.set_risk_configuration(UserPoolId=POOL, ClientId="web")
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        pool = idp.describe_risk_configuration(UserPoolId=POOL)["RiskConfiguration"]
        assert pool == set_since["RiskConfiguration"]
        web = idp.describe_risk_configuration(UserPoolId=POOL, ClientId="web")["RiskConfiguration"]
        assert web["RiskExceptionConfiguration"] == {"BlockedIPRangeList": ["192.0.2.0/24"]}


def test_terms_of_a_seed_are_those_of_the_operations(installed: Place, seed: Path) -> None:
    """Described by id and by app client, listed, changed and deleted; what was changed stays, what was deleted comes again."""
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        listed = {one["TermsName"]: one["TermsId"] for one in idp.list_terms(UserPoolId=POOL)["Terms"]}
        assert set(listed) == {"terms-of-use", "privacy-policy"}
        named = {"UserPoolId": POOL, "ClientId": "web", "TermsName": "privacy-policy"}
        privacy = idp.describe_terms_by_client(**named)["Terms"]
        assert privacy == idp.describe_terms(UserPoolId=POOL, TermsId=listed["privacy-policy"])["Terms"]
        assert privacy["Links"]["cognito:french"] == "https://guarded.example/fr"
        links = {"cognito:default": "https://guarded.example/changed"}
        idp.update_terms(UserPoolId=POOL, TermsId=listed["privacy-policy"], Links=links)
        idp.delete_terms(UserPoolId=POOL, TermsId=listed["terms-of-use"])
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        again = {one["TermsName"]: one["TermsId"] for one in idp.list_terms(UserPoolId=POOL)["Terms"]}
        assert again["privacy-policy"] == listed["privacy-policy"]
        assert idp.describe_terms_by_client(**named)["Terms"]["Links"] == links
        assert again["terms-of-use"] != listed["terms-of-use"]


def test_apps_that_nobody_registered_come_as_a_seed_says(installed: Place, seed: Path) -> None:
    """By an address that a policy allows, and by registration; a second start makes no second policy."""
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        held = idp.list_cimd_policies(UserPoolId=POOL)["CIMDPolicies"]
        policies = {one["PolicyName"]: one["CIMDPolicyId"] for one in held}
        assert set(policies) == {"tools", "others"}
        tools = idp.describe_cimd_policy(UserPoolId=POOL, CIMDPolicyId=policies["tools"])["CIMDPolicy"]
        assert (tools["ClientId"], tools["URLPatterns"]) == ("web", ["https://*.example.com/*"])
        assert tools["CacheDuration"] == 86400
        told = httpx.get(f"{installed.endpoint}/{POOL}/.well-known/openid-configuration").json()
        assert told["client_id_metadata_document_supported"] is True
        asked = {"redirect_uris": ["https://app.example.org/back"], "scope": "openid orders/read"}
        made = httpx.post(told["registration_endpoint"], json=asked)
        assert (made.status_code, made.json()["scope"]) == (201, "openid orders/read")
        more = {"ClientId": "web", "URLPatterns": ["https://new.example.com/*"]}
        idp.update_cimd_policy(UserPoolId=POOL, CIMDPolicyId=policies["tools"], **more)
        idp.update_user_pool(
            UserPoolId=POOL,
            DcrConfiguration={"EnableStatus": "Disabled"},
            UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"},
        )
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        held = idp.list_cimd_policies(UserPoolId=POOL)["CIMDPolicies"]
        assert {one["PolicyName"]: one["CIMDPolicyId"] for one in held} == policies
        tools = idp.describe_cimd_policy(UserPoolId=POOL, CIMDPolicyId=policies["tools"])["CIMDPolicy"]
        assert tools["URLPatterns"] == ["https://new.example.com/*"]
        pool = idp.describe_user_pool(UserPoolId=POOL)["UserPool"]
        assert pool["DcrConfiguration"]["EnableStatus"] == "Disabled"


def test_all_that_cannot_be_read_of_them_is_told_with_its_lines(tmp_path: Path) -> None:
    """Names that nobody knows, values that AWS refuses, entries that stand twice or say nothing."""
    file = tmp_path / "bad.toml"
    terms = '[[user_pools.terms]]\nClientId = "web"\nTermsName = "house rules"\nTermsSource = "TEXT"\nEnforcement = "NONE"\n'
    policy = (
        '[[user_pools.cimd_policies]]\nClientId = "web"\nPolicyName = "tools"\nURLPatterns = ["http://a.example/"]\n'
    )
    file.write_text(
        POOL_AND_CLIENT.replace('"guarded"\n', '"guarded"\nDcrConfiguration = {EnableStatus = "Perhaps"}\n')
        + terms
        + '[[user_pools.risk_configurations]]\n[[user_pools.risk_configurations]]\nClientId = "web"\n'
        + 'AccountTakeoverRiskConfiguration = {Actions = {HighAction = {EventAction = "SHOUT", Notify = false}}}\n'
        + "[[user_pools.risk_configurations]]\nRiskExceptionConfiguration = {SkippedIPRangeList = []}\nColour = 1\n"
        + policy * 2
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    faults = [fault.removeprefix(f"{file}:") for fault in refusal.value.faults]
    assert [one.partition(":")[0] for one in faults] == ["1", "8", "13", "14", "17", "17", "20", "24", "24"]
    assert "'Perhaps' at 'dcrConfiguration.enableStatus'" in faults[0]
    assert faults[1].startswith("8: 2 validation errors detected")
    assert faults[2].startswith("13: user_pools.risk_configurations needs AccountTakeoverRiskConfiguration or Comp")
    assert "'SHOUT'" in faults[3]
    assert faults[4] == "17: user_pools.risk_configurations does not take Colour"
    assert faults[5] == "17: user_pools.risk_configurations has 'the whole pool' already, in line 13"
    assert "'[http://a.example/]' at 'uRLPatterns'" in faults[6]
    assert faults[8] == "24: user_pools.cimd_policies has 'tools' already, in line 20"


def test_all_that_a_pool_does_not_take_of_them_is_told_at_the_start(tmp_path: Path) -> None:
    """Threat protection that is off, ranges that are none, app clients that are not there."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "bad.toml"
    file.write_text(
        POOL_AND_CLIENT
        + '[[user_pools.risk_configurations]]\nRiskExceptionConfiguration = {BlockedIPRangeList = ["1.2.3.4/33", "all"]}\n'
        + '[[user_pools.risk_configurations]]\nClientId = "none"\nRiskExceptionConfiguration = {SkippedIPRangeList = ["::/0"]}\n'
        + '[[user_pools.cimd_policies]]\nClientId = "none"\nPolicyName = "tools"\nURLPatterns = ["https://a.example/"]\n'
    )
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert told.returncode == 2
    lines = [line.strip().removeprefix(f"{file}:") for line in told.stderr.splitlines() if f"{file}:" in line]
    assert lines == [
        "7: Threat protection is not enabled for this user pool.",
        "7: Invalid CIDR 1.2.3.4/33 in BlockedIPRangeList.",
        "7: Invalid CIDR all in BlockedIPRangeList.",
        "9: User pool client none does not exist.",
        "12: User pool client none does not exist.",
    ]
