"""Joining other processes: what stands in the way is told as ``newsbot doctor`` tells it."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from bot.app.cluster import Joint
from bot.errors import DatabaseUnusable
from bot.scheduling.clock import utc_now
from bot.settings import load_settings


async def test_a_database_that_is_away_is_told_in_the_words_of_the_store() -> None:
    with closing(socket.socket()) as taken:  # and nothing listens there
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://newsbot@127.0.0.1:{taken.getsockname()[1]}/newsbot"
        joint = Joint(load_settings(environ={"NEWSBOT_DATABASE_URL": url}), utc_now)

        with pytest.raises(DatabaseUnusable) as caught:
            await joint.prepare()

    assert str(caught.value) == (
        f"database.url (NEWSBOT_DATABASE_URL) {url}: Connection refused; nothing listens at that "
        "address: start the server, or mend host and port"
    )
