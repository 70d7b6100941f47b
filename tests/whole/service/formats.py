"""What the OpenAPI document can only call a format: names and sentences that depend on the market in service."""

import os

import schemathesis
from hypothesis import strategies as st

MARKET = "simulated"
NUMBERS = ("area_m2", "habitaciones", "banos", "estrato", "administracion", "parqueaderos")
COLUMNS = (*NUMBERS, "barrio", "tipo", "antiguedad", "precio", "id", "descripcion")

wishes = st.lists(st.sampled_from([f"{n}:{way}" for n in NUMBERS[:1] for way in ("low", "high")]), max_size=1).map(
    lambda parts: ",".join(["price:low", *parts])
)
comparisons = st.builds(
    "{} {} {}".format, st.sampled_from([*NUMBERS, "precio"]), st.sampled_from(["<", ">=", "=", "!="]),
    st.integers(-10, 10**9),
)  # fmt: skip
filters = st.builds(
    lambda parts, word: word.join(parts),
    st.lists(comparisons, min_size=1, max_size=4),
    st.sampled_from([" and ", " or ", " y no "]),
)
schemathesis.openapi.format("perla-market", st.just(MARKET))
schemathesis.openapi.format("perla-listing", st.just(os.environ.get("PERLA_LISTING", "1")))
schemathesis.openapi.format("perla-column", st.sampled_from(COLUMNS))
schemathesis.openapi.format("perla-wish", wishes)
schemathesis.openapi.format("perla-where", filters)
