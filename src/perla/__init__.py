"""perla finds the odd one you want: listings priced clearly below what they should cost, with the proof."""

__version__ = "0.1.0"
