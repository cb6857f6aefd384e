"""How does a message travel over HTTP? What the senders share that speak it: one call, signed where AWS is asked."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit

import msgspec

from poolkeeper.clock import Clock
from poolkeeper.crypto import sigv4
from poolkeeper.egress import Egress, EgressFailed, EgressRefused, Response
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.sender_settings import AwsKey, Endpoint

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_SECONDS = 20.0
_LONGEST_ANSWER = 65_536
_ERROR_NAME = re.compile(r"[A-Za-z][\w.]{0,99}")


async def call(
    egress: Egress,
    endpoint: Endpoint,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes,
    method: str = "POST",
) -> Response:
    """Return the answer, whatever its status. Raises DeliveryFailed where there is none: an operator, or time, mends that."""
    try:
        return await egress.request(
            method,
            url,
            headers=headers,
            body=body,
            timeout_seconds=_SECONDS,
            max_bytes=_LONGEST_ANSWER,
            private=endpoint.private,
            plain_http=endpoint.plain_http,
        )
    except (EgressRefused, EgressFailed) as fault:
        raise DeliveryFailed(str(fault), permanent=False) from None


class AwsService:
    """One service of AWS in one region, or what stands in its place: calls signed with a sender's own key."""

    def __init__(
        self, egress: Egress, clock: Clock, *, service: str, host: str, region: str, key: AwsKey, endpoint: Endpoint
    ) -> None:
        self._egress, self._clock = egress, clock
        self._service, self._region, self._key, self._endpoint = service, region, key, endpoint
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        self._base = endpoint.url or f"https://{host}.{region}.{suffix}"

    async def query(self, action: str, version: str, parameters: Mapping[str, str]) -> Response:
        """Call an action of the query protocol."""
        form = urlencode({"Action": action, "Version": version, **parameters}).encode()
        return await self.request("POST", "/", body=form, content_type=FORM)

    async def request(self, method: str, path: str, *, body: bytes = b"", content_type: str = JSON) -> Response:
        """Call a path. Raises DeliveryFailed where there is no answer."""
        url = self._base + path
        parts = urlsplit(url)
        timestamp = f"{datetime.fromtimestamp(self._clock.now() / 1000, UTC):%Y%m%dT%H%M%SZ}"
        headers = {"content-type": content_type, "x-amz-date": timestamp}
        if self._key.session_token:
            headers["x-amz-security-token"] = self._key.session_token.reveal()
        headers["authorization"] = sigv4.authorization_header(
            access_key_id=self._key.access_key_id,
            secret=self._key.secret_access_key.reveal(),
            region=self._region,
            service=self._service,
            timestamp=timestamp,
            method=method,
            path=parts.path,
            query="",
            headers=[("host", parts.netloc), *headers.items()],
            payload=body,
        )
        return await call(self._egress, self._endpoint, url, headers=headers, body=body, method=method)


def aws_error(response: Response) -> tuple[str, str]:
    """Return (name, sentence) of an answer with an error's status: JSON or XML, empty where it is neither."""
    text = response.body[:10_000].decode(errors="replace")
    name = response.headers.get("x-amzn-errortype", "")
    if text.lstrip().startswith("{"):
        try:
            fault = msgspec.json.decode(response.body, type=dict[str, object])
        except msgspec.DecodeError:
            fault = {}
        name = name or str(fault.get("__type", fault.get("code", "")))
        sentence = str(fault.get("message", fault.get("Message", "")))
    else:
        name = name or _in_xml(text, "Code")
        sentence = _in_xml(text, "Message")
    name = name.partition(":")[0].rpartition("#")[2]
    return (name if _ERROR_NAME.fullmatch(name) else ""), sentence


def _in_xml(text: str, name: str) -> str:
    """Return what an element holds, empty where there is none: an answer is read once, whatever it is full of."""
    inside, ended, _ = text.partition(f"<{name}>")[2].partition(f"</{name}>")
    return inside.strip() if ended else ""
