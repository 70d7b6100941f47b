"""What may be asked of the service, and how every mistake is answered."""

import json
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from perla.app.web.limits import Limits

NOON = datetime(2026, 11, 21, 12)


def problem(answer, status: int) -> dict:
    """The problem an answer tells, checked to be one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status and told["type"].startswith("urn:perla:problem:") and told["title"]
    for secret in ("Traceback", "/tmp", "site-packages", "perla/", ".py"):
        assert secret not in answer.text
    return told


def test_the_best_come_with_their_proof(client):
    told = client.get("/v1/bargains?market=simulated&limit=3&comparables=2").json()
    assert [b["rank"] for b in told["bargains"]] == [1, 2, 3]
    assert (told["currency"], told["page_size"], told["newest_sighting"]) == ("COP", 3, "2026-11-20")
    for bargain in told["bargains"]:
        assert bargain["asking_price"] < bargain["expected_price"] and len(bargain["comparables"]) == 2
        assert bargain["reasons"] and bargain["last_seen"] and bargain["discount"] > 0


def test_pages_follow_each_other_and_hold_everything_once(client):
    whole = client.get("/v1/bargains?limit=10").json()
    pages = [client.get(f"/v1/bargains?page_size=4&limit=10&page={n}").json() for n in (1, 2, 3, 4)]
    ids = [b["listing_id"] for page in pages for b in page["bargains"]]
    assert ids == [b["listing_id"] for b in whole["bargains"]]
    assert (pages[0]["found"], pages[0]["pages"], pages[3]["bargains"]) == (len(ids), 3, [])


def test_days_filter_and_wish_narrow_what_is_found(client, edition):
    everything = client.get("/v1/bargains?limit=1").json()["found"]
    fresh = client.get("/v1/bargains?limit=100&days=5").json()
    assert 0 < fresh["found"] < everything
    assert {b["last_seen"] for b in fresh["bargains"]} == {"2026-11-20"}
    place = edition.listings.values["barrio"].mode()[0]
    told = client.get("/v1/bargains", params={"where": f"barrio = '{place}'", "wish": "price:low,area:high"}).json()
    assert {b["original"]["barrio"].strip() for b in told["bargains"]} <= {place}
    assert "area above" in told["wish"]


def test_the_language_is_asked_for_or_preferred(client):
    asked = client.get("/v1/bargains?limit=1&lang=es", headers={"accept-language": "en"})
    preferred = client.get("/v1/bargains?limit=1", headers={"accept-language": "es-CO,es;q=0.9,en;q=0.1"})
    assert asked.json() == preferred.json() and asked.headers["content-language"] == "es"
    assert "por debajo de lo esperado" in asked.json()["wish"]
    assert "No existe el parámetro" in problem(client.get("/v1/bargains?limt=1&lang=es"), 422)["detail"]


@pytest.mark.parametrize(("kind", "begins"), [("csv", b"listing_id,rank"), ("xlsx", b"PK")])
def test_the_page_is_also_a_file(client, kind, begins):
    answer = client.get(f"/v1/bargains?limit=2&format={kind}")
    assert answer.content.startswith(begins) and kind in answer.headers["content-disposition"]
    none = client.get("/v1/bargains", params={"format": kind, "where": "precio < 0"})
    assert none.status_code == 200 and none.content.startswith(begins)


def test_a_listing_its_comparables_and_why(client):
    best = client.get("/v1/bargains?limit=1").json()["bargains"][0]
    name = best["listing_id"]
    listing = client.get(f"/v1/listings/{name}?market=simulated").json()
    assert {k: listing[k] for k in ("rank", "expected_price", "reasons")} == {
        k: best[k] for k in ("rank", "expected_price", "reasons")
    }
    assert len(client.get(f"/v1/listings/{name}/comparables?count=3").json()["comparables"]) == 3
    why = client.get(f"/v1/listings/{name}/why").json()
    assert (why["reasons"], why["drivers"]) == (best["reasons"], best["drivers"])


def test_markets_tell_their_columns_scorecard_and_freshness(client):
    (one,) = client.get("/v1/markets").json()["markets"]
    told = client.get("/v1/markets/simulated").json()
    assert one.items() <= told.items() and one["newest_sighting"] == "2026-11-20"
    assert told["scorecard"]["perla"]["mdape"] > 0 and told["drift"]
    assert {"barrio", "area_m2"} <= {c["name"] for c in told["columns"]}
    survey = client.get("/v1/survey?market=simulated").json()
    assert survey["listings"] == one["listings"] and "source" not in survey


@pytest.mark.parametrize(
    ("address", "status", "field", "near"),
    [
        ("/v1/bargains?market=simulatd", 404, "market", "simulated"),
        ("/v1/markets/simulatd", 404, "", "simulated"),
        ("/v1/survey?market=simulatd", 404, "market", "simulated"),
        ("/v1/bargains?wish=price:low,aera:high", 422, "wish", "area_m2"),
        ("/v1/bargains?wish=price:sideways", 422, "wish", ""),
        ("/v1/bargains?where=baro = 'Coral'", 422, "where", "barrio"),
        ("/v1/bargains?where=barrio = 'Coraal'", 422, "where", "Coral"),
        ("/v1/bargains?where=precio >", 422, "where", ""),
        ("/v1/bargains?limit=0", 422, "limit", ""),
        ("/v1/bargains?limit=1000", 422, "limit", ""),
        ("/v1/bargains?limit=seven", 422, "limit", ""),
        ("/v1/bargains?comparables=1000", 422, "comparables", ""),
        ("/v1/bargains?page_size=100000", 422, "page_size", ""),
        ("/v1/bargains?fdr=2", 422, "fdr", ""),
        ("/v1/bargains?fdr=nan", 422, "fdr", ""),
        ("/v1/bargains?format=xls", 422, "format", "xlsx"),
        ("/v1/bargains?lang=fr", 422, "lang", None),
        ("/v1/bargains?limt=3", 422, "limt", "limit"),
        ("/v1/listings/nothing", 404, "", None),
        ("/v1/listings/nothing/why", 404, "", None),
        ("/v1/nothing", 404, "", ""),
    ],
)
def test_bad_input_is_told_with_its_field_and_the_closest_valid_value(client, address, status, field, near):
    told = problem(client.get(address), status)
    assert told.get("field", "") == field
    assert near is None or told.get("closest", "") == near


def test_where_several_markets_are_in_service_one_must_be_named(client, edition):
    client.app.state.desk.put("twin", edition, "000001")
    for address in ("/v1/bargains", "/v1/survey", "/v1/listings/x"):
        told = problem(client.get(address), 422)
        assert told["field"] == "market" and "simulated, twin" in told["detail"]
    assert problem(client.post("/v1/estimates", json={"listings": [{"precio": 1}]}), 422)["field"] == "market"
    assert client.get("/v1/bargains?market=twin&limit=1").status_code == 200


@pytest.mark.parametrize(
    "where",
    [
        "__import__('os').system('true')", "barrio = 'x'; drop table listings", "precio > 1 --", "@precio > 1",
        "barrio.str.len() > 3", "precio > (lambda: 1)()", "`precio`.__class__", "'a' 'b' 'c'", "${jndi}", "\x00",
        "precio > 1 union select 1", "{{7*7}}", "barrio = \"x\" or eval('1')", "precio in (select precio)",
    ],
)  # fmt: skip
def test_a_filter_that_tries_to_escape_its_language_is_refused(client, where):
    assert problem(client.get("/v1/bargains", params={"where": where}), 422)["field"] == "where"


def test_a_filter_has_a_longest_length_and_a_deepest_nesting(client):
    assert problem(client.get("/v1/bargains", params={"where": "precio > 1 or " * 300 + "precio > 1"}), 422)
    assert problem(client.get("/v1/bargains", params={"where": "(" * 200 + "precio > 1" + ")" * 200}), 422)
    assert problem(client.get("/v1/bargains", params={"where": "not " * 200 + "precio > 1"}), 422)
    assert client.get("/v1/bargains", params={"where": "((precio > 1))"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400), ("", 422), ("[]", 422), ("null", 422), ('{"listings": []}', 422), ('{"listings": [{}]}', 422),
        ('{"listings": {}}', 422), ('{"listings": [[]]}', 422), ('{"listings": [{"precio": {"a": 1}}]}', 422),
        ('{"listings": [{"precio": 1e999}]}', 422), ('{"listings": [{"precio": NaN}]}', 422),
        ('{"listings": [{"precio": ' + "9" * 5000 + "}]}", 400), ("[" * 100_000, 400),
        ('{"listings": [{"precio": 1}], "extra": 1}', 422), ('{"listings": [{"preco": 1}]}', 422),
        ('{"listings": [{"precio": 1}], "market": "simulatd"}', 404),
        ('{"listings": [{"precio": 1}], "comparables": 1000}', 422),
        ('{"listings": [' + ",".join(['{"precio": 1}'] * 101) + "]}", 422),
        ('{"listings": [{"precio": "' + "9" * 30_000 + '"}]}', 422), ("\ud800".encode("utf-8", "surrogatepass"), 400),
        ('{"listings": [{"precio": 1, "precio": 2}], "comparables": true}', 422),
    ],
)  # fmt: skip
def test_a_body_that_is_no_question_is_told(client, body, status):
    answer = client.post("/v1/estimates", content=body, headers={"content-type": "application/json"})
    problem(answer, status)


def test_an_unknown_column_in_a_listing_is_told_with_the_closest(client):
    answer = client.post("/v1/estimates", json={"listings": [{"precio": 1e8, "baños": 2, "bario": "Coral"}]})
    told = problem(answer, 422)
    assert (told["field"], told["closest"]) == ("listings", "barrio")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_ten_megabytes_is_refused_early(client, chunked):
    piece = b" " * 1_000_000
    sent = []

    def pieces():
        for _ in range(10):
            sent.append(1)
            yield piece

    content = pieces() if chunked else piece * 10
    answer = client.post("/v1/estimates", content=content, headers={"content-type": "application/json"})
    assert problem(answer, 413)["field"] == "body"


def test_an_answer_that_takes_too_long_is_given_up(serve, monkeypatch):
    import time

    from perla.app.web.api import bargains

    client = serve(limits=Limits(seconds=0.05))
    monkeypatch.setattr(bargains, "search", lambda *_: time.sleep(0.3))
    assert "took longer" in problem(client.get("/v1/bargains"), 504)["detail"]


def test_when_too_many_wait_the_rest_are_told_to_come_back(serve):
    client = serve(limits=Limits(working=1, waiting=0))
    client.app.state.pool.pending = 1
    answer = client.get("/v1/bargains")
    problem(answer, 503)
    assert answer.headers["retry-after"] == "1"


def test_a_fault_of_the_service_tells_nothing_of_its_inside(serve, monkeypatch):
    from perla.app.web.api import bargains

    def fail(*_):
        raise RuntimeError("secret /home/ana/perla/operations.sqlite")

    client = serve()
    monkeypatch.setattr(bargains, "search", fail)
    assert "secret" not in json.dumps(problem(client.get("/v1/bargains"), 500))


def test_without_a_model_it_lives_and_is_not_ready_and_says_why(serve):
    client = serve(ready=False)
    assert client.get("/healthz").json()["status"] == "ok"
    for address in ("/readyz", "/v1/bargains", "/v1/survey"):
        answer = client.get(address)
        assert "service" in problem(answer, 503)["detail"] and answer.headers["retry-after"]
    assert client.get("/v1/markets").json() == {"markets": []}


def test_with_a_model_it_is_ready(client):
    assert client.get("/readyz").json() == {"status": "ready", "markets": ["simulated"], "refused": {}}


def test_every_answer_has_safe_headers_and_none_lets_other_sites_in(client):
    for address in ("/healthz", "/v1/markets", "/v1/nothing", "/openapi.json"):
        headers = client.get(address, headers={"origin": "https://evil.example"}).headers
        assert headers["x-content-type-options"] == "nosniff" and "default-src" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert not [name for name in headers if name.startswith("access-control-")]


def test_measures_count_by_route_and_never_by_what_a_caller_wrote(client):
    client.get("/v1/listings/some-odd-name")
    client.request("BREW", "/v1/bargains")
    told = client.get("/metrics").text
    assert 'route="/v1/listings/{listing_id}",status="404"} 1.0' in told and "some-odd-name" not in told
    assert "BREW" not in told and "perla_markets 1.0" in told


def test_from_outside_a_key_is_needed(serve, operations):
    secret, _ = operations.create_key("ana", NOON)
    client: TestClient = serve(address=("10.1.2.3", 4000), operations=operations)
    answer = client.get("/v1/markets")
    assert problem(answer, 401)["field"] == "x-api-key" and "Basic" in answer.headers["www-authenticate"]
    problem(client.get("/v1/markets", headers={"x-forwarded-for": "127.0.0.1"}), 401)
    problem(client.get("/v1/markets", headers={"x-api-key": secret + "x"}), 401)
    assert client.get("/v1/markets", headers={"x-api-key": secret}).status_code == 200
    assert client.get("/v1/markets", auth=("anyone", secret)).status_code == 200
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    problem(client.get("/metrics"), 401)


def test_a_key_that_is_revoked_or_used_up_is_told_apart(serve, operations):
    secret, _ = operations.create_key("ana", NOON, quota=2)
    client = serve(operations=operations, open_here=False)
    problem(client.get("/v1/markets"), 401)
    headers = {"x-api-key": secret}
    assert [client.get("/v1/markets", headers=headers).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get("/v1/markets", headers=headers)
    assert problem(answer, 429) and int(answer.headers["retry-after"]) > 0
    operations.revoke_key("ana", NOON)
    problem(client.get("/v1/markets", headers=headers), 403)
    assert secret not in client.get("/v1/markets", headers=headers).text


def test_an_estimate_of_many_listings_counts_as_many_calls(serve, operations, new_rows):
    secret, _ = operations.create_key("ana", NOON, quota=4)
    client = serve(operations=operations)
    body = {"market": "simulated", "comparables": 1, "listings": new_rows[:3]}
    assert client.post("/v1/estimates", json=body, headers={"x-api-key": secret}).status_code == 200
    problem(client.post("/v1/estimates", json=body, headers={"x-api-key": secret}), 429)


def test_here_a_wrong_key_is_still_wrong(serve, operations):
    problem(serve(operations=operations).get("/v1/markets", headers={"x-api-key": "perla_a_b"}), 401)
