"""What reaches the app, and what reaches people: the two ways through the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.servers.slack import payloads
from tests.servers.slack.acts import Act, Acts
from tests.servers.slack.hand_over import COMMAND, EVENT, Envelope, HandOver
from tests.servers.slack.modals import View
from tests.servers.slack.refusal import Refused, Unanswered
from tests.servers.slack.responses import respond
from tests.servers.slack.socketmode import Sockets
from tests.servers.slack.state import State
from tests.servers.slack.world import Message, Team, User

if TYPE_CHECKING:
    from tests.servers.slack.oauth import Code

WAIT_S = 5.0
SCOPES_OF_EVENTS = {
    "app_mention": "app_mentions:read",
    "channel_archive": "channels:read",
    "channel_deleted": "channels:read",
    "channel_id_changed": "groups:read",
    "channel_left": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "group_archive": "groups:read",
    "group_deleted": "groups:read",
    "group_left": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "message.im": "im:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}
MESSAGES_OF = {"im": "message.im", "channel": "message.channels", "group": "message.groups"}


class Watching(State):
    """Hands things to the app and collects what people see of its answers.

    Attributes:
        hand_over: how the app is told.
        sockets: the connections of Socket Mode.
        find_acts: by trigger and response_url.
        offered: what each menu of the app's offered last, by action_id.
        codes: of OAuth, by their text.
        installer: who agrees on the page of OAuth; None for somebody who cancels.
        redirect_uri: where that page leads when the app names no address.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hand_over = HandOver(self)
        self.sockets = Sockets(self)
        self.find_acts = Acts(self)
        self.offered: dict[str, list[dict[str, Any]]] = {}
        self.codes: dict[str, Code] = {}
        self.installer: User | None = None
        self.redirect_uri = ""

    # to the app

    def tell(self, team: Team, event: dict[str, Any]) -> Envelope | None:
        """Hand an event to the app; None where it did not ask for it or may not have it."""
        kind = str(event["type"])
        if kind == "message":
            kind = MESSAGES_OF[str(event["channel_type"])]
        scope = SCOPES_OF_EVENTS.get(kind, "")
        if kind not in self.events or (scope and scope not in team.token.scopes):
            return None
        if team.token.error:
            return None
        return self.hand_over.give(EVENT, payloads.event(self, team, event))

    def redeliver(self, envelope: Envelope) -> Envelope:
        """Hand an event over once more, as Slack does when an acknowledgement got lost."""
        again = self.hand_over.give(EVENT, envelope.payload)
        again.why = "timeout"
        return again

    def hand(self, act: Act, kind: str, payload: dict[str, Any]) -> Envelope:
        """Hand what a person did to the app."""
        act.envelope = self.hand_over.give(kind, payload, accepts=True)
        return act.envelope

    # to people

    def notice_post(self, message: Message) -> None:
        """Let those who wait see a message, new or changed."""
        self.find_acts.notice(message)
        self.wake()

    def notice_view(self, view: View) -> None:
        """Let those who wait see a modal that changed."""
        for act in reversed(self.acts):
            if act.user is view.user:
                act.views = [v for v in act.views if v is not view] + [view]
                break
        self.wake()

    def show_view(self, act: Act, body: dict[str, Any], *, below: View | None = None) -> View:
        """Open a modal before the person who acted."""
        team = self.teams[act.user.team_id]
        name = body.get("external_id")
        if name and any(
            v.is_open and v.body.get("external_id") == name for v in self.views.values()
        ):
            raise Refused("duplicate_external_id")
        view = View(self.ids.next("V"), act.user, {}, self.app_id, team.bot_id, below)
        view.origin = act.channel or (act.view.origin if act.view else None)
        view.change(body)
        if below is None:
            for other in self.views.values():
                other.is_open = other.is_open and other.user is not act.user
        self.views[view.id] = view
        act.views.append(view)
        self.wake()
        return view

    async def see(
        self,
        act: Act,
        is_seen: Callable[[Act], bool] | None = None,
        *,
        timeout_s: float = WAIT_S,
    ) -> Act:
        """Wait until ``is_seen(act)``; without it until there is anything to see, and it is acked.

        Raises:
            Unanswered: it was not so in ``timeout_s`` seconds.
        """
        seen = is_seen or (lambda a: a.is_answered and (a.is_acked or bool(a.failure)))
        await self.wait_for(act, lambda: seen(act), timeout_s)
        return act

    async def wait_for(self, act: Act, is_so: Callable[[], bool], timeout_s: float) -> None:
        """Wait for ``is_so()`` and meanwhile take up what came with the acknowledgement.

        Raises:
            Unanswered: it was not so in ``timeout_s`` seconds.
        """

        def look() -> bool:
            self._take_ack(act)
            return is_so()

        try:
            await self.wait_until(look, timeout_s=timeout_s)
        except TimeoutError:
            told = f"{timeout_s} s after {act.kind} by {act.user.name}: "
            told += "acked" if act.is_acked else "not acked"
            raise Unanswered(f"{told}; seen so far: {act.text!r}") from None

    def _take_ack(self, act: Act) -> None:
        envelope = act.envelope
        if envelope is None or act.is_taken:
            return
        if envelope.is_given_up and act.kind != "say":
            act.is_taken = True
            act.failure = "operation_timeout" if envelope.sent_at else "dispatch_failed"
        elif envelope.is_acked:
            act.is_taken = True
            if envelope.kind == COMMAND and envelope.answer:
                try:
                    respond(self, act, envelope.answer)
                except Refused as refused:
                    act.failure = "invalid_command_response"
                    self.complaints.append(f"answer to a command: {refused}")
