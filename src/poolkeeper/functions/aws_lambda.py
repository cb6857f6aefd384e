"""How is a function on AWS Lambda called? By Lambda's Invoke API, signed with the access key of its own entry.

Source: AWS Lambda API Reference, "Invoke".
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from poolkeeper.clock import Clock
from poolkeeper.crypto import sigv4
from poolkeeper.egress import Egress
from poolkeeper.function_settings import LambdaTransport
from poolkeeper.functions.call import CannotInvoke, FunctionFailed, Invocation, decode_answer, error_in
from poolkeeper.functions.over_http import post, refusal

# An ARN comes by the API, and its region goes into a host's name: a dot or a slash there would choose another host.
_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]{0,20}):lambda:(?P<region>[a-z0-9-]{1,40}):\d{12}:function:[\w:$-]+")
_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


class AwsLambda:
    """The Carrier of `transport = "lambda"`."""

    def __init__(self, setting: LambdaTransport, egress: Egress, clock: Clock) -> None:
        self._setting = setting
        self._egress = egress
        self._clock = clock

    async def call(self, invocation: Invocation) -> Any:
        """Return the function's answer. Raises FunctionFailed and CannotInvoke."""
        arn = _ARN.fullmatch(invocation.arn)
        if arn is None:
            raise CannotInvoke("ResourceNotFoundException", detail="this is no ARN of a Lambda function")
        suffix = _SUFFIXES.get(arn["partition"], "amazonaws.com")
        endpoint = self._setting.endpoint or f"https://lambda.{arn['region']}.{suffix}"
        url = f"{endpoint}/2015-03-31/functions/{quote(invocation.arn, safe='')}/invocations"

        response = await post(
            self._egress,
            url,
            invocation,
            headers=self._headers(url, invocation, region=arn["region"]),
            # Whoever names an endpoint means an emulator of their own; the secret itself never travels.
            private=bool(self._setting.endpoint),
            plain_http=bool(self._setting.endpoint),
        )

        if response.status >= 300:
            raise refusal(response)
        answer = decode_answer(response.body)
        if "x-amz-function-error" in response.headers:
            message = error_in(answer)
            raise FunctionFailed("null" if message is None else message)
        return answer

    async def close(self) -> None:
        """Hold nothing."""

    def _headers(self, url: str, invocation: Invocation, *, region: str) -> dict[str, str]:
        parts = urlsplit(url)
        timestamp = f"{datetime.fromtimestamp(self._clock.now() / 1000, UTC):%Y%m%dT%H%M%SZ}"
        headers = {"x-amz-date": timestamp, "x-amz-invocation-type": "RequestResponse"}
        if self._setting.session_token:
            headers["x-amz-security-token"] = self._setting.session_token.reveal()
        signature = sigv4.authorization_header(
            access_key_id=self._setting.access_key_id,
            secret=self._setting.secret_access_key.reveal(),
            region=region,
            service="lambda",
            timestamp=timestamp,
            method="POST",
            path=parts.path,
            query="",
            headers=[("host", parts.netloc), *headers.items()],
            payload=invocation.body,
        )
        return {**headers, "authorization": signature}
