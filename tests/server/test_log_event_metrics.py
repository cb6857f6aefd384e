"""Are events that pools log counted, by what became of them? Each from 0, so that a rate knows where it begins."""

from poolkeeper.model.log_configuration import USER_AUTH_EVENTS, USER_NOTIFICATION
from poolkeeper.server.metrics import Metrics


def test_events_that_pools_log_are_counted() -> None:
    """Delivered or dropped, of each source."""
    metrics = Metrics()
    metrics.log_events(USER_AUTH_EVENTS, True, 3)  # noqa: FBT003 - as the metric has it
    metrics.log_events(USER_NOTIFICATION, False, 2)  # noqa: FBT003 - as above
    lines = [line for line in metrics.text().decode().splitlines() if line.startswith("poolkeeper_log_events_total")]
    assert sorted(lines) == [
        'poolkeeper_log_events_total{outcome="delivered",source="userAuthEvents"} 3.0',
        'poolkeeper_log_events_total{outcome="delivered",source="userNotification"} 0.0',
        'poolkeeper_log_events_total{outcome="dropped",source="userAuthEvents"} 0.0',
        'poolkeeper_log_events_total{outcome="dropped",source="userNotification"} 2.0',
    ]
