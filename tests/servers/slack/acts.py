"""What a person did to the app, what became of it, and what they saw."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.slack.draw import draw_message, draw_view
from tests.servers.slack.hand_over import Envelope
from tests.servers.slack.world import Channel, Message, User

if TYPE_CHECKING:
    from tests.servers.slack.modals import View
    from tests.servers.slack.state import State

TRIGGER_S = 3.0  # a trigger_id holds that long
URL_S = 30 * 60  # a response_url holds that long
URL_USES = 5


@dataclass
class Act:
    """Something a person did: a command, a press, a submission, a word said.

    Attributes:
        channel: where; None in a modal or on the Home tab.
        message, view: where the pressed button stands.
        answers: messages that they saw because of it, oldest first; changed ones again.
        views: modals that it opened or changed, and the Home tab.
        errors: what the modal shows beside its inputs, by block id.
        home: what the Home tab shows since.
        options: what a menu offered, each {"text": ..., "value": ...}.
        trigger_id, response_url: as told to the app.
        is_traded: whether the trigger was used.
        uses: how often the response_url was used.
        failure: what Slack itself told the person: "operation_timeout", "dispatch_failed", or "".
        is_taken: whether what came with the acknowledgement was taken up.
    """

    kind: str
    user: User
    channel: Channel | None = None
    message: Message | None = None
    view: View | None = None
    trigger_id: str = ""
    response_url: str = ""
    envelope: Envelope | None = None
    answers: list[Message] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    options: list[dict[str, Any]] = field(default_factory=list)
    home: dict[str, Any] | None = None
    is_traded: bool = False
    uses: int = 0
    failure: str = ""
    is_taken: bool = False
    at: float = field(default_factory=time.monotonic)

    @property
    def is_at_home(self) -> bool:
        """Whether they had the Home tab before them."""
        return self.channel is None and self.view is None

    @property
    def is_acked(self) -> bool:
        """Whether the app acknowledged it."""
        return self.envelope is not None and self.envelope.is_acked

    @property
    def took_s(self) -> float:
        """Seconds until it was acknowledged."""
        return self.envelope.took_s if self.envelope is not None else float("inf")

    @property
    def is_answered(self) -> bool:
        """Whether there is something to see."""
        seen = self.answers or self.views or self.errors or self.failure
        return bool(seen or (self.is_at_home and self.home))

    @property
    def answer(self) -> Message:
        """The last message they saw.

        Raises:
            AssertionError: there was none.
        """
        assert self.answers, f"{self.user.name} saw no message after {self.kind}: {self.text!r}"
        return self.answers[-1]

    @property
    def modal(self) -> View:
        """The last modal they saw.

        Raises:
            AssertionError: there was none.
        """
        assert self.views, f"{self.user.name} saw no modal after {self.kind}: {self.text!r}"
        return self.views[-1]

    @property
    def text(self) -> str:
        """Everything they saw, drawn with signs, in order."""
        drawn = [draw_message(message) for message in self.answers if not message.is_deleted]
        drawn += [draw_view(view.body) for view in self.views]
        if self.is_at_home and self.home is not None:
            drawn.append(draw_view(self.home))
        drawn += [f"{block}: {said}" for block, said in self.errors.items()]
        return "\n".join([*drawn, self.failure]).strip()


class Acts:
    """Finds the act that belongs to a message, trigger or response_url."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._by_url: dict[str, Act] = {}

    def begin(self, act: Act) -> Act:
        """Give an act its trigger and response_url, and remember it."""
        state = self._state
        key = state.ids.next("R")
        act.trigger_id = f"{key[2:]}.{act.user.team_id}.{key}"
        if act.channel is not None:
            act.response_url = f"{state.root}/response/{key}"
            self._by_url[key] = act
        state.acts.append(act)
        return act

    def find_by_trigger(self, trigger_id: str) -> Act | None:
        """The act with that trigger."""
        return next((a for a in self._state.acts if a.trigger_id == trigger_id), None)

    def find_by_url(self, key: str) -> Act | None:
        """The act with that response_url."""
        return self._by_url.get(key)

    def notice(self, message: Message) -> None:
        """Count a message as an answer to the last act it can belong to.

        A new post with metadata answers nobody: the app sends those by itself.
        """
        is_new = not message.edited
        if is_new and message.metadata:
            return
        for act in reversed(self._state.acts):
            origin = act.channel or (act.view.origin if act.view is not None else None)
            places = {origin.id} if origin is not None else set()
            places.add(self._state.direct_channel(act.user).id)
            is_own = message is act.message if message.edited else message.channel_id in places
            is_own = is_own or message in act.answers
            if is_own and message.only_for in {"", act.user.id}:
                act.answers = [m for m in act.answers if m is not message] + [message]
                return
