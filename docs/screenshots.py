"""Pictures of every page of the simulated market, made in Debian's Chromium: ``python docs/screenshots.py``.

Needs ``pip install 'perla[service,test]'`` and a chromium in PATH. The days and earlier prices of the listings are made
up like the listings themselves. Each picture is written to ``docs/images``.
"""

from __future__ import annotations

import io
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Thread
from urllib.parse import quote

import numpy as np
import pandas as pd
import uvicorn
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from perla.app.web.app import make_app
from perla.app.web.desk import Desk
from perla.bargains.edition import Edition, first_edition
from perla.bargains.finder import Finder
from perla.listings.checking import check
from perla.sources.simulated import simulate_market

IMAGES = Path(__file__).parent / "images"
TODAY = date(2026, 3, 20)
COLOURS = 160
ESTIMATE = "/estimate?c.area_m2=82&c.habitaciones=3&c.banos=2&c.barrio=Coral&c.estrato=4&c.precio=290+millones"


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the address, the size of the window, and the part of the page it shows."""

    name: str
    address: str
    width: int = 1280
    height: int = 900
    scheme: str = "light"
    lang: str = "en"
    part: str = ""


def dated(edition: Edition) -> Edition:
    """The edition with days and earlier prices, some listings lowered once or twice."""
    random, count = np.random.default_rng(0), len(edition.listings)
    last = pd.Timestamp(TODAY) - pd.to_timedelta(random.integers(0, 40, count), unit="D")
    first = last - pd.to_timedelta(random.integers(10, 170, count), unit="D")
    index = edition.listings.values.index
    seen = pd.DataFrame({"first_seen": first, "last_seen": last}, index=index).astype("datetime64[s]")
    steps = []
    for row, price in enumerate(edition.listings.prices):
        cuts = int(random.integers(0, 4))
        days = pd.date_range(first[row], last[row], cuts + 2)[: cuts + 1].normalize()
        asked = [round(price * factor, -5) for factor in 1 + np.linspace(0.03 * cuts, 0, cuts + 1)[:-1]]
        steps += list(zip([row] * (cuts + 1), days, [*asked, price], strict=True))
    prices = pd.DataFrame(steps, columns=["row", "seen_on", "price"]).astype({"seen_on": "datetime64[s]"})
    return replace(edition, seen=seen, prices=prices)


@contextmanager
def served(edition: Edition) -> Iterator[str]:
    """The service on a free loopback port."""
    desk = Desk(Path("nowhere"), threads=1)
    desk.put(edition.market.name, edition)
    listener = socket.create_server(("127.0.0.1", 0))
    app = make_app(desk, today=lambda: TODAY)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    running = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    running.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    running.join(timeout=10)


def take(browser: Browser, site: str, shot: Shot) -> bytes:
    """The picture as PNG of few colours."""
    context = browser.new_context(
        viewport={"width": shot.width, "height": shot.height}, color_scheme=shot.scheme, locale=shot.lang
    )  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(site + shot.address, wait_until="networkidle")
    if shot.part:
        page.locator(shot.part).first.evaluate("part => part.scrollIntoView()")
    raw = page.screenshot()
    context.close()
    buffer = io.BytesIO()
    few = Image.open(io.BytesIO(raw)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    simulated = simulate_market(800, seed=1)
    finder = Finder(simulated.market, seed=0, threads=1).fit(check(simulated.frame, simulated.market))
    edition = dated(first_edition(finder, made_on=TODAY.isoformat()))
    best = str(edition.listings.ids.iloc[int(edition.search(edition.wish(None))[0])])
    listing = f"/listing/{quote(edition.market.name)}/{quote(best, safe='')}"
    shots = [
        Shot("bargains", "/"),
        Shot("bargains-phone", "/", 390, 840, "dark", "es"),
        Shot("listing", listing, height=980),
        Shot("comparables", listing, height=1060, part="section:has(.grid)"),
        Shot("estimate", ESTIMATE, height=940, lang="es"),
        Shot("market", f"/market/{quote(edition.market.name)}", height=1120),
    ]
    IMAGES.mkdir(exist_ok=True)
    with served(edition) as site, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for shot in shots:
            picture = take(browser, site, shot)
            (IMAGES / f"{shot.name}.png").write_bytes(picture)
            print(f"{shot.name}.png  {len(picture) / 1000:.0f} kB")
        browser.close()


if __name__ == "__main__":
    main()
