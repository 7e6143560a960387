"""The tests' own PostgreSQL."""

from __future__ import annotations

from typing import Literal

import psutil
import psycopg
import pytest

from tests.servers.postgres import running_postgres


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_keeps_the_address_and_what_was_committed(
    mode: Literal["fast", "immediate"],
) -> None:
    with running_postgres() as server:
        first = psutil.Process(server.pid)
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
            server.restart(mode)
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")
        with psycopg.connect(server.url()) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
        second = psutil.Process(server.pid)
        assert first.pid != second.pid

    assert not second.is_running() or second.status() == psutil.STATUS_ZOMBIE
    assert not server.folder.exists()
