"""At what does a fuzz point its requests? Two pools of the same names: one that requests are about, one that they only mention.

Each has what an application has: clients, people, groups, a branding, a device's key, tokens, an identity pool. What decides
whose rows a request is about is always the first pool's; anything else may be the second's, whose rows nobody may see or change.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from random import Random
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from api.federating import OIDC, metadata
from api.iam import TRUST, allowing
from api.principals import pool_arn
from api.stage import DEVICE_KEY, MODEL, NAME
from api.world import FLOWS, REGION, SMS, ClientOfTests, PoolOfTests, World
from identity.stage import beside, provider_of
from poolkeeper.crypto.secret_hash import secret_hash

# In every text of the second pool that no request has.
MARK = "quokka"
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/lifeguard"
# What a request is about, by whichever of these it has: of the first pool alone.
OWNERS = frozenset(
    {
        "UserPoolId",
        "AccessToken",
        "ResourceArn",
        "ResourceARNList",
        "IdentityPoolId",
        "IdentityId",
        "IdentityIdsToDelete",
    }
)
_FIRST = OWNERS | {"ClientId"}
BY_SESSION = frozenset({"AssociateSoftwareToken", "VerifySoftwareToken"})
# These tell of everything that the account has, by right.
OF_THE_ACCOUNT = frozenset({"ListUserPools", "ListIdentityPools", "GetResources", "DescribeUserPoolDomain"})
# Of these members of answers later requests are made. `Id` and `Arn` mean something else everywhere, and are taken apart.
_KEPT = frozenset(
    [
        *("AccessToken", "RefreshToken", "IdToken", "Session", "NextToken", "PaginationToken", "Marker"),
        *("JobId", "TermsId", "ManagedLoginBrandingId", "ClientSecretId", "CredentialId", "DeviceKey", "EventId"),
        *("SessionId", "IdentityId", "AccessKeyId", "VersionId", "ClientId", "EncodedMessage"),
    ]
)
_ARNS = {
    ":policy/": ("PolicyArn",),
    ":user/": ("PolicySourceArn", "CallerArn"),
    ":role/": ("RoleArn",),
    ":oidc-provider/": ("OpenIDConnectProviderArn",),
    ":saml-provider/": ("SAMLProviderArn",),
}
_NAMES = ("ada", "eve", "bob", NAME)
_URLS = ("https://app.example/in", "http://localhost:3000/in", "app://in")
_CODE = "Your code is {####}"
_POLICY = allowing("cognito-idp:ListUsers")
_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:on-nothing"

# Values that fit somewhere, by the member that they are for; a map's keys are those of `Name#key`.
STATIC: Mapping[str, Sequence[Any]] = {
    "Username": (NAME, "newcomer", "ada", "eve", "nobody", "ada@pool.example", "+15555550100"),
    "UserName": _NAMES,
    "NewUserName": _NAMES,
    "GroupName": ("swimmers", "divers"),
    "NewGroupName": ("swimmers", "divers"),
    "RoleName": ("lifeguard", "cleaner"),
    "PolicyName": ("Nobody", "Readers"),
    "PolicyArn": (f"arn:aws:iam::{ACCOUNT}:policy/Nobody", "arn:aws:iam::aws:policy/AmazonCognitoReadOnly"),
    "PermissionsBoundary": (f"arn:aws:iam::{ACCOUNT}:policy/Nobody",),
    "PolicySourceArn": (f"arn:aws:iam::{ACCOUNT}:user/ada", ROLE),
    "PolicyDocument": (_POLICY,),
    "Policy": (_POLICY,),
    "AssumeRolePolicyDocument": (TRUST,),
    "PolicyInputList": ([_POLICY],),
    "ActionNames": (["cognito-idp:ListUsers"],),
    "RoleArn": (ROLE, f"arn:aws:iam::{ACCOUNT}:role/cleaner"),
    "CloudWatchLogsRoleArn": (ROLE,),
    "RoleARN": (ROLE,),
    "Path": ("/", "/team/"),
    "PathPrefix": ("/", "/team/"),
    "NewPath": ("/", "/team/"),
    "Url": ("https://idp.example.com",),
    "OpenIDConnectProviderArn": (f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com",),
    "SAMLProviderArn": (f"arn:aws:iam::{ACCOUNT}:saml-provider/office",),
    "ThumbprintList": (["a" * 40],),
    "SAMLMetadataDocument": (metadata(),),
    "ExternalId": ("ours",),
    "SnsCallerArn": (SMS["SnsCallerArn"],),
    "SmsConfiguration": (SMS,),
    "LambdaConfig": ({}, {"PreSignUp": _FUNCTION}),
    "ConfirmationCode": ("123456",),
    "Code": ("123456",),
    "UserCode": ("123456",),
    "AttributeName": ("email", "phone_number", "nickname", "custom:plan"),
    "UserAttributeNames": (["nickname"], ["email"], ["custom:plan"]),
    "UserAttributes": (
        [{"Name": "nickname", "Value": "Bobby"}],
        [{"Name": "email", "Value": "new@pool.example"}],
        [{"Name": "email", "Value": "new@pool.example"}, {"Name": "email_verified", "Value": "true"}],
        [{"Name": "custom:plan", "Value": "7"}, {"Name": "preferred_username", "Value": "ada"}],
        [{"Name": "phone_number", "Value": "+15555550100"}],
    ),
    "Filter": ('username = "bob"', 'email ^= "b"', 'sub = ""', "", 'status = "Enabled"'),
    "AttributesToGet": (["email"], ["sub", "nickname"]),
    "ExplicitAuthFlows": (FLOWS, ["ALLOW_USER_AUTH", "ALLOW_CUSTOM_AUTH"]),
    "CallbackURLs": (list(_URLS),),
    "LogoutURLs": (["https://app.example/out"],),
    "DefaultRedirectURI": (_URLS[0],),
    "AllowedOAuthScopes": (["openid", "email"], ["pools/read"]),
    "Scopes": ([{"ScopeName": "read", "ScopeDescription": "Read"}],),
    "Identifier": ("pools", "https://pools.example"),
    "SupportedIdentityProviders": (["COGNITO"], ["COGNITO", "Corporate"]),
    "ProviderName": ("Corporate", "Cognito", "Google"),
    "ProviderType": ("OIDC", "SAML", "Google"),
    "ProviderDetails": (
        {**OIDC, "oidc_issuer": "https://127.0.0.1:1"},
        {"MetadataFile": metadata()},
        {"client_id": "a", "client_secret": "b", "authorize_scopes": "openid"},
    ),
    "AttributeMapping": ({"email": "email"},),
    "IdpIdentifiers": (["corp.example"],),
    "IdpIdentifier": ("corp.example",),
    "Schema": ([{"Name": "plan", "AttributeDataType": "String", "Mutable": True}],),
    "CustomAttributes": ([{"Name": "more", "AttributeDataType": "Number"}],),
    "UserPoolTags": ({"team": "swimmers"},),
    "Tags": ([{"Key": "team", "Value": "swimmers"}], {"team": "swimmers"}),
    "TagKeys": (["team"],),
    "Settings": ({}, {"categories": {"global": {"colorSchemeMode": "DARK"}}}),
    "CSS": (".logo-customizable { max-width: 60%; }",),
    "Assets": ([{"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": "PHN2Zy8+"}],),
    "TermsName": ("terms-of-use",),
    "Links": ({"cognito:default": "https://app.example/terms"},),
    "Region": (REGION,),
    "RegionName": ("eu-west-1",),
    "DeviceKey": (DEVICE_KEY,),
    "DeviceName": ("telephone",),
    "Domain": ("pools-of-fuzz", "auth.pools.example"),
    "SmsMessage": (_CODE,),
    "EmailMessage": (_CODE,),
    "EmailVerificationMessage": (_CODE,),
    "SmsVerificationMessage": (_CODE,),
    "DesiredDeliveryMediums": (["EMAIL"],),
    "MessageAction": ("SUPPRESS", "RESEND"),
    "RoleSessionName": ("tests",),
    "TokenCode": ("123456",),
    "DeveloperProviderName": ("login.ours",),
    "DeveloperUserIdentifier": ("dev-1", "dev-2"),
    "Name": ("nickname", "tests", "swimmers", "office", "divers"),
    "ContextKeyNames": (["aws:username"],),
    "AttestationDocument": ("YWJj",),
    "TargetKey": ("k",),
}


class Side:
    """One of the two pools, and what requests can name of it."""

    def __init__(self, world: World, *, label: str) -> None:
        settings = {"PoolName": f"pool of {label}", "AutoVerifiedAttributes": ["email"], "SmsConfiguration": SMS}
        self.pool: PoolOfTests = world.pool(
            **settings,
            MfaConfiguration="OPTIONAL",
            UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"},
            DeviceConfiguration={"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": False},
            Schema=[{"Name": "plan", "AttributeDataType": "String", "Mutable": True}],
            DeletionProtection="ACTIVE",
        )
        # The label backwards: either side's password may be given to a user of the other, whose message then holds it.
        self.password = f"Swim-in-{label[::-1]}-9"
        self.open: ClientOfTests = self.pool.client(
            ClientName=f"client of {label}", ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"]
        )
        self.secret: ClientOfTests = self.pool.client(ClientName=f"secret of {label}", GenerateSecret=True)
        mail = f"{NAME}@{label}.example"
        self.sub = self.pool.user(NAME, password=self.password, email=mail, email_verified="true", nickname=label)
        self.pool.user("newcomer", password=self.password, permanent=False)
        world.signed.create_group(UserPoolId=self.pool.pool_id, GroupName="swimmers", Description=label, RoleArn=ROLE)
        self.pool.admin("admin_add_user_to_group", NAME, GroupName="swimmers")
        self.domain = f"{label}-{self.pool.pool_id.lower().replace('_', '-')}"
        world.signed.create_user_pool_domain(UserPoolId=self.pool.pool_id, Domain=self.domain)
        self.brand = world.signed.create_managed_login_branding(
            UserPoolId=self.pool.pool_id, ClientId=self.open.client_id, UseCognitoProvidedValues=True
        )["ManagedLoginBranding"]["ManagedLoginBrandingId"]
        self.identities = beside(
            world, self.open, IdentityPoolName=f"identities of {label}", DeveloperProviderName="login.ours"
        )
        self.tokens: dict[str, Any] = {}
        self.sign_in()
        self.identity = self.identities.get_id({self.identities.provider: self.tokens["IdToken"]})

    def sign_in(self) -> None:
        """Sign in anew, and begin a sign-in that is left open."""
        self.tokens = self.open.tokens(NAME, self.password)
        self.session = self.open.sign_in("newcomer", self.password)["Session"]

    def values(self) -> dict[str, list[Any]]:
        """Return what requests can name, by member."""
        client, ids = self.open.client_id, self.identities
        hashed = secret_hash(username=NAME, client_id=self.secret.client_id, client_secret=self.secret.secret or "")
        password = {"USERNAME": NAME, "PASSWORD": self.password}
        arns = [pool_arn(self.pool.pool_id), ids.arn]
        logins = {provider_of(self.open): self.tokens["IdToken"]}
        return {
            "UserPoolId": [self.pool.pool_id],
            "ClientId": [client, self.secret.client_id],
            "ClientSecret": [self.secret.secret],
            "SecretHash": [hashed],
            "SECRET_HASH": [hashed],
            "Username": [self.sub],
            "AccessToken": [self.tokens["AccessToken"]],
            "RefreshToken": [self.tokens["RefreshToken"]],
            "Token": [self.tokens["RefreshToken"]],
            "IdToken": [self.tokens["IdToken"]],
            "WebIdentityToken": [self.tokens["IdToken"]],
            "Session": [self.session],
            "Password": [self.password],
            "TemporaryPassword": [self.password],
            "PreviousPassword": [self.password],
            "ProposedPassword": [self.password],
            "AuthParameters": [
                password,
                {**password, "SECRET_HASH": hashed},
                {"REFRESH_TOKEN": self.tokens["RefreshToken"]},
                {"USERNAME": NAME, "SRP_A": "a" * 512},
                {"USERNAME": NAME, "PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": self.password},
            ],
            "ChallengeResponses": [
                {"USERNAME": "newcomer", "NEW_PASSWORD": self.password},
                {"USERNAME": NAME, "SMS_MFA_CODE": "123456"},
                {
                    "USERNAME": NAME,
                    "PASSWORD_CLAIM_SIGNATURE": "YQ==",
                    "PASSWORD_CLAIM_SECRET_BLOCK": "YQ==",
                    "TIMESTAMP": "x",
                },
                {"USERNAME": NAME, "ANSWER": "SELECT_CHALLENGE"},
            ],
            "ResourceArn": arns,
            "ResourceARNList": [arns],
            "Domain": [self.domain],
            "ManagedLoginBrandingId": [self.brand],
            "IdentityPoolId": [ids.pool_id],
            "IdentityId": [self.identity],
            "SourceUserIdentifier": ["dev-1"],
            "DestinationUserIdentifier": ["dev-2"],
            "IdentityIdsToDelete": [[self.identity]],
            "Logins": [logins, {"login.ours": "dev-1"}],
            "CognitoIdentityProviders": [[{"ProviderName": provider_of(self.open), "ClientId": client}]],
            "Roles": [{"authenticated": ROLE}],
        }


class Stage:
    """Both pools, and what answers have told of the first one since."""

    def __init__(self, world: World, random: Random) -> None:
        self.random = random
        self._iam = world.client("iam")
        _furnish(self._iam)
        self.here, self.there = Side(world, label="wombat"), Side(world, label=MARK)
        self.stale: dict[str, list[Any]] = {}
        self._learned: dict[str, deque[str]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Name what is there now; what was named before is stale, and is tried still."""
        self._values = (self.here.values(), self.there.values())

    def renew(self) -> None:
        """Mend what the first pool needs for anything to work, and sign in to it anew; the tokens before are stale, and tried too."""
        before, here = self.here.tokens, self.here
        signed, pool = here.pool.world.signed, here.pool
        client = {"UserPoolId": pool.pool_id, "ClientId": here.open.client_id}
        given = [{"Name": "email", "Value": f"{NAME}@wombat.example"}]
        named = {"UserPoolId": pool.pool_id, "Username": NAME}
        for mend in (
            lambda: signed.update_user_pool(
                UserPoolId=pool.pool_id, MfaConfiguration="OFF", DeletionProtection="ACTIVE"
            ),
            lambda: signed.update_user_pool_client(**client, ExplicitAuthFlows=[*FLOWS, "ALLOW_USER_AUTH"]),
            lambda: signed.admin_create_user(**named, MessageAction="SUPPRESS", UserAttributes=given),
            lambda: signed.admin_set_user_password(**named, Password=here.password, Permanent=True),
            lambda: signed.admin_enable_user(**named),
            lambda: signed.create_group(UserPoolId=pool.pool_id, GroupName="swimmers"),
            here.sign_in,
        ):
            with suppress(ClientError, KeyError):
                mend()
        _furnish(self._iam)
        self.stale = {name: [before[name]] for name in ("AccessToken", "RefreshToken", "IdToken") if name in before}
        self.refresh()

    def known(self, name: str, place: str) -> Sequence[Any]:
        """Offer values for a member of an operation's request."""
        own, others = self._values
        # Most requests are about what is there, whatever else was made or is stale.
        offered = [
            *STATIC.get(name, ()),
            *own.get(name, ()) * (6 if name in _FIRST else 1),
            *self._learned.get(name, ()),
            *self.stale.get(name, ()),
        ]
        sealed = (
            name in OWNERS
            or (name == "Session" and place in BY_SESSION)
            or (name == "ClientId" and _owned_by_client(place))
        )
        if not sealed and self.random.random() < 0.15:
            offered += others.get(name, ())
        return offered

    def learn(self, operation: str, answer: Any) -> None:
        """Keep what an answer names, for later requests."""
        if operation in OF_THE_ACCOUNT:
            return
        if isinstance(answer, Mapping):
            for name, value in answer.items():
                if isinstance(value, str) and value:
                    self._keep(operation, name, value)
                else:
                    self.learn(operation, value)
        elif isinstance(answer, list):
            for inner in answer[:4]:
                self.learn(operation, inner)

    def _keep(self, operation: str, name: str, value: str) -> None:
        names: tuple[str, ...] = (name,) if name in _KEPT else ()
        if name in {"Arn", "arn"} or name.endswith("Arn"):
            names = next((members for part, members in _ARNS.items() if part in value), ())
        if (operation, name) == ("CreateUserPool", "Id"):
            names = ("UserPoolId",)
        elif (operation, name) == ("CreateIdentityPool", "IdentityPoolId"):
            names = ("IdentityPoolId",)
        if value in {self.there.pool.pool_id, self.there.open.client_id, self.there.secret.client_id}:
            return  # as a provider of an identity pool; that its answer repeats it makes it no owner
        for kept in names:
            self._learned.setdefault(kept, deque(maxlen=6)).append(value)


def _furnish(iam: BaseClient) -> None:
    """Make what the account has: a user, a group, roles, a policy; what is there already stays."""
    for operation, given in (
        ("create_user", {"UserName": "ada"}),
        ("create_group", {"GroupName": "swimmers"}),
        ("create_role", {"RoleName": "lifeguard", "AssumeRolePolicyDocument": TRUST}),
        ("create_role", {"RoleName": "cleaner", "AssumeRolePolicyDocument": TRUST}),
        ("create_policy", {"PolicyName": "Nobody", "PolicyDocument": _POLICY}),
    ):
        with suppress(ClientError):
            getattr(iam, operation)(**given)


@cache
def _owned_by_client(operation: str) -> bool:
    """Say whether the client of a request decides whose rows it is about: where no pool must be named."""
    if operation not in MODEL.operation_names:
        return False
    shape = MODEL.operation_model(operation).input_shape
    return shape is None or "UserPoolId" not in shape.required_members
