"""Commands and forms through the real bolt, as people in Slack use them."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import Any

import pytest

from bot.commands.answer import Answer, File, Tone
from bot.commands.command import Call, Need, OptionKind, Pick, Words
from bot.errors import FeedUnreachable, InputInvalid
from bot.model import Platform
from bot.platforms.slack import replies
from bot.platforms.slack.drawn import Drawn
from tests.platforms.discord.rows import break_down, option, row, say_hello, say_values
from tests.platforms.slack.desk import Noting, open_desk, until
from tests.servers.slack import Fault


class Slow:
    """A command that works until it is let go."""

    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, _: Call) -> Answer:
        await self.may_end.wait()
        return Answer("Done at last")


# slash commands


async def test_an_answer_is_for_the_person_alone() -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        act = await desk.ask("/try hello")

        assert "Hello" in act.answer.text
        assert act.answer.only_for == desk.server.person.id
        assert desk.server.channel.posts == []


async def test_a_handler_gets_what_was_typed_as_its_kind_says() -> None:
    picks = (Pick("live", Words("at once", "即时")),)
    options = (
        option("for", OptionKind.TEXT),
        option("limit", OptionKind.WHOLE, least=1, most=25),
        option("loud", OptionKind.YES),
        option("mode", OptionKind.PICK, picks=picks),
        option("role", OptionKind.ROLE),
        option("unsaid", OptionKind.TEXT),
    )
    async with open_desk(table=(row("it", say_values, *options),)) as desk:
        group = desk.server.add_group("desk", desk.server.person, team=desk.server.team)
        act = await desk.ask(
            f"/try it for:2h limit:7 loud:yes mode:live role:<!subteam^{group.id}|@desk>"
        )

        said = f"for='2h' limit=7 loud=True mode='live' role='{group.id}'"
        assert said in act.answer.text.replace("&amp;", "&")


async def test_a_channel_is_its_id_however_it_is_written() -> None:
    table = (row("it", say_values, option("channel", OptionKind.CHANNEL)),)
    async with open_desk(table=table) as desk:
        news = desk.server.add_channel("news", team=desk.server.team)
        for said in (f"<#{news.id}|news>", f"<#{news.id}>"):
            assert f"channel='{news.id}'" in await desk.answer(f"/try it channel:{said}")


async def test_a_channel_may_be_written_by_its_name() -> None:
    async with open_desk() as desk:
        news = desk.server.add_channel("news", team=desk.server.team)
        assert "Subscribed" in await desk.answer("/alerts subscribe #news pair")

        (made,) = await desk.store.find_subscriptions(Platform.SLACK)
        assert made.destination == desk.place(news)


async def test_a_call_knows_where_it_was_typed_and_by_whom() -> None:
    noting = Noting()
    async with open_desk(table=(row("it", noting),)) as desk:
        server = desk.server
        await desk.ask("/try it")
        await desk.ask("/try it", channel=server.direct_channel(server.person))

    in_channel, direct = noting.calls
    assert in_channel.place == desk.place()
    assert in_channel.user == server.person.id
    assert in_channel.may == {Need.NOTHING}
    assert direct.place.channel.startswith("D")
    assert not direct.is_direct


async def test_who_manages_may_more() -> None:
    noting = Noting()
    async with open_desk(table=(row("it", noting, need=Need.CHANNELS),)) as desk:
        await desk.ask("/try it")

    (call,) = noting.calls
    assert Need.CHANNELS in call.may


async def test_a_command_needs_its_right() -> None:
    noting = Noting()
    table = (row("it", noting, need=Need.CHANNELS),)
    async with open_desk(table=table, managers="admins") as desk:
        refused = await desk.answer("/try it")
        assert "Only admins and owners of this workspace may use /try it" in refused
        assert noting.calls == []

        assert "Kept" in await desk.answer("/try it", user=desk.server.manager)


async def test_slow_work_is_announced() -> None:
    slow = Slow()
    async with open_desk(table=(row("it", slow),), announce_after_s=0.1) as desk:
        act = await desk.ask("/try it")
        assert "I am working on it" in act.text
        slow.may_end.set()
        await until(lambda: "Done at last" in act.text)

        assert len(act.answers) == 2


@pytest.mark.parametrize(
    "error", [InputInvalid("Say it otherwise"), FeedUnreachable("Say it otherwise")]
)
async def test_what_a_person_can_mend_is_said_as_it_is(error: Exception) -> None:
    async def refuse(_: Call) -> Answer:
        raise error

    async with open_desk(table=(row("it", refuse),)) as desk:
        assert "Say it otherwise" in await desk.answer("/try it")


async def check_apology(said: str, caplog: pytest.LogCaptureFixture) -> logging.LogRecord:
    reference = re.search(r"reference ([0-9a-f]{6})", said)
    assert reference is not None, said
    (record,) = [one for one in caplog.records if reference[1] in one.getMessage()]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    return record


async def test_a_defect_is_an_apology_whose_reference_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_desk(table=(row("it", break_down),)) as desk:
        record = await check_apology(await desk.answer("/try it"), caplog)

    assert "a defect that a test made" in str(record.exc_info)


async def test_an_answer_that_cannot_be_drawn_is_an_apology(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_it(*_: Any, **__: Any) -> Drawn:
        raise RuntimeError("a defect that a test made")

    monkeypatch.setattr(replies, "draw_answer", break_it)
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        await check_apology(await desk.answer("/try hello"), caplog)


async def test_an_answer_that_slack_refuses_is_an_apology_too(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    monkeypatch.setattr(replies, "draw_answer", lambda *_, **__: Drawn((broken,), "Too much"))
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        await check_apology(await desk.answer("/try hello"), caplog)


@pytest.mark.parametrize("answer", [503, "drop", 429])
async def test_an_answer_that_slack_did_not_take_is_given_again(answer: Any) -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        desk.server.faults.add(Fault(answer, method="response_url"))

        assert "Hello" in await desk.answer("/try hello")


async def test_an_answer_that_never_arrives_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "AGAIN_S", 0.01)
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        desk.server.faults.chances = [(1.0, Fault(503, method="response_url"))]
        desk.server.start_slash("/try hello")
        await until(lambda: "/try: the answer did not arrive: status 503" in caplog.text)

        assert desk.server.count("response_url") == replies.ATTEMPTS


async def test_a_file_comes_into_the_conversation_with_the_bot() -> None:
    async def export(_: Call) -> Answer:
        return Answer("Exported", (File("feeds.opml", b"<opml/>", "text/x-opml"),))

    async with open_desk(table=(row("it", export),)) as desk:
        act = await desk.ask("/try it")
        await until(lambda: "in your direct conversation with me" in act.text)

        (post,) = desk.server.direct_channel(desk.server.person).posts
        (file,) = post.body["files"]
        assert file["name"] == "feeds.opml"
        assert desk.server.channel.posts == []


async def test_a_file_that_does_not_arrive_is_said_to(caplog: pytest.LogCaptureFixture) -> None:
    async def export(_: Call) -> Answer:
        return Answer("Exported", (File("feeds.opml", b"<opml/>", "text/x-opml"),))

    async with open_desk(table=(row("it", export),)) as desk:
        desk.server.team.token.scopes.discard("files:write")
        said = await desk.answer("/try it")

        assert "The file did not arrive (missing_scope)" in said
        assert "a file did not arrive" in caplog.text


async def test_a_file_that_breaks_off_on_its_way_is_said_to() -> None:
    async def export(_: Call) -> Answer:
        return Answer("Exported", (File("feeds.opml", b"<opml/>", "text/x-opml"),))

    async with open_desk(table=(row("it", export),)) as desk:
        desk.server.faults.add(Fault(503, method="upload"))
        said = await desk.answer("/try it")

        assert "Exported" in said
        assert "The file did not arrive" in said


async def test_a_workspace_that_the_token_is_not_of_is_told() -> None:
    async with open_desk(table=(row("hello", say_hello),)) as desk:
        other = desk.server.add_team("elsewhere")
        person = desk.server.add_user("eve", team=other)
        there = desk.server.add_channel("talk", team=other)
        said = await desk.answer("/try hello", user=person, channel=there)

        assert "Hello" not in said
        assert f"works for another workspace and not for {other.id}" in said
        assert "bot_token" not in said
        assert desk.server.team.name not in said


async def test_what_a_command_changed_wakes_whoever_posts() -> None:
    async def change(_: Call) -> Answer:
        return Answer("Changed", tone=Tone.DONE)

    woken: list[tuple[str, str]] = []
    async with open_desk(table=(row("it", change), row("hello", say_hello))) as desk:
        desk.reception.after.append(lambda at, who: woken.append((at, who)))
        await desk.ask("/try hello")
        assert woken == []
        await desk.ask("/try it")
        await until(lambda: woken)

        assert woken == [(desk.server.team.id, desk.server.person.id)]


# forms


async def test_a_command_alone_opens_its_form() -> None:
    async with open_desk() as desk:
        act = await desk.ask("/alerts subscribe")
        shown = await desk.server.submit(act.modal)

        assert "Subscribed" in shown.text
        (made,) = await desk.store.find_subscriptions(Platform.SLACK)
        assert made.destination == desk.place()


async def test_a_form_that_does_not_open_is_told() -> None:
    async with open_desk() as desk:
        desk.server.faults.add(Fault(method="views.open", error="expired_trigger_id"))
        act = await desk.ask("/alerts subscribe")

        assert act.views == []
        assert act.answer.only_for == desk.server.person.id


async def test_a_form_needs_the_right_of_its_command() -> None:
    async with open_desk(managers="admins") as desk:
        act = await desk.ask("/alerts subscribe")

        assert act.views == []
        assert "Only admins and owners" in act.text


async def test_what_is_typed_into_a_form_is_completed() -> None:
    async with open_desk() as desk:
        act = await desk.ask("/alerts subscribe")
        found = await desk.server.type(act.modal, "Companies", "hua")

        assert "Huawei" in str(found)


async def test_a_form_without_a_token_is_answered_all_the_same() -> None:
    async with open_desk() as desk:
        act = await desk.ask("/alerts subscribe")
        desk.workspaces._refused.set()
        shown = await desk.server.submit(act.modal)

        assert "I am not connected to this workspace" in shown.text
