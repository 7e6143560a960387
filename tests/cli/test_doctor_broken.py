"""``newsbot doctor`` on broken set-ups: each cause by its name, with what to do.

The program runs in this process, since there are many; tests/cli/test_upkeep.py starts it as
its user does.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
import pytest
from aiohttp import web
from filelock import FileLock
from typer.testing import CliRunner

from bot.cli.program import app
from bot.store import upgrade
from tests.cli.program import NOISE
from tests.servers.discord import DiscordServer
from tests.servers.postgres import PostgresServer, running_postgres
from tests.servers.slack import SlackServer

TOKEN = "MTA5NzY.GhTqLx.invented-token-that-must-stay-unseen"  # invented, shaped like one
BOT_TOKEN, APP_TOKEN = "xoxb-1-invented-unseen", "xapp-1-invented-unseen"
PASSWORD = "invented-sesame-unseen"
SECRETS = (TOKEN, BOT_TOKEN, APP_TOKEN, PASSWORD)

Doctor = Callable[..., Awaitable[list[str]]]

PAGE = (Path(__file__).parents[2] / "docs" / "troubleshooting.md").read_text("utf-8")


def without_figures(text: str) -> str:
    """Ports, versions and lines differ from run to run."""
    return re.sub(r"[\d.]*\d", "0", text)


SHOWN = [
    re.compile(".*".join(map(re.escape, without_figures(cell).split("…"))), re.DOTALL)
    for cell in re.findall(r"^\| [^|]+ \| `([^`]+)`", PAGE, re.MULTILINE)
]
"""The messages that the page shows; "…" stands for anything."""


def is_on_the_page(message: str) -> bool:
    return any(shown.search(without_figures(message)) for shown in SHOWN)


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """Run it in ``tmp_path`` with these variables; what it calls WRONG, one text each."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("NEWSBOT_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)

    async def run(*args: str, **env: str) -> list[str]:
        answer = await asyncio.to_thread(CliRunner().invoke, app, ["doctor", *args], env=env)
        assert not NOISE.search(answer.output), answer.output
        assert not [one for one in SECRETS if one in answer.output]
        wrong = re.findall(r"^WRONG (.*(?:\n(?!ok |note|WRONG).*)*)", answer.output, re.MULTILINE)
        assert answer.exit_code == (1 if wrong else 0), answer.output
        assert all(len(one.strip().splitlines()) <= 2 for one in wrong)
        wrong = [one.strip().replace(f"{tmp_path}/", "") for one in wrong]
        assert [one for one in wrong if not is_on_the_page(one)] == []
        return wrong

    return run


async def put_database(tmp_path: Path) -> Path:
    path = tmp_path / "newsbot.sqlite3"
    await upgrade(f"sqlite:///{path}")
    return path


# Tokens.


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (f'"{TOKEN}"', "stands in quotes; take them off"),
        (f"Bot {TOKEN}", 'should be written without "Bot " before it'),
        ("two words", "should be one word of plain letters, digits and signs"),
    ],
)
async def test_a_token_with_something_around_it(doctor: Doctor, token: str, told: str) -> None:
    assert await doctor(NEWSBOT_DISCORD_TOKEN=token) == [
        f"settings: NEWSBOT_DISCORD_TOKEN: discord.token {told}"
    ]


async def test_slack_tokens_that_are_swapped(doctor: Doctor) -> None:
    (wrong,) = await doctor(NEWSBOT_SLACK_BOT_TOKEN=APP_TOKEN, NEWSBOT_SLACK_APP_TOKEN=BOT_TOKEN)

    assert wrong == (
        "settings: NEWSBOT_SLACK_BOT_TOKEN: slack.bot_token holds an app token (xapp-…), which "
        "belongs into slack.app_token"
    )


async def test_one_token_of_slack_alone(doctor: Doctor) -> None:
    assert await doctor(NEWSBOT_SLACK_BOT_TOKEN=BOT_TOKEN) == [
        (
            "settings: NEWSBOT_SLACK_BOT_TOKEN: slack.bot_token needs slack.app_token too "
            "(slack.mode is socket)"
        )
    ]


async def test_a_discord_token_that_expired(doctor: Doctor) -> None:
    async with DiscordServer() as discord:
        wrong = await doctor(NEWSBOT_DISCORD_TOKEN=TOKEN, NEWSBOT_DISCORD_API_BASE=discord.api_base)

    assert wrong == [
        (
            "discord.token: Discord does not take it; make a new one under Bot, Reset Token, on "
            "https://discord.com/developers/applications"
        )
    ]


async def test_slack_tokens_that_are_not_taken(doctor: Doctor) -> None:
    async with SlackServer() as slack:
        bot, socket_ = await doctor(
            NEWSBOT_SLACK_BOT_TOKEN=BOT_TOKEN,
            NEWSBOT_SLACK_APP_TOKEN=APP_TOKEN,
            NEWSBOT_SLACK_API_BASE=slack.api_base,
        )

    assert bot.startswith("slack.bot_token: ")
    assert "“Bot User OAuth Token” is under OAuth & Permissions" in bot
    assert socket_.startswith("slack.app_token: ")
    assert "make one with the scope connections:write" in socket_


async def test_a_slack_app_without_all_its_scopes(doctor: Doctor) -> None:
    async with SlackServer() as slack:
        slack.team.token.scopes -= {"users:read"}
        (wrong,) = await doctor(
            NEWSBOT_SLACK_BOT_TOKEN=slack.bot_token,
            NEWSBOT_SLACK_APP_TOKEN=slack.app_token,
            NEWSBOT_SLACK_API_BASE=slack.api_base,
        )

    assert wrong.startswith("slack scopes: the app lacks users:read (to know who is an admin")
    assert "Paste what `newsbot slack manifest` prints" in wrong


# Files.


async def test_a_file_of_a_secret_that_is_not_there(doctor: Doctor) -> None:
    assert await doctor(NEWSBOT_DISCORD_TOKEN_FILE="gone") == [
        (
            "settings: NEWSBOT_DISCORD_TOKEN_FILE: gone is not there; write the secret into it, or "
            "take the variable out"
        )
    ]


async def test_a_file_of_a_secret_that_everybody_may_read(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o644)

    assert await doctor(NEWSBOT_DISCORD_TOKEN_FILE="token") == [
        (
            "settings: NEWSBOT_DISCORD_TOKEN_FILE: token may be read by every user of this "
            "machine; chmod o-r token"
        )
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "[fetch]\ndeadline = 5",
            "2: fetch.deadline is no setting; did you mean fetch.deadline_s?",
        ),
        ("[disord]\ntoken = 'x'", "2: disord.token is no setting; did you mean discord.token?"),
        ("[fetch]\nconcurrency = 'many'", "2: fetch.concurrency should be a valid integer"),
        ("[poll]\nmin_interval_s = '5 min'", "2: poll.min_interval_s should be a valid number"),
        ("[fetch", "1: no TOML: Expected ']' at the end of a table declaration"),
    ],
)
async def test_a_slip_in_the_settings_file(
    doctor: Doctor, tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "newsbot.toml").write_text(text)

    (wrong,) = await doctor()
    assert wrong.startswith(f"settings: config/newsbot.toml:{told}")


async def test_several_slips_are_a_line_each(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "newsbot.toml").write_text(
        "[fetch]\ndeadline = 5\n[disord]\ntoken = 'x'"
    )

    assert [one.split(":")[2] for one in await doctor()] == ["2", "4"]


async def test_a_slip_in_the_settings_hides_nothing_else(doctor: Doctor) -> None:
    wrong = await doctor("--feeds", "gone.txt", NEWSBOT_FETCH_CONCURRENCY="many")

    assert [one.split(":")[0] for one in wrong] == ["settings", "feed list"]


async def test_a_settings_file_is_named_whether_it_is_there_or_not(
    tmp_path: Path, doctor: Doctor
) -> None:
    del doctor  # for its clean environment
    (tmp_path / "one.txt").write_text("https://a.example/rss")
    before = await asyncio.to_thread(CliRunner().invoke, app, ["doctor", "--feeds", "one.txt"])
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "newsbot.toml").touch()
    after = await asyncio.to_thread(CliRunner().invoke, app, ["doctor"])

    missing = "defaults and the environment; config/newsbot.toml would be read, but is not there"
    assert f"ok    settings: {missing}\n" in before.output
    assert "ok    feed list: 1 feed in one.txt\n" in before.output
    assert "ok    settings: read from config/newsbot.toml and the environment\n" in after.output


async def test_a_list_of_feeds_that_is_not_there(doctor: Doctor) -> None:
    assert await doctor("--feeds", "gone.txt") == [
        (
            "feed list: gone.txt: cannot be read: No such file or directory; catalogue.feeds or "
            "--feeds names it"
        )
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("feeds.txt", "https://a.example/feed\nhtp//b", '2: "htp//b" is no http or https address'),
        ("feeds.toml", "[[feed]]\nurl = 'https://a.example'\ncolor = 3", '3: feed: "color" is no'),
        ("feeds.opml", "<opml><body></opml>", "1: is no OPML"),
    ],
)
async def test_a_broken_line_in_the_list_of_feeds(
    doctor: Doctor, tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text)

    (wrong,) = await doctor("--feeds", name)
    assert wrong.startswith(f"feed list: {name}:{told}")


async def test_a_bad_alias_in_the_catalogue(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    for name in ("carriers", "names", "words", "events", "outlets", "feeds"):
        source = Path(__file__).parents[2] / "config" / f"{name}.toml"
        (tmp_path / "config" / f"{name}.toml").write_bytes(source.read_bytes())
    (tmp_path / "config" / "makers.toml").write_text(
        '[[company]]\nid = "fairphone"\nname = "Fairphone"\naliases = [{ tekst = "Fair" }]\n'
    )

    (wrong,) = await doctor()
    assert wrong.startswith("catalogue: config/makers.toml: ")
    assert 'company "fairphone"' in wrong
    assert 'key "text" is missing' in wrong


# The database.


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A PostgreSQL with a user that needs a password, and one that is not let in from here."""
    with running_postgres() as started:
        rules = started.folder / "data" / "pg_hba.conf"
        rules.write_text(
            f"local all locked scram-sha-256\nlocal all outside reject\n{rules.read_text()}"
        )
        with psycopg.connect(started.url(), autocommit=True) as connection:
            connection.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
            connection.execute("CREATE ROLE outside LOGIN")
            connection.execute("SELECT pg_reload_conf()")
        yield started


@pytest.mark.parametrize(
    ("who", "database", "told"),
    [
        (
            f"locked:{PASSWORD}",
            "postgres",
            (
                'password authentication failed for user "locked"; user or password is wrong: mend '
                "them in the address (@ in a password is %40)"
            ),
        ),
        (
            "nobody",
            "postgres",
            (
                'role "nobody" does not exist; user or password is wrong: mend them in the address '
                "(@ in a password is %40)"
            ),
        ),
        (
            "postgres",
            "newsbot",
            (
                'database "newsbot" does not exist; make that database first (createdb), or mend '
                "its name in the address"
            ),
        ),
        (
            "outside",
            "postgres",
            (
                'pg_hba.conf rejects connection for host "[local]", user "outside", database '
                '"postgres", no encryption; the server wants TLS, or nobody from here: put '
                "?sslmode=require behind the address"
            ),
        ),
    ],
)
async def test_a_postgresql_that_refuses_us(
    doctor: Doctor, server: PostgresServer, who: str, database: str, told: str
) -> None:
    url = server.url(database).replace("postgres@", f"{who}@", 1)

    (wrong,) = await doctor(NEWSBOT_DATABASE_URL=url)
    assert wrong.startswith("database: database.url (NEWSBOT_DATABASE_URL) postgresql://")
    assert wrong.endswith(f": {told}")


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1:9", "Connection refused; nothing listens at that address"),
        ("db.invalid", "no such host is known here: mend its name"),
    ],
)
async def test_a_postgresql_that_cannot_be_reached(doctor: Doctor, host: str, told: str) -> None:
    (wrong,) = await doctor(NEWSBOT_DATABASE_URL=f"postgresql://newsbot:{PASSWORD}@{host}/newsbot")

    assert told in wrong


async def test_a_database_that_a_newer_newsbot_wrote(doctor: Doctor, tmp_path: Path) -> None:
    with closing(sqlite3.connect(await put_database(tmp_path))) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()

    (wrong,) = await doctor()
    assert wrong.endswith(
        "the database is at revision 9999, which a newer newsbot wrote; install that version or "
        "name another database"
    )


async def test_a_database_that_another_bot_holds(doctor: Doctor, tmp_path: Path) -> None:
    path = await put_database(tmp_path)

    with FileLock(f"{path}.lock"):
        wrong = await doctor()

    assert wrong == [
        (
            "lock: another newsbot holds newsbot.sqlite3 and gives no sign of life: it begins just "
            "now, or hangs; stop it, or name another database with --database"
        )
    ]
    assert await doctor() == []


async def test_a_database_that_another_program_holds(doctor: Doctor, tmp_path: Path) -> None:
    with closing(sqlite3.connect(await put_database(tmp_path), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        wrong = await doctor()

    assert wrong == [
        (
            "lock: another program writes to newsbot.sqlite3 and does not let go; stop it, or name "
            "another database with --database"
        )
    ]


async def test_a_database_without_its_folder(doctor: Doctor) -> None:
    (wrong,) = await doctor("--database", "nowhere/news.sqlite3")

    assert "there is no folder nowhere; create it" in wrong


@pytest.mark.parametrize("has_tokens", [True, False])
async def test_a_database_with_tokens_that_everybody_may_read(
    doctor: Doctor, tmp_path: Path, *, has_tokens: bool
) -> None:
    del doctor  # for its clean environment
    path = await put_database(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        if has_tokens:
            database.execute(
                "INSERT INTO slack_bots (client_id, app_id, bot_token, is_enterprise_install, "
                "installed_at) VALUES ('1', 'A1', 'xoxb-invented', 0, '2018-01-09')"
            )
        database.commit()
    private = await asyncio.to_thread(CliRunner().invoke, app, ["doctor"])
    path.chmod(0o644)
    open_ = await asyncio.to_thread(CliRunner().invoke, app, ["doctor"])

    told = (
        "note  disk: newsbot.sqlite3 holds tokens of Slack workspaces and may be read by every "
        "user of this machine; chmod o-r newsbot.sqlite3\n"
    )
    assert told not in private.output
    assert (told in open_.output) is has_tokens
    assert is_on_the_page(told.removeprefix("note  ").strip())


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no disk here is always full")
async def test_a_disk_without_room(doctor: Doctor) -> None:
    wrong = await doctor("--database", "/proc/news.sqlite3")

    assert (
        "disk: 0 MiB are free where the database is (/proc); make room, or set database.url"
    ) in wrong


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_may_not_be_written(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o500)

    assert await doctor("--database", "data/news.sqlite3") == [
        "disk: data cannot be written: give it to newsbot's user, or set database.url"
    ]


# The network.


async def test_a_port_that_another_program_has(doctor: Doctor) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        where = f"127.0.0.1:{other.getsockname()[1]}"
        wrong = await doctor(
            NEWSBOT_WEB_PUBLIC_URL="https://news.example", NEWSBOT_WEB_LISTEN=where
        )

    assert wrong == [
        (
            f"web.listen (NEWSBOT_WEB_LISTEN): {where} is taken by another program; stop that one "
            "or choose another port"
        )
    ]


async def test_one_port_for_two_doors(doctor: Doctor) -> None:
    wrong = await doctor(
        NEWSBOT_WEB_PUBLIC_URL="https://news.example",
        NEWSBOT_WEB_LISTEN="0.0.0.0:48080",
        NEWSBOT_STATUS_LISTEN="127.0.0.1:48080",
    )

    assert wrong == [
        (
            "settings: NEWSBOT_STATUS_LISTEN, NEWSBOT_WEB_LISTEN: status.listen 127.0.0.1:48080 "
            "takes the port of web.listen (0.0.0.0:48080) too; give one of them another port"
        )
    ]


async def test_no_way_to_discord(doctor: Doctor) -> None:
    (wrong,) = await doctor(
        NEWSBOT_DISCORD_TOKEN=TOKEN, NEWSBOT_DISCORD_API_BASE="https://discord.invalid/api/v10"
    )

    assert wrong.startswith("discord: https://discord.invalid/api/v10 cannot be reached: ")
    assert wrong.endswith("look at this machine's network and DNS, and at discord.api_base")


@pytest.fixture
async def portal() -> AsyncIterator[str]:
    """The address of a network's log-in page, which answers whatever is asked."""

    async def lead_away(_: web.BaseRequest) -> web.Response:
        raise web.HTTPFound("http://log-in.example/")

    server = web.Server(lead_away)
    runner = web.ServerRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_log_in_page_of_the_network(doctor: Doctor, portal: str) -> None:
    first, *_ = await doctor(
        NEWSBOT_DISCORD_TOKEN=TOKEN, NEWSBOT_DISCORD_API_BASE=f"{portal}/api/v10"
    )

    assert first == (
        "way to discord: a page answers in place of the API (log-in.example): this network wants "
        "a log-in, or discord.api_base is wrong; open it in a browser on this machine"
    )


@pytest.mark.parametrize(
    ("off", "told"), [(timedelta(hours=3), "behind"), (timedelta(hours=-3), "ahead of")]
)
async def test_a_clock_that_is_hours_off(doctor: Doctor, off: timedelta, told: str) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        return web.json_response(
            {"ok": True}, headers={"Date": format_datetime(datetime.now(UTC) + off, usegmt=True)}
        )

    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        first, *_ = await doctor(
            NEWSBOT_DISCORD_TOKEN=TOKEN,
            NEWSBOT_DISCORD_API_BASE=f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10",
        )
    finally:
        await runner.cleanup()

    assert first == (
        f"clock: this machine's clock is 180 minutes {told} that of discord; set it (NTP), as "
        "signatures, certificates and due times depend on it"
    )


@pytest.mark.parametrize(
    ("feeds", "allowed", "told"),
    [
        (
            ["http://127.0.0.1:8801/rss"],
            "",
            "http://127.0.0.1:8801/rss: 127.0.0.1 is not a public address",
        ),
        (
            ["https://a.example/rss", "http://localhost/rss", "http://10.0.0.7/rss"],
            "10.0.0.0/8:8080",
            "http://localhost/rss: 127.0.0.1 is not a public address",
        ),
        (["http://localhost:8801/rss", "http://127.0.0.1:8801/"], "127.0.0.1:8801", ""),
    ],
)
async def test_a_feed_that_the_guard_will_refuse_is_a_note(
    doctor: Doctor, tmp_path: Path, feeds: list[str], allowed: str, told: str
) -> None:
    (tmp_path / "feeds.txt").write_text("\n".join(feeds))
    env = {"NEWSBOT_FETCH_ALLOW_ADDRESSES": allowed} if allowed else {}

    answer = await asyncio.to_thread(
        CliRunner().invoke, app, ["doctor", "--feeds", "feeds.txt"], env=env
    )

    assert answer.exit_code == 0
    notes = re.findall(r"^note +(feed list: .*)", answer.output, re.MULTILINE)
    assert [one.partition(" (fetch.allow_addresses); ")[0] for one in notes] == (
        [f"feed list: {told}"] if told else []
    )
    assert all(("; and 1 more" in one) is (len(feeds) > 1) for one in notes)
    assert all(is_on_the_page(one) for one in notes)


async def test_a_proxy_in_the_environment_is_a_note(doctor: Doctor) -> None:
    answer = await asyncio.to_thread(
        CliRunner().invoke, app, ["doctor"], env={"HTTPS_PROXY": "http://proxy.example:3128"}
    )

    assert answer.exit_code == 0
    assert (
        "note  proxy: HTTPS_PROXY is set; feeds, articles and Discord are asked directly, and "
        "need a way out of this network"
    ) in answer.output


# What was installed.


def put_metadata(folder: Path, *lines: str) -> None:
    """Make the folder say that it is newsbot, and what it needs."""
    info = folder / "newsbot-0.1.0.dist-info"
    info.mkdir()
    head = ("Metadata-Version: 2.4", "Name: newsbot", "Version: 0.1.0")
    (info / "METADATA").write_text("\n".join((*head, *lines, "")))


async def test_libraries_of_other_versions(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_metadata(
        tmp_path,
        "Requires-Python: >=3.11",
        "Requires-Dist: psycopg>=99",
        "Requires-Dist: surely-not-installed>=1",
        "Requires-Dist: atheris>=99; extra == 'fuzz'",
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    assert await doctor() == [
        (
            f"libraries: psycopg is {psycopg.__version__}, not >=99; surely-not-installed is "
            "missing: install newsbot again (pip install --upgrade .), best into its own venv"
        )
    ]


async def test_a_python_that_newsbot_is_not_made_for(
    doctor: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_metadata(tmp_path, "Requires-Python: >=4")
    monkeypatch.syspath_prepend(str(tmp_path))

    (wrong,) = await doctor()
    assert wrong.startswith("python: newsbot needs >=4, this is 3.")
