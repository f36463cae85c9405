"""Right and wrong answers to exercise 8.1 of chapter 08, drawing actions from a softmax."""

import numpy as np

from drl_helpers.exercises.spec import Mistake


def softmax(logits, axis=1):
    weights = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def draw_gumbel_by_hand(logits, rng):
    uniform = np.maximum(rng.random(logits.shape), 1e-300)
    return np.argmax(logits - np.log(-np.log(uniform)), axis=-1)


def draw_inverse(logits, rng):
    thresholds, uniform = softmax(logits).cumsum(axis=1), rng.random(len(logits))
    return (uniform[:, None] < thresholds).argmax(axis=1)


def draw_choice(logits, rng):
    return np.array([rng.choice(len(row), p=row) for row in softmax(logits.astype(np.float64))])


def draw_race(logits, rng):
    return (rng.exponential(size=logits.shape) / np.maximum(softmax(logits), 1e-300)).argmin(axis=1)


def _noise(make, sign=1):
    """Argmax of the logits and another noise."""
    return lambda logits, rng: (logits + sign * make(rng, logits)).argmax(axis=1)


def _clipped(passed):
    """The number of cumulated probabilities that were passed, never beyond the last action."""
    return lambda logits, rng: np.minimum(passed(logits, rng).sum(axis=1), logits.shape[1] - 1)


def _from_shares(shares):
    """Inverse distribution with other shares."""

    def passed(logits, rng):
        thresholds = shares(logits).cumsum(axis=1)
        return thresholds <= rng.random((len(logits), 1)) * thresholds[:, -1:]

    return _clipped(passed)


def _of_everything(logits):
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()


def _unshifted(logits, rng):
    with np.errstate(all="ignore"):
        weights = np.exp(logits)
        return (weights / weights.sum(axis=1, keepdims=True)).cumsum(axis=1) <= rng.random((len(logits), 1))


def _choice_unshifted(logits, rng):
    with np.errstate(all="ignore"):
        weights = np.exp(logits.astype(np.float64))
        return np.array([rng.choice(len(row), p=row / row.sum()) for row in weights])


def _rounding(logits, rng):
    return (softmax(logits).cumsum(axis=1) <= rng.random((len(logits), 1))).sum(axis=1)


SAMPLE_MISTAKES = (
    Mistake(
        "greedy",
        "It always takes the most probable action. A policy gradient needs actions that are *drawn*: an action that is "
        "never tried can never be praised. (One random number for all actions of a row changes nothing: each *action* "
        "needs its own.)",
        lambda logits, rng: logits.argmax(axis=1),
    ),
    Mistake(
        "uniform",
        "Every action is drawn equally often: the logits play no part.",
        lambda logits, rng: rng.integers(logits.shape[1], size=len(logits)),
    ),
    Mistake(
        "noise-subtracted",
        "The Gumbel noise is subtracted. Its distribution is lopsided, so the sign matters: add it.",
        _noise(lambda rng, logits: rng.gumbel(size=logits.shape), -1),
    ),
    Mistake(
        "normal-noise",
        "It adds normal noise. The argmax is distributed as the softmax only if the noise is from the *Gumbel* "
        "distribution, `rng.gumbel`.",
        _noise(lambda rng, logits: rng.normal(size=logits.shape)),
    ),
    Mistake(
        "uniform-noise",
        "It adds uniform noise, which can never lift an action over one whose logit is higher by 1. Use `rng.gumbel`.",
        _noise(lambda rng, logits: rng.random(logits.shape)),
    ),
    Mistake(
        "gumbel-on-probabilities",
        "The noise is added to the *probabilities*: the Gumbel-max trick adds it to the logits.",
        lambda logits, rng: (softmax(logits) + rng.gumbel(size=logits.shape)).argmax(axis=1),
    ),
    Mistake(
        "one-noise-for-all-rows",
        "All rows share their random numbers: rows with the same logits always draw the same action. Each row needs "
        "its own, `size=logits.shape`.",
        lambda logits, rng: (logits + rng.gumbel(size=logits.shape[1])).argmax(axis=1),
    ),
    Mistake(
        "one-uniform-for-all-rows",
        "One uniform number serves the whole batch, so the rows are not independent: `rng.random((len(logits), 1))` "
        "draws one for each row.",
        _clipped(lambda logits, rng: softmax(logits).cumsum(axis=1) <= rng.random()),
    ),
    Mistake(
        "one-uniform-an-action",
        "Each cumulated probability is compared with a random number of its own; one u for the *row* is compared with "
        "all of them: `rng.random((len(logits), 1))`.",
        _clipped(lambda logits, rng: softmax(logits).cumsum(axis=1) <= rng.random(logits.shape)),
    ),
    Mistake(
        "softmax-over-the-batch",
        "The softmax runs down the batch (axis 0); each *row* is a distribution (axis 1).",
        _from_shares(lambda logits: softmax(logits, axis=0)),
    ),
    Mistake(
        "softmax-over-everything",
        "The maximum and the sum are those of the whole batch. Each row is a distribution of its own: `axis=1, "
        "keepdims=True`.",
        _clipped(lambda logits, rng: _of_everything(logits).cumsum(axis=1) <= rng.random((len(logits), 1))),
    ),
    Mistake(
        "overflows",
        "`np.exp` of a large logit overflows to infinity, and the probabilities become NaN: subtract the row's maximum "
        "first, which changes no probability.",
        _clipped(_unshifted),
    ),
    Mistake(
        "overflows-before-choice",
        "`np.exp` of a large logit overflows to infinity, and the probabilities become NaN, which `rng.choice` "
        "refuses: subtract the row's maximum first, which changes no probability.",
        _choice_unshifted,
    ),
    Mistake(
        "rounding",
        "It can give an action that does not exist: the cumulated probabilities end at 0.9999999 or so, by rounding, "
        "and the random number may lie above that. Keep the result below the number of actions (`np.minimum`).",
        _rounding,
    ),
    Mistake(
        "logits-as-shares",
        "It takes the logits themselves for shares. They are any numbers, negative ones too: the softmax makes "
        "probabilities of them.",
        _from_shares(lambda logits: np.maximum(logits, 0) / np.maximum(np.maximum(logits, 0).sum(1, keepdims=True), 1)),
    ),
    Mistake(
        "argmax-over-the-batch",
        "The argmax runs down the batch (axis 0), and names a row; it must run over the actions, `axis=1`.",
        lambda logits, rng: (logits + rng.gumbel(size=logits.shape)).argmax(axis=0),
    ),
    Mistake(
        "one-number",
        "It is one number for the whole batch, for the argmax has no axis: `argmax(axis=1)`.",
        lambda logits, rng: (logits + rng.gumbel(size=logits.shape)).argmax(),
    ),
    Mistake(
        "a-column",
        "Its shape is (batch, 1): leave out `keepdims`, or the environments will not take it.",
        lambda logits, rng: (logits + rng.gumbel(size=logits.shape)).argmax(axis=1, keepdims=True),
    ),
    Mistake(
        "the-largest-sum",
        "It returns the largest noisy logit; *which* action has it is wanted: `argmax`.",
        lambda logits, rng: (logits + rng.gumbel(size=logits.shape)).max(axis=1),
    ),
    Mistake("probabilities", "It returns the probabilities; draw from them.", lambda logits, rng: softmax(logits)),
    Mistake("a-list", "It is a list: make an array of it.", lambda logits, rng: draw_choice(logits, rng).tolist()),
    Mistake(
        "own-generator",
        "It does not draw from the `rng` it is given, so a run cannot be repeated from its seed.",
        lambda logits, rng: (logits + np.random.default_rng().gumbel(size=logits.shape)).argmax(axis=1),
    ),
)
