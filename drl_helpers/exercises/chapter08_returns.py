"""Exercise 8.3 of chapter 08: rewards-to-go."""

import numpy as np

from drl_helpers.exercises.compare import short
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "08_policy_gradient"


def observe_returns(attempt, case):
    """The returns, their dtype, and whether the rewards were left alone."""
    args = case.fresh_args()
    returns = attempt(*args.values())
    kept = np.array_equal(args["rewards"], case.args["rewards"])
    dtype = str(returns.dtype) if isinstance(returns, np.ndarray) else f"none: it is {short(returns, 60)}"
    return {"the return value": returns, "its dtype": dtype, "`rewards`": "as they were" if kept else "changed"}


def by_sums(rewards, last_value, gamma):
    extended = np.append(np.asarray(rewards, dtype=float), last_value)
    sums = [sum(gamma**k * r for k, r in enumerate(extended[t:])) for t in range(len(rewards))]
    return np.array(sums, dtype=np.float32)


def by_list(rewards, last_value, gamma):
    found, following = [], last_value
    for reward in rewards[::-1]:
        following = float(reward) + gamma * following
        found.insert(0, following)
    return np.asarray(found, np.float32)


def by_matrix(rewards, last_value, gamma):
    steps = len(rewards)
    ages = np.arange(steps)[None, :] - np.arange(steps)[:, None]
    weights = np.where(ages >= 0, float(gamma) ** np.maximum(ages, 0), 0.0)
    return (weights @ rewards + last_value * float(gamma) ** np.arange(steps, 0, -1)).astype("float32")


def make_returns(
    start=lambda last_value, gamma: last_value,
    step=lambda reward, following, gamma: reward + gamma * following,
    finish=lambda returns, rewards, gamma: returns,
    store_first=False,
    dtype=np.float32,
):
    """Rewards-to-go with one part exchanged."""

    def attempt(rewards, last_value, gamma):
        returns, following = np.zeros(len(rewards), dtype=dtype), start(last_value, gamma)
        for t in reversed(range(len(rewards))):
            if store_first:
                returns[t] = following
            following = step(rewards[t], following, gamma)
            if not store_first:
                returns[t] = following
        return finish(returns, rewards, gamma)

    return attempt


def _forwards(rewards, last_value, gamma):
    returns, following = np.zeros(len(rewards), dtype=np.float32), last_value
    for t in range(len(rewards)):
        following = rewards[t] + gamma * following
        returns[t] = following
    return returns


def _in_place(rewards, last_value, gamma):
    following = last_value
    for t in reversed(range(len(rewards))):
        following = rewards[t] = rewards[t] + gamma * following
    return rewards.astype(np.float32)


def _integers(rewards, last_value, gamma):
    returns, following = np.zeros_like(rewards), last_value
    for t in reversed(range(len(rewards))):
        following = returns[t] = rewards[t] + gamma * following
    return returns.astype(np.float32)


def _like_the_rewards(rewards, last_value, gamma):
    return make_returns(dtype=rewards.dtype)(rewards, last_value, gamma)


def _whole(returns, rewards, gamma):
    return np.full_like(returns, returns[0])


def _powers(returns, gamma):
    return np.float32(gamma) ** np.arange(len(returns), dtype=np.float32)


RETURN_MISTAKES = (
    Mistake(
        "ignores-last-value",
        "What follows the last reward is left out: begin with `last_value`. Where a time limit cut the episode off, it "
        "is worth something.",
        make_returns(start=lambda v, g: 0.0),
    ),
    Mistake(
        "last-value-not-discounted",
        "`last_value` is not discounted: it comes one step *after* the last reward, so even there it counts γ times.",
        lambda rewards, last_value, gamma: (
            by_sums(rewards, 0.0, gamma)
            + np.float32(last_value) * np.float32(gamma) ** np.arange(len(rewards) - 1, -1, -1, dtype=np.float32)
        ),
    ),
    Mistake(
        "last-value-discounted-twice",
        "`last_value` is discounted once too often: the loop's own γ is enough.",
        make_returns(start=lambda v, g: g * v),
    ),
    Mistake(
        "last-value-in-place-of-the-reward",
        "`last_value` replaces the last reward: it comes in addition, one step later.",
        lambda rewards, last_value, gamma: by_sums(np.append(rewards[:-1], last_value), 0.0, gamma),
    ),
    Mistake(
        "last-value-everywhere",
        "`last_value` is added to every return as it is: it follows the *last* reward, and counts less the earlier the "
        "step.",
        lambda rewards, last_value, gamma: by_sums(rewards, 0.0, gamma) + np.float32(last_value),
    ),
    Mistake("no-gamma", "The discount γ is missing.", make_returns(step=lambda r, f, g: r + f)),
    Mistake(
        "gamma-everywhere",
        "The reward at the step itself is discounted too: γ stands before what follows only.",
        make_returns(step=lambda r, f, g: g * (r + f)),
    ),
    Mistake(
        "gamma-on-the-reward",
        "γ stands before the wrong term: it discounts what *follows*, not the reward.",
        make_returns(step=lambda r, f, g: g * r + f),
    ),
    Mistake(
        "from-the-start",
        "Discounts are counted from the beginning of the episode: here each step counts from itself, so its own reward "
        "has weight 1. (This is γᵗ Gₜ.)",
        make_returns(finish=lambda returns, rewards, gamma: returns * _powers(returns, gamma)),
    ),
    Mistake(
        "whole-return",
        "Every step gets the return of the whole episode: a step can only be praised for what comes *after* it.",
        make_returns(finish=_whole),
    ),
    Mistake(
        "forwards",
        "It sums forwards, from the beginning: these are the rewards that *came before*. Go backwards.",
        _forwards,
    ),
    Mistake(
        "flipped",
        "The order is reversed: the last step's return stands first.",
        make_returns(finish=lambda returns, rewards, gamma: returns[::-1].copy()),
    ),
    Mistake(
        "without-its-own-reward",
        "Each return lacks the reward of its own step: add the reward first, then store.",
        make_returns(store_first=True),
    ),
    Mistake(
        "one-reward-ahead",
        "Each return lacks the reward of its own step.",
        make_returns(finish=lambda returns, rewards, gamma: returns - rewards.astype(np.float32)),
    ),
    Mistake(
        "only-the-next",
        "Only the next reward is added, not all that follow: what follows must itself hold what follows it.",
        lambda rewards, last_value, gamma: (rewards + gamma * np.append(rewards[1:], last_value)).astype(np.float32),
    ),
    Mistake(
        "mean",
        "It averages the rewards that follow: they are to be summed.",
        make_returns(finish=lambda returns, rewards, gamma: returns / np.arange(len(returns), 0, -1, dtype=np.float32)),
    ),
    Mistake(
        "rounds",
        "Where the rewards are integers the returns have been rounded down: `np.zeros_like(rewards)` makes an array of "
        "integers. Say `dtype=np.float32`.",
        _integers,
    ),
    Mistake(
        "in-place",
        "It overwrites `rewards`, which the run still needs for its score: write into a new array.",
        _in_place,
    ),
    Mistake(
        "dtype-of-the-rewards",
        "The result has the dtype of the rewards. float32 is wanted, as the networks have it.",
        _like_the_rewards,
    ),
    Mistake(
        "float64",
        "It is float64, NumPy's own; the networks compute in float32: say `dtype=np.float32`.",
        make_returns(dtype=np.float64),
    ),
    Mistake(
        "a-list",
        "It is a list: make a NumPy array of it, of dtype float32.",
        lambda rewards, last_value, gamma: by_sums(rewards, last_value, gamma).tolist(),
    ),
    Mistake(
        "one-number",
        "It is the return of the first step alone; one for each step is wanted.",
        lambda rewards, last_value, gamma: by_sums(rewards, last_value, gamma)[0],
    ),
    Mistake(
        "one-too-many",
        "There is one return too many: `last_value` itself belongs to no step.",
        lambda rewards, last_value, gamma: np.append(by_sums(rewards, last_value, gamma), np.float32(last_value)),
    ),
)

CUT = {"rewards": np.array([1.0, -2.0, 0.5, 3.0, 1.5]), "last_value": 7.0, "gamma": 0.8}
FELL = {"rewards": np.array([2.0, 1.0, 4.0, -1.0]), "last_value": 0.0, "gamma": 0.5}
WHOLE_NUMBERS = {"rewards": np.array([3, 1, 2]), "last_value": 1.5, "gamma": 0.9}
ONE_STEP = {"rewards": np.array([2.5]), "last_value": -4.0, "gamma": 0.6}
NO_DISCOUNT = {"rewards": np.array([1.0, 2.0, 3.5]), "last_value": 0.25, "gamma": 1.0}

RETURNS = Exercise(
    id="rewards-to-go",
    name="rewards_to_go",
    notebook=NOTEBOOK,
    number="8.3",
    observe=observe_returns,
    cases=(
        Case("Cut off by a time limit", CUT),
        Case("The episode terminated", FELL),
        Case("Rewards that are integers", WHOLE_NUMBERS),
        Case("An episode of one step", ONE_STEP),
        Case("Without discount", NO_DISCOUNT),
    ),
    right=(by_list, by_sums, by_matrix),
    mistakes=RETURN_MISTAKES,
    tolerance=1e-5,
    equivalent={
        "returns, following = (np.zeros(len(rewards), dtype=np.float32), last_value) → returns, following = "
        "(np.ones(len(rewards), dtype=np.float32), last_value)": "every place of the array is written",
    },
)

EXERCISES = (RETURNS,)
