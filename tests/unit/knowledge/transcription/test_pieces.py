"""A long recording is cut where it is quiet, and little of it is held at once."""

import numpy as np

from perla.knowledge.transcription.pieces import LONGEST, RATE, SEARCHED, cut, quiet_place


def noise(seconds: float, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9000, 9000, int(seconds * RATE)).astype(np.int16)


def blocks(samples: np.ndarray, each: int = 70_001) -> list[np.ndarray]:
    return [samples[at : at + each] for at in range(0, len(samples), each)]


def test_pieces_hold_every_sample_once_and_in_order():
    samples = noise(400)
    pieces = list(cut(blocks(samples)))
    assert np.array_equal(np.concatenate([piece.samples for piece in pieces]), samples)
    assert [piece.first for piece in pieces[1:]] == [piece.end for piece in pieces[:-1]]
    assert max(len(piece.samples) for piece in pieces) <= LONGEST


def test_a_piece_ends_inside_the_pause():
    samples = noise(200)
    samples[int(110 * RATE) : int(111.2 * RATE)] = 0
    first = next(cut(blocks(samples)))
    assert 110 < first.end_s < 111.2


def test_going_on_from_a_piece_gives_the_same_pieces():
    samples = noise(500, seed=3)
    whole = list(cut(blocks(samples)))
    later = list(cut(blocks(samples, each=12_345), whole[1].end))
    assert [(piece.first, piece.end) for piece in later] == [(piece.first, piece.end) for piece in whole[2:]]
    assert np.array_equal(later[0].samples, whole[2].samples)


def test_two_hours_are_read_a_little_at_a_time():
    read = 0

    def two_hours():
        nonlocal read
        for _ in range(7200):
            read += RATE
            yield np.zeros(RATE, np.int16)

    for piece in cut(two_hours()):
        assert read - piece.first <= LONGEST + RATE
    assert piece.end_s == 7200


def test_a_short_recording_is_one_piece_and_an_empty_one_none():
    assert [piece.end_s for piece in cut([noise(3)])] == [3.0]
    assert list(cut([])) == []
    assert quiet_place(np.zeros(10, np.int16)) == 10
    assert SEARCHED < LONGEST
