"""What does an operator find in the log of the pages and the OAuth endpoints? What was refused, by name, under the id that people read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import poolkeeper
from api.world import ClientOfTests, World
from hosted.log_lines import line_of, line_with
from oauth.browsing import Page
from oauth.hosted import NAME, basic, code_client, of_client, post, user_info
from pages.walking import Walk, walk_in
from poolkeeper.hosted.outcomes import CODES, Fault

SOURCES = Path(poolkeeper.__file__).parent
# Where the error stands among the arguments.
_RAISED = {"Refusal": 0, "_refusal": 0, "Refused": 1}


def named(world: World, page: Page) -> tuple[str, str, str]:
    """Return service, path and outcome of one answer as the log has them."""
    line = line_of(world, page.headers)
    return line["service"], line["operation"], line["outcome"]


@pytest.fixture
def walk(world: World) -> Walk:
    """Open a browser at a pool that has `ada`, and people who sign up."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user(NAME, email="ada@lovelace.example")
    return walk_in(pool)


def test_the_log_names_what_a_page_refused(world: World, walk: Walk) -> None:
    """As the API's lines do: a wrong password, a wrong code, a name that is taken, a form that lacks something."""
    wrong = walk.sign_in(NAME, "Not-This-One-1")
    assert named(world, wrong) == ("pages", "/login", "NotAuthorizedException")
    nothing = walk.send(walk.begin(), "/login", username=NAME, password="")
    assert named(world, nothing) == ("pages", "/login", "InvalidParameterException")

    reset = walk.follow(walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username=NAME))
    code = walk.send(reset, "/confirmforgotPassword", code="000000", password="Other-Pass-2")
    assert named(world, code) == ("pages", "/confirmforgotPassword", "CodeMismatchException")
    weak = walk.send(reset, "/confirmforgotPassword", code="000000", password="short")
    assert named(world, weak) == ("pages", "/confirmforgotPassword", "InvalidPasswordException")

    email = {"requiredAttributes[email]": "grace@hopper.example"}
    taken = walk.send(walk.begin("/signup"), "/signup", username=NAME, password="Other-Pass-2", **email)
    assert named(world, taken) == ("pages", "/signup", "UsernameExistsException"), taken.body
    forged = walk.browser.post(f"/login?{urlencode(walk.query)}", {"username": NAME})
    assert named(world, forged) == ("pages", "/login", "forged_form")
    assert named(world, walk.sign_in(NAME)) == ("pages", "/login", "Success")


def test_the_log_names_what_an_oauth_endpoint_refused(world: World, walk: Walk) -> None:
    """By the error that the app reads, or by that of the page; why, is in `detail` where the answer says less."""
    asked = walk.authorize(redirect_uri="https://evil.example/")
    assert named(world, asked) == ("oauth", "/oauth2/authorize", "redirect_mismatch")
    asked = walk.authorize(prompt="none")
    assert named(world, asked) == ("oauth", "/oauth2/authorize", "login_required")
    at_page = walk.browser.get("/login", {**walk.query, "prompt": "none"})
    assert named(world, at_page) == ("pages", "/login", "login_required")
    left = walk.browser.get("/logout", {"client_id": "nobodys", "logout_uri": "https://evil.example/"})
    assert named(world, left)[0] == "oauth"
    assert named(world, walk.authorize())[2] == "Success"

    client = code_client(walk.client.pool)
    grant = {"grant_type": "authorization_code", "code": "none", "redirect_uri": "https://app.example/callback"}
    for fields, outcome in (
        ({**grant, **of_client(client)}, "invalid_grant"),
        ({**grant, "client_id": "nobodys"}, "invalid_client"),
        ({**of_client(client), "grant_type": "password"}, "unsupported_grant_type"),
        ({**of_client(client), "grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
    ):
        line = line_of(world, post(world, "/oauth2/token", fields).headers)
        assert (line["service"], line["operation"], line["outcome"]) == ("oauth", "/oauth2/token", outcome)
    asked_again = {**of_client(client), "grant_type": "refresh_token", "refresh_token": "x"}
    assert line_of(world, post(world, "/oauth2/token", asked_again).headers)["detail"].startswith(
        "NotAuthorizedException"
    )
    line = line_of(world, user_info(world, "junk").headers)
    assert (line["service"], line["outcome"]) == ("oauth", "invalid_token")


def test_the_error_page_names_the_request_that_was_wrong(world: World, walk: Walk) -> None:
    """Its id is in the log with what was wrong and the pool; a text that is no id is not shown."""
    page = walk.authorize(redirect_uri="https://evil.example/")
    shown = walk.follow(page)
    (request_id,) = re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", shown.words)
    line = line_with(world, request_id)
    assert line["operation"] == "/oauth2/authorize"
    assert line["outcome"] == "redirect_mismatch"
    assert line["pool"] == walk.client.pool.pool_id

    for text in ("call +49 30 1234567", request_id.upper(), request_id + "\n", request_id[:-1], "x" * 3000):
        given = {"error": "redirect_mismatch", "client_id": walk.client.client_id, "request_id": text}
        other = walk.shown(walk.browser.get("/error", given))
        assert other.page.headers["x-amz-cognito-request-id"] in other.words, text
        assert "1234567" not in other.words


def test_every_code_that_is_told_has_a_name_in_the_table() -> None:
    """hosted/outcomes.py is closed, as labels of metrics are: whatever is raised or shown is in it, and nothing else."""
    raised = {code for path in SOURCES.rglob("*.py") for code in _codes(ast.parse(path.read_text(encoding="utf-8")))}
    of_pages = {fault.value for fault in Fault}
    assert {"invalid_grant", "login_required"} <= raised
    assert raised | of_pages <= CODES
    by_hand = {"invalid_redirect_uri", "page_too_old", "temporarily_unavailable"}
    of_providers = {"access_denied", "account_selection_required", "consent_required", "interaction_required"}
    assert CODES - raised - of_pages - by_hand - of_providers == {"request_not_supported", "request_uri_not_supported"}


def _codes(tree: ast.AST) -> Iterator[str]:
    """Yield the errors that a module raises by a text in its source."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RAISED:
            place = _RAISED[node.func.id]
            for part in ast.walk(node.args[place]) if len(node.args) > place else ():
                if (
                    isinstance(part, ast.Constant)
                    and isinstance(part.value, str)
                    and re.fullmatch(r"[a-z]+(_[a-z]+)*", part.value)
                ):
                    yield part.value


def test_nobodys_client_is_refused_on_the_bare_host_as_at_a_domain(world: World) -> None:
    """The endpoint itself refuses, with its status, its challenge and its words, also where no pool is named."""
    pool = world.pool()
    client = code_client(pool, GenerateSecret=True)
    prefix = f"juniper-{pool.pool_id[-9:].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix)
    at_domain = {"Host": f"{prefix}.{world.house.settings.domain_host}"}
    nobody = {"client_id": "nobodys"}
    by_basic = basic("nobodys", "secret")
    for path, fields, headers in (
        ("/oauth2/token", {"grant_type": "client_credentials"}, by_basic),
        ("/oauth2/token", {"grant_type": "authorization_code", "code": "x"}, by_basic),
        ("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": "x", **nobody}, {}),
        ("/oauth2/token", {"grant_type": "password", **nobody}, {}),
        ("/oauth2/token", {"grant_type": "client_credentials"}, {}),
        ("/oauth2/token", {}, {}),
        ("/oauth2/token", {"grant_type": "client_credentials", "client_id": "a\u00e9 b"}, {}),
        ("/oauth2/revoke", {"token": "x", **nobody}, {}),
        ("/oauth2/revoke", {"token": "x"}, by_basic),
        ("/oauth2/introspect", {"token": "x"}, by_basic),
        ("/oauth2/userInfo", {}, {"Authorization": "Bearer junk"}),
        ("/oauth2/userInfo", {}, {"Authorization": f"Bearer {_of_nobodys_pool()}"}),
        ("/oauth2/userInfo", {}, {}),
    ):
        bare = post(world, path, fields, headers)
        domain = post(world, path, fields, {**headers, **at_domain})
        assert (bare.status, bare.body) == (domain.status, domain.body), (path, fields)
        assert bare.headers.get("www-authenticate") == domain.headers.get("www-authenticate"), path
        assert bare.headers["access-control-allow-origin"] == "*"
    assert post(world, "/oauth2/token", {"grant_type": "client_credentials"}, by_basic).error == (401, "invalid_client")
    assert user_info(world, "junk").headers["www-authenticate"].startswith('error="invalid_token"')
    assert _good(client).error == (400, "unauthorized_client")


def _good(client: ClientOfTests) -> Any:
    fields = {"grant_type": "client_credentials", **of_client(client)}
    return post(client.world, "/oauth2/token", fields)


def _of_nobodys_pool() -> str:
    """Return a token that claims to be of a pool which is not there."""
    return (
        "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwOi8veC91cy1lYXN0LTFfbm9uZSIsInRva2VuX3VzZSI6ImFjY2VzcyJ9.eA"
    )
