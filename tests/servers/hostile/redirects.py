"""Ways to lead us where nobody may be asked: addresses, redirects, names, certificates."""

from __future__ import annotations

from ipaddress import ip_address

from bot.errors import Trouble
from tests.servers.hostile.case import (
    CALM,
    CANARY,
    HTML,
    Call,
    Case,
    Expect,
    Serve,
    always,
    rss,
    serve_nothing,
)

FEED = rss(CALM)
READ = Expect(entries=1)
REFUSED = Expect(trouble=Trouble.REFUSED_ADDRESS)
ENDLESS = Expect(trouble=Trouble.ANSWER, says=r"redirects")

_AS_NUMBER = int(ip_address(CANARY))
_PARTS = [int(part) for part in CANARY.split(".")]
_HALVES = f"{_AS_NUMBER >> 16:x}:{_AS_NUMBER & 0xFFFF:x}"

SPELT = {
    "plain": CANARY,
    "decimal": f"{_AS_NUMBER}",
    "hex": f"0x{_AS_NUMBER:x}",
    "octal": ".".join(f"0{part:o}" for part in _PARTS),
    "mixed": f"0x7f.{_PARTS[1]}.0{_PARTS[2]:o}.{_PARTS[3]}",
    "short": "127.4342338",
    "with-a-point": f"{CANARY}.",
    "full-width": CANARY.translate({ord(str(n)): ord("０") + n for n in range(10)}),
    "percent": CANARY.replace(".", "%2e"),
    "mapped": f"[::ffff:{CANARY}]",
    "mapped-in-hex": f"[::ffff:{_HALVES}]",
    "compatible": f"[::{CANARY}]",
    "nat64": f"[64:ff9b::{_HALVES}]",
    "6to4": f"[2002:{_HALVES}::1]",
    "zone": "[fe80::1%25lo]",
    "localhost": "localhost",
    "loopback6": "[::1]",
    "any": "0.0.0.0",
}
"""The canary, as attackers write it."""

ELSEWHERE = {
    "private": "http://10.0.0.1/feed",
    "private-172": "http://172.16.0.1/feed",
    "private-192": "http://192.168.1.1/feed",
    "link-local": "http://169.254.169.254/latest/meta-data/",
    "azure": "http://168.63.129.16/machine",
    "cgnat": "http://100.64.0.1/feed",
    "cgnat-metadata": "http://100.100.100.200/latest/meta-data/",
    "unique-local": "http://[fd00:ec2::254]/latest/meta-data/",
    "multicast": "http://224.0.0.1/feed",
    "broadcast": "http://255.255.255.255/feed",
    "mail-port": "http://93.184.215.14:25/feed",
    "redis-port": "http://93.184.215.14:6379/feed",
    "file": "file:///etc/passwd",
    "gopher": f"gopher://{CANARY}:70/_GET",
    "ftp": f"ftp://{CANARY}/feed",
    "dict": f"dict://{CANARY}:11211/stat",
    "javascript": "javascript:alert(1)",
    "data": "data:application/rss+xml,<rss/>",
    "unix": "unix:/var/run/docker.sock",
    "user": "http://user:secret@wire.example/feed",
    "backslash": f"http://wire.example\\@{CANARY}/feed",
}


def leading(to: str, status: int = 302) -> Serve:
    """Redirects to ``to``; {port} and {host} are filled in."""

    async def serve(call: Call) -> None:
        filled = to.replace("{port}", str(call.port)).replace("{host}", call.host)
        location = filled.encode().decode("latin-1")
        await call.answer(b"", f"Location: {location}", status=f"{status} Elsewhere")

    return serve


def chain(hops: int, status: int = 302) -> Serve:
    """Redirects so often, each time to another path, then the feed."""

    async def serve(call: Call) -> None:
        hop = int(call.path.rpartition("-")[2]) if "-" in call.path else 0
        if hop == hops:
            await call.answer(FEED)
        else:
            await call.answer(b"", f"Location: /hop-{hop + 1}", status=f"{status} Elsewhere")

    return serve


async def _first_then_name(call: Call) -> None:
    """The first request is led to the same name once more."""
    if call.path == "/feed":
        await call.answer(
            b"", f"Location: http://turned.example:{call.port}/again", status="302 Found"
        )
    else:
        await call.answer(FEED)


def _redirect(name: str, to: str, expect: Expect = REFUSED, status: int = 302) -> Case:
    return Case(
        name=f"redirect-{name}",
        does=f"a redirect ({status}) to {to.replace('{port}', '8080')[:70]}",
        serve=leading(to, status),
        expect=expect,
    )


def _names(
    name: str, does: str, *script: tuple[str, ...], expect: Expect = REFUSED, polls: int = 1
) -> Case:
    return Case(
        name=f"name-{name}",
        does=does,
        serve=always(FEED),
        expect=expect,
        polls=polls,
        url=f"http://{name}.example:{{port}}/feed",
        names={f"{name}.example": script},
    )


REDIRECTS = (
    *(_redirect(f"to-{name}", f"http://{host}:{{port}}/feed") for name, host in SPELT.items()),
    *(_redirect(f"to-{name}", to) for name, to in ELSEWHERE.items()),
    _redirect("without-scheme", f"//{CANARY}:{{port}}/feed"),
    _redirect("permanent-to-private", f"http://{CANARY}:{{port}}/feed", status=301),
    _redirect("permanent-to-metadata", "http://169.254.169.254/", status=308),
    _redirect("to-itself", "/feed", ENDLESS),
    _redirect(
        "with-a-long-address",
        "/" + "a" * 30_000,
        Expect(trouble=Trouble.REFUSED_ADDRESS, says=r"longer than 2000 characters"),
    ),
    _redirect("to-nowhere", "", Expect(trouble=Trouble.ANSWER)),
    _redirect("to-rubbish", "http://[::1/%zz", REFUSED),
    Case(
        name="redirect-chain-of-30",
        does="thirty redirects, each to another path",
        serve=chain(30),
        expect=ENDLESS,
    ),
    Case(
        name="redirect-chain-of-4",
        does="four redirects, then a feed",
        serve=chain(4),
        expect=READ,
    ),
    Case(
        name="refresh-to-private",
        does="a page that refreshes itself to an internal address, by header and by markup",
        serve=always(
            f"<html><meta http-equiv=refresh content='0;url=http://{CANARY}/'>moved</html>",
            HTML,
            f"Refresh: 0; url=http://{CANARY}/",
        ),
        expect=Expect(trouble=Trouble.PAGE),
    ),
)

SUBSCRIBED = tuple(
    Case(
        name=f"feed-at-{name}",
        does=f"a feed whose own address is {url.replace('{port}', '8080')[:60]}",
        serve=serve_nothing,
        expect=REFUSED,
        url=url,
    )
    for name, url in {
        **{name: f"http://{host}:{{port}}/feed" for name, host in SPELT.items() if "%" not in host},
        "a-password": "http://user:secret@{host}:{port}/feed",
        "a-file": "file:///etc/passwd",
    }.items()
)

NAMES = (
    _names("private", "a name that leads to an internal address", ("{canary}",)),
    _names(
        "mapped", "a name that leads to an internal address, written as IPv6", ("::ffff:{canary}",)
    ),
    _names(
        "nat64", "a name that leads to an internal address through NAT64", (f"64:ff9b::{_HALVES}",)
    ),
    _names("any", "a name that leads to 0.0.0.0 and ::", ("0.0.0.0", "::")),
    _names(
        "mixed",
        "a name with a good and an internal address",
        ("{canary}", "{host}"),
        expect=READ,
    ),
    _names(
        "turning",
        "a name that leads elsewhere the second time it is looked up",
        ("{host}",),
        ("{canary}",),
        expect=Expect(entries=1, trouble=Trouble.REFUSED_ADDRESS),
        polls=2,
    ),
    Case(
        name="name-turning-in-a-redirect",
        does="a name that leads elsewhere once it has redirected to itself",
        serve=_first_then_name,
        expect=REFUSED,
        url="http://turned.example:{port}/feed",
        names={"turned.example": (("{host}",), ("{canary}",))},
    ),
    Case(
        name="name-unknown",
        does="a name that leads nowhere",
        serve=serve_nothing,
        expect=Expect(trouble=Trouble.NAME),
        url="http://nowhere.example:{port}/feed",
        names={"nowhere.example": ()},
    ),
)

CERTIFICATES = (
    *(
        Case(
            name=f"tls-{name}",
            does=f"a certificate that {does}",
            serve=always(FEED),
            expect=Expect(trouble=Trouble.TLS, says=says),
            url=f"https://{name}.wire.example:{{port}}/feed",
            names={f"{name}.wire.example": (("{host}",),)},
            certificate=f"{name}.pem",
        )
        for name, does, says in (
            ("expired", "has expired", "expired"),
            ("other-name", "is of another name", "mismatch"),
            ("self-signed", "nobody vouches for", "self.signed"),
        )
    ),
    Case(
        name="tls-good",
        does="a certificate that is in order: the three others are refused for what they are",
        serve=always(FEED),
        expect=READ,
        url="https://good.wire.example:{port}/feed",
        names={"good.wire.example": (("{host}",),)},
        certificate="good.pem",
    ),
    Case(
        name="tls-none",
        does="plain HTTP where TLS is spoken",
        serve=always(FEED),
        expect=Expect(trouble=Trouble.TLS),
        url="https://{host}:{port}/feed",
    ),
)

CASES = (*REDIRECTS, *SUBSCRIBED, *NAMES, *CERTIFICATES)
