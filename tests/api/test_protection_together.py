"""Do the parts of threat protection know of each other? The risk configuration rules over passwords, and events reach the pool's log."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.known_passwords import ADA, LISTED, REFUSED, protected
from api.watched import events, watched, with_ada
from api.world import REGION, PoolOfTests, World, refused
from poolkeeper.risk.places import Places
from poolkeeper.server.upkeep import examine

LOG_GROUP = f"arn:aws:logs:{REGION}:000000000000:log-group:/cognito/people"


def about_passwords(pool: PoolOfTests, action: str, *filters: str, **client: str) -> None:
    """Set what is done about compromised passwords; without filters everywhere."""
    chosen: dict[str, Any] = {"Actions": {"EventAction": action}, **({"EventFilter": list(filters)} if filters else {})}
    pool.world.signed.set_risk_configuration(
        UserPoolId=pool.pool_id, CompromisedCredentialsRiskConfiguration=chosen, **client
    )


def test_the_event_filter_says_where_passwords_are_looked_at(world: World) -> None:
    """At sign-up alone: who has one already may take another that everybody knows."""
    pool = protected(world)
    about_passwords(pool, "BLOCK", "SIGN_UP")
    client = pool.client()
    pool.user("ada", email=ADA, email_verified="true")
    assert refused(partial(client.sign_up, "eve", password=LISTED, email="eve@x.example")) == REFUSED
    pool.admin("admin_set_user_password", "ada", Password=LISTED, Permanent=True)
    assert "AuthenticationResult" in client.sign_in("ada", LISTED)
    assert "CompromisedCredentialsDetected" not in events(pool)[0]["EventRisk"]


@pytest.mark.parametrize(("mode", "action"), [("ENFORCED", "NO_ACTION"), ("AUDIT", "BLOCK")])
def test_what_is_only_noted_is_told_by_the_event(world: World, mode: str, action: str) -> None:
    """The user gets in."""
    pool = protected(world, mode)
    about_passwords(pool, action)
    pool.user("ada", email=ADA, email_verified="true")
    pool.admin("admin_set_user_password", "ada", Password=LISTED, Permanent=True)
    assert "AuthenticationResult" in pool.client().sign_in("ada", LISTED)
    assert events(pool)[0]["EventRisk"]["CompromisedCredentialsDetected"] is True


def test_an_app_clients_configuration_takes_the_place_of_its_pools(world: World) -> None:
    """As a whole: by one of them everybody may come, by the other nobody with such a password."""
    pool = protected(world)
    about_passwords(pool, "BLOCK")
    strict, open_ = pool.client(), pool.client()
    about_passwords(pool, "NO_ACTION", ClientId=open_.client_id)
    assert refused(partial(strict.sign_up, "eve", password=LISTED, email="eve@x.example")) == REFUSED
    open_.sign_up("eve", password=LISTED, email="eve@x.example")


def test_events_that_have_ended_reach_the_pools_log(world: World) -> None:
    """A sign-in that passed and one that failed, each once; of a name that nobody has nothing is told."""
    pool = watched(world)
    client = with_ada(pool)
    place = {"CloudWatchLogsConfiguration": {"LogGroupArn": LOG_GROUP}}
    wanted = {"LogLevel": "INFO", "EventSource": "userAuthEvents", **place}
    world.signed.set_log_delivery_configuration(UserPoolId=pool.pool_id, LogConfigurations=[wanted])
    before = len(world.log)

    client.tokens("ada")
    world.clock.advance(1_000)
    for name in ("ada", "nobody"):
        refused(partial(client.sign_in, name, "another"))
    entries = [json.loads(line)["entry"] for line in world.log[before:] if b"log_group" in line]
    told = [one["message"] for one in entries]
    assert {one["eventSource"] for one in entries} == {"USER_ACTIVITY"}
    assert [(one["userName"], one["eventType"], one["eventResponse"]) for one in told] == [
        ("ada", "SignIn", "Pass"),
        ("ada", "SignIn", "Fail"),
    ]
    assert [one["eventId"] for one in told] == [one["EventId"] for one in reversed(events(pool))]
    assert {one["ipAddress"] for one in told} == {"127.0.0.1"}


def test_the_doctor_names_a_file_of_places_that_cannot_be_read(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Signing in goes on without it."""
    missing = tmp_path / "cities.mmdb"
    monkeypatch.setattr(world.house.watch, "places", Places([missing]))
    bad = [finding.text for finding in world.run(lambda: examine(world.house)) if "place_files" in finding.text]
    assert len(bad) == 1
    assert str(missing) in bad[0]
