"""What the app may answer when a person sends a modal off, and what Slack makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.servers.slack import Act, SlackServer, View
from tests.servers.slack_bot import MODAL, Line, client_of, connect, plain, section

OTHER = {"type": "modal", "title": plain("Other"), "blocks": [section("thanks")]}
BAD = {"type": "modal", "title": plain("x" * 25), "blocks": []}
TROUBLE = "We had some trouble connecting. Try again?"


@pytest.fixture
async def server() -> AsyncIterator[SlackServer]:
    async with SlackServer(is_limited=False) as made:
        yield made


@pytest.fixture
async def line(server: SlackServer) -> AsyncIterator[Line]:
    async with aiohttp.ClientSession() as session:
        yield await connect(server, session)


@pytest.fixture
async def view(server: SlackServer, line: Line) -> View:
    act = server.start_slash("/show one")
    await line.ack(await line.hear())
    await client_of(server).views_open(trigger_id=act.trigger_id, view=MODAL)
    return act.modal


async def send_off(server: SlackServer, line: Line, modal: View, /, **answer: Any) -> Act:
    sending = asyncio.create_task(server.submit(modal, {"Reason": "old"}))
    told = await line.hear()
    assert told["payload"]["type"] == "view_submission"
    await line.ack(told, **answer)
    return await sending


async def test_modal_that_is_just_acknowledged_closes(
    server: SlackServer, line: Line, view: View
) -> None:
    act = await send_off(server, line, view)

    assert (view.is_open, act.failure, server.complaints) == (False, "", [])


async def test_modal_is_changed_by_the_answer(server: SlackServer, line: Line, view: View) -> None:
    act = await send_off(server, line, view, response_action="update", view=OTHER)

    assert act.modal is view
    assert act.text == "── Other ──\nthanks"


async def test_modal_is_laid_upon_another_by_the_answer(
    server: SlackServer, line: Line, view: View
) -> None:
    act = await send_off(server, line, view, response_action="push", view=OTHER)

    assert (act.modal.below, view.is_open) == (view, True)
    again = await send_off(server, line, view, response_action="clear")
    assert not any(v.is_open for v in server.views.values())
    assert again.failure == ""


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"response_action": "errors", "errors": {"nowhere": "x"}}, "beside inputs that are not"),
        ({"response_action": "errors", "errors": {}}, "beside inputs that are not"),
        ({"response_action": "update", "view": BAD}, "must be less than 25 characters"),
        ({"response_action": "dance"}, "answer to a submission"),
    ],
)
async def test_wrong_answers_leave_the_person_with_slacks_own_words(
    server: SlackServer, line: Line, view: View, answer: dict[str, Any], complaint: str
) -> None:
    act = await send_off(server, line, view, **answer)

    assert (act.failure, view.is_open) == (TROUBLE, True)
    assert [complaint in said for said in server.complaints] == [True]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ([{"text": plain("x"), "value": str(n)} for n in range(100)], 100),
        ([{"text": plain("x"), "value": str(n)} for n in range(101)], 0),
        ([{"text": plain("x" * 76), "value": "x"}], 0),
        ([], 0),
    ],
)
async def test_menu_shows_options_that_are_in_order(
    server: SlackServer, line: Line, view: View, options: list[Any], count: int
) -> None:
    typing = asyncio.create_task(server.type(view, "Company", "hu"))
    told = await line.hear()
    assert told["payload"]["value"] == "hu"
    await line.ack(told, options=options)

    assert len(await typing) == count
    assert bool(server.complaints) == (count == 0 and bool(options))


async def test_answer_to_a_command_is_judged_too(server: SlackServer, line: Line) -> None:
    act = server.start_slash("/show one")
    await line.ack(await line.hear(), text="", blocks=[section("x" * 3001)])
    await server.see(act)

    assert act.failure == "invalid_command_response"
    assert len(server.complaints) == 1


async def test_file_of_a_person_comes_with_the_modal(server: SlackServer, line: Line) -> None:
    act = server.start_slash("/show one")
    await line.ack(await line.hear())
    block = {"type": "input", "block_id": "b", "label": plain("File")}
    block["element"] = {"type": "file_input", "action_id": "a"}
    await client_of(server).views_open(trigger_id=act.trigger_id, view=MODAL | {"blocks": [block]})
    given = server.give_file("feeds.opml", b"<opml/>")
    sending = asyncio.create_task(server.submit(act.modal, {"File": [given]}))
    told = await line.hear()
    await line.ack(told)
    await sending

    (held,) = told["payload"]["view"]["state"]["values"]["b"]["a"]["files"]
    assert (held["name"], held["size"]) == ("feeds.opml", 7)
