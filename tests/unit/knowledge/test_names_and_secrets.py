"""What file names tell, what looks like a secret, and which commit a folder stands at."""

import pytest

from perla.knowledge.passages import Span
from perla.knowledge.reading.names import media_beside, read_name
from perla.knowledge.reading.repository import commit_of, repository_of
from perla.knowledge.reading.secrets import is_secret_file, is_secret_line, without_secrets
from perla.knowledge.transcription.orders import SOUNDS

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("stem", "session", "day", "title"),
    [
        ("7. Redes y más redes (2024-04-24 19_09 GMT-5)", "7", "2024-04-24", "Redes y más redes"),
        ("24. Graphs and attacks (2024_09_18 18_59 COT)", "24", "2024-09-18", "Graphs and attacks"),
        ("0. Quiénes somos", "0", "", "Quiénes somos"),
        ("2024-05-02 planning", "", "2024-05-02", "planning"),
        ("Sesión 12 - Grafos", "12", "", "Grafos"),
        ("weekly_meeting_20240131", "", "2024-01-31", "weekly meeting"),
        ("4K video notes", "", "", "4K video notes"),
        ("notes (2024-13-45)", "", "", "notes (2024-13-45)"),
    ],
)
def test_a_file_name_tells_session_day_and_title(stem, session, day, title):
    named = read_name(stem)
    assert (named.session, named.day, named.title) == (session, day, title)


@pytest.mark.parametrize("ending", sorted(SOUNDS))
def test_every_recording_that_can_be_transcribed_is_found_beside_its_transcript(tmp_path, ending):
    (tmp_path / f"talk{ending}").write_bytes(b"sound")
    assert media_beside(tmp_path / "talk.csv") == str(tmp_path / f"talk{ending}")


def test_the_recording_beside_a_transcript_is_found(tmp_path):
    (tmp_path / "1. Intro.mp4").write_bytes(b"")
    assert media_beside(tmp_path / "1. Intro.csv") == str(tmp_path / "1. Intro.mp4")
    assert media_beside(tmp_path / "1. Intro.es.vtt") == str(tmp_path / "1. Intro.mp4")
    assert media_beside(tmp_path / "2. Other.csv") == ""


@pytest.mark.parametrize("name", [".env", ".env.local", "prod.env", "a.pem", "id_rsa", "id_ed25519.pub", "x.key",
                                  "credentials", "client_secret.json", ".netrc", "service-account-7.json"])  # fmt: skip
def test_files_that_keep_secrets_are_known_by_name(name):
    assert is_secret_file(name)


@pytest.mark.parametrize("name", ["environment.py", "keys.py", "env.md", "secretary.txt", "monkey.csv"])
def test_files_with_like_names_are_not_taken_for_secrets(name):
    assert not is_secret_file(name)


@pytest.mark.parametrize(
    "line",
    [
        "AWS = 'AKIA" + "ABCDEFGHIJKLMNOP'", "password: hunter2-hunter2", 'API_KEY="a1b2c3d4e5f6g7"',
        "-----BEGIN RSA PRIVATE " + "KEY-----", "db = postgresql://ana:s3cret99@host/db", "use gh" + "p_" + "a1" * 18,
        "contraseña = 'c0lombia2024'", "A" * 64,
    ],
)  # fmt: skip
def test_lines_with_keys_and_passwords_are_seen(line):
    assert is_secret_line(line)


@pytest.mark.parametrize(
    "line",
    [
        'password = os.environ["PASSWORD"]', "token = next(tokens)", "la clave: entender el gradiente", "def secret():",
        "key = lambda row: row.price", "https://host:8080/path@v2", "max_tokens=512", "password: str",
        "postgresql://user:password@host/name",
        "tokens = tokenizer.tokenize(text)", "La contraseña: nunca se guarda",
    ],
)  # fmt: skip
def test_lines_that_only_speak_of_them_are_kept(line):
    assert not is_secret_line(line)


def test_a_secret_line_leaves_an_empty_one_so_the_others_keep_their_place():
    spans, count = without_secrets([Span("a = 1\npassword='x9-x9-x9-x9'\nb = 2"), Span("token: abcd1234efgh5678")])
    assert [span.text for span in spans] == ["a = 1\n\nb = 2"] and count == 2


def git(folder, **files):
    for name, text in files.items():
        path = folder / ".git" / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_commit_is_read_from_a_branch_a_packed_branch_or_a_bare_head(tmp_path):
    git(tmp_path / "a", HEAD="ref: refs/heads/main\n", refs__heads__main=COMMIT + "\n")
    (tmp_path / "b" / ".git").mkdir(parents=True)
    git(tmp_path / "b", HEAD="ref: refs/heads/x/y\n")
    (tmp_path / "b/.git/packed-refs").write_text(f"# pack-refs\n{COMMIT} refs/heads/x/y\n^{'0' * 40}\n")
    git(tmp_path / "c", HEAD=COMMIT)
    assert [commit_of(tmp_path / name) for name in "abc"] == [COMMIT] * 3
    (tmp_path / "a/src").mkdir()
    assert repository_of(tmp_path / "a/src") == tmp_path / "a"


def test_a_second_working_tree_knows_its_commit(tmp_path):
    git(tmp_path / "main", HEAD="ref: refs/heads/main\n", refs__heads__side=COMMIT)
    own = tmp_path / "main/.git/worktrees/side"
    own.mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/side")
    (own / "commondir").write_text("../..\n")
    (tmp_path / "side").mkdir()
    (tmp_path / "side/.git").write_text(f"gitdir: {own}\n")
    assert commit_of(tmp_path / "side") == COMMIT


@pytest.mark.parametrize("head", ["", "ref: ../../../etc/passwd", "ref: refs/heads/../../x", "nonsense", "\x00" * 50])
def test_a_broken_repository_has_no_commit_and_no_other_file_is_read(tmp_path, head):
    (tmp_path / "x").write_text(COMMIT)
    git(tmp_path, HEAD=head)
    assert commit_of(tmp_path) == ""
