"""The whole search: learn a market once, then give every listing of it a verdict and every bargain its proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.anomaly import SurpriseMatrix
from perla.bargains.agreement import Opinions, gather_opinions
from perla.bargains.card import describe_model
from perla.bargains.discoveries import Ordinary, check_countable, discover
from perla.bargains.evidence import Evidence
from perla.bargains.examined import Decided, Examined
from perla.bargains.experts import Experts, FittedNetwork, Ground, Progress, silent
from perla.bargains.findings import Bargain, Findings, ModelCard
from perla.bargains.judge import FOLDS as JUDGE_FOLDS
from perla.bargains.judge import Judge, Nature
from perla.bargains.known import Known
from perla.bargains.proof import Prover
from perla.bargains.ranking import leaning_as_wished, rank_listings
from perla.bargains.ruling import LIKELY_ERROR, Ruling, rule
from perla.bargains.slips import Slips, find_slips, learn_bars, read_set_aside
from perla.bargains.surprises import surprise_table
from perla.errors import UnknownNameError, WishError, closest
from perla.listings import Listings, Market
from perla.listings.wish import DEFAULT_WISH, Wish, parse_wish
from perla.valuation import DEFAULT_MODELS, split_folds
from perla.valuation.fitted import FittedModel
from perla.valuation.search import Budget
from perla.words import Text

IMPORTANCE_SAMPLE = 500
FIFTH = 4  # counted from 0
ODD_EVERYWHERE = 6.0  # usual errors, root mean square of the three oddest attributes
MOST_DISCOVERIES = 50  # with their proofs; a longer list is told of
ODD_SHARE = 0.002  # or as odd as this share of the listings learned from, where many are odd


@dataclass
class Finder:
    """Finds the desired anomalies of a market.

    Parameters: market; seed (same seed, same result); threads (time only); models (which price models, by id); budget
    (search for them first, for so long).
    Attributes: ``card_``, the human twin of what was learned.

    >>> from perla.listings.checking import check
    >>> from perla.sources.simulated import simulate_market
    >>> homes = simulate_market(150)
    >>> listings = check(homes.frame, homes.market)
    >>> findings = Finder(homes.market).fit(listings).find(listings, shown=1)
    >>> len(findings.table) == len(listings), findings.card.listings_learned > 100
    (True, True)
    """

    market: Market
    seed: int = 0
    threads: int = 1
    models: tuple[str, ...] = DEFAULT_MODELS
    budget: Budget | None = None
    experts_: Experts = field(init=False, repr=False)
    judge_: Judge = field(init=False, repr=False)
    judge_folds_: NDArray[np.int64] = field(init=False, repr=False)
    known_: Known = field(init=False, repr=False)
    importance_: dict[str, float] = field(init=False, repr=False)
    odd_from_: float = field(init=False, repr=False)
    ordinary_: Ordinary = field(init=False, repr=False)
    slip_bars_: dict[str, float] = field(init=False, repr=False)
    card_: ModelCard = field(init=False, repr=False)
    _fitted: Listings | None = field(default=None, repr=False)
    _out_of_fold: Evidence | None = field(default=None, repr=False)

    def fit(self, listings: Listings, progress: Progress = silent) -> Finder:
        """Learn from listings with asking prices. Raises InputError where there is too little to learn from."""
        self.experts_ = Experts(self.market, self.seed, self.threads, self.models, self.budget)
        return self._learn(listings, *self.experts_.fit(listings, progress), progress)

    def begin(self, listings: Listings, progress: Progress = silent) -> Ground:
        """What the parts are learned from, each apart, by ``experts_``; then they are put together by ``assemble``."""
        self.experts_ = Experts(self.market, self.seed, self.threads, self.models, self.budget)
        ground = self.experts_.begin(listings, progress)
        self.experts_.valuation_.begin(ground.prepared, ground.things)
        return ground

    def assemble(
        self,
        listings: Listings,
        ground: Ground,
        network: FittedNetwork,
        models: Sequence[FittedModel],
        progress: Progress = silent,
    ) -> Finder:
        """The finder that ``fit`` gives, from its parts; once after ``begin`` on the same listings.

        models : one of each price model, in the order of ``experts_.valuation_.chosen``.
        """
        return self._learn(listings, *self.experts_.assemble(ground, network, models), progress)

    def _learn(
        self, listings: Listings, evidence: Evidence, corrupted: Evidence, rows: NDArray[np.int64], progress: Progress
    ) -> Finder:
        """What a bargain looks like, from out-of-fold evidence on the learned listings and on corrupted copies."""
        progress(Text("learning what a bargain looks like", "aprendiendo cómo se ve una ganga"), 0.8)
        self.known_ = Known.of(listings, self.experts_.learned_)
        self.judge_folds_ = split_folds(self.known_.listings.things.to_numpy(np.int64), JUDGE_FOLDS, self.seed + 1)
        judge = Judge(self.seed, self.threads)
        self.judge_ = judge.fit(evidence, corrupted, self.judge_folds_, self.judge_folds_[rows])
        self.importance_ = self._importance(evidence)
        slips = find_slips(self.known_.listings, evidence, np.arange(len(evidence.prepared)), self.experts_)
        self.slip_bars_ = learn_bars(slips, self.known_.listings, self.importance_)
        self.odd_from_ = max(ODD_EVERYWHERE, float(np.quantile(evidence.oddness, 1 - ODD_SHARE)))
        self.ordinary_ = self._ordinary(evidence)
        self.card_ = describe_model(self.market, listings, self.experts_, evidence, self.importance_)
        self._fitted, self._out_of_fold = listings, evidence
        return self

    def find(
        self,
        listings: Listings,
        wish: Wish | None = None,
        shown: int = 7,
        comparables: int = 5,
        keep: pd.Series | None = None,
        where: str = "",
        progress: Progress = silent,
        fdr: float | None = None,
    ) -> Findings:
        """Judge listings and prove the best.

        listings : of this market; the very object learned from is judged out of fold. keep : bool Series on its index,
        the listings asked about; the others are left out of the findings. where : the filter as written.
        fdr : instead of a fixed number show those that stand out so far that at most this share of them is expected to
        be no bargain, of many the best MOST_DISCOVERIES. Raises WishError for a wished column that says nothing among
        the listings learned from, and for ``fdr`` where no low price is wished for.
        """
        wish = self.checked(wish)
        if fdr is not None:
            check_countable(wish, self.market.price)
        progress(Text("judging the listings", "juzgando los anuncios"), 0.88)
        prover, best = self.judge(listings, wish, keep)
        if fdr is not None:
            best, shown = self.discovered(prover, best, wish, fdr), MOST_DISCOVERIES
        progress(Text("laying comparables beside them", "poniéndoles comparables al lado"), 0.94)
        rows = best[:shown].tolist()
        bargains = prover.prove_all(rows, wish, comparables)
        progress(Text("done", "listo"), 1.0)
        findings = self._findings(prover, wish, where, bargains)
        return findings if fdr is None else replace(findings, fdr=fdr, discovered=len(best))

    def discovered(self, prover: Prover, best: NDArray[np.int64], wish: Wish, rate: float) -> NDArray[np.int64]:
        """Of the rows worth showing, ``best``, those discovered at this rate among all that lean as wished."""
        p_values = prover.table["p_value"].to_numpy(np.float64)
        leaning = leaning_as_wished(prover.evidence, wish, self.market)
        return best[discover(np.where(leaning, p_values, np.nan), rate)[best]]

    def explain(
        self, listings: Listings, listing_id: str, wish: Wish | None = None, comparables: int = 5
    ) -> tuple[Bargain, Findings]:
        """Everything about one listing, bargain or not. UnknownNameError when no listing has this id."""
        wish = self.checked(wish)
        found = np.flatnonzero((listings.ids == listing_id).to_numpy())
        if not len(found):
            raise _unknown_listing(listings, listing_id)
        prover, _ = self.judge(listings, wish, None)
        return prover.prove_all([int(found[0])], wish, comparables)[0], self._findings(prover, wish, "", ())

    def judge(self, listings: Listings, wish: Wish, keep: pd.Series | None = None) -> tuple[Prover, NDArray[np.int64]]:
        """Every listing asked about with its verdict, ready to be proved; and the rows worth showing, best first.

        wish : as :meth:`checked` returns it. keep : as in :meth:`find`. May be called from several threads at once.
        """
        examined = self.examine(listings)
        if keep is not None:
            listings, examined = listings.take(keep), examined.take(np.flatnonzero(keep.to_numpy(bool)))
        decided = self.decide(listings, examined, wish)
        table, best = rank_listings(
            listings, examined.evidence, decided.chances, decided.ruling, decided.slips, wish, decided.p_values
        )
        return self.prover(listings, examined, decided, table), best

    def make_ready(self) -> None:
        """Do ahead of time, in about a second, what the first question about a new listing would wait for."""
        self.experts_.valuation_.make_ready()
        self.judge_.make_ready()
        self.known_.make_ready()

    def warm(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Lay out what every known listing is made of, so that none has to be when it serves as a comparable.

        Takes about 6 ms a listing, in a thread of the caller's; what is laid out serves at once. Goes on until ``stop``
        says so, and not beyond what is kept.
        """
        self.make_ready()
        self.experts_.valuation_.lay_out_known(stop)

    def examine(self, listings: Listings) -> Examined:
        """What the models say of listings, whatever is wished for; a verdict of one never depends on a filter."""
        evidence, positions = self._evidence(listings)
        slips = find_slips(listings, evidence, positions, self.experts_)
        near, apart = self.experts_.valuation_.nearest_known(evidence.prepared, self.known_.things_of(positions))
        opinions = gather_opinions(self.experts_.valuation_, evidence, near)
        return Examined(evidence, positions, near, apart[:, FIFTH], opinions, slips)

    def decide(self, listings: Listings, examined: Examined, wish: Wish) -> Decided:
        """A verdict for each of these listings, none of which depends on the others."""
        forgiving = examined.evidence.forgive([name for name, _ in wish.directions])
        chances = self._chances(forgiving, examined.positions)
        slips = self.told(examined, chances)
        ruling = self._ruling(listings, forgiving, chances, examined.fifth, examined.opinions, slips)
        p_values = self.ordinary_.p_values(chances[:, Nature.BARGAIN], examined.positions)
        return Decided(chances, ruling, slips, p_values)

    def told(self, examined: Examined, chances: NDArray[np.float64]) -> Slips:
        """Which mistyped numbers are told of, given the judge's chances, (n, 3)."""
        return examined.slips.told(self.slip_bars_, chances[:, Nature.ERROR])

    def prover(self, listings: Listings, examined: Examined, decided: Decided, table: pd.DataFrame) -> Prover:
        """What lays these listings open; table : as :func:`rank_listings` makes it."""
        seen = examined.evidence, decided.chances, table, examined.positions, examined.near
        return Prover(self, listings, *seen, examined.opinions, decided.ruling)

    def _findings(self, prover: Prover, wish: Wish, where: str, bargains: tuple[Bargain, ...]) -> Findings:
        return Findings(
            listings=read_set_aside(prover.listings, self.experts_),
            table=prover.table,
            surprise=surprise_table(prover.evidence, self.market, prover.listings.values.index),
            bargains=bargains,
            card=self.card_,
            wish=wish.describe(),
            where=where,
            examined=len(prover.listings),
        )

    def checked(self, wish: Wish | None) -> Wish:
        """The wish, the default one for None. WishError for a column that says nothing among the learned listings."""
        wish = wish or parse_wish(DEFAULT_WISH, self.market)
        for name, _ in wish.directions:
            if name != self.market.price and name not in self.experts_.preparation_.names_:
                raise WishError(
                    f"A wished column must differ between the listings learned from; {name!r} is empty or the same in "
                    "all of them. Wish for another.",
                    f"Una columna deseada debe variar entre los anuncios de los que se aprende; {name!r} está vacía o "
                    "es igual en todos. Desee otra.",
                )
        return wish

    def _evidence(self, listings: Listings) -> tuple[Evidence, NDArray[np.int64]]:
        """Evidence on every listing, and the position of each among the known ones (-1: not known)."""
        if listings is not self._fitted or self._out_of_fold is None:
            positions = self.known_.positions_of(listings)
            return self.experts_.evidence(listings, positions), positions
        learned = self.experts_.learned_
        positions = np.full(len(listings), -1, np.int64)
        positions[learned] = np.arange(len(learned))
        rest = np.flatnonzero(positions < 0)
        if not len(rest):
            return self._out_of_fold, positions
        keep = pd.Series(positions < 0, index=listings.values.index)
        other = self.experts_.evidence(listings.take(keep))
        return joined(self._out_of_fold, other).take(np.argsort(np.concatenate([learned, rest]))), positions

    def _chances(self, evidence: Evidence, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        known = np.maximum(positions, 0)
        return self.judge_.chances(evidence, np.where(positions >= 0, self.judge_folds_[known], -1))

    def _ordinary(self, evidence: Evidence) -> Ordinary:
        """How the learned listings look, each judged by models and classifiers that never saw it."""
        chances = self._chances(evidence, np.arange(len(evidence.prepared)))
        error = chances[:, Nature.ERROR] >= LIKELY_ERROR
        return Ordinary.of(chances, error | (evidence.oddness >= self.odd_from_))

    def _ruling(
        self,
        listings: Listings,
        evidence: Evidence,
        chances: NDArray[np.float64],
        fifth_nearest: NDArray[np.float64],
        opinions: Opinions,
        slips: Slips,
    ) -> Ruling:
        weights = [(name, weight) for name, weight in self.importance_.items() if name in listings.values.columns]
        absent = [listings.values[name].array.isna() * weight for name, weight in weights]
        missing = np.sum(absent, axis=0) + np.zeros(len(listings))
        suspect = self._doubtful(listings), evidence.oddness >= self.odd_from_
        disputed = opinions.disputed(evidence.prepared.log_price)
        return rule(evidence, chances, *suspect, fifth_nearest, missing, disputed, slips.found)

    def _doubtful(self, listings: Listings) -> NDArray[np.bool_]:
        doubtful = np.zeros(len(listings), bool)
        for doubt in listings.doubts:
            if doubt.implausible and self.importance_.get(doubt.column, 0.0) >= 0.02:
                doubtful[doubt.row] = True
        return doubtful

    def _importance(self, evidence: Evidence) -> dict[str, float]:
        """Share of each column in moving the price: mean absolute contribution, strongest first."""
        from perla.bargains.comparables import contributions

        rows = np.random.default_rng(self.seed).permutation(len(evidence.prepared))[:IMPORTANCE_SAMPLE]
        parts = contributions(self.experts_.valuation_, evidence.prepared.take(np.sort(rows)), fold=0)
        size = np.abs(parts.values - parts.values.mean(axis=0)).mean(axis=0)
        size = size / max(float(size.sum()), 1e-12)
        return {parts.columns[j]: float(size[j]) for j in np.argsort(-size)}

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values, texts, arrays and tables."""
        from perla.bargains.card import card_state
        from perla.listings.market_file import write_market

        return {
            "market": write_market(self.market),
            "market_name": self.market.name,
            "simulated": self.market.simulated,
            "seed": self.seed,
            "experts": self.experts_.state(),
            "judge": self.judge_.state(),
            "judge_folds": self.judge_folds_,
            "known": self.known_.state(),
            "odd_from": self.odd_from_,
            "ordinary": self.ordinary_.state(),
            "slip_bars": [[name, bar] for name, bar in self.slip_bars_.items()],
            "importance": [[name, share] for name, share in self.importance_.items()],
            "card": card_state(self.card_),
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], threads: int) -> Finder:
        """The finder that was saved. ShelfError when its pieces do not fit together."""
        from perla.bargains.card import card_from_state
        from perla.listings.market_file import read_market

        market = read_market(state["market"], state["market_name"])
        made = cls(market, int(state["seed"]), threads)
        made.experts_ = Experts.from_state(market, state["experts"], threads)
        made.judge_ = Judge.from_state(state["judge"], threads)
        made.judge_folds_ = state["judge_folds"]
        made.known_ = Known.from_state(market, state["known"])
        made.odd_from_ = float(state["odd_from"])
        made.ordinary_ = Ordinary.from_state(state["ordinary"])
        made.slip_bars_ = {str(name): float(bar) for name, bar in state["slip_bars"]}
        made.importance_ = {str(name): float(share) for name, share in state["importance"]}
        made.card_ = card_from_state(state["card"])
        return made


def joined(first: Evidence, second: Evidence) -> Evidence:
    """Two pieces of evidence, one under the other."""
    from dataclasses import fields, replace

    def stack(a: Any, b: Any) -> Any:
        return {
            f.name: np.concatenate([getattr(a, f.name), getattr(b, f.name)])
            for f in fields(a)
            if isinstance(getattr(a, f.name), np.ndarray)
        }

    surprise: SurpriseMatrix = replace(first.surprise, **stack(first.surprise, second.surprise))
    return Evidence(
        replace(first.prepared, **stack(first.prepared, second.prepared)),
        replace(first.estimates, **stack(first.estimates, second.estimates)),
        surprise,
        np.concatenate([first.network_expected, second.network_expected]),
        first.levels,
        first.limits,
    )


def _unknown_listing(listings: Listings, listing_id: str) -> UnknownNameError:
    rejected = next((r for r in listings.rejected if r.listing_id == listing_id), None)
    if rejected is not None:
        return UnknownNameError(
            f"Listing {listing_id!r} was set aside: {rejected.reason.en}.",
            f"El anuncio {listing_id!r} fue apartado: {rejected.reason.es}.",
        )
    near = closest(listing_id, listings.ids.astype(str).tolist()[:20_000])
    return UnknownNameError(
        f"No listing has the id {listing_id!r}." + (f" Did you mean {near!r}?" if near else ""),
        f"Ningún anuncio tiene el id {listing_id!r}." + (f" ¿Quiso decir {near!r}?" if near else ""),
    )
