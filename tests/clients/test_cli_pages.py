"""Do the commands that pages of the documentation show for the AWS CLI work as they are copied? Each block is run by a shell."""

import json
import re
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from clients.oauth import oauth_client
from clients.serving import Server, new_client, new_pool, new_user, service, signed_environment

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = "http://localhost:7665"
BRAND = ROOT / "examples" / "brands" / "children"


def blocks(page: str) -> list[str]:
    """Return the shell blocks of a page."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def run(server: Server, home: Path, script: str, **variables: str) -> str:
    """Run a script of a page where its reader stands, at the root of a checkout; return what it printed."""
    environment = signed_environment(server, home, AWS_DEFAULT_OUTPUT="json", **variables)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script.replace(DOCUMENTED, server.endpoint)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def documents(printed: str) -> list[Any]:
    """Return the JSON documents that stand one after the other in what commands printed."""
    found, decoder, rest = [], json.JSONDecoder(), printed.strip()
    while rest:
        document, end = decoder.raw_decode(rest)
        found.append(document)
        rest = rest[end:].strip()
    return found


def test_our_own_service_is_called_as_its_page_says(server: Server, tmp_path: Path) -> None:
    """boto3's lines first, then those of the AWS CLI in the same shell: told, listed, exported and erased."""
    pool_id = new_pool(server, UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    new_user(server, pool_id, "ada", "Own-Service-1")
    client_id = new_client(server, pool_id)["ClientId"]
    login = {"USERNAME": "ada", "PASSWORD": "Own-Service-1"}
    service(server).initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=login)
    by_boto3, by_cli = blocks("own-service.md")
    exported = tmp_path / "ada.json"

    printed = run(server, tmp_path, (by_boto3 + by_cli).replace("ada.json", str(exported)), POOL=pool_id)
    version, rest = printed.split("\n", 1)
    told, messages, events, erased = documents(rest)

    assert version == told
    assert messages["Messages"] == []
    assert [event["EventType"] for event in events["AuthEvents"]] == ["SignIn"]
    assert json.loads(exported.read_text())["users"][0]["attributes"]["email"] == "ada@example.com"
    assert erased["UserSub"] == events["AuthEvents"][0]["UserSub"]
    with pytest.raises(ClientError, match="User does not exist"):
        service(server).admin_get_user(UserPoolId=pool_id, Username="ada")


def test_the_command_line_pages_through_our_own_lists(server: Server, tmp_path: Path) -> None:
    """What does not fit on one page of the server comes whole: three messages, by pages of one."""
    pool_id = new_pool(server)
    client_id = new_client(server, pool_id)["ClientId"]
    for name in ("ada", "eve", "zoe"):
        mail = {"Name": "email", "Value": f"{name}@{pool_id[-9:]}.example"}
        service(server).sign_up(ClientId=client_id, Username=name, Password="Own-Service-1", UserAttributes=[mail])
    listing = 'aws poolkeeper list-captured-messages --user-pool-id "$POOL" --page-size 1'

    printed = run(server, tmp_path, listing, POOL=pool_id, AWS_DATA_PATH=str(ROOT / "models"))

    assert [message["Username"] for message in json.loads(printed)["Messages"]] == ["ada", "eve", "zoe"]


def test_apps_that_nobody_registered_are_let_in_as_their_page_says(server: Server, tmp_path: Path) -> None:
    """The policy for addresses, and registration: a CLI that knows neither is lent the model of boto3, and fetches no pattern."""
    pool_id = new_pool(server)
    flow = {"AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthScopes": ["openid"]}
    addresses = {"CallbackURLs": ["https://app.example.com/back"], "SupportedIdentityProviders": ["COGNITO"]}
    client_id = new_client(server, pool_id, **flow, **addresses)["ClientId"]

    printed = run(server, tmp_path, "".join(blocks("apps-that-register-themselves.md")), POOL=pool_id, CLIENT=client_id)

    (policy,) = documents(printed)
    assert policy["CIMDPolicy"]["URLPatterns"] == ["https://*.example.com/*"]
    pool = service(server).describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert pool["DcrConfiguration"] == {"EnableStatus": "Enabled", "OpenDcrEnabled": True}
    assert "AutoVerifiedAttributes" not in pool


def test_a_style_is_applied_as_its_page_says(server: Server, tmp_path: Path) -> None:
    """The server holds the pictures byte for byte, as they are in the files."""
    pool_id = new_pool(server)
    client_id = oauth_client(server, pool_id, "http://localhost:3000/")["ClientId"]
    (command,) = blocks("branding.md")

    made = json.loads(run(server, tmp_path, command, POOL=pool_id, CLIENT=client_id))["ManagedLoginBranding"]

    held = service(server).describe_managed_login_branding(
        UserPoolId=pool_id, ManagedLoginBrandingId=made["ManagedLoginBrandingId"]
    )["ManagedLoginBranding"]
    assert {asset["Category"]: asset["Bytes"] for asset in held["Assets"]} == {
        "FORM_LOGO": (BRAND / "form-logo.svg").read_bytes(),
        "FAVICON_SVG": (BRAND / "favicon.svg").read_bytes(),
    }
    assert held["Settings"] == json.loads((BRAND / "settings.json").read_text())


def test_the_command_line_sends_base64_of_json_as_it_stands(server: Server, tmp_path: Path) -> None:
    """Why the page shows the other form: in version 1, the picture of a JSON document would be its own base64."""
    pool_id = new_pool(server)
    client_id = oauth_client(server, pool_id, "http://localhost:3000/")["ClientId"]
    picture = b64encode((BRAND / "form-logo.svg").read_bytes()).decode()
    asset = {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": picture}
    file = tmp_path / "assets.json"
    file.write_text(json.dumps([asset]))
    command = (
        'if aws cognito-idp create-managed-login-branding --user-pool-id "$POOL" --client-id "$CLIENT" '
        f"--use-cognito-provided-values --assets file://{file} 2>&1; then exit 1; fi"
    )

    told = run(server, tmp_path, command, POOL=pool_id, CLIENT=client_id)

    assert "(InvalidParameterException) when calling the CreateManagedLoginBranding operation" in told
    assert "FORM_LOGO" in told
