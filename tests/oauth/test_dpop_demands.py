"""What may a pool demand of proofs, and of apps? Nonces of its own, and a key of those app clients that its operator names (RFC 9449)."""

from functools import partial

import pytest

from api.world import ClientOfTests, World, refused
from oauth.browsing import Browser, app_client, request_of
from oauth.hosted import code_client, code_for, exchange, of_client, post, refresh, tokens_for
from oauth.machines import CREDENTIALS
from oauth.proving import PAR, TOKEN, Holder, ada, challenge_of, client, exchange_with, refresh_with, user_info_with
from poolkeeper.server.resealing import UpkeepError
from poolkeeper.server.upkeep import set_preferences

__all__ = ["ada", "client"]


def test_a_pool_may_demand_nonces(world: World, client: ClientOfTests, ada: Holder) -> None:
    """RFC 9449 8, 9: 400 and 401 with a nonce, which serves for several proofs; every answer brings the next one."""
    world.run(lambda: set_preferences(world.house, client.pool.pool_id, ["dpop_nonces=on"]))
    code = code_for(client, scope="openid")
    assert exchange_with(client, code_for(client), {}).body["token_type"] == "Bearer"
    wanted = exchange_with(client, code, ada.header())
    assert wanted.error == (400, "use_dpop_nonce")
    nonce = wanted.headers["dpop-nonce"]
    given = exchange_with(client, code, ada.header(nonce=nonce))
    assert (given.status, given.headers["dpop-nonce"]) == (200, nonce)
    token = given.body["access_token"]
    wanted = user_info_with(ada, token)
    assert wanted.error == (401, "use_dpop_nonce")
    assert challenge_of(wanted).startswith('DPoP error="use_dpop_nonce"')
    told = user_info_with(ada, token, nonce=wanted.headers["dpop-nonce"])
    assert (told.status, told.headers["dpop-nonce"]) == (200, nonce)
    pushed = post(world, PAR, {"client_id": client.client_id}, ada.header(PAR))
    assert (pushed.error, pushed.headers["dpop-nonce"]) == ((400, "use_dpop_nonce"), nonce)


def test_an_operator_may_demand_a_key_of_an_app_client(world: World, client: ClientOfTests, ada: Holder) -> None:
    """Of those that are named or of all: without a proof no token, at the pages, by the API, nor for a session from before."""
    pool = client.pool
    other = code_client(pool)
    before = tokens_for(client)["refresh_token"]

    def demand(value: str) -> None:
        world.run(partial(set_preferences, world.house, pool.pool_id, [f"dpop_required_clients={value}"]))

    demand(client.client_id)
    missing = (400, "invalid_dpop_proof")
    assert exchange(client, code_for(client)).error == missing
    assert refresh(client, before).error == missing
    by_api = partial(world.unsigned.get_tokens_from_refresh_token, ClientId=client.client_id, RefreshToken=before)
    assert refused(by_api)[0] == "NotAuthorizedException"
    assert exchange_with(client, code_for(client), ada.header()).body["token_type"] == "DPoP"
    assert refresh_with(client, before, ada.header()).status == 200
    assert exchange(other, code_for(other)).status == 200
    demand("all")
    assert exchange(other, code_for(other)).error == missing
    machine = pool.client(**CREDENTIALS)
    fields = {"grant_type": "client_credentials", **of_client(machine)}
    assert post(world, TOKEN, fields).error == missing
    implicit = app_client(pool, AllowedOAuthFlows=["implicit"])
    answer = Browser(pool).get("/oauth2/authorize", request_of(implicit, response_type="token"))
    assert answer.told["error"] == "unauthorized_client"
    demand("none")
    assert exchange(other, code_for(other)).status == 200
    for wrong in ("nobody", f"{client.client_id},all", "", f"{client.client_id},"):
        with pytest.raises(UpkeepError):
            demand(wrong)
