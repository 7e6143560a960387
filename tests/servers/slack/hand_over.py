"""How the app is told: an envelope, its time limit, and its repeats; by socket or by request.

After the Slack documentation, "Events API" (three repeats: at once, after a minute, after five)
and "Socket Mode". Commands and interactions are never repeated.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.slack.signing import post_signed

if TYPE_CHECKING:
    from tests.servers.slack.watching import Watching

EVENT, COMMAND, INTERACTION = "events_api", "slash_commands", "interactive"


@dataclass
class Envelope:
    """One thing told to the app.

    Attributes:
        kind: "events_api", "slash_commands" or "interactive".
        sent_at: monotonic seconds of each time it was sent; [] if there was no way.
        acked_at: when the app acknowledged it, None until then.
        answer: what came with the acknowledgement; {} for nothing.
        why: why it is sent again: "timeout", "http_error", ...; "" the first time.
    """

    kind: str
    payload: dict[str, Any]
    accepts: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent_at: list[float] = field(default_factory=list)
    acked_at: float | None = None
    answer: Any = field(default_factory=dict)
    why: str = ""
    is_given_up: bool = False

    @property
    def is_acked(self) -> bool:
        """Whether the app acknowledged it, late or not."""
        return self.acked_at is not None

    @property
    def took_s(self) -> float:
        """Seconds from the last sending to the acknowledgement; infinite without one."""
        return self.acked_at - self.sent_at[-1] if self.acked_at is not None else float("inf")

    @property
    def name(self) -> str:
        """What it is, for people who read the test's failure."""
        inner = self.payload.get("event", {}).get("type", "")
        given = inner or self.payload.get("command") or self.payload.get("type", "")
        return f"{self.kind} {given}"

    def json(self) -> dict[str, Any]:
        """The envelope as it goes over a socket."""
        found = {
            "envelope_id": self.id,
            "type": self.kind,
            "accepts_response_payload": self.accepts,
            "payload": self.payload,
        }
        if self.kind == EVENT:
            found |= {"retry_attempt": len(self.sent_at) - 1, "retry_reason": self.why}
        return found


class HandOver:
    """Hands envelopes over, and notes how fast they were acknowledged.

    Attributes:
        request_url: where they are posted; "" for Socket Mode.
        signing_secret: of those posts.
        limit_s: seconds within which the app must acknowledge.
        repeats_s: seconds before each repeat of an event.
        late: envelopes acknowledged after their time, or never.
    """

    def __init__(self, server: Watching) -> None:
        self._server = server
        self.request_url = ""
        self.signing_secret = "invented-signing-secret-0123456789"
        self.limit_s = 3.0
        self.repeats_s: tuple[float, ...] = (0.1, 60.0, 300.0)
        self.late: list[Envelope] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def unanswered(self) -> list[Envelope]:
        """Envelopes that were sent and not acknowledged so far."""
        return [e for e in self._server.envelopes if e.sent_at and not e.is_acked]

    def give(self, kind: str, payload: dict[str, Any], *, accepts: bool = False) -> Envelope:
        """Hand something over, in the background."""
        envelope = Envelope(kind, payload, accepts)
        self._server.envelopes.append(envelope)
        task = asyncio.get_running_loop().create_task(self._give(envelope))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return envelope

    def take_ack(self, envelope_id: str, answer: Any) -> None:
        """Note an acknowledgement that came over a socket."""
        for envelope in reversed(self._server.envelopes):
            if envelope.id == envelope_id:
                if envelope.is_acked:
                    return
                envelope.acked_at = time.monotonic()
                envelope.answer = answer or {}
                if answer and not envelope.accepts:
                    said = f"{envelope.name}: an acknowledgement with a payload that nobody reads"
                    self._server.complaints.append(said)
                self._server.wake()
                return
        self._server.complaints.append(f"an acknowledgement of nothing: {envelope_id}")

    async def close(self) -> None:
        """Stop whatever is still to be repeated."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _give(self, envelope: Envelope) -> None:
        repeats = self.repeats_s if envelope.kind == EVENT else ()
        for wait_s in (0.0, *repeats):
            if wait_s:
                await asyncio.sleep(wait_s)
            if await self._try(envelope):
                return
            if envelope.sent_at and envelope not in self.late:
                self.late.append(envelope)
        envelope.is_given_up = True
        self._server.wake()

    async def _try(self, envelope: Envelope) -> bool:
        """Send once; whether it was acknowledged in time."""
        if self.request_url:
            return await self._try_request(envelope)
        if not await self._server.sockets.send(envelope):
            envelope.why = "no_connection"
            return envelope.is_acked
        try:
            await self._server.wait_until(lambda: envelope.is_acked, timeout_s=self.limit_s)
        except TimeoutError:
            envelope.why = "timeout"
            return False
        return True

    async def _try_request(self, envelope: Envelope) -> bool:
        retry = (len(envelope.sent_at), envelope.why) if envelope.sent_at else None
        envelope.sent_at.append(time.monotonic())
        try:
            status, answer = await post_signed(
                self.request_url,
                envelope.payload,
                secret=self.signing_secret,
                is_form=envelope.kind != EVENT,
                retry=retry,
                timeout_s=self.limit_s,
            )
        except TimeoutError:
            envelope.why = "http_timeout"
            return False
        except OSError:
            envelope.why = "connection_failed"
            return False
        if status != 200:
            envelope.why = "http_error"
            return False
        envelope.acked_at, envelope.answer = time.monotonic(), answer
        self._server.wake()
        return True
