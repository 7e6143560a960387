"""Logging: one handler on standard error, for people or for machines, without secrets.

Every line has the ids of what was being worked on: of the poll, or of the story and the
delivery (see ``bot.ports.tracing``). Warnings, and what nobody caught, are lines like others.

Secrets are masked in the finished line and not by a ``logging.Filter``: a filter
sees the message before its arguments, the traceback and the extra fields are in it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

from bot.ports import traced
from bot.telemetry.masking import Masker

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["console", "json"]

HANDLER = "newsbot"
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
log = logging.getLogger(__name__)

_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def configure_logging(
    *,
    level: Level = "info",
    form: Form = "console",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Write this program's log from ``level`` on; other libraries only from warning on.

    Called again it replaces what it set up before. Handlers of others are left alone.

    Args:
        secrets: values to mask besides what looks like a secret.
        stream: standard error if None.
    """
    masker = Masker(secrets)
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.set_name(HANDLER)
    handler.setFormatter(JsonLines(masker) if form == "json" else ConsoleLines(masker))
    root = logging.getLogger()
    for old in [known for known in root.handlers if known.get_name() == HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    ours = logging.getLevelNamesMapping()[level.upper()]
    root.setLevel(max(ours, logging.WARNING))
    logging.getLogger("bot").setLevel(ours)


def log_uncaught() -> None:
    """Have warnings, and exceptions that nobody caught in whatever thread, logged like others.

    Without this the interpreter writes them past the log: over several lines where each should
    be JSON, and with the secrets that a library may have put into them.
    """
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_exception
    threading.excepthook = _log_of_thread
    sys.unraisablehook = _log_unraisable


def _log_exception(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("the program ends on an error that nobody caught", exc_info=(kind, error, trace))


def _log_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is None or issubclass(told.exc_type, SystemExit):
        return
    name = told.thread.name if told.thread else "that is gone"
    caught = (told.exc_type, told.exc_value, told.exc_traceback)
    log.error("thread %s ended on an error that nobody caught", name, exc_info=caught)


def _log_unraisable(told: Any) -> None:  # sys.UnraisableHookArgs is there for type checkers alone
    if told.exc_value is not None:
        caught = (told.exc_type, told.exc_value, told.exc_traceback)
        log.error("%s %r", told.err_msg or "ignored in", told.object, exc_info=caught)


class ConsoleLines(logging.Formatter):
    """``2018-01-09 08:30:00Z INFO bot.pipeline.poll: message``, and a traceback below it.

    What a feed wrote cannot start a line of its own or move the cursor: control and
    direction characters are written out.
    """

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; only its traceback has further lines."""
        message = record.getMessage().replace("\n", r"\n")
        fields = "".join(f" {key}={value}" for key, value in _extra(record).items())
        fields = fields.replace("\n", r"\n")
        lines = [f"{_time(record, 'seconds')} {record.levelname} {record.name}: {message}{fields}"]
        lines += [part.rstrip("\n") for part in _traces(self, record)]
        return _CONTROLS.sub(_written_out, self._masker.mask("\n".join(lines)))


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, message, error where there is one, and extras."""

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; every text is masked before it is quoted."""
        said: dict[str, Any] = {
            "at": _time(record, "milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._masker.mask(record.getMessage()),
        }
        if traces := _traces(self, record):
            said["error"] = self._masker.mask("\n".join(traces))
        for key, value in _extra(record).items():
            is_plain = value is None or isinstance(value, bool | int | float)
            said.setdefault(key, value if is_plain else self._masker.mask(str(value)))
        return json.dumps(said, ensure_ascii=False)


def _time(record: logging.LogRecord, precision: str) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(" ", precision)
    return at.replace("+00:00", "Z")


def _extra(record: logging.LogRecord) -> Mapping[str, object]:
    """The ids of what is worked on, and what the caller put beside the message (``extra=``)."""
    said = {k: v for k, v in record.__dict__.items() if k not in _OWN_FIELDS}
    return {**traced(), **said}


def _traces(formatter: logging.Formatter, record: logging.LogRecord) -> list[str]:
    traces = []
    if record.exc_info:
        traces.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        traces.append(formatter.formatStack(record.stack_info))
    return traces


def _written_out(control: re.Match[str]) -> str:
    return control.group().encode("unicode_escape").decode("ascii")
