"""The exercise of chapter 00 on the discounted return: 0.2."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "00_welcome"


def return_by_sum(rewards, gamma):
    return sum(gamma**t * reward for t, reward in enumerate(rewards))


def return_backwards(rewards, gamma):
    total = 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
    return total


def return_by_arrays(rewards, gamma):
    return float(np.dot(rewards, gamma ** np.arange(len(rewards))))


def _xor(rewards, gamma):
    return sum(gamma ^ t * reward for t, reward in enumerate(rewards))


RETURN_MISTAKES = (
    Mistake("xor", "In Python `^` is not a power: write `gamma**t`.", _xor),
    Mistake(
        "swapped-enumerate",
        "`enumerate` gives the position first: `for t, reward in enumerate(rewards)`.",
        lambda r, g: float(sum(g**x * t for t, x in enumerate(r))),
    ),
    Mistake("fixed-gamma", "Use the `gamma` that is passed, not a fixed one.", lambda r, g: return_by_sum(r, 0.9)),
    Mistake(
        "fixed-gamma-99",
        "Use the `gamma` that is passed, not a fixed one.",
        lambda r, g: return_by_sum(r, 0.99),
    ),
    Mistake(
        "no-gamma", "It is the plain sum: each reward must be multiplied by its power of γ.", lambda r, g: float(sum(r))
    ),
    Mistake(
        "starts-at-one",
        "Every power of γ is one too high: the first reward counts in full, γ⁰ = 1.",
        lambda r, g: g * return_by_sum(r, g),
    ),
    Mistake(
        "from-the-end",
        "The *last* reward counts in full and the first one least; it is the other way round.",
        lambda r, g: return_by_sum(r[::-1], g),
    ),
    Mistake(
        "mean",
        "It is divided by the number of rewards; a return is a sum.",
        lambda r, g: return_by_sum(r, g) / max(len(r), 1),
    ),
    Mistake(
        "times-not-power",
        "It multiplies γ by t, where γ must be raised to the *power* t.",
        lambda r, g: sum(g * t * reward for t, reward in enumerate(r)),
    ),
    Mistake(
        "constant-gamma",
        "Every reward is multiplied by the same γ; the reward after t steps counts γ to the power t.",
        lambda r, g: sum(g * reward for reward in r),
    ),
    Mistake(
        "linear",
        "It takes off the same amount at each step; γ *multiplies* at each step.",
        lambda r, g: sum((1 - (1 - g) * t) * x for t, x in enumerate(r)),
    ),
    Mistake("drops-the-last", "The last reward is missing.", lambda r, g: return_by_sum(r[:-1], g)),
    Mistake("drops-the-first", "The first reward is missing.", lambda r, g: g * return_by_sum(r[1:], g)),
    Mistake(
        "first-only",
        "It returns the first reward alone: is the `return` inside the loop?",
        lambda r, g: r[0] if r else 0.0,
    ),
    Mistake(
        "last-only",
        "It keeps the last term alone: add them up (`+=`).",
        lambda r, g: g ** (len(r) - 1) * r[-1] if r else 0.0,
    ),
    Mistake(
        "list",
        "It returns the discounted rewards one by one; add them up.",
        lambda r, g: [g**t * reward for t, reward in enumerate(r)],
    ),
)


RETURN = Exercise(
    id="discounted-return",
    name="discounted_return",
    notebook=NOTEBOOK,
    number="0.2",
    cases=(
        Case("Three rewards", {"rewards": [1.0, -2.0, 5.0], "gamma": 0.9}),
        Case("With γ = 1", {"rewards": [1.0, 2.0, 4.0, 8.0], "gamma": 1.0}),
        Case("With γ = 0 only the first reward counts", {"rewards": [3.0, 7.0, 1.0], "gamma": 0.0}),
        Case("A late reward", {"rewards": [0.0, 0.0, 0.0, 1.0, 0.0], "gamma": 0.5}),
        Case("One reward", {"rewards": [-1.5], "gamma": 0.7}),
        Case("No reward at all", {"rewards": [], "gamma": 0.9}),
    ),
    right=(return_backwards, return_by_sum, return_by_arrays),
    mistakes=RETURN_MISTAKES,
)

EXERCISES = (RETURN,)
