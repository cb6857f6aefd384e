"""What do a pool's own functions see of the pages? What the API tells them, and a person reads what they refuse with."""

from pathlib import Path

import pytest

from api.own_code import own_code
from api.world import PASSWORD, World
from oauth.browsing import CALLBACK
from pages.walking import arrived, walk_in


def test_pre_authentication_refuses_in_its_own_words(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the summary, escaped; the page comes back, at both kinds of page."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function("PreAuthentication", 'raise ValueError("Come back on <i>Monday</i>")')
        pool = world.pool(LambdaConfig={"PreAuthentication": arn})
        pool.user("ada")
        walk = walk_in(pool)
        page = walk.press(walk.begin(), "/login", username="ada", password=PASSWORD)
        assert "Come back on <i>Monday</i>" in page.words
        walk = walk_in(pool, choice=True)
        page = walk.press(walk.begin(), "/login", username="ada")
        assert "Come back on <i>Monday</i>" in page.words
        assert page.has_form("/login")


@pytest.mark.parametrize("trigger", ["PostAuthentication", "PreTokenGeneration"])
def test_what_fails_after_the_proofs_is_told_to_the_app(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trigger: str
) -> None:
    """The person can do nothing about it: the app gets an error at its address, and there is no browser session."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function(trigger, 'raise ValueError("no")')
        pool = world.pool(LambdaConfig={trigger: arn})
        pool.user("ada")
        walk = walk_in(pool)
        answer = walk.sign_in("ada")
        assert answer.location.startswith(f"{CALLBACK}?")
        assert answer.told["error"] == "invalid_request"
        assert answer.told["state"] == "state-of-the-app"
        assert not [name for name in walk.browser.cookies if name.startswith("session-")]


def test_functions_are_told_of_the_pages_what_they_are_told_of_the_api(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In AWS's order, with the hosted source of PreTokenGeneration and without client metadata."""
    names = ["PreAuthentication", "PostAuthentication", "PreTokenGeneration"]
    with own_code(world, tmp_path, monkeypatch) as code:
        pool = world.pool(LambdaConfig={name: code.function(name, "pass") for name in names})
        pool.user("ada")
        arrived(walk_in(pool).sign_in("ada"))
        assert code.sources(*names) == [
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication",
            "TokenGeneration_HostedAuth",
        ]


def test_a_user_of_an_older_directory_comes_over_at_the_page(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UserMigration, by the password that was typed; whom it does not know is answered like anybody else."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function(
            "UserMigration",
            'if event["userName"] != "ada": raise ValueError("unknown")',
            'response["userAttributes"] = {"email": "ada@x.example", "email_verified": "true"}',
            'response["finalUserStatus"] = "CONFIRMED"',
            'response["messageAction"] = "SUPPRESS"',
        )
        pool = world.pool(LambdaConfig={"UserMigration": arn})
        walk = walk_in(pool)
        arrived(walk.sign_in("ada"))
        page = walk.press(walk.begin(prompt="login"), "/login", username="eve", password=PASSWORD)
        assert "is not right. Check both and try again." in page.words
