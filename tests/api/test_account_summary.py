"""How much has the account, and how much may it have? As AWS was recorded to answer, by the same names."""

from api.iam import client, made, policy
from api.principals import allow, person
from api.world import World, refused

# The names of all that AWS answered for an account (SummaryMap, recorded in 2026).
RECORDED = """
AccessKeysPerUserQuota AccountAccessKeysPresent AccountMFAEnabled AccountPasswordPresent AccountSigningCertificatesPresent
AssumeRolePolicySizeQuota AttachedPoliciesPerGroupQuota AttachedPoliciesPerRoleQuota AttachedPoliciesPerUserQuota
GlobalEndpointTokenVersion GroupPolicySizeQuota Groups GroupsPerUserQuota GroupsQuota InstanceProfiles InstanceProfilesQuota
MFADevices MFADevicesInUse Policies PoliciesQuota PolicySizeQuota PolicyVersionsInUse PolicyVersionsInUseQuota Providers
RolePolicySizeQuota Roles RolesQuota ServerCertificates ServerCertificatesQuota SigningCertificatesPerUserQuota
UserPolicySizeQuota Users UsersQuota VersionsPerPolicyQuota
"""


def test_the_summary_counts_what_is_there(world: World) -> None:
    """Each thing that is made is one more; of what is not built there is none."""
    iam = client(world)
    before = iam.get_account_summary()["SummaryMap"]
    assert set(before) == set(RECORDED.split())
    assert (before["AccessKeysPerUserQuota"], before["VersionsPerPolicyQuota"], before["MFADevices"]) == (2, 5, 0)
    assert before["AccountAccessKeysPresent"] == 1
    for kind in ("user", "group", "role"):
        made(world, kind)
    policy(world)
    after = iam.get_account_summary()["SummaryMap"]
    more = {name: after[name] - before[name] for name in after if after[name] != before[name]}
    assert more == {"Users": 1, "Groups": 1, "Roles": 1, "Policies": 1, "PolicyVersionsInUse": 1}
    ada = person(world, allow("iam:GetUser"))
    assert refused(ada.client("iam").get_account_summary)[0] == "AccessDenied"
