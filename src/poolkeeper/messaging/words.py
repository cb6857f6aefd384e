"""What does CustomMessage say in a message that waits? Asked by the worker, where an answer must not wait for it.

Otherwise the time that the function takes, and its errors, would tell who has an account (userpools.md 7.4).
"""

from poolkeeper import triggers
from poolkeeper.call import House
from poolkeeper.errors import ServiceError, UnexpectedLambdaException
from poolkeeper.lookup import find_pool, find_user
from poolkeeper.messaging.compose import in_words, reached_at
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.model.event import Event, Kind
from poolkeeper.model.message import Message, Question


class NoWords(DeliveryFailed):
    """CustomMessage gave no words. `event` tells the operator; the reason holds what the function said, for the log."""

    def __init__(self, message: Message, question: Question, fault: ServiceError) -> None:
        # A function that could not be called can be mended; what one refuses it would refuse again.
        permanent = not isinstance(fault, UnexpectedLambdaException)
        reason = " ".join(part for part in (fault.message, fault.detail and f"({fault.detail})") if part)
        super().__init__(f"request {question.request_id}: {reason}", permanent=permanent)
        about = {"kind": message.kind, "error": fault.name, "again": "no" if permanent else "yes"}
        self.event = Event(
            kind=Kind.CUSTOM_MESSAGE_FAILED, pool_id=message.pool_id, user_id=question.user_id, about=about
        )
        self.request_id = question.request_id


async def written(house: House, message: Message, question: Question) -> Message:
    """Return a message in the words of its pool's CustomMessage, which is told of the user as they are now.

    What that leaves out stays as the pool's templates were when the code was asked for; so does everything, once the pool
    has no such trigger any more. Raises NoWords, and DeliveryFailed where the pool or the user is gone.
    """
    pool = await find_pool(house, message.pool_id)
    user = None if pool is None else await find_user(house, message.pool_id, question.user_id)
    if pool is None or user is None:
        raise DeliveryFailed("its user is gone", permanent=True)
    try:
        text = await triggers.custom_words(
            house,
            pool,
            source=f"CustomMessage_{message.kind}",
            medium=message.medium,
            user=reached_at(user, question.attribute, message.to),
            client_id=question.client_id,
            metadata=question.metadata,
            sdk=question.sdk,
        )
    except ServiceError as fault:
        raise NoWords(message, question, fault) from None
    return in_words(message, text)
