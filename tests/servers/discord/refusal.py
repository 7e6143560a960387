"""What Discord answers when it refuses: a status, a code of its own, a message.

After the Discord documentation, "Opcodes and Status Codes": JSON error codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MESSAGES = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    40060: (400, "Interaction has already been acknowledged."),
    40067: (400, "A tag is required to create a forum post in this channel"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160004: (400, "A thread has already been created for this message"),
    160005: (400, "This thread is locked"),
}


class Refusal(Exception):
    """An answer in Discord's form; ``errors`` as in an invalid form body."""

    def __init__(self, code: int, *, errors: dict[str, Any] | None = None) -> None:
        self.status, self.message = MESSAGES[code]
        self.code = code
        self.errors = errors
        super().__init__(f"{self.status} {code} {self.message} {errors or ''}".rstrip())

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        given = {"code": self.code, "message": self.message}
        return given | {"errors": self.errors} if self.errors else given


class Plain(Exception):
    """A refusal of the web server itself: 401, 404, 405 with code 0."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        return {"message": f"{self.status}: {self.message}", "code": 0}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a request body, at ``path`` from its root."""

    path: tuple[str | int, ...]
    code: str
    message: str


def form_error(problems: Sequence[Problem]) -> Refusal:
    """50035 with every problem at its place, nested as Discord nests them."""
    root: dict[str, Any] = {}
    for problem in problems:
        node = root
        for step in problem.path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return Refusal(50035, errors=root)


class NotOffered(Exception):
    """What a person wanted to do is not possible in the Discord client; nothing was sent.

    For example a command hidden by ``default_member_permissions``, or a disabled button.
    """
