"""Requests as Slack signs them: ``v0``, a timestamp and the body, under the signing secret.

After the Slack documentation, "Verifying requests from Slack".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp


def sign(secret: str, body: bytes, *, at: int | None = None) -> dict[str, str]:
    """The two headers for ``body``; ``at`` in seconds since 1970, now where it is None."""
    stamp = str(int(time.time()) if at is None else at)
    mac = hmac.new(secret.encode(), b":".join((b"v0", stamp.encode(), body)), hashlib.sha256)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac.hexdigest()}"}


def encode(payload: dict[str, Any], *, is_form: bool) -> tuple[bytes, str]:
    """Body and content type: JSON for events, forms for commands and interactions."""
    if not is_form:
        return json.dumps(payload).encode(), "application/json"
    fields = payload if "command" in payload else {"payload": json.dumps(payload)}
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


async def post_signed(
    url: str,
    payload: dict[str, Any],
    *,
    secret: str,
    is_form: bool,
    at: int | None = None,
    retry: tuple[int, str] | None = None,
    timeout_s: float = 3.0,
) -> tuple[int, Any]:
    """Post as Slack does; the status, and the answer as JSON (a plain text as ``text``).

    Args:
        at: when it claims to be signed; for stale requests.
        secret: another than the app's for forged ones.

    Raises:
        TimeoutError: no answer in time.
        OSError: no connection.
    """
    body, kind = encode(payload, is_form=is_form)
    headers = sign(secret, body, at=at) | {"Content-Type": kind}
    if retry is not None:
        headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
    limit = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(url, data=body, headers=headers) as response,
        ):
            text = await response.text()
            return response.status, _read(text)
    except aiohttp.ClientError as error:
        raise OSError(str(error)) from error


def _read(text: str) -> Any:
    try:
        return json.loads(text) if text else {}
    except ValueError:
        return {"text": text}
