"""``perla demo``: the main job on a simulated market, a service ready to start on it, then the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.console import Console

from perla.app.demo_asked import ask_about_itself, show_asked
from perla.app.road import Search, learn, make_ready, with_notes
from perla.app.saved import save_finder
from perla.app.settings import Settings, limit_threads
from perla.app.show import Progress
from perla.bargains.findings import Findings, Verdict
from perla.errors import FileError
from perla.listings.market_file import write_market
from perla.reports.writing import write_reports, write_whole
from perla.sources.simulated import Planted, Simulation, simulate_market
from perla.words import Lang, Text, fill, join, same

if TYPE_CHECKING:
    from perla.knowledge import Answer

LISTINGS, MARKET, SCORES = "listings.csv", "market.toml", "scores.csv"
MODEL, HOME = "model", "home"
REPORTS = ("pearls.xlsx", "pearls.html")
SHOWN = 10
TOLD: dict[str, Text] = {
    LISTINGS: Text("the simulated listings", "los anuncios simulados"),
    MARKET: Text("what their columns mean", "qué significan sus columnas"),
    "pearls.xlsx": Text("the workbook: one sheet per bargain, with its comparables",
                        "el libro de Excel: una hoja por ganga, con sus comparables"),
    "pearls.html": Text("the same as a page, with charts and a map", "lo mismo como página, con gráficos y mapa"),
    SCORES: Text("a verdict for every listing", "un veredicto para cada anuncio"),
}  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """What the demo did: the search's findings, the truth about the market, what was asked of perla's own guide."""

    findings: Findings
    simulation: Simulation
    folder: Path
    asked: tuple[Answer, ...] = ()


def run_demo(folder: Path, listings: int, seed: int, settings: Settings, made_on: str | None, tell: Progress) -> Demo:
    """Simulate a market into ``folder``, find its bargains, and write every report beside it; files are replaced."""
    make_folder(folder)
    city = simulate_market(listings, seed)
    write_whole(folder / LISTINGS, city.frame.to_csv(index=False).encode("utf-8"))
    write_whole(folder / MARKET, write_market(city.market).encode("utf-8"))
    findings = _find(folder, seed, settings, tell)
    write_reports(findings, [folder / name for name in REPORTS], settings.lang, False, made_on)
    write_reports(findings, [folder / SCORES], settings.lang, True, made_on)
    _put_in_service(folder, settings, tell)
    return Demo(findings, city, folder, ask_about_itself(folder / HOME, settings.lang, tell))


def _find(folder: Path, seed: int, settings: Settings, tell: Progress) -> Findings:
    """The bargains; the model that found them is kept beside them."""
    search = Search((folder / LISTINGS,), market=str(folder / MARKET), shown=SHOWN, seed=seed)
    with limit_threads(settings.threads):
        ready = make_ready(search, settings, tell)
        finder = learn(ready, seed, settings.threads, tell)
        findings = with_notes(finder.find(ready.listings, shown=SHOWN, progress=tell), ready.notes)
        save_finder(finder, folder / MODEL)
    return findings


def _put_in_service(folder: Path, settings: Settings, tell: Progress) -> None:
    """A home of the demo's own with the model in service, for ``perla serve``."""
    from perla.app.deploy import deploy_model
    from perla.app.editions import score_market

    own = replace(settings, home=folder / HOME)
    done = deploy_model(folder / MODEL, str(folder / MARKET), (), True, "the demo's simulated market", own, tell)
    score_market(done.market.name, own, tell)


def make_folder(folder: Path) -> None:
    """The demo's folder; an existing one is used again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise FileError(
            f"The demo needs a folder it can write to; {folder} cannot be one ({problem.strerror}). Name another: -o",
            f"La demostración necesita una carpeta donde escribir; {folder} no puede serlo ({problem.strerror}). "
            "Indique otra: -o",
        ) from problem


def show_truth(demo: Demo, console: Console, lang: Lang) -> None:
    """What was planted, and what became of it; then which files to open."""
    truth = tell_truth(demo.findings, demo.simulation.truth)
    for line in (*truth, same(""), *_files(demo.folder), same(""), *_service(demo.folder)):
        console.print(line.text(lang), style="bold" if line in _HEADINGS else "", soft_wrap=True)
    show_asked(demo.asked, demo.folder / HOME, lang)


def tell_truth(findings: Findings, truth: pd.DataFrame) -> list[Text]:
    """The simulation's own answers, line by line: planted bargains shown and missed, typing errors caught or not."""
    verdicts = findings.table.set_index("listing_id")["verdict"]
    shown = [b.listing_id for b in findings.bargains]
    bargains = truth[truth["kind"] == Planted.BARGAIN.value].set_index("listing_id")
    errors = truth[truth["kind"] == Planted.ERROR.value].set_index("listing_id")
    return [
        same(""),
        THE_TRUTH,
        *_told_shown(shown, truth.set_index("listing_id")),
        *_told_missed([i for i in bargains.index if i not in shown], bargains, findings, len(bargains)),
        *_told_errors(errors, verdicts),
    ]


THE_TRUTH = Text(
    "The truth, known because the market is simulated:", "La verdad, conocida porque el mercado es simulado:"
)
OPEN = Text("Open these files:", "Abra estos archivos:")
SERVE = Text("See them on a page, with a map and filters, and ask the API:",
             "Véalas en una página, con mapa y filtros, y pregunte a la API:")  # fmt: skip
_HEADINGS = (THE_TRUTH, OPEN, SERVE)


def _told_shown(shown: list[str], truth: pd.DataFrame) -> list[Text]:
    planted = [i for i in shown if truth["kind"].get(i) == Planted.BARGAIN.value]
    others = [i for i in shown if i not in planted]
    lines = [
        fill(
            "  {right} of the {all} shown were planted bargains.",
            "  {right} de las {all} mostradas eran gangas sembradas.",
            right=len(planted), all=len(shown),
        )
    ]  # fmt: skip
    if others:
        wrong = [i for i in others if truth["kind"].get(i) == Planted.ERROR.value]
        lines.append(fill(
            "  The others ask little by chance alone: {ids}.", "  Las demás piden poco solo por azar: {ids}.",
            ids=", ".join(i for i in others if i not in wrong) or "-",
        ))  # fmt: skip
        lines += [fill("  Wrongly shown: {id} ({what}).", "  Mostrada por error: {id} ({what}).", id=i,
                       what=truth.at[i, "planted"]) for i in wrong]  # fmt: skip
    return lines


def _told_missed(missed: list[str], bargains: pd.DataFrame, findings: Findings, planted: int) -> list[Text]:
    if not missed:
        return [Text("  No planted bargain is missing.", "  No falta ninguna ganga sembrada.")]
    table = findings.table.set_index("listing_id")
    lines = [
        fill(
            "  {count} of the {all} planted bargains are not shown:",
            "  {count} de las {all} gangas sembradas no se muestran:",
            count=len(missed), all=planted,
        )
    ]  # fmt: skip
    for listing_id in missed:
        verdict = Verdict(str(table["verdict"].get(listing_id, Verdict.NOT_RATED.value)))
        rank = table["rank"].get(listing_id)
        place = fill(", place {rank}", ", puesto {rank}", rank=rank) if pd.notna(rank) else same("")
        told = fill(
            "    {id}: {what}; perla says {verdict}{place}",
            "    {id}: {what}; perla dice {verdict}{place}",
            id=listing_id, what=bargains.at[listing_id, "planted"], verdict=verdict.label, place=place,
        )  # fmt: skip
        lines.append(told)
    return lines


def _told_errors(errors: pd.DataFrame, verdicts: pd.Series) -> list[Text]:
    lines = [Text("  Planted typing errors:", "  Errores de digitación sembrados:")]
    for listing_id, what in errors["planted"].items():
        found = verdicts.get(listing_id)
        became = Text("set aside", "apartado") if found is None else Verdict(str(found)).label
        lines.append(fill("    {id}: {what} -> {became}", "    {id}: {what} -> {became}", id=listing_id, what=what,
                          became=became))  # fmt: skip
    return lines


def _files(folder: Path) -> list[Text]:
    width = max(len(str(folder / name)) for name in TOLD)
    return [OPEN, *(join([same(f"  {folder / name!s:<{width}} "), what], " ") for name, what in TOLD.items())]


def _service(folder: Path) -> list[Text]:
    return [SERVE, same(f"  perla serve --home {folder / HOME}")]
