"""The section of when the bot counts as ill."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from bot.settings.section import Section
from bot.settings.values import Seconds, WholeOrZero, refuse_bool

Share = Annotated[float, BeforeValidator(refuse_bool), Field(gt=0, le=1, allow_inf_nan=False)]
"""A part of a whole, above 0 and up to 1."""


class HealthSettings(Section):
    """From when on ``/readyz`` says no; see bot/web/readiness.py.

    Attributes:
        late_s: a feed that is due for longer counts as late. Three times the shortest usual
            interval: by then not one poll was late but several did not happen.
        late_share: of all feeds may be late at most. A feed whose server is away or wants to be
            left alone is not due, so in good health none is late.
        backlog_s: that the oldest delivery may be due. Platforms have bad minutes, and are
            asked again within seconds; what was news ten minutes ago is late.
        gateway_s: that nothing which people do arrives from a platform. A connection that broke
            is replaced after two minutes, and tried again every minute.
        disk_free_mb: MiB that SQLite must have left. Ten thousand feeds take 60 in a day.
    """

    late_s: Seconds = 900.0
    late_share: Share = 0.1
    backlog_s: Seconds = 600.0
    gateway_s: Seconds = 300.0
    disk_free_mb: WholeOrZero = 512
