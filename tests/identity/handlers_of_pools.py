"""Which calls do CloudFormation's handlers make for user pools and what hangs at them? A table (infrastructure.md 8)."""

from identity.handlers import ELSEWHERE, GONE, LOGS, Resource, by_arn, first_of, in_list, named, of_pool

CSS = ".label-customizable {{font-weight: {weight};}}"
APP = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
LINKS = {"cognito:default": "https://example.com/terms/"}
DETAILS = {
    "client_id": "app", "client_secret": "secret", "authorize_scopes": "openid", "attributes_request_method": "GET",
    "oidc_issuer": "https://login.example", "authorize_url": "https://login.example/a", "token_url": "https://login.example/t",
    "attributes_url": "https://login.example/u", "jwks_uri": "https://login.example/j",
}  # fmt: skip


OF_POOLS: dict[str, Resource] = {
    "UserPool": Resource(
        create=[
            ("create_user_pool", lambda _: {"PoolName": "cloudformation", "UserPoolTags": {"team": "a"}}),
            ("set_user_pool_mfa_config", named(**APP)),
            ("tag_resource", by_arn(Tags={"stage": "test"})),
            ("describe_user_pool", of_pool),
        ],
        keep=lambda answer: {"pool": answer["UserPool"]["Id"], "arn": answer["UserPool"]["Arn"]},
        read=[("describe_user_pool", of_pool), ("get_user_pool_mfa_config", of_pool)],
        told=lambda answers: (
            answers[0]["UserPool"].get("UserPoolTags"),
            answers[1]["MfaConfiguration"],
            len(answers[0]["UserPool"]["SchemaAttributes"]),
        ),
        first=({"team": "a", "stage": "test"}, "OPTIONAL", 21),
        update=[
            ("describe_user_pool", of_pool),
            ("get_user_pool_mfa_config", of_pool),
            ("update_user_pool", named(MfaConfiguration="OPTIONAL", DeletionProtection="INACTIVE")),
            ("set_user_pool_mfa_config", named(MfaConfiguration="OFF")),
            ("add_custom_attributes", named(CustomAttributes=[{"Name": "plan", "AttributeDataType": "String"}])),
            ("list_tags_for_resource", by_arn()),
            ("untag_resource", by_arn(TagKeys=["team"])),
            ("tag_resource", by_arn(Tags={"stage": "live"})),
        ],
        second=({"stage": "live"}, "OFF", 22),
        listing=[("list_user_pools", lambda _: {"MaxResults": 60})],
        listed=in_list("UserPools", "Id", "pool"),
        delete=[("delete_user_pool", of_pool)],
        gone=GONE,
        region="ap-south-2",
    ),
    "UserPoolClient": Resource(
        create=[("create_user_pool_client", named(ClientName="web", GenerateSecret=True))],
        keep=lambda answer: {"ClientId": answer["UserPoolClient"]["ClientId"]},
        read=[("describe_user_pool_client", named("ClientId"))],
        told=first_of("UserPoolClient", "ClientName", "RefreshTokenValidity"),
        first={"ClientName": "web", "RefreshTokenValidity": 30},
        update=[("update_user_pool_client", named("ClientId", ClientName="app", RefreshTokenValidity=7))],
        second={"ClientName": "app", "RefreshTokenValidity": 7},
        listing=[("list_user_pool_clients", named(MaxResults=60))],
        listed=in_list("UserPoolClients", "ClientId", "ClientId"),
        delete=[("delete_user_pool_client", named("ClientId"))],
        gone=GONE,
    ),
    "UserPoolDomain": Resource(
        create=[
            ("create_user_pool_domain", named("Domain")),
            ("describe_user_pool_domain", lambda ids: {"Domain": ids["Domain"]}),
        ],
        read=[("describe_user_pool_domain", lambda ids: {"Domain": ids["Domain"]})],
        told=first_of("DomainDescription", "Status", "ManagedLoginVersion"),
        first={"Status": "ACTIVE", "ManagedLoginVersion": 1},
        update=[
            ("update_user_pool_domain", named("Domain", ManagedLoginVersion=2)),
            ("describe_user_pool_domain", lambda ids: {"Domain": ids["Domain"]}),
        ],
        second={"Status": "ACTIVE", "ManagedLoginVersion": 2},
        delete=[
            ("delete_user_pool_domain", named("Domain")),
            ("describe_user_pool_domain", lambda ids: {"Domain": ids["Domain"]}),
        ],
        nothing={"Status": None, "ManagedLoginVersion": None},
    ),
    "UserPoolGroup": Resource(
        create=[("create_group", named("GroupName", Precedence=3)), ("get_group", named("GroupName"))],
        read=[("get_group", named("GroupName"))],
        told=first_of("Group", "GroupName", "Precedence"),
        first={"GroupName": "swimmers", "Precedence": 3},
        update=[("update_group", named("GroupName", Precedence=1))],
        second={"GroupName": "swimmers", "Precedence": 1},
        listing=[("list_groups", of_pool)],
        listed=in_list("Groups", "GroupName", "GroupName"),
        delete=[("get_group", named("GroupName")), ("delete_group", named("GroupName"))],
        gone=GONE,
    ),
    "UserPoolIdentityProvider": Resource(
        create=[
            ("create_identity_provider", named("ProviderName", ProviderType="OIDC", ProviderDetails=DETAILS)),
            ("describe_identity_provider", named("ProviderName")),
        ],
        read=[("describe_identity_provider", named("ProviderName"))],
        told=lambda answers: answers[0]["IdentityProvider"]["ProviderDetails"]["client_id"],
        first="app",
        update=[
            ("describe_identity_provider", named("ProviderName")),
            ("update_identity_provider", named("ProviderName", ProviderDetails={**DETAILS, "client_id": "web"})),
        ],
        second="web",
        listing=[("list_identity_providers", of_pool)],
        listed=in_list("Providers", "ProviderName", "ProviderName"),
        delete=[
            ("describe_identity_provider", named("ProviderName")),
            ("delete_identity_provider", named("ProviderName")),
        ],
        gone=GONE,
    ),
    "UserPoolResourceServer": Resource(
        create=[
            ("create_resource_server", named("Identifier", Name="api")),
            ("describe_resource_server", named("Identifier")),
        ],
        read=[("describe_resource_server", named("Identifier"))],
        told=first_of("ResourceServer", "Name"),
        first={"Name": "api"},
        update=[("update_resource_server", named("Identifier", Name="other"))],
        second={"Name": "other"},
        listing=[("list_resource_servers", named(MaxResults=50))],
        listed=in_list("ResourceServers", "Identifier", "Identifier"),
        delete=[("delete_resource_server", named("Identifier"))],
        gone=GONE,
    ),
    "UserPoolRiskConfigurationAttachment": Resource(
        create=[
            ("describe_risk_configuration", named("ClientId")),
            (
                "set_risk_configuration",
                named("ClientId", RiskExceptionConfiguration={"BlockedIPRangeList": ["10.10.10.10/32"]}),
            ),
        ],
        read=[("describe_risk_configuration", named("ClientId"))],
        told=first_of("RiskConfiguration", "RiskExceptionConfiguration"),
        first={"RiskExceptionConfiguration": {"BlockedIPRangeList": ["10.10.10.10/32"]}},
        update=[
            ("describe_risk_configuration", named("ClientId")),
            (
                "set_risk_configuration",
                named("ClientId", RiskExceptionConfiguration={"SkippedIPRangeList": ["10.10.10.12/32"]}),
            ),
        ],
        second={"RiskExceptionConfiguration": {"SkippedIPRangeList": ["10.10.10.12/32"]}},
        delete=[("describe_risk_configuration", named("ClientId")), ("set_risk_configuration", named("ClientId"))],
        nothing={"RiskExceptionConfiguration": None},
    ),
    "UserPoolUICustomizationAttachment": Resource(
        create=[
            ("get_ui_customization", named("ClientId")),
            ("set_ui_customization", named("ClientId", CSS=CSS.format(weight=400))),
        ],
        read=[("get_ui_customization", named("ClientId"))],
        told=first_of("UICustomization", "CSS"),
        first={"CSS": CSS.format(weight=400)},
        update=[("set_ui_customization", named("ClientId", CSS=CSS.format(weight=100)))],
        second={"CSS": CSS.format(weight=100)},
        delete=[("get_ui_customization", named("ClientId")), ("set_ui_customization", named("ClientId"))],
        nothing={"CSS": None},
    ),
    "UserPoolUser": Resource(
        create=[
            ("admin_create_user", named("Username", MessageAction="SUPPRESS")),
            ("admin_get_user", named("Username")),
        ],
        read=[("admin_get_user", named("Username"))],
        told=lambda answers: answers[0]["Username"],
        first="ida",
        listing=[("list_users", of_pool)],
        listed=in_list("Users", "Username", "Username"),
        delete=[("admin_delete_user", named("Username"))],
        gone="UserNotFoundException",
    ),
    "UserPoolUserToGroupAttachment": Resource(
        create=[
            ("admin_list_groups_for_user", named("Username")),
            ("admin_add_user_to_group", named("Username", "GroupName")),
        ],
        read=[("admin_list_groups_for_user", named("Username"))],
        told=lambda answers: [one["GroupName"] for one in answers[0]["Groups"]],
        first=["swimmers"],
        delete=[
            ("admin_list_groups_for_user", named("Username")),
            ("admin_remove_user_from_group", named("Username", "GroupName")),
        ],
        nothing=[],
    ),
    "UserPoolReplica": Resource(
        create=[
            ("create_user_pool_replica", named("RegionName", UserPoolTags={"team": "a"})),
            ("list_user_pool_replicas", of_pool),
            ("tag_resource", by_arn(Tags={"stage": "test"})),
        ],
        keep=lambda answer: {"arn": answer["UserPoolReplica"]["UserPoolArn"]},
        read=[("list_user_pool_replicas", of_pool), ("list_tags_for_resource", by_arn())],
        told=lambda answers: (
            [one["Status"] for one in answers[0]["UserPoolReplicas"] if one["RegionName"] == ELSEWHERE],
            answers[1]["Tags"],
        ),
        first=(["INACTIVE"], {"team": "a", "stage": "test"}),
        update=[
            ("list_user_pool_replicas", of_pool),
            ("untag_resource", by_arn(TagKeys=["team"])),
            ("tag_resource", by_arn(Tags={"stage": "live"})),
        ],
        second=(["INACTIVE"], {"stage": "live"}),
        listing=[("list_user_pool_replicas", of_pool)],
        listed=in_list("UserPoolReplicas", "RegionName", "RegionName"),
        delete=[
            ("describe_user_pool", of_pool),
            ("delete_user_pool_replica", named("RegionName")),
            ("list_user_pool_replicas", of_pool),
        ],
        gone=GONE,
    ),
    "LogDeliveryConfiguration": Resource(
        create=[
            ("get_log_delivery_configuration", of_pool),
            (
                "set_log_delivery_configuration",
                named(
                    LogConfigurations=[
                        {
                            "EventSource": "userNotification",
                            "LogLevel": "ERROR",
                            "CloudWatchLogsConfiguration": {"LogGroupArn": LOGS},
                        }
                    ]
                ),
            ),
        ],
        read=[("get_log_delivery_configuration", of_pool)],
        told=lambda answers: [
            one["EventSource"] for one in answers[0]["LogDeliveryConfiguration"].get("LogConfigurations", [])
        ],
        first=["userNotification"],
        update=[
            ("get_log_delivery_configuration", of_pool),
            (
                "set_log_delivery_configuration",
                named(
                    LogConfigurations=[
                        {
                            "EventSource": "userAuthEvents",
                            "LogLevel": "INFO",
                            "CloudWatchLogsConfiguration": {"LogGroupArn": LOGS},
                        }
                    ]
                ),
            ),
        ],
        second=["userAuthEvents"],
        delete=[
            ("get_log_delivery_configuration", of_pool),
            ("set_log_delivery_configuration", named(LogConfigurations=[])),
        ],
        nothing=[],
    ),
    "ManagedLoginBranding": Resource(
        create=[
            ("create_managed_login_branding", named("ClientId", UseCognitoProvidedValues=True)),
            ("describe_managed_login_branding_by_client", named("ClientId")),
        ],
        keep=lambda answer: {"ManagedLoginBrandingId": answer["ManagedLoginBranding"]["ManagedLoginBrandingId"]},
        read=[("describe_managed_login_branding", named("ManagedLoginBrandingId"))],
        told=first_of("ManagedLoginBranding", "UseCognitoProvidedValues"),
        first={"UseCognitoProvidedValues": True},
        update=[
            (
                "update_managed_login_branding",
                named(
                    "ManagedLoginBrandingId", Settings={"components": {"form": {"backgroundImage": {"enabled": True}}}}
                ),
            )
        ],
        second={"UseCognitoProvidedValues": False},
        delete=[("delete_managed_login_branding", named("ManagedLoginBrandingId"))],
        gone=GONE,
    ),
    "Terms": Resource(
        create=[
            (
                "create_terms",
                named("ClientId", TermsName="terms-of-use", TermsSource="LINK", Enforcement="NONE", Links=LINKS),
            )
        ],
        keep=lambda answer: {"TermsId": answer["Terms"]["TermsId"]},
        read=[("describe_terms", named("TermsId"))],
        told=lambda answers: sorted(answers[0]["Terms"]["Links"]),
        first=["cognito:default"],
        update=[("update_terms", named("TermsId", Links={**LINKS, "cognito:dutch": "https://example.com/nl/"}))],
        second=["cognito:default", "cognito:dutch"],
        listing=[("list_terms", of_pool)],
        listed=in_list("Terms", "TermsId", "TermsId"),
        delete=[("delete_terms", named("TermsId"))],
        gone=GONE,
    ),
    "UserPoolRegionalConfigurationAttachment": Resource(
        create=[
            ("describe_user_pool", of_pool),
            ("list_user_pool_replicas", of_pool),
            ("update_user_pool_replica", named("RegionName", Status="ACTIVE")),
            ("update_user_pool", named(UserPoolTags={"team": "a"})),
            ("list_tags_for_resource", by_arn()),
            ("tag_resource", by_arn(Tags={"stage": "test"})),
            ("untag_resource", by_arn(TagKeys=["none"])),
        ],
        read=[
            ("describe_user_pool", of_pool),
            ("list_user_pool_replicas", of_pool),
            ("list_tags_for_resource", by_arn()),
        ],
        told=lambda answers: (
            [one["Status"] for one in answers[1]["UserPoolReplicas"] if one["RegionName"] == ELSEWHERE],
            answers[2]["Tags"].get("stage"),
        ),
        first=(["ACTIVE"], "test"),
        update=[
            ("describe_user_pool", of_pool),
            ("list_user_pool_replicas", of_pool),
            ("update_user_pool", named()),
            ("update_user_pool_replica", named("RegionName", Status="INACTIVE")),
            ("list_tags_for_resource", by_arn()),
            ("untag_resource", by_arn(TagKeys=["team"])),
            ("tag_resource", by_arn(Tags={"stage": "live"})),
        ],
        second=(["INACTIVE"], "live"),
        delete=[
            ("describe_user_pool", of_pool),
            ("list_user_pool_replicas", of_pool),
            ("update_user_pool", named()),
            ("update_user_pool_replica", named("RegionName", Status="INACTIVE")),
            ("list_tags_for_resource", by_arn()),
            ("untag_resource", by_arn(TagKeys=["stage"])),
        ],
        nothing=(["INACTIVE"], None),
    ),
}
