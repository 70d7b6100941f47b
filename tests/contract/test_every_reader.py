"""Every reader keeps the same promises, whatever it is given."""

import json
import math
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perla.errors import FileError, InputError
from perla.knowledge.passages import SourceKind
from perla.knowledge.reading import Found, read_file, read_paths

pytest.importorskip("tree_sitter", reason="the extra 'knowledge' is not installed")
pytest.importorskip("pypdf", reason="the extra 'knowledge' is not installed")


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page, written by hand."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        font = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Resources %s /Contents %d 0 R >>"
        objects.append(page % (font, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    content, places = b"%PDF-1.4\n", []
    for number, said in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, said)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(content))
    return content + head + table + tail


CELLS = [{"cell_type": "markdown", "source": "# Uno"}, {"cell_type": "code", "source": "x = 1"}]
WHISPER = {"segments": [{"start": 0, "end": 4, "text": "hola"}, {"start": 4, "end": 9, "text": "empecemos"}]}
SAMPLES = {
    "talk.csv": b"Start time,End time,Transcript\n0,60,hola a todos\n60,99,empecemos\n",
    "talk.tsv": b"start\tend\ttext\n0\t4000\thola\n4000\t9000\tempecemos\n",
    "talk.srt": b"1\n00:00:01,000 --> 00:00:03,000\nhola\n\n2\n00:00:04,000 --> 00:00:05,000\nempecemos\n",
    "talk.vtt": b"WEBVTT\n\n00:01.000 --> 00:03.000\nhola\n\n00:04.000 --> 00:05.000\nempecemos\n",
    "talk.json": json.dumps(WHISPER).encode(),
    "transcript.txt": "[00:00:01] hola a todos\n[00:12:40] empecemos mañana\n".encode(),
    "notes.md": b"# Uno\n\nPrimero.\n\n## Dos\n\nSegundo.\n",
    "notes.txt": "Primero.\n\nSegundo, mañana.\n".encode(),
    "page.html": b"<h1>Uno</h1>\n<p>Primero.</p>\n<p>Segundo.</p>",
    "feed.xml": b"<rss><channel><item><title>Uno</title><description>Primero.</description></item>"
    b"<item><title>Dos</title><description>Segundo.</description></item></channel></rss>",
    "paper.pdf": pdf("the first page", "the second page"),
    "book.ipynb": json.dumps({"cells": CELLS}).encode(),
    "net.py": b"import os\n\n\ndef loss():\n    return 1\n",
    "net.js": b"function loss() { return 1 }\nconst x = 1\n",
    "net.ts": b"interface Car { price: number }\nexport const f = (c: Car) => c.price\n",
    "net.tsx": b"export const View = () => <div>hola</div>;\n",
    "query.sql": b"select 1;\n\nselect 2;\n",
}
HOSTILE = {
    "empty": b"", "blank": b" \n\t\n", "nul": b"\0" * 5000, "binary": bytes(range(256)) * 40,
    "pickle": b"\x80\x04\x95\x0c\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94.",
    "wrong encoding": "数据科学 機械学習".encode("shift_jis") * 50,
    "half a letter": "mañana".encode()[:3] + b"\xff\xfe\x00",
    "one line": b"x" * 400_000, "brackets": b"[" * 300_000, "tags": b"<div>" * 60_000, "quotes": b'"' * 100_001,
    "surrogates": b'{"segments": [{"text": "\\ud800 hola", "start": 1, "end": 2}]}',
    "numbers": b'{"segments": [{"text": "hola", "start": 1e400, "end": -1}]}',
    "commas": b"start,end,text" + b"," * 200_000,
    "entities": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><title>&a;</title>'
    b"</item></rss>",
}  # fmt: skip


def found_at(path: Path, content: bytes) -> Found:
    path.write_bytes(content)
    return Found(path, path.parent, f"group/{path.name}", "c" * 40)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_piece_is_in_order_and_carries_its_citation(name, tmp_path):
    reading = read_file(found_at(tmp_path / name, SAMPLES[name]))
    assert reading.spans and all(span.text.strip() for span in reading.spans)
    if reading.source.kind is SourceKind.RECORDING:
        starts = [span.start_s for span in reading.spans]
        assert starts == sorted(starts) and all(s.start_s <= s.end_s for s in reading.spans)
        assert all(span.first_line == 0 for span in reading.spans) and len(starts) == 2
    else:
        lines = [span.first_line for span in reading.spans]
        assert lines == sorted(lines) and lines[0] >= 1
        assert all(s.first_line <= s.last_line and math.isnan(s.start_s) for s in reading.spans)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_source_says_what_it_is_where_it_stands_and_what_its_bytes_are(name, tmp_path):
    import hashlib

    source = read_file(found_at(tmp_path / name, SAMPLES[name])).source
    assert source.digest == hashlib.sha256(SAMPLES[name]).hexdigest() and source.commit == "c" * 40
    assert source.path == f"group/{name}" and source.title and source.name


@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_bytes_are_read_alike_twice(name, tmp_path):
    found = found_at(tmp_path / name, SAMPLES[name])
    assert repr(read_file(found)) == repr(read_file(found))


def text_or_reason(name: str, content: bytes, tmp_path: Path) -> str:
    """The words that are read, no more than the file can hold; none where it is refused, with a reason in both
    languages."""
    try:
        reading = read_file(found_at(tmp_path / name, content))
    except (InputError, FileError) as problem:
        assert problem.text("en") and problem.text("es") and problem.text("en") != problem.text("es")
        return ""
    text = " ".join(span.text for span in reading.spans)
    assert len(text) <= 3 * len(content) + len(reading.spans)
    return text


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("name", SAMPLES)
def test_hostile_bytes_are_read_or_refused_with_a_reason(name, hostile, tmp_path):
    assert "root:" not in text_or_reason(name, HOSTILE[hostile], tmp_path)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_truncated_file_is_read_or_refused(name, tmp_path):
    content = SAMPLES[name]
    whole = text_or_reason(name, content, tmp_path)
    for place in range(0, len(content), max(1, len(content) // 12)):
        part = text_or_reason(name, content[:place], tmp_path)
        assert len(part) <= len(whole) + place


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=300), at=st.floats(0, 1))
def test_random_bytes_are_read_or_refused_with_a_reason(name, tmp_path, noise, at):
    place = int(at * len(SAMPLES[name]))
    for content in (noise, SAMPLES[name][:place] + noise + SAMPLES[name][place:]):
        assert "\x00" not in text_or_reason(name, content, tmp_path)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_of_two_hundred_megabytes_is_refused_before_it_is_read(name, tmp_path, monkeypatch):
    import os

    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(200 * 10**6)
    monkeypatch.setattr(os, "fdopen", watched_open(os.fdopen))
    with pytest.raises(InputError, match="larger than"):
        read_file(Found(path, tmp_path, name))


def watched_open(before):
    """A file that fails when it is read."""

    def opened(*args):
        file = before(*args)

        class Watched:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def fileno(self):
                return file.fileno()

            def read(self, *_):
                raise AssertionError("it was read")

        return Watched()

    return opened


@pytest.mark.parametrize("name", SAMPLES)
def test_keys_and_passwords_are_not_read(name, tmp_path):
    secret = "hf" + "_" + "AbCdEfGhIjKlMnOpQrStUvWxYz0123"
    marks = (b"hola", b"Primero", b"first page", b"x = 1", b"return 1", b"number", b"select 1", b"hola a todos")
    content = SAMPLES[name]
    for mark in marks:
        content = content.replace(mark, secret.encode(), 1) if mark in content else content
    if name == "paper.pdf":
        content = pdf(secret, "the second page")
    assert secret.encode() in content
    try:
        reading = read_file(found_at(tmp_path / name, content))
    except InputError as problem:
        assert "keys or passwords" in str(problem)
        return
    assert secret not in " ".join(span.text for span in reading.spans)
    assert any("left out" in str(note) for note in reading.notes)


def test_a_text_longer_than_any_book_is_refused(tmp_path):
    with pytest.raises(InputError, match="more than 5 million letters"):
        read_file(found_at(tmp_path / "words.txt", b"una palabra\n" * 500_000))


@pytest.mark.parametrize("text", [
    "".join(f"perro{n}, gato{n} | dog{n}, cat{n}\n" for n in range(80)), "1.25 3.5 0.75 12.0\n" * 60,
    "".join(f"package{n}==1.{n}.0\n" for n in range(100)),
])  # fmt: skip
def test_a_list_of_words_or_figures_is_passed_over_and_a_short_one_is_learned(tmp_path, text):
    (tmp_path / "all.txt").write_text(text)
    (tmp_path / "few.txt").write_text("".join(text.splitlines(keepends=True)[:5]))
    readings, passed = read_paths([tmp_path])
    assert [reading.source.name for reading in readings] == [f"{tmp_path.name}/few.txt"]
    assert [one.reason.es for one in passed] == ["una lista de palabras o cifras, no un texto"]


def test_an_archive_is_no_document_whatever_it_is_called(tmp_path):
    with zipfile.ZipFile(tmp_path / "notes.md", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 10**7)
    readings, passed = read_paths([tmp_path])
    assert readings == [] and "binary" in str(passed[0].reason)


def test_a_pdf_that_unpacks_to_more_than_it_should_is_refused(tmp_path):
    import zlib

    packed = zlib.compress(b" " * 300_000_000, 9)
    bomb = pdf("x").replace(b"<< /Length 40 >>", b"<< /Length 40 >>")
    start, end = bomb.index(b"<< /Length"), bomb.index(b"\nendstream")
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s" % (len(packed), packed)
    with pytest.raises(InputError, match="imit"):
        read_file(found_at(tmp_path / "bomb.pdf", bomb[:start] + stream + bomb[end:]))


def test_links_are_not_followed_out_of_the_folder(tmp_path):
    (tmp_path / "outside.md").write_text("No se aprende.")
    inside = tmp_path / "group"
    (inside / "sub").mkdir(parents=True)
    (inside / "link.md").symlink_to(tmp_path / "outside.md")
    (inside / "sub/up").symlink_to(tmp_path)
    (inside / "round").symlink_to(inside)
    (inside / "own.md").write_text("Sí se aprende.")
    readings, passed = read_paths([inside])
    assert [reading.source.name for reading in readings] == ["group/own.md"]
    assert sorted(Path(p.path).name for p in passed) == ["link.md", "round", "up"]


def test_a_pipe_or_device_is_not_waited_for(tmp_path):
    import os

    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "notes.md")
    readings, passed = read_paths([tmp_path])
    assert readings == [] and "no regular file" in str(passed[0].reason)
