"""Which sender is made of which entry? One row a transport; each process makes its own once, for all that it sends."""

from collections.abc import Mapping

from poolkeeper.call import House
from poolkeeper.clock import Clock
from poolkeeper.messaging.senders import Reachable
from poolkeeper.messaging.senders.file import FileSender
from poolkeeper.messaging.senders.ses import SesSender
from poolkeeper.messaging.senders.smtp import SmtpSender, Trust
from poolkeeper.messaging.senders.sns import SnsSender
from poolkeeper.messaging.senders.twilio import TwilioSender
from poolkeeper.messaging.senders.webhook import WebhookSender
from poolkeeper.sender_settings import (
    FileTransport,
    ReceiverTransport,
    SenderSetting,
    SesTransport,
    SmtpTransport,
    SnsTransport,
    TwilioTransport,
)


def make_senders(house: House) -> Mapping[str, Reachable]:
    """Return every sender that the settings describe, by its name."""
    return {setting.name: make_sender(house, setting) for setting in house.settings.all_senders}


def make_sender(house: House, setting: SenderSetting) -> Reachable:
    """Return the sender of one entry."""
    egress, clock = house.egress, house.clock
    mail_from = setting.mail_from or house.settings.mail_from
    match setting.transport:
        case SmtpTransport() as server:
            return smtp_sender(server, clock, mail_from=mail_from)
        case SesTransport() as service:
            return SesSender(service, egress, clock, mail_from=mail_from)
        case SnsTransport() as service:
            return SnsSender(service, egress, clock, region=house.settings.region)
        case TwilioTransport() as provider:
            return TwilioSender(provider, egress)
        case ReceiverTransport() as receiver:
            return WebhookSender(receiver, egress, clock, mail_from=mail_from)
        case FileTransport(folder=folder):
            return FileSender(folder, clock, mail_from=mail_from)


def smtp_sender(server: SmtpTransport, clock: Clock, *, mail_from: str) -> SmtpSender:
    """Return the sender of a mail server, with those whom it is to believe."""
    return SmtpSender(
        host=server.host,
        port=server.port,
        security=server.security,
        user=server.user,
        password=server.password,
        mail_from=mail_from,
        clock=clock,
        trust=Trust(server.ca_file),
    )
