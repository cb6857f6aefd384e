"""ListCapturedMessages: what would have been sent? The newest messages, in development mode only."""

from poolkeeper.aws.generated.poolkeeper import (
    CapturedMessageType,
    ListCapturedMessagesRequest,
    ListCapturedMessagesResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import NotInDevelopmentException
from poolkeeper.messaging.senders.outbox import DevelopmentOutbox
from poolkeeper.model.message import CapturedMessage
from poolkeeper.operations.paging import LARGEST_PAGE, PageRequest
from poolkeeper.operations.shapes import seconds

_ELSEWHERE = "Messages are kept in development mode alone (serve --dev); this server sends them."


async def list_captured_messages(call: Call, req: ListCapturedMessagesRequest) -> ListCapturedMessagesResponse:
    """Return the newest thousand messages, a page at a time, oldest first: of one pool or all, to one address or all.

    Raises NotInDevelopmentException, InvalidParameterException.
    """
    if not call.settings.dev:
        raise NotInDevelopmentException(_ELSEWHERE)
    listing = f"ListCapturedMessages {req.user_pool_id} {req.to}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or LARGEST_PAGE)
    after = wanted.after()
    listed = [
        captured
        for captured in await DevelopmentOutbox(call.house).list()
        if captured.message_id > after
        and req.user_pool_id in (None, captured.message.pool_id)
        and req.to in (None, captured.message.to)
    ]
    page = wanted.cut(listed, lambda captured: captured.message_id)
    return ListCapturedMessagesResponse(
        messages=[_described(captured) for captured in page.items], next_token=page.token
    )


def _described(captured: CapturedMessage) -> CapturedMessageType:
    message = captured.message
    return CapturedMessageType(
        message_id=captured.message_id,
        to=message.to,
        medium=message.medium,
        kind=message.kind,
        subject=message.subject,
        body=message.body,
        code=message.code,
        user_pool_id=message.pool_id,
        username=message.username,
        creation_date=seconds(captured.at),
    )
