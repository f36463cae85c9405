"""Exercise 7.3 of chapter 07: frame stacks from a ring that stores each picture once."""

import numpy as np

from drl_helpers.exercises.chapter07_gather_mistakes import GATHER_MISTAKES
from drl_helpers.exercises.chapter07_gather_parts import make_gather
from drl_helpers.exercises.chapter07_parts import NOTEBOOK, observe_pictures
from drl_helpers.exercises.spec import Case, Exercise


def gather_one_by_one(pictures, ages, rows, games):
    stacks = np.zeros((len(rows), 4, *pictures.shape[2:]), np.uint8)
    for index, (row, game) in enumerate(zip(rows, games, strict=True)):
        for back in range(min(ages[row, game], 3) + 1):
            stacks[index, 3 - back] = pictures[row - back, game]  # rows below 0 count from the end by themselves
    return stacks


def gather_by_offsets(pictures, ages, rows, games):
    """One of the four places in all stacks at a time."""
    columns = []
    for back in (3, 2, 1, 0):
        belongs = ages[rows, games] >= back
        columns.append(pictures[np.mod(rows - back, pictures.shape[0]), games] * belongs[:, None, None])
    return np.stack(columns, axis=1)


def gather_where(pictures, ages, rows, games):
    offsets = np.array([-3, -2, -1, 0])
    found = pictures[rows[:, None] + offsets, games[:, None]]
    belongs = offsets + ages[rows, games].reshape(-1, 1) >= 0
    return np.where(belongs[:, :, None, None], found, np.zeros_like(found))


def gather_back_to_the_beginning(pictures, ages, rows, games):
    """Go back row by row, as long as no game has begun on the way."""
    stacks = np.zeros((len(rows), 4, *pictures.shape[2:]), np.uint8)
    alive, row = np.ones(len(rows), bool), rows.copy()
    for place in (3, 2, 1, 0):
        stacks[alive, place] = pictures[row[alive], games[alive]]
        alive &= ages[row, games] > 0
        row = (row - 1) % len(pictures)
    return stacks


def _ring(label, capacity, num_games, picture, steps, batch, seed):
    """A ring after `steps` steps of games that begin now and then, and pairs whose stacks lie in it whole."""
    rng = np.random.default_rng(seed)
    shape = (capacity, num_games)
    pictures, ages = np.zeros((*shape, *picture), np.uint8), np.zeros(shape, np.int64)
    for step in range(steps):
        begins = (rng.random(num_games) < 0.3) | (step == 0)
        ages[step % capacity] = np.where(begins, 0, np.minimum(ages[(step - 1) % capacity] + 1, 3))
        pictures[step % capacity] = rng.integers(1, 256, (num_games, *picture))
    filled = np.arange(max(steps - capacity + 3, 0), steps) % capacity
    pairs = rng.permutation([(row, game) for row in filled for game in range(num_games)])[:batch]
    rows, games = pairs.T.copy()
    return Case(label, {"pictures": pictures, "ages": ages, "rows": rows, "games": games})


def _numbered(capacity=6, num_games=2):
    """The first picture of row 2 in game 1 is [[21, 22]], so that each can be recognised; row 2 is the newest."""
    first = 10 * np.arange(capacity)[:, None] + 2 * np.arange(num_games)
    pictures = np.stack([first + 1, first + 2], axis=-1)[:, :, None].astype(np.uint8)
    ages = np.array([[2, 3], [3, 0], [3, 1], [3, 1], [0, 2], [1, 3]])
    pairs = np.array([(0, 0), (1, 1), (0, 1)])
    args = {"pictures": pictures, "ages": ages, "rows": pairs[:, 0].copy(), "games": pairs[:, 1].copy()}
    return Case("Six rows, two games, pictures of 1 × 2 pixels", args)


GATHER = Exercise(
    id="gather-stacks",
    name="gather_stacks",
    notebook=NOTEBOOK,
    number="7.3",
    observe=observe_pictures,
    cases=(
        _numbered(),
        _ring("A ring of 7 rows, 3 games, after 18 steps", 7, 3, (2, 3), 18, 9, 0),
        _ring("A ring of 9 rows, 2 games, after 20 steps, a batch of 4", 9, 2, (3, 2), 20, 4, 1),
        _ring("A ring of 12 rows, 5 games, after 10 steps", 12, 5, (2, 5), 10, 20, 2),
        _ring("A ring of 8 rows, one game, after 33 steps", 8, 1, (4, 3), 33, 5, 3),
    ),
    right=(
        gather_one_by_one,
        gather_by_offsets,
        gather_where,
        gather_back_to_the_beginning,
        make_gather(),
    ),
    mistakes=GATHER_MISTAKES,
)

EXERCISES = (GATHER,)
