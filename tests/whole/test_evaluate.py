"""``perla evaluate`` from files to scorecards."""

import json


def test_a_model_is_scored_on_new_and_known_listings(call, city, tmp_path):
    page, record = tmp_path / "s.html", tmp_path / "s.json"
    done = call("evaluate", city.model, city.listings, city.new, "-o", page, "-o", record, "--lang", "es")
    assert done.exit_code == 0, done.output
    assert "Boletín de notas" in done.stdout and "conocidos" in done.stdout and "IAAO" in done.stdout
    told = json.loads(record.read_text("utf-8"))
    lines = {line["name"]: line["perla"]["listings"] for line in told["breakdowns"][0]["lines"]}
    assert lines["conocidos"] > 200 and lines["nuevos"] > 30
    assert told["overall"]["perla"]["mdape"] < told["overall"]["hedonic"]["mdape"] * 1.2
    assert page.read_text("utf-8").count("<svg") == 3


def test_the_page_of_a_search_shows_the_scorecard_of_its_model(call, city, tmp_path):
    page = tmp_path / "p.html"
    done = call("find", city.new, "--model", city.model, "-o", page)
    assert done.exit_code == 0, done.output
    assert 'id="scorecard"' in page.read_text("utf-8")


def test_what_cannot_be_scored_is_told_in_one_line_of_either_language(call, city, tmp_path):
    for words, en, es in (
        ((city.model, city.new, "-o", tmp_path / "s.xlsx"), ".html or .json", ".html o .json"),
        ((tmp_path / "nothing", city.new), "nothing", "nothing"),
        ((city.model, tmp_path / "none.csv"), "none.csv", "none.csv"),
    ):
        english, spanish = call("evaluate", *words), call("evaluate", *words, "--lang", "es")
        for done, wanted in ((english, en), (spanish, es)):
            assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.output
            assert wanted in done.stderr
        assert english.stderr != spanish.stderr
