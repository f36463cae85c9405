"""The exercise of chapter 04 on the memory that pixels take: 4.4."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "04_replay_memory"


def make_bytes(
    pixels=lambda height, width: height * width,
    itemsize=lambda dtype: np.dtype(dtype).itemsize,
    once=lambda capacity, stack: capacity + stack,
    twice=lambda capacity, stack: 2 * stack * capacity,
    extra=lambda capacity: 13 * capacity,
    result=lambda total: total,
    swap=False,
):
    """The number of bytes with one part of the count exchanged."""

    def attempt(capacity, frame_shape, num_stacked, dtype, stored_once):
        frames = (once if stored_once != swap else twice)(capacity, num_stacked)
        return result(frames * pixels(*frame_shape) * itemsize(dtype) + extra(capacity))

    return attempt


def bytes_by_arrays(capacity, frame_shape, num_stacked, dtype, stored_once):
    frame = np.zeros(frame_shape, dtype).nbytes
    pixels = frame * (capacity + num_stacked) if stored_once else capacity * frame * num_stacked * 2
    return pixels + capacity * (8 + 4 + 1)


BYTES_MISTAKES = (
    Mistake(
        "one-observation",
        "Stored twice means two stacks for each transition: `obs` *and* `next_obs`.",
        make_bytes(twice=lambda capacity, stack: stack * capacity),
    ),
    Mistake(
        "no-stack",
        "An observation is a stack: each of the two holds `num_stacked` frames.",
        make_bytes(twice=lambda capacity, stack: 2 * capacity),
    ),
    Mistake(
        "stacks-stored-once",
        "Stored once, each transition brings *one* new frame, not a stack of them: the others are there already.",
        make_bytes(once=lambda capacity, stack: stack * capacity),
    ),
    Mistake(
        "twice-stored-once",
        "Stored once, a frame is not kept for `obs` and again for `next_obs`: one frame for each transition.",
        make_bytes(once=lambda capacity, stack: 2 * capacity),
    ),
    Mistake(
        "no-first-stack",
        "Before the first transition there is a whole stack of frames, and each transition adds one: "
        "capacity + num_stacked frames.",
        make_bytes(once=lambda capacity, stack: capacity),
    ),
    Mistake(
        "one-frame-first",
        "Count the frames of the first observation: a whole stack, not one frame. Each transition then adds one.",
        make_bytes(once=lambda capacity, stack: capacity + 1),
    ),
    Mistake(
        "off-by-one",
        "One frame is missing: the first observation has `num_stacked` frames, and *each* of the `capacity` "
        "transitions adds one.",
        make_bytes(once=lambda capacity, stack: capacity + stack - 1),
    ),
    Mistake(
        "stack-taken-off",
        "The first stack comes on top of the others: add its frames, do not take them off.",
        make_bytes(once=lambda capacity, stack: capacity - stack),
    ),
    Mistake("swapped", "The two ways of storing are mixed up: see `stored_once`.", make_bytes(swap=True)),
    Mistake(
        "always-twice",
        "It counts stacks stored twice, whatever `stored_once` says.",
        make_bytes(once=lambda capacity, stack: 2 * stack * capacity),
    ),
    Mistake(
        "always-once",
        "It counts frames stored once, whatever `stored_once` says.",
        make_bytes(twice=lambda capacity, stack: capacity + stack),
    ),
    Mistake(
        "no-itemsize",
        "It counts numbers, not bytes: a float32 takes 4 bytes, `np.dtype(dtype).itemsize`.",
        make_bytes(itemsize=lambda dtype: 1),
    ),
    Mistake(
        "bits",
        "It counts bits: the size of a dtype is in bytes already.",
        make_bytes(result=lambda total: 8 * total),
    ),
    Mistake(
        "float64",
        "It counts 8 bytes for each pixel, as for float64: `np.dtype(dtype).itemsize` tells how many it takes.",
        make_bytes(itemsize=lambda dtype: 8),
    ),
    Mistake(
        "always-float32",
        "It counts 4 bytes for each pixel, whatever the dtype: `np.dtype(dtype).itemsize`.",
        make_bytes(itemsize=lambda dtype: 4),
    ),
    Mistake(
        "no-extras",
        "Actions, rewards and flags are missing: 8 + 4 + 1 bytes for each transition.",
        make_bytes(extra=lambda capacity: 0),
    ),
    Mistake(
        "extras-taken-off",
        "The 13 bytes of each transition come on top: add them.",
        make_bytes(extra=lambda capacity: -13 * capacity),
    ),
    Mistake(
        "extras-once",
        "The 13 bytes of action, reward and flag are counted once; every transition has its own.",
        make_bytes(extra=lambda capacity: 13),
    ),
    Mistake(
        "action-of-four-bytes",
        "An action is an int64, 8 bytes: 8 + 4 + 1 for each transition.",
        make_bytes(extra=lambda capacity: 9 * capacity),
    ),
    Mistake(
        "height-only",
        "A frame has height × width pixels: multiply the two.",
        make_bytes(pixels=lambda height, width: height),
    ),
    Mistake(
        "sum-of-sides",
        "It adds height and width: a frame has height × width pixels.",
        make_bytes(pixels=lambda height, width: height + width),
    ),
    Mistake("kilobytes", "It returns kilobytes: return bytes.", make_bytes(result=lambda total: total / 1_000)),
    Mistake("kibibytes", "It returns KiB: return bytes.", make_bytes(result=lambda total: total / 1_024)),
    Mistake("megabytes", "It returns megabytes: return bytes.", make_bytes(result=lambda total: total / 1e6)),
    Mistake("mebibytes", "It returns MiB: return bytes.", make_bytes(result=lambda total: total / 2**20)),
    Mistake("gigabytes", "It returns gigabytes: return bytes.", make_bytes(result=lambda total: total / 1e9)),
    Mistake("gibibytes", "It returns GiB: return bytes.", make_bytes(result=lambda total: total / 2**30)),
    Mistake(
        "a-float",
        "The number is right but a float: bytes are counted in whole numbers.",
        make_bytes(result=lambda total: float(total)),
    ),
    Mistake("returns-nothing", "Nothing is returned.", make_bytes(result=lambda total: None)),
)


def _case(label, capacity, frame_shape, num_stacked, dtype, stored_once):
    args = {"capacity": capacity, "frame_shape": frame_shape, "num_stacked": num_stacked, "dtype": dtype}
    return Case(label, args | {"stored_once": stored_once})


PIXEL_BYTES = Exercise(
    id="pixel-memory-bytes",
    name="pixel_memory_bytes",
    notebook=NOTEBOOK,
    number="4.4",
    cases=(
        _case("Floats, stacks stored twice", 10, (5, 7), 3, np.float32, False),
        _case("Bytes, stacks stored twice", 9, (6, 4), 2, np.uint8, False),
        _case("Floats, frames stored once", 11, (3, 8), 4, np.float32, True),
        _case("A million Atari transitions, frames stored once", 1_000_000, (84, 84), 4, np.uint8, True),
        _case("Half precision, frames stored once", 20, (5, 6), 5, np.float16, True),
    ),
    right=(make_bytes(), bytes_by_arrays),
    mistakes=BYTES_MISTAKES,
)

EXERCISES = (PIXEL_BYTES,)
