"""The loopback Slack before the real slack-bolt: what a person does, and what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck

from tests.servers.slack import NotOffered, SlackServer, Unanswered
from tests.servers.slack_bot import (
    CARD,
    MODAL,
    Bot,
    button,
    client_of,
    error_of,
    plain,
    row,
    running_bot,
    section,
)


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=False) as made:
        yield made
        assert not made.complaints


@pytest.fixture
async def bot(server: SlackServer) -> AsyncIterator[Bot]:
    async with running_bot(server) as made:
        yield made
        assert not [e.name for e in server.hand_over.unanswered if not e.is_given_up]


async def test_command_is_answered_to_its_person_alone(server: SlackServer, bot: Bot) -> None:
    act = await server.slash("/show one")

    assert act.text == "A *headline*\n[Wrong] [Grow]\n(only you can see this)"
    assert (act.answer.only_for, server.channel.posts) == (server.person.id, [])
    assert act.is_acked
    assert act.took_s < 1
    assert not server.hand_over.late


async def test_command_is_answered_with_its_acknowledgement(server: SlackServer, bot: Bot) -> None:
    act = await server.slash("/show at once")

    assert (act.text, server.count("response_url")) == ("here\n(only you can see this)", 0)


async def test_answer_in_channel_is_seen_by_all(server: SlackServer, bot: Bot) -> None:
    act = await server.slash("/show open", user=server.manager)

    assert server.channel.posts == [act.answer]


async def test_button_changes_the_message_it_stands_on(server: SlackServer, bot: Bot) -> None:
    shown = await server.slash("/show one")
    pressed = await server.press(shown.answer, "Grow")

    assert pressed.text == "grown\n(only you can see this)"
    assert pressed.answer is shown.answer
    assert len(shown.answer.versions) == 2


async def test_modal_is_filled_in_and_answered(server: SlackServer, bot: Bot) -> None:
    shown = await server.slash("/show one")
    asked = await server.press(shown.answer, "Wrong")
    offered = await server.type(asked.modal, "Company", "ho")
    refused = await server.submit(asked.modal, {"Reason": "none"})
    taken = await server.submit(asked.modal, {"Reason": "old news", "Company": "Honor"})
    await server.see(taken)

    assert asked.text.startswith("── Why not? ──\nReason: ")
    assert [option["value"] for option in offered] == ["honor"]
    assert (refused.errors, asked.modal.is_open) == ({"reason": "say a little more"}, False)
    assert taken.text == "noted: old news (honor)"
    assert server.direct_channel(server.person).posts == [taken.answer]


async def test_what_a_modal_would_not_let_pass_is_not_sent(server: SlackServer, bot: Bot) -> None:
    shown = await server.slash("/show one")
    modal = (await server.press(shown.answer, "Wrong")).modal
    acts = len(server.acts)

    with pytest.raises(NotOffered, match="please fill in: Reason"):
        await server.submit(modal)
    with pytest.raises(NotOffered, match="0 to 20 characters"):
        await server.submit(modal, {"Reason": "x" * 21})
    with pytest.raises(NotOffered, match="2 letters first"):
        await server.type(modal, "Company", "h")
    with pytest.raises(NotOffered, match="'Nokia' is none of"):
        await server.submit(modal, {"Reason": "x", "Company": "Nokia"})
    assert len(server.acts) == acts


async def test_closed_modal_is_told_and_gone(server: SlackServer, bot: Bot) -> None:
    shown = await server.slash("/show one")
    modal = (await server.press(shown.answer, "Wrong")).modal
    server.put_away(modal)
    await server.wait_until(lambda: bot.closed == 1)

    with pytest.raises(NotOffered, match="closed"):
        await server.submit(modal, {"Reason": "x"})


async def test_home_tab_is_published_and_pressed(server: SlackServer, bot: Bot) -> None:
    opened = await server.open_home()
    asked = await server.press(server.person, "Wrong")

    assert opened.text == "── Home ──\nA *headline*\n[Wrong] [Grow]"
    assert asked.modal.body["title"]["text"] == "Why not?"


async def test_words_to_the_bot_are_answered(server: SlackServer, bot: Bot) -> None:
    direct = await server.say("anything <new>?")
    mention = await server.say("@newsbot and here?", channel=server.channel)
    unheard = server.start_say("nothing of the bot's", channel=server.channel)

    assert direct.text == "heard: anything <new>?"
    assert mention.text == f"heard: <@{server.team.bot.id}> and here?"
    assert unheard.envelope is None
    assert len(bot.heard) == 2  # its own answers were told too and are none of its business


async def test_mention_in_a_thread_carries_the_thread(server: SlackServer, bot: Bot) -> None:
    first = await server.say("@newsbot one", channel=server.channel)
    act = await server.say("@newsbot two", channel=server.channel, thread_ts=first.answer.ts)

    assert act.answer.thread_ts == first.answer.ts


async def test_repeated_event_keeps_its_id(server: SlackServer, bot: Bot) -> None:
    act = await server.say("hello")
    assert act.envelope is not None
    server.redeliver(act.envelope)
    await server.wait_until(lambda: len(bot.heard) == 2)

    assert bot.heard[0] == bot.heard[1]


async def test_silence_is_told_with_what_was_seen(server: SlackServer, bot: Bot) -> None:
    with pytest.raises(Unanswered, match=r"0.2 s after slash by ada: acked; seen so far: ''"):
        await server.slash("/show nothing", timeout_s=0.2)


async def test_commands_that_nobody_declared_are_not_offered(server: SlackServer) -> None:
    server.commands = {"/show"}

    with pytest.raises(NotOffered, match="/shop is not a command"):
        server.start_slash("/shop x")


async def test_without_a_connection_slack_says_so(server: SlackServer) -> None:
    act = await server.slash("/show one")

    assert act.text == "dispatch_failed"


async def test_an_acknowledgement_that_is_late_is_noted(server: SlackServer, bot: Bot) -> None:
    server.hand_over.limit_s, bot.delay_s = 0.1, 0.2
    act = await server.slash("/show one")
    await server.see(act, lambda a: bool(a.answers))

    assert act.failure == "operation_timeout"
    assert [e.name for e in server.hand_over.late] == ["slash_commands /show"]


async def test_response_url_is_good_for_five_uses(server: SlackServer, bot: Bot) -> None:
    act = await server.slash("/show one")

    async def use(**body: object) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(act.response_url, json=body) as response,
        ):
            return response.status, await response.text()

    refused = await use(blocks=[section("")])
    uses = [await use(text=str(number)) for number in range(5)]

    assert refused[0] == 400
    assert "invalid_blocks" in refused[1]
    assert uses[:4] == [(200, "ok")] * 4
    assert uses[4][0] == 404
    assert "used_url" in uses[4][1]
    assert len(act.answers) == 5


async def test_original_is_deleted_through_its_response_url(server: SlackServer, bot: Bot) -> None:
    act = await server.slash("/show one")
    async with aiohttp.ClientSession() as session:
        await session.post(act.response_url, json={"delete_original": True})

    assert (act.answer.is_deleted, act.text) == (True, "")


async def test_trigger_opens_one_modal_within_three_seconds(server: SlackServer, bot: Bot) -> None:
    client = client_of(server)
    act = await server.slash("/show one")
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}

    late = await server.slash("/show two")
    late.at -= 3.1

    def opened(trigger: str) -> Awaitable[Any]:
        return client.views_open(trigger_id=trigger, view=view)

    assert await error_of(opened(act.trigger_id)) == ""
    assert await error_of(opened(act.trigger_id)) == "exchanged_trigger_id"
    assert await error_of(opened(late.trigger_id)) == "expired_trigger_id"
    assert await error_of(opened("1.2.three")) == "invalid_trigger_id"


async def test_faulty_mrkdwn_is_complained_of(server: SlackServer) -> None:
    client = client_of(server)
    texts = ["a < b", "AT&T", "<not a link>", "AT&amp;amp;T", "<!date^1^{hour}|x>"]
    for text in texts:
        await client.chat_postMessage(channel=server.channel.id, text="x", blocks=[section(text)])
    found = len(server.complaints)
    right = "<https://example.com/?a=1&amp;b=2|AT&amp;T> &lt; <!date^1^{date_short} {time}|x>\n> q"
    await client.chat_postMessage(channel=server.channel.id, text="x", blocks=[section(right)])

    assert len(server.complaints) == found == len(texts)
    server.complaints.clear()


async def test_ephemeral_posts_stay_outside_of_the_channel(server: SlackServer) -> None:
    client = client_of(server)
    await client.chat_postEphemeral(
        channel=server.channel.id, user=server.person.id, text="x", blocks=CARD
    )

    assert ([m.text for m in server.channel.ephemeral], server.channel.posts) == (["x"], [])


async def test_modals_are_stacked_three_deep(server: SlackServer, bot: Bot) -> None:
    client = client_of(server)
    view = {"type": "modal", "title": plain("x"), "blocks": [row(button("Deeper", "deeper"))]}

    async def deeper(ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        pushed.append(await error_of(client.views_push(trigger_id=body["trigger_id"], view=view)))

    bot.app.action("deeper")(deeper)
    pushed: list[str] = []
    act = await server.slash("/show one")
    await client.views_open(trigger_id=act.trigger_id, view=view)
    for _ in range(2):
        act = await server.press(act.modal, "Deeper")
    server.start_press(act.modal, "Deeper")
    await server.wait_until(lambda: len(pushed) == 3)

    assert pushed == ["", "", "push_limit_reached"]
    assert (act.modal.depth, act.modal.root.depth) == (3, 1)


async def test_modal_is_updated_from_what_it_was_and_keeps_entries(
    server: SlackServer, bot: Bot
) -> None:
    client = client_of(server)
    shown = await server.slash("/show one")
    modal = (await server.press(shown.answer, "Wrong")).modal
    modal.values["reason"]["text"]["value"] = "typed"
    held = modal.hash
    changed = MODAL | {"title": plain("Longer"), "blocks": [section("new"), *MODAL["blocks"]]}
    await client.views_update(view_id=modal.id, view=changed, hash=held)
    late = client.views_update(view_id=modal.id, view=changed, hash=held)

    assert modal.body["title"]["text"] == "Longer"
    assert modal.values["reason"]["text"]["value"] == "typed"
    assert await error_of(late) == "hash_conflict"
    server.put_away(modal)
    gone = client.views_update(view_id=modal.id, view=changed)
    assert await error_of(gone) == "not_found"
    await server.wait_until(lambda: not server.hand_over.unanswered)


async def test_app_is_told_what_becomes_of_its_channels(server: SlackServer) -> None:
    def told(count: int) -> list[str]:
        return [e.payload["event"]["type"] for e in server.envelopes[-count:]]

    secret = server.add_channel("secret", team=server.team, kind="private")
    server.rename(server.channel, "all")
    server.archive(server.channel)
    server.remove_channel(secret)
    assert told(3) == ["channel_rename", "channel_archive", "group_deleted"]
    server.archive(server.channel, is_archived=False)
    server.remove_bot(server.channel)
    server.invite_bot(server.channel)
    assert told(4) == [
        "channel_unarchive",
        "channel_left",
        "member_left_channel",
        "member_joined_channel",
    ]
    server.revoke(server.team, "account_inactive")
    assert told(2) == ["app_uninstalled", "tokens_revoked"]
    count = len(server.envelopes)
    server.rename(server.channel, "general")
    assert len(server.envelopes) == count


async def test_events_need_their_scope_and_subscription(server: SlackServer) -> None:
    server.team.token.scopes -= {"im:history"}
    unheard = server.start_say("hello")
    server.events -= {"app_mention"}
    unasked = server.start_say("@newsbot hello", channel=server.channel)

    assert (unheard.envelope, unasked.envelope) == (None, None)


@pytest.mark.parametrize(
    ("include", "expected"), [(["public"], True), (["private", "im"], False), (None, True)]
)
async def test_menu_of_channels_begins_with_the_present_one(
    server: SlackServer, bot: Bot, include: list[str] | None, expected: bool
) -> None:
    client = client_of(server)
    element: dict[str, Any] = {"type": "conversations_select", "action_id": "where"}
    element["default_to_current_conversation"] = True
    if include:
        element["filter"] = {"include": include}
    block = {"type": "input", "block_id": "where", "label": plain("Where"), "element": element}
    act = await server.slash("/show one")
    await client.views_open(trigger_id=act.trigger_id, view=MODAL | {"blocks": [block]})

    chosen = act.modal.values["where"]["where"]["selected_conversation"]
    assert chosen == (server.channel.id if expected else None)
    secret = server.add_channel("secret", team=server.team, kind="private", creator=server.manager)
    secret.members.discard(server.person.id)
    with pytest.raises(NotOffered, match="ada is not offered"):
        await server.submit(act.modal, {"Where": secret})
