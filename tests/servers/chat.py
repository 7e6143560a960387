"""A chat-completions endpoint on loopback: answers by script, refuses what the real one refuses.

After the OpenAI API reference, "Create chat completion" and "Error codes": a bearer key,
JSON, a known model, messages with role and content.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

from aiohttp import web

KEY = "sk-invented-key-that-must-stay-unseen"
MODEL = "tiny-1"


def completion(content: str | None, **changes: Any) -> dict[str, Any]:
    """The answer's object with one choice; ``changes`` are fields of the choice."""
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1515486600,
        "model": MODEL,
        "choices": [choice | changes],
        "usage": {"prompt_tokens": 200, "completion_tokens": 40, "total_tokens": 240},
    }


class ChatServer:
    """Gives ``answer`` to every proper request.

    Attributes:
        answer: an object for JSON, or bytes as they are.
        status, headers: of the answer.
        latency_s: before it.
        peak_in_flight: the most proper requests that were being answered at one moment.
        asked: the bodies of the proper requests.
        requests: the header fields of all requests, those refused too.
    """

    def __init__(self, answer: Any = None, *, key: str = KEY) -> None:
        self.answer = completion("Fine.") if answer is None else answer
        self.status = 200
        self.headers: Mapping[str, str] = {}
        self.latency_s = 0.0
        self.peak_in_flight = 0
        self._in_flight = 0
        self.asked: list[dict[str, Any]] = []
        self.requests: list[Mapping[str, str]] = []
        self._key = key
        self._runner: web.ServerRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None))
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        self.requests.append(dict(request.headers))
        if refusal := await self._refuse(request):
            return refusal
        self._in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self._in_flight)
        try:
            await asyncio.sleep(self.latency_s)
        finally:
            self._in_flight -= 1
        body = self.answer if isinstance(self.answer, bytes) else json.dumps(self.answer).encode()
        headers = {"Content-Type": "application/json", **self.headers}
        return web.Response(status=self.status, headers=headers, body=body)

    async def _refuse(self, request: web.BaseRequest) -> web.Response | None:
        if (request.method, request.path) != ("POST", "/v1/chat/completions"):
            return _error(404, f"Invalid URL ({request.method} {request.path})")
        given = request.headers.get("Authorization", "")
        if self._key and given != f"Bearer {self._key}":
            return _error(401, f"Incorrect API key provided: {given.removeprefix('Bearer ')}.")
        asked: dict[str, Any] = {}
        try:
            asked = json.loads(await request.read())
            problem = _find_problem(asked)
        except (ValueError, AttributeError, TypeError):
            problem = "We could not parse the JSON body of your request."
        if request.content_type != "application/json" or problem:
            return _error(400, problem or "Unsupported Media Type")
        if asked["model"] != MODEL:
            return _error(404, f"The model `{asked['model']}` does not exist")
        self.asked.append(asked)
        return None


def _find_problem(asked: dict[str, Any]) -> str:
    if unknown := asked.keys() - {"model", "messages", "max_tokens", "temperature"}:
        return f"Unrecognized request argument supplied: {min(unknown)}"
    if not asked.get("messages"):
        return "Missing required parameter: 'messages'."
    for message in asked["messages"]:
        if message["role"] not in {"system", "user"} or not isinstance(message["content"], str):
            return "Invalid value for 'messages'."
    if not isinstance(asked.get("max_tokens"), int) or asked["max_tokens"] < 1:
        return "Invalid type for 'max_tokens'."
    return "" if 0 <= asked.get("temperature", 1) <= 2 else "Invalid 'temperature'."


def _error(status: int, message: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return web.json_response({"error": error}, status=HTTPStatus(status))
