"""Does pycognito work, unmodified? Its `endpoint_url` moves the calls, and the issuer that it verifies, to our address."""

from typing import Any

import pytest
import requests
from pycognito import AWSSRP, Cognito
from pycognito.exceptions import (
    ForceChangePasswordException,
    SMSMFAChallengeException,
    SoftwareTokenMFAChallengeException,
    TokenVerificationException,
)
from pycognito.utils import RequestsSrpAuth
from requests import PreparedRequest

from clients.factors import SMS_MFA, TOTP, mfa_pool, shown
from clients.serving import (
    ACCESS_KEY_ID,
    REGION,
    SECRET_ACCESS_KEY,
    USER_FLOWS,
    Server,
    code_for,
    new_client,
    new_pool,
    new_user,
    service,
    verified_claims,
)

PASSWORD = "Păss-wörd-日本-1"


def cognito(server: Server, pool_id: str, client: dict[str, Any], username: str | None = None, **options: Any) -> Any:
    """Return pycognito's client of one user. It writes into `boto3_client_kwargs`, so each gets its own."""
    where = {"endpoint_url": server.endpoint}
    secret = {"client_secret": client["ClientSecret"]} if "ClientSecret" in client else {}
    return Cognito(pool_id, client["ClientId"], username=username, boto3_client_kwargs=where, **(secret | options))


def admin(server: Server, pool_id: str, client: dict[str, Any], username: str | None = None) -> Any:
    """Return pycognito's client with the server's first key."""
    return cognito(server, pool_id, client, username, access_key=ACCESS_KEY_ID, secret_key=SECRET_ACCESS_KEY)


def srp(server: Server, pool_id: str, client: dict[str, Any], username: str, password: str) -> Any:
    """Return pycognito's SRP exchange for one user."""
    return AWSSRP(username, password, pool_id, client["ClientId"], client=service(server))


@pytest.fixture
def device_calls(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lead what pycognito says of devices to our address: it knows AWS's alone there, whatever its client was told."""
    post = requests.post

    def redirected(url: str, **request: Any) -> Any:
        assert url == f"https://cognito-idp.{REGION}.amazonaws.com/"
        return post(server.endpoint, **request)

    monkeypatch.setattr(requests, "post", redirected)


def test_a_user_registers_signs_in_by_srp_and_out(server: Server) -> None:
    """A whole life with pycognito, tokens verified by itself against our issuer and keys."""
    pool_id = new_pool(server)
    client = new_client(server, pool_id)
    user = cognito(server, pool_id, client, "paula")
    user.set_base_attributes(email="paula@example.com", nickname="Pau")

    registered = user.register("paula", PASSWORD)
    user.confirm_sign_up(code_for(server, pool_id, "paula@example.com", "SignUp"))
    user.authenticate(PASSWORD)
    first = dict(user.access_claims)
    user.update_profile({"nickname": "Paula"})
    user.renew_access_token()

    assert registered["UserConfirmed"] is False
    assert registered["CodeDeliveryDetails"]["Destination"] == "p***@e***"
    assert user.id_claims["sub"] == registered["UserSub"]
    assert user.id_claims["nickname"] == "Paula"
    assert user.access_claims["origin_jti"] == first["origin_jti"]
    assert user.access_claims["jti"] != first["jti"]
    assert user.get_user().nickname == "Paula"
    assert user.get_user().email_verified is True
    assert user.check_token() is False

    user.change_password(PASSWORD, "Another-Pass-2")
    access_token = user.access_token
    user.logout()
    with pytest.raises(user.client.exceptions.NotAuthorizedException, match="Access Token has been revoked"):
        user.client.get_user(AccessToken=access_token)


def test_a_wrong_password_is_refused_by_srp(server: Server) -> None:
    """The proof of another password gives NotAuthorizedException with AWS's sentence."""
    pool_id = new_pool(server)
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", PASSWORD)
    user = cognito(server, pool_id, client, "paula")

    with pytest.raises(user.client.exceptions.NotAuthorizedException, match=r"Incorrect username or password\.$"):
        user.authenticate("Not-The-Password-1")


def test_a_temporary_password_is_changed_by_srp(server: Server) -> None:
    """SRP with a temporary password gives no tokens; the new password that answers the challenge does."""
    pool_id = new_pool(server)
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", "Temporary-Pass-1", permanent=False)
    user = cognito(server, pool_id, client, "paula")

    with pytest.raises(ForceChangePasswordException):
        user.authenticate("Temporary-Pass-1")
    user.new_password_challenge("Temporary-Pass-1", PASSWORD)

    assert user.access_claims["username"] == "paula"
    assert user.id_claims["email"] == "paula@example.com"
    tokens = srp(server, pool_id, client, "paula", PASSWORD).authenticate_user()["AuthenticationResult"]
    assert verified_claims(server, pool_id, tokens["IdToken"])["cognito:username"] == "paula"


def test_srp_signs_in_an_email_address_of_an_email_pool(server: Server) -> None:
    """USER_ID_FOR_SRP is the pool's own name of the user, and the answer is found by what pycognito sends back."""
    pool_id = new_pool(server, UsernameAttributes=["email"])
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula@example.com", PASSWORD)

    exchange = srp(server, pool_id, client, "paula@example.com", PASSWORD)
    identity = verified_claims(server, pool_id, exchange.authenticate_user()["AuthenticationResult"]["IdToken"])

    assert identity["cognito:username"] == identity["sub"]
    assert identity["email"] == "paula@example.com"


def test_a_client_with_a_secret_signs_in_by_srp_and_refreshes(server: Server) -> None:
    """The hash of the client's secret goes along with each step."""
    pool_id = new_pool(server)
    client = new_client(server, pool_id, GenerateSecret=True)
    new_user(server, pool_id, "paula", PASSWORD)
    user = cognito(server, pool_id, client, "paula")

    user.authenticate(PASSWORD)
    refresh_token = user.refresh_token
    user.renew_access_token()

    assert user.refresh_token == refresh_token
    assert user.access_claims["client_id"] == client["ClientId"]


def test_a_forgotten_password_is_replaced(server: Server) -> None:
    """The code that was mailed sets a new password."""
    pool_id = new_pool(server)
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", "Forgotten-Pass-1")
    user = cognito(server, pool_id, client, "paula")

    user.initiate_forgot_password()
    user.confirm_forgot_password(code_for(server, pool_id, "paula@example.com", "ForgotPassword"), PASSWORD)
    user.authenticate(PASSWORD)

    assert user.access_claims["username"] == "paula"


def test_an_administrator_creates_signs_in_and_lists_users(server: Server) -> None:
    """Administrative calls are signed and answered."""
    pool_id = new_pool(server)
    client = new_client(server, pool_id, ExplicitAuthFlows=[*USER_FLOWS, "ALLOW_ADMIN_USER_PASSWORD_AUTH"])
    boss = admin(server, pool_id, client, "paula")

    created = boss.admin_create_user("paula", "Temporary-Pass-1", {"MessageAction": "SUPPRESS"}, email="p@example.com")
    service(server).admin_set_user_password(UserPoolId=pool_id, Username="paula", Password=PASSWORD, Permanent=True)
    boss.admin_authenticate(PASSWORD)
    boss.admin_update_profile({"nickname": "Pau"})

    assert created["User"]["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert boss.access_claims["username"] == "paula"
    assert (boss.admin_get_user().user_status, boss.admin_get_user().nickname) == ("CONFIRMED", "Pau")
    assert [user.username for user in boss.get_users()] == ["paula"]


def test_a_token_of_another_client_is_not_verified(server: Server) -> None:
    """An ID token whose audience is another client of the pool is refused by the library."""
    pool_id = new_pool(server)
    client, other = new_client(server, pool_id), new_client(server, pool_id)
    new_user(server, pool_id, "paula", PASSWORD)
    tokens = srp(server, pool_id, client, "paula", PASSWORD).authenticate_user()["AuthenticationResult"]

    stranger = cognito(server, pool_id, other, "paula", id_token=tokens["IdToken"], access_token=tokens["AccessToken"])

    with pytest.raises(TokenVerificationException):
        stranger.verify_tokens()


def test_requests_carry_a_token_by_pycognitos_plug_in(server: Server) -> None:
    """RequestsSrpAuth signs in at the first request and puts a token of ours into its header."""
    pool_id = new_pool(server, UserPoolTier="LITE")
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", PASSWORD)
    plug_in = RequestsSrpAuth(
        username="paula",
        password=PASSWORD,
        user_pool_id=pool_id,
        user_pool_region=REGION,
        client_id=client["ClientId"],
        boto3_client_kwargs={"endpoint_url": server.endpoint},
    )
    request = PreparedRequest()
    request.prepare(method="GET", url="http://localhost/", auth=plug_in)

    scheme, token = str(request.headers["Authorization"]).split(" ")
    assert scheme == "Bearer"
    assert verified_claims(server, pool_id, token)["username"] == "paula"


@pytest.mark.parametrize("secret", [False, True], ids=["public", "confidential"])
def test_an_authenticator_app_is_set_up_and_asked_for(server: Server, secret: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    """A wrong first code is refused; then sign-ins raise the challenge, which the code of the next step answers."""
    pool_id = mfa_pool(server, TOTP)["poolId"]
    client = new_client(server, pool_id, GenerateSecret=secret)
    new_user(server, pool_id, "paula", PASSWORD)
    user = cognito(server, pool_id, client, "paula")
    user.authenticate(PASSWORD)

    seed = user.associate_software_token()
    code = shown(seed)
    with pytest.raises(user.client.exceptions.EnableSoftwareTokenMFAException):
        user.verify_software_token(f"{(int(code) + 1) % 1_000_000:06}")
    assert user.verify_software_token(code, "phone") is True
    user.set_user_mfa_preference(sms_mfa=False, software_token_mfa=True, preferred="SOFTWARE_TOKEN")

    again = cognito(server, pool_id, client, "paula")
    with pytest.raises(SoftwareTokenMFAChallengeException):
        again.authenticate(PASSWORD)
    with pytest.raises(again.client.exceptions.ExpiredCodeException):
        again.respond_to_software_token_mfa_challenge(code)
    again.respond_to_software_token_mfa_challenge(shown(seed, later=1))
    assert again.access_claims["username"] == "paula"


def test_a_code_by_sms_is_asked_for(server: Server) -> None:
    """The challenge is raised with the Session that the texted code answers; without the preference nothing is asked."""
    pool_id = mfa_pool(server, SMS_MFA)["poolId"]
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", PASSWORD, phone_number="+15550100123")
    user = cognito(server, pool_id, client, "paula")
    user.authenticate(PASSWORD)
    user.set_user_mfa_preference(sms_mfa=True, software_token_mfa=False, preferred="SMS")

    again = cognito(server, pool_id, client, "paula")
    with pytest.raises(SMSMFAChallengeException) as caught:
        again.authenticate(PASSWORD)
    code = code_for(server, pool_id, "+15550100123", "Authentication")
    elsewhere = cognito(server, pool_id, client, "paula")
    elsewhere.respond_to_sms_mfa_challenge(code, caught.value.get_tokens())
    assert elsewhere.access_claims["username"] == "paula"

    elsewhere.set_user_mfa_preference(sms_mfa=False, software_token_mfa=False)
    user.authenticate(PASSWORD)


@pytest.mark.usefixtures("device_calls")
def test_a_device_is_confirmed_and_proved(server: Server) -> None:
    """Its secret is made up by pycognito, which signs in by two exchanges in a row and sends a Session with neither."""
    pool_id = new_pool(server, DeviceConfiguration={"ChallengeRequiredOnNewDevice": True})
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", PASSWORD)
    first = srp(server, pool_id, client, "paula", PASSWORD)

    answer, device_password = first.confirm_device(first.authenticate_user(), "Paula's laptop")
    assert (answer.status_code, answer.json()) == (200, {"UserConfirmationNecessary": False})
    device = {
        "device_key": first.device_key,
        "device_group_key": first.device_group_key,
        "device_password": device_password,
    }
    again = AWSSRP("paula", PASSWORD, pool_id, client["ClientId"], client=service(server), **device)
    tokens = again.authenticate_user()["AuthenticationResult"]

    assert "NewDeviceMetadata" not in tokens
    assert verified_claims(server, pool_id, tokens["AccessToken"])["device_key"] == first.device_key
    listed = service(server).list_devices(AccessToken=tokens["AccessToken"])["Devices"]
    assert [one["DeviceKey"] for one in listed] == [first.device_key]
    assert {"Name": "device_name", "Value": "Paula's laptop"} in listed[0]["DeviceAttributes"]

    stranger = AWSSRP(
        "paula", PASSWORD, pool_id, client["ClientId"], client=service(server), **{**device, "device_password": "guess"}
    )
    with pytest.raises(service(server).exceptions.NotAuthorizedException, match=r"Incorrect username or password\.$"):
        stranger.authenticate_user()


@pytest.mark.usefixtures("device_calls")
def test_a_device_is_remembered_on_demand_and_forgotten(server: Server) -> None:
    """update_device_status and forget_device decide whether the device is asked for its secret."""
    pool_id = new_pool(server, DeviceConfiguration={"DeviceOnlyRememberedOnUserPrompt": True})
    client = new_client(server, pool_id)
    new_user(server, pool_id, "paula", PASSWORD)
    user = srp(server, pool_id, client, "paula", PASSWORD)
    answer, user.device_password = user.confirm_device(user.authenticate_user())
    assert answer.json() == {"UserConfirmationNecessary": True}
    idp, this = service(server), {"UserPoolId": pool_id, "Username": "paula", "DeviceKey": user.device_key}

    for remembered, status in ((True, "remembered"), (False, "not_remembered"), (True, "remembered")):
        user.update_device_status(remembered, user.access_token, user.device_key)
        shown = idp.admin_get_device(**this)["Device"]["DeviceAttributes"]
        assert {"Name": "dev:device_remembered_status", "Value": status} in shown
        tokens = user.authenticate_user()["AuthenticationResult"]
        assert verified_claims(server, pool_id, tokens["AccessToken"])["device_key"] == user.device_key

    user.forget_device(user.access_token, user.device_key)
    with pytest.raises(idp.exceptions.ResourceNotFoundException, match=r"Device does not exist\.$"):
        user.authenticate_user()
