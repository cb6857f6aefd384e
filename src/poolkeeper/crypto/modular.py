"""How are powers of big integers computed? By GMP, without holding the interpreter; in plain Python where it is missing.

Secret exponents go through GMP's side-channel-quiet `powmod_sec`; the generator's powers come from a table of its own.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

try:
    import gmpy2
except ImportError:  # pragma: no cover - the tests take it away by hand
    gmpy2 = None

# 32 multiplications for 256 bits, with a table of 3 MB.
_WINDOW = 8


def prepare_thread() -> None:
    """Make this thread let others run while it computes; call it once at the start of each thread of a pool.

    GMP's setting lives in a context of the thread. Warns where GMP is missing: then the interpreter is held for tens
    of milliseconds at each SRP proof.
    """
    if gmpy2 is None:
        warnings.warn("gmpy2 is not installed: SRP runs in plain Python, some six times slower", stacklevel=2)
        return
    gmpy2.get_context().allow_release_gil = True


def power(base: int, exponent: int, modulus: int) -> int:
    """Return base^exponent mod modulus, in a time that tells about the exponent: for public ones."""
    if gmpy2 is None:
        return pow(base, exponent, modulus)
    return int(gmpy2.powmod(base, exponent, modulus))


def power_secret(base: int, exponent: int, modulus: int) -> int:
    """Return base^exponent mod modulus (odd) for an exponent >= 1 that nobody may learn from time or caches.

    Plain Python has no such promise to give.
    """
    if gmpy2 is None:
        return pow(base, exponent, modulus)
    return int(gmpy2.powmod_sec(base, exponent, modulus))


@dataclass(frozen=True, slots=True)
class FixedBase:
    """Powers of one base to exponents of at most `bits` bits, by a table made at the first use.

    Which rows are read depends on the exponent, so it is for exponents that are used once and forgotten.
    """

    base: int
    modulus: int
    bits: int

    def power(self, exponent: int) -> int:
        """Return base^exponent mod modulus; 0 <= exponent < 2^bits.

        Raises ValueError outside of these.
        """
        if exponent < 0 or exponent.bit_length() > self.bits:
            raise ValueError(f"an exponent has at most {self.bits} bits")
        if gmpy2 is None:
            return pow(self.base, exponent, self.modulus)

        modulus, rows = _table(self.base, self.modulus, self.bits)
        product = gmpy2.mpz(1)
        for row, digit in zip(rows, exponent.to_bytes(len(rows), "little"), strict=True):
            product = product * row[digit] % modulus
        return int(product)


@cache
def _table(base: int, modulus: int, bits: int) -> tuple[Any, Sequence[Sequence[Any]]]:
    """Return the modulus as GMP has it, and rows of base^(d * 2^(window * row)) for every digit d."""
    gmp_modulus = gmpy2.mpz(modulus)
    rows = []
    step = gmpy2.mpz(base)
    for _ in range(-(-bits // _WINDOW)):
        row = [gmpy2.mpz(1)]
        for _ in range((1 << _WINDOW) - 1):
            row.append(row[-1] * step % gmp_modulus)
        rows.append(tuple(row))
        step = row[-1] * step % gmp_modulus
    return gmp_modulus, tuple(rows)
