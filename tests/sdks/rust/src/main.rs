//! Does the AWS SDK for Rust work? A pool and its people, a sign-in, errors by their types, pages, and credentials.

use std::env;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cognitoidentity as identities;
use aws_sdk_cognitoidentityprovider as pools;
use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use pools::types::{AttributeType, AuthFlowType, AuthenticationResultType, ExplicitAuthFlowsType, MessageActionType};

const PASSWORD: &str = "Correct-Horse-1";
const NAMES: [&str; 5] = ["ada", "eve", "ida", "una", "zoe"];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn told(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not in the environment"))
}

fn clients() -> (pools::Client, identities::Client) {
    let (endpoint, region) = (told("AWS_ENDPOINT_URL"), told("AWS_REGION"));
    let keys = Credentials::from_keys(told("AWS_ACCESS_KEY_ID"), told("AWS_SECRET_ACCESS_KEY"), None);
    let of_pools = pools::Config::builder()
        .behavior_version(pools::config::BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .endpoint_url(&endpoint)
        .region(pools::config::Region::new(region.clone()))
        .credentials_provider(keys.clone());
    let of_identities = identities::Config::builder()
        .behavior_version(identities::config::BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .endpoint_url(endpoint)
        .region(identities::config::Region::new(region))
        .credentials_provider(keys);
    (pools::Client::from_conf(of_pools.build()), identities::Client::from_conf(of_identities.build()))
}

/// Make a pool, an app client and five people; return the ids of the first two.
async fn make_pool(idp: &pools::Client) -> Outcome<(String, String)> {
    let pool = idp.create_user_pool().pool_name("rust").send().await?.user_pool.unwrap();
    let pool_id = pool.id.unwrap();
    let client = idp
        .create_user_pool_client()
        .user_pool_id(&pool_id)
        .client_name("rust")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth)
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth)
        .send()
        .await?;
    for name in NAMES {
        let created = idp
            .admin_create_user()
            .user_pool_id(&pool_id)
            .username(name)
            .message_action(MessageActionType::Suppress)
            .user_attributes(AttributeType::builder().name("email").value(format!("{name}@example.com")).build()?)
            .send()
            .await?;
        let made_at = created.user.unwrap().user_create_date.unwrap().secs();
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs() as i64;
        assert!((now - made_at).abs() < 60, "{made_at} is not now, which is {now}");
    }
    let permanent = idp.admin_set_user_password().user_pool_id(&pool_id).username("ada").password(PASSWORD).permanent(true);
    permanent.send().await?;
    Ok((pool_id, client.user_pool_client.unwrap().client_id.unwrap()))
}

/// Sign in, ask who one is, and refresh; return both answers.
async fn sign_in(
    idp: &pools::Client,
    client_id: &str,
) -> Outcome<(AuthenticationResultType, AuthenticationResultType)> {
    let asked = idp.initiate_auth().client_id(client_id).auth_flow(AuthFlowType::UserPasswordAuth);
    let answer = asked.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", PASSWORD).send().await?;
    let tokens = answer.authentication_result.unwrap();

    let user = idp.get_user().access_token(tokens.access_token().unwrap()).send().await?;
    assert_eq!(user.username(), "ada");
    let email = user.user_attributes().iter().find(|one| one.name() == "email").unwrap();
    assert_eq!(email.value(), Some("ada@example.com"));

    let asked = idp.initiate_auth().client_id(client_id).auth_flow(AuthFlowType::RefreshTokenAuth);
    let newer = asked.auth_parameters("REFRESH_TOKEN", tokens.refresh_token().unwrap()).send().await?;
    Ok((tokens, newer.authentication_result.unwrap()))
}

/// Be refused in four ways, each by the SDK's own type.
async fn be_refused(idp: &pools::Client, pool_id: &str, client_id: &str) {
    let asked = idp.initiate_auth().client_id(client_id).auth_flow(AuthFlowType::UserPasswordAuth);
    let asked = asked.auth_parameters("USERNAME", "ada").auth_parameters("PASSWORD", "Wrong-Horse-1");
    let fault = asked.send().await.unwrap_err().into_service_error();
    assert!(fault.is_not_authorized_exception(), "{fault:?}");
    assert_eq!(fault.meta().message(), Some("Incorrect username or password."));

    let asked = idp.admin_get_user().user_pool_id(pool_id).username("nobody");
    let fault = asked.send().await.unwrap_err().into_service_error();
    assert!(fault.is_user_not_found_exception(), "{fault:?}");

    let asked = idp.sign_up().client_id(client_id).username("ada").password(PASSWORD);
    let fault = asked.send().await.unwrap_err().into_service_error();
    assert!(fault.is_username_exists_exception(), "{fault:?}");

    let asked = idp.list_users().user_pool_id(pool_id).filter("colour = \"red\"");
    let fault = asked.send().await.unwrap_err().into_service_error();
    assert!(fault.is_invalid_parameter_exception(), "{fault:?}");
}

/// List everybody by the SDK's own paginator, two on a page.
async fn list(idp: &pools::Client, pool_id: &str) -> Outcome<(Vec<String>, usize)> {
    let (mut names, mut pages) = (Vec::new(), 0);
    let mut walk = idp.list_users().user_pool_id(pool_id).into_paginator().page_size(2).send();
    while let Some(page) = walk.next().await {
        names.extend(page?.users().iter().map(|user| user.username().unwrap().to_owned()));
        pages += 1;
    }
    names.sort();
    Ok((names, pages))
}

/// Come to credentials by an ID token.
async fn credentials(
    identity: &identities::Client,
    pool_id: &str,
    client_id: &str,
    id_token: &str,
) -> Outcome<(String, identities::types::Credentials)> {
    let provider = format!("cognito-idp.{}.amazonaws.com/{pool_id}", told("AWS_REGION"));
    let trusted = identities::types::CognitoIdentityProvider::builder().provider_name(&provider).client_id(client_id);
    let made = identity
        .create_identity_pool()
        .identity_pool_name("rust")
        .allow_unauthenticated_identities(false)
        .cognito_identity_providers(trusted.build())
        .send()
        .await?;
    let identity_pool_id = made.identity_pool_id();
    let role = told("STORY_ROLE_ARN");
    identity.set_identity_pool_roles().identity_pool_id(identity_pool_id).roles("authenticated", role).send().await?;

    let found = identity.get_id().identity_pool_id(identity_pool_id).logins(&provider, id_token).send().await?;
    let identity_id = found.identity_id.unwrap();
    let asked = identity.get_credentials_for_identity().identity_id(&identity_id).logins(&provider, id_token);
    Ok((identity_id, asked.send().await?.credentials.unwrap()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let (idp, identity) = clients();
    let (pool_id, client_id) = make_pool(&idp).await?;
    let (tokens, newer) = sign_in(&idp, &client_id).await?;
    be_refused(&idp, &pool_id, &client_id).await;
    let (names, pages) = list(&idp, &pool_id).await?;
    let id_token = tokens.id_token().unwrap();
    let (identity_id, keys) = credentials(&identity, &pool_id, &client_id, id_token).await?;

    for (name, value) in [
        ("pool_id", pool_id.as_str()),
        ("client_id", client_id.as_str()),
        ("access_token", tokens.access_token().unwrap()),
        ("id_token", id_token),
        ("newer_access_token", newer.access_token().unwrap()),
        ("names", names.join(" ").as_str()),
        ("pages", pages.to_string().as_str()),
        ("identity_id", identity_id.as_str()),
        ("access_key_id", keys.access_key_id().unwrap()),
        ("secret_key", keys.secret_key().unwrap()),
        ("session_token", keys.session_token().unwrap()),
    ] {
        println!("{name}={value}");
    }
    Ok(())
}
