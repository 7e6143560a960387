"""The metadata of a message: an event type, and a payload that is an object.

After the Slack documentation, "Message metadata".
"""

from __future__ import annotations

import re
from typing import Any

from tests.servers.slack.refusal import Refused
from tests.servers.slack.world import size_of

EVENT_TYPE = re.compile(r"[A-Za-z0-9_]{1,255}")
MOST_BYTES = 8_000


def read_metadata(given: Any) -> dict[str, Any]:
    """What is kept of metadata; {} takes it away.

    Raises:
        Refused: invalid_metadata_format, invalid_metadata_schema, metadata_too_large.
    """
    if not isinstance(given, dict):
        raise Refused("invalid_metadata_format")
    if not given:
        return {}
    kind, payload = given.get("event_type"), given.get("event_payload")
    if set(given) != {"event_type", "event_payload"} or not isinstance(payload, dict):
        raise Refused("invalid_metadata_schema")
    if not isinstance(kind, str) or not EVENT_TYPE.fullmatch(kind):
        raise Refused("invalid_metadata_schema")
    if size_of(given) > MOST_BYTES:
        raise Refused("metadata_too_large")
    return given
