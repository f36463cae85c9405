"""Exercise 3.3 of chapter 03: TD targets from a batch."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.exercises.target_arithmetic import arithmetic_mistakes

NOTEBOOK = "03_deep_q_network"


def target_where(rewards, next_q_values, terminated, gamma):
    best = next_q_values.detach().amax(dim=1)
    return torch.where(terminated, rewards, rewards + gamma * best)


def target_by_rows(rewards, next_q_values, terminated, gamma):
    with torch.no_grad():
        targets = rewards.clone()
        for row, values in enumerate(next_q_values):
            if not terminated[row]:
                targets[row] += gamma * max(values)
    return targets


def target_float_mask(rewards, next_q_values, terminated, gamma):
    going_on = 1 - terminated.float()
    return (rewards + gamma * going_on * torch.max(next_q_values, 1)[0]).detach()


def make_target(pick=lambda q: q.max(dim=1).values, mask=lambda t: (~t).float(), combine=None):
    """Targets with one part exchanged: `combine(rewards, gamma, mask, next_values)`."""

    def attempt(rewards, next_q_values, terminated, gamma):
        combined = combine or (lambda r, g, m, v: r + g * m * v)
        return combined(rewards, gamma, mask(terminated), pick(next_q_values.detach()))

    return attempt


TARGET_MISTAKES = (
    *arithmetic_mistakes(make_target),
    Mistake(
        "argmax",
        "It uses the *number* of the best action (`argmax`, or `.indices`) where its *value* belongs.",
        make_target(pick=lambda q: q.argmax(dim=1).float()),
    ),
    Mistake("min", "It takes the worst action of each row: use the maximum.", make_target(pick=lambda q: q.amin(1))),
    Mistake(
        "mean",
        "It averages over the actions; Q-learning takes the maximum.",
        make_target(pick=lambda q: q.mean(dim=1)),
    ),
    Mistake("sum", "It sums over the actions; Q-learning takes the maximum.", make_target(pick=lambda q: q.sum(dim=1))),
    Mistake("first-action", "It always takes the first action's value.", make_target(pick=lambda q: q[:, 0])),
    Mistake(
        "over-everything",
        "It takes one maximum over the whole batch: each row has its own, `max(dim=1)`.",
        make_target(pick=lambda q: q.max()),
    ),
    Mistake(
        "wrong-axis",
        "It takes the maximum over axis 0, the batch; the actions lie along axis 1.",
        make_target(pick=lambda q: q.max(dim=0).values),
    ),
    Mistake(
        "column",
        "The maximum has the shape (batch, 1), so the sum broadcasts to (batch, batch): every reward meets every next "
        "value. Leave `keepdim` and `unsqueeze` out.",
        make_target(pick=lambda q: q.max(dim=1, keepdim=True).values),
    ),
    Mistake(
        "absolute-values",
        "It compares the values without their signs: −9 is less than −2.",
        make_target(pick=lambda q: q.abs().max(dim=1).values),
    ),
    Mistake(
        "gradient",
        "A gradient flows through it. The target is what the network should move *to*, not something to be moved: "
        "compute it under `torch.no_grad()`, or `detach()` it.",
        lambda rewards, next_q_values, terminated, gamma: (
            rewards + gamma * ~terminated * next_q_values.max(dim=1).values
        ),
    ),
    Mistake(
        "max-is-a-pair",
        "`max(dim=1)` gives a pair, the values and their positions: take `.values`.",
        lambda rewards, next_q_values, terminated, gamma: rewards + gamma * ~terminated * next_q_values.max(dim=1),
    ),
    Mistake(
        "one-minus-bool",
        "A tensor of True and False cannot be subtracted: write `~terminated`, or `1 - terminated.float()`.",
        lambda rewards, next_q_values, terminated, gamma: rewards + gamma * (1 - terminated) * next_q_values.amax(1),
    ),
    Mistake(
        "python-not",
        "`not` and `if` ask for one truth value, and a batch has many: write `~terminated`, which works row by row.",
        lambda rewards, next_q_values, terminated, gamma: rewards + gamma * (not terminated) * next_q_values.amax(1),
    ),
    Mistake(
        "changes-rewards",
        "It changes `rewards` in place (`+=`); the caller still needs them. Make a new tensor.",
        lambda rewards, next_q_values, terminated, gamma: rewards.add_(
            gamma * ~terminated * next_q_values.detach().amax(1)
        ),
    ),
    Mistake(
        "numpy",
        "It returns a NumPy array: stay in torch, the loss needs a tensor.",
        lambda *args: make_target()(*args).numpy(),
    ),
)

TWO_OF_FIVE = [False, True, False, False, True]
NEXT = [[0.5, 2.0, -1.0], [4.0, -3.0, 6.0], [1.0, 0.25, 0.75], [-2.0, -5.0, -0.5], [3.0, 8.0, 7.0]]


def _target_case(label, rewards, rows, terminated, gamma):
    values = {"rewards": torch.tensor(rewards), "next_q_values": torch.tensor(rows, requires_grad=True)}
    return Case(label, values | {"terminated": torch.tensor(terminated), "gamma": gamma})


TD_TARGET = Exercise(
    id="td-target",
    name="td_target",
    notebook=NOTEBOOK,
    number="3.3",
    cases=(
        _target_case("Two of five rows are terminal", [1.5, -1.0, 0.5, 2.0, 3.0], NEXT, TWO_OF_FIVE, 0.9),
        _target_case("No row is terminal", [1.0, 2.0], NEXT[3:], [False, False], 0.8),
        _target_case("Every row is terminal", [0.5, -2.0, 4.0], NEXT[:3], [True, True, True], 0.95),
        _target_case("More actions than rows, all values negative", [1.0], [[-9.0, -2.0, -7.0, -4.0]], [False], 0.5),
    ),
    right=(target_where, target_by_rows, target_float_mask),
    mistakes=TARGET_MISTAKES,
)

EXERCISES = (TD_TARGET,)
