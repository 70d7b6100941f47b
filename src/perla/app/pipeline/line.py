"""The line from listings to a model in service, as steps: prepare, learn, assemble, judge, decide, deploy, score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np

import perla
from perla.app.pipeline import judging
from perla.app.pipeline.source import Source
from perla.app.saved import save_finder
from perla.app.settings import Settings
from perla.bargains.experts import FittedNetwork, Ground
from perla.bargains.finder import Finder
from perla.bargains.held_out import hold_out
from perla.bargains.kept_listings import listings_from_state, listings_state
from perla.listings import Listings, Market
from perla.listings.market_file import write_market
from perla.release.deployments import Deployments
from perla.release.places import market_folder
from perla.release.steps import Progress, Results, Step, Work, digest_of_code
from perla.storage import read_folder, write_folder
from perla.valuation.fitted import FittedModel
from perla.valuation.market_parts import date_column
from perla.valuation.price_models import Chosen, choose_models
from perla.words import Text, fill, number

KEEP, PREPARE, ASSEMBLE, EVALUATE = "keep", "prepare", "assemble", "evaluate"
GATE, DEPLOY, SCORE = "gate", "deploy", "score"
NETWORK = "train-autoencoder"
LISTINGS_KIND, MODEL_PART_KIND, NETWORK_PART_KIND = "listings", "fitted-model", "fitted-autoencoder"
LONGEST_FIRST = ("network", "catboost", "forest", "compared", "smooth", "deep", "comparables", "hedonic")
CODE = (
    "words.py", "listings", "sources", "prepare", "valuation", "anomaly", "bargains", "history", "release/gate.py",
    "app/judging.py", "app/saved.py", *(f"app/pipeline/{name}.py" for name in ("judging", "line", "source")),
)  # fmt: skip
LIBRARIES = ("numpy", "pandas", "scikit-learn", "lightgbm", "torch", "catboost")


@dataclass
class Line:
    """One run's line. models : which price models, by id. reason : why a refused model is put in service all the same,
    empty: it is not."""

    market: Market
    source: Source
    settings: Settings
    seed: int
    models: tuple[str, ...]
    reason: str = ""
    about: Callable[[Results], dict[str, Any]] = lambda results: {}
    _lock: RLock = field(default_factory=RLock, repr=False)
    _listings: dict[str, Listings] = field(default_factory=dict, repr=False)
    _begun: tuple[Finder, Ground] | None = field(default=None, repr=False)

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """The price models, in the order the blend knows them."""
        return choose_models(self.models)

    @property
    def deployments(self) -> Deployments:
        return Deployments(market_folder(self.settings.home, self.market.name))

    def steps(self) -> tuple[Step, ...]:
        """Every step; of those that could begin at once, the one that takes longest stands first."""
        train = [train_name(chosen) for chosen in self.chosen]
        longest_first = sorted(self.chosen, key=lambda chosen: LONGEST_FIRST.index(chosen.offer.id))
        seen = Step(KEEP, Text("keep what was seen", "guardar lo visto"), (), self._what_is_kept, self._keep)
        keep = (seen,) if self.source.files else ()
        return (
            *keep,
            Step(PREPARE, Text("prepare the listings", "preparar los anuncios"), (), self._what_is_read, self._prepare),
            Step(NETWORK, Text("what is usual: autoencoder", "lo usual: autoencoder"), (PREPARE,),
                 self._how, self._fit_network),
            *(self._train_step(chosen) for chosen in longest_first),
            Step(ASSEMBLE, Text("put the model together", "armar el modelo"), (PREPARE, *train, NETWORK), self._how,
                 self._assemble),
            Step(EVALUATE, Text("judge it on the held-out", "juzgarlo con los reservados"), (PREPARE, ASSEMBLE),
                 partial(judging.against, self), partial(judging.evaluate, self)),
            Step(GATE, Text("good enough? better?", "¿sirve? ¿es mejor?"), (EVALUATE,),
                 partial(judging.floors, self), partial(judging.decide_gate, self)),
            Step(DEPLOY, Text("put in service", "poner en servicio"), (ASSEMBLE, GATE),
                 lambda results: {"forced": self.reason, **judging.against(self, results)},
                 partial(judging.deploy, self)),
            Step(SCORE, Text("judge every listing", "juzgar todos los anuncios"), (*(s.name for s in keep), DEPLOY),
                 partial(judging.what_is_scored, self), partial(judging.score, self), partial(judging.answers, self)),
        )  # fmt: skip

    def _train_step(self, chosen: Chosen) -> Step:
        told = fill("prices: {name}", "precios: {name}", name=_short(chosen.offer.name))
        how = lambda results: {**self._how(results), "model": str(chosen)}  # noqa: E731
        return Step(train_name(chosen), told, (PREPARE,), how, partial(self._fit_model, chosen))

    def _what_is_kept(self, _: Results) -> dict[str, Any]:
        return {"listings": self.source.content(), "seen_on": str(self.source.seen_on or "")}

    def _keep(self, work: Work) -> dict[str, Any]:
        return {"told": [[line.en, line.es] for line in self.source.keep(work.tell)]}

    def _what_is_read(self, _: Results) -> dict[str, Any]:
        market = {
            "market": write_market(replace(self.market, floors=type(self.market.floors)())),
            "name": self.market.name,
        }
        return {**market, "seed": self.seed, "listings": self.source.content()}

    def _how(self, _: Results) -> dict[str, Any]:
        return {"seed": self.seed, "models": [str(chosen) for chosen in self.chosen]}

    def _prepare(self, work: Work) -> dict[str, Any]:
        """Read, check, split off the listings no model may see, and keep both."""
        work.tell(Text("reading", "leyendo"), 0.1)
        read = self.source.read()
        listings = read.listings
        work.tell(Text("splitting", "separando"), 0.7)
        split = hold_out(listings, read.first_seen, self.seed)
        parts = {
            "learn": listings.take(_mask(listings, ~split.held)),
            "held": listings.take(_mask(listings, split.held)),
        }
        facts = {
            "source": listings.source, "rows": len(listings) + len(listings.rejected),
            "set_aside": len(listings.rejected), "learn": len(parts["learn"]), "held": len(parts["held"]),
            "how": [split.how.en, split.how.es], **_days(listings, read.first_seen),
            "notes": [[note.en, note.es] for note in read.notes],
        }  # fmt: skip
        work.tell(Text("writing", "escribiendo"), 0.9)
        write_folder(work.output, LISTINGS_KIND, {name: listings_state(part) for name, part in parts.items()}, facts)
        return facts

    def listings(self, results: Results, part: str) -> Listings:
        """The listings to learn from (``learn``), or those held out (``held``)."""
        with self._lock:
            if part not in self._listings:
                state, _ = read_folder(results[PREPARE].folder, LISTINGS_KIND)
                for name in ("learn", "held"):
                    self._listings[name] = listings_from_state(self.market, state[name])
            return self._listings[part]

    def ground(self, work: Work) -> tuple[Finder, Ground]:
        """What every model learns from, prepared once for all of them."""
        with self._lock:
            if self._begun is None:
                work.tell(Text("laying the ground", "preparando el terreno"), 0.02)
                finder = Finder(self.market, self.seed, self.settings.threads, self.models)
                self._begun = finder, finder.begin(self.listings(work.results, "learn"))
            return self._begun

    def _fit_model(self, chosen: Chosen, work: Work) -> dict[str, Any]:
        finder, _ = self.ground(work)
        valuation = replace(finder.experts_.valuation_, threads=self._share())
        fitted = valuation.fit_models([chosen], _counting(work.tell))[0]
        write_folder(work.output, MODEL_PART_KIND, fitted.state(), {"model": str(chosen)})
        return {}

    def _fit_network(self, work: Work) -> dict[str, Any]:
        finder, ground = self.ground(work)
        work.tell(Text("learning", "aprendiendo"), 0.1)
        write_folder(work.output, NETWORK_PART_KIND, finder.experts_.fit_network(ground).state(), {})
        return {}

    def _assemble(self, work: Work) -> dict[str, Any]:
        """The very model that ``perla train`` makes of these listings."""
        finder, ground = self.ground(work)
        work.tell(Text("reading the parts", "leyendo las partes"), 0.2)
        folders = [work.results[train_name(chosen)].folder for chosen in self.chosen]
        models = [FittedModel.from_state(read_folder(folder, MODEL_PART_KIND)[0]) for folder in folders]
        network = FittedNetwork.from_state(read_folder(work.results[NETWORK].folder, NETWORK_PART_KIND)[0])
        finder.assemble(self.listings(work.results, "learn"), ground, network, models, work.tell)
        save_finder(finder, work.output)
        self._begun = None
        return {"data_hash": finder.card_.data_hash, "learned": finder.card_.listings_learned}

    def _share(self) -> int:
        """Threads of one step that learns, beside the others."""
        return ceil(self.settings.threads / (len(self.chosen) + 1))


def train_name(chosen: Chosen) -> str:
    """What the step of a price model is called."""
    return f"train-{chosen.offer.id}"


def _short(name: Text) -> Text:
    """A name without what stands in brackets."""
    return Text(name.en.partition(" (")[0], name.es.partition(" (")[0])


@cache
def code_version() -> str:
    """The version of all code and libraries that a model depends on."""
    return digest_of_code(Path(perla.__file__).parent, CODE, [f"{name} {_version(name)}" for name in LIBRARIES])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _counting(tell: Progress) -> Callable[[int, int], None]:
    def told(done: int, of: int) -> None:
        tell(fill("{done} of {of}", "{done} de {of}", done=number(done), of=number(of)), done / of)

    return told


def _mask(listings: Listings, keep: np.ndarray) -> Any:
    import pandas as pd

    return pd.Series(keep, index=listings.values.index)


def _days(listings: Listings, first_seen: Any) -> dict[str, str]:
    """First and last day of the listings, empty where nobody knows."""
    date = date_column(listings.values, listings.market)
    days = first_seen if first_seen is not None else (None if date is None else listings.values[date])
    known = None if days is None else days.dropna()
    if known is None or not len(known):
        return {"first_day": "", "last_day": ""}
    return {"first_day": str(known.min().date()), "last_day": str(known.max().date())}
