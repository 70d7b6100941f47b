"""Confusions of sounds: what is likelier heard of a term than by chance, whatever is asked of them."""

from __future__ import annotations

import pytest

pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perla.knowledge.confusions import OTHER, SOUNDS, Confusions, shipped_confusions
from perla.knowledge.sound import english, spanish


def likeness(heard: str, meant: str) -> float:
    return float(shipped_confusions().likeness([heard], [meant])[0])


def test_every_sound_has_its_confusions() -> None:
    shipped = shipped_confusions()
    assert shipped.swapped.shape == (OTHER + 1, OTHER + 1)
    assert shipped.dropped.shape == shipped.added.shape == (len(SOUNDS) + 1,)
    assert np.isfinite(shipped.swapped).all()


def test_every_sound_is_likeliest_heard_as_itself() -> None:
    swapped = shipped_confusions().swapped
    assert (swapped.argmax(axis=0) == np.arange(OTHER + 1)).all()


@pytest.mark.parametrize(
    ("near", "far", "meant"),
    [("fasepai", "fasemos", "fastapi"), ("kamins", "kaminos", "kmins"), ("optuna", "fortuna", "optiuna")],
)
def test_what_recognisers_write_is_likelier_than_what_merely_resembles(near: str, far: str, meant: str) -> None:
    assert likeness(near, meant) > likeness(far, meant)


def test_a_sound_that_is_confused_costs_less_than_one_that_never_is() -> None:
    assert likeness("bandom", "random") < likeness("random", "random")
    assert likeness("fipelain", "pipelain") > likeness("ripelain", "pipelain")


def test_long_terms_said_right_are_surer_than_short_ones() -> None:
    assert likeness(english("pipeline"), english("pipeline")) > likeness(spanish("red"), spanish("red")) > 0


def test_many_pairs_at_once_are_what_each_is_alone() -> None:
    heard, meant = ["fasepai", "keda", "", "a", "kamins"], ["fastapi", "kuda", "red", "", "kmins"]
    together = shipped_confusions().likeness(heard, meant)
    assert together == pytest.approx([likeness(one, other) for one, other in zip(heard, meant, strict=True)])


def test_the_likeliest_alignment_is_taken() -> None:
    """One sound for another costs 1, a drop or an addition 3; the same sound is worth 2."""
    swapped = np.where(np.eye(OTHER + 1) > 0, 2.0, -1.0)
    made_up = Confusions(swapped, np.full(OTHER + 1, -3.0), np.full(OTHER + 1, -3.0))
    assert made_up.likeness(["abc", "ab", ""], ["abd", "b", "ab"]).tolist() == [3.0, -1.0, -6.0]


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_have_a_likeness(heard: str, meant: str) -> None:
    assert np.isfinite(likeness(heard, meant))
