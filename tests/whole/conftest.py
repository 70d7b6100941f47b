"""One simulated city and one model of it, for every test of the whole road."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from perla.app.cli import main
from perla.listings.market_file import write_market
from perla.sources.simulated import simulate_market


@dataclass(frozen=True)
class City:
    """Files of a simulated market: the listings, the market file, a model learned from the first 300; 60 new ones."""

    listings: Path
    market: Path
    new: Path
    model: Path
    truth: pd.DataFrame


@pytest.fixture(scope="session")
def call(tmp_path_factory) -> Callable[..., Result]:
    """A call of the command line, with one thread, without a locale, and with a home of its own."""
    home = tmp_path_factory.mktemp("home")
    unset = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "COLUMNS"))
    environment = {**unset, "PERLA_HOME": str(home), "PERLA_THREADS": "1", "MPLCONFIGDIR": str(home / "matplotlib")}

    def perla(*words: object) -> Result:
        return CliRunner().invoke(main, [str(w) for w in words], env=environment)

    return perla


@pytest.fixture(scope="session")
def city(call, tmp_path_factory) -> City:
    folder = tmp_path_factory.mktemp("city")
    simulated = simulate_market(360, seed=3)
    made = City(folder / "listings.csv", folder / "market.toml", folder / "new.csv", folder / "model", simulated.truth)
    simulated.frame[:300].to_csv(made.listings, index=False)
    simulated.frame[300:].to_csv(made.new, index=False)
    made.market.write_text(write_market(simulated.market), encoding="utf-8")
    done = call("train", made.listings, "--market", made.market, "-o", made.model)
    assert done.exit_code == 0, done.output
    return made
