"""What machines ask: whether the process lives, whether the bot does its work, and in numbers.

``/healthz`` is for whoever restarts a process that hangs, and asks no database: one that is away
is not mended by a restart. ``/readyz`` is for whoever must know that news would not come, and
says why; ``?only=database,scheduler`` looks at these conditions alone. ``/metrics`` is for
Prometheus and its like.

Without the token, where there is one, the first two answer with a word and no figures.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import asdict, dataclass

from aiohttp import web

from bot.errors import InputInvalid
from bot.web.access import Access, Keys
from bot.web.readiness import CHECKS, Check
from bot.web.site import Route

_ILL = 503


@dataclass(frozen=True, slots=True)
class Probes:
    """What is asked by the probes.

    Attributes:
        check_life: whether the process keeps time; waits for nothing.
        check_work: every condition of readiness.
        expose: the numbers as text in the form that an Accept header asks for, and its type.
    """

    check_life: Callable[[], Check]
    check_work: Callable[[], Awaitable[Sequence[Check]]]
    expose: Callable[[str], Awaitable[tuple[bytes, str]]]


def make_routes(probes: Probes, keys: Keys) -> tuple[Route, ...]:
    """The routes of ``probes``; none of them waits for a turn."""

    async def tell_life(request: web.Request) -> web.Response:
        return _tell([probes.check_life()], request, keys, word="alive")

    async def tell_work(request: web.Request) -> web.Response:
        wanted = _find_wanted(request)
        checks = [check for check in await probes.check_work() if check.name in wanted]
        return _tell(checks, request, keys, word="ready")

    async def tell_numbers(request: web.Request) -> web.Response:
        body, content_type = await probes.expose(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    return (
        Route("/healthz", tell_life, Access.ALL, is_limited=False),
        Route("/readyz", tell_work, Access.ALL, is_limited=False),
        Route("/metrics", tell_numbers, Access.READER, is_limited=False),
    )


def _find_wanted(request: web.Request) -> Collection[str]:
    """The conditions that are asked for, all by default.

    Raises:
        InputInvalid: there is none of a name.
    """
    names = [name for name in request.query.get("only", "").split(",") if name]
    if unknown := [name for name in names if name not in CHECKS]:
        raise InputInvalid(f"only={','.join(unknown)}: there are {', '.join(CHECKS)}")
    return names or CHECKS


def _tell(checks: Sequence[Check], request: web.Request, keys: Keys, *, word: str) -> web.Response:
    is_good = all(check.is_good for check in checks)
    status, said = (200, word) if is_good else (_ILL, f"not {word}")
    shown = checks if keys.lets_in(request, Access.READER) else ()
    if "json" in request.headers.get("Accept", ""):
        told = {"status": said, "checks": [asdict(check) for check in shown]}
        return web.json_response(told, status=status)
    lines = [f"{'ok  ' if one.is_good else 'FAIL'} {one.name:9} {one.figure}" for one in shown]
    return web.Response(status=status, text="\n".join([said, *lines, ""]))
