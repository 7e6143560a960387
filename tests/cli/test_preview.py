"""``newsbot preview``: what will be posted, on the screen or as a page."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from bot.cli.program import app

runner = CliRunner()


def test_without_a_file_the_messages_are_printed() -> None:
    result = runner.invoke(app, ["preview"])

    assert result.exit_code == 0
    assert "PAIR · deal off" in result.stdout
    assert "[ Mute story ]" in result.stdout
    assert "PAIR · deal off · @newsroom" in result.stdout
    assert "266 stories in the last 30 days" in result.stdout


def test_slack_is_drawn_where_it_is_asked_for() -> None:
    result = runner.invoke(app, ["preview", "--platform", "slack"])

    assert result.exit_code == 0
    assert "PAIR CONFIRMED · deal off" in result.stdout
    assert "replied to a thread: AT&T walks away" in result.stdout
    assert "[ Mute story ]" in result.stdout
    assert "@newsroom" in result.stdout
    assert "── /alerts settings ──" in result.stdout


def test_another_platform_is_none() -> None:
    result = runner.invoke(app, ["preview", "--platform", "fax"])

    assert result.exit_code == 2
    assert "slack" in result.stderr


def test_a_page_of_slack_is_written_too(tmp_path: Path) -> None:
    page = tmp_path / "preview.html"
    result = runner.invoke(app, ["preview", "--platform", "slack", "--html", str(page)])

    assert result.exit_code == 0
    assert "newsbot on Slack" in page.read_text("utf-8")


def test_a_page_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    page = tmp_path / "preview.html"
    result = runner.invoke(app, ["preview", "--html", str(page), "--phone"])

    assert result.exit_code == 0
    assert str(page) in result.stdout.replace("\n", "")
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    result = runner.invoke(app, ["preview", "--html", str(tmp_path / "no" / "page.html")])

    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_the_width_of_a_phone_is_about_the_page_alone() -> None:
    result = runner.invoke(app, ["preview", "--phone"])

    assert result.exit_code == 2
    assert "--html FILE" in result.stderr
