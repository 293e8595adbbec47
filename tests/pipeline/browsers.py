"""Looks at a page with Debian's Chromium, as a reader's browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import ViewportSize, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}
# Texts of charts that reach beyond their drawing, by more than half a pixel.
CLIPPED = """
() => [...document.querySelectorAll('svg text')].filter(text => {
    const inner = text.getBoundingClientRect();
    const outer = text.ownerSVGElement.getBoundingClientRect();
    return inner.width > 0 && (inner.left < outer.left - .5 || inner.right > outer.right + .5
        || inner.top < outer.top - .5 || inner.bottom > outer.bottom + .5);
}).map(text => text.textContent)
"""
DEAD_LINKS = """
() => [...document.querySelectorAll('a[href^="#"]')].map(link => link.getAttribute('href'))
    .filter(target => !document.getElementById(decodeURIComponent(target.slice(1))))
"""


@dataclass(frozen=True)
class Sight:
    """What was seen; `overflow` is how far the page is wider than a phone, pixels."""

    errors: list[str]
    requests: list[str]
    overflow: int
    clipped: list[str]
    dead_links: list[str]
    printed_pages: int


def look_at(path: Path) -> Sight:
    """Open a file on a phone, then print it; skips where there is no Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium fonts-noto-cjk")
    errors: list[str] = []
    requests: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport=PHONE)
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        clipped, dead_links = page.evaluate(CLIPPED), page.evaluate(DEAD_LINKS)
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        browser.close()
    return Sight(
        errors,
        [url for url in requests if not url.startswith("data:")],
        overflow,
        clipped,
        dead_links,
        len(re.findall(rb"/Type\s*/Page\b", printed)),
    )
