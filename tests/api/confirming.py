"""What does a test of codes send and expect? A wrong one, the right one, and AWS's sentences."""

from typing import Any

from api.world import ClientOfTests

MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")


LIMIT = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")


def confirm(client: ClientOfTests, code: str, name: str = "ada") -> Any:
    return client.world.unsigned.confirm_sign_up(ClientId=client.client_id, Username=name, ConfirmationCode=code)


def wrong(code: str) -> str:
    """Return a code that is another one."""
    return f"{(int(code) + 1) % 1_000_000:06}"
