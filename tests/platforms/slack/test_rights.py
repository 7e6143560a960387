"""Who may do what, by what the loopback Slack says of people and channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.commands.answer import Answer, ChannelRef, Lines, Tone, UserRef
from bot.commands.command import Need
from bot.errors import InputInvalid
from bot.model import Destination, Event, Ping, Subscription
from bot.platforms.slack.kept import FRESH_S
from bot.platforms.slack.named import NOTHING_NAMED, Named
from bot.platforms.slack.refusals import UNKNOWN_CHANNEL
from bot.platforms.slack.rights import Rights
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Channel, Fault, User

WHAT = "/alerts subscribe"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


def rights_of(front: Front, managers: str = "everyone") -> Rights:
    return Rights(front.people, front.store, managers=managers)


async def check(
    front: Front,
    user: User,
    *,
    managers: str = "everyone",
    need: Need = Need.CHANNELS,
    place: Destination | None = None,
    named: Named = NOTHING_NAMED,
) -> Answer | None:
    rights = rights_of(front, managers)
    return await rights.check_or_none(WHAT, need, user.id, place or front.place(), named)


def naming(*channels: Channel) -> Named:
    return Named(tuple(one.id for one in channels))


def refs_of(answer: Answer) -> list[ChannelRef | UserRef]:
    lines = [line for part in answer.parts if isinstance(part, Lines) for line in part.lines]
    spans = [span for line in lines if not isinstance(line, str) for span in line]
    return [span for span in spans if isinstance(span, ChannelRef | UserRef)]


async def test_asking_needs_no_right_and_no_question(front: Front) -> None:
    assert await check(front, front.server.person, need=Need.NOTHING) is None
    assert front.server.asked[-1].method == "auth.test"


@pytest.mark.parametrize("need", [Need.CHANNELS, Need.SERVER])
async def test_everybody_in_the_channel_may_manage(front: Front, need: Need) -> None:
    assert await check(front, front.server.person, need=need) is None


async def test_who_is_not_in_a_public_channel_joins_it_first(front: Front) -> None:
    server = front.server
    other = server.add_channel("other", team=server.team)
    server.leave(other, server.person)

    refused = await check(front, server.person, named=naming(other))
    assert refused
    assert refused.tone is Tone.REFUSED
    assert refused.title == f"Only people in the channel may use {WHAT} for it"
    assert refs_of(refused) == [ChannelRef(other.id)]

    other.members.add(server.person.id)
    front.timer.seconds += FRESH_S
    assert await check(front, server.person, named=naming(other)) is None


async def test_where_a_channel_is_named_the_right_is_needed_there_alone(front: Front) -> None:
    server = front.server
    other = server.add_channel("other", team=server.team)
    server.leave(server.channel, server.person)

    assert await check(front, server.person)
    assert await check(front, server.person, named=naming(other)) is None
    assert (
        await check(front, server.person, named=Named((f"{other.id}/1767225600.000100",))) is None
    )


@pytest.mark.parametrize("need", [Need.NOTHING, Need.CHANNELS])
@pytest.mark.parametrize("has_bot", [True, False])
async def test_a_private_channel_that_somebody_is_not_in_is_as_if_it_were_not(
    front: Front, need: Need, has_bot: bool
) -> None:
    server = front.server
    staff = server.add_channel("staff", team=server.team, kind="private", has_bot=has_bot)
    server.leave(staff, server.person)

    for channel in (staff.id, "C0NOWHERE"):
        refused = await check(front, server.person, need=need, named=Named((channel,)))
        assert refused
        assert refused.title == UNKNOWN_CHANNEL
        assert refused.parts == ()


async def test_an_admin_learns_of_no_private_channel_that_they_are_not_in(front: Front) -> None:
    server = front.server
    staff = server.add_channel("staff", team=server.team, kind="private")
    server.leave(staff, server.manager)

    refused = await check(front, server.manager, named=naming(staff))
    assert refused
    assert refused.title == UNKNOWN_CHANNEL


async def test_an_admin_can_end_what_is_left_of_a_channel_that_is_gone(front: Front) -> None:
    """Of a channel that nobody sees any more nobody can say who was in it."""
    assert await check(front, front.server.manager, named=Named(("C0DELETED",))) is None


async def test_members_of_a_private_channel_manage_there(front: Front) -> None:
    server = front.server
    staff = server.add_channel("staff", team=server.team, kind="private")

    assert await check(front, server.person, named=naming(staff)) is None
    assert await check(front, server.person, place=front.place(staff)) is None


async def test_who_types_in_a_channel_that_the_bot_does_not_see_is_in_it(front: Front) -> None:
    """Then the place itself says that the bot must be invited."""
    server = front.server
    staff = server.add_channel("staff", team=server.team, kind="private", has_bot=False)

    assert await check(front, server.person, place=front.place(staff)) is None


async def test_in_a_direct_conversation_with_the_bot_its_person_manages(front: Front) -> None:
    server = front.server
    direct = server.direct_channel(server.person)

    for managers in ("everyone", "creator"):
        at = front.place(direct)
        assert await check(front, server.person, managers=managers, place=at) is None
    refused = await check(front, server.manager, named=naming(direct))
    assert refused
    assert refused.title == UNKNOWN_CHANNEL


@pytest.mark.parametrize("managers", ["everyone", "creator"])
async def test_home_belongs_to_no_channel(front: Front, managers: str) -> None:
    home = replace(front.place(), channel="")

    assert await check(front, front.server.person, managers=managers, place=home) is None


@pytest.mark.parametrize("managers", ["everyone", "admins", "creator", "S0DESK"])
async def test_guests_look_and_change_nothing(front: Front, managers: str) -> None:
    server = front.server
    guest = server.add_user("guy", team=server.team)
    guest.is_guest = True

    refused = await check(front, guest, managers=managers)
    assert refused
    assert refused.title.startswith("Guests may not use")
    assert await check(front, guest, managers=managers, need=Need.NOTHING) is None


async def test_a_guest_learns_of_no_channel_that_they_are_not_in(front: Front) -> None:
    server = front.server
    guest = server.add_user("guy", team=server.team)
    guest.is_guest = True
    inside = server.add_channel("inside", team=server.team)
    server.leave(inside, guest)

    refused = await check(front, guest, need=Need.NOTHING, named=naming(inside))
    assert refused
    assert refused.title == UNKNOWN_CHANNEL
    named = naming(server.channel)
    assert await check(front, guest, need=Need.NOTHING, named=named) is None


@pytest.mark.parametrize("is_known", [True, False])
async def test_people_of_another_workspace_change_nothing(front: Front, is_known: bool) -> None:
    """In a shared channel they see every button; of some Slack does not even tell."""
    server = front.server
    stranger = User("U0STRANGER", "T0OTHER", "eve", is_admin=True, is_owner=True)
    server.channel.members.add(stranger.id)
    if is_known:
        server.team.users[stranger.id] = stranger

    refused = await check(front, stranger)
    assert refused
    assert refused.title.startswith("Only people of the workspace")
    hidden = await check(front, stranger, need=Need.NOTHING, named=Named(("C0NOWHERE",)))
    assert hidden
    assert hidden.title == UNKNOWN_CHANNEL


async def test_by_the_rule_admins_only_admins_and_owners_manage(front: Front) -> None:
    server = front.server
    owner = server.add_user("olga", team=server.team, is_owner=True)

    for user in (server.manager, owner):
        assert await check(front, user, managers="admins") is None
    refused = await check(front, server.person, managers="admins")
    assert refused
    assert refused.title == f"Only admins and owners of this workspace may use {WHAT}"


async def test_by_the_rule_creator_who_made_the_channel_manages(front: Front) -> None:
    server = front.server
    own = server.add_channel("own", team=server.team, creator=server.person)

    assert await check(front, server.person, managers="creator", named=naming(own)) is None
    assert await check(front, server.manager, managers="creator", named=naming(own)) is None
    refused = await check(front, server.person, managers="creator")
    assert refused
    assert "Only who created the channel" in refused.title
    assert refs_of(refused) == [UserRef(server.manager.id)]


async def test_by_the_rule_creator_the_bot_must_see_the_channel(front: Front) -> None:
    server = front.server
    own = server.add_channel(
        "own", team=server.team, kind="private", creator=server.person, has_bot=False
    )

    refused = await check(front, server.person, managers="creator", place=front.place(own))
    assert refused
    assert "/invite" in refused.title


async def test_by_the_rule_group_its_members_and_admins_manage(front: Front) -> None:
    server = front.server
    desk = server.add_group("desk", server.person, team=server.team)
    other = server.add_user("lin", team=server.team)

    for user in (server.person, server.manager):
        assert await check(front, user, managers=desk.id) is None
    refused = await check(front, other, managers=desk.id)
    assert refused
    assert "members of @desk" in refused.title


async def test_a_group_that_is_gone_leaves_admins_and_says_so(front: Front) -> None:
    refused = await check(front, front.server.person, managers="S0GONE")

    assert refused
    assert "Only admins" in refused.title
    assert await check(front, front.server.manager, managers="S0GONE") is None


async def test_a_workspace_has_a_rule_of_its_own(front: Front) -> None:
    rights, team, ada = rights_of(front), front.workspace, front.server.person
    assert await rights.load_managers(team) == "everyone"

    await rights.save_managers(team, "admins")
    assert await rights.load_managers(team) == "admins"
    assert await rights.load_managers("T0OTHER") == "everyone"
    assert await rights.check_or_none(WHAT, Need.CHANNELS, ada.id, front.place())


async def test_only_rules_that_there_are_can_be_chosen(front: Front) -> None:
    rights, team = rights_of(front), front.workspace
    desk = front.server.add_group("desk", team=front.server.team)

    for wrong in ("", "nobody", "S0NOTHERE"):
        with pytest.raises(InputInvalid):
            await rights.save_managers(team, wrong)
    await rights.save_managers(team, desk.id)
    assert await rights.load_managers(team) == desk.id
    assert await rights.describe_managers(team) == "members of @desk, admins and owners"


async def test_only_admins_choose_the_rule(front: Front) -> None:
    rights, server = rights_of(front), front.server
    stranger = User("U0STRANGER", "T0OTHER", "eve", is_admin=True)
    server.team.users[stranger.id] = stranger

    assert await rights.check_admin_or_none("this", server.manager.id, front.workspace) is None
    for user in (server.person, stranger):
        assert await rights.check_admin_or_none("this", user.id, front.workspace)


async def test_where_slack_cannot_be_asked_nothing_is_changed(front: Front) -> None:
    server, rights = front.server, rights_of(front)
    server.faults.chances = [(1.0, Fault(503, method="users.info"))]

    refused = await check(front, server.manager)
    assert refused
    assert "nothing was changed" in refused.title
    assert await rights.find(server.manager.id, front.place()) == {Need.NOTHING}
    assert await rights.check_admin_or_none("this", server.manager.id, front.workspace)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("token_revoked", "An admin of the workspace must install the app again"),
        ("invalid_auth", "An admin of the workspace must install the app again"),
        ("missing_scope", "the app lacks a permission"),
        ("internal_error", "Try it again in a minute"),
    ],
)
async def test_what_helps_where_slack_does_not_say_is_told(
    front: Front, error: str, says: str
) -> None:
    server, rights = front.server, rights_of(front)
    server.faults.chances = [(1.0, Fault(error=error, method=""))]

    for _ in range(2):
        refused = await check(front, server.manager)
        assert refused
        assert "nothing was changed" in refused.title
        assert says in refused.title
        looked = await rights.check_or_none(
            "/alerts list", Need.CHANNELS, server.person.id, front.place(), only_looks=True
        )
        assert looked
        assert "changed" not in looked.title
        assert says in looked.title
        with pytest.raises(InputInvalid, match=says):
            await rights.sees(server.person.id, front.place())


async def test_a_word_about_the_token_that_is_not_so_is_gone_in_a_minute(front: Front) -> None:
    wrong = Fault(error="token_revoked", method="users.info")
    front.server.faults.chances = [(1.0, wrong)]

    refused = await check(front, front.server.manager)
    assert refused
    assert "Try it again in a minute" in refused.title


async def test_strangers_do_not_look_at_lists_either(front: Front) -> None:
    stranger = User("U0STRANGER", "T0OTHER", "eve")
    front.server.team.users[stranger.id] = stranger

    assert await rights_of(front).check_or_none(
        "/feeds list", Need.SERVER, stranger.id, front.place(), only_looks=True
    )


async def test_what_somebody_may_is_one_for_channels_and_workspace(front: Front) -> None:
    server, rights = front.server, rights_of(front, "admins")

    assert await rights.find(server.manager.id, front.place()) == set(Need)
    assert await rights.find(server.person.id, front.place()) == {Need.NOTHING}


async def test_anybody_who_manages_may_have_a_user_group_called(front: Front) -> None:
    desk = front.server.add_group("desk", team=front.server.team)

    assert await check(front, front.server.person, named=Named(groups=(desk.id,))) is None
    refused = await check(front, front.server.person, named=Named(groups=("S0NOTHERE",)))
    assert refused
    assert "no such user group" in refused.title


@pytest.mark.parametrize("call", ["here", "channel"])
async def test_only_admins_have_a_whole_channel_called(front: Front, call: str) -> None:
    server, named = front.server, Named(groups=(call,))

    assert await check(front, server.manager, named=named) is None
    refused = await check(front, server.person, named=named)
    assert refused
    assert f"@{call}" in refused.title

    called = Subscription(front.place(), ping=Ping(call))
    await front.store.subscribe(called, now=NOW)
    assert await check(front, server.person, named=named) is None


async def test_a_call_of_one_channel_is_none_of_another(front: Front) -> None:
    server = front.server
    other = server.add_channel("other", team=server.team)
    await front.store.subscribe(Subscription(front.place(), ping=Ping("here")), now=NOW)

    assert await check(front, server.person, named=Named((other.id,), ("here",)))
    assert await check(front, server.person, named=Named((server.channel.id,), ("here",))) is None


async def test_what_to_offer_takes_one_question(front: Front) -> None:
    """Hundreds press the buttons of a post within a minute."""
    server, rights = front.server, rights_of(front)
    guest = server.add_user("guy", team=server.team)
    guest.is_guest = True

    assert await rights.find(server.person.id, front.place()) == set(Need)
    assert await rights.find(guest.id, front.place()) == {Need.NOTHING}
    assert [one.method for one in server.asked] == ["auth.test", "users.info", "users.info"]


async def test_of_a_channel_that_is_named_nothing_is_offered_from_outside(front: Front) -> None:
    server, rights = front.server, rights_of(front)
    other = server.add_channel("other", team=server.team)
    server.leave(other, server.person)

    may = await rights.find(server.person.id, front.place(), naming(other))
    assert may == {Need.NOTHING}


@pytest.mark.parametrize("need", [Need.CHANNELS, Need.SERVER])
async def test_by_the_rule_creator_a_workspace_is_not_changed_from_outside_its_channels(
    front: Front, need: Need
) -> None:
    server = front.server
    wide = Named(is_of_channel=False)
    direct = front.place(server.direct_channel(server.person))
    own = server.add_channel("own", team=server.team, creator=server.person)

    for place in (direct, replace(direct, channel="")):
        refused = await check(
            front, server.person, managers="creator", need=need, place=place, named=wide
        )
        assert refused
        assert refused.title.startswith("Outside channels only admins")
        for rule in ("everyone", "creator"):
            of_channel = await check(front, server.person, managers=rule, need=need, place=place)
            assert of_channel is None
        assert (
            await check(front, server.person, managers="everyone", place=place, named=wide) is None
        )
    for user, place in (
        (server.person, front.place(own)),
        (server.manager, front.place(server.direct_channel(server.manager))),
    ):
        done = await check(front, user, managers="creator", need=need, place=place, named=wide)
        assert done is None


async def test_by_the_rule_creator_home_offers_people_their_channels_alone(front: Front) -> None:
    server, rights = front.server, rights_of(front, "creator")
    home = replace(front.place(), channel="")

    assert await rights.find(server.person.id, home) == {Need.NOTHING, Need.CHANNELS}
    assert await rights.find(server.manager.id, home) == set(Need)


@pytest.mark.parametrize(
    ("groups", "calling", "is_refused"),
    [
        ((), "all", True),
        ((), "pairs", True),
        (("channel",), "all", True),
        (("here",), None, True),
        ((), "bans, deals", False),
        (("channel",), "deals, bans", False),
        (("channel",), None, False),
        ((), "none", False),
        ((), "what is no event", False),
        ((), None, False),
    ],
)
async def test_what_calls_a_whole_channel_only_admins_change(
    front: Front, groups: tuple[str, ...], calling: str | None, is_refused: bool
) -> None:
    server, here = front.server, front.place()
    ping = Ping("channel", events=(Event.DEAL, Event.BAN))
    await front.store.subscribe(Subscription(here, ping=ping), now=NOW)
    named = Named(groups=groups, calling=calling)

    for place in (here, replace(here, thread="1767225600.000100")):
        refused = await check(front, server.person, place=place, named=named)
        assert bool(refused) is is_refused
        assert await check(front, server.manager, place=place, named=named) is None


async def test_which_stories_call_a_user_group_anybody_changes(front: Front) -> None:
    server, here = front.server, front.place()
    desk = server.add_group("desk", team=server.team)
    await front.store.subscribe(Subscription(here, ping=Ping("channel")), now=NOW)

    named = Named(groups=(desk.id,), calling="all")
    assert await check(front, server.person, named=named) is None
    await front.store.subscribe(Subscription(here, ping=Ping(desk.id)), now=NOW)
    assert await check(front, server.person, named=Named(calling="pairs")) is None
