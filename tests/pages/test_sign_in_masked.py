"""Can a stranger learn at the pages who has an account? Not by status, not by a byte of a page (attacks.md 9; ui.md 1, 7)."""

import re
from collections.abc import Callable

import pytest

from api.choosing import _POLICY as POLICY
from api.second_factors import TOTP, demand, enrol
from api.world import PASSWORD, SMS, PoolOfTests, World
from oauth.browsing import Browser, Page
from pages.walking import Walk, walk_in

_SEALED = re.compile(rb'name="(session|step|_csrf)" value="[^"]*"')
_CLOCK = re.compile(rb"[0-9]{2}:[0-9]{2}")


def seen(page: Page, name: str) -> tuple[int, str, bytes]:
    """Return what a stranger sees of an answer: status, address, and the page, but for the name and what is sealed."""
    body = _CLOCK.sub(b"", _SEALED.sub(rb"\1", page.body)).replace(name.encode(), b"NAME")
    return page.status, page.location.replace(name, "NAME"), body


def everybody(pool: PoolOfTests) -> list[str]:
    """Make users in several states; return their names and those of nobody, all of one length."""
    pool.user("zq-ada", email="ada@lovelace.example", email_verified="true")
    pool.user("zq-eve", email="eve@lovelace.example")
    pool.user("zq-bob", permanent=False)
    pool.user("zq-dis", email="dis@lovelace.example", email_verified="true")
    pool.admin("admin_disable_user", "zq-dis")
    return ["zq-ada", "zq-eve", "zq-bob", "zq-dis", "zq-nob", "zq-odd"]


def wrong_password(walk: Walk, name: str) -> Page:
    return walk.send(walk.begin(), "/login", username=name, password="Wrong-1-password")


def forgotten(walk: Walk, name: str) -> Page:
    return walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username=name)


def reset_page(walk: Walk, name: str) -> Page:
    return walk.follow(forgotten(walk, name)).page


def reset(walk: Walk, name: str) -> Page:
    page = walk.follow(forgotten(walk, name))
    return walk.send(page, "/confirmforgotPassword", code="000000", password=f"{PASSWORD}-2")


def waiting(walk: Walk, name: str) -> Page:
    return walk.begin("/confirm", login_hint=name).page


def confirmed(walk: Walk, name: str) -> Page:
    return walk.send(walk.begin("/confirm", login_hint=name), "/confirm", code="000000")


def link(walk: Walk, name: str) -> Page:
    carried = {"client_id": walk.client.client_id, "user_name": name, "confirmation_code": "000000"}
    return walk.press(walk.shown(walk.browser.get("/confirmUser", carried)), "/confirmUser").page


@pytest.mark.parametrize(
    "ask", [wrong_password, forgotten, reset_page, reset, waiting, confirmed, link], ids=lambda one: str(one.__name__)
)
def test_a_known_and_an_unknown_name_are_answered_alike(world: World, ask: Callable[[Walk, str], Page]) -> None:
    """For a client that does not hide who exists too: the pages tell nobody."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    names = everybody(pool)
    client = walk_in(pool).client
    answers = {name: seen(ask(Walk(Browser(pool), client), name), name) for name in names}
    assert len(set(answers.values())) == 1, {name: (one[0], one[1]) for name, one in answers.items()}


def test_where_the_name_comes_first_everybody_gets_on(world: World) -> None:
    """An unknown name goes on like a known one, to a question that a user might be asked."""
    pool = world.pool(Policies=POLICY, SmsConfiguration=SMS, AutoVerifiedAttributes=["email"])
    names = [*everybody(pool), *(f"zn-{number:02}" for number in range(48))]
    walk = walk_in(pool, choice=True)
    kinds = set()
    for name in names:
        page = walk.press(walk.begin(), "/login", username=name)
        assert page.page.status == 200
        kinds.add(
            (
                name.startswith("zn"),
                next(one for one in ("/login/choose", "/login/password", "/mfa") if page.has_form(one)),
            )
        )
    assert {kind for nobody, kind in kinds if not nobody} <= {kind for nobody, kind in kinds if nobody}


def test_a_password_only_pool_answers_alike_at_every_step(world: World) -> None:
    """Name first, password next, both wrong: the same pages."""
    pool = world.pool()
    names = everybody(pool)
    client = walk_in(pool, choice=True).client
    answers = set()
    for name in names:
        walk = Walk(Browser(pool), client)
        page = walk.press(walk.begin(), "/login", username=name)
        refused = walk.send(page, "/login/password", password="Wrong-1-password")
        answers.add((seen(page.page, name), seen(refused, name)))
    assert len(answers) == 1


def test_a_second_factor_is_asked_of_nobody_without_the_password(world: World) -> None:
    """What somebody has set up is told after the proof alone."""
    pool = world.pool()
    demand(pool, TOTP, mode="OPTIONAL")
    pool.user("zq-ada")
    pool.user("zq-eve")
    enrol(pool.client(), "zq-ada")
    client = walk_in(pool).client
    answers = {seen(wrong_password(Walk(Browser(pool), client), name), name) for name in ("zq-ada", "zq-eve", "zq-nob")}
    assert len(answers) == 1
