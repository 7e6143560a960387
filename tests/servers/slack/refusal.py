"""What Slack answers when it refuses: ``ok: false``, a short word, sometimes more.

After the Slack documentation, "Web API", evaluating responses, and the errors of each method.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Refused(Exception):
    """A refusal in Slack's form: HTTP 200, ``ok`` false and ``error``."""

    def __init__(self, error: str, *messages: str, **more: Any) -> None:
        self.error = error
        self.messages = messages
        self.more = more
        super().__init__(" ".join((error, *messages)))

    def body(self) -> dict[str, Any]:
        """The JSON of the answer."""
        given: dict[str, Any] = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            given["response_metadata"] = {"messages": [f"[ERROR] {said}" for said in self.messages]}
        return given


def blocks_refused(problems: Sequence[str], *, error: str = "invalid_blocks") -> Refused:
    """``invalid_blocks`` with every problem and its place, as Slack words them."""
    return Refused(error, *problems, errors=list(problems))


class NotOffered(Exception):
    """What a person wanted to do is not possible in the Slack client; nothing was sent.

    For example a command the app never declared, or a button that is not there.
    """


class Unanswered(AssertionError):
    """A person did something and saw nothing happen in the time allowed."""
