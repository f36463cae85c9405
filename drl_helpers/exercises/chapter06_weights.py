"""Exercise 6.6 of chapter 06: importance weights."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "06_better_dqn"


def weights_by_ratio(probabilities, size, beta):
    return (probabilities.min() / probabilities) ** beta


def weights_by_logarithm(probabilities, size, beta):
    logs = -beta * np.log(size * probabilities)
    return np.exp(logs - logs.max())


def weights_by_rows(probabilities, size, beta):
    weights = [(1 / (size * p)) ** beta for p in probabilities]
    return np.array(weights) / max(weights)


def make_weights(
    power=lambda p, size, beta: (size * p) ** -beta,
    normalise=lambda w: w / w.max(),
):
    """An answer with one part exchanged."""
    return lambda probabilities, size, beta: normalise(power(probabilities, size, beta))


def _weights_in_place(probabilities, size, beta):
    probabilities *= size
    return make_weights()(probabilities, 1, beta)


WEIGHT_MISTAKES = (
    Mistake(
        "sign",
        "The exponent has the wrong sign: what is drawn *often* must count *less*.",
        make_weights(lambda p, size, beta: (size * p) ** beta),
    ),
    Mistake(
        "no-beta",
        "β has no effect: the weights are to be raised to the power β. (As a factor it would fall out again when they "
        "are divided by the greatest.)",
        make_weights(lambda p, size, beta: 1 / (size * p)),
    ),
    Mistake(
        "one-minus-beta",
        "The exponent is 1 − β; it is β: 0 corrects nothing, 1 corrects in full.",
        make_weights(lambda p, size, beta: (size * p) ** (beta - 1)),
    ),
    Mistake(
        "inverse-beta",
        "The exponent is 1/β; it is β.",
        make_weights(lambda p, size, beta: (size * p) ** (-1 / max(beta, 1e-9))),
    ),
    Mistake(
        "not-normalised",
        "The weights are not divided by the greatest of them, so that some steps would be several times as long.",
        make_weights(normalise=lambda w: w),
    ),
    Mistake(
        "size-forgotten-and-not-normalised",
        "The size is missing, and the weights are not divided by the greatest of them. (Then the size would cancel.)",
        make_weights(lambda p, size, beta: p**-beta, lambda w: w),
    ),
    Mistake(
        "by-the-sum",
        "The weights are divided by their sum; the greatest is to be 1.",
        make_weights(normalise=lambda w: w / w.sum()),
    ),
    Mistake(
        "by-the-mean",
        "The weights are divided by their mean; the greatest is to be 1.",
        make_weights(normalise=lambda w: w / w.mean()),
    ),
    Mistake(
        "by-the-min",
        "The weights are divided by the smallest of them; the greatest is to be 1.",
        make_weights(normalise=lambda w: w / w.min()),
    ),
    Mistake(
        "clipped",
        "The weights are cut off at 1 in place of being divided by the greatest: rows above it would be alike.",
        make_weights(normalise=lambda w: np.minimum(w, 1)),
    ),
    Mistake(
        "less-the-max",
        "The greatest weight is subtracted: divide by it.",
        make_weights(normalise=lambda w: w - w.max()),
    ),
    Mistake(
        "size-added",
        "The size is added: size · P says how many times as often as uniformly a row is drawn.",
        make_weights(lambda p, size, beta: (size + p) ** -beta),
    ),
    Mistake(
        "probabilities",
        "It returns the probabilities themselves, divided by the greatest.",
        make_weights(lambda p, size, beta: p),
    ),
    Mistake("ones", "Every weight is 1, whatever β is.", make_weights(lambda p, size, beta: np.ones(len(p)))),
    Mistake("list", "It returns a list: make an array of it.", make_weights(normalise=lambda w: list(w / w.max()))),
    Mistake(
        "changes-probabilities",
        "It changes `probabilities` in place (`*=`). Make a new array.",
        _weights_in_place,
    ),
)


def _weights(label, probabilities, size, beta):
    return Case(label, {"probabilities": np.array(probabilities), "size": size, "beta": beta})


WEIGHTS = Exercise(
    id="importance-weights",
    name="importance_weights",
    notebook=NOTEBOOK,
    number="6.6",
    cases=(
        _weights("Four rows of 50, β = 0.6", [0.02, 0.005, 0.1, 0.04], 50, 0.6),
        _weights("Three rows of 1,000, β = 1", [0.003, 0.0004, 0.01], 1_000, 1.0),
        _weights("β = 0", [0.2, 0.05, 0.5], 10, 0.0),
        _weights("A single row, β = 0.4", [0.7], 8, 0.4),
        _weights("All drawn more often than uniformly, β = 0.5", [0.2, 0.1, 0.3], 40, 0.5),
    ),
    right=(weights_by_ratio, weights_by_logarithm, weights_by_rows, make_weights()),
    mistakes=WEIGHT_MISTAKES,
)

EXERCISES = (WEIGHTS,)
