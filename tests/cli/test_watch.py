"""``newsbot watch``, and ``--watch`` of ``match``."""

from __future__ import annotations

import asyncio
import json

from tests.cli.conftest import NEWS
from tests.cli.program import Newsbot
from tests.servers.feeds import Document, FeedServer

TITLES = (
    "Orange cuts 700 jobs in Spain",
    "Orange juice prices jump",
    "Fairphone 6 can be repaired in minutes",
)
LINES = "\n".join(json.dumps({"id": n, "title": title}) for n, title in enumerate(TITLES)).encode()


def extra(out: str) -> list[list[str]]:
    return [json.loads(line)["extra"] for line in out.splitlines()]


async def test_match_looks_for_a_name_alone_and_warns_of_an_everyday_word(
    newsbot: Newsbot,
) -> None:
    answer = await newsbot("match", "--watch", "Orange", "--watch", "Fairphone", stdin=LINES)

    assert extra(answer.out) == [["orange"], [], ["fairphone"]]
    assert answer.err == (
        'newsbot: --watch Orange: "Orange" is an everyday word; it counts only where the '
        "sentence shows a company\n"
    )


async def test_match_takes_further_names_of_a_company(newsbot: Newsbot) -> None:
    watch = "Repair Shop = Fairphone, FP6"

    assert extra((await newsbot("match", "--watch", watch, stdin=LINES)).out) == [
        [],
        [],
        ["repair-shop"],
    ]


async def test_match_needs_no_watch_for_a_company_it_knows(newsbot: Newsbot) -> None:
    line = b'{"id": 1, "title": "Huawei grows"}'

    answer = await newsbot("match", "--watch", "HUAWEI", stdin=line)

    assert json.loads(answer.out)["makers"] == ["huawei"]
    assert answer.err == "newsbot: --watch HUAWEI: Huawei is watched already, for everybody.\n"


async def test_a_watch_beside_a_platform_says_where_else_it_is_to_be_added(
    newsbot: Newsbot,
) -> None:
    alone = await newsbot("watch", "add", "Fairphone")
    beside = await newsbot("watch", "edit", "Fairphone", NEWSBOT_DISCORD_TOKEN="invented.token")

    told = "  for this console only; in Discord: /watch add Fairphone\n"
    assert told not in alone.out
    assert beside.out.startswith(f"Changed: Fairphone\n{told}")


async def test_match_refuses_what_is_no_name(newsbot: Newsbot) -> None:
    answer = await newsbot("match", "--watch", "<@U1>", code=2, stdin=LINES)

    assert answer.out == ""
    assert answer.err.startswith('newsbot: --watch: "<@U1>" holds "<"; write a name')


async def test_a_company_is_added_tried_changed_and_removed(newsbot: Newsbot) -> None:
    added = await newsbot("watch", "add", "Orange", "--role", "carrier", "--unless", "Spain")
    again = await newsbot("watch", "add", "orange", code=2)
    known = await newsbot("watch", "add", "huawei")
    tried = await newsbot(
        "watch", "test", "orange", "Orange cuts jobs", "Orange cuts jobs in Spain"
    )
    changed = await newsbot("watch", "edit", "orange", "--unless", "", "--needs", "operator")
    listed = await newsbot("watch", "list")
    removed = await newsbot("watch", "remove", "ORANGE")
    nothing = await newsbot("watch", "list")

    assert added.out.startswith("Watched from now on: Orange\n")
    assert "watched already" in again.err
    assert known.out == "Huawei is watched already, for everybody.\n"
    assert "\nyes  Orange cuts jobs\n" in tried.out
    assert "\nno   Orange cuts jobs in Spain\n" in tried.out
    assert changed.out.startswith("Changed: Orange\n")
    assert '\n  counts beside operator: "Orange"\n' in listed.out
    assert "never beside" not in listed.out
    assert removed.out == "No longer watched: ORANGE\n"
    assert (nothing.out, "`newsbot watch add NAME`" in nothing.err) == ("", True)


async def test_trying_a_name_makes_no_database(newsbot: Newsbot) -> None:
    tried = await newsbot("watch", "test", "Nothing", "Nothing Beats Summer")
    refused = await newsbot("watch", "add", "?!", code=2)

    assert "\nno   Nothing Beats Summer\n" in tried.out
    assert "no letter" in refused.err
    assert newsbot.files() == []


async def test_a_running_bot_takes_a_watch_up_and_posts_its_news(newsbot: Newsbot) -> None:
    news = NEWS.replace(
        b"<item>",
        b"<item><guid>o</guid><title>Orange cuts 700 jobs</title></item>"
        b"<item><guid>j</guid><title>Orange juice is dear</title></item><item>",
        1,
    )
    fast = {"NEWSBOT_POLL_MIN_INTERVAL_S": "1", "NEWSBOT_POLL_MAX_INTERVAL_S": "1"}
    async with FeedServer({"/news": Document(NEWS)}) as server:
        newsbot.write("feeds.txt", server.url("/news"))
        bot = await newsbot.start("run", "--feeds", "feeds.txt", **fast)
        try:
            assert bot.stderr is not None
            async with asyncio.timeout(30):
                while b"2 new" not in await bot.stderr.readline():
                    pass
                await newsbot("watch", "add", "Orange")
                server.put("/news", Document(news))
                while b"2 new" not in await bot.stderr.readline():
                    pass
                recent = await newsbot("recent", "orange")
        finally:
            bot.terminate()
            out, _ = await bot.communicate()

    assert "Orange cuts 700 jobs" in recent.out
    assert "Orange cuts 700 jobs" in out.decode()
    assert "juice" not in recent.out + out.decode()
