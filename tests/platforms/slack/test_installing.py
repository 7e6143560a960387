"""The pages of an installation: what a person sees when it goes well, and when it does not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, text, update

from bot.platforms.slack import installing
from bot.platforms.slack.pages import draw_failure, draw_installed
from bot.store import open_store
from tests.platforms.slack.webstage import PUBLIC, SCOPES, Many, open_many
from tests.servers.slack import SlackServer
from tests.servers.slack.faults import Fault
from tests.servers.slack.oauth import CLIENT_ID

BEGIN_AGAIN = f'<a href="{PUBLIC}/slack/install">Begin again</a>'


@pytest.fixture
async def many(tmp_path: Path) -> AsyncIterator[Many]:
    """Nobody has installed the app yet; somebody of the first workspace is about to."""
    async with (
        SlackServer() as server,
        await open_store(str(tmp_path / "news.sqlite3")) as store,
        open_many(server, store) as opened,
    ):
        server.installer = server.person
        yield opened


async def count_states(many: Many) -> int:
    states = many.workspaces.states.oauth_states
    async with many.store.database.reading() as connection:
        return await connection.scalar(select(func.count()).select_from(states)) or 0


async def grow_old(many: Many) -> None:
    """Have every installation under way begun eleven minutes ago."""
    states = many.workspaces.states.oauth_states
    gone = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)
    async with many.store.database.writing() as connection:
        await connection.execute(update(states).values(expire_at=gone))


async def test_slack_is_asked_for_what_the_manifest_names_and_no_more(many: Many) -> None:
    _, slack, _ = await many.browser().get(f"{PUBLIC}/slack/install")

    asked = parse_qs(urlsplit(slack).query)
    assert slack.startswith(f"{many.server.root}/oauth/v2/authorize?")
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["scope"] == [",".join(SCOPES)]
    assert "user_scope" not in asked
    assert asked["redirect_uri"] == [f"{PUBLIC}/slack/oauth_redirect"]


async def test_who_finishes_is_told_what_comes_next(many: Many) -> None:
    status, page = await many.browser().install()

    assert status == 200
    assert "<h1>Installed in Phone Fans</h1>" in page
    assert "/alerts subscribe" in page
    assert await count_states(many) == 0


async def test_who_cancels_in_slack_has_changed_nothing(many: Many) -> None:
    many.server.installer = None

    status, page = await many.browser().install()

    assert status == 200
    assert "The installation was cancelled in Slack. Nothing has changed." in page
    assert BEGIN_AGAIN in page
    assert await many.workspaces.count() == 0


async def test_who_takes_longer_than_ten_minutes_begins_again(many: Many) -> None:
    browser = many.browser()
    back = await browser.begin()
    await grow_old(many)

    status, _, page = await browser.get(back)

    assert status == 401
    assert "<h1>This installation is too old</h1>" in page
    assert BEGIN_AGAIN in page
    assert await many.workspaces.count() == 0
    assert (await browser.install())[0] == 200


async def test_an_installation_of_another_browser_is_not_finished(many: Many) -> None:
    back = await many.browser().begin()

    status, _, page = await many.browser().get(back)

    assert status == 400
    assert "begun in another browser, or this page was loaded a second time" in page
    assert await many.workspaces.count() == 0


async def test_the_last_page_loaded_again_installs_nothing_again(many: Many) -> None:
    browser = many.browser()
    back = await browser.begin()
    first, _, _ = await browser.get(back)
    traded = many.server.count("oauth.v2.access")

    again, _, page = await browser.get(back)

    assert (first, again) == (200, 400)
    assert "If Slack lists the app already, all is well" in page
    assert many.server.count("oauth.v2.access") == traded


async def test_a_code_that_slack_does_not_know_is_told(many: Many) -> None:
    browser = many.browser()
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]

    status, _, page = await browser.get(f"{PUBLIC}/slack/oauth_redirect?code=made-up&state={state}")

    assert status == 401
    assert "Slack did not confirm the installation" in page
    assert await many.workspaces.count() == 0


async def test_no_code_at_all_is_told(many: Many) -> None:
    browser = many.browser()
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]

    status, _, page = await browser.get(f"{PUBLIC}/slack/oauth_redirect?state={state}")

    assert status == 401
    assert "Slack sent no confirmation along" in page


async def test_while_slack_is_away_nothing_is_kept_and_the_next_attempt_works(
    many: Many, caplog: pytest.LogCaptureFixture
) -> None:
    many.server.faults.add(Fault("drop", method="oauth.v2.access"))
    browser = many.browser()

    status, page = await browser.install()

    assert status == 502
    assert "<h1>Slack does not answer</h1>" in page
    assert await many.workspaces.count() == 0
    assert "an installation broke off" in caplog.text
    assert (await browser.install())[0] == 200


async def test_a_database_that_fails_is_logged_and_told_without_its_words(
    many: Many, caplog: pytest.LogCaptureFixture
) -> None:
    browser = many.browser()
    back = await browser.begin()
    async with many.store.database.writing() as connection:
        await connection.execute(text("ALTER TABLE slack_bots RENAME TO slack_bots_away"))

    status, _, page = await browser.get(back)

    assert status == 500
    assert "<h1>Something went wrong here</h1>" in page
    assert "slack_bots" not in page
    assert "no such table: slack_bots" in caplog.text
    assert "unseen" not in caplog.text


async def test_a_token_that_cannot_be_written_stands_in_no_log(
    many: Many, caplog: pytest.LogCaptureFixture
) -> None:
    fails = "CREATE TRIGGER full BEFORE INSERT ON slack_bots BEGIN SELECT RAISE(ABORT, 'full'); END"
    async with many.store.database.writing() as connection:
        await connection.execute(text(fails))

    status, page = await many.browser().install()

    assert status == 500
    assert "unseen" not in page
    assert "full" in caplog.text
    assert "unseen" not in caplog.text


async def test_installations_that_ran_out_are_forgotten_with_the_next(many: Many) -> None:
    for _ in range(3):
        await many.browser().begin()
    await grow_old(many)

    await many.browser().begin()

    assert await count_states(many) == 1


async def test_so_many_at_once_are_put_off_and_write_nothing(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "MOST_BEGUN", 3)
    for _ in range(3):
        await many.browser().begin()

    status, _, page = await many.browser().get(f"{PUBLIC}/slack/install")

    assert status == 503
    assert "<h1>Please try again in ten minutes</h1>" in page
    assert await count_states(many) == 3
    await grow_old(many)
    assert (await many.browser().install())[0] == 200


async def test_several_people_install_at_once(many: Many) -> None:
    ended = await asyncio.gather(*(many.browser().install() for _ in range(8)))

    assert [status for status, _ in ended] == [200] * 8
    assert await many.workspaces.count() == 1


async def test_no_page_is_kept_or_passed_on_or_runs_anything(many: Many) -> None:
    async with many.session.get(f"{many.door.address}/slack/oauth_redirect?error=x") as answer:
        assert answer.content_type == "text/html"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_looking_with_head_begins_nothing(many: Many) -> None:
    async with many.session.head(f"{many.door.address}/slack/install") as answer:
        assert answer.status == 405

    assert await count_states(many) == 0


async def test_neither_code_nor_secret_is_logged(
    many: Many, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    back = await many.browser().begin()
    await many.browser().get(back)
    await many.browser().install()

    query = parse_qs(urlsplit(back).query)
    assert "installed in Phone Fans" in caplog.text
    for secret in (query["code"][0], query["state"][0], "invented-client-secret", "xoxb"):
        assert secret not in caplog.text


@pytest.mark.parametrize("reason", ["<script>alert(1)</script>", "x" * 500])
def test_a_reason_that_anybody_can_write_is_short_and_harmless(reason: str) -> None:
    page = draw_failure(reason, again_url=f"{PUBLIC}/slack/install")

    assert "<script" not in page
    assert "x" * 61 not in page
    assert BEGIN_AGAIN in page


def test_the_name_of_a_workspace_is_text() -> None:
    page = draw_installed("<b>AT&T</b>", is_organization=False, open_url="https://a.example/?a&b")

    assert "Installed in &lt;b&gt;AT&amp;T&lt;/b&gt;" in page
    assert 'href="https://a.example/?a&amp;b"' in page


def test_an_organization_is_told_that_its_workspaces_come_next() -> None:
    page = draw_installed("Phone Group", is_organization=True, open_url="")

    assert "now choose the workspaces" in page
    assert "Open Slack" not in page
