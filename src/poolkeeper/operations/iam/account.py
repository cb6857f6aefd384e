"""GetAccountSummary: how much the account has of everything, and how much it may have."""

from poolkeeper.aws.generated.iam import GetAccountSummaryRequest, GetAccountSummaryResponse
from poolkeeper.call import Call
from poolkeeper.model import iam
from poolkeeper.model.iam import Kind, ProviderKind
from poolkeeper.store import access_keys, iam_entities, iam_policies, iam_providers

# What AWS was recorded to answer for kinds of which this account has none.
_NONE_HERE = {
    "AccountMFAEnabled": 0,
    "AccountPasswordPresent": 0,
    "AccountSigningCertificatesPresent": 0,
    "GlobalEndpointTokenVersion": 1,
    "InstanceProfiles": 0,
    "InstanceProfilesQuota": 0,
    "MFADevices": 0,
    "MFADevicesInUse": 0,
    "ServerCertificates": 0,
    "ServerCertificatesQuota": 0,
    "SigningCertificatesPerUserQuota": 0,
}
_QUOTAS = {
    "AccessKeysPerUserQuota": iam.KEYS_OF_A_USER,
    "AssumeRolePolicySizeQuota": iam.TRUST_POLICY_CHARACTERS,
    "AttachedPoliciesPerGroupQuota": iam.ATTACHMENTS,
    "AttachedPoliciesPerRoleQuota": iam.ATTACHMENTS,
    "AttachedPoliciesPerUserQuota": iam.ATTACHMENTS,
    "GroupPolicySizeQuota": Kind.GROUP.inline_characters,
    "GroupsPerUserQuota": iam.GROUPS_OF_A_USER,
    "GroupsQuota": Kind.GROUP.most,
    "PoliciesQuota": Kind.POLICY.most,
    "PolicySizeQuota": iam.MANAGED_POLICY_CHARACTERS,
    "PolicyVersionsInUseQuota": Kind.POLICY.most * iam.VERSIONS_OF_A_POLICY,
    "RolePolicySizeQuota": Kind.ROLE.inline_characters,
    "RolesQuota": Kind.ROLE.most,
    "UserPolicySizeQuota": Kind.USER.inline_characters,
    "UsersQuota": Kind.USER.most,
    "VersionsPerPolicyQuota": iam.VERSIONS_OF_A_POLICY,
}


async def get_account_summary(call: Call, req: GetAccountSummaryRequest) -> GetAccountSummaryResponse:  # noqa: ARG001 - it has no members
    """Return what the account has and may have; for kinds that are not built both are none."""
    counts = {kind: await iam_entities.count(call.db, kind) for kind in Kind}
    keys = await access_keys.every(call.db)
    return GetAccountSummaryResponse(
        summary_map={
            **_NONE_HERE,
            **_QUOTAS,
            "AccountAccessKeysPresent": int(any(key.root for key in keys)),
            "Groups": counts[Kind.GROUP],
            "Policies": counts[Kind.POLICY],
            "PolicyVersionsInUse": await iam_policies.count_versions(call.db),
            "Providers": sum([len(await iam_providers.every(call.db, kind)) for kind in ProviderKind]),
            "Roles": counts[Kind.ROLE],
            "Users": counts[Kind.USER],
        }
    )
