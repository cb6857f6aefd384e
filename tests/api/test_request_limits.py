"""Are requests held to the rates of Cognito's categories? Where the operator asks for it, and nowhere else."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.auth
import pytest
from botocore.exceptions import ClientError

from api.principals import allow, person
from api.world import World, refused, round_to_second, running, settings_for
from oauth.browsing import Browser
from oauth.hosted import code_client, refresh, tokens_for
from poolkeeper.clock import SECOND
from poolkeeper.defences.request_limits import REREAD
from poolkeeper.hosted import limited as forms
from poolkeeper.hosted import paths
from poolkeeper.model.request_limits import ANSWERS_TIMES, CATEGORIES, OF_OPERATION, UNLIMITED
from poolkeeper.oauth import endpoints as oauth
from poolkeeper.operations.tables import COGNITO_IDP
from poolkeeper.pages.managed_login import endpoints as pages

TOO_MANY = ("TooManyRequestsException", "Too many requests")


def named(category: str) -> dict[str, Any]:
    return {"LimitDefinition": {"LimitClass": "API_CATEGORY", "Attributes": {"Category": category}}}


@contextmanager
def limited(folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Iterator[World]:
    """Run a server that holds requests to the rates."""
    known = settings_for(folder, request_limits=True, **settings)
    with running(known, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def count_until_refused(work: Callable[[], Any], most: int = 200) -> int:
    """Return how often something may be done at one moment."""
    for number in range(most):
        try:
            work()
        except ClientError as fault:
            if fault.response["Error"]["Code"] != TOO_MANY[0]:
                raise
            return number
    return most


def test_every_operation_has_a_category_or_none_on_purpose() -> None:
    """A new operation of the model is given its place."""
    assert OF_OPERATION.keys() | UNLIMITED == COGNITO_IDP.operations.keys()
    assert not OF_OPERATION.keys() & UNLIMITED


def test_every_address_of_forms_has_a_category_or_none_on_purpose() -> None:
    """A new page or OAuth endpoint is given its place, and an address that is gone leaves the table."""
    of_oauth = (oauth.BROWSER_HANDLERS, oauth.SAML_HANDLERS, oauth.PROGRAM_HANDLERS)
    tables = (pages.PAGES, pages.ALONE, *of_oauth)
    posted = {path for table in tables for path, (_, post) in table.items() if post is not None}
    assert forms.POSTED.keys() | forms.UNLIMITED == posted
    assert not forms.POSTED.keys() & forms.UNLIMITED


@pytest.mark.parametrize(
    ("path", "category"),
    [
        (paths.CONFIRM_LINK, "UserCreation"),
        (paths.ADD_PASSKEY, "UserResourceUpdate"),
        (paths.FEEDBACK, "UserResourceUpdate"),
    ],
)
def test_a_form_that_does_what_an_operation_does_counts_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, category: str
) -> None:
    """A link that confirms, a passkey that is added, what is said of an event: at once as often as the operation."""
    with limited(tmp_path, monkeypatch, request_limit_servers=5) as world:
        client = code_client(world.pool())
        browser = Browser(client.pool)
        form = {"client_id": client.client_id, "user_name": "ada", "confirmation_code": "123456"}
        share = CATEGORIES[category].free // 5
        answers = [browser.post(f"{path}?client_id={client.client_id}", form).status for _ in range(share + 1)]
        assert 429 not in answers[:share]
        assert answers[share] == 429


def test_a_link_that_confirms_at_once_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operator has links confirm as soon as they are followed."""
    with limited(tmp_path, monkeypatch, request_limit_servers=10, confirm_links_at_once=True) as world:
        client = code_client(world.pool())
        link = {"client_id": client.client_id, "user_name": "ada", "confirmation_code": "123456"}
        answers = [Browser(client.pool).get(paths.CONFIRM_LINK, link).status for _ in range(6)]
        assert 429 not in answers[:5]
        assert answers[5] == 429


def test_by_default_nothing_is_limited(world: World) -> None:
    """More at one moment than any category has."""
    assert count_until_refused(lambda: world.signed.list_user_pools(MaxResults=1), 2 * CATEGORIES["UserPoolRead"].free)


def test_a_category_lets_its_rate_through_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen a second of UserPoolRead, whichever of its operations; a while later as many as it brought; others go on."""
    with limited(tmp_path, monkeypatch) as world:
        pool = world.pool()
        read = CATEGORIES["UserPoolRead"].free
        for _ in range(5):
            world.signed.describe_user_pool(UserPoolId=pool.pool_id)
        assert count_until_refused(lambda: world.signed.list_user_pools(MaxResults=1)) == read - 5
        assert refused(lambda: world.signed.describe_user_pool(UserPoolId=pool.pool_id)) == TOO_MANY
        assert world.signed.list_users(UserPoolId=pool.pool_id)["Users"] == []
        world.clock.advance(200)
        assert count_until_refused(lambda: world.signed.list_user_pools(MaxResults=1)) == read // 5
        world.clock.advance(60 * SECOND)
        assert count_until_refused(lambda: world.signed.list_user_pools(MaxResults=1)) == read


def test_another_region_is_no_way_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may sign for one region may sign for any: the rate is the installation's."""
    with limited(tmp_path, monkeypatch) as world:
        elsewhere = world.client(region="eu-west-1")
        count_until_refused(lambda: world.signed.list_user_pools(MaxResults=1))
        assert refused(lambda: elsewhere.list_user_pools(MaxResults=1)) == TOO_MANY


def test_who_may_not_call_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key without rights does not use up what others may ask for."""
    with limited(tmp_path, monkeypatch) as world:
        ada = person(world)
        for _ in range(2 * CATEGORIES["UserPoolRead"].free):
            with pytest.raises(ada.client("cognito-idp").exceptions.ClientError, match="AccessDenied"):
                ada.client("cognito-idp").list_user_pools(MaxResults=1)
        assert world.signed.list_user_pools(MaxResults=1)["UserPools"] == []


def test_a_process_lets_its_share_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three servers share the fifteen a second."""
    with limited(tmp_path, monkeypatch, request_limit_servers=3) as world:
        share = CATEGORIES["UserPoolRead"].free // 3
        assert count_until_refused(lambda: world.signed.list_user_pools(MaxResults=1)) == share


def test_sign_ins_and_answers_are_counted_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers to challenges have three times the rate; sign-ins by the API and refreshes at /oauth2/token share one."""
    with limited(tmp_path, monkeypatch, request_limit_servers=40) as world:
        pool = world.pool()
        pool.user("ada")
        client = code_client(pool)
        held = tokens_for(client, scope="openid")
        share = CATEGORIES["UserAuthentication"].free // 40

        def begin() -> Any:
            return client.initiate("USER_SRP_AUTH", USERNAME="nobody", SRP_A="0a")

        def answer() -> Any:
            try:
                return client.respond("SMS_MFA", session="x" * 20, USERNAME="ada", SMS_MFA_CODE="123456")
            except world.unsigned.exceptions.TooManyRequestsException:
                raise
            except world.unsigned.exceptions.ClientError:
                return None

        assert count_until_refused(answer) == share * ANSWERS_TIMES
        assert refresh(client, held["refresh_token"]).status == 200
        for _ in range(share - 1):
            begin()
        assert refused(begin) == TOO_MANY
        assert refresh(client, held["refresh_token"]).error[0] == 429
        world.clock.advance(SECOND)
        assert refresh(client, held["refresh_token"]).status == 200


def test_a_limit_is_raised_between_what_is_free_and_the_maximum(world: World) -> None:
    """GetProvisionedLimit has what UpdateProvisionedLimit was told, and the rate that a category begins with."""
    free = CATEGORIES["UserCreation"].free
    began = world.signed.get_provisioned_limit(**named("UserCreation"))["Limit"]
    assert began == {**named("UserCreation"), "ProvisionedLimitValue": free, "FreeLimitValue": free}
    try:
        told = world.signed.update_provisioned_limit(**named("UserCreation"), RequestedLimitValue=200)["Limit"]
        assert told == {**began, "ProvisionedLimitValue": 200}
        assert world.signed.get_provisioned_limit(**named("UserCreation"))["Limit"] == told
    finally:
        world.signed.update_provisioned_limit(**named("UserCreation"), RequestedLimitValue=free)


@pytest.mark.parametrize(
    ("category", "value", "name"),
    [
        ("UserCreation", 49, "InvalidParameterException"),
        ("UserCreation", 10_001, "ServiceQuotaExceededException"),
        ("UserList", 60, "InvalidParameterException"),
        ("Fish", 60, "ResourceNotFoundException"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(world: World, category: str, value: int, name: str) -> None:
    """Below what is free, above the maximum, of a category that is not adjustable, and of none."""
    told = refused(lambda: world.signed.update_provisioned_limit(**named(category), RequestedLimitValue=value))
    assert told[0] == name


@pytest.mark.parametrize("attributes", [{}, {"Category": "UserRead", "More": "x"}, {"Kind": "UserRead"}])
def test_a_limit_is_named_by_its_category_alone(world: World, attributes: dict[str, str]) -> None:
    """Another attribute, or none, names none."""
    given = {"LimitDefinition": {"LimitClass": "API_CATEGORY", "Attributes": attributes}}
    assert refused(lambda: world.signed.get_provisioned_limit(**given))[0] == "InvalidParameterException"


def test_a_raised_limit_counts_at_once_and_elsewhere_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that was told goes by it with its next request; what only the database was told counts after a while."""
    with limited(tmp_path, monkeypatch, request_limit_servers=10) as world:
        pool = world.pool()
        client = pool.client()

        def sign_ups() -> int:
            world.clock.advance(SECOND)
            return count_until_refused(lambda: client.sign_up(f"user-{time.perf_counter_ns()}"))

        assert sign_ups() == 5
        world.signed.update_provisioned_limit(**named("UserCreation"), RequestedLimitValue=80)
        assert sign_ups() == 8
        world.run(
            lambda: world.house.db.execute("UPDATE provisioned_limits SET rate = 60 WHERE category = 'UserCreation'")
        )
        assert sign_ups() == 8
        world.clock.advance(REREAD)
        assert sign_ups() == 6


def test_policies_say_who_may_change_limits(world: World) -> None:
    """Of the account as a whole: no resource."""
    ada = person(world)
    ada.put(allow("cognito-idp:GetProvisionedLimit"))
    client = ada.client("cognito-idp")
    assert client.get_provisioned_limit(**named("UserRead"))["Limit"]["FreeLimitValue"] == 120
    told = refused(lambda: client.update_provisioned_limit(**named("UserRead"), RequestedLimitValue=130))
    assert told[0] == "AccessDeniedException"
