"""What happens to channels and to the app, told by the loopback Slack as events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.model import Destination, Mute, MuteKind, Platform, Subscription
from bot.platforms.slack.events import (
    ARCHIVE,
    ARCHIVED,
    DELETED,
    LEFT,
    NAMES,
    OPENED,
    REMOVED,
    RENAMED,
    TAKEN_OUT,
    WorkspaceEvents,
)
from bot.platforms.slack.notice import Notices
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Message, User
from tests.servers.slack.faults import Fault

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


TROUBLES = (Fault(503), Fault(429, retry_after_s=60), Fault("drop"), Fault(error="fatal_error"))
"""In which Slack cannot be asked."""


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


@dataclass
class Installed:
    """Installations, of which that of one workspace is there or not."""

    is_gone: bool
    way_back: str = "install it at https://news.example/slack/install"

    async def forget(self, workspace: str) -> bool:
        return self.is_gone


def events_of(front: Front, **changes: Any) -> WorkspaceEvents:
    notice = Notices(front.calls, look_after_s=0.01)
    return WorkspaceEvents(front.store, front.calls, front.people, notice, **changes)


async def subscribe(front: Front, *places: Destination, by: User | None = None) -> None:
    person = by or front.server.person
    for place in places:
        await front.store.subscribe(Subscription(place, subscribed_by=person.id), now=NOW)


async def hear(front: Front, happen: Callable[[], None], **changes: Any) -> None:
    """Have something happen in Slack, and every event that it makes heard twice."""
    heard: list[Mapping[str, Any]] = []
    server = front.server
    server.tell = lambda _, event: heard.append(event)  # type: ignore[method-assign,assignment]
    happen()
    assert heard
    events = events_of(front, **changes)
    for event in heard + heard:
        await events.hear(front.workspace, event)


async def hear_once(front: Front, happen: Callable[[], None]) -> None:
    """Have something happen in Slack, and the first event that it makes heard."""
    heard: list[Mapping[str, Any]] = []
    front.server.tell = lambda _, event: heard.append(event)  # type: ignore[method-assign,assignment]
    happen()
    await events_of(front).hear(front.workspace, heard[0])


async def parked(front: Front, place: Destination) -> str | None:
    found = await front.store.find_subscription_or_none(place)
    return None if found is None else found.parked


def told(front: Front, user: User | None = None) -> list[Message]:
    return front.server.direct_channel(user or front.server.person).posts


async def test_a_channel_that_the_bot_was_taken_out_of_is_parked_with_one_notice(
    front: Front,
) -> None:
    """Slack tells of it in two events, and sends both again."""
    place, thread = front.place(), front.place(thread="1767225600.000100")
    await subscribe(front, place, thread)

    await hear(front, lambda: front.server.remove_bot(front.server.channel))
    assert await parked(front, place) == TAKEN_OUT
    assert await parked(front, thread) == TAKEN_OUT
    (post,) = told(front)
    assert f"in <#{front.server.channel.id}>" in post.text
    assert "/invite" in post.text


async def test_each_who_subscribed_there_is_told(front: Front) -> None:
    thread = front.place(thread="1767225600.000100")
    await subscribe(front, front.place())
    await subscribe(front, thread, by=front.server.manager)

    await hear(front, lambda: front.server.remove_bot(front.server.channel))
    assert len(told(front)) == len(told(front, front.server.manager)) == 1


async def test_other_channels_and_workspaces_are_not_touched(front: Front) -> None:
    server = front.server
    other = front.place(server.add_channel("other", team=server.team))
    foreign = Destination(Platform.SLACK, "T0OTHER", server.channel.id)
    await subscribe(front, other, foreign)

    await hear(front, lambda: server.remove_bot(server.channel))
    await hear(front, lambda: server.remove_channel(server.channel))
    assert await parked(front, other) == ""
    assert await parked(front, foreign) == ""
    assert told(front) == []


async def test_a_person_who_leaves_changes_nothing_but_what_is_known_of_them(
    front: Front,
) -> None:
    server, ada = front.server, front.server.person
    await subscribe(front, front.place())
    assert await front.people.is_in(front.workspace, server.channel.id, ada.id)

    await hear(front, lambda: server.leave(server.channel, ada))
    assert await parked(front, front.place()) == ""
    assert not await front.people.is_in(front.workspace, server.channel.id, ada.id)


@pytest.mark.parametrize("kind", ["public", "private"])
async def test_an_archived_channel_is_parked(front: Front, kind: Any) -> None:
    channel = front.server.add_channel("news", team=front.server.team, kind=kind)
    await subscribe(front, front.place(channel))

    await hear(front, lambda: front.server.archive(channel))
    assert await parked(front, front.place(channel)) == ARCHIVE
    assert len(told(front)) == 1


async def test_a_deleted_channel_is_forgotten(front: Front) -> None:
    place, thread = front.place(), front.place(thread="1767225600.000100")
    await subscribe(front, place, thread)

    await hear(front, lambda: front.server.remove_channel(front.server.channel))
    assert await front.store.find_subscriptions() == ()


@pytest.mark.parametrize("kind", ["channel_deleted", "group_deleted"])
async def test_a_channel_that_slack_still_knows_was_not_deleted(front: Front, kind: str) -> None:
    await subscribe(front, front.place())

    await events_of(front).hear(front.workspace, {"type": kind, "channel": front.server.channel.id})
    assert await parked(front, front.place()) == ""


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_deletion_that_cannot_be_checked_forgets_nothing(
    front: Front, trouble: Fault
) -> None:
    await subscribe(front, front.place())
    fault = replace(trouble, method="conversations.info")
    front.server.faults.add(fault, fault)  # aiohttp asks twice where an old connection broke

    await hear_once(front, lambda: front.server.remove_channel(front.server.channel))
    assert await parked(front, front.place()) == ""


async def test_a_channel_that_gets_another_id_keeps_its_subscriptions(front: Front) -> None:
    """A private one that is shared with another company; its old id is none any more."""
    old, new = Destination(Platform.SLACK, front.workspace, "G1"), "C0NEW"
    thread = replace(old, thread="1767225600.000100")
    await subscribe(front, old, thread)
    await front.store.change_mutes(old, now=NOW, add=(Mute(MuteKind.COMPANY, "honor"),))

    event = {"type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": new}
    for _ in range(2):  # Slack may send it twice
        await events_of(front).hear(front.workspace, event)

    found = await front.store.find_subscriptions()
    assert [one.destination for one in found] == [
        replace(old, channel=new),
        replace(thread, channel=new),
    ]
    assert found[0].mutes == (Mute(MuteKind.COMPANY, "honor"),)
    assert told(front) == []


async def test_a_channel_that_is_subscribed_under_its_new_id_too_keeps_that(
    front: Front,
) -> None:
    old = Destination(Platform.SLACK, front.workspace, "G1")
    await subscribe(front, old, front.place())

    event = {"type": "channel_id_changed", "old_channel_id": "G1"}
    event |= {"new_channel_id": front.server.channel.id}
    await events_of(front).hear(front.workspace, event)

    (found,) = await front.store.find_subscriptions()
    assert found.destination == front.place()


async def test_a_channel_that_was_parked_before_its_new_id_was_known_can_be_resumed(
    front: Front,
) -> None:
    old, new = Destination(Platform.SLACK, front.workspace, "G1"), front.server.channel.id
    await subscribe(front, old)
    await front.store.park(old, reason=TAKEN_OUT)

    event = {"type": "channel_id_changed", "old_channel_id": "G1", "new_channel_id": new}
    await events_of(front).hear(front.workspace, event)

    assert await parked(front, front.place()) == TAKEN_OUT
    (post,) = told(front)
    assert f"in <#{new}> again. `/alerts resume`" in post.text


async def test_a_channel_that_is_open_again_waits_for_a_person_who_is_told_so(
    front: Front,
) -> None:
    channel = front.server.channel
    await subscribe(front, front.place())
    await front.store.park(front.place(), reason=ARCHIVE)

    event = {"type": "channel_unarchive", "channel": channel.id, "user": "U1"}
    await events_of(front).hear(front.workspace, event)
    assert await parked(front, front.place()) == ARCHIVE
    (post,) = told(front)
    assert "`/alerts resume`" in post.text


async def test_an_invitation_back_is_answered_with_what_to_type(front: Front) -> None:
    server = front.server
    await subscribe(front, front.place())
    await front.store.park(front.place(), reason=TAKEN_OUT)

    event = {"type": "member_joined_channel", "channel": server.channel.id}
    await events_of(front).hear(front.workspace, event | {"user": server.person.id})
    assert told(front) == []
    await events_of(front).hear(front.workspace, event | {"user": server.team.bot.id})
    assert len(told(front)) == 1


async def test_where_nothing_was_parked_nobody_is_told_anything(front: Front) -> None:
    await subscribe(front, front.place())

    await hear(front, lambda: front.server.invite_bot(front.server.channel))
    await hear(front, lambda: front.server.archive(front.server.channel, is_archived=False))
    assert told(front) == []


@pytest.mark.parametrize("error", ["token_revoked", "account_inactive"])
async def test_without_its_token_the_bot_parks_the_whole_workspace(
    front: Front, error: str
) -> None:
    server = front.server
    other = front.place(server.add_channel("other", team=server.team))
    foreign = Destination(Platform.SLACK, "T0OTHER", "C1")
    await subscribe(front, front.place(), other, foreign)

    await hear(front, lambda: server.revoke(server.team, error))
    assert await parked(front, front.place()) == await parked(front, other) == REMOVED
    assert await parked(front, foreign) == ""


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_a_removal_that_cannot_be_checked_parks_nothing(front: Front, trouble: Fault) -> None:
    """It may be an old one: who installed the app again wants the posts."""
    await subscribe(front, front.place())
    front.server.faults.add(replace(trouble, method="auth.test"))

    await events_of(front).hear(front.workspace, {"type": "app_uninstalled"})
    assert await parked(front, front.place()) == ""


async def test_a_removal_heard_before_slack_said_who_we_are_parks_nothing(front: Front) -> None:
    await subscribe(front, front.place())
    front.one._bot = None

    await events_of(front).hear(front.workspace, {"type": "app_uninstalled"})
    assert await parked(front, front.place()) == ""


async def test_tokens_of_people_are_none_of_the_bots(front: Front) -> None:
    await subscribe(front, front.place())

    event = {"type": "tokens_revoked", "tokens": {"oauth": ["U1"]}}
    await events_of(front).hear(front.workspace, event)
    assert await parked(front, front.place()) == ""


@pytest.mark.parametrize("is_gone", [True, False])
async def test_what_is_heard_late_of_an_installation_parks_nothing(
    front: Front, is_gone: bool
) -> None:
    await subscribe(front, front.place())
    installed = Installed(is_gone)

    events = events_of(front, installations=installed)
    await events.hear(front.workspace, {"type": "app_uninstalled"})
    assert await parked(front, front.place()) == (installed.way_back if is_gone else "")


async def test_while_slack_takes_the_token_the_app_was_not_removed(front: Front) -> None:
    """The event comes late: the app was installed again, with the same token."""
    await subscribe(front, front.place())

    await events_of(front).hear(front.workspace, {"type": "app_uninstalled"})
    assert await parked(front, front.place()) == ""


async def test_a_renamed_channel_is_known_by_its_new_name(front: Front) -> None:
    server = front.server
    await front.people.find_channel_names(front.workspace)

    await hear(front, lambda: server.rename(server.channel, "lobby"))
    assert "lobby" in await front.people.find_channel_names(front.workspace)


async def test_what_breaks_is_logged_and_goes_no_further(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await front.store.aclose()

    event = {"type": "channel_archive", "channel": front.server.channel.id}
    await events_of(front).hear(front.workspace, event)
    assert "the event channel_archive" in caplog.text


@pytest.mark.parametrize("event", [{}, {"type": "channel_archive"}, {"type": "team_join"}])
async def test_an_event_that_says_nothing_of_use_does_nothing(
    front: Front, event: Mapping[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(front, front.place())

    await events_of(front).hear(front.workspace, event)
    assert await parked(front, front.place()) == ""
    assert caplog.text == ""


def test_every_kind_of_event_is_named_once() -> None:
    kinds = [*LEFT, *ARCHIVED, *OPENED, *DELETED, *RENAMED]

    assert set(kinds) < set(NAMES)
    assert len(NAMES) == len(set(NAMES)) == len(kinds) + 5
