"""How does an application ask the server? By connections that are kept open; asked again where one was closed meanwhile."""

import time
from collections import deque
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: TID251 - not the server: an application asks it
from urllib.parse import urlsplit

# More than any answer of a verifier.
_LONGEST_ANSWER = 65_536
_MOST_IDLE = 32

Answer = tuple[int, Mapping[str, str], bytes]


class Connections:
    """Connections to one address, of all threads. `seconds` are how long an answer may take."""

    def __init__(self, url: str, *, seconds: float) -> None:
        parts = urlsplit(url)
        without_path = parts.path in {"", "/"} or parts.query or parts.fragment
        if parts.scheme not in {"http", "https"} or not parts.hostname or without_path:
            raise ValueError(f"{url} is not the address of a verifier, such as http://127.0.0.1:7665/verify/files")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path
        self._seconds = seconds
        self._idle: deque[HTTPConnection] = deque()

    def post(self, headers: Mapping[str, str], body: bytes) -> Answer:
        """Return status, headers (lower-case names) and body of an answer; raises OSError where there is none.

        What was closed meanwhile is tried anew; what does not answer is waited for once.
        """
        until = time.monotonic() + self._seconds
        while (connection := self._kept()) is not None:
            try:
                return self._exchange(connection, headers, body, until)
            except TimeoutError:
                connection.close()
                raise
            except (OSError, HTTPException):
                connection.close()
        fresh = self._kind(self._host, self._port)
        try:
            return self._exchange(fresh, headers, body, until)
        except (OSError, HTTPException) as fault:
            fresh.close()
            raise OSError(f"the verifier did not answer: {fault!r}") from fault

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while (connection := self._kept()) is not None:
            connection.close()

    def _kept(self) -> HTTPConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _exchange(self, connection: HTTPConnection, headers: Mapping[str, str], body: bytes, until: float) -> Answer:
        seconds_left = until - time.monotonic()
        if seconds_left <= 0:
            raise TimeoutError("the verifier did not answer in time")
        connection.timeout = seconds_left
        if connection.sock is not None:
            connection.sock.settimeout(seconds_left)
        connection.putrequest("POST", self._path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read(_LONGEST_ANSWER + 1)
        if len(content) > _LONGEST_ANSWER:
            raise HTTPException("an answer without end")
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content
