"""The model card: what was learned, from what, and how well on listings never seen."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla import __version__
from perla.bargains.evaluation import score_learned
from perla.bargains.evidence import Evidence
from perla.bargains.experts import Experts
from perla.bargains.findings import Fit, ModelCard
from perla.listings import Listings, Market
from perla.valuation.scorecard import scorecard_from_state
from perla.words import Text, fill

Floats = NDArray[np.float64]
SMALL = 500


def describe_model(
    market: Market, listings: Listings, experts: Experts, evidence: Evidence, importance: dict[str, float]
) -> ModelCard:
    """Figures are out of fold: every estimate is of a listing its model never saw."""
    estimates, log_price = evidence.estimates, evidence.prepared.log_price
    inside = (log_price >= estimates.low) & (log_price <= estimates.high)
    fits = [_fit(Text("perla", "perla"), estimates.expected, log_price)]
    models = experts.valuation_.chosen
    fits += [_fit(model.offer.name, estimates.members[:, j], log_price) for j, model in enumerate(models)]
    weights = experts.valuation_.weights_
    assert weights is not None
    return ModelCard(
        market=market.name,
        learned_from=listings.source,
        listings_learned=len(log_price),
        listings_not_learned=len(listings) - len(log_price),
        data_hash=_hash(listings),
        perla_version=__version__,
        seed=experts.seed,
        fits=tuple(fits),
        coverage=float(inside.mean()),
        interval_width=float(np.median(np.exp(estimates.high - estimates.low))),
        weights=tuple((model.offer.name.en, float(w)) for model, w in zip(models, weights, strict=True)),
        drivers=tuple(importance.items()),
        kept_out=tuple((c.name, c.price_proxy) for c in market.columns if c.price_proxy is not None),
        left_out=_left_out(market, experts),
        notes=_notes(experts, len(log_price)),
        simulated=market.simulated,
        scorecard=score_learned(experts, listings.values.iloc[experts.learned_], estimates, importance),
    )


def _fit(name: Text, expected: Floats, log_price: Floats) -> Fit:
    off = np.abs(np.expm1(expected - log_price))
    price, estimate = np.exp(log_price), np.exp(expected)
    r2 = 1 - float(((price - estimate) ** 2).sum() / ((price - price.mean()) ** 2).sum())
    return Fit(name, float(np.median(off)), r2, float((off <= 0.10).mean()))


def _left_out(market: Market, experts: Experts) -> tuple[tuple[str, Text], ...]:
    same_everywhere = Text("the same everywhere", "igual en todos")
    silent = [(name, same_everywhere) for name in experts.preparation_.left_out_]
    unused = [
        (c.name, fill("not an attribute ({kind})", "no es un atributo ({kind})", kind=c.kind.label))
        for c in market.columns
        if not c.modelled and c.price_proxy is None and c.name != market.price
    ]
    return (*silent, *unused)


def _notes(experts: Experts, learned: int) -> tuple[Text, ...]:
    notes = [] if experts.searched_ is None else [experts.searched_.note]
    if experts.network_.note is not None:
        notes.append(experts.network_.note)
    if learned < SMALL:
        notes.append(
            Text(
                f"A small market: only {learned} listings to learn from, so intervals are wide and verdicts careful.",
                f"Un mercado pequeño: solo {learned} anuncios para aprender; los intervalos son anchos y los "
                "veredictos prudentes.",
            )
        )
    return tuple(notes)


def _hash(listings: Listings) -> str:
    digest = hashlib.sha256("\x1f".join(map(str, listings.values.columns)).encode())
    digest.update(pd.util.hash_pandas_object(listings.values, index=False).to_numpy().tobytes())
    return digest.hexdigest()[:16]


def card_state(card: ModelCard) -> dict[str, Any]:
    """The card as plain values."""
    from dataclasses import asdict

    return asdict(card)


def card_from_state(state: dict[str, Any]) -> ModelCard:
    """The card whose ``card_state`` this is."""

    def text(words: dict[str, str]) -> Text:
        return Text(words["en"], words["es"])

    return ModelCard(
        **{
            **state,
            "fits": tuple(Fit(text(f["name"]), f["mdape"], f["r2"], f["within_10"]) for f in state["fits"]),
            "weights": tuple((str(n), float(w)) for n, w in state["weights"]),
            "drivers": tuple((str(n), float(w)) for n, w in state["drivers"]),
            "kept_out": tuple((str(n), text(t)) for n, t in state["kept_out"]),
            "left_out": tuple((str(n), text(t)) for n, t in state["left_out"]),
            "notes": tuple(text(t) for t in state["notes"]),
            "scorecard": None if (told := state.get("scorecard")) is None else scorecard_from_state(told),
        }
    )
