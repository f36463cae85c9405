"""Exercise 7.2 of chapter 07: frame stacks of several games."""

import numpy as np

from drl_helpers.exercises.chapter07_parts import NOTEBOOK, observe_pictures
from drl_helpers.exercises.chapter07_push_mistakes import PUSH_MISTAKES
from drl_helpers.exercises.chapter07_push_parts import make_push
from drl_helpers.exercises.spec import Case, Exercise


def push_game_by_game(stacks, pictures, begins):
    pushed = np.zeros_like(stacks)
    for game, picture in enumerate(pictures):
        if not begins[game]:
            pushed[game, :3] = stacks[game, 1:]
        pushed[game, 3] = picture
    return pushed


def push_rolled(stacks, pictures, begins):
    pushed = np.roll(stacks, -1, axis=1)
    pushed[begins] = 0
    pushed[:, -1] = pictures
    return pushed


def push_where(stacks, pictures, begins):
    older = np.where(begins[:, None, None, None], np.uint8(0), stacks[:, 1:])
    return np.append(older, np.expand_dims(pictures, 1), axis=1)


def push_multiplied(stacks, pictures, begins):
    kept = stacks * ~begins.reshape(-1, 1, 1, 1)
    return np.stack([kept[:, 1], kept[:, 2], kept[:, 3], pictures], axis=1)


def _case(label, begins, height, width, seed, black=0):
    """Random pictures; of each stack the first `black` are black, as after a beginning."""
    rng = np.random.default_rng(seed)
    stacks = rng.integers(1, 256, (len(begins), 4, height, width)).astype(np.uint8)
    stacks[:, :black] = 0
    pictures = rng.integers(1, 256, (len(begins), height, width)).astype(np.uint8)
    return Case(label, {"stacks": stacks, "pictures": pictures, "begins": np.array(begins, bool)})


def _numbered():
    args = {
        "stacks": np.arange(1, 17, dtype=np.uint8).reshape(2, 4, 1, 2),
        "pictures": np.arange(21, 25, dtype=np.uint8).reshape(2, 1, 2),
        "begins": np.array([False, True]),
    }
    return Case("Two games, pictures of 1 × 2 pixels, the second game begins", args)


PUSH = Exercise(
    id="push-pictures",
    name="push_pictures",
    notebook=NOTEBOOK,
    number="7.2",
    observe=observe_pictures,
    cases=(
        _numbered(),
        _case("Three games, none begins", [0, 0, 0], 2, 3, 0),
        _case("Five games, the first and the fourth begin", [1, 0, 0, 1, 0], 3, 2, 1),
        _case("Four games, the third begins", [0, 0, 1, 0], 2, 5, 2),
        _case("Three games, all begin", [1, 1, 1], 4, 3, 3),
        _case("Two games that have just begun", [0, 0], 3, 4, 4, black=3),
    ),
    right=(push_game_by_game, push_rolled, push_where, push_multiplied, make_push()),
    mistakes=PUSH_MISTAKES,
)

EXERCISES = (PUSH,)
