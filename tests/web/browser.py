"""A browser without a window, for tests that look at pages as people see them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, async_playwright

NO_BROWSER = "no Chromium on the PATH (Debian: apt-get install chromium)"


def find_chromium() -> str | None:
    """Where the system's own Chromium is; none is downloaded."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Chromium; the test is skipped where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip(NO_BROWSER)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


async def open_tab(browser: Browser, address: str, **context: object) -> tuple[Page, list[str]]:
    """A fresh tab at ``address``, and what goes wrong in it: errors, refusals of the policy."""
    tab = await (await browser.new_context(**context)).new_page()  # type: ignore[arg-type]
    wrong: list[str] = []
    tab.on("console", lambda said: wrong.append(f"{said.type}: {said.text}"))
    tab.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    tab.on("requestfailed", lambda asked: wrong.append(f"failed: {asked.url}"))
    await tab.goto(address)
    return tab, wrong
