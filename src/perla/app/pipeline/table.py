"""Steps as a table for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from perla.app.pipeline.record import State, StepTold
from perla.words import Lang, Text, number, same

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text as Styled

MARKS = {
    State.WAITING: ("·", "dim"), State.RUNNING: ("▸", "cyan"), State.DONE: ("✓", "green"),
    State.UNCHANGED: ("=", "dim"), State.FAILED: ("✗", "red"), State.STOPPED: ("■", "yellow"),
}  # fmt: skip
STATES = {
    State.WAITING: same(""), State.RUNNING: Text("at work", "trabajando"), State.DONE: same(""),
    State.UNCHANGED: same(""), State.FAILED: Text("failed", "falló"),
    State.STOPPED: Text("stopped", "detenido"),
}  # fmt: skip
UNCHANGED = Text("unchanged, 0 s", "sin cambios, 0 s")
BAR = 6
TITLE, SAYS, TIME = 31, 25, 16


def step_table(
    steps: Sequence[StepTold],
    lang: Lang,
    said: Mapping[str, tuple[Text, float]] | None = None,
    running: Mapping[str, float] | None = None,
) -> Table:
    """One line a step: its mark, what it is, what is to say of it, how long it took.

    said : by step, its words and the share done. running : by step, seconds so far.
    """
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    for width in (1, TITLE, SAYS, TIME):
        table.add_column(width=width, justify="right" if width == TIME else "left", no_wrap=True, overflow="ellipsis")
    for step in steps:
        mark, style = MARKS[step.state]
        words, share = (said or {}).get(step.name, (STATES[step.state], -1.0))
        seconds = (running or {}).get(step.name, step.seconds) if step.state is State.RUNNING else step.seconds
        table.add_row(
            _styled(mark, style), _styled(step.title.text(lang), "dim" if step.state is State.WAITING else ""),
            _styled(_words(step, words, share, lang), "" if share >= 0 or step.state is State.FAILED else "dim"),
            _styled(_time(step, seconds, lang), "dim"),
        )  # fmt: skip
    return table


def _words(step: StepTold, words: Text, share: float, lang: Lang) -> str:
    if step.state is not State.RUNNING or share < 0:
        return words.text(lang)
    full = round(min(max(share, 0.0), 1.0) * BAR)
    return f"{'━' * full}{'╌' * (BAR - full)} {words.text(lang)}"


def _time(step: StepTold, seconds: float, lang: Lang) -> str:
    if step.state in (State.WAITING, State.STOPPED):
        return ""
    return (UNCHANGED if step.state is State.UNCHANGED else duration(seconds)).text(lang)


def duration(seconds: float) -> Text:
    """A time as a person says it.

    >>> duration(0.04).en, duration(3.14).es, duration(75).en, duration(0).en
    ('0.1 s', '3,1 s', '1 min 15 s', '0 s')
    """
    if seconds >= 60:
        minutes, rest = divmod(round(seconds), 60)
        return same(f"{minutes} min {rest:02d} s")
    return number(max(seconds, 0.1) if seconds else 0.0, 1) + same(" s")


def _styled(words: str, style: str) -> Styled:
    from rich.text import Text as Plain

    return Plain(words, style=style)
