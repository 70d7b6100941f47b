"""Recordings made on the spot: a tone in any container, by PyAV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

RATE = 16_000


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    """A hum that swells every second, as int16."""
    at = np.arange(int(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * 220 * at) * np.abs(np.sin(np.pi * at))).astype(np.int16)


def write_recording(
    path: Path, parts: Sequence[tuple[float, np.ndarray]], codec: str, rate: int = RATE, picture: bool = False
) -> Path:
    """A file with sound that starts at the given seconds; with a picture, a video of one frame a second."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        video = container.add_stream("mpeg4", rate=1) if picture else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        for starts_s, samples in parts:
            for at in range(0, len(samples), 1024):
                frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1024], format="s16", layout="mono")
                frame.sample_rate, frame.pts = rate, int(starts_s * rate) + at
                container.mux(stream.encode(frame))
            if video is not None:
                image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
                container.mux(video.encode(image))
        container.mux(stream.encode(None))
        if video is not None:
            container.mux(video.encode(None))
    return path


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """``record("talk.mp3", 3, "mp3")`` writes three seconds of a tone."""
    pytest.importorskip("av", reason="the extra speech is not installed")

    def write(name: str, seconds: float = 3.0, codec: str = "pcm_s16le", **how: object) -> Path:
        rate = int(how.pop("rate", RATE))
        parts = how.pop("parts", [(0.0, tone(seconds, rate))])
        return write_recording(tmp_path / name, parts, codec, rate, **how)

    return write
