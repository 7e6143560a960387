"""The pages in Chromium: no complaint of the browser, both themes, a phone, the keyboard.

What can be told of accessibility from a page that stands there is measured in it: contrast,
names of controls and links, landmarks, headings, tables, languages.

Source: WCAG 2.2, 1.4.3 contrast, 1.4.10 reflow, 2.4.1 bypass blocks, 2.4.7 focus visible,
1.3.1 info and relationships, 3.1.2 language of parts; "relative luminance" as defined there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.errors import Trouble
from bot.model import Destination, Platform, Tie, TieKind
from bot.store import SqlStore, open_store
from tests.builders import NOW, coverage, delivery, story
from tests.contract.polls import add_feed, commit_stories, new_entry, outcome
from tests.web.browser import open_browser, open_tab
from tests.web.visits import open_page

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEAL, TURN = "aaaaaaaaaa", "bbbbbbbbbb"
TOKEN = "an-invented-token-of-a-test"
LONG = "Unbroken" * 40
PATHS = (
    "/",
    "/matrix",
    f"/story/{DEAL}",
    "/feeds",
    "/deliveries",
    "/overview",
    "/nothing",
    "/?maker=vivo",
)

CONTRAST = """() => {
  const parse = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  let seen = 0;
  for (const node of document.querySelectorAll('body *')) {
    const says = [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim());
    if (!says && !node.matches('input, select')) continue;
    seen += 1;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([node.tagName, node.className, ratio.toFixed(2)].join(' '));
  }
  return {seen, poor};
}"""

STRUCTURE = """() => {
  const wrong = [], all = query => [...document.querySelectorAll(query)];
  const named = node => (node.getAttribute('aria-label') || node.textContent).trim();
  for (const query of ['main', 'h1', 'header', 'footer', 'title'])
    if (all(query).length < 1) wrong.push('no ' + query);
  if (all('h1').length !== 1 || all('main').length !== 1) wrong.push('h1 or main not alone');
  if (!document.documentElement.lang) wrong.push('no lang');
  let level = 1;
  for (const node of all('h1, h2, h3, h4')) {
    const own = Number(node.tagName[1]);
    if (own > level + 1) wrong.push('skips to ' + node.tagName);
    level = own;
  }
  for (const node of all('a, button')) if (!named(node)) wrong.push('unnamed ' + node.outerHTML);
  for (const node of all('input:not([type=hidden], [hidden]), select'))
    if (!node.labels.length) wrong.push('unlabelled ' + node.id);
  for (const node of all('nav, [role=region], ul[aria-label], form.filters'))
    if (!node.getAttribute('aria-label')) wrong.push('unnamed ' + node.tagName);
  for (const node of all('th')) if (!node.scope) wrong.push('th without scope');
  for (const node of all('table')) if (!node.caption) wrong.push('table without caption');
  for (const node of all('[aria-labelledby], [aria-describedby]'))
    for (const name of ['aria-labelledby', 'aria-describedby'])
      for (const id of (node.getAttribute(name) || '').split(' ').filter(Boolean))
        if (!document.getElementById(id)) wrong.push(name + ' leads nowhere: ' + id);
  const ids = all('[id]').map(node => node.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  for (const node of all('time')) if (!node.dateTime) wrong.push('time without datetime');
  return wrong;
}"""

TARGETS = """() => [...document.querySelectorAll('nav a, button, select, input:not([type=hidden])')]
  .map(node => [node.outerHTML.slice(0, 80), node.getBoundingClientRect()])
  .filter(([_, box]) => box.width < 24 && box.height < 24 && box.width > 0 || box.height < 18)
  .map(([text]) => text)"""


@dataclass
class Reader:
    """A browser, and where the pages are: open to all, and behind a token."""

    browser: Browser
    address: str
    locked: str


async def _fill(store: SqlStore) -> None:
    """A little of everything, and words that do not break."""
    also = [coverage(f"Outlet {number}") for number in range(9)]
    town = Destination(Platform.DISCORD, "77", "1" * 20)
    wire = await add_feed(store, "https://wire.example/" + LONG, title=LONG)
    entry = new_entry(LONG, story_id=DEAL, outlet=LONG, reasons=(LONG,), filed=LONG)
    deal = story(DEAL, headline=LONG, summary=LONG, lang="en", coverage=(coverage(), *also))
    failing = replace(
        wire, failures=2, trouble=Trouble.SLOW, error="x", polled_at=NOW, failing_since=NOW
    )
    await store.commit_poll(outcome(failing, entry, stories=(deal,)))
    quiet = await add_feed(store, "https://quiet.example/rss", title="Quiet")
    silent = replace(
        quiet, polled_at=NOW, answered_at=NOW, changed_at=NOW - timedelta(days=9), gap_s=60.0
    )
    await store.commit_poll(outcome(silent))
    tie = Tie(TieKind.DENIED, DEAL, LONG, None)
    turn = story(TURN, headline="小米", lang="zh", makers=("xiaomi",), carriers=("att", "dish"))
    await commit_stories(store, replace(turn, tie=tie))
    counted = [
        story(f"{name * 10}", makers=("zte", "tcl", "vivo"), carriers=("att", "verizon", "metro"))
        for name in "cdefg"
    ]
    await commit_stories(store, *counted, owed=(delivery(DEAL, town),))
    await store.park(town, reason="I may not post there.")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def reader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reader]:
    folder: Path = tmp_path_factory.mktemp("pages")
    async with (
        open_browser() as browser,
        await open_store(f"sqlite:///{folder}/page.sqlite3") as store,
        open_page(store) as address,
        open_page(store, token=TOKEN) as locked,
    ):
        await _fill(store)
        yield Reader(browser, address, locked)


@pytest.mark.parametrize(("theme", "lang"), [("light", "en"), ("dark", "zh")])
async def test_pages_stand_without_complaint_and_can_be_read(
    reader: Reader, theme: str, lang: str
) -> None:
    grounds = set()
    for path in PATHS:
        address = f"{reader.address}{path}{'&' if '?' in path else '?'}lang={lang}"
        tab, wrong = await open_tab(reader.browser, address, color_scheme=theme)
        assert [line for line in wrong if "404" not in line] == [], path  # of "/nothing" alone
        measured: dict[str, Any] = await tab.evaluate(CONTRAST)
        assert measured["seen"] > 5, path
        assert measured["poor"] == [], path
        assert await tab.evaluate(STRUCTURE) == [], path
        grounds.add(await tab.evaluate("getComputedStyle(document.body).backgroundColor"))
        await tab.context.close()
    assert grounds == {{"light": "rgb(244, 246, 248)", "dark": "rgb(18, 21, 26)"}[theme]}


@pytest.mark.parametrize("width", [320, 768])
async def test_pages_fit_narrow_screens_without_sideways_scroll(reader: Reader, width: int) -> None:
    for path in PATHS:
        tab, _ = await open_tab(
            reader.browser, reader.address + path, viewport={"width": width, "height": 640}
        )
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await tab.evaluate(TARGETS) == [], path
        await tab.context.close()


async def test_a_keyboard_reaches_everything_and_shows_where_it_is(reader: Reader) -> None:
    tab, _ = await open_tab(reader.browser, reader.address)
    await tab.keyboard.press("Tab")
    assert await tab.evaluate("document.activeElement.className") == "skip"
    box = await tab.evaluate("document.activeElement.getBoundingClientRect().x")
    assert box >= 0
    await tab.keyboard.press("Enter")
    assert await tab.evaluate("document.activeElement.id") == "main"

    reached = set()
    for _ in range(60):
        await tab.keyboard.press("Tab")
        reached.add(await tab.evaluate("document.activeElement.id"))
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert await tab.evaluate(f"document.activeElement === document.body || {outline}") in {
            True,
            "solid",
        }
    assert {"maker", "carrier", "kind", "days", "outlet", "text", "pairs"} <= reached
    await tab.context.close()


async def test_the_form_filters_by_keyboard_alone(reader: Reader) -> None:
    tab, _ = await open_tab(reader.browser, reader.address)
    await tab.focus("#maker")
    await tab.keyboard.type("Xiaomi")
    await tab.focus("#text")
    await tab.keyboard.press("Enter")
    await tab.wait_for_url("**/?maker=xiaomi**")

    assert await tab.locator("article h3").all_inner_texts() == ["小米"]
    await tab.context.close()


async def test_a_token_typed_once_opens_the_pages_until_the_log_out(reader: Reader) -> None:
    tab, wrong = await open_tab(reader.browser, f"{reader.locked}/feeds?state=failing")
    assert await tab.evaluate(STRUCTURE) == []
    await tab.fill("#token", TOKEN)
    await tab.keyboard.press("Enter")
    await tab.wait_for_selector("table")
    assert tab.url == f"{reader.locked}/feeds?state=failing"
    assert await tab.evaluate("document.cookie") == ""  # no script could read it

    await tab.click("footer button")
    await tab.wait_for_selector("#token")
    assert not [line for line in wrong if "401" not in line]
    await tab.context.close()


async def test_a_link_from_another_site_leads_in_who_is_logged_in(reader: Reader) -> None:
    tab, _ = await open_tab(reader.browser, reader.locked)
    await tab.fill("#token", TOKEN)
    await tab.keyboard.press("Enter")
    await tab.wait_for_selector("article")
    elsewhere = reader.address.replace("127.0.0.1", "localhost")
    await tab.goto(elsewhere)
    await tab.evaluate(
        "to => { const a = document.createElement('a'); a.href = to; "
        "document.body.append(a); a.click(); }",
        f"{reader.locked}/matrix",
    )

    await tab.wait_for_selector("table.matrix")
    await tab.context.close()
