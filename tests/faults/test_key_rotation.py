"""Whether new signing keys cost anybody anything: codes, tokens and sessions that are out when they come (attacks.md 71, F12).

Nothing rotates keys by itself yet; a pool's next keys are put beside its present ones as `keys.give` does for new pools.
"""

import json
import threading

from api.forge import claims_of
from api.world import ClientOfTests, World
from faults.key_ids import kid_of
from oauth.hosted import NAME, code_client, code_for, exchange, refresh, tokens_for, user_info
from poolkeeper.clock import SECOND
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import keys


def rotate(client: ClientOfTests) -> None:
    """Give a pool its next two keys, which sign from the moment that a process reads them."""
    world, pool_id = client.world, client.pool.pool_id
    world.clock.advance(SECOND)

    async def work() -> None:
        new = [keys.make(world.house) for _ in keys.PURPOSES]

        async def body(tx: Transaction) -> None:
            await keys.give(world.house, tx, pool_id, new, now=world.clock.now())

        await world.house.db.write(body)
        await keys.reload(world.house, pool_id)

    world.run(work)


def a_client(world: World) -> ClientOfTests:
    """Make a public app client and `ada`."""
    pool = world.pool()
    pool.user(NAME)
    return code_client(pool)


def test_what_is_out_when_keys_change_stays_good(world: World) -> None:
    """Codes, access tokens, sessions: the old keys are still published, and verify what they signed."""
    client = a_client(world)
    held, code = tokens_for(client, scope="openid"), code_for(client, scope="openid")
    rotate(client)

    assert user_info(world, held["access_token"]).status == 200
    after = [exchange(client, code).body, refresh(client, held["refresh_token"]).body]
    old, new = {kid_of(held[kind]) for kind in ("access_token", "id_token")}, set[str]()
    for one in after:
        assert user_info(world, one["access_token"]).status == 200
        new |= {kid_of(one[kind]) for kind in ("access_token", "id_token")}
    assert len(old) == len(new) == 2
    assert not old & new
    _, _, document = world.get(f"/{client.pool.pool_id}/.well-known/jwks.json")
    assert {key["kid"] for key in json.loads(document)["keys"]} == old | new
    assert claims_of(after[1]["access_token"])["origin_jti"] == claims_of(held["access_token"])["origin_jti"]


def test_nobody_is_refused_while_keys_change(world: World) -> None:
    """Three apps refresh, exchange and ask without pause while keys change five times."""
    client = a_client(world)
    held = tokens_for(client, scope="openid")
    codes = iter([code_for(client, scope="openid") for _ in range(40)])
    over, faults, done = threading.Event(), list[object](), list[int]()

    def work() -> None:
        while not over.is_set():
            answers = [refresh(client, held["refresh_token"]), user_info(world, held["access_token"])]
            code = next(codes, None)
            if code is not None:
                answers.append(exchange(client, code))
            if answers[0].status == 200:
                answers.append(user_info(world, answers[0].body["access_token"]))
            faults.extend(one for one in answers if one.status != 200)
            done.append(len(answers))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(5):
        rotate(client)
    over.set()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert sum(done) > 10
