"""Do the senders of messages answer? What the doctor asks each of them, and one message to try it with."""

import asyncio
from dataclasses import dataclass

from poolkeeper.call import House
from poolkeeper.clock import MINUTE
from poolkeeper.messaging.compose import on_its_way
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.table import make_sender, make_senders
from poolkeeper.model.message import Medium, Message
from poolkeeper.model.names import looks_like_email
from poolkeeper.model.pool import Pool
from poolkeeper.sender_settings import EMAIL, SMS, SenderSetting, sender_of

TRIAL = "Trial"
_WORDS = "This message was sent by poolkeeper mail-test: codes and invitations of user pools arrive by the same way."


@dataclass(frozen=True, slots=True)
class Answer:
    """What one sender answered, in words."""

    name: str
    sound: bool
    text: str


class NoWay(Exception):  # noqa: N818 - what an operator asked for, and there is no way to do it
    """Nothing is set up that could send the message. The message says what."""


async def ask_all(house: House) -> list[Answer]:
    """Open a connection to each sender of the settings, side by side, and send nothing."""
    senders = make_senders(house)

    async def ask(name: str) -> Answer:
        try:
            return Answer(name, sound=True, text=await senders[name].check())
        except DeliveryFailed as fault:
            return Answer(name, sound=False, text=fault.reason)

    return list(await asyncio.gather(*map(ask, senders)))


async def try_one(house: House, *, address: str, pool: Pool | None, name: str) -> Answer:
    """Send one message to an address: by the sender of this name, else by that of the pool, else by that of pools which no entry names.

    A number (`+...`) is sent a text message. Raises NoWay.
    """
    message = _message(house, address, pool)
    setting = _chosen(house, message, name)
    message_id = f"{house.clock.now():013x}-{house.entropy.token(9)}"
    try:
        await make_sender(house, setting).send(message, message_id=message_id)
    except DeliveryFailed as fault:
        return Answer(setting.name, sound=False, text=fault.reason)
    return Answer(setting.name, sound=True, text=f"has taken the message {message_id}")


def _message(house: House, address: str, pool: Pool | None) -> Message:
    text = address.startswith("+") and address[1:].isdigit()
    if not text and not looks_like_email(address):
        raise NoWay(f"{address} is no address of mail, and no number such as +12065550100")
    medium: Medium = "SMS" if text else "EMAIL"
    message = Message(
        to=address,
        medium=medium,
        kind=TRIAL,
        subject="" if text else "A message from Poolkeeper",
        body=_WORDS,
        pool_id="" if pool is None else pool.pool_id,
        username="",
        valid_until=house.clock.now() + 10 * MINUTE,
    )
    return message if pool is None else on_its_way(house.settings, pool, message)


def _chosen(house: House, message: Message, name: str) -> SenderSetting:
    senders = house.settings.all_senders
    if name:
        named = next((sender for sender in senders if sender.name == name), None)
        if named is None or message.medium not in named.media:
            names = ", ".join(sender.name for sender in senders if message.medium in sender.media) or "none"
            raise NoWay(f"there is no sender {name} of {_messages_of(message.medium)}; there is {names}")
        return named
    chosen = sender_of(senders, medium=message.medium, pool_id=message.pool_id, account=message.account)
    if chosen is None:
        whose = f" of {message.pool_id}" if message.pool_id else ""
        by = "smtp_host or a table" if message.medium == EMAIL else "a table"
        raise NoWay(
            f"nothing is set up that sends {_messages_of(message.medium)}{whose}: that wants {by} [senders.NAME]"
        )
    return chosen


def _messages_of(medium: str) -> str:
    return {EMAIL: "mail", SMS: "text messages"}[medium]
