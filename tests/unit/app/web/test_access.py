"""Keys at the door: wrong, revoked, too fast, over quota, and several workers."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from perla.app.web.access import Keeper, is_from_here, sent_secret
from perla.app.web.problems import ProblemError
from perla.storage.operations import Operations

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now, self.seconds = NOON, 0.0

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def operations(tmp_path):
    with Operations(tmp_path / "operations.sqlite") as made:
        yield made


@pytest.fixture
def keeper(operations, clock):
    made = Keeper(operations, lambda: clock.now, lambda: clock.seconds)
    yield made
    made.close()


def refused(keeper: Keeper, secret: str) -> ProblemError:
    with pytest.raises(ProblemError) as problem:
        keeper.admit(secret)
    return problem.value


def test_a_wrong_key_and_a_revoked_key_are_told_apart(keeper, operations):
    secret, _ = operations.create_key("ana", NOON)
    assert keeper.admit(secret).name == "ana"
    assert refused(keeper, secret + "x").status == 401
    operations.revoke_key("ana", NOON)
    assert refused(keeper, secret).status == 403


def test_a_key_may_call_as_fast_as_agreed_and_is_told_how_long_to_wait(keeper, operations, clock):
    secret, _ = operations.create_key("ana", NOON, rate_calls=3, rate_seconds=60)
    for _ in range(3):
        keeper.admit(secret)
    problem = refused(keeper, secret)
    assert (problem.status, problem.headers["retry-after"]) == (429, "20")
    clock.pass_time(20)
    keeper.admit(secret)
    assert refused(keeper, secret).status == 429


def test_a_key_over_its_quota_waits_for_the_next_month(keeper, operations, clock):
    secret, _ = operations.create_key("ana", NOON, quota=2)
    keeper.admit(secret)
    keeper.admit(secret)
    problem = refused(keeper, secret)
    assert (problem.status, problem.headers["retry-after"]) == (429, str(12 * 3600))
    clock.pass_time(12 * 3600)
    assert keeper.admit(secret).name == "ana"


def test_calls_are_written_together_and_not_one_by_one(keeper, operations, monkeypatch):
    secret, key = operations.create_key("ana", NOON)
    writes = []
    monkeypatch.setattr(type(operations), "count_calls", lambda self, counted: writes.append(dict(counted)))
    for _ in range(100):
        keeper.admit(secret)
    keeper.flush()
    assert [w for w in writes if w] == [{(key.prefix, "2026-11-30"): 100}]


def test_what_was_counted_is_written_when_the_service_ends(operations, clock):
    secret, key = operations.create_key("ana", NOON)
    keeper = Keeper(operations, lambda: clock.now, lambda: clock.seconds)
    keeper.start()
    keeper.admit(secret)
    keeper.close()
    assert operations.calls_in("2026-11") == {key.prefix: 1}


def test_two_workers_keep_one_quota_and_one_rate(operations, clock):
    secret, _ = operations.create_key("ana", NOON, rate_calls=10, rate_seconds=3600, quota=8)
    one, other = (Keeper(operations, lambda: clock.now, lambda: clock.seconds) for _ in range(2))
    for _ in range(4):
        one.admit(secret)
        other.admit(secret)
    one.flush(), other.flush(), one.flush()
    assert refused(one, secret).status == refused(other, secret).status == 429
    assert one._buckets[secret.split("_")[1]].left == pytest.approx(2)
    one.close(), other.close()


def test_calls_are_kept_in_memory_while_the_file_is_held(keeper, operations, monkeypatch):
    from perla.errors import FileError

    secret, key = operations.create_key("ana", NOON)
    keeper.admit(secret)

    def held(self, counted):
        raise FileError("locked", "ocupado")

    with monkeypatch.context() as patch:
        patch.setattr(type(operations), "count_calls", held)
        with pytest.raises(FileError):
            keeper.flush()
    keeper.admit(secret)
    keeper.flush()
    assert operations.calls_in("2026-11") == {key.prefix: 2}


def test_a_clock_that_goes_backwards_neither_refuses_nor_loses_calls(keeper, operations, clock):
    secret, key = operations.create_key("ana", NOON, rate_calls=5, rate_seconds=60, quota=10)
    keeper.admit(secret)
    clock.now -= timedelta(days=40)
    keeper.admit(secret)
    keeper.flush()
    clock.now += timedelta(days=40)
    keeper.admit(secret)
    keeper.flush()
    assert operations.calls_in("2026-11") == {key.prefix: 2} and operations.calls_in("2026-10") == {key.prefix: 1}


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ({"x-api-key": " perla_a_b "}, "perla_a_b"),
        ({"authorization": "Basic " + base64.b64encode(b"any:perla_a_b").decode()}, "perla_a_b"),
        ({"authorization": "Basic !!!"}, ""),
        ({"authorization": "Bearer perla_a_b"}, ""),
        ({}, ""),
    ],
)
def test_a_key_comes_as_a_header_or_as_a_browsers_password(headers, secret):
    assert sent_secret(headers) == secret


@pytest.mark.parametrize(
    ("client", "headers", "here"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, True),
        ("::1", {"host": "[::1]:8000"}, True),
        ("::1", {"host": "[::1]"}, True),
        ("127.0.0.1", {"host": "rebound.example:8000"}, False),
        ("127.0.0.1", {"host": "localhost", "x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"host": "localhost", "forwarded": "for=10.0.0.1"}, False),
        ("10.0.0.1", {"host": "localhost", "x-forwarded-for": "127.0.0.1"}, False),
        ("", {"host": "localhost"}, False),
    ],
)
def test_what_a_proxy_says_of_its_callers_is_never_believed(client, headers, here):
    assert is_from_here(client, headers) is here
