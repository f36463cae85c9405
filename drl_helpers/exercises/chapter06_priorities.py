"""Exercise 6.7 of chapter 06: priorities from TD errors."""

import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "06_better_dqn"


def priorities_by_root(td_errors, alpha, epsilon):
    return np.power(np.sqrt(td_errors**2) + epsilon, alpha)


def priorities_by_where(td_errors, alpha, epsilon):
    sizes = np.where(td_errors < 0, -td_errors, td_errors)
    return np.exp(alpha * np.log(sizes + epsilon))


def priorities_by_rows(td_errors, alpha, epsilon):
    return np.array([(abs(error) + epsilon) ** alpha for error in td_errors])


def _priorities_in_place(td_errors, alpha, epsilon):
    np.abs(td_errors, out=td_errors)
    return (td_errors + epsilon) ** alpha


PRIORITY_MISTAKES = (
    Mistake(
        "signed",
        "It uses the errors with their sign. A value that is far too high surprises as much as one that is far too "
        "low; and a priority may not be negative, nor NaN.",
        lambda d, alpha, epsilon: (d + epsilon) ** alpha,
    ),
    Mistake(
        "positive-errors-only",
        "Negative errors become 0. A value that is far too high is as wrong as one that is far too low: take |δ|.",
        lambda d, alpha, epsilon: (np.maximum(d, 0) + epsilon) ** alpha,
    ),
    Mistake(
        "epsilon-after-the-power",
        "ε is added after the power: (|δ| + ε)^α.",
        lambda d, alpha, epsilon: np.abs(d) ** alpha + epsilon,
    ),
    Mistake(
        "power-of-epsilon-alone",
        "Only ε is raised to the power α, for `**` binds before `+`: put brackets around the sum.",
        lambda d, alpha, epsilon: np.abs(d) + epsilon**alpha,
    ),
    Mistake(
        "power-of-the-error-alone",
        "ε is added after the power: (|δ| + ε)^α, with brackets around the sum.",
        lambda d, alpha, epsilon: np.abs(d) ** alpha + epsilon**alpha,
    ),
    Mistake(
        "no-epsilon",
        "ε is missing: a row whose error is 0 would never be drawn again.",
        lambda d, alpha, epsilon: np.abs(d) ** alpha,
    ),
    Mistake(
        "epsilon-inside",
        "ε is added to δ before the absolute value: a negative error would become smaller.",
        lambda d, alpha, epsilon: np.abs(d + epsilon) ** alpha,
    ),
    Mistake(
        "epsilon-as-a-floor",
        "ε is used as a floor: it is added to each error.",
        lambda d, alpha, epsilon: np.maximum(np.abs(d), epsilon) ** alpha,
    ),
    Mistake("epsilon-subtracted", "ε is subtracted: add it.", lambda d, a, e: np.abs(np.abs(d) - e) ** a),
    Mistake("no-alpha", "α is not used: it is the exponent.", lambda d, alpha, epsilon: np.abs(d) + epsilon),
    Mistake(
        "alpha-multiplied",
        "α is multiplied: it is an exponent, so that 0 makes all rows alike.",
        lambda d, alpha, epsilon: (np.abs(d) + epsilon) * alpha,
    ),
    Mistake(
        "negative-exponent",
        "The exponent has the wrong sign: a large error is to be drawn *more* often.",
        lambda d, alpha, epsilon: (np.abs(d) + epsilon) ** -alpha,
    ),
    Mistake(
        "one-minus-alpha",
        "The exponent is 1 − α; it is α.",
        lambda d, alpha, epsilon: (np.abs(d) + epsilon) ** (1 - alpha),
    ),
    Mistake("squared", "The errors are squared: take their absolute value.", lambda d, a, e: (d**2 + e) ** a),
    Mistake(
        "alpha-and-epsilon-swapped",
        "α and ε are swapped.",
        lambda d, alpha, epsilon: (np.abs(d) + alpha) ** epsilon,
    ),
    Mistake(
        "probabilities",
        "They are divided by their sum. Priorities need not add up to 1: the tree knows the total of *all* rows, this "
        "batch does not.",
        lambda d, a, e: (np.abs(d) + e) ** a / ((np.abs(d) + e) ** a).sum(),
    ),
    Mistake(
        "by-the-max",
        "They are divided by the greatest of the batch, so that they could not be compared with other batches'.",
        lambda d, a, e: (np.abs(d) + e) ** a / ((np.abs(d) + e) ** a).max(),
    ),
    Mistake(
        "clipped",
        "They are cut off at 1: the paper's agents clip the TD error itself; this function does not.",
        lambda d, a, e: np.minimum(np.abs(d) + e, 1) ** a,
    ),
    Mistake(
        "mean",
        "It returns one number: each row has its own priority.",
        lambda d, a, e: ((np.abs(d) + e) ** a).mean(),
    ),
    Mistake("list", "It returns a list: make an array of it.", lambda d, a, e: list((np.abs(d) + e) ** a)),
    Mistake("changes-errors", "It changes `td_errors` in place. Make a new array.", _priorities_in_place),
)


def _errors(label, td_errors, alpha, epsilon):
    return Case(label, {"td_errors": np.array(td_errors), "alpha": alpha, "epsilon": epsilon})


PRIORITIES = Exercise(
    id="td-priorities",
    name="td_priorities",
    notebook=NOTEBOOK,
    number="6.7",
    cases=(
        _errors("Five errors of both signs, one of them 0", [1.5, -0.4, 0.0, -3.0, 0.25], 0.6, 0.1),
        _errors("α = 1", [-2.0, 0.5, 0.75], 1.0, 0.05),
        _errors("α = 0", [-2.0, 0.5, 0.0, 7.0], 0.0, 0.01),
        _errors("A single error", [-0.02], 0.7, 0.3),
    ),
    right=(priorities_by_root, priorities_by_where, priorities_by_rows),
    mistakes=PRIORITY_MISTAKES,
)

EXERCISES = (PRIORITIES,)
