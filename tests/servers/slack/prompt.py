"""A person's lines, typed by hand or sent by another process, and what they then see.

/alerts subscribe pair     type a slash command where you are
say hello                  write a message where you are ("@newsbot" mentions the bot)
in news | in @bot          go to a channel, or to the direct messages with the bot
as grace                   be somebody else (ada is a member, grace an admin)
press Why                  by label or action_id, the newest there is before you
choose Kind=pair           choose in a menu that tells at once
type Company hua           what a menu offers for these letters
submit Reason=old Kind=x   fill in the open modal and send it off
close                      put the open modal away
home                       open the Home tab
show                       what stands in the channel
posts                      the same as JSON, with metadata
state                      addresses, counts, complaints, as JSON
channel NAME | private NAME | user NAME | admin NAME      make one
archive | remove-bot | invite-bot | delete                the channel you are in
revoke [WORD] | restore    the bot token
fault '{"answer": 503, "is_committed": true}'             the next time
limits on|off              rate limits
cut | silence | leave [REASON] | refuse | heal            the sockets
"""

from __future__ import annotations

import inspect
import json
import shlex
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.servers.slack.acts import Act
from tests.servers.slack.draw import draw_message
from tests.servers.slack.faults import Fault
from tests.servers.slack.inputs import find_element
from tests.servers.slack.modals import View
from tests.servers.slack.refusal import NotOffered, Unanswered
from tests.servers.slack.server import SlackServer
from tests.servers.slack.world import Channel, Message, User

Place = Message | View | User


class Prompt:
    """One person before the server.

    Attributes:
        user, channel: who they are and where.
        wait_s: how long they wait for an answer.
    """

    def __init__(self, server: SlackServer) -> None:
        self._server = server
        self.user = server.person
        self.channel = server.channel
        self.wait_s = 5.0

    async def obey(self, line: str) -> str:
        """Do what a line says; what is then to be seen, or why it cannot be."""
        word, _, rest = line.strip().partition(" ")
        try:
            if word.startswith("/"):
                return self._tell(await self._slash(line.strip()))
            result = self._find_act(word)(rest.strip())
            if inspect.isawaitable(result):
                result = await result
            self._server.wake()
            return self._tell(result) if isinstance(result, Act) else str(result or "done")
        except (NotOffered, Unanswered, ValueError, TypeError) as error:
            return f"! {error}"

    def _find_act(self, word: str) -> Callable[[str], Any]:
        found: Callable[[str], Any] | None = getattr(self, f"do_{word.replace('-', '_')}", None)
        if found is None:
            raise NotOffered(f"no {word!r}; help lists what there is")
        return found

    def _tell(self, act: Act) -> str:
        return act.text or "(nothing to see)"

    async def _slash(self, line: str) -> Act:
        return await self._server.slash(
            line, user=self.user, channel=self.channel, timeout_s=self.wait_s
        )

    def do_help(self, _: str) -> str:
        """What there is."""
        return str(__doc__)

    # acting

    async def do_say(self, text: str) -> Act:
        """Write a message; the answer to it, where one can be expected."""
        act = self._server.start_say(text, user=self.user, channel=self.channel)
        if act.envelope is not None:
            await self._server.see(act, timeout_s=self.wait_s)
        return act

    async def do_press(self, name: str) -> Act:
        """Press a button."""
        place = self._find_place(name)
        return await self._server.press(place, name, user=self.user, timeout_s=self.wait_s)

    async def do_choose(self, text: str) -> Act:
        """Choose in a menu outside of an input."""
        name, _, value = text.partition("=")
        place = self._find_place(name)
        return await self._server.press(
            place, name, value=value, user=self.user, timeout_s=self.wait_s
        )

    async def do_type(self, text: str) -> str:
        """Type into a menu."""
        name, *letters = shlex.split(text)
        place = self._find_place(name)
        found = await self._server.type(
            place, name, " ".join(letters), user=self.user, timeout_s=self.wait_s
        )
        return "\n".join(f"{o['text']['text']}  ({o['value']})" for o in found) or "(no options)"

    async def do_submit(self, text: str) -> Act:
        """Fill in and send off."""
        view = self._open_view()
        values: dict[str, Any] = {}
        for pair in shlex.split(text):
            name, _, value = pair.partition("=")
            is_many = find_element(view.blocks, name)[1]["type"].startswith(("multi_", "checkb"))
            values[name] = value.split(",") if is_many else value
        act = await self._server.submit(view, values, timeout_s=self.wait_s)
        with suppress(Unanswered):  # a modal may close without another word
            await self._server.see(act, timeout_s=min(self.wait_s, 1.0))
        return act

    def do_close(self, _: str) -> str:
        """Put the modal away."""
        self._server.put_away(self._open_view())
        return "closed"

    async def do_home(self, _: str) -> Act:
        """Open the Home tab."""
        return await self._server.open_home(self.user, timeout_s=self.wait_s)

    # going and looking

    def do_in(self, name: str) -> str:
        """Go to a channel."""
        self.channel = self._find_channel(name)
        return f"in {self.channel.name}"

    def do_as(self, name: str) -> str:
        """Be somebody else."""
        found = [u for t in self._server.teams.values() for u in t.users.values() if u.name == name]
        if not found:
            raise NotOffered(f"nobody is called {name!r}")
        self.user = found[0]
        if self.channel.person:
            self.channel = self._server.direct_channel(self.user)
        return f"{name}, in {self.channel.name}"

    def do_show(self, _: str) -> str:
        """The channel, threads below their posts."""
        lines = []
        for message in self.channel.top:
            lines.append(self._line(message))
            replies = [m for m in self.channel.thread(message.ts) if m.is_reply]
            lines += [self._line(reply).replace("\n", "\n  ") for reply in replies]
        seen = [m for m in self.channel.ephemeral if m.only_for == self.user.id]
        lines += [self._line(m) for m in seen if not m.is_deleted]
        return "\n\n".join(lines) or "(empty)"

    def do_posts(self, _: str) -> str:
        """The channel as JSON."""
        found = [
            {"ts": m.ts, "thread_ts": m.thread_ts, "user": m.user, "text": m.text}
            | {"metadata": m.metadata, "versions": len(m.versions), "drawn": draw_message(m)}
            for m in self.channel.posts
        ]
        return json.dumps(found)

    def do_state(self, _: str) -> str:
        """Addresses and counts as JSON."""
        server = self._server
        found = {
            "api_base": server.api_base,
            "channels": {c.name: c.id for t in server.teams.values() for c in t.channels.values()},
            "users": {u.name: u.id for t in server.teams.values() for u in t.users.values()},
            "sockets": server.sockets.count,
            "asked": Counter(a.method for a in server.asked),
            "errors": Counter(a.error for a in server.asked if a.error),
            "overruns": server.limiter.overruns,
            "injected": server.limiter.injected,
            "struck": len(server.faults.struck),
            "late": [e.name for e in server.hand_over.late],
            "complaints": server.complaints,
        }
        return json.dumps(found)

    # the world

    def do_channel(self, name: str) -> str:
        """A public channel."""
        return self._server.add_channel(name, team=self._team()).id

    def do_private(self, name: str) -> str:
        """A private one."""
        return self._server.add_channel(name, team=self._team(), kind="private").id

    def do_user(self, name: str) -> str:
        """A person."""
        return self._server.add_user(name, team=self._team()).id

    def do_admin(self, name: str) -> str:
        """An admin."""
        return self._server.add_user(name, team=self._team(), is_admin=True).id

    def do_archive(self, _: str) -> None:
        """Archive."""
        self._server.archive(self.channel)

    def do_remove_bot(self, _: str) -> None:
        """Throw the bot out."""
        self._server.remove_bot(self.channel)

    def do_invite_bot(self, _: str) -> None:
        """Take the bot in."""
        self._server.invite_bot(self.channel)

    def do_delete(self, _: str) -> None:
        """Delete the channel, and go to the first one."""
        self._server.remove_channel(self.channel)
        self.channel = self._server.channel

    def do_revoke(self, word: str) -> None:
        """Take the token."""
        self._server.revoke(self._team(), word or "token_revoked")

    def do_restore(self, _: str) -> None:
        """Give it back."""
        self._server.restore(self._team())

    # going wrong

    def do_fault(self, text: str) -> None:
        """One fault; its keys are those of ``Fault``."""
        self._server.faults.add(Fault(**json.loads(text.strip("'"))))

    def do_limits(self, word: str) -> None:
        """Rate limits."""
        self._server.limiter.is_on = word != "off"

    def do_cut(self, _: str) -> None:
        """Break the sockets."""
        self._server.sockets.cut()

    def do_silence(self, _: str) -> None:
        """Let the sockets be silent."""
        self._server.sockets.silence()

    async def do_leave(self, reason: str) -> None:
        """Ask the sockets to be replaced."""
        await self._server.sockets.ask_to_leave(reason or "refresh_requested")

    def do_refuse(self, _: str) -> None:
        """No new sockets."""
        self._server.sockets.is_refusing = True

    def do_heal(self, _: str) -> None:
        """New sockets again."""
        self._server.sockets.is_refusing = False

    # finding

    def _team(self) -> Any:
        return self._server.teams[self.user.team_id]

    def _line(self, message: Message) -> str:
        name = self._server.teams[self.channel.team_id].users[message.user].name
        mark = "  ↳ " if message.is_reply else ""
        return f"{mark}{name}: {draw_message(message)}"

    def _find_channel(self, name: str) -> Channel:
        if name.startswith("@"):
            return self._server.direct_channel(self.user)
        for channel in self._team().channels.values():
            if name.removeprefix("#") in {channel.name, channel.id}:
                return channel  # type: ignore[no-any-return]
        raise NotOffered(f"no channel {name!r}")

    def _open_view(self) -> View:
        found = [v for v in self._server.views.values() if v.is_open and v.user is self.user]
        if not found:
            raise NotOffered("no modal is open")
        return found[-1]

    def _find_place(self, name: str) -> Place:
        """The newest thing before the person that has this element."""
        found: list[Place] = [m for m in self.channel.posts if not m.is_deleted]
        found += [m for m in self.channel.ephemeral if m.only_for == self.user.id]
        found.sort(key=lambda m: m.ts if isinstance(m, Message) else "")
        if self.user.id in self._team().homes:
            found.insert(0, self.user)
        found += [v for v in self._server.views.values() if v.is_open and v.user is self.user]
        for place in reversed(found):
            blocks = self._blocks(place)
            try:
                find_element(blocks, name)
            except NotOffered:
                continue
            return place
        raise NotOffered(f"nothing here is called {name!r}")

    def _blocks(self, place: Place) -> list[dict[str, Any]]:
        if isinstance(place, User):
            return list(self._team().homes[place.id]["blocks"])
        return place.blocks
