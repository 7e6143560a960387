"""What is asked of Slack about people and channels, how often, and what is made of the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.errors import SendError
from bot.platforms.slack.kept import FRESH_S
from bot.platforms.slack.people import KEPT_S, Person, read_conversation, read_person
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Fault


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


async def test_somebody_is_asked_about_once_in_a_while(front: Front) -> None:
    ada, team = front.server.person, front.workspace
    for _ in range(3):
        found = await front.people.find_person_or_none(team, ada.id)
        assert found == Person(ada.id)
    assert front.server.count("users.info") == 1

    front.timer.seconds += KEPT_S
    await front.people.find_person_or_none(team, ada.id)
    assert front.server.count("users.info") == 2


async def test_a_person_is_recalled_with_time_zone_and_language(front: Front) -> None:
    ada, team = front.server.person, front.workspace
    ada.tz, ada.locale = "Asia/Shanghai", "zh-CN"
    assert front.people.recall_person_or_none(team, ada.id) is None

    await front.people.find_person_or_none(team, ada.id)

    found = front.people.recall_person_or_none(team, ada.id)
    assert found is not None
    assert (found.time_zone, found.lang) == ("Asia/Shanghai", "zh-CN")
    assert front.server.count("users.info") == 1


async def test_nobody_of_that_id_is_none(front: Front) -> None:
    assert await front.people.find_person_or_none(front.workspace, "U0NOBODY") is None


async def test_a_failed_question_is_not_kept(front: Front) -> None:
    front.server.faults.add(Fault(error="fatal_error", method="users.info"))
    ada = front.server.person
    with pytest.raises(SendError):
        await front.people.find_person_or_none(front.workspace, ada.id)

    assert await front.people.find_person_or_none(front.workspace, ada.id) == Person(ada.id)


async def test_admins_owners_and_guests_are_told_apart(front: Front) -> None:
    server = front.server
    owner = server.add_user("olga", team=server.team, is_owner=True)
    guest = server.add_user("guy", team=server.team)
    guest.is_guest = True

    for user, expected in (
        (server.manager, Person(server.manager.id, is_admin=True)),
        (owner, Person(owner.id, is_admin=True)),
        (guest, Person(guest.id, is_guest=True)),
    ):
        assert await front.people.find_person_or_none(front.workspace, user.id) == expected


@pytest.mark.parametrize(
    ("said", "is_ours", "is_admin"),
    [
        ({"team_id": "T1"}, True, False),
        ({"team_id": "T2"}, False, False),
        ({"team_id": "T1", "is_stranger": True}, False, False),
        ({"team_id": "T1", "deleted": True}, False, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2", "T1"]}}, True, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2"]}}, False, False),
        ({"team_id": "T1", "enterprise_user": {"teams": [], "is_owner": True}}, True, True),
        ({"team_id": "T1", "is_primary_owner": True}, True, True),
    ],
)
def test_who_belongs_to_the_workspace(
    said: dict[str, object], is_ours: bool, is_admin: bool
) -> None:
    person = read_person({"id": "U1", **said}, "T1")

    assert (person.is_ours, person.is_admin) == (is_ours, is_admin)


def test_a_direct_conversation_is_private_and_the_bot_is_in_it() -> None:
    found = read_conversation({"id": "D1", "is_im": True, "user": "U1"})

    assert (found.is_direct, found.is_private, found.is_member, found.user) == (
        True,
        True,
        True,
        "U1",
    )


async def test_a_channel_that_the_bot_does_not_see_is_none(front: Front) -> None:
    staff = front.server.add_channel("staff", team=front.server.team, kind="private", has_bot=False)

    for channel in (staff.id, "C0NOWHERE"):
        assert await front.people.find_conversation_or_none(front.workspace, channel) is None


async def test_a_fresh_look_sees_what_has_changed(front: Front) -> None:
    team, channel = front.workspace, front.server.channel
    await front.people.find_conversation_or_none(team, channel.id)
    front.server.archive(channel)

    kept = await front.people.find_conversation_or_none(team, channel.id)
    fresh = await front.people.find_conversation_or_none(team, channel.id, is_fresh=True)
    assert kept
    assert fresh
    assert (kept.is_archived, fresh.is_archived) == (False, True)


async def test_what_is_forgotten_is_asked_anew(front: Front) -> None:
    team, channel = front.workspace, front.server.channel
    await front.people.find_conversation_or_none(team, channel.id)
    front.server.rename(channel, "lobby")
    front.people.forget(team, channel=channel.id)

    found = await front.people.find_conversation_or_none(team, channel.id)
    assert found
    assert found.name == "lobby"


async def test_where_somebody_is_takes_one_question_for_all_channels(front: Front) -> None:
    server, team = front.server, front.workspace
    other = server.add_channel("news", team=server.team)
    server.leave(server.channel, server.person)

    assert await front.people.is_in(team, other.id, server.person.id)
    assert not await front.people.is_in(team, server.channel.id, server.person.id)
    assert server.count("users.conversations") == 1


async def test_who_has_just_joined_is_in(front: Front) -> None:
    """A refusal is never made of what was kept."""
    server, team, ada = front.server, front.workspace, front.server.person
    server.leave(server.channel, ada)
    assert not await front.people.is_in(team, server.channel.id, ada.id)

    server.channel.members.add(ada.id)
    front.timer.seconds += FRESH_S
    assert await front.people.is_in(team, server.channel.id, ada.id)


async def test_somebody_in_more_channels_than_fit_a_page_is_found_in_the_last(
    front: Front,
) -> None:
    server = front.server
    channels = [server.add_channel(f"c{n}", team=server.team) for n in range(1_100)]

    assert await front.people.is_in(front.workspace, channels[-1].id, server.person.id)
    assert server.count("users.conversations") == 2


async def test_names_of_public_channels_are_known_and_of_private_ones_not(front: Front) -> None:
    server = front.server
    news = server.add_channel("news", team=server.team, has_bot=False)
    server.add_channel("staff", team=server.team, kind="private")
    old = server.add_channel("old", team=server.team)
    server.archive(old)

    names = await front.people.find_channel_names(front.workspace)
    assert names == {"general": server.channel.id, "news": news.id}


async def test_user_groups_in_use_are_known(front: Front) -> None:
    server, team = front.server, front.workspace
    desk = server.add_group("desk", server.person, team=server.team)
    gone = server.add_group("gone", server.person, team=server.team)
    gone.is_disabled = True

    found = await front.people.find_group_or_none(team, desk.id)
    assert found
    assert found.handle == "desk"
    assert await front.people.find_group_or_none(team, gone.id) is None
    assert await front.people.is_in_group(team, desk.id, server.person.id)
    assert not await front.people.is_in_group(team, desk.id, server.manager.id)
    assert not await front.people.is_in_group(team, gone.id, server.person.id)
    assert not await front.people.is_in_group(team, "S0NOTHERE", server.person.id)


async def test_a_user_group_that_is_new_is_found(front: Front) -> None:
    server, team = front.server, front.workspace
    assert await front.people.find_groups(team) == ()
    desk = server.add_group("desk", team=server.team)

    front.timer.seconds += FRESH_S
    assert await front.people.find_group_or_none(team, desk.id)


async def test_a_workspace_whose_plan_has_no_user_groups_has_none(front: Front) -> None:
    front.server.faults.add(Fault(error="plan_upgrade_required", method="usergroups.list"))

    assert await front.people.find_groups(front.workspace) == ()


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"profile": {"display_name": "ada", "real_name": "Ada L."}, "name": "al"}, "ada"),
        ({"profile": {"display_name": "", "real_name": "Ada L."}, "name": "al"}, "Ada L."),
        ({"real_name": "Ada L.", "name": "al"}, "Ada L."),
        ({"name": "al"}, "al"),
        ({}, ""),
    ],
)
def test_somebody_goes_by_the_name_that_slack_shows(said: dict[str, object], name: str) -> None:
    assert read_person({"id": "U1", **said}, "T1").name == name
