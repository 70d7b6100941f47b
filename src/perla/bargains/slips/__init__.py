"""Typing errors: which number of a listing is wrong, and what probably should stand there."""

from perla.bargains.slips.kinds import SlipKind
from perla.bargains.slips.readings import Slips, find_slips, learn_bars
from perla.bargains.slips.set_aside import read_set_aside
from perla.bargains.slips.telling import tell_slip

__all__ = ["SlipKind", "Slips", "find_slips", "learn_bars", "read_set_aside", "tell_slip"]
