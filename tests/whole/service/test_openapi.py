"""The service keeps what its own OpenAPI document promises: schemathesis with every check, over a real port."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from perla.app.web import samples, shapes
from perla.app.web.app import make_app
from perla.app.web.desk import Desk

COLUMNS = ("area_m2", "habitaciones", "banos", "estrato", "administracion", "parqueaderos")
PLAIN_COLUMNS = (*COLUMNS, "barrio", "tipo", "antiguedad", "precio", "id", "descripcion")
compared = st.builds(
    "{} {} {}".format, st.sampled_from([*COLUMNS, "precio"]), st.sampled_from(["<", ">=", "=", "!="]),
    st.integers(-10, 10**9),
)  # fmt: skip
# What the document can only call a format: names and sentences that depend on the market in service.
schemathesis.openapi.format("perla-market", st.just("simulated"))
schemathesis.openapi.format("perla-column", st.sampled_from(PLAIN_COLUMNS))
schemathesis.openapi.format(
    "perla-wish",
    st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.tuples(*(st.sampled_from([f"{n}:low", f"{n}:high"]) for n in names)).map(
            lambda parts: ",".join(("price:low", *parts))
        )
    ),
)
schemathesis.openapi.format(
    "perla-where", st.lists(compared, min_size=1, max_size=4).flatmap(
        lambda parts: st.sampled_from([" and ", " or ", " y no "]).map(lambda word: word.join(parts))
    )
)  # fmt: skip


@pytest.fixture
def api(edition, on_a_port, tmp_path):
    desk = Desk(tmp_path, 1)
    desk.put("simulated", edition, "000001")
    return schemathesis.openapi.from_url(on_a_port(make_app(desk)) + "/openapi.json")


schema = schemathesis.pytest.from_fixture("api")


@schema.parametrize()
@settings(
    max_examples=12, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_every_operation_keeps_its_promises(case):
    response = case.call()
    assert response.status_code != 500
    case.validate_response(response)


@pytest.mark.parametrize(
    ("shape", "sample"),
    [
        (shapes.Bargains, samples.BARGAINS), (shapes.Listing, samples.LISTING), (shapes.Why, samples.WHY),
        (shapes.Comparables, samples.COMPARABLES), (shapes.Estimates, samples.ESTIMATES),
        (shapes.Markets, samples.MARKETS), (shapes.MarketFacts, samples.MARKET), (shapes.Survey, samples.SURVEY),
    ],
)  # fmt: skip
def test_the_samples_have_the_shapes_they_stand_for(shape, sample):
    assert TypeAdapter(shape).validate_python(sample)


def test_every_operation_has_an_example_and_names_its_problems(tmp_path):
    told = make_app(Desk(tmp_path, 1)).openapi()
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            good = operation["responses"]["200"]["content"]
            assert any("example" in content for content in good.values()), (method, path)
            assert operation["summary"] and operation["description"] and operation["tags"]
            if path.startswith("/v1/"):
                assert {"401", "429", "503"} <= operation["responses"].keys()
