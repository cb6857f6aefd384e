"""How many segments does an SMS cost? The counting of GSM 03.38 (3GPP TS 23.038) and of UCS-2."""

from dataclasses import dataclass

# 3GPP TS 23.038 6.2.1: the default alphabet, and its extension table, whose characters take two septets.
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


@dataclass(frozen=True, slots=True)
class SmsLength:
    """`characters` as a person counts them; `alphabet` is GSM-7 or UCS-2."""

    characters: int
    segments: int
    alphabet: str


def measure(text: str) -> SmsLength:
    """Return the length of an SMS. A segment of several has room for 153 septets or 67 UTF-16 units, one alone for more.

    A character of two units is never split between segments.
    """
    gsm = all(c in _BASIC or c in _EXTENDED for c in text)
    widths = [1 + (c in _EXTENDED if gsm else ord(c) > 0xFFFF) for c in text]
    alone, per_segment = (160, 153) if gsm else (70, 67)
    segments = 1 if sum(widths) <= alone else _packed(widths, per_segment)
    return SmsLength(len(text), segments, "GSM-7" if gsm else "UCS-2")


def _packed(widths: list[int], room: int) -> int:
    segments, used = 1, 0
    for width in widths:
        if used + width > room:
            segments, used = segments + 1, 0
        used += width
    return segments
