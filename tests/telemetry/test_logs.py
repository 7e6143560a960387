from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from io import StringIO

import pytest

from bot.ports import tracing
from bot.telemetry.logs import Form, configure_logging, log_uncaught
from tests.telemetry.lines import SECRET, objects, start

log = logging.getLogger("bot.somewhere")


def fail(message: str) -> None:
    raise ValueError(message)


def test_a_console_line_has_time_level_logger_and_message() -> None:
    stream = start()
    log.info("polled %d feeds", 3, extra={"failed": 1})

    at, told = stream.getvalue().split("Z ", 1)
    assert len(at) == len("2018-01-09 08:30:00")
    assert told == "INFO bot.somewhere: polled 3 feeds failed=1\n"


def test_json_lines_keep_extras_apart_from_what_is_always_there() -> None:
    stream = start("json")
    log.warning("polled %s", "华为", extra={"failed": 1, "feed": "wire", "level": "mine"})

    (said,) = objects(stream)
    assert said.pop("at").endswith("Z")
    assert said == {
        "level": "warning",
        "logger": "bot.somewhere",
        "message": "polled 华为",
        "failed": 1,
        "feed": "wire",
    }


@pytest.mark.parametrize("form", ["console", "json"])
def test_secrets_are_masked_in_message_arguments_extras_and_traceback(form: Form) -> None:
    stream = start(form)
    try:
        fail(f"refused {SECRET} at https://u:{SECRET}@h.example/")
    except ValueError:
        log.exception("with %s and xoxb-1-2", SECRET, extra={"header": f"Bot {SECRET}"})

    written = stream.getvalue()
    assert SECRET not in written
    assert "xoxb-1-2" not in written
    assert "ValueError: refused *** at https://***@h.example/" in written


def test_a_secret_that_json_would_quote_is_masked_too() -> None:
    stream = StringIO()
    configure_logging(form="json", secrets=['quo"ted-secret'], stream=stream)
    log.info('it is quo"ted-secret')

    assert objects(stream)[0]["message"] == "it is ***"


def test_a_feeds_text_cannot_forge_a_console_line_or_move_the_cursor() -> None:
    stream = start()
    log.info("title: %s", "a\n2018-01-09 INFO forged\x1b[2J\u202eb")

    assert stream.getvalue().count("\n") == 1
    assert r"a\n2018-01-09 INFO forged\x1b[2J\u202eb" in stream.getvalue()


def test_a_traceback_keeps_its_lines() -> None:
    stream = start()
    try:
        fail("gone")
    except ValueError:
        log.exception("failed")

    assert stream.getvalue().splitlines()[-1] == "ValueError: gone"
    assert stream.getvalue().count("\n") >= 4


def test_other_libraries_are_heard_from_warning_on() -> None:
    stream = start(level="debug")
    library = logging.getLogger("httpx")
    library.info("HTTP Request: GET")
    library.warning("pool is full")
    log.debug("ours")

    assert [line.split(" ", 2)[2] for line in stream.getvalue().splitlines()] == [
        "WARNING httpx: pool is full",
        "DEBUG bot.somewhere: ours",
    ]


def test_the_level_silences_what_is_below_it() -> None:
    stream = start(level="error")
    log.warning("hushed")
    logging.getLogger("httpx").warning("hushed")
    log.error("heard")

    assert stream.getvalue().count("\n") == 1


def test_configuring_again_replaces_only_its_own_handler() -> None:
    other = logging.NullHandler()
    logging.getLogger().addHandler(other)
    first, second = start(), start()
    log.info("once")
    was_left_alone = other in logging.getLogger().handlers
    logging.getLogger().removeHandler(other)

    assert (first.getvalue(), second.getvalue().count("once")) == ("", 1)
    assert was_left_alone


@pytest.fixture
def _uncaught() -> Iterator[None]:
    """Everything that nobody caught is logged as long as the test lasts."""
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    logging.captureWarnings(capture=False)
    log_uncaught()
    yield
    logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = before


@pytest.mark.parametrize("form", ["console", "json"])
def test_every_line_has_the_ids_of_what_is_worked_on(form: Form) -> None:
    stream = start(form)
    with tracing(story="qh7udvwj7n"), tracing(delivery="6d4e2eb3"):
        log.info("posted")
    log.info("done")

    posted, done = stream.getvalue().splitlines()
    words = (
        "story=qh7udvwj7n delivery=6d4e2eb3"
        if form == "console"
        else '"story": "qh7udvwj7n", "delivery": "6d4e2eb3"'
    )
    assert words in posted
    assert "qh7udvwj7n" not in done


@pytest.mark.usefixtures("_uncaught")
@pytest.mark.filterwarnings("default")
def test_warnings_are_lines_like_others() -> None:
    stream = start("json")
    warnings.warn(f"old ways with {SECRET}", DeprecationWarning, stacklevel=1)

    (said,) = objects(stream)
    assert (said["level"], said["logger"]) == ("warning", "py.warnings")
    assert "DeprecationWarning: old ways with ***" in said["message"]


@pytest.mark.usefixtures("_uncaught")
def test_what_nobody_caught_in_a_thread_is_a_line_without_secrets() -> None:
    stream = start("json")
    thread = threading.Thread(target=fail, args=(f"lost {SECRET}",), name="helper")
    thread.start()
    thread.join()

    (said,) = objects(stream)
    assert said["message"] == "thread helper ended on an error that nobody caught"
    assert said["error"].endswith("ValueError: lost ***")


@pytest.mark.usefixtures("_uncaught")
def test_what_ends_the_program_is_a_line_without_secrets() -> None:
    stream = start("json")
    try:
        fail(f"lost {SECRET}")
    except ValueError:
        sys.excepthook(*sys.exc_info())

    (said,) = objects(stream)
    assert (said["level"], said["error"].splitlines()[-1]) == ("critical", "ValueError: lost ***")


@pytest.mark.usefixtures("_uncaught")
def test_an_error_where_none_can_be_raised_is_a_line_too() -> None:
    class Falling:
        def __del__(self) -> None:
            fail(f"lost {SECRET}")

    stream = start("json")
    Falling()

    (said,) = objects(stream)
    assert said["error"].splitlines()[-1] == "ValueError: lost ***"


SPOKEN = (
    "xoxb-2718281828-abcDEF",
    "xapp-1-A0-314159-abcdef",
    "https://hooks.slack.com/services/T0AA/B0BB/cc11dd22ee",
    "https://discord.com/api/webhooks/1234567890/aB3-secret-of-a-webhook",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789",
    "postgresql://bot:hunter2hunter2@db.example/news",
    "https://wire.example/rss?key=hunter2hunter2",
    "Authorization: Bearer 0123456789abcdef0123456789abcdef01234567",
)
"""What libraries and feeds' addresses bring along, though we were never told that it is secret."""


@pytest.mark.parametrize("form", ["console", "json"])
@pytest.mark.parametrize("spoken", SPOKEN)
def test_what_looks_like_a_secret_never_appears(spoken: str, form: Form) -> None:
    stream = start(form)
    try:
        fail(f"refused at {spoken}")
    except ValueError:
        with tracing(story=spoken):
            log.exception("asked %s", spoken, extra={"header": spoken, "list": [spoken]})

    written = stream.getvalue()
    told = ("2718281828", "314159", "cc11dd22ee", "aB3-", "GabcDE", "hunter2", "0123456789abcdef")
    assert "ValueError: refused at " in written
    assert not [secret for secret in told if secret in written]
