"""Code: definitions with their lines, by a real parser, whatever is broken around them."""

import pytest

pytest.importorskip("tree_sitter", reason="the extra 'knowledge' is not installed")

from perla.knowledge.reading.code import read_code

PYTHON = '''"""A module."""
import os


@cache
def loss(a, b):
    """The reconstruction error."""
    def inner():
        return a - b
    return inner() ** 2


class Net(Base):
    """A net."""

    size = 3

    async def forward(self, x):
        return x

    class Inner:
        def deep(self): ...


if os.name:
    def late(): ...

LIMIT = 4
'''
TYPESCRIPT = """import x from "y";
export interface Car { price: number }
export const estimate = (car: Car): number => car.price;
export default class Finder<T> {
  private seen = 0;
  find(items: T[]): T | null { return null; }
  run = async () => { return 1; };
}
function helper() { return 1 }
"""


def by_name(text, suffix):
    spans, notes = read_code(text, suffix, "mod")
    return {span.heading: (span.first_line, span.last_line) for span in spans}, spans, notes


def test_python_definitions_are_found_with_decorator_docstring_and_qualified_name():
    found, spans, notes = by_name(PYTHON, ".py")
    assert found["loss"] == (5, 10) and found["Net.forward"] == (18, 19) and found["Net.Inner.deep"] == (22, 22)
    assert found["late"] == (26, 26) and notes == ()
    assert next(s.text for s in spans if s.heading == "Net").startswith('class Net(Base):\n    """A net."""')


def test_every_line_of_code_stands_in_one_piece_letter_by_letter():
    lines = PYTHON.split("\n")
    spans, _ = read_code(PYTHON, ".py", "mod")
    covered = [n for span in spans for n in range(span.first_line, span.last_line + 1)]
    assert covered == sorted(set(covered))
    assert {n for n, line in enumerate(lines, 1) if line.strip()} <= set(covered)
    assert all(span.text == "\n".join(lines[span.first_line - 1 : span.last_line]) for span in spans)


def test_typescript_interfaces_arrow_functions_classes_and_methods_are_found():
    found, _, _ = by_name(TYPESCRIPT, ".ts")
    assert {"Car", "estimate", "Finder", "Finder.find", "Finder.run", "helper"} <= set(found)
    assert found["Finder.find"] == (6, 6)


def test_javascript_functions_and_modules_are_found():
    found, _, _ = by_name(
        "module.exports.go = function () { return 1 }\nclass A { b() {} }\nconst c = () => 2\n", ".js"
    )
    assert {"module.exports.go", "A.b", "c"} <= set(found)


def test_functions_of_a_script_wrapped_in_one_without_a_name_are_found():
    code = '"use strict";\n(() => {\n  const held = [];\n  function paint(box) {\n    box.fill();\n  }\n})();\n'
    code += (
        'describe("boxes", function () {\n  function empty() {\n    return 1;\n  }\n});\nconst Box = memo(() => 1);\n'
    )
    spans, notes = read_code(code, ".js", "boxes")
    assert [(s.heading, s.first_line, s.last_line) for s in spans if s.heading != "boxes"] == [
        ("paint", 4, 6), ("empty", 9, 11),
    ]  # fmt: skip
    assert not notes


def test_the_comment_right_above_a_definition_belongs_to_it():
    text = "let x = 1; // not this\n/**\n * The error.\n */\nfunction loss() {}\n\n// far\n\nfunction far() {}\n"
    found, _, _ = by_name(text, ".js")
    assert found["loss"] == (2, 5) and found["far"] == (9, 9)
    found, _, _ = by_name("x = 1  # not this\ndef a(): ...\n\n# One.\n# Two.\n@deco\ndef b(): ...\n", ".py")
    assert found["a"] == (2, 2) and found["b"] == (4, 7)


def test_broken_syntax_still_gives_the_definitions_that_can_be_seen():
    broken = "def good():\n    return 1\n\ndef bad(:\n    x = = 2\n\ndef after():\n    return 3\n"
    found, _, notes = by_name(broken, ".py")
    assert {"good", "after"} <= set(found) and "broken syntax near line 4" in str(notes[0])


def test_a_definition_of_a_thousand_lines_is_taken_apart_under_its_name():
    body = "\n".join(f"    x{i} = {i}" for i in range(1000))
    spans, _ = read_code(f"def long():\n{body}\n", ".py", "mod")
    assert {span.heading for span in spans} == {"long"} and max(s.last_line - s.first_line for s in spans) < 160
    assert spans[-1].last_line == 1001


def test_code_nested_without_end_is_read():
    deep = "\n".join("    " * i + f"class C{i}:" for i in range(60)) + "\n" + "    " * 60 + "pass\n"
    assert read_code(deep, ".py", "mod")[0]
    assert read_code("x = " + "(" * 20_000, ".py", "mod")[0]
