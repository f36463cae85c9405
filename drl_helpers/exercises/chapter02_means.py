"""The exercise of chapter 02 on the running mean: 2.1."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "02_exploration"


def make_mean(
    rate=lambda counts, action: 1 / counts[action],
    move=lambda old, rate, reward: old + rate * (reward - old),
    returns=lambda old, new, reward: reward - old,
    count="first",
    where=None,
    copies=False,
):
    """The running mean with one part exchanged."""

    def attempt(q_values, counts, action, reward):
        counts = counts.copy() if copies == "counts" else counts
        q_values = q_values.copy() if copies == "q_values" else q_values
        if count in ("first", "all"):
            counts[action if count == "first" else slice(None)] += 1
        old = q_values[action]
        new = move(old, rate(counts, action), reward)
        q_values[action if where is None else where] += new - old
        if count == "last":
            counts[action] += 1
        return returns(old, new, reward)

    return attempt


def mean_by_sums(q_values, counts, action, reward):
    error = float(reward - q_values[action])
    total = q_values[action] * counts[action]
    counts[action] = counts[action] + 1
    q_values[action] = (total + reward) / counts[action]
    return error


def mean_by_blend(q_values, counts, action, reward):
    share, before = 1 / (counts[action] + 1), q_values[action].item()
    q_values[action] = (1 - share) * before + share * reward
    counts[action] += 1
    return reward - before


MEAN_MISTAKES = (
    Mistake(
        "count-last",
        "It divides by the count from *before* this pull, which is 0 at an arm's first one. Count the pull first: "
        "after its third reward, an arm's mean is taken over three.",
        make_mean(count="last"),
    ),
    Mistake(
        "one-too-many",
        "The step is 1 / (N(a) + 1) although this pull has been counted already: divide by the new count itself.",
        make_mean(rate=lambda counts, action: 1 / (counts[action] + 1)),
    ),
    Mistake(
        "never-counts",
        "`counts` stays as it was: add 1 in place to the entry of the arm that was pulled, `counts[action] += 1`.",
        make_mean(count="never", rate=lambda counts, action: 1 / (counts[action] + 1)),
    ),
    Mistake("counts-all", "Every arm's count goes up; only one arm was pulled.", make_mean(count="all")),
    Mistake(
        "all-pulls",
        "The step is one over the number of pulls of *all* arms; the mean of an arm is taken over its own pulls.",
        make_mean(rate=lambda counts, action: 1 / counts.sum()),
    ),
    Mistake(
        "whole-error",
        "It jumps all the way to the latest reward and forgets the earlier ones: divide the error by N(a).",
        make_mean(rate=lambda counts, action: 1),
    ),
    Mistake(
        "fixed-step",
        "Its step does not depend on the count. A fixed step forgets old rewards little by little (its use comes "
        "later in the chapter); for a mean of all rewards the step is 1 / N(a).",
        make_mean(rate=lambda counts, action: 0.1),
    ),
    Mistake(
        "halfway",
        "It goes halfway to the reward, whatever the count: the step is 1 / N(a).",
        make_mean(rate=lambda counts, action: 0.5),
    ),
    Mistake(
        "adds-the-reward",
        "It adds reward / N(a); the *error*, reward minus old mean, is what must be divided and added.",
        make_mean(move=lambda old, rate, reward: old + rate * reward),
    ),
    Mistake(
        "overwrites",
        "The new entry is the error / N(a) itself: that is the *step*, to be added to the old mean.",
        make_mean(move=lambda old, rate, reward: rate * (reward - old)),
    ),
    Mistake(
        "times-the-count",
        "It multiplies the error by the count: divide by it, so that steps get smaller.",
        make_mean(rate=lambda counts, action: counts[action]),
    ),
    Mistake(
        "wrong-sign",
        "It moves away from the reward: the error is reward minus mean, and it is added.",
        make_mean(move=lambda old, rate, reward: old - rate * (reward - old)),
    ),
    Mistake(
        "sum",
        "It adds the rewards up: that is a sum, not a mean.",
        make_mean(move=lambda old, rate, reward: old + reward),
    ),
    Mistake(
        "whole-row",
        "Every arm's value moves; only the arm that was pulled has told something.",
        make_mean(where=slice(None)),
    ),
    Mistake(
        "copied-values",
        "`q_values` stays as it was: change its entry in place, with `q_values[action] += …`.",
        make_mean(copies="q_values"),
    ),
    Mistake(
        "returns-the-mean",
        "It returns the new mean; the error, reward minus the mean *before* the change, is wanted.",
        make_mean(returns=lambda old, new, reward: new),
    ),
    Mistake(
        "late-error",
        "The error is taken after the change: take it before, when the mean was still wrong.",
        make_mean(returns=lambda old, new, reward: reward - new),
    ),
    Mistake(
        "returns-the-step",
        "It returns how far the mean moved; the error itself is wanted, before it is divided.",
        make_mean(returns=lambda old, new, reward: new - old),
    ),
    Mistake(
        "negative-error",
        "The error it returns has the wrong sign: reward minus mean.",
        make_mean(returns=lambda old, new, reward: old - reward),
    ),
    Mistake("no-return", "It returns nothing: return the error.", make_mean(returns=lambda old, new, reward: None)),
)


def _mean_args(q_values, counts, action, reward):
    return {"q_values": np.array(q_values), "counts": np.array(counts), "action": action, "reward": reward}


MEAN = Exercise(
    id="incremental-mean",
    name="update_mean",
    notebook=NOTEBOOK,
    number="2.1",
    mutates=("q_values", "counts"),
    cases=(
        Case("The third pull of arm 1", _mean_args([0.5, 2.0, -1.0, 0.3], [4, 2, 7, 1], 1, 5.6)),
        Case("An arm's first pull, from an initial value of 5", _mean_args([1.5, 0.2, 5.0], [3, 6, 0], 2, -0.7)),
        Case("A reward below the mean", _mean_args([0.4, -1.2, 0.7, 0.1, 2.5, 1.1], [2, 3, 5, 0, 9, 6], 4, -3.0)),
    ),
    right=(make_mean(), mean_by_sums, mean_by_blend),
    mistakes=MEAN_MISTAKES,
)

EXERCISES = (MEAN,)
