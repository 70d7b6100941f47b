"""What became of the listings perla called bargains on the day they first appeared.

    python benchmarks/outcomes.py [--data FOLDER] [--panels luxembourg kijiji] [--seeds 0 1] [--work FOLDER]

On two panels of car listings (first seen, last seen, price changes) perla learns at each of four days from the cars
first seen before it, at their first asking price, and judges those that appear after it, with what was known on the day
they appeared. Cox regressions then ask whether bargains leave sooner and are cut less than others of the same expected
price, age, mileage, month and make. Figures go between markers into docs/outcomes.md, curves into docs/images/.
Verdicts are kept in WORK, so that a run that was stopped goes on where it stood; a fresh folder measures everything
anew. About ten minutes on one thread.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from leaderboard import ROOT, commit_of_perla, table, write_block
from outcome_models import (
    WINDOWS,
    WITHIN_DAYS,
    Ratio,
    bootstrapped,
    day_of_half,
    ends_by_cut,
    ends_of_stay,
    harrell_test,
    hazard_ratios,
    hold_more,
    kaplan_meier,
    likelihood_gain,
    odds_of_a_cut,
    said,
    within,
)
from outcome_panels import Panel, kijiji, luxembourg

PAGE = ROOT / "docs" / "outcomes.md"
IMAGES = ROOT / "docs" / "images"
PANELS = {"luxembourg": luxembourg, "kijiji": kijiji}
DEALS = ("great", "good")
MOST_LEARNED = 8_000
FIFTH = 0.2
LEAST_SUSPICIOUS = 8
BOOTSTRAPS = 60
GROUPS = {"bargain": DEALS, "fair": ("fair",), "dear": ("high", "overpriced")}
COLOURS = {"bargain": "#1b7f5c", "fair": "#7a7a7a", "dear": "#b4552d"}


@dataclass(frozen=True)
class Run:
    """Where files go and what perla is given."""

    work: Path
    threads: int

    def call_perla(self, known: pd.DataFrame, new: pd.DataFrame, name: str, seed: int) -> pd.DataFrame:
        """perla's table for the new listings, learned from the known ones; kept for a run that was stopped."""
        scores = self.work / f"{name}-scores.csv"
        if not scores.exists():
            paths = [self.work / f"{name}-{part}.csv" for part in ("new", "known")]
            for part, path in zip((new, known), paths, strict=True):
                part.rename_axis("listing_id").reset_index().to_csv(path, index=False)
            _run_perla(["find", str(paths[0]), "--reference", str(paths[1]), "--all", "-o", str(scores), "-q", "--seed",
                        str(seed), "--threads", str(self.threads), "--lang", "en"], self.work / "home")  # fmt: skip
        return pd.read_csv(scores, dtype={"listing_id": str}).set_index("listing_id")


def _run_perla(words: list[str], home: Path) -> None:
    limits = {"PERLA_HOME": str(home), "OMP_NUM_THREADS": "1"}
    perla = Path(sys.executable).with_name("perla")
    done = subprocess.run(
        [str(perla), *words], env={**os.environ, **limits}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"perla ended with {done.returncode}: {done.stderr}")


def judge(panel: Panel, run: Run, seed: int) -> pd.DataFrame:
    """Every entry after the first cut with its verdict, its expected prices and what became of it."""
    stops = [*panel.cuts[1:], panel.follow_end]
    return pd.concat([_judge_window(panel, run, seed, a, b) for a, b in zip(panel.cuts, stops, strict=True)])


def _judge_window(panel: Panel, run: Run, seed: int, start: pd.Timestamp, stop: pd.Timestamp) -> pd.DataFrame:
    spells = panel.spells
    known = panel.shown[spells["first_seen"] < start]
    known = known.sample(min(len(known), MOST_LEARNED), random_state=seed)
    new = panel.shown[spells["entry"] & (spells["first_seen"] >= start) & (spells["first_seen"] < stop)]
    scores = run.call_perla(known, new, f"{panel.name}-{start:%Y-%m-%d}-{seed}", seed).reindex(new.index)
    return spells.loc[new.index].assign(
        verdict=scores["verdict"].fillna("not rated"),
        expected=scores["expected_price"],
        hedonic=hedonic_prices(known, new),
        cheap=new["price"] <= known["price"].quantile(FIFTH),
        learned=len(known),
        window=start,
    )


def hedonic_prices(known: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """A plain hedonic regression: log price on kinds, and on numbers with their squares and logarithms (ridge)."""
    from sklearn.linear_model import RidgeCV
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    kinds = [c for c in known if not pd.api.types.is_numeric_dtype(known[c]) and known[c].nunique() <= 600]
    numbers = [c for c in known if c != "price" and pd.api.types.is_numeric_dtype(known[c])]
    encoder = OneHotEncoder(handle_unknown="ignore", min_frequency=3).fit(known[kinds].fillna("unknown"))
    middle, limits = known[numbers].median(), known[numbers].quantile([0.005, 0.995])

    def columns(cars: pd.DataFrame) -> np.ndarray:
        filled = cars[numbers].fillna(middle).clip(limits.iloc[0], limits.iloc[1], axis=1)
        return np.hstack([filled, np.log1p(filled)])

    scaler = StandardScaler().fit(columns(known))

    def design(cars: pd.DataFrame) -> np.ndarray:
        x = scaler.transform(columns(cars))
        return np.hstack([encoder.transform(cars[kinds].fillna("unknown")).toarray(), x, x**2])

    usual = known["price"].between(*known["price"].quantile([0.002, 0.998]))
    model = RidgeCV(np.logspace(-2, 3, 11)).fit(design(known[usual]), np.log(known["price"][usual]))
    return pd.Series(np.exp(model.predict(design(new))), index=new.index)


def rated(judged: pd.DataFrame) -> pd.DataFrame:
    """Those with a deal word: neither suspicious nor unrated."""
    return judged[judged["verdict"].isin([v for group in GROUPS.values() for v in group])]


def bargain(cars: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"bargain (great or good)": cars["verdict"].isin(DEALS)})


def ten_percent_below(cars: pd.DataFrame) -> pd.DataFrame:
    """How far below the expected price, in steps of a tenth of a log point."""
    return pd.DataFrame({"each 10 % below the expected price": -np.log(cars["price"] / cars["expected"]) / 0.1})


def dose(cars: pd.DataFrame) -> pd.DataFrame:
    words = {"great", "good", "high", "overpriced"} & set(cars["verdict"])
    return pd.DataFrame(
        {f"{v}, against fair": cars["verdict"] == v for v in ("great", "good", "high", "overpriced") if v in words}
    )


def flags(cars: pd.DataFrame) -> dict[str, tuple[pd.Series, pd.Series | None]]:
    """Simpler ways to call a listing cheap: name -> (who, the expected price held constant with it)."""
    deals = cars["verdict"].isin(DEALS)
    perla, hedonic = cars["price"] / cars["expected"], cars["price"] / cars["hedonic"]
    windows, allowed = cars["window"], deals.groupby(cars["window"]).transform("sum")

    def fifth(ratio: pd.Series) -> pd.Series:
        return ratio.groupby(windows).rank(pct=True) <= FIFTH

    return {
        "perla: great or good": (deals, cars["expected"]),
        "perla: as many, furthest below expected": (perla.groupby(windows).rank() <= allowed, cars["expected"]),
        "hedonic residual: as many": (hedonic.groupby(windows).rank() <= allowed, cars["hedonic"]),
        "perla: fifth furthest below expected": (fifth(perla), cars["expected"]),
        "hedonic residual: fifth furthest below": (fifth(hedonic), cars["hedonic"]),
        "naive: cheapest fifth of the market": (cars["cheap"], None),
    }


def main_table(panel: Panel, runs: dict[int, pd.DataFrame]) -> str:
    """Hazard ratios of leaving and of the first cut, and odds ratios of a cut soon, by seed."""
    rows: dict[str, list[list[str]]] = {}
    for seed, judged in runs.items():
        cars = rated(judged)
        for asked in (bargain(cars), ten_percent_below(cars), dose(cars)):
            gone = hazard_ratios(ends_of_stay(cars, cars["expected"]), asked)
            cut = hazard_ratios(ends_by_cut(cars, cars["expected"]), asked)
            odds = odds_of_a_cut(cars, cars["expected"], asked, panel.follow_end)
            for name in asked:
                row = [name, str(seed), *map(str, (gone[name], cut[name], odds[name]))]
                rows.setdefault(name, []).append(row)
        asked, shown = bargain(cars), panel.shown.loc[cars.index]
        more = [hold_more(ends(cars, cars["expected"]), shown) for ends in (ends_of_stay, ends_by_cut)]
        name = "bargain, more held constant"
        found = [str(hazard_ratios(ends, asked)[asked.columns[0]]) for ends in more]
        rows.setdefault(name, []).append([name, str(seed), *found, "-"])
    head = ["what is asked", "seed", "hazard ratio of leaving", "hazard ratio of the first cut",
            f"odds ratio of a cut within {WITHIN_DAYS} days"]  # fmt: skip
    return table(head, [row for same in rows.values() for row in same])


def sureness_lines(judged: pd.DataFrame, times: int) -> list[str]:
    """Bootstrap intervals and whether the hazards are proportional."""
    cars, lines = rated(judged), []
    asked = bargain(cars)
    for word, ends in (
        ("leaving", ends_of_stay(cars, cars["expected"])),
        ("the first cut", ends_by_cut(cars, cars["expected"])),
    ):
        low, high = bootstrapped(ends, asked, times, 0)
        parts = []
        for start, stop in WINDOWS:
            there = asked[(ends.days > start).to_numpy()].reset_index(drop=True)
            found: Ratio = hazard_ratios(within(ends, start, stop), there)[asked.columns[0]]
            days = f"after day {start:.0f}" if stop == np.inf else f"days {start:.0f} to {stop:.0f}"
            parts.append(f"{days} {found}, {found.events} ends")
        lines.append(
            f"- Bargains, {word}: cars drawn anew {times} times, 95 % of the hazard ratios lie between {low:.2f} and "
            f"{high:.2f}. By time on the market: {'; '.join(parts)}. Drift of the effect with time (Schoenfeld "
            f"residuals against the rank of time): {said(harrell_test(ends, asked))}."
        )
    return lines


def flag_table(judged: pd.DataFrame) -> str:
    """perla's verdict beside simpler flags, each in a regression of its own."""
    cars, rows = rated(judged), []
    for name, (who, expected) in flags(cars).items():
        asked = pd.DataFrame({name: who})
        gone = hazard_ratios(ends_of_stay(cars, expected), asked)[name]
        cut = hazard_ratios(ends_by_cut(cars, expected), asked)[name]
        rows.append([name, f"{who.mean():.1%}", str(gone), str(cut)])
    return table(["who is called cheap", "share of the listings", "leaving", "first cut"], rows)


def together_lines(panel: Panel, judged: pd.DataFrame) -> list[str]:
    """What perla's verdict and its expected price add to the simpler ones."""
    cars, lines = rated(judged), []
    named = {name: who for name, (who, _) in flags(cars).items()}
    trio = ("perla: great or good", "hedonic residual: as many", "naive: cheapest fifth of the market")
    both = pd.DataFrame({name: named[name] for name in trio})
    perla, hedonic = (np.log(cars[["price"]].div(cars[name], axis=0)).set_axis([name], axis=1)
                      for name in ("expected", "hedonic"))  # fmt: skip
    nothing = pd.DataFrame(index=cars.index)
    for word, make_ends in (("Leaving", ends_of_stay), ("First cut", ends_by_cut)):
        found = hazard_ratios(make_ends(cars, cars["expected"]), both)
        ends = hold_more(make_ends(cars, None), panel.shown.loc[cars.index])
        steps = ((nothing, perla), (nothing, hedonic), (hedonic, perla), (perla, hedonic))
        chi2 = [f"{gain:.1f} ({said(p)})" for gain, p in (likelihood_gain(ends, *step) for step in steps)]
        lines.append(
            f"- {word}, all three flags in one regression: "
            + "; ".join(f"{name} {ratio}" for name, ratio in found.items())
            + f". Chi-square gained, more held constant, by log(asking / expected): perla's {chi2[0]}, the hedonic one "
            f"{chi2[1]}; perla's after the hedonic one {chi2[2]}, the hedonic one after perla's {chi2[3]}."
        )
    return lines


def verdict_table(judged: pd.DataFrame, follow_end: pd.Timestamp) -> str:
    """What became of each verdict, nothing held constant."""
    rows = []
    for verdict in (*DEALS, "fair", "high", "overpriced", "suspicious", "not rated"):
        cars = judged[judged["verdict"] == verdict]
        if not len(cars):
            continue
        old = cars[cars["first_seen"] <= follow_end - pd.Timedelta(days=WITHIN_DAYS)]
        early = [old[name].le(WITHIN_DAYS).mean() for name in ("cut_days", "raise_days")]
        wrong = cars[["halved_days", "doubled_days"]].notna().any(axis=1).mean()
        half = day_of_half(cars["days"], cars["gone"])
        rows.append([
            verdict, str(len(cars)), "not seen" if np.isnan(half) else f"{half:.0f}",
            *("-" if np.isnan(x) else f"{x:.0%}" for x in early), f"{wrong:.1%}",
            "-" if cars["expected"].isna().all() else f"{(cars['price'] / cars['expected']).median():.2f}",
        ])  # fmt: skip
    head = ["verdict", "cars", "days until half were gone", f"cut within {WITHIN_DAYS} days",
            f"raised within {WITHIN_DAYS} days", "halved or doubled later", "median asking / expected"]  # fmt: skip
    return table(head, rows)


def suspicious_line(judged: pd.DataFrame) -> str:
    """Whether what was called suspicious left sooner than the fair, and whether its price was put right."""
    cars = judged[judged["verdict"].isin(["fair", "suspicious"]) & judged["expected"].notna()]
    odd = pd.DataFrame({"suspicious": cars["verdict"] == "suspicious"})
    if odd["suspicious"].sum() < LEAST_SUSPICIOUS:
        return f"Suspicious listings: {odd['suspicious'].sum()}, too few to compare."
    found = hazard_ratios(ends_of_stay(cars, cars["expected"]), odd)["suspicious"]
    moved = cars.loc[odd["suspicious"], ["cut_days", "raise_days", "halved_days", "doubled_days"]].notna().sum()
    return (
        f"Suspicious listings ({odd['suspicious'].sum()}), kept out of what follows, against fair ones: hazard "
        f"ratio of leaving {found}. While they were there {moved['halved_days']} were more than halved and "
        f"{moved['doubled_days']} more than doubled (errors put right); {moved['cut_days']} were cut by less and "
        f"{moved['raise_days']} raised at all."
    )


def count_table(panel: Panel, judged: pd.DataFrame) -> str:
    spells, cars = panel.spells, rated(judged)
    first = panel.cuts[0]
    steps = [
        *panel.steps,
        ("cars first seen while the search was running (entries)", int(spells["entry"].sum())),
        (f"entries from {first:%-d %B %Y} and before {panel.follow_end:%-d %B %Y}: judged", len(judged)),
        ("of them suspicious", int(judged["verdict"].eq("suspicious").sum())),
        ("of them not rated", int(judged["verdict"].eq("not rated").sum())),
        ("of them in the regressions", len(cars)),
        ("bargains among those (great or good)", int(cars["verdict"].isin(DEALS).sum())),
        ("gone by the end", int(cars["gone"].sum())),
        ("cut while on the market", int(cars["cut_days"].le(cars["days"]).sum())),
    ]
    return table(["kept", "how many"], [[name, f"{count:,}"] for name, count in steps])


def draw(panel: Panel, judged: pd.DataFrame) -> Path:
    """Two curves per group: still on the market, and not cut yet."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    cars = rated(judged)
    cut = cars["cut_days"].le(cars["days"])
    watches = {
        "Share still on the market": (cars["days"], cars["gone"]),
        "Share whose price was not cut yet": (cars["cut_days"].where(cut, cars["days"]), cut),
    }
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    for axis, (title, (days, ended)) in zip(axes, watches.items(), strict=True):
        for group, verdicts in GROUPS.items():
            who = cars["verdict"].isin(verdicts)
            curve = kaplan_meier(days[who], ended[who])
            axis.step(
                curve["day"], curve["share"], where="post", color=COLOURS[group], label=f"{group} ({who.sum():,})"
            )
            axis.fill_between(
                curve["day"], curve["low"], curve["high"], step="post", color=COLOURS[group], alpha=0.18, lw=0
            )
        axis.set(title=title, xlabel="days since first seen", xlim=(0, 90), ylim=(0, 1))
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False, title="called on day one")
    figure.suptitle(f"{panel.title}: what became of listings, by perla's first verdict (95 % bands)", fontsize=11)
    figure.tight_layout()
    path = IMAGES / f"outcomes-{panel.name}.png"
    figure.savefig(path, dpi=90)
    plt.close(figure)
    return path


def block_of(panel: Panel, runs: dict[int, pd.DataFrame], command: str, times: int) -> str:
    """Everything measured on one panel, as Markdown."""
    seed, judged = next(iter(runs.items()))
    image = draw(panel, judged)
    words = " · ".join(f"{day:%Y-%m-%d}" for day in panel.cuts)
    learned = " · ".join(f"{n:,}" for n in judged.groupby("window")["learned"].first())
    agree = [f"{(judged['verdict'] == other['verdict']).mean():.1%}" for s, other in runs.items() if s != seed]
    parts = [
        f"Data: {panel.about}.\nMade by `{command}` on {date.today()} at commit {commit_of_perla()}.",
        count_table(panel, judged),
        f"perla learned on {words} from {learned} cars.",
        f"![{panel.title}: share still on the market and share not cut yet, for bargains, fair and dear listings]"
        f"(images/{image.name})",
        f"Nothing held constant (seed {seed}):",
        verdict_table(judged, panel.follow_end),
        suspicious_line(judged),
        "Expected price, age, mileage, month of entry and make held constant (95 % intervals):",
        main_table(panel, runs),
        *([f"Two seeds give the same verdict to {', '.join(agree)} of the cars."] if agree else []),
        "\n".join(sureness_lines(judged, times)),
        f"perla beside simpler flags, hazard ratios (seed {seed}):",
        flag_table(judged),
        "\n".join(together_lines(panel, judged)),
        "Columns perla was not shown:",
        table(["column", "why"], panel.kept_out),
    ]
    return "\n\n".join(parts)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    asked.add_argument("--panels", nargs="+", choices=tuple(PANELS), default=list(PANELS))
    asked.add_argument("--seeds", nargs="+", type=int, default=[0, 1])
    asked.add_argument("--threads", type=int, default=1)
    asked.add_argument("--bootstraps", type=int, default=BOOTSTRAPS)
    asked.add_argument("--work", type=Path, help="where verdicts are kept; without it a folder that is thrown away")
    options = asked.parse_args()
    if not options.data.is_dir():
        sys.exit(f"The data folder must exist; {options.data} does not. Name it with --data.")
    with tempfile.TemporaryDirectory() as scratch:
        run = Run(options.work or Path(scratch), options.threads)
        run.work.mkdir(parents=True, exist_ok=True)
        for name in options.panels:
            panel = PANELS[name](options.data)
            runs = {seed: judge(panel, run, seed) for seed in options.seeds}
            block = block_of(
                panel, runs, f"python benchmarks/outcomes.py --bootstraps {options.bootstraps}", options.bootstraps
            )
            write_block(f"outcomes {name}", block, PAGE)
            print(block, flush=True)


if __name__ == "__main__":
    main()
