"""``newsbot ask``: commands and questions of the chats, at the console."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import sys

import pytest

from tests.cli.program import TIMEOUT_S, Newsbot


async def test_a_question_is_answered_and_makes_no_database(newsbot: Newsbot) -> None:
    question, helped = await asyncio.gather(
        newsbot("ask", "anything on Huawei this week?"), newsbot("ask", "/news", "help")
    )

    assert question.out.startswith("Huawei, ")
    assert "/alerts subscribe  Have news posted in a channel" in helped.out
    assert newsbot.files() == []


async def test_a_plain_question_finds_what_is_on_record(polled: Newsbot) -> None:
    answer = await polled("ask", "anything on Huawei and Verizon?")

    assert "PAIR  Verizon to sell the Huawei Mate 10 Pro phone" in answer.out
    assert "https://harbour.example/verizon-huawei" in answer.out


async def test_the_console_is_subscribed_in_plain_words_and_stays_so(newsbot: Newsbot) -> None:
    done = await newsbot("ask", "/alerts subscribe pair daily 09:00 Europe/Berlin")
    feeds = newsbot.write("feeds.txt", "http://127.0.0.1:9/rss")
    await newsbot("run", "--once", "--feeds", feeds)
    listed = await newsbot("ask", "/alerts list")
    changes = await newsbot("ask", "/alerts list changes")

    assert done.out.startswith("Subscribed\nthis console: ")
    assert "as one post a day at 09:00 (Europe/Berlin)" in listed.out
    assert (
        "the operator: /alerts subscribe scope:pair mode:daily at:09:00 time_zone:Europe/Berlin"
    ) in changes.out


async def test_what_a_run_makes_of_it_is_said(newsbot: Newsbot) -> None:
    connected = await newsbot("ask", "/alerts subscribe", NEWSBOT_DISCORD_TOKEN="a.b.c")
    ended = await newsbot("ask", "/alerts unsubscribe")

    assert "ends what this console gets" in connected.err
    assert "`newsbot run` subscribes this console again" in ended.err


async def test_what_is_not_understood_is_said_with_exit_code_1(newsbot: Newsbot) -> None:
    answer = await newsbot("ask", "/alerts subscrbe pair", code=1)

    assert "Did you mean /alerts subscribe pair?" in answer.out


async def test_lines_are_answered_in_turn_and_buttons_pressed_by_their_number(
    newsbot: Newsbot,
) -> None:
    lines = "/watch add Orange\n\npress 1\n/watch list\npress 9\npress nothing:x\n"
    answer = await newsbot("ask", stdin=lines.encode(), code=1)

    asked, added, listed, beyond, unknown = answer.out.strip().split("\n\n")
    assert asked.startswith("Watch Orange?")
    assert "[Watch it]  press 1" in asked
    assert added.startswith("Orange is watched from now on")
    assert listed.startswith("1 company of")
    assert beyond == "There is no button 9; the last answer has 1"
    assert unknown.startswith('I know no button "nothing"')


async def test_what_is_kept_is_kept_however_the_command_is_written(newsbot: Newsbot) -> None:
    done = await newsbot("ask", "/提醒订阅 组合")
    listed = await newsbot("ask", "/alerts list")

    assert done.out.startswith("Subscribed\n")
    assert "this console: Every story that names a handset maker and a carrier" in listed.out


async def test_a_question_that_begins_like_a_button_is_a_question(newsbot: Newsbot) -> None:
    answer = await newsbot("ask", "press coverage of Huawei this week")

    assert answer.out.startswith("Huawei, ")
    assert newsbot.files() == []


async def test_a_button_of_a_single_answer_is_typed_whole(newsbot: Newsbot) -> None:
    asked = await newsbot("ask", "/watch add Orange carrier")
    (typed,) = [line for line in asked.out.splitlines() if line.startswith("[Watch it]")]
    done = await newsbot.shell(typed.partition("  ")[2])

    assert typed == "[Watch it]  newsbot ask 'press watch-add:Orange;c'"
    assert done.out.startswith("Orange is watched from now on\nOrange: carrier")


async def test_files_are_read_by_their_path_and_written_here(newsbot: Newsbot) -> None:
    newsbot.write("list.txt", "https://feeds.example/rss")
    missing = await newsbot("ask", "/feeds import none.txt", code=1)
    await newsbot("ask", "/feeds import list.txt")
    first, second = [await newsbot("ask", "/feeds export") for _ in range(2)]

    assert "none.txt: No such file" in missing.out
    assert "newsbot: written to " in first.err
    assert first.err != second.err
    (made, _) = sorted(one for one in newsbot.files() if one.suffix == ".opml")
    assert "https://feeds.example/rss" in made.read_text(encoding="utf-8")


async def test_letters_that_are_none_are_answered_too(newsbot: Newsbot) -> None:
    answer = await newsbot("ask", stdin=b"/news search \xff\xfe\n", code=1)

    assert "Name a word of the headline" in answer.out


@pytest.mark.skipif(not hasattr(pty, "openpty"), reason="no terminals here")
async def test_on_a_terminal_there_is_a_prompt_that_ctrl_d_ends(newsbot: Newsbot) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "bot", "ask"],
        cwd=newsbot.folder,
        env=newsbot.env | {"TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        said = await asyncio.to_thread(_read_until, ours, "newsbot> ")
        os.write(ours, b"/watch list\n")
        said += await asyncio.to_thread(_read_until, ours, "newsbot> ")
        os.write(ours, b"\x04")
        assert await asyncio.wait_for(process.wait(), TIMEOUT_S) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(ours)
    assert "Only the companies that everybody gets are watched here" in said


def _read_until(terminal: int, mark: str) -> str:
    """What is written up to ``mark``, or until nothing is for a while."""
    said = b""
    while mark not in said.decode(errors="replace"):
        if not select.select([terminal], [], [], TIMEOUT_S)[0]:
            break
        said += os.read(terminal, 4096)
    return said.decode(errors="replace")
