"""What does the cryptography alone cost? CPU time of each primitive, and S: one RS256-2048 signature in the same run."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import processes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from poolkeeper.crypto import password_hash, srp
from poolkeeper.settings import DEFAULTS

SIGNATURES = 300
MESSAGE = b"m" * 600
SALT = b"0123456789abcdef"
SECRET_B = (1 << 256) - 189
ECHOES = 500
LINE = b"e" * 1200 + b"\n"  # about as long as an event of a trigger
ECHO: Mapping[str, Sequence[str]] = {
    "Python": (sys.executable, "-u", "-c", "import sys\nfor l in sys.stdin.buffer: sys.stdout.buffer.write(l)"),
    "Node": ("node", "-e", "process.stdin.pipe(process.stdout)"),
}


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def cpu(work: Callable[[], object], *, times: int) -> float:
    """Return the median CPU time of `times` calls, in nanoseconds."""
    sample = []
    for _ in range(times):
        begun = time.thread_time_ns()
        work()
        sample.append(time.thread_time_ns() - begun)
    return statistics.median(sample)


def signature(*, times: int = SIGNATURES) -> float:
    """Return S: the median CPU time of one RS256 signature with a 2048-bit key, in nanoseconds."""
    key = _key()
    return cpu(lambda: key.sign(MESSAGE, padding.PKCS1v15(), SHA256()), times=times)


def echo(language: str) -> float:
    """Return the mean CPU time, of both sides, of a line that goes through a pipe and comes back, in nanoseconds."""
    with subprocess.Popen(ECHO[language], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for warm in (True, False):
            begun = time.thread_time_ns() + processes.cpu(process.pid)
            for _ in range(ECHOES // 10 if warm else ECHOES):
                process.stdin.write(LINE)
                left = len(LINE)
                while left:
                    left -= len(process.stdout.read(left) or b"")
        took = time.thread_time_ns() + processes.cpu(process.pid) - begun
        process.stdin.close()
    return took / ECHOES


def primitives() -> Mapping[str, float]:
    """Return the median CPU time of each primitive that an operation may have to pay, in nanoseconds."""
    key, public = _key(), _key().public_key()
    signed = key.sign(MESSAGE, padding.PKCS1v15(), SHA256())
    argon2 = password_hash.Argon2(DEFAULTS["password_hash_memory"], DEFAULTS["password_hash_passes"])
    verifier = srp.verifier(pool_name="pool", user_id="user", password="password", salt=SALT)
    client_public = pow(srp.G, SECRET_B >> 1, srp.N)
    server_public = srp.server_public(verifier=verifier, secret_b=SECRET_B)
    on_a_curve = ec.generate_private_key(ec.SECP256R1())
    curve_public, on_curve = on_a_curve.public_key(), on_a_curve.sign(MESSAGE, ec.ECDSA(SHA256()))

    return {
        "signature": signature(),
        "verification": cpu(lambda: public.verify(signed, MESSAGE, padding.PKCS1v15(), SHA256()), times=200),
        "P-256 verification": cpu(lambda: curve_public.verify(on_curve, MESSAGE, ec.ECDSA(SHA256())), times=200),
        "Argon2": cpu(lambda: argon2.hash("a password", salt=SALT), times=30),
        "SRP verifier": cpu(
            lambda: srp.verifier(pool_name="pool", user_id="user", password="password", salt=SALT), times=50
        ),
        "SRP B": cpu(lambda: srp.server_public(verifier=verifier, secret_b=SECRET_B), times=50),
        "SRP key": cpu(
            lambda: srp.session_key(
                client_public=client_public, server_public=server_public, verifier=verifier, secret_b=SECRET_B
            ),
            times=50,
        ),
        **{f"echo in {language}": echo(language) for language in ECHO},
    }


if __name__ == "__main__":
    costs = primitives()
    for name, nanoseconds in costs.items():
        print(f"{name:18} {nanoseconds / 1e6:9.3f} ms {nanoseconds / costs['signature']:8.2f} S")
