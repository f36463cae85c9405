"""Exercise 6.2 of chapter 06: rewards of a window, up to the end of its episode."""

import numpy as np

from drl_helpers.exercises.chapter06_n_step_mistakes import N_STEP_MISTAKES, make_n_step
from drl_helpers.exercises.spec import Case, Exercise, call

NOTEBOOK = "06_better_dqn"
PARTS = ("the first array (returns)", "the second array (lengths)", "the third array (discounts)")


def observe_n_step(attempt, case):
    """The three arrays under their names."""
    result = call(attempt, case)["the return value"]
    if isinstance(result, tuple | list) and len(result) == 3:
        return dict(zip(PARTS, result, strict=True))
    return dict.fromkeys(PARTS) | {PARTS[0]: result}


def n_step_by_rows(rewards, terminated, truncated, gamma):
    returns, lengths, discounts = [], [], []
    for row in range(len(rewards)):
        total, factor, steps, ended = 0.0, 1.0, 0, False
        for reward, dead, cut in zip(rewards[row], terminated[row], truncated[row], strict=True):
            total, factor, steps = total + factor * reward, factor * gamma, steps + 1
            if dead or cut:
                ended = dead
                break
        returns.append(total)
        lengths.append(steps)
        discounts.append(0.0 if ended else factor)
    return np.array(returns), np.array(lengths), np.array(discounts)


def n_step_by_first_end(rewards, terminated, truncated, gamma):
    batch, steps = rewards.shape
    ends = np.logical_or(terminated, truncated)
    last = np.where(ends.any(axis=1), ends.argmax(axis=1), steps - 1)
    inside = np.arange(steps) <= last[:, None]
    returns = np.where(inside, rewards * np.power(gamma, np.arange(steps)), 0).sum(1)
    return returns, last + 1, np.where(terminated[np.arange(batch), last], 0.0, gamma ** (last + 1))


def n_step_step_by_step(rewards, terminated, truncated, gamma):
    batch, steps = rewards.shape
    alive, bootstraps = np.ones(batch, bool), np.ones(batch, bool)
    returns, lengths = np.zeros(batch), np.zeros(batch, int)
    for step in range(steps):
        returns += gamma**step * rewards[:, step] * alive
        lengths += alive
        bootstraps &= ~(alive & terminated[:, step])
        alive &= ~(terminated[:, step] | truncated[:, step])
    return returns, lengths, bootstraps * gamma**lengths


def _case(label, batch, steps, ends, cuts, gamma, seed=0):
    """Rewards all different; `ends` and `cuts` are the (row, step) where the flags are set."""
    flags = np.zeros((2, batch, steps), bool)
    for kind, places in enumerate((ends, cuts)):
        for place in places:
            flags[(kind, *place)] = True
    rewards = np.random.default_rng(seed).integers(1, 40, (batch, steps)) / 4
    return Case(label, {"rewards": rewards, "terminated": flags[0], "truncated": flags[1], "gamma": gamma})


N_STEP = Exercise(
    id="n-step-returns",
    name="n_step_returns",
    notebook=NOTEBOOK,
    number="6.2",
    observe=observe_n_step,
    cases=(
        _case("Five windows of three steps", 5, 3, [(1, 1), (3, 2), (4, 0)], [(2, 0)], 0.9),
        _case("No episode ends", 3, 4, [], [], 0.8, 1),
        _case("Cut off, and a later episode terminates", 4, 5, [(0, 3), (1, 1), (3, 4)], [(0, 1), (1, 3), (2, 2)], 0.7),
        _case("Both flags at once", 2, 3, [(0, 1)], [(0, 1), (1, 2)], 0.9, 3),
        _case("n = 1", 6, 1, [(2, 0), (5, 0)], [(3, 0)], 0.95, 4),
    ),
    right=(n_step_by_rows, n_step_by_first_end, n_step_step_by_step, make_n_step()),
    mistakes=N_STEP_MISTAKES,
    tolerance=1e-5,
)

EXERCISES = (N_STEP,)
