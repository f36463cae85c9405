"""What people get wrong in exercise 4.2 of chapter 04."""

import numpy as np
import torch

from drl_helpers.exercises.chapter04_sample import (
    NOTEBOOK,
    RIGHT,
    Draw,
    arrays,
    expected_sampling,
    observe_sampling,
)
from drl_helpers.exercises.chapter04_sample_parts import (
    apart,
    as_column,
    as_float,
    as_float64,
    block,
    make_memory,
    rebuilt,
    taken_from,
    tensors,
    through_lists,
)
from drl_helpers.exercises.spec import Exercise, Mistake
from drl_helpers.replay import Batch

SAMPLE_MISTAKES = (
    Mistake(
        "capacity",
        "It draws from all rows, also from those that were never filled: transitions that nobody lived through, full "
        "of zeros. Draw from the first `self.size` rows.",
        make_memory(lambda m, n, rng: rng.integers(m.capacity, size=n)),
    ),
    Mistake(
        "position",
        "It draws from the rows before `position`. Once the ring has wrapped, the rows behind it are filled too: "
        "`self.size` says how many there are.",
        make_memory(lambda m, n, rng: rng.integers(max(m.position, 1), size=n)),
    ),
    Mistake(
        "one-too-many",
        "It draws from one row too many: `rng.integers(n)` stops before n, so n is the number of rows itself.",
        make_memory(lambda m, n, rng: rng.integers(m.size + 1, size=n)),
    ),
    Mistake(
        "never-newest",
        "The last filled row is never drawn: `rng.integers(n)` already stops before n.",
        make_memory(lambda m, n, rng: rng.integers(max(m.size - 1, 1), size=n)),
    ),
    Mistake(
        "never-first",
        "Row 0 is never drawn: rows are numbered from 0.",
        make_memory(lambda m, n, rng: rng.integers(min(1, m.size - 1), m.size, size=n)),
    ),
    Mistake(
        "drawn-apart",
        "It draws new rows for each array, so the parts of a row belong to different transitions: draw the rows once.",
        make_memory(
            apart,
            lambda m, rows: Batch(*[torch.from_numpy(a[r]) for a, r in zip(arrays(m), rows, strict=True)]),
        ),
    ),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` that is passed, so a run cannot be repeated from its seed.",
        make_memory(lambda m, n, rng: np.random.randint(m.size, size=n)),
    ),
    Mistake(
        "same-seed",
        "It makes a new generator at each call, so each batch is the same: draw from the `rng` that is passed.",
        make_memory(lambda m, n, rng: np.random.default_rng(0).integers(m.size, size=n)),
    ),
    Mistake(
        "latest",
        "It always takes the latest transitions: neighbours in time resemble each other, and that is what replay is "
        "to break up. Draw the rows at random.",
        make_memory(lambda m, n, rng: (m.position - n + np.arange(n)) % m.capacity),
    ),
    Mistake(
        "first-rows",
        "It always takes the first rows, and as a view of the memory: draw the rows at random.",
        make_memory(lambda m, n, rng: slice(0, n)),
    ),
    Mistake(
        "block",
        "It draws one place at random and takes the rows that follow: they are neighbours in time, and a slice is a "
        "view, which changes with the memory. Draw every row by itself.",
        make_memory(block),
    ),
    Mistake(
        "one-row",
        "One row is drawn and repeated: draw `batch_size` rows.",
        make_memory(lambda m, n, rng: np.full(n, rng.integers(m.size))),
    ),
    Mistake(
        "without-replacement",
        "It draws without replacement. NumPy shuffles the whole memory for that, at every batch; and the draws depend "
        "on each other. Let each draw be independent: `rng.integers`.",
        make_memory(lambda m, n, rng: rng.permutation(m.size)[:n]),
    ),
    Mistake(
        "row-by-row",
        "It reads row by row in a Python loop, which takes many times as long: index each array once, with all rows.",
        make_memory(build=through_lists),
    ),
    Mistake(
        "copied-twice",
        "The rows are copied twice: `array[rows]` is a copy already, and `torch.tensor` (or `.clone()`, `.copy()`) "
        "makes another. `torch.from_numpy` shares the memory of the first.",
        make_memory(build=lambda m, rows: Batch(*[torch.tensor(a[rows]) for a in arrays(m)])),
    ),
    Mistake(
        "through-python-lists",
        "The numbers go through Python lists (`tolist`), and observations arrive as another dtype or many times "
        "slower: index the arrays, then `torch.from_numpy`.",
        make_memory(build=lambda m, rows: Batch(*[torch.tensor(a[rows].tolist()) for a in arrays(m)])),
    ),
    Mistake(
        "float64",
        "The numbers arrive as float64: twice the memory, and the network's float32 refuses them.",
        make_memory(build=rebuilt(obs=as_float64, rewards=as_float64, next_obs=as_float64)),
    ),
    Mistake(
        "pixels-as-floats",
        "Observations are turned into float32 here. Keep the memory's dtype: pixels (uint8) are four times as large "
        "as floats, and the network may convert them when it needs them.",
        make_memory(build=rebuilt(obs=as_float, next_obs=as_float)),
    ),
    Mistake(
        "float-actions",
        "The actions arrive as floats: `gather` needs int64, as they are stored.",
        make_memory(build=rebuilt(actions=as_float)),
    ),
    Mistake(
        "float-flags",
        "`terminated` arrives as a float: keep bool, so that `~terminated` means “not terminated”.",
        make_memory(build=rebuilt(terminated=as_float)),
    ),
    Mistake(
        "columns",
        "Rewards and flags have shape (batch, 1): with targets of shape (batch,) that broadcasts to (batch, batch).",
        make_memory(build=rebuilt(actions=as_column, rewards=as_column, terminated=as_column)),
    ),
    Mistake(
        "arrays",
        "These are NumPy arrays: turn each into a tensor by `torch.from_numpy`.",
        make_memory(build=lambda m, rows: Batch(*[a[rows] for a in arrays(m)])),
    ),
    Mistake(
        "plain-tuple",
        "It returns a plain tuple or list: wrap the five tensors in `Batch(...)`, so that they have names.",
        make_memory(build=lambda m, rows: tuple(tensors(m, rows))),
    ),
    Mistake(
        "rows-only",
        "It returns the rows' numbers: index the five arrays with them.",
        make_memory(build=lambda m, rows: rows),
    ),
    Mistake("returns-nothing", "Nothing is returned: return the `Batch`.", make_memory(build=lambda m, rows: None)),
    Mistake(
        "obs-twice",
        "`next_obs` is made from `self.obs`: it needs the observations *after* the action.",
        make_memory(build=taken_from(next_obs="obs")),
    ),
    Mistake(
        "states-swapped",
        "`obs` and `next_obs` are swapped: mind the order of the fields of `Batch`.",
        make_memory(build=taken_from(obs="next_obs", next_obs="obs")),
    ),
    Mistake(
        "inverted-flags",
        "`terminated` is the wrong way round: hand it out as it was stored.",
        make_memory(build=rebuilt(terminated=lambda rows: torch.from_numpy(~rows))),
    ),
    Mistake(
        "one-transition",
        "It returns a single transition: a batch has `batch_size` rows.",
        make_memory(build=lambda m, rows: Batch(*[torch.from_numpy(np.asarray(a[rows[0]])) for a in arrays(m)])),
    ),
)

SAMPLE = Exercise(
    id="uniform-sample",
    name="ReplayMemory",
    notebook=NOTEBOOK,
    number="4.2",
    observe=observe_sampling,
    expected=expected_sampling,
    tolerance=0.05,
    seconds=10.0,
    cases=(
        Draw("12 rows, 7 of them filled, batches of 5", {"capacity": 12, "obs_shape": (3,)}, 7, 5),
        Draw("6 rows, all filled and some overwritten, batches of 4", {"capacity": 6, "obs_shape": (2,)}, 10, 4),
        Draw("Pixels", {"capacity": 9, "obs_shape": (2, 3), "obs_dtype": np.uint8}, 5, 3),
        Draw("A single transition", {"capacity": 3, "obs_shape": (4,)}, 1, 1),
    ),
    right=RIGHT,
    mistakes=SAMPLE_MISTAKES,
)

EXERCISES = (SAMPLE,)
