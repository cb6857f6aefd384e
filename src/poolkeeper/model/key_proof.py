"""What has somebody shown who proves that they hold a key? Its thumbprint, and the proof, which serves once (RFC 9449)."""

import msgspec


class KeyProof(msgspec.Struct, frozen=True, kw_only=True):
    """That the sender of a request holds a private key: `jkt` is the thumbprint of its public half (RFC 7638).

    `spent_as` is what the proof is spent by, `expires_at` (milliseconds) when it would not be taken any more.
    """

    jkt: str
    spent_as: str
    expires_at: int
