"""A log that is kept, and what was written to it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from bot.telemetry.logs import Form, Level, configure_logging

SECRET = "a-secret-of-ours"


def start(form: Form = "console", level: Level = "info") -> StringIO:
    """Write the log here from now on."""
    stream = StringIO()
    configure_logging(level=level, form=form, secrets=[SECRET], stream=stream)
    return stream


def objects(stream: StringIO) -> list[dict[str, Any]]:
    """Its lines, of JSON."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]
