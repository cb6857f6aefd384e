"""What does a replay tell an operator? The sign-ins at each level, the effect of other thresholds, and the riskiest sign-ins."""

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
    users = len({sign_in.event.user for sign_in in judged})
    days = (judged[-1].event.at_ms - judged[0].event.at_ms) / DAY
    parts = [
        f"{len(judged):,} sign-ins of {users:,} users in {days:.0f} days.",
        _levels(judged),
        _thresholds(judged),
        _riskiest(judged, worst),
    ]
    return "\n\n".join(part for part in parts if part)


def _levels(judged: Sequence[Judged]) -> str:
    """Count each level: as judged now, as recorded, and by people's feedback."""
    lines = [f"{'level':8}{'now':>10}{'share':>10}{'recorded':>10}{'Valid':>8}{'Invalid':>9}"]
    for level in Level:
        name = level.name.capitalize()
        of_level = [sign_in for sign_in in judged if sign_in.judgement.level is level]
        recorded = sum((sign_in.event.recorded or "None") == name for sign_in in judged)
        valid, invalid = (sum(sign_in.event.feedback == word for sign_in in of_level) for word in ("Valid", "Invalid"))
        lines.append(
            f"{name:8}{len(of_level):10,}{len(of_level) / len(judged):10.2%}{recorded:10,}{valid:8,}{invalid:9,}"
        )
    return "\n".join(lines)


def _thresholds(judged: Sequence[Judged]) -> str:
    """List for each score the share of sign-ins that would be asked for more, and the share of Invalid ones that it catches."""
    denied = [sign_in.event.feedback == "Invalid" for sign_in in judged]
    roc = curve(
        (sign_in.judgement.score for sign_in, bad in zip(judged, denied, strict=True) if not bad),
        (sign_in.judgement.score for sign_in, bad in zip(judged, denied, strict=True) if bad),
    )
    lines = [f"{'from score':12}{'asked':>10}" + (f"{'Invalid caught':>18}" if roc.attacks else "")]
    for threshold in _THRESHOLDS:
        caught = f"{roc.caught(threshold):18.1%}" if roc.attacks else ""
        lines.append(f"{threshold:<12g}{roc.asked(threshold) if roc.honest else 0:10.2%}{caught}")
    if roc.attacks and roc.honest:
        lines.append(f"Area under the ROC {roc.area:.3f}, equal error {roc.equal_error:.1%}.")
    elif not roc.attacks:
        lines.append("Nobody said Invalid of a sign-in: what is caught cannot be told.")
    return "\n".join(lines)


def _riskiest(judged: Sequence[Judged], worst: int) -> str:
    if worst <= 0:
        return ""
    lines = ["The riskiest:"]
    for sign_in in sorted(judged, key=lambda sign_in: -sign_in.judgement.score)[:worst]:
        at = datetime.fromtimestamp(sign_in.event.at_ms / SECOND, UTC).strftime("%Y-%m-%d %H:%M")
        lines.append(f"  {at} {sign_in.event.user}: {sign_in.judgement.sentence}")
    return "\n".join(lines)
