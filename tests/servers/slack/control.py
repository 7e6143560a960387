"""What people do: type commands, press, fill in, talk; each waits for what they then see."""

from __future__ import annotations

from typing import Any

from tests.servers.slack import payloads
from tests.servers.slack.acts import Act
from tests.servers.slack.files import File
from tests.servers.slack.hand_over import COMMAND, INTERACTION, Envelope
from tests.servers.slack.inputs import (
    check_channels,
    chosen_value,
    fill_in,
    find_element,
    find_option_faults,
    find_options,
    missing_inputs,
)
from tests.servers.slack.modals import View, read_view
from tests.servers.slack.refusal import NotOffered, Refused
from tests.servers.slack.typed import write
from tests.servers.slack.watching import WAIT_S, Watching
from tests.servers.slack.world import Channel, Message, Team, User


class People(Watching):
    """The people of this Slack: their commands, presses, entries and words."""

    team: Team
    channel: Channel
    person: User
    manager: User

    # doing something

    async def slash(
        self,
        line: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        timeout_s: float = WAIT_S,
    ) -> Act:
        """Type a slash command ("/alerts subscribe pair"), and wait for something to see.

        Raises:
            NotOffered: the app declared no such command.
            Unanswered: nothing came in ``timeout_s`` seconds.
        """
        act = self.start_slash(line, user=user, channel=channel)
        return await self.see(act, timeout_s=timeout_s)

    def start_slash(
        self, line: str, *, user: User | None = None, channel: Channel | None = None
    ) -> Act:
        """The same without waiting."""
        name, _, text = line.partition(" ")
        if not name.startswith("/") or (self.commands is not None and name not in self.commands):
            raise NotOffered(f"{name} is not a command of this app")
        person = user or self.person
        place = channel or self._usual_channel(person)
        if person.id not in place.members or place.is_archived:
            raise NotOffered(f"{person.name} cannot write in {place.name}")
        if self.is_escaping:
            team = self.teams[person.team_id]
            text = write(text, team=team, user=person, has_names=True)
        act = self.find_acts.begin(Act("slash", person, place))
        self.hand(act, COMMAND, payloads.command(self, act, name, text.strip()))
        return act

    async def press(
        self,
        place: Message | View | User,
        name: str,
        *,
        value: Any = None,
        user: User | None = None,
        timeout_s: float = WAIT_S,
    ) -> Act:
        """Press a button, or choose ``value`` in a menu, and wait for something to see.

        Args:
            place: a message, an open modal, or the person on whose Home tab it stands.
            name: its action_id, its value or its label.

        Raises:
            NotOffered: there is no such element, or the option.
            Unanswered: nothing came in ``timeout_s`` seconds.
        """
        act = self.start_press(place, name, value=value, user=user)
        return await self.see(act, timeout_s=timeout_s)

    def start_press(
        self,
        place: Message | View | User,
        name: str,
        *,
        value: Any = None,
        user: User | None = None,
    ) -> Act:
        """The same without waiting."""
        act, blocks, home = self._approach("press", place, user)
        block, element = find_element(blocks, name)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise NotOffered(f"{name} tells nothing before the modal is sent off")
        chosen = chosen_value(element, value, self._options(element))
        if act.view is not None and chosen:
            act.view.values.setdefault(block["block_id"], {})[element["action_id"]] = chosen
        self.find_acts.begin(act)
        given = payloads.block_actions(self, act, block, element, value=chosen, home=home)
        self.hand(act, INTERACTION, given)
        return act

    async def type(
        self,
        place: Message | View | User,
        name: str,
        text: str,
        *,
        user: User | None = None,
        timeout_s: float = WAIT_S,
    ) -> list[dict[str, Any]]:
        """Type into a menu that the app fills; the options it offers.

        Raises:
            NotOffered: it is no such menu, or takes more letters first.
            Unanswered: nothing came in ``timeout_s`` seconds.
        """
        act, blocks, home = self._approach("type", place, user)
        block, element = find_element(blocks, name)
        if "external_select" not in element["type"]:
            raise NotOffered(f"{name} asks nobody for its options")
        if len(text) < element.get("min_query_length", 3):
            raise NotOffered(f"{name} takes {element.get('min_query_length', 3)} letters first")
        self.acts.append(act)
        given = payloads.block_suggestion(self, act, block, element, text=text, home=home)
        self.hand(act, INTERACTION, given)
        envelope = act.envelope
        assert envelope is not None
        await self.wait_for(act, lambda: envelope.is_acked or bool(act.failure), timeout_s)
        act.options = self._read_options(envelope)
        self.offered[element["action_id"]] = act.options
        return act.options

    async def submit(
        self, view: View, values: dict[str, Any] | None = None, *, timeout_s: float = WAIT_S
    ) -> Act:
        """Fill in a modal (by action_id, block_id or label) and send it off.

        Returns when it closed or changed; what is said afterwards: ``see(act)``.

        Raises:
            NotOffered: no such input, a value it does not take, or one that must be there.
            Unanswered: nothing came in ``timeout_s`` seconds.
        """
        act, _, _ = self._approach("submit", view, None)
        fill_in(view, values or {}, self.offered)
        check_channels(view, values or {}, self.teams[view.user.team_id].channels)
        if missing := missing_inputs(view):
            raise NotOffered(f"please fill in: {', '.join(missing)}")
        self.find_acts.begin(act)
        envelope = self.hand(act, INTERACTION, payloads.view_submission(self, act))
        await self.wait_for(act, lambda: envelope.is_acked or bool(act.failure), timeout_s)
        if envelope.is_acked:
            self._take_submission(act, view, envelope.answer)
        return act

    def put_away(self, view: View, *, is_cleared: bool = False) -> Act:
        """Close a modal by hand; the app is told if it wants to be."""
        act, _, _ = self._approach("close", view, None)
        view.is_open = False
        self.acts.append(act)
        if view.body.get("notify_on_close"):
            self.hand(act, INTERACTION, payloads.view_closed(self, act, is_cleared=is_cleared))
        return act

    async def say(
        self,
        text: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        thread_ts: str = "",
        timeout_s: float = WAIT_S,
    ) -> Act:
        """Write a message ("@newsbot" becomes a mention), and wait for an answer to it.

        Without ``channel`` it goes to the bot directly.

        Raises:
            Unanswered: nothing came in ``timeout_s`` seconds.
        """
        act = self.start_say(text, user=user, channel=channel, thread_ts=thread_ts)
        return await self.see(act, timeout_s=timeout_s)

    def start_say(
        self,
        text: str,
        *,
        user: User | None = None,
        channel: Channel | None = None,
        thread_ts: str = "",
    ) -> Act:
        """The same without waiting; the app is told only where it is mentioned or addressed."""
        person = user or self.person
        place = channel or self.direct_channel(person)
        team = self.teams[place.team_id]
        mention = f"<@{team.bot.id}>"
        told = write(text, team=team, user=person)
        message = self.post(place, person, {"text": told}, thread_ts=thread_ts)
        act = Act("say", person, place)
        self.acts.append(act)
        event = message.json() | {"channel": place.id, "team": team.id, "event_ts": message.ts}
        event["client_msg_id"] = self.ids.next("M")
        if place.kind == "im":
            act.envelope = self.tell(team, event | {"channel_type": "im"})
            return act
        kind = "channel" if place.kind == "public" else "group"
        if team.bot.id in place.members:
            self.tell(team, event | {"channel_type": kind})
            if mention in told:
                mentioned = {k: v for k, v in event.items() if k != "subtype"}
                act.envelope = self.tell(team, mentioned | {"type": "app_mention"})
        return act

    async def open_home(
        self, user: User | None = None, *, tab: str = "home", timeout_s: float = WAIT_S
    ) -> Act:
        """Open the Home tab (or "messages") of the app, and wait for what it shows.

        Raises:
            Unanswered: nothing came in ``timeout_s`` seconds.
        """
        person = user or self.person
        team = self.teams[person.team_id]
        direct = self.direct_channel(person)
        act = Act("home", person)
        self.acts.append(act)
        ts = self.stamps.next()
        event: dict[str, Any] = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": direct.id,
            "tab": tab,
        }
        before = team.homes.get(person.id)
        if tab == "home" and before is not None:
            event["view"] = before
        act.envelope = self.tell(team, event | {"event_ts": ts})
        return await self.see(act, timeout_s=timeout_s) if tab == "home" else act

    def give_file(self, name: str, content: bytes, *, user: User | None = None) -> dict[str, Any]:
        """Upload a file as a person does for the input of a modal; what ``submit`` takes."""
        person = user or self.person
        file = File(self.ids.next("F"), person.team_id, person.id, name, len(content), content)
        self.files[file.id] = file
        return file.json(self.root)

    # the rest

    def _usual_channel(self, person: User) -> Channel:
        if person.team_id == self.channel.team_id:
            return self.channel
        return next(iter(self.teams[person.team_id].channels.values()))

    def _options(self, element: dict[str, Any]) -> list[dict[str, Any]]:
        return find_options(element) or self.offered.get(element.get("action_id", ""), [])

    def _approach(
        self, kind: str, place: Message | View | User, user: User | None
    ) -> tuple[Act, list[dict[str, Any]], dict[str, Any] | None]:
        """The act, and the blocks before the person."""
        if isinstance(place, User):
            home = self.teams[place.team_id].homes.get(place.id)
            if home is None:
                raise NotOffered(f"{place.name} has an empty Home tab")
            return Act(kind, place), home["blocks"], home
        if isinstance(place, View):
            if not place.is_open:
                raise NotOffered("that modal is closed")
            return Act(kind, place.user, view=place), place.blocks, None
        channel = next(
            team.channels[place.channel_id]
            for team in self.teams.values()
            if place.channel_id in team.channels
        )
        seen_by = self.teams[channel.team_id].users.get(place.only_for)
        person = user or seen_by or self._usual_person(channel)
        if place.is_deleted or (place.only_for and place.only_for != person.id):
            raise NotOffered(f"{person.name} does not see that message")
        return Act(kind, person, channel, place), place.blocks, None

    def _usual_person(self, channel: Channel) -> User:
        team = self.teams[channel.team_id]
        if channel.person:
            return team.users[channel.person]
        if self.person.id in channel.members:
            return self.person
        return next(u for u in team.users.values() if not u.is_bot and u.id in channel.members)

    def _read_options(self, envelope: Envelope) -> list[dict[str, Any]]:
        answer = envelope.answer if isinstance(envelope.answer, dict) else {}
        found = list(answer.get("options") or [])
        for group in answer.get("option_groups") or []:
            found += group["options"]
        complaints = find_option_faults(answer)
        self.complaints += complaints
        return [] if complaints else found

    def _take_submission(self, act: Act, view: View, answer: Any) -> None:
        """Close or change the modal as the acknowledgement says."""
        action = answer.get("response_action", "") if isinstance(answer, dict) else "?"
        if not answer:
            view.is_open = False
            if view.below is not None:
                act.views.append(view.below)
        elif action == "clear":
            for other in self.views.values():
                other.is_open = other.is_open and other.user is not view.user
        elif action == "errors":
            self._show_errors(act, view, answer.get("errors") or {})
        elif action in {"update", "push"}:
            try:
                body = read_view(answer.get("view"), kind="modal", complaints=self.complaints)
            except Refused as refused:
                act.failure = "We had some trouble connecting. Try again?"
                self.complaints.append(f"answer to a submission: {refused}")
                return
            if action == "push":
                self.show_view(act, body, below=view)
            else:
                view.change(body)
                act.views.append(view)
        else:
            act.failure = "We had some trouble connecting. Try again?"
            self.complaints.append(f"answer to a submission: {answer!r}")

    def _show_errors(self, act: Act, view: View, errors: dict[str, str]) -> None:
        inputs = {b["block_id"] for b in view.blocks if b["type"] == "input"}
        if not errors or not set(errors) <= inputs:
            self.complaints.append(f"errors beside inputs that are not there: {errors}")
            act.failure = "We had some trouble connecting. Try again?"
        act.errors = dict(errors)
