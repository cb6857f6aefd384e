"""How does a person's behaviour become a habit? The values of each trait are counted; a new value is on trial first.

A person's first sign-ins become habits at once. Later a value counts once it was vouched for (by a proved device, a second
factor, a habit of the other kind), or was seen on several days: so nobody who learnt a password can make habits of their own
in an afternoon. Weights are stored as whole numbers, in quarters of a sign-in.
"""

import msgspec

ONE = 4  # quarters
# How often a value gains a whole sign-in without waiting for the next day; after that it gains a quarter for each sign-in.
FIRST_SIGN_INS = 5
# The days on which a value on trial is seen before it is a habit, and from the first of them to the last.
TRIAL_DAYS = 3
# Beyond SCALED_AT everything is scaled down to SCALED_TO, so that former habits fade.
SCALED_TO, SCALED_AT = 40 * ONE, 50 * ONE
# How long a value that a person denied counts against anybody who brings it.
DENIED_DAYS = 180
_MOST_DAYS = 1 << 20

ON_TRIAL, ACCEPTED, DENIED = 0, 1, 2


class Habit(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One value: its key, its weight, the days (since 1970) of its first and last sight, the number of days, its state."""

    key: int
    weight: int
    first: int
    last: int
    days: int
    state: int


class Table(msgspec.Struct, frozen=True, array_like=True):
    """The values of one trait. `total` is the weight of all sign-ins, `novel` that of the sign-ins with a new value.

    `opened` is the last day with a new value on trial: only one a day counts, so that a crowd of them teaches nothing.
    """

    total: int = 0
    novel: int = 0
    opened: int = 0
    habits: tuple[Habit, ...] = ()

    def habit(self, key: int) -> Habit | None:
        return next((habit for habit in self.habits if habit.key == key), None)

    def weight(self, key: int) -> int:
        """Return the weight of a habit, 0 for a value that is no habit."""
        habit = self.habit(key)
        return habit.weight if habit is not None and habit.state == ACCEPTED else 0

    def denied(self, key: int, day: int) -> bool:
        """Say whether the person denied a value within DENIED_DAYS."""
        habit = self.habit(key)
        return habit is not None and habit.state == DENIED and day - habit.last <= DENIED_DAYS


def seen(table: Table, key: int, *, day: int, vouched: bool, proved: bool, kept: int) -> Table:
    """Return the table after one more sign-in with a value."""
    day = min(max(day, 0), _MOST_DAYS)
    old = table.habit(key)
    if old is None:
        return _newcomer(table, key, day=day, vouched=vouched, kept=kept)
    if old.state == DENIED and not proved:
        return table
    days = min(old.days + (day > old.last), 255)
    if old.state == ACCEPTED:
        gain = ONE if day > old.last or old.weight < FIRST_SIGN_INS * ONE else 1
        return _with(table, _moved(old, weight=old.weight + gain, day=day, days=days), gained=gain, kept=kept)
    if vouched or proved or (days >= TRIAL_DAYS and day - old.first >= TRIAL_DAYS):
        weight = min(days, FIRST_SIGN_INS) * ONE
        return _with(table, _moved(old, weight=weight, day=day, days=days), gained=weight, kept=kept)
    return _with(table, Habit(key, 0, old.first, max(day, old.last), days, ON_TRIAL), gained=0, kept=kept)


def allowed(table: Table, key: int, *, day: int, kept: int) -> Table:
    """Return the table after the person said that a sign-in with this value was theirs."""
    old = table.habit(key) or Habit(key, 0, day, day, 1, ON_TRIAL)
    weight = max(old.weight, TRIAL_DAYS * ONE)
    return _with(table, _moved(old, weight=weight, day=day, days=old.days), gained=weight - old.weight, kept=kept)


def without(table: Table, key: int, *, day: int, denied: bool, kept: int) -> Table:
    """Return the table after the person said that a sign-in with this value was not theirs.

    A value that says little on its own (`denied` False) is only forgotten, and only if it was on trial.
    """
    old = table.habit(key)
    if denied:
        lost = old.weight if old is not None else 0
        return _with(table, Habit(key, 0, day, day, 1, DENIED), gained=-lost, kept=kept)
    if old is None or old.state != ON_TRIAL:
        return table
    remaining = tuple(habit for habit in table.habits if habit.key != key)
    return Table(table.total, table.novel, table.opened, remaining)


def _newcomer(table: Table, key: int, *, day: int, vouched: bool, kept: int) -> Table:
    if vouched:
        grown = Table(table.total, table.novel + ONE, table.opened, table.habits)
        return _with(grown, Habit(key, ONE, day, day, 1, ACCEPTED), gained=ONE, kept=kept)
    counts = ONE if day > table.opened else 0
    grown = Table(table.total + counts, table.novel + counts, day, table.habits)
    return _with(grown, Habit(key, 0, day, day, 1, ON_TRIAL), gained=0, kept=kept)


def _moved(old: Habit, *, weight: int, day: int, days: int) -> Habit:
    return Habit(old.key, weight, old.first, max(day, old.last), days, ACCEPTED)


def _with(table: Table, habit: Habit, *, gained: int, kept: int) -> Table:
    """Put a value first; where there are too many, drop the one that says least."""
    habits = [habit, *(older for older in table.habits if older.key != habit.key)]
    if len(habits) > kept:
        habits.remove(min(habits[1:], key=_worth))
    return _scaled(Table(max(table.total + gained, 0), table.novel, table.opened, tuple(habits)))


def _worth(habit: Habit) -> tuple[bool, int, int]:
    return habit.state == DENIED, habit.weight, habit.last


def _scaled(table: Table) -> Table:
    if table.total <= SCALED_AT:
        return table
    share = SCALED_TO / table.total
    habits = (
        Habit(habit.key, round(habit.weight * share), habit.first, habit.last, habit.days, habit.state)
        for habit in table.habits
    )
    remaining = tuple(habit for habit in habits if habit.weight or habit.state != ACCEPTED)
    return Table(SCALED_TO, round(table.novel * share), table.opened, remaining)
