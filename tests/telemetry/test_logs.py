from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from bot.telemetry.logs import HANDLER, Form, Level, configure_logging

SECRET = "a-secret-of-ours"

log = logging.getLogger("bot.somewhere")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("bot")
    levels = root.level, ours.level
    yield
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    for handler in [one for one in root.handlers if one.get_name() == HANDLER]:
        root.removeHandler(handler)


def start(form: Form = "console", level: Level = "info") -> StringIO:
    stream = StringIO()
    configure_logging(level=level, form=form, secrets=[SECRET], stream=stream)
    return stream


def fail(message: str) -> None:
    raise ValueError(message)


def objects(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


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
