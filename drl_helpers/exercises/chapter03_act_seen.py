"""What can be seen of acting in a batch: the observations of exercise 3.6 of chapter 03."""

import numpy as np
import torch

from drl_helpers.exercises.compare import short, unusable

COPIES, CALLS = 60, 50  # a share is then known to about ±0.045 (five standard errors)


class Observations:
    """A batch in which each of a few observations stands COPIES times, in turn."""

    def __init__(self, seed, kinds, size):
        self.kinds = np.random.default_rng(seed).normal(size=(kinds, size)).astype(np.float32)

    def __repr__(self):
        return f"obs, float32 of shape {self.batch(COPIES).shape}"

    def batch(self, copies):
        """The whole batch."""
        return np.tile(self.kinds, (copies, 1))


def observe_acting(attempt, case):
    """What one call gives; how often each observation gets each action; how rows go together."""
    args = case.fresh_args()
    kinds, q_network = args["obs"].kinds, args["q_network"]
    with torch.no_grad():
        num_actions = q_network(torch.from_numpy(kinds)).shape[1]
    args["obs"] = args["obs"].batch(COPIES)
    before = args["obs"].copy()
    calls = [attempt(*args.values()) for _ in range(CALLS)]
    again = case.fresh_args()
    again["obs"] = again["obs"].batch(COPIES)
    repeated = attempt(*again.values())
    odd = [said for actions in calls if (said := oddity(actions, len(before), num_actions)) is not None]
    seen = {"what it returns": odd[0] if odd else "an array of actions"}
    if odd:
        return seen
    actions = np.stack([call.reshape(COPIES, len(kinds)) for call in calls])  # (calls, copies, kinds)
    seen["rows of the batch"] = _together(actions, q_network, kinds, num_actions)
    seen["the same rng gives the same actions"] = bool((repeated == calls[0]).all())
    if seen["rows of the batch"] == APART:
        seen["the share of each action"] = (actions[..., None] == np.arange(num_actions)).mean(axis=(0, 1))
    seen["`obs` stays as it was"] = np.array_equal(before, args["obs"])
    if args["epsilon"] == 0:
        single = case.fresh_args()
        first = attempt(single["q_network"], kinds[:1].copy(), 0.0, single["rng"])
        problem = oddity(first, 1, num_actions)
        seen["with a batch of one"] = problem if problem is not None else "an array with one action"
    return seen


APART, ALL_EXPLORE, SAME_ACTION = "each on its own", "all explore, or none does", "those that explore do the same"


def _together(actions, q_network, kinds, num_actions):
    """Whether rows explore apart, and draw their random actions apart."""
    with torch.no_grad():
        greedy = q_network(torch.from_numpy(kinds)).argmax(dim=1).numpy()
    other = actions != greedy
    if other.mean(axis=(1, 2)).std() > 0.15:
        return ALL_EXPLORE
    differ = [len(np.unique(call[rows])) > 1 for call, rows in zip(actions[..., 0], other[..., 0], strict=True)]
    many = other[..., 0].sum(axis=1) > 5
    if num_actions > 2 and many.any() and np.mean(np.array(differ)[many]) < 0.3:
        return SAME_ACTION
    return APART


def oddity(actions, batch, num_actions):
    """What is wrong with a batch of actions: in words, or itself where those are known elsewhere."""
    if unusable(actions) is not None:
        return actions
    if not isinstance(actions, np.ndarray):
        return f"a {type(actions).__name__}, {short(actions, 60)}; a NumPy array is wanted"
    if actions.shape != (batch,):
        return f"an array of shape {actions.shape}; with a batch of {batch} it must be ({batch},)"
    if actions.dtype.kind not in "iu":
        return f"an array of dtype {actions.dtype}; actions are integers"
    if actions.min() < 0 or actions.max() >= num_actions:
        return f"actions from {actions.min()} to {actions.max()}, but there are 0 to {num_actions - 1}"
    return None


def expected_acting(case):
    """The exact shares."""
    obs, epsilon = case.args["obs"].kinds, case.args["epsilon"]
    with torch.no_grad():
        q_values = case.args["q_network"](torch.from_numpy(obs)).numpy()
    greedy = q_values == q_values.max(axis=1, keepdims=True)
    seen = {
        "what it returns": "an array of actions",
        "rows of the batch": APART,
        "the same rng gives the same actions": True,
        "the share of each action": epsilon / q_values.shape[1] + (1 - epsilon) * greedy,
        "`obs` stays as it was": True,
    }
    return seen | ({"with a batch of one": "an array with one action"} if epsilon == 0 else {})
