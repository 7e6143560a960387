"""Serves the attacks until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from tests.servers.hostile import CASES, CONTROL, HostileServer, host_of


async def serve(port: int, *, is_quiet: bool) -> None:
    """Print the port and, unless ``is_quiet``, all cases; then serve for ever."""
    server = await HostileServer(CASES).open(port)
    sys.stdout.write(f"{server.port}\n")
    if not is_quiet:
        for index, case in enumerate(CASES):
            address = case.address(host_of(index), server.port)
            sys.stdout.write(f"{case.name:32} {address:44} {case.does} -> {case.expect}\n")
        sys.stdout.write(f"what happened: http://{CONTROL}:{server.port}/canary and /asked\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await server.close()


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.hostile", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any that is free")
    parser.add_argument("--quiet", action="store_true", help="print the port alone")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.port, is_quiet=given.quiet))


if __name__ == "__main__":
    main()
