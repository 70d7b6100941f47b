from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_page_is_what_the_service_says_of_itself_today() -> None:
    spec = spec_from_file_location("generate_api", DOCS / "generate_api.py")
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.make_page() == generate.PAGE.read_text(encoding="utf-8"), "Run: .venv/bin/python docs/generate.py"
