"""What is a message to a person? One mail or text message, from the moment it is written to the moment it is shown."""

from typing import Literal

import msgspec

Medium = Literal["EMAIL", "SMS"]


class Handover(msgspec.Struct, frozen=True, kw_only=True):
    """What a custom sender is told of a message beside its code; `client_id` is None where an administrator called."""

    username: str
    attributes: dict[str, str]
    client_id: str | None
    metadata: dict[str, str]

    def __repr__(self) -> str:
        return "Handover()"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What CustomMessage has yet to be asked about a message: for whom, and what it is told of the call.

    `attribute` names the address that the message goes to, `sdk` is awsSdkVersion, `request_id` the request that caused it.
    """

    user_id: str
    attribute: str
    client_id: str
    metadata: dict[str, str]
    sdk: str
    request_id: str

    def __repr__(self) -> str:
        return "Question()"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One mail or SMS. It is a row, sealed, from the change that caused it until a worker has sent it.

    `kind` is the trigger-style name (`SignUp`, `ForgotPassword`, `AdminCreateUser`, ...); `sender` is a mail's From;
    `valid_until` is the end of the code's life in milliseconds since the epoch, None where there is no code. With a
    `handover` it is a custom sender's to deliver, and ours to send only once the pool has none any more. With a `question`
    its words are still the pool's own: what CustomMessage has to say comes first. `link` is the address that a mail's
    `{##...##}` lead to, empty for none. `account` is what the pool's configuration names (SourceArn, SnsCallerArn), by which
    a sender is chosen; `reply_to`, `configuration_set` and `region` (SnsRegion) are its own words too, empty for none.
    Without `to` it is for nobody: written where existence is hidden, like one for somebody, and sent nowhere.
    """

    to: str
    medium: Medium
    kind: str
    body: str
    pool_id: str
    username: str
    subject: str = ""
    code: str | None = None
    sender: str = ""
    valid_until: int | None = None
    handover: Handover | None = None
    question: Question | None = None
    link: str = ""
    account: str = ""
    reply_to: str = ""
    configuration_set: str = ""
    region: str = ""

    def __repr__(self) -> str:
        return f"Message(kind={self.kind!r}, medium={self.medium!r}, pool_id={self.pool_id!r})"


class CapturedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that the development outbox keeps instead of sending it. Ids sort by time."""

    message_id: str
    message: Message
    at: int
