"""How does somebody's own program reach this server? A few lines for each kind of client, with the real ids in them.

Nothing that somebody typed stands in them: ids, and addresses of the settings, both as literals of the language.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import dedent

_PASSWORD = "Swim-in-2-pools"  # noqa: S105 - of a user who does not exist yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The app client that programs are connected to. `username` and `email` are those that a new user of its pool may have."""

    address: str
    region: str
    pool_id: str
    client_id: str
    username: str
    email: str
    issuer: str

    @property
    def outbox(self) -> str:
        return f"{self.address}/_dev/outbox?to={self.email}&wait=5"

    @property
    def jwks(self) -> str:
        return f"{self.address}/{self.pool_id}/.well-known/jwks.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """One kind of client: the word in the address of its tab, its name, where its lines go, and the lines."""

    word: str
    name: str
    goes: str
    text: Callable[[Target], str]
    passwords: bool = False


def _amplify(target: Target) -> str:
    return _filled(
        """
        import { Amplify } from "aws-amplify";
        import { confirmSignUp, fetchAuthSession, signIn, signUp } from "aws-amplify/auth";

        Amplify.configure({
          Auth: { Cognito: { userPoolId: [pool], userPoolClientId: [client], userPoolEndpoint: [address] } },
        });

        const username = [username], password = [password];
        await signUp({ username, password, options: { userAttributes: { email: [email] } } });
        const [message] = (await (await fetch([outbox])).json()).slice(-1);
        await confirmSignUp({ username, confirmationCode: message.code });
        await signIn({ username, password });
        console.log(`${(await fetchAuthSession()).tokens.accessToken}`);
        """,
        target,
    )


def _sdk(target: Target) -> str:
    return _filled(
        """
        import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";

        const idp = new CognitoIdentityProvider({ region: [region], endpoint: [address] });
        const ClientId = [client], Username = [username], Password = [password];

        await idp.signUp({ ClientId, Username, Password, UserAttributes: [{ Name: "email", Value: [email] }] });
        const [message] = (await (await fetch([outbox])).json()).slice(-1);
        await idp.confirmSignUp({ ClientId, Username, ConfirmationCode: message.code });

        const { AuthenticationResult } = await idp.initiateAuth({
          ClientId,
          AuthFlow: "USER_PASSWORD_AUTH",
          AuthParameters: { USERNAME: Username, PASSWORD: Password },
        });
        console.log(AuthenticationResult.AccessToken);
        """,
        target,
    )


def _boto3(target: Target) -> str:
    return _filled(
        """
        import json, urllib.request
        import boto3

        idp = boto3.client("cognito-idp", region_name=[region], endpoint_url=[address])
        client, username, password = [client], [username], [password]

        email = [{"Name": "email", "Value": [email]}]
        idp.sign_up(ClientId=client, Username=username, Password=password, UserAttributes=email)
        outbox = urllib.request.urlopen([outbox])
        code = json.load(outbox)[-1]["code"]
        idp.confirm_sign_up(ClientId=client, Username=username, ConfirmationCode=code)

        answer = idp.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        print(answer["AuthenticationResult"]["AccessToken"])
        """,
        target,
    )


def _cli(target: Target) -> str:
    return _filled(
        r"""
        export AWS_ENDPOINT_URL=[address] AWS_REGION=[region] AWS_DEFAULT_REGION=[region]
        client=[client] username=[username] password=[password]

        aws cognito-idp sign-up --client-id "$client" --username "$username" --password "$password" \
          --user-attributes Name=email,Value=[email]
        code=$(curl -s [outbox] |
          python3 -c 'import json, sys; print(json.load(sys.stdin)[-1]["code"])')
        aws cognito-idp confirm-sign-up --client-id "$client" --username "$username" --confirmation-code "$code"
        aws cognito-idp initiate-auth --client-id "$client" --auth-flow USER_PASSWORD_AUTH \
          --auth-parameters "USERNAME=$username,PASSWORD=$password" \
          --query AuthenticationResult.AccessToken --output text
        """,
        target,
    )


def _terraform(target: Target) -> str:
    return _filled(
        """
        # The access key comes from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
        provider "aws" {
          region = [region]

          endpoints {
            cognitoidp      = [address]
            cognitoidentity = [address]
            iam             = [address]
            sts             = [address]
          }
        }

        data "aws_cognito_user_pool_client" "app" {
          user_pool_id = [pool]
          client_id    = [client]
        }

        resource "aws_cognito_user_group" "editors" {
          user_pool_id = [pool]
          name         = "editors"
        }
        """,
        target,
    )


def _verify(target: Target) -> str:
    return _filled(
        """
        import { JwtVerifier } from "aws-jwt-verify";

        const jwksUri = [jwks];
        const verifier = JwtVerifier.create({
          issuer: [issuer],
          jwksUri,
          audience: null,
          customJwtCheck: ({ payload }) => {
            if (payload.token_use !== "access" || payload.client_id !== [client]) throw new Error("not for us");
          },
        });
        // Left alone it fetches the keys by https, and no other way.
        verifier.cacheJwks(await (await fetch(jwksUri)).json());

        console.log(await verifier.verify(process.argv[2]));
        """,
        target,
    )


SNIPPETS: Mapping[str, Snippet] = {
    snippet.word: snippet
    for snippet in (
        Snippet(word="amplify", name="Amplify", goes="A module of an application, or app.mjs.", text=_amplify),
        Snippet(word="sdk", name="AWS SDK v3", goes="app.mjs, for node.", text=_sdk, passwords=True),
        Snippet(word="boto3", name="boto3", goes="app.py, for python3.", text=_boto3, passwords=True),
        Snippet(
            word="cli", name="AWS CLI", goes="A shell. No access key is needed for these.", text=_cli, passwords=True
        ),
        Snippet(word="terraform", name="Terraform", goes="main.tf.", text=_terraform),
        Snippet(
            word="verify",
            name="aws-jwt-verify",
            goes="verify.mjs, of a backend that is handed an access token: node verify.mjs TOKEN.",
            text=_verify,
        ),
    )
}


def _filled(template: str, target: Target) -> str:
    """Return a template with its words in brackets replaced by literals, which all of these languages write alike."""
    text = dedent(template).strip("\n")
    values = {
        "address": target.address,
        "region": target.region,
        "pool": target.pool_id,
        "client": target.client_id,
        "username": target.username,
        "password": _PASSWORD,
        "email": target.email,
        "outbox": target.outbox,
        "jwks": target.jwks,
        "issuer": target.issuer,
    }
    for word, value in values.items():
        text = text.replace(f"[{word}]", json.dumps(value))
    return text
