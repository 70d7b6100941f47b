"""Documents: paragraphs under their headings with their lines, and nothing that nobody wrote for readers."""

import json

import pytest

from perla.errors import InputError
from perla.knowledge.reading.feeds import read_feed
from perla.knowledge.reading.notebooks import read_notebook
from perla.knowledge.reading.pages import parse_page, read_page
from perla.knowledge.reading.plain import read_markdown, read_plain

MARKDOWN = """---
title: settings
---
# Autoencoders

What they do.
In two lines.

## Loss

```python
# not a heading
loss = 1
```

Threshold
---------
- one
- two
"""
RSS = """<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Blog</title>
<item><title>Redes &amp; más</title><description>corto</description>
<content:encoded><![CDATA[<p>Una red <b>neuronal</b>.</p><script>evil()</script><p>Otra.</p>]]></content:encoded></item>
<item><title>Segundo</title><description>&lt;p&gt;texto&lt;/p&gt;</description></item></channel></rss>"""
BOMB = (
    '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<rss><channel><item><title>&b;</title></item></channel></rss>"
)


def test_a_paragraph_of_markdown_knows_its_section_and_its_lines():
    spans, _ = read_markdown(MARKDOWN)
    found = {span.text.split("\n")[0]: (span.heading, span.first_line, span.last_line) for span in spans}
    assert len(found) == 3
    assert found["What they do."] == ("Autoencoders", 6, 7)
    assert found["```python"] == ("Autoencoders › Loss", 11, 14)
    assert found["- one"] == ("Autoencoders › Threshold", 18, 19)


def test_a_heading_is_not_text_unless_nothing_stands_below_it():
    spans, _ = read_markdown("# Bees\n\n## Winter\n\nThey sleep.\n\n## Spring\n")
    assert [(span.text, span.heading) for span in spans] == [
        ("# Bees", "Bees"), ("They sleep.", "Bees › Winter"), ("## Spring", "Bees › Spring"),
    ]  # fmt: skip


def test_the_lines_of_a_paragraph_are_its_lines_letter_by_letter():
    lines = MARKDOWN.split("\n")
    for span in read_markdown(MARKDOWN)[0]:
        assert span.text == "\n".join(lines[span.first_line - 1 : span.last_line])


def test_a_plain_text_of_one_endless_paragraph_is_taken_apart():
    spans, _ = read_plain("\n".join(f"line {i}" for i in range(100)))
    assert [(s.first_line, s.last_line) for s in spans] == [(1, 40), (41, 80), (81, 100)]


def test_a_page_is_read_without_scripts_and_navigation():
    page = (
        "<html><head><title>Guía &amp; más</title><style>p{}</style></head><body><nav><a>Inicio</a></nav>\n"
        "<h1>Redes</h1>\n<p>Una red <b>neuronal</b>\naprende.</p><div hidden>no</div><script>var p='<p>no</p>'</script>"
        "<h2>Pérdida</h2><ul><li>uno</li><li>dos</li></ul><footer>no</footer></body></html>"
    )
    spans, title = parse_page(page)
    assert title == "Guía & más"
    assert [(s.text, s.heading) for s in spans] == [
        ("Redes", "Redes"), ("Una red neuronal aprende.", "Redes"), ("Pérdida", "Redes › Pérdida"),
        ("uno", "Redes › Pérdida"), ("dos", "Redes › Pérdida"),
    ]  # fmt: skip
    assert (spans[1].first_line, spans[1].last_line) == (3, 4)


@pytest.mark.parametrize(
    "page",
    ["<div>" * 200_000 + "fin", "<!--" * 200_000, "<p" * 200_000, "<nav>menu</nav>" * 3, "<script>" * 100_000 + "x"],
)
def test_a_page_made_to_swell_is_read_or_refused(page):
    try:
        spans, _ = read_page(page)
    except InputError:
        return
    assert sum(len(span.text) for span in spans) <= len(page)


def test_a_navigation_that_is_never_closed_does_not_hide_the_page():
    assert [s.text for s in parse_page("<nav><p>Una red aprende.</p>")[0]] == ["Una red aprende."]


def test_the_posts_of_a_feed_are_read_at_their_fullest_under_their_titles():
    spans, _ = read_feed(RSS)
    assert [(s.text, s.heading) for s in spans] == [
        ("Redes & más", "Redes & más"), ("Una red neuronal.", "Redes & más"), ("Otra.", "Redes & más"),
        ("Segundo", "Segundo"), ("texto", "Segundo"),
    ]  # fmt: skip


def test_an_atom_feed_with_xhtml_content_is_read():
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Uno</title><content type="xhtml">'
        "<div>Una <b>red</b> aprende.</div></content></entry></feed>"
    )
    assert [s.text for s in read_feed(atom)[0]] == ["Uno", "Una red aprende."]


@pytest.mark.parametrize("xml", [BOMB, "<rss><channel><item>", "<rss>" + "<a>" * 5000, "<rss></rss>"])
def test_xml_that_swells_or_is_broken_is_refused(xml):
    with pytest.raises(InputError):
        read_feed(xml)


def test_the_cells_of_a_notebook_are_numbered_and_outputs_are_left_out():
    cells = [
        {"cell_type": "markdown", "source": ["# Datos\n", "Los carros."]},
        {"cell_type": "code", "source": "x = 1\nx", "outputs": [{"text": "SECRET OUTPUT"}]},
        {"cell_type": "code", "source": ""},
        {"cell_type": "markdown", "source": "## Modelo\nEl bosque."},
    ]
    spans, _ = read_notebook(json.dumps({"cells": cells, "nbformat": 4}))
    assert [(s.first_line, s.last_line, s.heading) for s in spans] == [
        (1, 1, "[1] › Datos"), (2, 2, "[2] › Datos"), (4, 4, "[4] › Modelo"),
    ]  # fmt: skip
    assert "SECRET" not in " ".join(s.text for s in spans)


@pytest.mark.parametrize("text", ["{}", "[]", '{"cells": 3}', '{"cells": [1, {"source": 7}]}', "nope"])
def test_json_that_is_no_notebook_is_refused(text):
    with pytest.raises(InputError):
        read_notebook(text)
