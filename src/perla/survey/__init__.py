"""The market as it is: counts, prices by area and over time, what is odd."""

from perla.survey.facts import (
    Attribute,
    Cell,
    Count,
    Cuts,
    Map,
    Month,
    Oddity,
    PriceLine,
    Prices,
    Survey,
    Week,
    survey_from_state,
)
from perla.survey.looking import look

__all__ = [
    "Attribute", "Cell", "Count", "Cuts", "Map", "Month", "Oddity", "PriceLine", "Prices", "Survey", "Week", "look",
    "survey_from_state",
]  # fmt: skip
