"""The console as a Sender, down to the pipe that is closed at its other end."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from bot.errors import SendRefusedForNow
from bot.model import Digest, Platform, Source
from bot.platforms.console import ConsoleSender
from bot.ports import Sender
from tests.builders import delivery, message


async def test_a_new_story_is_printed_and_its_post_has_an_id() -> None:
    file = io.StringIO()
    sender: Sender = ConsoleSender(Console(file=file))

    ref = await sender.send(delivery(), message())

    assert (sender.platform, ref) == (Platform.CONSOLE, "console:s1")
    assert file.getvalue().startswith("NEW      Huawei fails to get AT&T")


async def test_an_edit_prints_the_shorter_card_and_keeps_the_id() -> None:
    file = io.StringIO()
    sender = ConsoleSender(Console(file=file))
    edited = message(also=(Source("Meridian Journal", None),), revision=2)

    ref = await sender.send(delivery(message_ref="console:s1", sent_revision=1), edited)

    assert ref == "console:s1"
    assert file.getvalue().startswith("UPDATED  ")
    assert "now at 2 outlets, latest first: Meridian Journal, Example Wire" in file.getvalue()


async def test_a_digest_is_printed_as_a_list_and_has_an_id() -> None:
    file = io.StringIO()
    sender = ConsoleSender(Console(file=file))
    digest = Digest((message(), message(story_id="s2", headline="ZTE and Verizon part ways")))

    assert await sender.send(delivery(is_gathered=True), digest) == "console:s1"
    assert file.getvalue().startswith("DIGEST   2 stories")
    assert "ZTE and Verizon part ways" in file.getvalue()


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="Linux alone has a disk that is always full")
def test_a_full_disk_leaves_the_post_owed() -> None:
    with suppress(OSError), FULL.open("w", encoding="utf-8") as full:  # closing it fails again
        sending = ConsoleSender(Console(file=full)).send(delivery(), message())
        with pytest.raises(SendRefusedForNow, match="No space left on device"):
            asyncio.run(sending)


def test_a_reader_that_left_leaves_every_later_post_owed_and_the_program_running() -> None:
    program = textwrap.dedent(
        """
        import asyncio, sys
        from rich.console import Console
        from bot.errors import SendRefusedForNow
        from bot.platforms.console import ConsoleSender
        from tests.builders import delivery, message

        async def main():
            sender = ConsoleSender(Console())
            sys.stdin.readline()
            for _ in range(2):
                try:
                    await sender.send(delivery(), message())
                except SendRefusedForNow as error:
                    print(error, file=sys.stderr)
                else:
                    print("sent", file=sys.stderr)

        asyncio.run(main())
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write("go\n")
        process.stdin.flush()
        process.stdin.close()
        assert process.stderr is not None
        said = process.stderr.read().splitlines()

    assert process.returncode == 0
    assert (
        said
        == ["console: nobody reads the output any more; the post stays owed for the next run"] * 2
    )
