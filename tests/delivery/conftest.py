"""An outbox for every test of what delivery and store do together."""

from __future__ import annotations

import pytest

from bot.store import SqlStore
from tests.delivery.lab import Outbox


@pytest.fixture
def both(store: SqlStore) -> Outbox:
    """An outbox; the test runs once on each engine."""
    return Outbox(store)
