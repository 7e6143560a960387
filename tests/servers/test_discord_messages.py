"""The loopback Discord refuses what Discord refuses, and keeps a nonce for its window."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import discord
import pytest

from tests.servers.discord import COMPONENTS_V2, Channel, DiscordServer, Fault, world
from tests.servers.discord_bot import Bot, Card, running_bot

TEXT = {"type": 10, "content": "words"}
LINK = {"type": 2, "style": 5, "label": "Read", "url": "https://example.org/story"}


def button(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "Why", "custom_id": f"why:{number}"} | changes


def row(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(buttons)}


def layout(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"flags": COMPONENTS_V2, "components": list(components)} | more


@pytest.fixture(params=[True, False], ids=["with the file", "by hand"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[DiscordServer]:
    """Once with the official file where it is there, once with the written-out limits alone."""
    async with DiscordServer(is_checked=request.param, is_limited=False) as started:
        yield started


@pytest.fixture
async def bot() -> AsyncIterator[tuple[DiscordServer, Bot]]:
    async with DiscordServer(is_limited=False) as started, running_bot(started) as running:
        yield started, running


async def post(server: DiscordServer, body: Any, *, channel: Channel | None = None) -> Any:
    """The status and JSON that a raw body is answered."""
    place = (channel or server.channel).id
    return await ask(server, "POST", f"/channels/{place}/messages", body)


async def ask(server: DiscordServer, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bot {server.token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, server.api_base + path, json=body) as response,
    ):
        raw = await response.text()
        return response.status, json.loads(raw) if raw else None


def text_channel(running: Bot, channel: Channel) -> discord.TextChannel:
    found = running.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found


async def test_full_card_is_taken_to_its_last_character(server: DiscordServer) -> None:
    card = layout(
        {"type": 17, "components": [{"type": 10, "content": "x" * 3990}, row(button(), LINK)]},
        {"type": 10, "content": "y" * 10},
        allowed_mentions={"parse": [], "roles": [12345]},
    )

    status, answer = await post(server, card)

    assert (status, len(server.channel.posts)) == (200, 1), answer


FIVE_ROWS = [row(*(button(10 * i + j) for j in range(5))) for i in range(5)]
REFUSED = {
    "unknown key": ({"content": "x", "contnet": "y"}, "contnet"),
    "content over 2000": ({"content": "x" * 2001}, "content"),
    "nonce over 25": ({"content": "x", "nonce": "n" * 26}, "nonce"),
    "6000 over all embeds": ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
    "title over 256": ({"embeds": [{"title": "x" * 257}]}, "embeds"),
    "field without a value": ({"embeds": [{"fields": [{"name": "a", "value": ""}]}]}, "embeds"),
    "11 embeds": ({"embeds": [{"title": "x"}] * 11}, "embeds"),
    "6 rows": ({"content": "x", "components": [*FIVE_ROWS, row(button(99))]}, "components"),
    "layout without its flag": ({"components": [TEXT]}, "components"),
    "content in a layout": (layout(TEXT, content="x"), "content"),
    "embeds in a layout": (layout(TEXT, embeds=[{"title": "x"}]), "embeds"),
    "41 components": (layout({"type": 17, "components": [TEXT] * 40}), "components"),
    "4001 characters": (layout(TEXT | {"content": "x" * 2001}, TEXT | {"content": "y" * 2000}),
                        "components"),
    "6 buttons": (layout(row(*(button(i) for i in range(6)))), "components"),
    "empty row": (layout(row()), "components"),
    "link with a custom id": (layout(row(LINK | {"custom_id": "a"})), "components"),
    "link without an address": (layout(row(LINK | {"url": ""})), "components"),
    "button with an address": (layout(row(button(url="https://example.org"))), "components"),
    "button without a custom id": (layout(row(button(custom_id=None))), "components"),
    "address over 512": (layout(row(LINK | {"url": "https://example.org/" + "x" * 500})),
                         "components"),
    "address of another kind": (layout(row(LINK | {"url": "javascript:1"})), "components"),
    "label over 80": (layout(row(button(label="x" * 81))), "components"),
    "no label": (layout(row(button(label=""))), "components"),
    "custom id over 100": (layout(row(button(custom_id="x" * 101))), "components"),
    "custom id twice": (layout(row(button(1), button(1))), "components"),
    "empty text": (layout(TEXT | {"content": " "}), "components"),
    "container in a container": (layout({"type": 17, "components": [
        {"type": 17, "components": [TEXT]}]}), "components"),
    "mentions both ways": ({"content": "x", "allowed_mentions": {"parse": ["roles"], "roles": [1]}},
                           "allowed_mentions"),
    "mentions of a strange kind": ({"content": "x", "allowed_mentions": {"parse": ["all"]}},
                                   "allowed_mentions"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_body_beyond_a_limit_is_refused_at_its_place(
    server: DiscordServer, name: str
) -> None:
    body, place = REFUSED[name]

    status, answer = await post(server, body)

    assert (status, answer["code"]) == (400, 50035), answer
    assert list(answer["errors"]) == [place]
    assert server.channel.posts == ()


async def test_message_without_anything_to_show_is_refused(server: DiscordServer) -> None:
    _, answer = await post(server, {"content": ""})

    assert answer["code"] == 50006


async def test_layout_stays_a_layout(server: DiscordServer) -> None:
    _, posted = await post(server, layout(TEXT))
    path = f"/channels/{server.channel.id}/messages/{posted['id']}"

    for body, place in (({"flags": 0}, "flags"), ({"content": "x"}, "content")):
        status, answer = await ask(server, "PATCH", path, body)
        assert (status, list(answer["errors"])) == (400, [place])
    assert server.channel.posts[0].versions == []


async def test_text_becomes_a_layout_only_once_its_text_is_gone(server: DiscordServer) -> None:
    _, posted = await post(server, {"content": "x"})
    path = f"/channels/{server.channel.id}/messages/{posted['id']}"

    refused, _ = await ask(server, "PATCH", path, layout(TEXT))
    taken, _ = await ask(server, "PATCH", path, layout(TEXT, content=None))

    assert (refused, taken, server.channel.posts[0].text) == (400, 200, "words")


async def test_same_enforced_nonce_gives_back_the_earlier_message(server: DiscordServer) -> None:
    other = server.add_channel(server.guild, "other")
    body = {"content": "x", "nonce": "a" * 25, "enforce_nonce": True}

    _, first = await post(server, body)
    _, again = await post(server, body | {"content": "changed"})
    _, elsewhere = await post(server, body, channel=other)

    assert first["id"] == again["id"] == elsewhere["id"]
    assert (len(server.channel.posts), len(other.posts), server.nonce_hits) == (1, 0, 2)


async def test_nonce_is_forgotten_after_its_window(server: DiscordServer) -> None:
    body = {"content": "x", "nonce": "a", "enforce_nonce": True}
    await post(server, body)
    start = server.clock()

    server.clock = lambda: start + server.nonce_window_s - 1
    await post(server, body)
    server.clock = lambda: start + server.nonce_window_s + 1
    await post(server, body)

    assert len(server.channel.posts) == 2


async def test_nonce_of_a_deleted_message_is_unknown(server: DiscordServer) -> None:
    body = {"content": "x", "nonce": "a", "enforce_nonce": True}
    await post(server, body)
    server.delete(server.channel.posts[0])

    status, answer = await post(server, body)

    assert (status, answer["code"], server.channel.posts) == (404, 10008, ())


async def test_nonce_that_is_not_enforced_posts_twice(server: DiscordServer) -> None:
    for _ in range(2):
        await post(server, {"content": "x", "nonce": "a"})

    assert len(server.channel.posts) == 2


@pytest.mark.parametrize(
    ("missing", "code"), [(world.VIEW, 50001), (world.SEND, 50013), (world.EMBED, 50013)]
)
async def test_missing_permission_has_its_code(
    server: DiscordServer, missing: int, code: int
) -> None:
    server.set_permissions(server.channel, world.EVERYDAY & ~missing)

    status, answer = await post(server, {"embeds": [{"title": "x"}]})

    assert (status, answer["code"]) == (403, code)
    assert server.limiter.invalid[403] == 1


async def test_forum_takes_no_message_of_its_own(server: DiscordServer) -> None:
    forum = server.add_channel(server.guild, "forum", kind=world.FORUM)

    _, answer = await post(server, {"content": "x"}, channel=forum)
    path = f"/channels/{forum.id}/threads"
    _, nonce = await ask(
        server, "POST", path, {"name": "n", "message": {"content": "x", "nonce": 1}}
    )
    status, thread = await ask(server, "POST", path, {"name": "n", "message": {"content": "x"}})

    assert (answer["code"], nonce["code"], status) == (50008, 50035, 201)
    assert thread["message"]["id"] == thread["id"]


async def test_strange_token_is_unauthorized(server: DiscordServer) -> None:
    server.token = "another"
    headers = {"Authorization": "Bot invented"}
    async with aiohttp.ClientSession(headers=headers) as session:
        response = await session.get(f"{server.api_base}/users/@me")

    assert (response.status, server.limiter.invalid[401]) == (401, 1)


async def test_whatever_discord_py_draws_is_taken(bot: tuple[DiscordServer, Bot]) -> None:
    server, running = bot
    ui = discord.ui
    picture: Any = ui.Thumbnail("https://example.org/a.png", description="a phone")
    menu: Any = ui.Select(custom_id="menu", options=[discord.SelectOption(label="a", emoji="📱")])
    card = Card()
    card.add_item(ui.Section("beside a picture", accessory=picture))
    card.add_item(ui.MediaGallery(discord.MediaGalleryItem("https://example.org/b.png")))
    card.add_item(ui.Separator(spacing=discord.SeparatorSpacing.large))
    card.add_item(ui.File("attachment://a.txt"))
    card.add_item(ui.ActionRow(menu))
    embed = discord.Embed(title="t", url="https://example.org", colour=1).set_footer(text="f")
    channel = text_channel(running, server.channel)

    drawn = await channel.send(view=card, file=discord.File(BytesIO(b"x"), "a.txt"), silent=True)
    framed = await channel.send("c", embed=embed.add_field(name="a", value="b"), reference=drawn)
    edited = await framed.edit(content="d", embed=embed, suppress=True)

    assert [post.custom_ids for post in server.channel.posts] == [("wrong", "menu"), ()]
    assert [item.type.name for item in drawn.components] == [
        *("container", "section", "media_gallery", "separator", "file", "action_row")
    ]
    assert await drawn.attachments[0].read() == b"x"
    assert edited.flags.suppress_embeds


async def test_history_is_read_in_pages_and_not_without_permission(
    bot: tuple[DiscordServer, Bot],
) -> None:
    server, running = bot
    channel = text_channel(running, server.channel)
    sent = [await channel.send(str(number)) for number in range(7)]

    newest = [m.content async for m in channel.history(limit=3)]
    later = [m.content async for m in channel.history(after=sent[2])]
    around = [m.content async for m in channel.history(around=sent[3], limit=3)]
    status, answer = await ask(server, "GET", f"/channels/{channel.id}/messages?limit=101")
    server.set_permissions(server.channel, world.EVERYDAY & ~world.HISTORY)
    nothing = [m async for m in channel.history()]

    assert (newest, later, around) == (list("654"), list("3456"), list("432"))
    assert (status, answer["code"], nothing) == (400, 50035, [])


async def test_thread_is_made_once_and_has_its_messages_id(bot: tuple[DiscordServer, Bot]) -> None:
    server, running = bot
    message = await text_channel(running, server.channel).send(view=Card())

    thread = await message.create_thread(name="More")
    await thread.send("inside")
    with pytest.raises(discord.HTTPException) as refused:
        await message.create_thread(name="More")

    assert (thread.id, refused.value.code) == (message.id, 160004)
    assert [post.text for post in server.channels[thread.id].posts] == ["inside"]


async def test_post_is_there_once_though_its_answer_was_lost(
    bot: tuple[DiscordServer, Bot],
) -> None:
    server, running = bot
    channel = text_channel(running, server.channel)
    server.faults.add(Fault("drop", is_committed=True))

    with pytest.raises(aiohttp.ClientError):
        await channel.send(view=Card(), nonce="a")
    there = server.channel.posts
    again = await channel.send(view=Card(), nonce="a")

    assert [post.id for post in there] == [again.id]
    assert server.channel.posts == there


async def test_request_cut_off_before_it_took_effect_left_nothing(
    bot: tuple[DiscordServer, Bot],
) -> None:
    server, running = bot
    server.faults.add(Fault("drop"), Fault(503))

    with pytest.raises(aiohttp.ClientError):
        await text_channel(running, server.channel).send("x")
    with pytest.raises(discord.DiscordServerError):
        await text_channel(running, server.channel).send("x")

    assert server.channel.posts == ()
    assert [fault.answer for _, _, fault in server.faults.struck] == ["drop", 503]


async def test_seeded_faults_strike_the_same_requests() -> None:
    struck = []
    for _ in range(2):
        async with DiscordServer(is_limited=False) as server:
            server.faults.chances.append((0.3, Fault(500)))
            statuses = [(await post(server, {"content": "x"}))[0] for _ in range(20)]
            struck.append(statuses)

    assert struck[0] == struck[1]
    assert set(struck[0]) == {200, 500}


async def test_mentions_ring_only_for_those_allowed(server: DiscordServer) -> None:
    role = server.add_role(server.guild, "ops")
    text = f"@everyone <@&{role.id}> <@{server.person.id}>"

    await post(server, {"content": text, "allowed_mentions": {"parse": []}})
    await post(server, {"content": text, "allowed_mentions": {"roles": [str(role.id)]}})
    await post(server, {"content": text})

    rung = [message.pings for message in server.channel.posts]
    assert rung == [
        (),
        (f"<@&{role.id}>",),
        tuple(t.lstrip("@") if "every" in t else t for t in text.split()),
    ]
