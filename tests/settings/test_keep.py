"""For how long things are kept: for ever, or for as long as a preview shows at least."""

from __future__ import annotations

import pytest

from bot.errors import SettingsInvalid
from bot.settings import load_settings


@pytest.mark.parametrize("days", [0, 30, 3650])
def test_days_are_kept_as_they_are_set(days: int) -> None:
    keep = load_settings(environ={"NEWSBOT_KEEP_STORIES_DAYS": str(days)}).keep

    assert (keep.stories_days, keep.audit_days) == (days, 0)


@pytest.mark.parametrize("days", ["1", "29", "-1", "1.5", "long"])
def test_too_few_days_are_refused(days: str) -> None:
    with pytest.raises(SettingsInvalid, match="NEWSBOT_KEEP_AUDIT_DAYS"):
        load_settings(environ={"NEWSBOT_KEEP_AUDIT_DAYS": days})
