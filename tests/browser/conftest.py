"""A small simulated city in service: once as an application to be asked, once behind a port for a real browser."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perla.bargains.edition import Edition, first_edition
from perla.bargains.finder import Finder
from perla.listings.checking import check
from perla.sources.simulated import simulate_market

TODAY = date(2026, 3, 20)
NASTY_TEXT = "<script>window.stolen = 1</script><img src=x onerror='window.stolen = 2'> \"quoted\" & 'so'"
NASTY_LINK = "javascript:window.stolen=3"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Site:
    """The service on a loopback port; ``nasty`` is the id of a listing whose ad tries to break the page, ``best`` of
    the first bargain."""

    address: str
    nasty: str
    best: str
    cheap_place: str


@pytest.fixture(scope="session")
def edition() -> Edition:
    """The city judged; the last listing's ad is hostile; days and earlier prices are made up."""
    simulated = simulate_market(300, seed=4)
    frame = simulated.frame.copy()
    last = frame.index[-1]
    frame.loc[last, "id"] = "nasty </script>/1"
    frame.loc[last, "descripcion"] = NASTY_TEXT
    frame.loc[last, "enlace"] = NASTY_LINK
    listings = check(frame, simulated.market)
    return _dated(first_edition(Finder(simulated.market, seed=0, threads=1).fit(listings), "001", "2026-03-19"))


def _dated(edition: Edition) -> Edition:
    index, prices = edition.listings.values.index, edition.listings.prices.to_numpy()
    last = pd.Series(pd.Timestamp("2026-03-18"), index=index).astype("datetime64[s]")
    last -= pd.to_timedelta(np.arange(len(index)) % 40, unit="D")
    first = last - pd.Timedelta(days=60)
    changes = pd.DataFrame({"row": np.arange(len(index)), "seen_on": first.to_numpy(), "price": prices * 1.1})
    now = pd.DataFrame({"row": np.arange(len(index)), "seen_on": last.to_numpy(), "price": prices})
    seen = pd.DataFrame({"first_seen": first, "last_seen": last})
    return replace(edition, seen=seen, prices=pd.concat([changes, now], ignore_index=True))


@pytest.fixture(scope="session")
def app(edition: Edition) -> Any:
    from perla.app.web.app import make_app
    from perla.app.web.desk import Desk

    desk = Desk(Path("nowhere"), threads=1)
    desk.put("ciudad", edition)
    return make_app(desk, today=lambda: TODAY)


@pytest.fixture(scope="session")
def site(app: Any, edition: Edition) -> Iterator[Site]:
    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    running = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    running.start()
    ids = edition.listings.ids
    best = ids.iloc[int(edition.search(edition.wish(None))[0])]
    place = str(edition.listings.values["barrio"].value_counts().index[0])
    yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", "nasty </script>/1", str(best), place)
    server.should_exit = True
    running.join(timeout=10)
    listener.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Debian's Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium in PATH; install it with: apt-get install chromium")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
