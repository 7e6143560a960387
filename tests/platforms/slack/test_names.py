"""The names of people and groups that an answer for all to see mentions."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.commands.answer import Answer, Facts, Lines, RoleRef, UserRef
from bot.platforms.slack.names import MOST, find_names
from tests.platforms.slack.front import Front, open_front
from tests.servers.slack import Fault


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async with open_front() as opened:
        yield opened


async def test_people_and_groups_have_names(front: Front) -> None:
    ada, team = front.server.person, front.server.team
    desk = front.server.add_group("desk", team=team)
    lines = Lines((("by ", UserRef(ada.id)), "plain"))
    facts = Facts((("calls", (RoleRef(desk.id), RoleRef("here"))), ("who", "nobody")))

    names = await find_names(front.people, team.id, Answer("x", (lines, facts)))

    assert names == {ada.id: ada.name, desk.id: "desk"}
    before = len(front.server.asked)
    await find_names(front.people, team.id, Answer("x", (lines, facts)))
    assert len(front.server.asked) == before


async def test_an_answer_without_people_asks_nothing(front: Front) -> None:
    before = len(front.server.asked)

    assert await find_names(front.people, front.workspace, Answer("x", (Lines(("y",)),))) == {}
    assert len(front.server.asked) == before


async def test_of_many_people_some_are_looked_up(front: Front) -> None:
    people = [front.server.add_user(f"u{n}", team=front.server.team) for n in range(MOST + 5)]
    lines = tuple((UserRef(one.id), " did it") for one in (*people, *people))

    names = await find_names(front.people, front.workspace, Answer("x", (Lines(lines),)))

    assert len(names) == MOST
    assert front.server.count("users.info") == MOST


async def test_where_slack_does_not_tell_there_are_no_names(front: Front) -> None:
    front.server.faults.add(Fault(503, method="users.info"))
    answer = Answer("x", (Lines(((UserRef(front.server.person.id),),)),))

    assert await find_names(front.people, front.workspace, answer) == {}
