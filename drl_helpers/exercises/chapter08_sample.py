"""Exercise 8.1 of chapter 08: drawing actions from a softmax."""

import numpy as np

from drl_helpers.exercises.chapter08_sample_mistakes import (
    SAMPLE_MISTAKES,
    draw_choice,
    draw_gumbel_by_hand,
    draw_inverse,
    draw_race,
)
from drl_helpers.exercises.compare import short, unusable
from drl_helpers.exercises.spec import Case, Exercise, Rng

NOTEBOOK = "08_policy_gradient"
COPIES, CALLS = 60, 50  # each row of a case stands in the batch so many times, and so many batches are drawn


class TopRandom(np.random.Generator):
    """A generator whose uniform numbers are the largest there are, just below 1."""

    def random(self, size=None, dtype=np.float64, out=None):
        return 1 - 2.0**-53 if size is None else np.full(size, 1 - 2.0**-53)

    def uniform(self, low=0.0, high=1.0, size=None):
        return low + (high - low) * self.random(size)


def oddity(actions, rows, num_actions):
    """What is wrong with a batch of actions: in words, or itself where that is known elsewhere; None if nothing."""
    if unusable(actions) is not None:
        return actions
    if not isinstance(actions, np.ndarray):
        return f"a {type(actions).__name__}, where a NumPy array of shape ({rows},) is wanted"
    if actions.shape != (rows,):
        return f"an array of shape {actions.shape}, where ({rows},) is wanted"
    if actions.dtype.kind not in "iu":
        return f"an array of dtype {actions.dtype}, where integers are wanted: {short(actions[:6])}"
    if actions.min() < 0 or actions.max() >= num_actions:
        return f"an array that holds {actions.max()}, but the actions are 0 to {num_actions - 1}"
    return None


def observe_draws(attempt, case):
    """How often each action is drawn in each row, whether rows are independent, and whether `rng` alone decides."""
    logits, rng = case.fresh_args().values()
    batch = np.tile(logits, (COPIES, 1))
    before = batch.copy()
    drawn = [attempt(batch, rng) for _ in range(CALLS)]
    seen = {"`logits` stays as it was": np.array_equal(before, batch)}
    odd = next((said for actions in drawn if (said := oddity(actions, *batch.shape)) is not None), None)
    if odd is not None:
        return seen | {"a batch of actions": odd}
    again = attempt(batch, case.fresh_args()["rng"])
    table = np.stack(drawn).reshape(CALLS, COPIES, len(logits))
    shares = (table[..., None] == np.arange(logits.shape[1])).mean(axis=(0, 1))
    alike = np.mean([(table[:, one] == table[:, one + 1]).mean(axis=0) for one in range(COPIES - 1)], axis=0)
    extreme = attempt(np.float32(batch), TopRandom(np.random.PCG64(0)))
    seen["a batch of actions"] = oddity(extreme, *batch.shape) or "integers, one a row"
    seen["the share of each action, row by row"] = np.round(shares, 2)
    seen["how often two rows with the same logits draw the same action"] = np.round(alike, 2)
    seen["the same rng gives the same actions"] = np.array_equal(again, drawn[0])
    return seen


def expected_draws(case):
    """The exact shares."""
    logits = case.args["logits"].astype(float)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = weights / weights.sum(axis=1, keepdims=True)
    return {
        "`logits` stays as it was": True,
        "a batch of actions": "integers, one a row",
        "the share of each action, row by row": shares,
        "how often two rows with the same logits draw the same action": (shares**2).sum(axis=1),
        "the same rng gives the same actions": True,
    }


ROWS = np.array([[1.0, 0.0, -1.0, 0.5], [-0.5, 1.5, 0.2, 0.0], [0.0, 0.0, 2.0, -3.0]])
LARGE = np.array([[800.0, 801.0], [-900.0, -901.5], [0.3, 0.0]])
MANY = np.linspace(-1.0, 1.0, 35).reshape(5, 7)

SAMPLE = Exercise(
    id="sample-actions",
    name="sample_actions",
    notebook=NOTEBOOK,
    number="8.1",
    observe=observe_draws,
    expected=expected_draws,
    tolerance=0.05,
    seconds=15.0,
    cases=(
        Case("Three rows, four actions", {"logits": ROWS, "rng": Rng(1)}),
        Case("Large logits", {"logits": LARGE, "rng": Rng(2)}),
        Case("Five rows, seven actions", {"logits": MANY, "rng": Rng(3)}),
    ),
    right=(draw_inverse, draw_gumbel_by_hand, draw_choice, draw_race),
    mistakes=SAMPLE_MISTAKES,
)

EXERCISES = (SAMPLE,)
