"""The receipts that Slack gets, and what reaches whoever answers."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from bot.commands.answer import Answer
from bot.platforms.slack.bolt import make_app
from bot.platforms.slack.clients import make_client, open_session
from bot.store import SqlStore
from tests.platforms.discord.rows import row, say_hello
from tests.platforms.slack.desk import open_desk, until
from tests.servers.slack import Act, SlackServer
from tests.servers.slack.hand_over import COMMAND, INTERACTION

RECEIPT_S = 1.0
"""Seconds for a receipt in these tests; Slack waits three."""


class Slow:
    """A command that works until it is let go."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.count = 0

    async def __call__(self, _: Any) -> Answer:
        self.count += 1
        await self.may_end.wait()
        return Answer("Done at last")


async def test_a_command_has_its_receipt_before_any_work() -> None:
    slow = Slow()
    async with open_desk(table=(row("it", slow),)) as desk:
        act = desk.server.start_slash("/try it")
        await until(lambda: act.is_acked)
        took_s = act.took_s
        slow.may_end.set()

        assert "Done at last" in (await desk.server.see(act)).text
        assert took_s < RECEIPT_S


async def test_a_slow_database_delays_no_receipt(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        may_go = asyncio.Event()
        find_watches = SqlStore.find_watches

        async def late(store: SqlStore) -> Any:
            await may_go.wait()
            return await find_watches(store)

        monkeypatch.setattr(SqlStore, "find_watches", late)
        act = desk.server.start_slash("/try hello")
        await until(lambda: act.is_acked)
        assert act.took_s < RECEIPT_S
        may_go.set()

        assert "Hello" in (await desk.server.see(act)).text


async def test_a_slack_that_answers_slowly_delays_no_receipt() -> None:
    """No token is asked for, and nobody's rights, before the receipt."""
    async with SlackServer() as server:
        server.faults.chances = []
        async with open_desk(table=(row("hello", say_hello),), server=server) as desk:
            desk.workspaces._bot = None  # as before Slack has said who we are
            act = await desk.ask("/try hello")

            assert "Hello" in act.text
            assert act.took_s < RECEIPT_S


async def test_a_burst_of_commands_is_answered_whole() -> None:
    """What everybody may ask costs no request that Slack would limit."""
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        people = [desk.server.add_user(f"p{n}", team=desk.server.team) for n in range(30)]
        acts = [desk.server.start_slash("/try hello", user=one) for one in people]
        for act in acts:
            assert "Hello" in (await desk.server.see(act)).text

        assert max(act.took_s for act in acts) < RECEIPT_S


async def test_an_event_that_comes_again_is_answered_once() -> None:
    async with open_desk() as desk:
        act = await desk.server.say("latest bans")
        before = desk.server.count("chat.postMessage")
        assert act.envelope is not None
        again = desk.server.redeliver(act.envelope)
        await until(lambda: again.is_acked)
        other = await desk.server.say("latest launches")

        assert other.answers
        assert desk.server.count("chat.postMessage") == before + 1


async def hand_over(server: SlackServer, kind: str, payload: dict[str, Any]) -> Act:
    """Something that no person can do in a Slack of today, or with an app of today."""
    act = Act("odd", server.person, server.channel)
    server.find_acts.begin(act)
    given = {
        "team": {"id": server.team.id},
        "team_id": server.team.id,
        "user": {"id": server.person.id},
        "user_id": server.person.id,
        "channel_id": server.channel.id,
        "response_url": act.response_url,
        "trigger_id": act.trigger_id,
    }
    server.hand(act, kind, given | payload)
    await until(lambda: act.is_acked)
    return act


async def test_a_command_of_nobodys_is_answered() -> None:
    async with open_desk() as desk:
        act = await desk.ask("/quatsch with this")

        assert "I know no /quatsch" in act.text
        assert act.took_s < RECEIPT_S


async def test_a_button_of_nobodys_is_answered() -> None:
    async with open_desk() as desk:
        act = await hand_over(
            desk.server,
            INTERACTION,
            {
                "type": "block_actions",
                "container": {"type": "message", "channel_id": desk.server.channel.id},
                "actions": [{"type": "button", "action_id": "approve", "block_id": "b"}],
            },
        )

        assert "older version" in (await desk.server.see(act)).text


async def test_a_view_of_nobodys_is_answered() -> None:
    async with open_desk() as desk:
        act = await hand_over(
            desk.server,
            INTERACTION,
            {
                "type": "view_submission",
                "view": {"id": "V1", "type": "modal", "callback_id": "old", "state": {}},
            },
        )

        assert act.envelope is not None
        assert act.envelope.answer["response_action"] == "update"
        assert "older version" in str(act.envelope.answer["view"])


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "view_closed", "view": {"id": "V1", "type": "modal", "callback_id": "n1:form"}},
        {"type": "shortcut", "callback_id": "wave"},
        {"type": "message_action", "callback_id": "wave", "message": {"ts": "1.2"}},
        {
            "type": "block_suggestion",
            "action_id": "what",
            "block_id": "b",
            "value": "hu",
            "view": {"id": "V1", "type": "modal", "callback_id": "old"},
        },
    ],
    ids=["closed", "shortcut", "on a message", "menu"],
)
async def test_what_we_never_made_has_its_receipt_all_the_same(payload: dict[str, Any]) -> None:
    async with open_desk() as desk:
        act = await hand_over(desk.server, INTERACTION, payload)

        assert act.took_s < RECEIPT_S


async def test_an_event_that_we_did_not_ask_for_has_its_receipt() -> None:
    async with open_desk() as desk:
        desk.server.events.add("pin_added")
        envelope = desk.server.tell(desk.server.team, {"type": "pin_added", "event_ts": "1.2"})
        assert envelope is not None
        await until(lambda: envelope.is_acked)

        assert envelope.took_s < RECEIPT_S


async def test_a_defect_in_one_request_is_logged_and_hinders_no_other(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:

        async def break_down(*_: Any) -> None:
            raise RuntimeError("a defect that a test made")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(desk.reception), "use", break_down)
            await hand_over(desk.server, COMMAND, {"command": "/try", "text": "hello"})
            await until(lambda: "got no answer" in caplog.text)

        assert "Hello" in await desk.answer("/try hello")


async def test_variables_of_another_slack_program_change_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt would take them for ours, and open an OAuth flow with files in the home folder."""
    others = {
        "SLACK_BOT_TOKEN": "xoxb-invented-other-1",
        "SLACK_SIGNING_SECRET": "invented-other-2",
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "invented-other-3",
    }
    for name, value in others.items():
        monkeypatch.setenv(name, value)
    async with open_desk() as desk:
        async with open_session() as session:
            client = make_client(None, api_base=desk.server.api_base, session=session)
            app = make_app(desk.reception, client=client)

        assert app.oauth_flow is None
        assert app.installation_store is None
        assert app._signing_secret == ""
        assert "What I can do" in await desk.answer("/news help")
    assert [one for one in caplog.records if one.name.startswith("slack_bolt")] == []


async def test_bolt_says_nothing_where_all_is_well(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    async with open_desk() as desk:
        await desk.answer("/news help")
        await desk.server.say("latest bans")
        await desk.server.open_home()

    assert [one.getMessage() for one in caplog.records] == []
