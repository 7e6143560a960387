"""A process that commits polls until it is killed; started by test_kill.py.

Poll number n brings twenty entries, opens a story and owes a delivery; its ETag is n.
It goes on from the ETag it finds, and says each number once its commit has returned.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from bot.model import Validators
from bot.store import open_store
from tests.builders import delivery, story
from tests.contract.polls import add_feed, new_entry, outcome, subscribe_all

ENTRIES = 20


async def main(url: str) -> None:
    async with await open_store(url) as store:
        feed = await add_feed(store)
        await subscribe_all(store, [delivery()])
        number = int(feed.validators.etag or 0)
        while True:
            number += 1
            story_id = f"s{number}"
            polled = replace(feed, validators=Validators(str(number)))
            new = (new_entry(f"{number} {n}", story_id=story_id) for n in range(ENTRIES))
            opened, owed = (story(story_id),), (delivery(story_id),)
            await store.commit_poll(outcome(polled, *new, stories=opened, deliveries=owed))
            print(number, flush=True)  # noqa: T201 - read by the parent


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
