"""What can be wrong with a message or with metadata? One of these faults, which the log names."""

from enum import Enum, auto


class Fault(Enum):
    """Why a message or metadata were refused."""

    ENCODING = auto()  # no base64, no deflate, or too large
    XML = auto()  # not well-formed, a document type, too deep
    STRUCTURE = auto()  # an element or attribute that is missing, too much, or of another form
    COMMENT = auto()
    REPEATED_ID = auto()
    ASSERTIONS = auto()  # another number of assertions than one
    SIGNATURE_PLACE = auto()  # a signature of something else than the message
    SIGNATURE_FORM = auto()  # another reference, transform or algorithm than the few that are accepted
    UNSIGNED = auto()
    SIGNATURE = auto()
    NOT_ENCRYPTED = auto()
    DECRYPTION = auto()
    STATUS = auto()
    ISSUER = auto()
    DESTINATION = auto()
    AUDIENCE = auto()
    CONFIRMATION = auto()
    IN_RESPONSE_TO = auto()
    TIME = auto()
    TAKEN = auto()  # what is good once was brought before
    UNSUPPORTED = auto()
    NO_PROVIDER = auto()
    SEVERAL_PROVIDERS = auto()
    NO_CERTIFICATE = auto()
    NO_ADDRESS = auto()


class BadMessage(Exception):  # noqa: N818 - what is said of the message, not of us
    """A message that is refused. `fault` says why; the text is for the log."""

    def __init__(self, fault: Fault, text: str) -> None:
        super().__init__(f"{fault.name}: {text}")
        self.fault = fault
