"""How is a state machine walked? By the same seeds in the suite; by others and further where WALK_EXAMPLES says how many."""

import os
from collections.abc import Callable
from typing import cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

FURTHER = os.environ.get("WALK_EXAMPLES")
# Making a failure shorter takes minutes and seldom succeeds where every step depends on those before.
PHASES = (Phase.explicit, Phase.generate)


def walk(machine: Callable[[], RuleBasedStateMachine], *, examples: int, steps: int) -> None:
    """Walk so many examples of so many steps each, or as many as `make walk` asks for."""
    run_state_machine_as_test(
        cast("type[RuleBasedStateMachine]", machine),  # anything that makes a walk will do
        settings=settings(
            max_examples=int(FURTHER or examples),
            stateful_step_count=steps,
            deadline=None,
            derandomize=FURTHER is None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
