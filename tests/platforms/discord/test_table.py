"""The real table through the real client: what only the whole of it shows."""

from __future__ import annotations

from bot.model import Platform
from tests.platforms.discord.desk import open_desk, until


async def test_a_thread_is_picked_subscribed_changed_and_unsubscribed() -> None:
    async with open_desk() as desk:
        thread = desk.server.add_thread(desk.server.channel, "a thread")
        picked = f"channel:{thread.id}"

        assert "Subscribed" in await desk.answer(f"/alerts subscribe {picked}")
        (made,) = await desk.store.find_subscriptions(Platform.DISCORD)
        place = made.destination
        assert (place.channel, place.thread) == (str(desk.server.channel.id), str(thread.id))
        assert "Changed" in await desk.answer(f"/alerts settings scope:pair {picked}")
        assert "Unsubscribed" in await desk.answer(f"/alerts unsubscribe {picked}")
        assert await desk.store.find_subscriptions(Platform.DISCORD) == ()


async def test_a_channel_that_ended_unheard_is_unsubscribed_by_a_button() -> None:
    async with open_desk() as desk:
        server = desk.server
        news = server.add_channel(server.guild, "news")
        await desk.answer("/alerts subscribe channel:#news")
        await desk.answer("/alerts subscribe")
        server.gateway.dispatch = lambda *_, **__: None  # type: ignore[method-assign]
        server.remove_channel(news)
        del server.gateway.dispatch
        await desk.store.park(desk.place(news), reason="the channel is gone")
        await desk.store.park(desk.place(), reason="the bot may not post there")
        client = desk.supervisor.client
        assert client is not None
        client.get_guild(server.guild.id)._remove_channel(  # type: ignore[union-attr]
            client.get_channel(news.id)  # type: ignore[arg-type]
        )

        shown = await server.slash("/alerts list", **desk.manager).answer()
        buttons = [one for one in shown.custom_ids if "unsubscribe" in one]
        assert buttons == [f"n1:unsubscribe-gone:{news.id}"]
        refused = await server.press(shown, buttons[0], user=server.person).answer()
        assert "You need the permission" in refused.text
        done = await server.press(shown, buttons[0], user=server.manager).answer()

        assert "Unsubscribed" in done.text
        (left,) = await desk.store.find_subscriptions(Platform.DISCORD)
        assert left.destination == desk.place()


async def test_what_is_posted_where_is_told_to_those_who_manage_channels_alone() -> None:
    async with open_desk() as desk:
        await desk.answer("/alerts subscribe")
        await until(lambda: desk.server.commands)
        for command in desk.server.commands.values():
            command["default_member_permissions"] = None

        for looking in ("list", "preview"):
            refused = await desk.answer(f"/alerts {looking}", user=desk.server.person)
            assert "You need the permission “Manage Channels”" in refused
