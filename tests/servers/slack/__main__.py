"""Run the server by hand, or send a line to one that runs.

--port 8802                    run until Ctrl+C; lines typed here are those of a person
--port 8802 do "/news recent"  send one line to a server that runs there
--port 8802 do help            what lines there are
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import threading

import httpx
from aiohttp import web

from tests.servers.slack.prompt import Prompt
from tests.servers.slack.server import SlackServer


class ControlledServer(SlackServer):
    """The server with a prompt at ``POST /control`` (a line as text, the answer as text)."""

    def extend(self, app: web.Application) -> None:
        """Add ``/control``."""
        self.prompt = Prompt(self)
        app.router.add_post("/control", self._control)

    async def _control(self, request: web.Request) -> web.Response:
        return web.Response(text=await self.prompt.obey(await request.text()))


def main(words: list[str] | None = None) -> int:
    """Run as the module's docstring says; 1 where the line could not be obeyed."""
    given = _parser().parse_args(words)
    if given.act is None:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(given.port, is_limited=not given.unlimited))
        return 0
    try:
        answer = send(f"http://127.0.0.1:{given.port}", " ".join(given.line))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    _tell(answer)
    return int(answer.startswith("!"))


def send(root: str, line: str) -> str:
    """Send a line to the server at ``root``; its answer.

    Raises:
        OSError: no server there.
    """
    try:
        return httpx.post(f"{root}/control", content=line, timeout=60, trust_env=False).text
    except httpx.TransportError as error:
        raise ConnectionError(f"no server at {root}: {error}") from error


async def _serve(port: int, *, is_limited: bool) -> None:
    async with ControlledServer(port=port, is_limited=is_limited) as server:
        _tell(
            f"NEWSBOT_SLACK_API_BASE={server.api_base}\n"
            f"NEWSBOT_SLACK_BOT_TOKEN={server.bot_token}\n"
            f"NEWSBOT_SLACK_APP_TOKEN={server.app_token}\n"
            f"CONTROL={server.root}/control"
        )
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        # A thread of its own that nobody waits for: Ctrl+C would hang in a read otherwise.
        reader = threading.Thread(target=_read_lines, args=(loop, lines), daemon=True)
        reader.start()
        while True:
            _tell(await server.prompt.obey(await lines.get()))


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    for line in sys.stdin:
        if line.strip():
            loop.call_soon_threadsafe(lines.put_nowait, line)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.servers.slack",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8802, help="0 for a free one")
    parser.add_argument("--unlimited", action="store_true", help="serve without rate limits")
    parser.set_defaults(act=None)
    sub = parser.add_subparsers().add_parser("do")
    sub.set_defaults(act="do")
    sub.add_argument("line", nargs="+")
    return parser


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
