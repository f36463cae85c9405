"""The exercise of chapter 04 on storing transitions: 4.1."""

import numpy as np

from drl_helpers.exercises.chapter04_ring_parts import BranchingBuffer, Fill, make_buffer, observe_adding, write_row
from drl_helpers.exercises.spec import Exercise, Mistake
from drl_helpers.replay import RingBuffer

NOTEBOOK = "04_replay_memory"


def _keep_references(buffer):
    buffer.obs, buffer.next_obs = list(buffer.obs), list(buffer.next_obs)


def _shift(buffer, obs, action, reward, next_obs, terminated):
    """Write at the end of the filled part; when full, move everything up by one row first."""
    row = min(buffer.size, buffer.capacity - 1)
    if buffer.size == buffer.capacity:
        for array in (buffer.obs, buffer.actions, buffer.rewards, buffer.next_obs, buffer.terminated):
            array[:-1] = array[1:].copy()
    write_row(buffer, row, obs, action, reward, next_obs, terminated)


def _write_unless_full(buffer, *values):
    if buffer.size < buffer.capacity:
        write_row(buffer, buffer.position, *values)


def _advance_first(buffer, *values):
    write_row(buffer, (buffer.position + 1) % buffer.capacity, *values)


def _without(name):
    def store(buffer, *values):
        kept = np.copy(getattr(buffer, name))
        write_row(buffer, buffer.position, *values)
        getattr(buffer, name)[:] = kept

    return store


def _row_zero(buffer, *values):
    write_row(buffer, 0, *values)


RING_MISTAKES = (
    Mistake(
        "never-wraps",
        "The position does not wrap: after the last row comes row 0 again, (position + 1) % capacity.",
        make_buffer(move=lambda b: b.position + 1),
    ),
    Mistake(
        "wraps-one-early",
        "The position wraps one row too early, so the last row is never used: the remainder is by the capacity.",
        make_buffer(move=lambda b: (b.position + 1) % max(b.capacity - 1, 1)),
    ),
    Mistake(
        "wraps-at-size",
        "The position wraps at `size`, which is still growing: the ring is as long as the capacity.",
        make_buffer(move=lambda b: (b.position + 1) % max(b.size, 1)),
    ),
    Mistake(
        "stays-at-the-end",
        "Once the end is reached every transition goes to the last row: the oldest one is to be replaced, in row 0.",
        make_buffer(move=lambda b: min(b.position + 1, b.capacity - 1)),
    ),
    Mistake(
        "position-stays",
        "The position never moves on, so each transition overwrites the one before.",
        make_buffer(move=lambda b: b.position),
    ),
    Mistake(
        "backwards",
        "The position moves backwards: the rows are filled in the order 0, 1, 2, …",
        make_buffer(move=lambda b: (b.position - 1) % b.capacity),
    ),
    Mistake(
        "skips-rows",
        "The position moves on by two rows, so every other row stays empty.",
        make_buffer(move=lambda b: (b.position + 2) % b.capacity),
    ),
    Mistake(
        "size-shrinks",
        "`size` becomes smaller with each transition: add one.",
        make_buffer(grow=lambda b, _: min(b.size - 1, b.capacity)),
    ),
    Mistake(
        "size-grows-on",
        "`size` grows past the capacity, so that rows which do not exist count as filled: take the smaller of the two.",
        make_buffer(grow=lambda b, _: b.size + 1),
    ),
    Mistake(
        "size-never-grows",
        "`size` stays 0: it must count the rows that are filled, or nothing can be sampled.",
        make_buffer(grow=lambda b, _: 0),
    ),
    Mistake(
        "size-is-capacity",
        "`size` is the capacity from the first transition on, although most rows are still empty.",
        make_buffer(grow=lambda b, _: b.capacity),
    ),
    Mistake(
        "size-is-position",
        "`size` follows the position, so a full buffer looks empty each time it wraps.",
        make_buffer(grow=lambda b, _: b.position),
    ),
    Mistake(
        "size-one-short",
        "`size` stops one below the capacity: when all rows are filled the two are equal.",
        make_buffer(grow=lambda b, _: min(b.size + 1, b.capacity - 1)),
    ),
    Mistake(
        "maximum",
        "It takes the *larger* of `size` + 1 and the capacity: use `min`.",
        make_buffer(grow=lambda b, _: max(b.size + 1, b.capacity)),
    ),
    Mistake(
        "advances-first",
        "It moves the position on before it writes, so row 0 stays empty although it counts as filled.",
        make_buffer(store=_advance_first),
    ),
    Mistake(
        "refuses-when-full",
        "It stores nothing once it is full: the newest transition replaces the oldest one.",
        make_buffer(store=_write_unless_full),
    ),
    Mistake(
        "shifts",
        "It moves all rows up to make room. That copies the whole memory at every step: write over the oldest row, "
        "wherever it is.",
        make_buffer(store=_shift),
    ),
    Mistake(
        "keeps-a-reference",
        "It keeps the array that it was given in place of a copy. Whoever changes that array later changes your "
        "memory: write the numbers into the row, `self.obs[self.position] = obs`.",
        make_buffer(start=_keep_references),
    ),
    Mistake(
        "done-inverted",
        "`terminated` is stored the wrong way round.",
        make_buffer(store=lambda b, o, a, r, n, t: write_row(b, b.position, o, a, r, n, not t)),
    ),
    Mistake(
        "states-swapped",
        "`obs` and `next_obs` are swapped.",
        make_buffer(store=lambda b, o, a, r, n, t: write_row(b, b.position, n, a, r, o, t)),
    ),
    Mistake(
        "obs-twice",
        "`obs` is stored as the next observation too.",
        make_buffer(store=lambda b, o, a, r, n, t: write_row(b, b.position, o, a, r, o, t)),
    ),
    Mistake(
        "next-obs-twice",
        "`next_obs` is stored as the observation before the action too.",
        make_buffer(store=lambda b, o, a, r, n, t: write_row(b, b.position, n, a, r, n, t)),
    ),
    Mistake(
        "action-and-reward-swapped",
        "The action and the reward are swapped.",
        make_buffer(store=lambda b, o, a, r, n, t: write_row(b, b.position, o, r, a, n, t)),
    ),
    Mistake(
        "whole-array",
        "It writes to *every* row: only the row at `position` may change.",
        make_buffer(store=lambda b, *values: write_row(b, slice(None), *values)),
    ),
    Mistake(
        "row-zero",
        "Every transition is written to row 0: the row is `position`.",
        make_buffer(store=_row_zero),
    ),
    Mistake("nothing-stored", "Nothing is written to the arrays.", make_buffer(store=lambda b, *values: None)),
    *(
        Mistake(
            f"no-{name}",
            f"`{name}` is never written: all five arrays get their part.",
            make_buffer(store=_without(name)),
        )
        for name in ("obs", "actions", "rewards", "next_obs", "terminated")
    ),
)

SWAPPED = "self.size = min(self.size + 1, self.capacity) → self.size = min(self.capacity, self.size + 1)"

RING = Exercise(
    id="ring-add",
    name="RingBuffer",
    notebook=NOTEBOOK,
    number="4.1",
    observe=observe_adding,
    cases=(
        Fill("Room for 4, after adding 3 transitions", {"capacity": 4, "obs_shape": (3,)}, 3),
        Fill("Room for 4, after adding 4", {"capacity": 4, "obs_shape": (3,)}, 4),
        Fill("Room for 4, after adding 11", {"capacity": 4, "obs_shape": (3,)}, 11),
        Fill("Room for 5 pictures of 2 × 3 pixels, after adding 7", {"capacity": 5, "obs_shape": (2, 3)}, 7),
        Fill("Room for 1, after adding 2", {"capacity": 1, "obs_shape": (2,)}, 2),
    ),
    right=(RingBuffer, BranchingBuffer),
    mistakes=RING_MISTAKES,
    equivalent={SWAPPED: "the order of its arguments does not matter to min"},
)

EXERCISES = (RING,)
