"""What does a caller read if the server itself fails? Two sentences, the same at every door."""

AWAY = "The service is not available for a moment. Try again."


def accident(request_id: str) -> str:
    """Return the sentence for what should not happen: never a traceback, SQL or another message (attacks.md 156)."""
    return f"Something went wrong here. The log tells more of request {request_id}."
