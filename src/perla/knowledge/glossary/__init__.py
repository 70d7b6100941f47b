"""Terms with their names in two languages: shipped, found in the user's own code and documents, or added by hand."""

from perla.knowledge.glossary.everyday import Everyday, shipped_everyday
from perla.knowledge.glossary.kin import shipped_kin
from perla.knowledge.glossary.misheard import Misheard, shipped_misheard
from perla.knowledge.glossary.own import own_terms
from perla.knowledge.glossary.terms import Glossary, Mention, Term, shipped_glossary

__all__ = [
    "Everyday",
    "Glossary",
    "Mention",
    "Misheard",
    "Term",
    "own_terms",
    "shipped_everyday",
    "shipped_glossary",
    "shipped_kin",
    "shipped_misheard",
]
