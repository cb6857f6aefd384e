"""What may be asked for? One action on one resource, with what else is known of it."""

from dataclasses import dataclass

from poolkeeper.rights.judging import Context


class NotNamed(Exception):  # noqa: N818 - what is said of the request, not of us
    """A request of which nobody says what it asks for, so it is refused. The message is for its sender."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An action on a resource, and the condition keys that tell more of it."""

    action: str
    resource: str
    context: Context

    def knowing(self, more: Context) -> "Asked":
        """Return the same with more condition keys."""
        return Asked(self.action, self.resource, {**self.context, **more})
