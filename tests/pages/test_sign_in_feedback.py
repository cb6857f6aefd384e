"""What do the links in the notice of a risky sign-in do? They lead to one button, and nothing changes before it is pressed."""

import re
from functools import partial
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from api.watched import act, events, judging, watched
from api.world import PASSWORD, World, refused
from pages.walking import Walk, walk_in
from poolkeeper.clock import DAY, MINUTE
from poolkeeper.risk.judge import Level

ADA = "ada@lovelace.example"
MAIL = {
    "Subject": "Seen: {login-time}",
    "HtmlBody": "<p>{username} from {ip-address} by {device-name} ({event-id}): "
    '<a href="{one-click-link-valid}">mine</a> <a href="{one-click-link-invalid}">not mine</a> {unknown}</p>',
}


def noticed(world: World) -> tuple[Walk, list[str]]:
    """Sign ada in at some risk, where users are told of it; return the links of the mail: the one that says no is the last."""
    pool = watched(world)
    pool.user("ada", email=ADA, email_verified="true")
    act(pool, notify=True, Medium="NO_ACTION")
    walk = walk_in(pool)
    before = world.outbox()
    with judging(world, Level.MEDIUM):
        pool.client().tokens("ada")
    (mail,) = world.sent_since(before, ADA)
    return walk, [unescape(link) for link in re.findall(r'href="([^"]+)"', mail["body"])]


def said(walk: Walk) -> str:
    return str(events(walk.client.pool)[0].get("EventFeedback", {}).get("FeedbackValue", ""))


def test_a_link_leads_to_one_button_that_says_it(world: World) -> None:
    """GET changes nothing; what is said last stands, and a reload says nothing else."""
    walk, (link,) = noticed(world)
    address = urlsplit(link)
    assert address.path == "/feedback"
    page = walk.shown(walk.browser.get(address.path, dict(parse_qsl(address.query))))
    assert len(page.forms) == 1
    assert said(walk) == ""
    assert "Thank you" in walk.press(page, "/feedback").words
    assert said(walk) == "Invalid"


@pytest.mark.parametrize("days", [31, 0])
def test_a_link_that_is_too_old_or_altered_is_told(world: World, days: int) -> None:
    """Nothing is said then, and what it was is not told."""
    walk, (link,) = noticed(world)
    query = dict(parse_qsl(urlsplit(link).query))
    world.clock.advance(days * DAY)
    given = query if days else {**query, "state": query["state"][:-2]}
    page = walk.shown(walk.browser.get("/feedback", given))
    assert "This link is too old." in page.words
    assert not page.forms
    assert said(walk) == ""
    assert walk.browser.get("/feedback", {**query, "value": "Perhaps"}).status == 400


def test_an_operators_words_are_filled_in_once(world: World) -> None:
    """What is not known stays as it stands, and what a client said of itself is escaped."""
    pool = watched(world)
    pool.user("ada", email=ADA, email_verified="true")
    takeover = {
        "Actions": {"HighAction": {"Notify": True, "EventAction": "BLOCK"}},
        "NotifyConfiguration": {
            "SourceArn": "arn:aws:ses:us-east-1:1:identity/x",
            "From": "g@x.example",
            "BlockEmail": MAIL,
        },
    }
    world.signed.set_risk_configuration(UserPoolId=pool.pool_id, AccountTakeoverRiskConfiguration=takeover)
    before = world.outbox()
    with judging(world, Level.HIGH):
        refused(lambda: pool.client().sign_in("ada", "another"))
        world.clock.advance(1_000)
        refused(lambda: pool.client().sign_in("ada"))
    (mail,) = world.sent_since(before, ADA)  # of the right password alone
    assert mail["kind"] == "AccountTakeOverNotification"
    assert mail["subject"] == "Seen: {login-time}"
    assert "<p>ada from 127.0.0.1 by " in mail["body"]
    assert "{unknown}" in mail["body"]
    assert events(pool)[0]["EventId"] in mail["body"]
    assert len(re.findall(r"/feedback\?state=[^\"]+value=(?:Valid|Invalid)", mail["body"])) == 2


def test_strangers_use_up_nothing_that_a_user_is_told(world: World) -> None:
    """Of a wrong password nobody hears, and however many there were, of the right one that was kept out the user does."""
    pool = watched(world)
    pool.user("ada", email=ADA, email_verified="true")
    act(pool, notify=True, High="BLOCK")
    client = pool.client()
    before = world.outbox()
    with judging(world, Level.HIGH):
        for wrong in range(5):
            refused(partial(client.sign_in, "ada", f"another-{wrong}"))
        world.clock.advance(MINUTE)
        refused(lambda: client.sign_in("ada"))
    assert len(world.sent_since(before, ADA)) == 1


def test_nobody_is_told_at_an_address_that_was_not_proved(world: World) -> None:
    """Nor without one; the sign-in is what it would be."""
    pool = watched(world)
    pool.user("ada", email=ADA)
    act(pool, notify=True, Medium="NO_ACTION")
    before = world.outbox()
    with judging(world, Level.MEDIUM):
        assert "AuthenticationResult" in pool.client().sign_in("ada", PASSWORD)
    assert world.sent_since(before, ADA) == []
