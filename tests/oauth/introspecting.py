"""How does a test ask what a token is worth? As a confidential app client does."""

from api.world import ClientOfTests
from oauth.hosted import (
    Answer,
    of_client,
    post,
)

INACTIVE = {"active": False}


def introspect(client: ClientOfTests, token: str, **more: str) -> Answer:
    return post(client.world, "/oauth2/introspect", {**of_client(client), "token": token, **more})
