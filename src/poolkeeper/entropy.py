"""Where do ids, codes and nonces come from? The one door to the system's randomness."""

import secrets  # noqa: TID251 - this is the door itself
from base64 import urlsafe_b64encode

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE36 = "abcdefghijklmnopqrstuvwxyz0123456789"
_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Entropy:
    """Randomness from the operating system; tests may subclass `bytes` and have everything follow."""

    def bytes(self, count: int) -> bytes:
        """Return `count` random bytes."""
        return secrets.token_bytes(count)

    def below(self, limit: int) -> int:
        """Return an integer in [0, limit), each as likely as any other to within 2^-64."""
        return int.from_bytes(self.bytes(_bytes_for(limit))) % limit

    def text(self, alphabet: str, length: int) -> str:
        """Return `length` characters drawn from `alphabet`, each as likely as any other to within 2^-64."""
        size, letters = _bytes_for(len(alphabet)), len(alphabet)
        drawn = self.bytes(size * length)  # at once: asking the system takes longer than all the rest
        return "".join([alphabet[int.from_bytes(drawn[at : at + size]) % letters] for at in range(0, len(drawn), size)])

    def base32(self, length: int) -> str:
        """Return base32 (RFC 4648), the form of ids of access keys and of what an account has."""
        return self.text(BASE32, length)

    def base36(self, length: int) -> str:
        """Return lower-case base36, the form of app client ids and client secrets."""
        return self.text(_BASE36, length)

    def alphanumeric(self, length: int) -> str:
        """Return letters and digits, the form of the second half of a pool id."""
        return self.text(_ALPHANUMERIC, length)

    def digits(self, length: int) -> str:
        """Return decimal digits, leading zeros included: a code for a person to type."""
        return str(self.below(10**length)).zfill(length)

    def token(self, count: int) -> str:
        """Return `count` random bytes as base64url without padding."""
        return urlsafe_b64encode(self.bytes(count)).rstrip(b"=").decode()

    def uuid(self) -> str:
        """Return a random UUID (RFC 9562 section 5.4) in its canonical text."""
        raw = bytearray(self.bytes(16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        digits = raw.hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _bytes_for(limit: int) -> int:
    """Return how many bytes are drawn for an integer below `limit`: eight more than it takes, so that all are as likely."""
    return (limit.bit_length() + 7) // 8 + 8
