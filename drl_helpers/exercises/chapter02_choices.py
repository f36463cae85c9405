"""The exercise of chapter 02 on upper confidence bounds: 2.4."""

from functools import partial

import numpy as np

from drl_helpers.exercises.chapter01_choices import greedy_where, oddity
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng, call

NOTEBOOK = "02_exploration"


def observe_choices(draws, attempt, case):
    """The share of each action in many choices, what one choice is, and whether `rng` alone decides."""
    call(attempt, case)  # raises where an argument is changed
    args, again = case.fresh_args(), case.fresh_args()
    choices = [attempt(*args.values()) for _ in range(draws)]
    repeated = [attempt(*again.values()) for _ in range(40)]
    num_actions = len(args["q_values"])
    odd = next((said for choice in choices if (said := oddity(choice, num_actions)) is not None), None)
    if odd is not None:
        return {"a choice": odd}
    counts = np.bincount([int(choice) for choice in choices], minlength=num_actions)
    same = [int(choice) for choice in repeated] == [int(choice) for choice in choices[:40]]
    return shares(np.round(counts / draws, 2), same)


def shares(probabilities, same=True):
    """What is compared; with exact probabilities, what a right answer shows."""
    return {
        "a choice": "an action",
        "the share of each action": probabilities,
        "the same rng gives the same choices": same,
    }


def expected_ucb(case):
    q_values, counts, step, c = (case.args[name] for name in ("q_values", "counts", "step", "c"))
    new = counts == 0
    bounds = q_values + c * np.sqrt(np.log(step) / np.where(new, 1, counts))
    best = new if new.any() else bounds == bounds.max()
    return shares(best / best.sum())


def make_ucb(
    bonus=lambda q, n, t, c: c * np.sqrt(np.log(t) / n), untried=True, pick=greedy_where, of=lambda q, b: q + b
):
    """The choice by upper confidence bounds with one part exchanged."""

    def attempt(q_values, counts, step, c, rng):
        if untried and (counts == 0).any():
            return int(rng.choice(np.flatnonzero(counts == 0)))
        return pick(of(q_values, bonus(q_values, counts, step, c)), rng)

    return attempt


def ucb_infinite(q_values, counts, step, c, rng):
    bounds = np.full(len(q_values), np.inf)
    tried = counts > 0
    bounds[tried] = q_values[tried] + c * np.sqrt(np.log(step) / counts[tried])
    return greedy_where(bounds, rng)


def ucb_loop(q_values, counts, step, c, rng):
    bounds = [q + c * (np.log(step) / n) ** 0.5 if n else float("inf") for q, n in zip(q_values, counts, strict=True)]
    ties = [action for action, bound in enumerate(bounds) if bound == max(bounds)]
    return ties[rng.integers(len(ties))]


UCB_MISTAKES = (
    Mistake(
        "no-bonus",
        "It picks the highest mean: the bonus c √(ln t / N(a)) is missing.",
        make_ucb(bonus=lambda q, n, t, c: 0.0),
    ),
    Mistake(
        "bonus-alone",
        "It picks the highest *bonus*, so the least tried arm: add the bonus to the mean.",
        make_ucb(of=lambda q, b: b),
    ),
    Mistake(
        "no-root",
        "The square root is missing: the bonus is c times √(ln t / N(a)).",
        make_ucb(bonus=lambda q, n, t, c: c * np.log(t) / n),
    ),
    Mistake(
        "root-of-the-log-alone",
        "N(a) stands outside of the root: the root covers the whole fraction ln t / N(a).",
        make_ucb(bonus=lambda q, n, t, c: c * np.sqrt(np.log(t)) / n),
    ),
    Mistake(
        "no-log",
        "The logarithm is missing: ln t, not t.",
        make_ucb(bonus=lambda q, n, t, c: c * np.sqrt(t / n)),
    ),
    Mistake(
        "log-10",
        "`np.log10` is the logarithm to base 10; the formula has the natural one, `np.log`.",
        make_ucb(bonus=lambda q, n, t, c: c * np.sqrt(np.log10(t) / n)),
    ),
    Mistake(
        "no-time",
        "The bonus does not grow with t: without ln t an arm that was unlucky at first is never tried again.",
        make_ucb(bonus=lambda q, n, t, c: c / np.sqrt(n)),
    ),
    Mistake(
        "c-inside",
        "c stands inside of the root: it is a factor before it.",
        make_ucb(bonus=lambda q, n, t, c: np.sqrt(c * np.log(t) / n)),
    ),
    Mistake("c-missing", "The factor c is missing.", make_ucb(bonus=lambda q, n, t, c: np.sqrt(np.log(t) / n))),
    Mistake(
        "inverted-fraction",
        "The fraction is upside down: the *more* often an arm was pulled, the *smaller* is its bonus.",
        make_ucb(bonus=lambda q, n, t, c: c * np.sqrt(n / np.log(t))),
    ),
    Mistake(
        "lower-bound",
        "The bonus is subtracted: that is a *lower* bound, and uncertain arms are then avoided.",
        make_ucb(bonus=lambda q, n, t, c: -c * np.sqrt(np.log(t) / n)),
    ),
    Mistake(
        "worst",
        "It picks the *lowest* bound.",
        make_ucb(pick=lambda b, rng: greedy_where(-b, rng)),
    ),
    Mistake(
        "counts-plus-one",
        "It divides by N(a) + 1. Then an untried arm gets a finite bonus and need not come first, and each other bonus "
        "is too small. Treat arms with a count of 0 apart.",
        make_ucb(bonus=lambda q, n, t, c: c * np.sqrt(np.log(t) / (n + 1)), untried=False),
    ),
    Mistake(
        "untried-last",
        "An arm that was never pulled gets no bonus at all: it must come first, whatever the other bounds are.",
        make_ucb(bonus=lambda q, n, t, c: np.where(n > 0, c * np.sqrt(np.log(t) / np.maximum(n, 1)), 0), untried=False),
    ),
    Mistake(
        "divides-by-zero",
        "A count of 0 is divided by. At t = 1 that is 0 / 0, not a number, and no comparison with it is true. Treat "
        "arms that were never pulled apart.",
        make_ucb(untried=False),
    ),
    Mistake(
        "argmax-alone",
        "Every tie goes to the first arm, between equal bounds and between arms that were never pulled: `argmax` does "
        "that. Treat arms never pulled apart, and let `rng` break ties.",
        lambda q, n, t, c, rng: int(np.argmax(q + c * np.sqrt(np.log(t) / n))),
    ),
    Mistake(
        "first-untried",
        "Of several untried arms it always takes the first: let `rng` pick one of them.",
        lambda q, n, t, c, rng: int(np.argmin(n)) if (n == 0).any() else make_ucb()(q, n, t, c, rng),
    ),
    Mistake(
        "best-untried",
        "Among the untried arms it compares q_values, which say nothing yet: let `rng` pick any of them.",
        lambda q, n, t, c, rng: (
            int(np.argmax(np.where(n == 0, q, -np.inf))) if (n == 0).any() else make_ucb()(q, n, t, c, rng)
        ),
    ),
    Mistake(
        "first-tie",
        "Ties between bounds go to the first arm: let `rng` pick one, as `greedy_action` does.",
        make_ucb(pick=lambda b, rng: int(np.argmax(b))),
    ),
    Mistake(
        "the-bound",
        "It returns the highest bound; the number of the arm that has it is wanted.",
        make_ucb(pick=lambda b, rng: b.max()),
    ),
    Mistake(
        "random",
        "Every arm is chosen equally often: the bounds play no part in the choice.",
        lambda q, n, t, c, rng: int(rng.integers(len(q))),
    ),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` it is given, so a run cannot be repeated from its seed.",
        lambda q, n, t, c, rng: make_ucb()(q, n, t, c, np.random.default_rng()),
    ),
)


def _ucb(q_values, counts, step, c, seed):
    return {"q_values": np.array(q_values), "counts": np.array(counts), "step": step, "c": c, "rng": Rng(seed)}


UCB = Exercise(
    id="ucb-choice",
    name="ucb_choice",
    notebook=NOTEBOOK,
    number="2.4",
    observe=partial(observe_choices, 500),
    expected=expected_ucb,
    tolerance=0.11,
    cases=(
        Case(
            "A bound between two others",
            _ucb([-1.09, 1.26, 1.31, 1.02, -0.1, 1.06], [3, 30, 41, 15, 4, 42], 136, 2.0, 1),
        ),
        Case("With a small c", _ucb([1.66, 2.11, 1.92, 1.67, 1.64, 2.06], [14, 14, 5, 59, 5, 8], 106, 0.5, 2)),
        Case("With a large c", _ucb([1.08, 0.78, 1.13, 0.21, 0.81], [46, 28, 58, 12, 25], 170, 2.5, 3)),
        Case("A close race", _ucb([0.7, 0.24, 0.64, 1.14, 1.07, 1.07], [40, 16, 17, 42, 58, 40], 214, 2.5, 8)),
        Case("Bounds with equal arms", _ucb([0.2, 1.1, 1.1, 0.3], [9, 5, 5, 7], 27, 1.5, 4)),
        Case("Some arms never tried", _ucb([9.0, 0.4, 0.0, 0.7, 0.0], [2, 0, 3, 0, 1], 7, 1.0, 5)),
        Case("The first pull of all", _ucb([0.0, 0.0, 0.0], [0, 0, 0], 1, 2.0, 6)),
        Case("A poor mean, hardly known", _ucb([1.0, 0.6, 0.7, -1.13], [29, 22, 28, 2], 82, 2.0, 7)),
    ),
    right=(make_ucb(), ucb_infinite, ucb_loop),
    mistakes=UCB_MISTAKES,
    equivalent={
        f"if len(untried) > 0: → if {odd}:": "a single untried arm has an infinite bound when divided by its count, 0"
        for odd in ("len(untried) - 1 > 0", "len(untried) > 1")
    },
)

EXERCISES = (UCB,)
