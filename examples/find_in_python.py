"""The main job without the command line: learn a simulated market, find its bargains, write a workbook.

Run it with: python examples/find_in_python.py [FOLDER]
"""

import sys
from pathlib import Path

from perla.bargains.finder import Finder
from perla.listings.checking import check
from perla.listings.where import filter_rows
from perla.listings.wish import parse_wish
from perla.reports.writing import write_reports
from perla.sources.simulated import simulate_market


def main(folder: Path) -> None:
    homes = simulate_market(listings=300, seed=7)
    listings = check(homes.frame, homes.market)
    finder = Finder(homes.market, seed=0, threads=2).fit(listings)

    wish = parse_wish("price low", homes.market)
    asked = filter_rows(listings.values, "estrato >= 3", homes.market)
    findings = finder.find(listings, wish, shown=5, keep=asked, where="estrato >= 3")

    for bargain in findings.bargains:
        print(bargain.rank, bargain.listing_id, *bargain.reasons, sep=" | ")
    print(*write_reports(findings, [folder / "pearls.xlsx"], lang="en", made_on=None), "(simulated data)")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path())
