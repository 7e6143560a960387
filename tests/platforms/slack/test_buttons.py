"""Buttons of posts, of answers and of App Home through the real bolt."""

from __future__ import annotations

from typing import Any

from bot.commands.answer import Answer
from bot.commands.command import Action, Call, Need
from bot.model import Platform
from tests.platforms.discord.rows import offer_button, row
from tests.platforms.slack.desk import Desk, Noting, open_desk, until
from tests.servers.slack import Message, SlackServer

OFFERING = (row("it", offer_button),)


async def greet(call: Call) -> Answer:
    return Answer(f"Hello from {call.text('subject')}")


async def test_a_button_works_after_a_restart() -> None:
    actions = {"greet": Action("greet", greet)}
    async with SlackServer() as server:
        async with open_desk(table=OFFERING, actions=actions, server=server) as desk:
            shown = await desk.ask("/try it")
        async with open_desk(table=OFFERING, actions=actions, server=server):
            pressed = await server.press(shown.answer, "Greet")

    assert "Hello from d1" in pressed.text
    assert pressed.answer.only_for == server.person.id


async def test_a_button_needs_the_right_of_its_action() -> None:
    actions = {"greet": Action("greet", greet, need=Need.CHANNELS)}
    async with open_desk(table=OFFERING, actions=actions, managers="admins") as desk:
        mine = await desk.ask("/try it")
        theirs = await desk.ask("/try it", user=desk.server.manager)

        refused = await desk.server.press(mine.answer, "Greet")
        done = await desk.server.press(theirs.answer, "Greet", user=desk.server.manager)
        assert "Only admins and owners of this workspace may use this button" in refused.text
        assert "Hello from d1" in done.text


async def test_a_button_of_an_older_version_says_so() -> None:
    async with open_desk(table=OFFERING, actions={}) as desk:
        shown = await desk.ask("/try it")

        assert "older version" in (await desk.server.press(shown.answer, "Greet")).text


def post_button(desk: Desk, *, thread_ts: str = "", **more: Any) -> Message:
    """A post of the bot with a button, as the sender makes them."""
    button = {
        "type": "button",
        "action_id": "n1:greet:0",
        "value": "d1",
        "text": {"type": "plain_text", "text": "Greet"},
    }
    blocks = [{"type": "actions", "block_id": "n1:d1", "elements": [button]}]
    body: dict[str, Any] = {"text": "A story", "blocks": blocks} | more
    server = desk.server
    return server.post(server.channel, server.team.bot, body, thread_ts=thread_ts)


async def test_a_button_is_answered_in_the_thread_where_it_was_pressed() -> None:
    calls = Noting()
    async with open_desk(table=OFFERING, actions={"greet": Action("greet", calls)}) as desk:
        post = post_button(desk)
        reply = post_button(desk, thread_ts=post.ts)
        above = await desk.server.press(post, "Greet")
        below = await desk.server.press(reply, "Greet")

    assert not above.answer.thread_ts
    assert below.answer.thread_ts == post.ts
    assert [one.place.thread for one in calls.calls] == ["", post.ts]


async def test_a_button_that_leads_to_the_web_does_nothing_more() -> None:
    async with open_desk() as desk:
        link = {
            "type": "button",
            "action_id": "n1:link:0",
            "url": "https://outlet.example/a",
            "text": {"type": "plain_text", "text": "Read"},
        }
        blocks = [{"type": "actions", "block_id": "n1:d1", "elements": [link]}]
        server = desk.server
        post = server.post(server.channel, server.team.bot, {"text": "A", "blocks": blocks})
        act = server.start_press(post, "Read")
        await until(lambda: act.is_acked)
        await desk.reception.finish()

        assert server.count("response_url") == 0


async def test_a_button_opens_a_form() -> None:
    async with open_desk() as desk:
        offered = await desk.server.say("@newsbot /alerts settings", channel=desk.server.channel)
        act = await desk.server.press(offered.answer, "Open the form")

        assert act.modal.is_open
        assert "/alerts settings" in act.text


async def test_the_home_tab_is_drawn_and_its_buttons_answer_over_it() -> None:
    async with open_desk() as desk:
        await desk.answer("/alerts subscribe pair")
        home = await desk.server.open_home()
        assert f"<#{desk.server.channel.id}" in home.text
        act = await desk.server.press(desk.server.person, "Pause")

        assert act.views
        await until(lambda: "Paused" in act.text or "ause" in act.text)


async def test_a_channel_that_is_archived_is_parked() -> None:
    async with open_desk() as desk:
        server = desk.server
        await desk.answer("/alerts subscribe pair")
        server.archive(server.channel)
        envelope = server.tell(
            server.team, {"type": "channel_archive", "channel": server.channel.id}
        )
        assert envelope is not None
        await until(lambda: envelope.is_acked)
        await desk.reception.finish()

        (kept,) = await desk.store.find_subscriptions(Platform.SLACK)
        assert kept.parked
