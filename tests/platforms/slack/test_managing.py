"""Who may do what and what becomes of channels, tried by people in front of the whole bot."""

from __future__ import annotations

import pytest

from bot.model import Destination
from bot.platforms.slack.events import TAKEN_OUT
from tests.platforms.slack.desk import Desk, open_desk, until
from tests.servers.slack import Fault


async def is_subscribed(desk: Desk, place: Destination) -> bool:
    return await desk.store.find_subscription_or_none(place) is not None


async def test_the_bot_goes_into_a_public_channel_that_somebody_subscribes() -> None:
    async with open_desk() as desk:
        server = desk.server
        news = server.add_channel("news", team=server.team, has_bot=False)

        answer = await desk.answer("/alerts subscribe pair", channel=news)
        assert "Subscribed" in answer
        assert server.team.bot.id in news.members
        assert await is_subscribed(desk, desk.place(news))


async def test_into_a_private_channel_it_asks_to_be_invited() -> None:
    async with open_desk() as desk:
        server = desk.server
        staff = server.add_channel("staff", team=server.team, kind="private", has_bot=False)

        assert "/invite" in await desk.answer("/alerts subscribe pair", channel=staff)
        assert not await is_subscribed(desk, desk.place(staff))
        server.invite_bot(staff)
        assert "Subscribed" in await desk.answer("/alerts subscribe pair", channel=staff)


async def test_by_a_stricter_rule_others_are_refused_and_nothing_changes() -> None:
    async with open_desk(managers="admins") as desk:
        server, general = desk.server, desk.server.channel

        refused = await desk.answer("/alerts subscribe pair", user=server.person, channel=general)
        assert "Only admins and owners of this workspace may use /alerts subscribe" in refused
        assert not await is_subscribed(desk, desk.place())
        answer = await desk.answer("/alerts subscribe pair", user=server.manager, channel=general)
        assert "Subscribed" in answer
        looked = await desk.answer("/watch list", user=server.person, channel=general)
        assert "Only admins" not in looked


async def test_a_private_channel_is_neither_changed_nor_revealed_from_outside() -> None:
    async with open_desk() as desk:
        server = desk.server
        staff = server.add_channel("staff", team=server.team, kind="private")
        assert "Subscribed" in await desk.answer("/alerts subscribe pair", channel=staff)
        server.leave(staff, server.person)

        for line in ("settings", "preview", "unsubscribe"):
            said = await desk.answer(
                f"/alerts {line} channel:{staff.id}", user=server.person, channel=server.channel
            )
            assert "I know no such channel that you are in" in said
        for line in ("/alerts list", "/alerts list changes:yes"):
            said = await desk.answer(line, user=server.person, channel=server.channel)
            assert staff.id not in said
            assert "you are not in" not in said
        assert await is_subscribed(desk, desk.place(staff))


@pytest.mark.parametrize("managers", ["everyone", "admins"])
async def test_whoever_is_of_the_workspace_looks_at_what_they_may_know_of(managers: str) -> None:
    async with open_desk(managers=managers) as desk:
        server, manager = desk.server, desk.server.manager
        guest = server.add_user("guy", team=server.team)
        guest.is_guest = True
        other = server.add_channel("other", team=server.team)
        server.channel.members.add(guest.id)
        other.members.discard(guest.id)
        for channel in (server.channel, other):
            await desk.answer("/alerts subscribe pair", user=manager, channel=channel)

        listed = await desk.ask("/alerts list", user=guest)
        assert "that get news: 1" in listed.text
        assert other.id not in str(listed.answer.blocks)
        assert "that get news: 2" in await desk.answer("/alerts list", user=server.person)
        assert "No feed is read yet" in await desk.answer("/feeds list", user=guest)
        for line in ("/alerts list changes:yes", "/feeds health", "/alerts pause 2h"):
            assert "Guests may not use" in await desk.answer(line, user=guest)


async def test_a_list_says_what_helps_where_the_token_was_revoked() -> None:
    async with open_desk() as desk:
        desk.server.faults.chances = [
            (1.0, Fault(error="token_revoked", method=method))
            for method in ("auth.test", "users.info", "users.conversations")
        ]
        for line in ("/alerts list", "/feeds list"):
            said = await desk.answer(line)
            assert "An admin of the workspace must install the app again" in said
            assert "changed" not in said
            assert "minute" not in said
        said = await desk.answer("/alerts subscribe pair")
        assert "so nothing was changed. An admin of the workspace must install" in said


async def test_taken_out_of_a_channel_it_stops_tells_once_and_is_brought_back() -> None:
    async with open_desk() as desk:
        server, place = desk.server, desk.place()
        await desk.answer("/alerts subscribe pair", user=server.person, channel=server.channel)
        direct = server.direct_channel(server.person)

        server.remove_bot(server.channel)
        await until(lambda: direct.posts)
        found = await desk.store.find_subscription_or_none(place)
        assert found
        assert found.parked == TAKEN_OUT

        answer = await desk.answer("/alerts resume", user=server.person, channel=server.channel)
        assert "Resumed" in answer
        assert server.team.bot.id in server.channel.members
        assert "/alerts resume" in direct.posts[0].text


async def test_an_admin_clears_away_what_is_left_of_a_deleted_channel() -> None:
    """It was deleted while the bot was away, which it never hears of."""
    async with open_desk() as desk:
        server = desk.server
        old = server.add_channel("old", team=server.team)
        await desk.answer("/alerts subscribe pair", user=server.person, channel=old)
        server.events -= {"channel_deleted"}
        server.remove_channel(old)
        desk.people.forget(server.team.id, channel=old.id, user=server.person.id)

        assert old.id not in str((await server.open_home(server.person)).home)
        assert old.id in str((await server.open_home(server.manager)).home)
        await server.press(server.manager, "Unsubscribe")
        assert not await is_subscribed(desk, desk.place(old))


async def test_by_the_rule_creator_companies_are_not_changed_in_a_direct_conversation() -> None:
    async with open_desk(managers="creator") as desk:
        direct = desk.server.direct_channel(desk.server.person)

        for line in ("/watch add Fairphone maker", "/watch add"):
            said = await desk.answer(line, channel=direct)
            assert "Outside channels only admins of the workspace may use /watch add" in said
        assert await desk.store.find_watches() == ()


async def test_changes_of_a_private_channel_are_not_told_outside() -> None:
    async with open_desk() as desk:
        server = desk.server
        eve = server.add_user("eve", team=server.team)
        server.channel.members.add(eve.id)
        staff = server.add_channel("staff", team=server.team, kind="private")
        staff.members.discard(eve.id)
        await desk.answer(f"/alerts subscribe <#{staff.id}|staff> companies:Huawei")

        assert staff.id in str((await desk.ask("/alerts list changes:yes")).answer.blocks)
        told = await desk.ask("/alerts list changes:yes", user=eve)
        assert "Nobody has changed anything here yet" in told.text
        assert staff.id not in str(told.answer.blocks)


async def test_a_form_names_no_private_channel_either() -> None:
    async with open_desk() as desk:
        server = desk.server
        eve = server.add_user("eve", team=server.team)
        server.channel.members.add(eve.id)
        staff = server.add_channel("staff", team=server.team, kind="private")
        staff.members.discard(eve.id)
        await desk.answer("/watch add Fairphone maker")
        await desk.answer("/alerts subscribe companies:Fairphone", channel=staff)

        view = (await desk.ask("/watch remove", user=eve)).modal
        await server.type(view, "Name", "fair")
        act = await server.submit(view, {"Name": "Fairphone"})
        assert "1 channel that you are not in asks for it by name" in act.text
        assert staff.id not in act.text
