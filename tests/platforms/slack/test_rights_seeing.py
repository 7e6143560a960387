"""Of which channels somebody may know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest

from bot.errors import InputInvalid
from bot.model import Destination, Platform
from bot.platforms.slack.rights import Rights
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Fault


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


async def test_what_somebody_may_know_of(front: Front) -> None:
    server, rights = front.server, Rights(front.people, front.store)
    ada, grace = server.person, server.manager
    guest = server.add_user("guy", team=server.team)
    guest.is_guest = True
    public = server.add_channel("public", team=server.team)
    private = server.add_channel("private", team=server.team, kind="private")
    archived = server.add_channel("archived", team=server.team)
    for channel in (public, private, archived):
        for user in (ada, grace, guest):
            channel.members.discard(user.id)
    archived.is_archived = True
    own, direct = server.add_channel("own", team=server.team), server.direct_channel(ada)
    gone = Destination(Platform.SLACK, front.workspace, "C0GONE")

    places = [front.place(one) for one in (public, archived, private, direct)]
    for user, seen in (
        (ada, [True, True, False, True, False]),
        (grace, [True, True, False, False, True]),
        (guest, [False, False, False, False, False]),
    ):
        assert [await rights.sees(user.id, one) for one in (*places, gone)] == seen
        assert await rights.sees(user.id, front.place(own))


async def test_of_all_channels_that_are_public_slack_is_asked_once(front: Front) -> None:
    server, rights = front.server, Rights(front.people, front.store)
    channels = [server.add_channel(f"c{n}", team=server.team) for n in range(30)]
    for channel in channels[:20]:
        server.leave(channel, server.person)

    assert all([await rights.sees(server.person.id, front.place(one)) for one in channels])
    assert len(server.asked) == len(["auth.test", "users.info", "users.conversations", "list"])


@pytest.mark.parametrize("answer", [503, 429])
async def test_where_slack_cannot_be_asked_nobody_is_told_that_they_are_not_in_a_channel(
    front: Front, answer: Literal[503, 429]
) -> None:
    fault = Fault(answer, method="users.conversations", retry_after_s=60)
    front.server.faults.chances = [(1.0, fault)]

    with pytest.raises(InputInvalid, match="Slack did not tell me which channels you may see"):
        await Rights(front.people, front.store).sees(front.server.person.id, front.place())
