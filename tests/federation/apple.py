"""What does Apple's token endpoint answer in a test? A token about one person."""

from federation.provider import Provider, parameters
from functions.receiver import Answer, Received


def apple_token(provider: Provider, request: Received) -> Answer:
    form = parameters(request.body.decode())
    provider.secret = form["client_secret"]
    return provider.token(request)
