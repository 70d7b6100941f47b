"""An automatic search: which price models, grown how, estimate this market best within a budget.

Optuna's tree-structured Parzen estimator (Bergstra et al., 2011) proposes a model and its settings; each proposal is
judged by what the blend's error would be with it, out of fold and grouped by things, on listings to learn from only.
A greedy choice (Caruana et al., 2004) then keeps the models that lower the error together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.errors import MissingExtraError
from perla.prepare import Prepared
from perla.valuation.blend import blend_weights
from perla.valuation.boosted import side_by_side
from perla.valuation.price_models import ALWAYS, DEFAULT_MODELS, PRICE_MODELS, Setting, read_choice
from perla.valuation.valuation import Valuation
from perla.words import Text, number

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_ROWS = 6_000  # listings that proposals are judged on
WORTH = 0.001  # a further model must lower the blend's error by this share of it
ORDER = (*DEFAULT_MODELS, "comparables", "network", "forest", "catboost")  # the cheap before the dear
SEARCHED: dict[str, tuple[Setting, ...]] = {
    "smooth": (Setting("rate", 0.02, 0.1, log=True), Setting("leaves", 15, 127, log=True),
               Setting("leaf_rows", 5, 60, log=True), Setting("column_share", 0.3, 1.0)),
    "deep": (Setting("leaves", 127, 1023, log=True), Setting("leaf_rows", 2, 10), Setting("column_share", 0.2, 0.8)),
    "network": (Setting("width", 64, 256, log=True), Setting("dropout", 0.0, 0.3), Setting("level_size", 4, 16),
                Setting("rate", 5e-4, 5e-3, log=True)),
    "forest": (Setting("leaf_rows", 1, 8), Setting("column_share", 0.2, 0.8)),
    "catboost": (Setting("rate", 0.03, 0.12, log=True), Setting("depth", 4, 8), Setting("pull", 1.0, 10.0, log=True)),
}  # fmt: skip
SEARCHED["compared"] = SEARCHED["smooth"]


@dataclass(frozen=True)
class Budget:
    """When to stop: after so many trials or seconds of this clock, whichever comes first (None: no limit).

    With trials alone the same seed gives the same result; seconds depend on the machine. The four models of the
    default are always tried, whatever the budget.
    """

    seconds: float | None = None
    trials: int | None = None
    clock: Callable[[], float] = lambda: 0.0

    def __post_init__(self) -> None:
        if self.seconds is None and self.trials is None:
            raise ValueError("A budget needs seconds or trials; got neither. Give one.")


@dataclass(frozen=True)
class Trial:
    """One model that was tried: mean absolute error of its log price alone, and of the blend with it."""

    model: str
    own_error: float
    blend_error: float


@dataclass(frozen=True)
class Found:
    """What a search chose, and all it tried; errors are mean absolute errors of the blended log price, out of fold."""

    models: tuple[str, ...]
    error: float
    default_error: float
    trials: tuple[Trial, ...]
    rows: int
    absent: tuple[str, ...] = ()

    @property
    def note(self) -> Text:
        """The search in one paragraph, for the card."""
        tried = ", ".join(f"{model_id} {count}" for model_id, count in _counted(self.trials).items())
        en, es = _absent(self.absent)
        return Text(
            f"Automatic search: {len(self.trials)} price models tried on {number(self.rows).en} of the listings to "
            f"learn from ({tried}){en}. Chosen: {'; '.join(self.models)}. Mean error of the blend, out of fold: "
            f"{_told(self.error).en}, against {_told(self.default_error).en} for the default models.",
            f"Búsqueda automática: se probaron {len(self.trials)} modelos de precio con {number(self.rows).es} de los "
            f"anuncios de los que se aprende ({tried}){es}. Elegidos: {'; '.join(self.models)}. Error medio de la "
            f"mezcla, fuera de muestra: {_told(self.error).es}, frente a {_told(self.default_error).es} con "
            "los modelos de siempre.",
        )


@dataclass
class ModelSearch:
    """Proposals for one market, judged on at most MOST_ROWS of the listings to learn from.

    latitude, longitude : names of the coordinate columns, or None. tell : hears what is tried, and the share done.
    """

    budget: Budget
    latitude: str | None = None
    longitude: str | None = None
    seed: int = 0
    threads: int = 1
    tell: Callable[[Text, float], None] = lambda step, share: None
    _estimates: dict[str, Floats] = field(default_factory=dict, repr=False)
    _seconds: dict[str, float] = field(default_factory=dict, repr=False)
    _order: list[str] = field(default_factory=list, repr=False)

    def fit(self, prepared: Prepared, things: Ints) -> Found:
        """Search. Raises MissingExtraError without Optuna."""
        optuna = load_optuna()
        rows = _sample(things, self.seed)
        self._prepared, self._begun = prepared.take(rows), self.budget.clock()
        self._bench = Valuation(self.latitude, self.longitude, self.seed, self.threads)
        self._columns = self._bench.begin(self._prepared, things[rows])
        self._estimates, self._seconds, self._order = {}, {}, []
        kinds = [model_id for model_id in ORDER if _installed(model_id)]
        for model_id in kinds:
            if model_id in DEFAULT_MODELS or self._affordable(model_id):
                self._try(model_id)
        plain = tuple(self._order)
        self._propose(optuna, [model_id for model_id in plain if model_id in SEARCHED], plain)
        return self._choose(plain, tuple(o.id for o in PRICE_MODELS if o.id in ORDER and not _installed(o.id)))

    def _propose(self, optuna: Any, kinds: list[str], plain: tuple[str, ...]) -> None:
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=self.seed))
        misses = 0
        while misses < len(kinds) * 4 and self._affordable(""):
            trial = study.ask()
            model = suggest(trial, kinds)
            if not self._affordable(_kind(model)):
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
                misses += 1
                continue
            misses = misses + 1 if model in self._estimates else 0
            self._try(model)
            study.tell(trial, self._error_with(model, plain))

    def _try(self, model: str) -> None:
        """Its out-of-fold estimates, kept by its text."""
        if model in self._estimates:
            return
        step = Text(f"trying {model}", f"probando {model}")
        self.tell(step, 0.08 * self._spent())  # what follows the search is told from 0.08 on
        begun, chosen, target = self.budget.clock(), read_choice(model), self._prepared.log_price
        folds = self._folds()

        def learn(fold: int) -> Floats:
            own, extra = folds != fold, self._columns[fold]
            made = chosen.make(len(target), self.seed * 1000 + fold * 10)
            made.fit(self._prepared.take(own), target[own], extra[own])
            return made.predict(self._prepared.take(~own), extra[~own])

        told, found = side_by_side(learn, self._bench.fold_numbers, self.threads), np.empty(len(target))
        for fold, part in enumerate(told):
            found[folds == fold] = part
        self._estimates[model] = found
        self._order.append(model)
        self._seconds[_kind(model)] = self.budget.clock() - begun

    def _affordable(self, model_id: str) -> bool:
        """Whether the budget has room for one more of this kind, by what the last one took."""
        if self.budget.trials is not None and len(self._order) >= self.budget.trials:
            return False
        needed = self._seconds.get(model_id, 0.0)
        return self.budget.seconds is None or self._passed() + needed < self.budget.seconds

    def _passed(self) -> float:
        return self.budget.clock() - self._begun

    def _spent(self) -> float:
        """Share of the budget that is used up."""
        shares = [0.0]
        if self.budget.trials:
            shares.append(len(self._order) / self.budget.trials)
        if self.budget.seconds:
            shares.append(self._passed() / self.budget.seconds)
        return min(1.0, max(shares))

    def _error_with(self, model: str, plain: tuple[str, ...]) -> float:
        """The blend's error with this model in the place of the plain one of its kind."""
        return self._error([other for other in plain if other != _kind(model)] + [model])

    def _error(self, models: list[str]) -> float:
        """Mean absolute error of the blend, the weights for each fold learned from the others."""
        members, target, folds = self._stack(models), self._prepared.log_price, self._folds()
        off = np.empty(len(target))
        for fold in self._bench.fold_numbers:
            own = folds == fold
            off[own] = target[own] - members[own] @ blend_weights(members[~own], target[~own])
        return float(np.abs(off).mean())

    def _folds(self) -> Ints:
        assert self._bench.folds_ is not None
        return self._bench.folds_

    def _stack(self, models: list[str]) -> Floats:
        return np.column_stack([self._estimates[model] for model in models])

    def _choose(self, plain: tuple[str, ...], absent: tuple[str, ...]) -> Found:
        with_each = {model: self._error_with(model, plain) for model in self._order}
        best = {kind: min((m for m in self._order if _kind(m) == kind), key=with_each.__getitem__) for kind in plain}
        chosen = [best[kind] for kind in ALWAYS]
        error, rest = self._error(chosen), [m for kind, m in best.items() if kind not in ALWAYS]
        while rest:
            lowest, model = min((self._error([*chosen, m]), m) for m in rest)
            if lowest > error * (1 - WORTH):
                break
            chosen, error, rest = [*chosen, model], lowest, [m for m in rest if m != model]
        usual = self._error(list(DEFAULT_MODELS))
        if usual <= error:
            chosen, error = list(DEFAULT_MODELS), usual
        own = {m: float(np.abs(self._estimates[m] - self._prepared.log_price).mean()) for m in self._order}
        trials = tuple(Trial(m, own[m], with_each[m]) for m in self._order)
        return Found(tuple(chosen), error, usual, trials, len(self._prepared), absent)


def suggest(trial: Any, kinds: list[str]) -> str:
    """A model and its settings, as the trial proposes them.

    >>> import optuna
    >>> proposed = {"model": "forest", "forest.leaf_rows": 3, "forest.column_share": 0.5}
    >>> suggest(optuna.trial.FixedTrial(proposed), ["forest"])
    'forest(leaf_rows=3, column_share=0.5)'
    """
    model_id = trial.suggest_categorical("model", kinds)
    told = []
    for setting in SEARCHED[model_id]:
        ask = trial.suggest_int if setting.whole else trial.suggest_float
        value = ask(f"{model_id}.{setting.name}", setting.low, setting.high, log=setting.log)
        told.append(f"{setting.name}={value:.3g}" if not setting.whole else f"{setting.name}={value}")
    return str(read_choice(f"{model_id}({', '.join(told)})"))


def load_optuna() -> Any:
    """Optuna, silent, or MissingExtraError with the line that installs it."""
    try:
        import optuna
    except ImportError as missing:
        raise MissingExtraError(
            "The search for price models needs Optuna. Install it with: pip install 'perla[deep]'",
            "La búsqueda de modelos de precio necesita Optuna. Instálelo con: pip install 'perla[deep]'",
        ) from missing
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _sample(things: Ints, seed: int) -> Ints:
    """Positions of at most MOST_ROWS listings, whole things."""
    if len(things) <= MOST_ROWS:
        return np.arange(len(things))
    unique, inverse = np.unique(things, return_inverse=True)
    rank = np.random.default_rng(seed).permutation(len(unique))[inverse]
    last = np.sort(rank)[MOST_ROWS - 1]
    return np.flatnonzero(rank <= last)


def _kind(model: str) -> str:
    return model.partition("(")[0]


def _installed(model_id: str) -> bool:
    package = next(offer.package for offer in PRICE_MODELS if offer.id == model_id)
    return not package or find_spec(package) is not None


def _counted(trials: tuple[Trial, ...]) -> dict[str, int]:
    kinds = [_kind(trial.model) for trial in trials]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def _told(error: float) -> Text:
    share = number(error * 100, 2)
    return Text(f"{share.en} %", f"{share.es} %")


def _absent(models: tuple[str, ...]) -> tuple[str, str]:
    if not models:
        return "", ""
    names = ", ".join(models)
    return f"; not installed: {names}", f"; sin instalar: {names}"
