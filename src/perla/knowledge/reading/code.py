"""Code: definitions with their docstrings, found by a real parser (tree-sitter), and what stands between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from perla.errors import MissingExtraError
from perla.knowledge.passages import Span
from perla.words import Text, fill

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

LANGUAGES = {
    ".py": "python", ".pyi": "python", ".pyw": "python", ".js": "javascript", ".mjs": "javascript",
    ".cjs": "javascript", ".jsx": "javascript", ".ts": "typescript", ".mts": "typescript", ".cts": "typescript",
    ".tsx": "tsx",
}  # fmt: skip
FUNCTIONS = frozenset([
    "function_definition", "function_declaration", "generator_function_declaration", "method_definition",
    "function_expression", "arrow_function", "generator_function", "function_signature", "method_signature",
    "abstract_method_signature",
])  # fmt: skip
HOLDERS = frozenset([
    "class_definition", "class_declaration", "abstract_class_declaration", "class", "interface_declaration",
    "internal_module", "module", "enum_declaration", "type_alias_declaration",
])  # fmt: skip
WRAPPERS = frozenset([
    "decorated_definition", "export_statement", "ambient_declaration", "lexical_declaration", "variable_declaration",
    "expression_statement", "public_field_definition", "field_definition", "assignment_expression",
    "variable_declarator", "pair",
])  # fmt: skip
BODIES = frozenset([
    "block", "class_body", "statement_block", "interface_body", "object_type", "declaration_list", "ERROR",
    "if_statement", "try_statement", "else_clause", "with_statement", "program",
])  # fmt: skip
CALLS = frozenset(["expression_statement", "call_expression", "parenthesized_expression", "arguments"])
BEGINS = re.compile(r"@|(?:async\s+)?(?:def|class|function)\b|export\s|(?:const|let|var|interface|type|abstract)\s")
MOST_LINES = 120  # of one span; a longer definition is taken apart
MOST_TOGETHER = 20  # lines between definitions
DEEPEST = 12
MOST_PARTS = 5000


@dataclass(frozen=True)
class Definition:
    """Lines first..last (from 1) that define something, and those of the definitions inside that stand alone."""

    name: str
    first: int
    last: int
    inside: tuple[Definition, ...] = ()


def read_code(text: str, suffix: str, module: str) -> tuple[list[Span], tuple[Text, ...]]:
    """Definitions by their qualified name and the code between them by the module's, each with its lines.

    module : what the file is called. Broken syntax still gives the definitions that can be seen.
    """
    parser, lines = _parser(LANGUAGES[suffix]), text.split("\n")
    root = parser.parse(text.encode("utf-8", "replace")).root_node
    notes: tuple[Text, ...] = ()
    if root.has_error:
        parts = list(_parts(parser, lines))
        found = _merged(_moved(one, first) for first, part in parts for one in _definitions(part, "", 0))
        notes = (_broken(parts),)
    else:
        found = _merged(_definitions(root, "", 0))
    spans = [span for span in _spans(found, lines, 1, len(lines), module) if span.text.strip()]
    return spans, notes


@cache
def _parser(language: str) -> Parser:
    try:
        import tree_sitter_javascript
        import tree_sitter_python
        import tree_sitter_typescript
        from tree_sitter import Language, Parser
    except ImportError as problem:
        raise MissingExtraError(
            "Learning code needs tree-sitter. Install it with: pip install 'perla[knowledge]'",
            "Aprender código necesita tree-sitter. Instálelo con: pip install 'perla[knowledge]'",
        ) from problem
    grammars = {
        "python": tree_sitter_python.language, "javascript": tree_sitter_javascript.language,
        "typescript": tree_sitter_typescript.language_typescript, "tsx": tree_sitter_typescript.language_tsx,
    }  # fmt: skip
    return Parser(Language(grammars[language]()))


def _parts(parser: Parser, lines: list[str]) -> Iterator[tuple[int, Node]]:
    """Broken code from each line that begins a definition, parsed alone so that none swallows the next."""
    begins = [n for n, line in enumerate(lines) if BEGINS.match(line) and not (n and lines[n - 1].startswith("@"))]
    for first, last in pairwise([0, *[n for n in begins if n][:MOST_PARTS], len(lines)]):
        yield first, parser.parse("\n".join(lines[first:last]).encode("utf-8", "replace")).root_node


def _moved(definition: Definition, lines: int) -> Definition:
    inside = tuple(_moved(one, lines) for one in definition.inside)
    return Definition(definition.name, definition.first + lines, definition.last + lines, inside)


def _broken(parts: list[tuple[int, Node]]) -> Text:
    line = next((first + _first_error(part) for first, part in parts if part.has_error), 1)
    return fill(
        "broken syntax near line {line}: the definitions that can be seen were learned",
        "sintaxis rota cerca de la línea {line}: se aprendieron las definiciones que se ven", line=line,
    )  # fmt: skip


def _first_error(node: Node) -> int:
    """The line (from 1) of the innermost node that could not be parsed."""
    while True:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None or node.type == "ERROR":
            return int(node.start_point[0]) + 1
        node = inner


def _definitions(node: Node, outer: str, depth: int) -> Iterator[Definition]:
    """The definitions right inside a node, in order."""
    if depth > DEEPEST:
        return
    for child in node.named_children:
        if node.type in CALLS and (child.type in CALLS or _is_nameless(child)):
            yield from _definitions(child, outer, depth + 1)
            continue
        defined = _defined(child)
        if defined is not None:
            name, body = defined
            full = f"{outer}.{name}" if outer else name
            inside = _definitions(body, full, depth + 1) if body.type in HOLDERS else ()
            yield Definition(full, _first_line(child), _last_line(child), _merged(inside))
        elif child.type in BODIES or child.type in WRAPPERS:
            yield from _definitions(child, outer, depth + 1)


def _first_line(node: Node) -> int:
    """Where a node begins, with the comment right above it, which tells what it is."""
    first, above = int(node.start_point[0]), node.prev_sibling
    while above is not None and above.type == "comment" and first - 1 <= above.end_point[0] <= first:
        before = above.prev_sibling
        if before is not None and before.type != "comment" and before.end_point[0] == above.start_point[0]:
            break  # it ends the line of something else
        first, above = int(above.start_point[0]), before
    return first + 1


def _last_line(node: Node) -> int:
    row, column = node.end_point
    return int(row) + (1 if column else 0)


def _defined(node: Node) -> tuple[str, Node] | None:
    """The name a node defines and the function or class it is; None where it defines none."""
    name, inner = "", node
    for _ in range(DEEPEST):
        if inner.type in FUNCTIONS or inner.type in HOLDERS:
            own = inner.child_by_field_name("name")
            name = _text(own) if own is not None else name
            return (name or "default", inner) if name or inner.type not in ("arrow_function", "module") else None
        if inner.type not in WRAPPERS:
            return None
        named = inner.child_by_field_name("name") or inner.child_by_field_name("left")
        named = named or inner.child_by_field_name("property") or inner.child_by_field_name("key")
        name = _text(named) if named is not None else name
        held = [child for child in inner.named_children if child.type in FUNCTIONS | HOLDERS | WRAPPERS]
        if len(held) != 1:
            return None
        inner = held[0]
    return None


def _is_nameless(node: Node) -> bool:
    """Whether a function has no name, as the one around a module in JavaScript."""
    return node.type in ("arrow_function", "function_expression") and node.child_by_field_name("name") is None


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace").strip("'\"")[:120]


def _merged(found: Iterable[Definition]) -> tuple[Definition, ...]:
    """In order of their lines; one that begins inside another is part of it."""
    kept: list[Definition] = []
    for definition in sorted(found, key=lambda d: (d.first, -d.last)):
        if not kept or definition.first > kept[-1].last:
            kept.append(definition)
    return tuple(kept)


def _spans(found: tuple[Definition, ...], lines: list[str], first: int, last: int, name: str) -> Iterator[Span]:
    """Lines first..last: the definitions, and between them what belongs to ``name``."""
    for definition in found:
        yield from _cut(lines, first, definition.first - 1, name, MOST_TOGETHER)
        if definition.inside:
            yield from _spans(definition.inside, lines, definition.first, definition.last, definition.name)
        else:
            yield from _cut(lines, definition.first, definition.last, definition.name, MOST_LINES)
        first = definition.last + 1
    yield from _cut(lines, first, last, name, MOST_TOGETHER)


def _cut(lines: list[str], first: int, last: int, name: str, most: int) -> Iterator[Span]:
    """Lines first..last, without empty ones at the ends, in pieces of about ``most``."""
    while first <= last:
        end = min(first + most - 1, last)
        if last - end < most // 4:
            end = last
        low, high = first, end
        while low <= high and not lines[low - 1].strip():
            low += 1
        while high >= low and not lines[high - 1].strip():
            high -= 1
        text = "\n".join(line.rstrip() for line in lines[low - 1 : high])
        if any(letter.isalnum() for letter in text):
            yield Span(text, first_line=low, last_line=high, heading=name)
        first = end + 1
