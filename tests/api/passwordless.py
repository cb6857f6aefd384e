"""How does a sign-up without a password go on? By the Session of its confirmation."""

from typing import Any

from api.world import ClientOfTests


def go_on(client: ClientOfTests, session: str, name: str = "ada", flow: str = "USER_AUTH") -> dict[str, Any]:
    """Sign in by a Session."""
    answer: dict[str, Any] = client.world.unsigned.initiate_auth(
        ClientId=client.client_id, AuthFlow=flow, AuthParameters={"USERNAME": name}, Session=session
    )
    return answer
