"""Exercise 7.1 of chapter 07: a small grey picture of the screen."""

import numpy as np

from drl_helpers.exercises.chapter07_parts import NOTEBOOK, observe_pictures
from drl_helpers.exercises.chapter07_shrink_mistakes import SHRINK_MISTAKES
from drl_helpers.exercises.chapter07_shrink_parts import make_shrink
from drl_helpers.exercises.spec import Case, Exercise


def shrink_in_whole_numbers(frames):
    """Crop first, and only whole numbers: n // d rounds when half of d is added before."""
    field = frames[:, 35:195].astype(int)
    grey = (299 * field[..., 0] + 587 * field[..., 1] + 114 * field[..., 2] + 500) // 1000
    sums = np.maximum(grey[0], grey[1]).reshape(32, 5, 32, 5).sum(axis=3).sum(axis=1)
    return ((sums + 12) // 25).astype(np.uint8)


def shrink_by_blocks(frames):
    before, last = (np.round(frame.astype(float).dot([0.299, 0.587, 0.114])) for frame in frames)
    grey = np.where(last > before, last, before)
    picture = np.empty((32, 32), np.uint8)
    for row in range(32):
        for column in range(32):
            block = grey[5 * (row + 7) : 5 * (row + 8), 5 * column : 5 * (column + 1)]
            picture[row, column] = round(block.mean())
    return picture


def shrink_by_slices(frames):
    red, green, blue = np.moveaxis(frames.astype(np.float32), -1, 0)
    grey = (np.float32(0.299) * red + np.float32(0.587) * green + np.float32(0.114) * blue).max(axis=0).round()
    small = sum(grey[row::5, column::5] for row in range(5) for column in range(5)) / 25
    return np.floor(small + 0.5)[7:39].astype(np.uint8)


def _case(label, frames):
    """No grey lies half-way between two whole numbers, so that every way of rounding gives the same."""
    frames = np.clip(frames, 0, 255).astype(np.uint8)
    halves = (frames.astype(int) @ np.array([299, 587, 114])) % 1000 == 500
    frames[halves, 0] ^= 1
    return Case(label, {"frames": frames})


def _coloured_blocks():
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 256, (2, 42, 32, 3)).repeat(5, axis=1).repeat(5, axis=2)
    return blocks + rng.integers(-60, 61, blocks.shape)


def _flicker():
    """A screen of Pong whose ball and left paddle are in one frame only; nothing keeps to the blocks."""
    frames = np.empty((2, 210, 160, 3), int)
    frames[:] = 144, 72, 17  # brown
    frames[:, 24:34] = frames[:, 194:] = 236
    frames[:, 3:21, 36:48] = frames[1, 61:76, 16:20] = 213, 130, 74  # a score, and the left paddle
    frames[:, 123:138, 140:144] = 92, 186, 92
    frames[0, 101:105, 77:79] = 236  # the ball
    return frames


SHRINK = Exercise(
    id="shrink",
    name="shrink",
    notebook=NOTEBOOK,
    number="7.1",
    observe=observe_pictures,
    cases=(
        _case("Two frames of coloured blocks, with noise", _coloured_blocks()),
        _case("A screen of Pong, the ball in the first frame only", _flicker()),
    ),
    right=(shrink_in_whole_numbers, shrink_by_blocks, shrink_by_slices, make_shrink()),
    mistakes=SHRINK_MISTAKES,
    seconds=10.0,
)

EXERCISES = (SHRINK,)
