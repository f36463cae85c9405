"""Memories of which any part of drawing can be exchanged: exercise 4.2 of chapter 04."""

import numpy as np
import torch

from drl_helpers.exercises.chapter04_sample import (
    arrays,
)
from drl_helpers.replay import Batch, RingBuffer


def uniform(memory, batch_size, rng):
    return rng.integers(memory.size, size=batch_size)


def tensors(memory, rows):
    return Batch(*[torch.from_numpy(array[rows]) for array in arrays(memory)])


def make_memory(rows=uniform, build=tensors):
    """A replay memory with one part of `sample` exchanged."""

    class Attempt(RingBuffer):
        def sample(self, batch_size, rng):
            return build(self, rows(self, batch_size, rng))

    return Attempt


def rebuilt(**changes):
    """A way to build the batch in which some fields are made otherwise, from the rows of an array."""

    def build(memory, rows):
        made = {name: changes.get(name, torch.from_numpy) for name in Batch._fields}
        return Batch(*[make(array[rows]) for make, array in zip(made.values(), arrays(memory), strict=True)])

    return build


def taken_from(**sources):
    """A way to build the batch in which some fields come from another array."""
    return lambda memory, rows: Batch(
        *[torch.from_numpy(getattr(memory, sources.get(name, name))[rows]) for name in Batch._fields]
    )


def as_float(rows):
    return torch.from_numpy(rows).float()


def as_float64(rows):
    return torch.from_numpy(rows.astype(float))


def as_column(rows):
    return torch.from_numpy(rows)[:, None]


def apart(memory, batch_size, rng):
    return [uniform(memory, batch_size, rng) for _ in range(5)]


def block(memory, batch_size, rng):
    start = rng.integers(memory.size - batch_size + 1)
    return slice(start, start + batch_size)


def through_lists(memory, rows):
    parts = [np.array([array[row] for row in rows]) for array in arrays(memory)]
    return Batch(*[torch.from_numpy(part) for part in parts])
