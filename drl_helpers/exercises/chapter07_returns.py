"""Exercise 7.6 of chapter 07: the returns of games played side by side."""

import numpy as np

from drl_helpers.exercises.chapter07_returns_mistakes import GAMES_MISTAKES
from drl_helpers.exercises.compare import short
from drl_helpers.exercises.spec import Case, Exercise

NOTEBOOK = "07_pong"


def observe_games(attempt, case):
    """The returns, and whether the arguments were left alone."""
    args = case.fresh_args()
    returns = attempt(*args.values())
    changed = [f"`{name}`" for name, value in args.items() if not np.array_equal(value, case.args[name])]
    kind = f"an array of {returns.dtype.kind}" if isinstance(returns, np.ndarray) else f"{short(returns, 60)}"
    return {"the return value": returns, "what it changed": ", ".join(changed) or "nothing", "_kind": kind}


def games_one_by_one(rewards, terminated, truncated):
    found = []
    for game in range(rewards.shape[1]):
        first = 0
        for step in range(len(rewards)):
            if terminated[step, game] or truncated[step, game]:
                found.append((step, game, float(rewards[first : step + 1, game].sum())))
                first = step + 1
    return np.array([score for _, _, score in sorted(found)], dtype=float)


def games_by_differences(rewards, terminated, truncated):
    sums, last = np.cumsum(rewards, axis=0, dtype=float), {}
    steps, games = np.nonzero(np.logical_or(terminated, truncated))
    returns = np.zeros(len(steps))
    for row, (step, game) in enumerate(zip(steps, games, strict=True)):
        returns[row] = sums[step, game] - last.get(game, 0.0)
        last[game] = sums[step, game]
    return returns


def games_in_a_list(rewards, terminated, truncated):
    running, returns = [0.0] * rewards.shape[1], []
    for step in range(rewards.shape[0]):
        for game in range(rewards.shape[1]):
            running[game] += rewards[step, game]
            if terminated[step, game] + truncated[step, game] > 0:
                returns.append(running[game])
                running[game] = 0.0
    return np.asarray(returns, dtype=np.float32)


def games_by_masks(rewards, terminated, truncated):
    scores, parts = np.zeros_like(rewards[0]), [np.zeros(0)]
    for t, done in enumerate(terminated + truncated):
        scores = scores + rewards[t]
        parts.append(scores[done])
        scores = np.where(done, 0.0, scores)
    return np.concatenate(parts)


def games_case(label, rewards, terminated=(), truncated=(), dtype=float):
    """A case of these rewards, with games that end at these (step, column)."""
    rewards = np.array(rewards, dtype=dtype)
    flags = [np.zeros(rewards.shape, dtype=bool) for _ in range(2)]
    for array, places in zip(flags, (terminated, truncated), strict=True):
        for place in places:
            array[place] = True
    return Case(label, {"rewards": rewards, "terminated": flags[0], "truncated": flags[1]})


THREE_GAMES = (
    (1.0, -1.0, 0.5),
    (2.0, 0.0, -1.5),
    (1.5, 3.0, 1.0),
    (-1.0, 1.0, 2.0),
    (0.5, -2.0, 0.0),
    (1.0, 1.5, -3.0),
    (4.0, 0.5, 1.0),
    (-1.5, 2.0, 0.25),
)
TWO_GAMES = ((1.0, 2.0), (-3.0, 1.0), (1.0, 4.0), (2.0, -1.0), (5.0, 1.0), (-2.0, 3.0), (1.0, -4.0))


def _points():
    """Rewards and ends as of Pong, with much shorter games: points won and lost, and steps without one."""
    rng = np.random.default_rng(7)
    rewards = rng.choice([-1.0, 0.0, 1.0], size=(40, 5), p=[0.3, 0.3, 0.4])
    ends = [tuple(place) for place in np.argwhere(rng.random((40, 5)) < 0.12) if place[1] != 3]
    return rewards, ends[::2], ends[1::2]


LOOP = "for reward, over in zip(rewards, terminated | truncated, strict=True):"

GAME_RETURNS = Exercise(
    id="game-returns",
    name="game_returns",
    notebook=NOTEBOOK,
    number="7.6",
    observe=observe_games,
    cases=(
        games_case("Three games, one of which is truncated", THREE_GAMES, ((2, 0), (3, 1), (6, 0)), ((3, 2), (7, 1))),
        games_case("Terminated and truncated at once", TWO_GAMES, ((1, 1), (3, 0), (4, 1)), ((3, 0), (4, 0))),
        games_case("A game alone", [[2.0], [-1.0], [3.0], [1.0], [0.5]], [(1, 0), (4, 0)], [(2, 0)], np.float32),
        games_case("No game ends", ((1.0, -1.0, 2.0), (0.5, 1.0, 1.0))),
        games_case("Forty steps of five games, one of which never ends", *_points()),
    ),
    right=(games_one_by_one, games_by_differences, games_in_a_list, games_by_masks),
    mistakes=GAMES_MISTAKES,
    equivalent={
        f"{LOOP} → {LOOP.replace(', strict=True', after)}": "rewards and ends have a row for each step: strict finds "
        "nothing to complain of"
        for after in ("", ", strict=False")
    },
)

EXERCISES = (GAME_RETURNS,)
