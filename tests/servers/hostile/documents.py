"""Documents made to hurt their reader: entities, depth, bait for regular expressions, size."""

from __future__ import annotations

import json

from bot.errors import Trouble
from bot.parsing.item import MAX_ITEMS
from tests.servers.hostile.case import (
    CALM,
    CANARY,
    RSS,
    Call,
    Case,
    Expect,
    Serve,
    always,
    in_turn,
    item,
    rss,
)

READ = Expect(entries=1)
DANGEROUS = Expect(trouble=Trouble.DANGEROUS, says="<!ENTITY")
MANY = 100_000
DEPTH = 20_000
CROWD = 100_000


def _laughs(depth: int = 9) -> str:
    lines = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(depth + 1)
    )
    return f"<!DOCTYPE rss [{lines}]>"


def _led(document: str) -> Serve:
    """``document`` with {canary} filled in, which is not known before there is a port."""

    async def serve(call: Call) -> None:
        await call.answer(document.replace("{canary}", f"http://{CANARY}:{call.port}"))

    return serve


LAUGHS = rss(item("1", "&l9;"), before=_laughs())
FILE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
OUT = '<!DOCTYPE rss [<!ENTITY x SYSTEM "{canary}/x">]>'
PARAMETER = '<!DOCTYPE rss [<!ENTITY % p SYSTEM "{canary}/p"> %p; %q;]>'
CLOAK = LAUGHS.replace("encoding='utf-8'", "encoding='{}'")

ENTITIES = (
    Case(
        name="billion-laughs",
        does="entities that stand for ten others, ten deep",
        serve=always(LAUGHS),
        expect=DANGEROUS,
    ),
    Case(
        name="quadratic-entity",
        does="one long entity, named fifty thousand times",
        serve=always(
            rss(
                item("1", "&x;" * 50_000),
                before=f'<!DOCTYPE rss [<!ENTITY x "{"x" * 50_000}">]>',
            )
        ),
        expect=DANGEROUS,
    ),
    Case(
        name="entity-of-a-file",
        does="an entity that stands for /etc/passwd",
        serve=always(rss(item("1", "&x;"), before=FILE)),
        expect=DANGEROUS,
    ),
    Case(
        name="entity-of-an-address",
        does="an entity that stands for an internal address",
        serve=_led(rss(item("1", "&x;"), before=OUT)),
        expect=DANGEROUS,
    ),
    Case(
        name="parameter-entities",
        does="parameter entities that load more declarations",
        serve=_led(rss(CALM, before=PARAMETER)),
        expect=DANGEROUS,
    ),
    Case(
        name="external-dtd",
        does="a document type at an internal address",
        serve=_led(rss(CALM, before='<!DOCTYPE rss SYSTEM "{canary}/rss.dtd">')),
        expect=READ,
    ),
    Case(
        name="stylesheet-and-include",
        does="a stylesheet, an XInclude and a schema at an internal address",
        serve=_led(
            rss(
                CALM,
                before="<?xml-stylesheet type='text/xsl' href='{canary}/s.xsl'?>",
                top="<x:include xmlns:x='http://www.w3.org/2001/XInclude' parse='text' "
                "href='file:///etc/passwd'/><s:x xmlns:s='urn:s' "
                "s:schemaLocation='urn:s {canary}/s.xsd'/>",
            )
        ),
        expect=READ,
    ),
    *(
        Case(
            name=f"laughs-in-{name}",
            does=f"entities, written in {name}",
            serve=always(CLOAK.format(declared).encode(encoding), RSS.partition(";")[0]),
            expect=expect,
        )
        for name, declared, encoding, expect in (
            ("utf-16", "utf-16", "utf-16", DANGEROUS),
            ("utf-16-without-mark", "utf-16", "utf-16-le", DANGEROUS),
            ("utf-32", "utf-32", "utf-32", DANGEROUS),
            ("utf-7", "utf-7", "utf-7", DANGEROUS),
            ("ebcdic", "cp037", "cp037", Expect(trouble=Trouble.UNREADABLE)),
        )
    ),
)

DEEP = (
    ("channel", rss(CALM, top="<a>" * DEPTH + "</a>" * DEPTH), READ),
    ("description", rss(item("1", more=f"<description>{'<div>' * DEPTH}")), READ),
    ("cdata", rss(item("1", more=f"<description><![CDATA[{'<b>' * DEPTH}]]></description>")), READ),
    ("json", "[" * DEPTH, Expect(trouble=Trouble.UNREADABLE)),
    (
        "json-item",
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [0]}).replace(
            "0", '{"id": ' + "[" * DEPTH + "]" * DEPTH + "}"
        ),
        Expect(trouble=Trouble.UNREADABLE),
    ),
)

BAIT = {
    "lines-before-the-root": (rss(CALM, before="\n" * MANY), READ),
    "comments-without-end": (rss(CALM) + "<!--" * MANY, READ),
    "comments-before-the-root": (rss(CALM, before="<!-- -- >" * 20_000 + "-->"), READ),
    "tags-without-end": (rss(item("1", "<![CDATA[" + "<b " * MANY + "]]>")), READ),
    "titles-without-end": ("<html>" + "<title " * DEPTH, Expect(trouble=Trouble.PAGE)),
    "half-tags": (rss(CALM, top="<" * MANY), READ),
    "declarations-without-end": (rss(CALM, top="<!x" * MANY), READ),
    "quotes-without-end": (rss(CALM, top='<a b="' * DEPTH), READ),
    "attributes": (rss(CALM, top="<a " + " ".join(f"a{n}='1'" for n in range(MANY)) + "/>"), READ),
    "namespaces": (
        rss(CALM, top="<a " + " ".join(f"xmlns:n{n}='u:{n}'" for n in range(20_000)) + "/>"),
        READ,
    ),
    "ampersands": (rss(item("1", "&" * MANY)), READ),
    "references-without-end": (rss(item("1", "&#" + "1" * MANY)), READ),
    "semicolons": (rss(item("1", "A&amp;B; " * MANY)), READ),
    "a-date-of-blanks": (
        rss(item("1", more=f"<pubDate>Wed, 10{' ' * MANY}x</pubDate>")),
        READ,
    ),
    "a-date-of-digits": (rss(item("1", more=f"<pubDate>{'1' * MANY}:</pubDate>")), READ),
    "a-date-of-letters": (
        rss(item("1", more=f"<dc:date>{'a' * MANY},{'-1' * MANY}T</dc:date>")),
        READ,
    ),
    "marks-on-a-letter": (rss(item("1", "e" + "\u0301" * MANY)), READ),
    "joiners": (rss(item("1", "\U0001f468\u200d" * MANY)), READ),
    "cdata-without-end": (rss(CALM, item("1", "<![CDATA[" * MANY)), READ),
    "items-within-items": (rss(CALM, "<item>" * 2_000), READ),
}


def _crowd(count: int) -> bytes:
    return rss(*(f"<item><title>{number}</title></item>" for number in range(count))).encode()


SIZES = (
    Case(
        name="huge-title",
        does="a title of five million characters",
        serve=always(rss(item("1", "Huawei " * 700_000))),
        expect=READ,
    ),
    Case(
        name="huge-identities",
        does="a guid, a link and an author of a million characters each",
        serve=always(
            rss(
                item(
                    "1",
                    guid="g" * 1_000_000,
                    link="https://hostile.example/" + "l" * 1_000_000,
                    more=f"<author>{'a' * 1_000_000}</author>",
                )
            )
        ),
        expect=READ,
    ),
    Case(
        name="100000-entries",
        does="a hundred thousand entries at once",
        serve=always(_crowd(CROWD)),
        expect=Expect(entries=MAX_ITEMS),
        most_s=180,
    ),
    Case(
        name="ten-megabytes-and-one",
        does="a body that is one byte too long",
        serve=always(b"<rss>" + b" " * (10 * 2**20 - 4)),
        expect=Expect(trouble=Trouble.TOO_LARGE, says=r"fetch\.max_bytes"),
    ),
    Case(
        name="ten-megabytes-of-nothing",
        does="a feed in front of ten megabytes of blanks",
        serve=always(rss(CALM).encode() + b" " * (10 * 2**20 - 1000)),
        expect=READ,
    ),
    Case(
        name="nul-bytes",
        does="a NUL byte after each letter of a title",
        serve=always(rss(item("1", "\0".join("Huawei signs")))),
        expect=Expect(entries=1, shows=("Huawei signs",)),
    ),
    Case(
        name="nothing-but-nul",
        does="a megabyte of NUL bytes",
        serve=always(bytes(2**20)),
        expect=Expect(trouble=Trouble.UNREADABLE),
    ),
    Case(
        name="a-long-number",
        does="a JSON feed whose id is a number of a million digits",
        serve=always(
            json.dumps(
                {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 7, "title": "x"}]}
            ).replace("7", "7" * 1_000_000),
            "Content-Type: application/feed+json",
        ),
        expect=READ,
    ),
    Case(
        name="impossible-characters",
        does="references to characters that do not exist, lone surrogates, bytes that are no UTF-8",
        serve=always(
            rss(item("1", "Hua&#xD800;wei&#0;&#99999999999; signs\x1b[31m"))
            .encode()
            .replace(b"signs", b"signs\xff\xfe\xed\xa0\x80")
        ),
        expect=READ,
    ),
)

DATED = (
    "Fri, 31 Dec 9999 23:59:59 +0000",
    "Sat, 01 Jan 0001 00:00:00 +0000",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "Tue, 09 Jan 2018 08:00:00",
    "-1",
    "99999999999999999999",
    "32 Foo 2018 99:99:99 +9999",
    "2018-13-45T25:61:61Z",
)

WISHES = (
    Case(
        name="absurd-dates",
        does="entries of the years 9999, 1 and none, without a zone, beyond the calendar",
        serve=in_turn(
            rss(CALM),
            rss(
                *(item(n, more=f"<pubDate>{date}</pubDate>") for n, date in enumerate(DATED)), CALM
            ),
        ),
        expect=Expect(entries=len(DATED) + 1, posts=len(DATED)),
        polls=2,
    ),
    Case(
        name="asked-never",
        does="a ttl of two thousand years and a max-age of three hundred million",
        serve=always(
            rss(CALM, top="<ttl>999999999</ttl>"), "Cache-Control: max-age=9999999999999999"
        ),
        expect=Expect(entries=1, due_s=(300, 1.2 * 86_400)),
    ),
    Case(
        name="asked-always",
        does="wishes to be asked a billion times an hour",
        serve=always(
            rss(
                CALM,
                top="<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>hourly"
                "</sy:updatePeriod><sy:updateFrequency xmlns:sy="
                "'http://purl.org/rss/1.0/modules/syndication/'>999999999</sy:updateFrequency>",
            ),
            "Cache-Control: no-cache, max-age=-1",
            "Expires: 0",
        ),
        expect=Expect(entries=1, due_s=(300, 1.2 * 86_400)),
    ),
)

CASES = (
    *ENTITIES,
    *(
        Case(
            name=f"deep-{name}",
            does=f"twenty thousand levels of nesting: {name}",
            serve=always(document),
            expect=expect,
        )
        for name, document, expect in DEEP
    ),
    *(
        Case(
            name=f"bait-{name}",
            does=f"bait for regular expressions: {name.replace('-', ' ')}",
            serve=always(document),
            expect=expect,
        )
        for name, (document, expect) in BAIT.items()
    ),
    *SIZES,
    *WISHES,
)
