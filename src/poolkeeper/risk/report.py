"""What does a replay tell an operator? How many sign-ins reach each level, what other thresholds would do, and the riskiest."""

from collections.abc import Sequence
from datetime import UTC, datetime

from poolkeeper.clock import DAY, SECOND
from poolkeeper.risk.evaluation import curve
from poolkeeper.risk.judge import Level
from poolkeeper.risk.replay import Judged

_THRESHOLDS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


def report(judged: Sequence[Judged], worst: int) -> str:
    """Return the report on a replay, as text for a terminal."""
    if not judged:
        return "No sign-in of these events got past its password: there is nothing to judge."
    users = len({each.event.user for each in judged})
    days = (judged[-1].event.at_ms - judged[0].event.at_ms) / DAY
    parts = [
        f"{len(judged):,} sign-ins of {users:,} users in {days:.0f} days.",
        _levels(judged),
        _thresholds(judged),
        _riskiest(judged, worst),
    ]
    return "\n\n".join(part for part in parts if part)


def _levels(judged: Sequence[Judged]) -> str:
    """Count each level: as it is judged now, as it was recorded, and what people said of it."""
    lines = [f"{'level':8}{'now':>10}{'share':>10}{'recorded':>10}{'Valid':>8}{'Invalid':>9}"]
    for level in Level:
        name = level.name.capitalize()
        now = [each for each in judged if each.judgement.level is level]
        recorded = sum((each.event.recorded or "None") == name for each in judged)
        valid, invalid = (sum(each.event.feedback == word for each in now) for word in ("Valid", "Invalid"))
        lines.append(f"{name:8}{len(now):10,}{len(now) / len(judged):10.2%}{recorded:10,}{valid:8,}{invalid:9,}")
    return "\n".join(lines)


def _thresholds(judged: Sequence[Judged]) -> str:
    """Say who would be asked for more from a score on; where somebody said Invalid, what that catches."""
    denied = [each.event.feedback == "Invalid" for each in judged]
    found = curve(
        (each.judgement.score for each, bad in zip(judged, denied, strict=True) if not bad),
        (each.judgement.score for each, bad in zip(judged, denied, strict=True) if bad),
    )
    lines = [f"{'from score':12}{'asked':>10}" + (f"{'Invalid caught':>18}" if found.attacks else "")]
    for threshold in _THRESHOLDS:
        caught = f"{found.caught(threshold):18.1%}" if found.attacks else ""
        lines.append(f"{threshold:<12g}{found.asked(threshold) if found.honest else 0:10.2%}{caught}")
    if found.attacks and found.honest:
        lines.append(f"Area under the ROC {found.area:.3f}, equal error {found.equal_error:.1%}.")
    elif not found.attacks:
        lines.append("Nobody said Invalid of a sign-in: what is caught cannot be told.")
    return "\n".join(lines)


def _riskiest(judged: Sequence[Judged], worst: int) -> str:
    if worst <= 0:
        return ""
    lines = ["The riskiest:"]
    for each in sorted(judged, key=lambda each: -each.judgement.score)[:worst]:
        at = datetime.fromtimestamp(each.event.at_ms / SECOND, UTC).strftime("%Y-%m-%d %H:%M")
        lines.append(f"  {at} {each.event.user}: {each.judgement.sentence}")
    return "\n".join(lines)
