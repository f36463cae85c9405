"""The exercise of chapter 02 on Boltzmann's choice: 2.5."""

from functools import partial

import numpy as np

from drl_helpers.exercises.chapter01_choices import greedy_where
from drl_helpers.exercises.chapter02_choices import observe_choices, shares
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng

NOTEBOOK = "02_exploration"


def expected_boltzmann(case):
    logits = case.args["q_values"] / case.args["temperature"]
    weights = np.exp(logits - logits.max())
    return shares(weights / weights.sum())


def make_boltzmann(
    logits=lambda q, t: (q - q.max()) / t,
    weigh=np.exp,
    pick=lambda p, rng: int(rng.choice(len(p), p=p)),
    normal=lambda w: w / w.sum(),
):
    """Boltzmann's choice with one part exchanged."""

    def attempt(q_values, temperature, rng):
        return pick(normal(weigh(logits(q_values, temperature))), rng)

    return attempt


def boltzmann_gumbel(q_values, temperature, rng):
    return int(np.argmax(q_values / temperature + rng.gumbel(size=len(q_values))))


def boltzmann_sums(q_values, temperature, rng):
    scaled = q_values / temperature
    weights = np.exp(scaled - np.max(scaled))
    return min(int(np.searchsorted(np.cumsum(weights), rng.random() * weights.sum())), len(weights) - 1)


def boltzmann_log(q_values, temperature, rng):
    scaled = q_values / temperature
    return rng.choice(len(q_values), p=np.exp(scaled - np.logaddexp.reduce(scaled)))


BOLTZMANN_MISTAKES = (
    Mistake(
        "overflows",
        "exp of a large number overflows to infinity (and of very negative ones to 0 everywhere): the shares are "
        "then ∞/∞ or 0/0, not numbers. Subtract the highest value from all of them first, which changes nothing else.",
        make_boltzmann(logits=lambda q, t: q / t),
    ),
    Mistake(
        "subtracts-the-mean",
        "It subtracts the mean: the highest value may still lie far above it, and exp overflows. Subtract the maximum.",
        make_boltzmann(logits=lambda q, t: (q - q.mean()) / t),
    ),
    Mistake(
        "subtracts-the-minimum",
        "It subtracts the *lowest* value, so all exponents are ≥ 0 and large ones overflow. Subtract the highest.",
        make_boltzmann(logits=lambda q, t: (q - q.min()) / t),
    ),
    Mistake(
        "clips",
        "It cuts large exponents off: all values beyond the limit then count as equal. Subtract the maximum instead.",
        make_boltzmann(logits=lambda q, t: np.clip(q / t, -500, 500)),
    ),
    Mistake(
        "shifts-too-early",
        "It subtracts max Q from Q / κ: divide by κ first, or subtract first and then divide the difference.",
        make_boltzmann(logits=lambda q, t: q / t - q.max()),
    ),
    Mistake(
        "times-temperature",
        "It multiplies by κ: divide. A *high* temperature makes the choice more random, a low one more greedy.",
        make_boltzmann(logits=lambda q, t: (q - q.max()) * t),
    ),
    Mistake(
        "no-temperature",
        "The temperature is missing: the exponent is Q(a) / κ.",
        make_boltzmann(logits=lambda q, t: q - q.max()),
    ),
    Mistake(
        "wrong-sign",
        "The exponent has the wrong sign, so that the *worst* action is chosen most often.",
        make_boltzmann(logits=lambda q, t: (q.min() - q) / t),
    ),
    Mistake(
        "no-exp",
        "The exponential is missing: shares in proportion to the values themselves.",
        make_boltzmann(logits=lambda q, t: (q - q.min()) / t, weigh=lambda x: x),
    ),
    Mistake(
        "base-two",
        "Powers of 2 in place of powers of e: use `np.exp`.",
        make_boltzmann(weigh=np.exp2),
    ),
    Mistake(
        "greedy",
        "It always takes the likeliest action: draw from the probabilities.",
        make_boltzmann(pick=lambda p, rng: greedy_where(p, rng)),
    ),
    Mistake(
        "random",
        "Every action is chosen equally often: the probabilities play no part in the draw (pass them as `p=`).",
        make_boltzmann(pick=lambda p, rng: int(rng.integers(len(p)))),
    ),
    Mistake(
        "not-normalised",
        "The weights are not divided by their sum, and `rng.choice` refuses probabilities that do not add up to 1.",
        make_boltzmann(normal=lambda w: w),
    ),
    Mistake(
        "probabilities",
        "It returns the probabilities; one action, drawn from them, is wanted.",
        make_boltzmann(pick=lambda p, rng: p),
    ),
    Mistake(
        "the-value",
        "It draws one of the *values*; the number of the action is wanted.",
        lambda q, t, rng: rng.choice(q, p=make_boltzmann(pick=lambda p, rng: p)(q, t, rng)),
    ),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` it is given, so a run cannot be repeated from its seed.",
        lambda q, t, rng: int(np.random.choice(len(q), p=make_boltzmann(pick=lambda p, rng: p)(q, t, rng))),
    ),
)


def _boltzmann(q_values, temperature, seed):
    return {"q_values": np.array(q_values), "temperature": temperature, "rng": Rng(seed)}


BOLTZMANN = Exercise(
    id="boltzmann-choice",
    name="boltzmann_choice",
    notebook=NOTEBOOK,
    number="2.5",
    observe=partial(observe_choices, 2_500),
    expected=expected_boltzmann,
    tolerance=0.055,
    cases=(
        Case("Four values, κ = 0.5", _boltzmann([0.2, 1.0, -0.4, 0.7], 0.5, 1)),
        Case("Three values, κ = 2", _boltzmann([3.0, -1.0, 1.5], 2.0, 2)),
        Case("Values in the thousands", _boltzmann([1_999.0, 2_000.5, 2_000.0], 1.0, 3)),
        Case("Very negative values", _boltzmann([-1_501.0, -1_500.0, -1_502.5, -1_500.5], 1.0, 4)),
        Case("Values far apart", _boltzmann([800.0, -900.0, 801.0, 0.0, 0.0], 0.9, 5)),
        Case("A very low temperature", _boltzmann([0.6, 1.5, 1.5], 0.001, 6)),
    ),
    right=(make_boltzmann(), boltzmann_gumbel, boltzmann_sums, boltzmann_log),
    mistakes=BOLTZMANN_MISTAKES,
)

EXERCISES = (BOLTZMANN,)
