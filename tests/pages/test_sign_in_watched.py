"""What does threat protection do at the pages? What it does at the API: one event a sign-in, and a closed door."""

from api.forge import claims_of
from api.watched import act, events, judging, outcomes, watched
from api.world import PASSWORD, World
from oauth.hosted import exchange
from pages.walking import arrived, walk_in
from poolkeeper.clock import MINUTE
from poolkeeper.risk.judge import Level

ADA, EMAIL_FIELD = "ada@lovelace.example", "requiredAttributes[email]"
KEPT_OUT = "You cannot sign in for security reasons."


def test_a_sign_in_at_the_pages_is_one_event(world: World) -> None:
    """Its id is in the tokens of the code; whoever goes on from the browser's session begins no other."""
    pool = watched(world)
    pool.user("ada")
    walk = walk_in(pool)
    answer = exchange(walk.client, arrived(walk.sign_in("ada")))
    (event,) = events(pool)
    assert (event["EventResponse"], event["EventContextData"]["IpAddress"]) == ("Pass", "127.0.0.1")
    assert claims_of(answer.body["access_token"])["event_id"] == event["EventId"]
    exchange(walk.client, arrived(walk.authorize()))
    assert outcomes(pool) == ["Pass"]
    assert world.rows("SELECT 1 FROM auth_history WHERE pool_id = $1 AND kind = 'profile'", pool.pool_id)


def test_the_door_is_closed_to_right_and_wrong_alike(world: World) -> None:
    """With a sentence of its own, which whoever is unknown reads as well."""
    pool = watched(world)
    pool.user("ada")
    act(pool, High="BLOCK")
    walk = walk_in(pool)
    with judging(world, Level.HIGH):
        for name, password in (("ada", PASSWORD), ("ada", "another"), ("nobody", PASSWORD)):
            assert KEPT_OUT in walk.shown(walk.sign_in(name, password)).words
    arrived(walk.sign_in("ada"))


def test_what_is_no_sign_in_is_an_event_here_too(world: World) -> None:
    """Sign-ups, codes that were sent again, and lost passwords, as by the API."""
    pool = watched(world, AutoVerifiedAttributes=["email"])
    walk = walk_in(pool)
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    world.clock.advance(MINUTE)
    page = walk.press(page, "/resendcode")
    world.clock.advance(1_000)
    walk.send(page, "/confirm", code=world.code(ADA))
    world.clock.advance(1_000)
    page = walk.follow(walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username="ada"))
    world.clock.advance(1_000)
    page = walk.press(page, "/confirmforgotPassword", code="000000", password=f"{PASSWORD}-2")
    world.clock.advance(1_000)
    walk.send(page, "/confirmforgotPassword", code=world.code(ADA), password=f"{PASSWORD}-2")
    assert [(one["EventType"], one["EventResponse"]) for one in reversed(events(pool))] == [
        ("SignUp", "Pass"),
        ("ResendCode", "Pass"),
        ("SignIn", "Pass"),
        ("ForgotPassword", "InProgress"),
        ("ForgotPassword", "Fail"),
        ("ForgotPassword", "Pass"),
    ]
    assert {one["EventContextData"]["IpAddress"] for one in events(pool)} == {"127.0.0.1"}
