"""How well does a score tell attacks from honest sign-ins? Rates and a ROC over scores of known sign-ins show it."""

from bisect import bisect_left
from collections.abc import Iterable

import msgspec


class Curve(msgspec.Struct, frozen=True):
    """The scores of honest sign-ins and of attacks, each in ascending order: a ROC needs no more."""

    honest: tuple[float, ...]
    attacks: tuple[float, ...]

    def asked(self, threshold: float) -> float:
        """Return the share of honest sign-ins at or above a threshold, which are asked for more (re-authentication rate)."""
        return _share_from(self.honest, threshold)

    def caught(self, threshold: float) -> float:
        """Return the share of attacks at or above a threshold."""
        return _share_from(self.attacks, threshold)

    @property
    def points(self) -> list[tuple[float, float]]:
        """Return the ROC: (asked, caught) at each score of an attack, the highest first."""
        return [(self.asked(score), self.caught(score)) for score in sorted(set(self.attacks), reverse=True)]

    @property
    def area(self) -> float:
        """Return the area below the ROC: the probability that an attack scores above an honest sign-in; a tie counts half."""
        if not self.honest or not self.attacks:
            return float("nan")
        below = sum(bisect_left(self.honest, score) for score in self.attacks)
        not_above = sum(bisect_left(self.honest, _next(score)) for score in self.attacks)
        return (below + not_above) / 2 / len(self.honest) / len(self.attacks)

    @property
    def equal_error(self) -> float:
        """Return the rate at which as many honest sign-ins are asked as attacks are missed."""
        return min((max(asked, 1 - caught) for asked, caught in self.points), default=float("nan"))

    def asked_to_catch(self, share: float) -> float:
        """Return the share of honest sign-ins that are asked where this share of the attacks is caught."""
        return next((asked for asked, caught in self.points if caught >= share), float("nan"))


def curve(honest: Iterable[float], attacks: Iterable[float]) -> Curve:
    """Return the curve of scores."""
    return Curve(honest=tuple(sorted(honest)), attacks=tuple(sorted(attacks)))


def _share_from(scores: tuple[float, ...], threshold: float) -> float:
    return 1 - bisect_left(scores, threshold) / len(scores) if scores else float("nan")


def _next(score: float) -> float:
    return score + 1e-9
