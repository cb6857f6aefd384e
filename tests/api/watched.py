"""How does a test have threat protection? Pools that watch or act, a judge of the test's own, and the events that come of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from api.world import ClientOfTests, PoolOfTests, World
from poolkeeper.risk.judge import Judgement, Level, Part
from poolkeeper.risk.observation import Observation

Opinion = Callable[[Observation], Level | Judgement]
PART = Part("network", 1.5, "The network is new.")


def watched(world: World, mode: str = "ENFORCED", **settings: Any) -> PoolOfTests:
    """Make a pool with threat protection."""
    return world.pool(UserPoolAddOns={"AdvancedSecurityMode": mode}, **settings)


def act(pool: PoolOfTests, *, notify: bool = False, **actions: str) -> None:
    """Set what is done, by level: `act(pool, High="BLOCK")`."""
    told = {f"{level}Action": {"Notify": notify, "EventAction": action} for level, action in actions.items()}
    pool.world.signed.set_risk_configuration(
        UserPoolId=pool.pool_id, AccountTakeoverRiskConfiguration={"Actions": told}
    )


@contextmanager
def judging(world: World, opinion: Opinion | Level) -> Iterator[list[Observation]]:
    """Have sign-ins judged by the test; what was observed is handed out."""
    seen: list[Observation] = []

    def judge(observation: Observation, *_: Any) -> Judgement:
        seen.append(observation)
        level = opinion if isinstance(opinion, Level) else opinion(observation)
        if isinstance(level, Judgement):
            return level
        return Judgement(level, 0.0, (), "") if level is Level.NONE else Judgement(level, 0.9, (PART,), "")

    watch, before = world.house.watch, world.house.watch.judge
    watch.judge = judge
    try:
        yield seen
    finally:
        watch.judge = before


def events(pool: PoolOfTests, name: str = "ada") -> list[dict[str, Any]]:
    """Return a user's events, the newest first."""
    listed: list[dict[str, Any]] = pool.admin("admin_list_user_auth_events", name)["AuthEvents"]
    return listed


def outcomes(pool: PoolOfTests, name: str = "ada") -> list[str]:
    return [one["EventResponse"] for one in events(pool, name)]


def with_ada(pool: PoolOfTests, **attributes: Any) -> ClientOfTests:
    """Return an app client of a pool in which ada is, and a second later."""
    pool.user("ada", **attributes)
    pool.world.clock.advance(1_000)
    return pool.client()
