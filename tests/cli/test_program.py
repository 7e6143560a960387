"""What every command shares: help, the exit codes, and streams that are not as they should be."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from bot import __version__
from bot.cli.program import app
from tests.cli.program import ROOT, Newsbot

COMMANDS = (
    "run", "demo", "recent", "stats", "explain", "why", "companies", "feeds", "feeds add",
    "feeds import", "feeds remove", "feeds list", "feeds export", "feeds check", "db",
    "db upgrade", "doctor", "parse", "match", "cluster", "summarise", "story", "story show",
    "story merge", "story split", "preview",
)  # fmt: skip

HEAVY = (
    "sqlalchemy", "alembic", "aiohttp", "httpx", "apscheduler", "feedparser", "pebble",
    "trafilatura",
)  # fmt: skip


async def test_the_version_is_one_line(newsbot: Newsbot) -> None:
    answer = await newsbot("--version")

    assert answer.out == f"newsbot {__version__}\n"


async def test_help_names_every_command(newsbot: Newsbot) -> None:
    answer = await newsbot("--help", COLUMNS="200")

    for command in COMMANDS:
        assert f" {command.split()[0]} " in answer.out
    assert "Exit codes" in answer.out


async def test_every_command_explains_itself(newsbot: Newsbot) -> None:
    answers = await asyncio.gather(
        *(newsbot(*command.split(), "--help", COLUMNS="200") for command in COMMANDS)
    )

    for command, answer in zip(COMMANDS, answers, strict=True):
        assert f"Usage: newsbot {command}" in answer.out
        assert answer.err == ""


def find_commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from find_commands(inner, (*path, name))


@pytest.mark.parametrize("path", list(find_commands(typer.main.get_command(app))), ids=" ".join)
def test_help_breaks_no_line_before_its_end(path: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, [*path, "--help"], env={"COLUMNS": "80"}).output
    prose = [line.strip() for line in told.partition("╭")[0].splitlines()]

    assert prose
    for line, following in pairwise(prose):
        if line and following:
            assert len(f"{line} {following.split()[0]}") > 78


@pytest.mark.parametrize("args", [["--help"], ["explain", "Huawei leaves"]])
async def test_cheap_commands_do_not_wait_for_heavy_libraries(
    newsbot: Newsbot, args: list[str]
) -> None:
    answer = await newsbot(*args, PYTHONPROFILEIMPORTTIME="1")

    imported = {line.rpartition("|")[2].strip() for line in answer.err.splitlines()}
    assert "typer" in imported
    assert imported.isdisjoint(HEAVY)


MISTAKES = {
    "nonsense": "No such command 'nonsense'",
    "run --onec": "No such option",
    "explain": "Missing argument 'TEXT'",
    "why": "Missing argument 'STORY-ID | LINK | WORDS'",
    "recent --limit many": "--limit",
    "--config nowhere companies": "--config: nowhere is no folder",
    "stats --database mysql://there": "postgresql://",
    "stats --database .": "is a folder; name a file in it",
    "run --once --database gone/news.sqlite3": "there is no folder",
    "run --once --feeds gone.txt": "gone.txt: cannot be read",
}


async def test_what_must_be_put_right_is_said_with_exit_code_2(newsbot: Newsbot) -> None:
    answers = await asyncio.gather(*(newsbot(*line.split(), code=2) for line in MISTAKES))

    for told, answer in zip(MISTAKES.values(), answers, strict=True):
        assert told in answer.err
        assert answer.out == ""
    assert newsbot.files() == []


async def test_a_wrong_setting_is_named_with_file_line_and_nearest_key(newsbot: Newsbot) -> None:
    newsbot.write("config/newsbot.toml", "[fetch]", "max_bites = 3")

    answer = await newsbot("companies", code=2)

    assert "newsbot.toml:2: fetch.max_bites is no setting; did you mean fetch.max_bytes?" in (
        answer.err
    )


async def test_a_variable_that_is_no_setting_is_a_warning(newsbot: Newsbot) -> None:
    answer = await newsbot("explain", "Rain", NEWSBOT_FETCH_MAX_BITES="3")

    assert answer.out.startswith("Not flagged")
    assert "did you mean NEWSBOT_FETCH_MAX_BYTES?" in answer.err


async def test_a_wrong_catalogue_file_is_named(newsbot: Newsbot) -> None:
    for name in ("makers", "carriers", "outlets", "events", "words", "feeds"):
        text = (ROOT / "config" / f"{name}.toml").read_text(encoding="utf-8")
        newsbot.write(f"config/{name}.toml", text)
    newsbot.write("config/carriers.toml", "[[company]]", 'identity = "x"')

    answer = await newsbot("explain", "Rain", code=2)

    assert "config/carriers.toml" in answer.err


async def test_a_password_is_never_shown(newsbot: Newsbot) -> None:
    url = "postgresql://bot:hunter2@127.0.0.1:1/news"

    stats, doctor = await asyncio.gather(
        newsbot("stats", "--database", url, code=2), newsbot("doctor", "--database", url, code=1)
    )

    assert "mend host and port" in stats.err
    assert "WRONG database" in doctor.out
    assert "hunter2" not in stats.err + doctor.out + doctor.err


async def test_a_reader_that_has_seen_enough_is_no_error(newsbot: Newsbot) -> None:
    newsbot.write("items.jsonl", *['{"id":1,"title":"Huawei"}'] * 5000)

    answer = await newsbot.shell("newsbot match items.jsonl | head -1; newsbot --help | true")

    assert answer.code == 0
    assert len(answer.out.splitlines()) == 1
    assert answer.err == ""


@pytest.mark.parametrize("command", ["--help", "companies", "match items.jsonl"])
async def test_a_full_disk_is_said(newsbot: Newsbot, command: str) -> None:
    newsbot.write("items.jsonl", '{"id":1,"title":"Huawei"}')

    answer = await newsbot.shell(f"newsbot {command} > /dev/full")

    assert answer.code == 2
    assert answer.err == "newsbot: the output cannot be written: No space left on device\n"


async def test_closed_streams_are_no_error(newsbot: Newsbot) -> None:
    newsbot.write("items.jsonl", '{"id":1,"title":"Huawei"}')

    answer = await newsbot.shell("newsbot match items.jsonl <&- >&- 2>&- && newsbot companies >&-")

    assert answer.code == 0


async def test_letters_that_a_locale_lacks_become_question_marks_but_json_stays_utf8(
    newsbot: Newsbot,
) -> None:
    newsbot.write("items.jsonl", '{"id":"年","title":"华为"}')

    told = await newsbot("explain", "华为 phone", PYTHONIOENCODING="latin-1")
    flagged = await newsbot("match", "items.jsonl", PYTHONIOENCODING="latin-1")

    assert "?? (Huawei) in the title, character 1: maker" in told.out
    assert '"年"' in flagged.out


async def test_an_argument_that_is_no_text_is_said(newsbot: Newsbot) -> None:
    answer = await newsbot.shell("newsbot explain $'caf\\xe9 Huawei'")

    assert answer.code == 2
    assert "is no text in this locale" in answer.err
