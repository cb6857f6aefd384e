"""What is in a mail that confirms by link? The pool's words, and an address that leads to the pool's own page."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from api.confirmation_links import ADA, by_link, link_in
from api.own_code import own_code
from api.world import ClientOfTests, World, refused


def sign_up(client: ClientOfTests) -> dict[str, Any]:
    """Sign ada up and return the mail."""
    client.sign_up(ADA)
    return client.world.outbox(ADA)[-1]


def test_the_link_says_who_confirms_what(world: World) -> None:
    """Client, user and code (oauth-federation.md 5), at the pool's main address; the code still confirms by the API."""
    pool = world.pool(**by_link())
    client = pool.client()
    mail = sign_up(client)
    address, query = link_in(mail["body"])
    assert (mail["subject"], address) == ("Your verification link", f"{world.url}/confirmUser")
    assert query.keys() == {"client_id", "user_name", "confirmation_code"}
    assert (query["client_id"], query["confirmation_code"]) == (client.client_id, mail["code"])
    world.unsigned.confirm_sign_up(
        ClientId=client.client_id, Username=query["user_name"], ConfirmationCode=query["confirmation_code"]
    )
    assert pool.admin("admin_get_user", ADA)["UserStatus"] == "CONFIRMED"


def test_the_words_are_the_pools(world: World) -> None:
    """Every `{##...##}` is the link, with the words in it; what a template says is HTML of whoever runs the pool."""
    words = {
        "EmailMessageByLink": "<b>Hi</b> {##press <i>here##} or {##there##}",
        "EmailSubjectByLink": "Is this {##you##}?",
    }
    mail = sign_up(world.pool(**by_link(**words)).client())
    assert mail["subject"] == "Is this {##you##}?"
    assert re.sub(r'href="[^"]*"', "href", mail["body"]) == "<b>Hi</b> <a href>press <i>here</a> or <a href>there</a>"


def test_a_second_mail_holds_a_link_too(world: World) -> None:
    """ResendConfirmationCode; a reset and a new address of who is in are codes, as ever."""
    pool = world.pool(**by_link())
    client = pool.client()
    first = sign_up(client)
    world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=ADA)
    mail = world.outbox(ADA)[-1]
    assert link_in(mail["body"])[1]["confirmation_code"] == mail["code"] != first["code"]
    world.unsigned.confirm_sign_up(ClientId=client.client_id, Username=ADA, ConfirmationCode=mail["code"])
    world.unsigned.forgot_password(ClientId=client.client_id, Username=ADA)
    assert "<a " not in world.outbox(ADA)[-1]["body"]


def test_a_prefix_domain_of_a_name_that_resolves_is_what_the_link_names(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And where there is neither, nobody signs up by a link that leads nowhere, nor hears from it who exists."""
    settings = replace(world.house.settings, base_url="https://id.example.com")
    monkeypatch.setattr(world.app, "house", replace(world.house, settings=settings))
    pool = world.pool(**by_link())
    client = pool.client()
    resend = partial(world.unsigned.resend_confirmation_code, ClientId=client.client_id)
    nowhere = (
        "InvalidParameterException",
        "The user pool confirms by link, and has no domain that a link could lead to.",
    )
    assert refused(lambda: client.sign_up(ADA)) == nowhere
    assert refused(lambda: resend(Username=ADA)) == nowhere

    prefix = f"links-{pool.pool_id[-9:].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix)
    mail = sign_up(client)
    assert urlsplit(link_in(mail["body"])[0]).netloc == f"{prefix}.auth.id.example.com"


def test_a_function_writes_the_words_of_a_link(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """CustomMessage puts `linkParameter` where the link goes, before the answer and after it."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function("words", "response['emailMessage'] = 'Dear, ' + request['linkParameter']")
        client = world.pool(**by_link(), LambdaConfig={"CustomMessage": arn}).client()
        mail = sign_up(client)
        assert mail["body"].startswith("Dear, <a ")
        assert link_in(mail["body"])[1]["confirmation_code"] == mail["code"]
        world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=ADA)
        mail = world.outbox(ADA)[-1]
        assert link_in(mail["body"])[1]["confirmation_code"] == mail["code"]
