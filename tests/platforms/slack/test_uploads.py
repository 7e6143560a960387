from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.command import Upload
from bot.errors import InputInvalid
from bot.platforms.slack.clients import make_client, open_session
from bot.platforms.slack.fields import PickedFile
from bot.platforms.slack.uploads import load_upload
from tests.servers.slack import Fault, SlackServer

CONTENT = b"https://wire.example/rss\n" * 4_000


@dataclass
class Desk:
    server: SlackServer
    client: AsyncWebClient

    def pick(self, content: bytes = CONTENT) -> PickedFile:
        """A file that somebody put into a form."""
        given = self.server.give_file("feeds.txt", content)
        return PickedFile(given["id"], given["name"], given["url_private"], given["size"])


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with SlackServer() as server, open_session() as session:
        client = make_client(server.bot_token, api_base=server.api_base, session=session)
        yield Desk(server, client)


async def test_a_file_is_fetched_with_the_token_of_the_bot(desk: Desk) -> None:
    upload = await load_upload(desk.client, desk.pick(), max_bytes=1_000_000)

    assert upload == Upload("feeds.txt", CONTENT)


@pytest.mark.parametrize("said", [len(CONTENT), 0])
async def test_a_file_that_is_too_large_is_refused_whatever_is_said_of_it(
    desk: Desk, said: int
) -> None:
    file = desk.pick()
    file = PickedFile(file.id, file.name, file.url, said)

    with pytest.raises(InputInvalid, match=r"^file: feeds.txt has more than 50000 bytes"):
        await load_upload(desk.client, file, max_bytes=50_000)


async def test_the_token_is_given_to_nobody_but_slack(desk: Desk) -> None:
    async with SlackServer() as other:
        given = other.give_file("feeds.txt", CONTENT)
        file = PickedFile("F1", "feeds.txt", given["url_private"], given["size"])

        with pytest.raises(InputInvalid, match="its address is not one of Slack"):
            await load_upload(desk.client, file, max_bytes=1_000_000)


async def test_a_file_that_slack_does_not_hand_out_is_said_to_be_so(desk: Desk) -> None:
    file = desk.pick()
    desk.server.faults.add(Fault(503, method="download"))

    with pytest.raises(InputInvalid, match=r"^file: Slack did not hand feeds.txt out \(status 503"):
        await load_upload(desk.client, file, max_bytes=1_000_000)
