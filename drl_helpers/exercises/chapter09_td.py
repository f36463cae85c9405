"""Exercise 9.1 of chapter 09: TD errors as advantages."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.exercises.target_arithmetic import arithmetic_mistakes

NOTEBOOK = "09_actor_critic"


def td_where(rewards, values, next_values, terminated, gamma):
    targets = torch.where(terminated, rewards, rewards + gamma * next_values)
    return (targets - values).detach()


@torch.no_grad()
def td_by_entry(rewards, values, next_values, terminated, gamma):
    errors = torch.zeros_like(rewards)
    for position in range(rewards.numel()):
        target = rewards.reshape(-1)[position].clone()
        if not terminated.reshape(-1)[position]:
            target += gamma * next_values.reshape(-1)[position]
        errors.view(-1)[position] = target - values.reshape(-1)[position]
    return errors


def td_float_mask(rewards, values, next_values, terminated, gamma):
    return rewards - values.detach() + (1 - terminated.float()) * gamma * next_values.detach()


def make_td(mask=lambda t: (~t).float(), combine=lambda r, g, m, v: r + g * m * v, less=lambda y, v: y - v):
    """TD errors with one part exchanged; `less(targets, values)` takes the old values off."""

    def attempt(rewards, values, next_values, terminated, gamma):
        rows, old, new = rewards.flatten(), values.detach().flatten(), next_values.detach().flatten()
        return less(combine(rows, gamma, mask(terminated.flatten()), new), old).reshape(rewards.shape)

    return attempt


TD_MISTAKES = (
    *arithmetic_mistakes(make_td),
    Mistake(
        "target",
        "That is the target, r + γV(s'): the advantage is how much it exceeds V(s). Subtract `values`.",
        make_td(less=lambda y, v: y),
    ),
    Mistake(
        "wrong-sign",
        "The sign is the wrong way round: an action that turned out better than expected must get a *positive* "
        "advantage, target minus V(s).",
        make_td(less=lambda y, v: v - y),
    ),
    Mistake("adds", "V(s) is added; it must be taken off.", make_td(less=lambda y, v: y + v)),
    Mistake(
        "absolute",
        "The sign is lost: worse than expected must be negative.",
        make_td(less=lambda y, v: (y - v).abs()),
    ),
    Mistake(
        "squared",
        "That is the *squared* TD error, which the critic's loss needs: here the error itself, with its sign.",
        make_td(less=lambda y, v: (y - v) ** 2),
    ),
    Mistake(
        "gamma-on-both",
        "γ discounts V(s) too: it belongs to the next value only, which lies one step ahead.",
        lambda r, v, w, t, gamma: (r + gamma * (~t * w - v)).detach(),
    ),
    Mistake(
        "mask-covers-everything",
        "In terminated entries all is zero: the mask covers the next value alone. There the reward counts, and V(s).",
        lambda r, v, w, t, gamma: (~t * (r + gamma * w - v)).detach(),
    ),
    Mistake(
        "mask-covers-the-old-value",
        "Where the episode has terminated V(s) is left out too: the mask covers the next value alone.",
        lambda r, v, w, t, gamma: (r + ~t * (gamma * w - v)).detach(),
    ),
    Mistake(
        "the-state-left",
        "It bootstraps from V(s), the value of the state that was *left*: what follows is `next_values`.",
        lambda r, v, w, t, gamma: (r + gamma * ~t * v - v).detach(),
    ),
    Mistake(
        "values-swapped",
        "The two values are swapped: `next_values` is discounted and added, `values` taken off.",
        lambda r, v, w, t, gamma: (r + gamma * ~t * v - w).detach(),
    ),
    Mistake(
        "gradient",
        "A gradient flows through it. In the actor's loss the advantage is a number; through this one the actor would "
        "train the critic. Compute it under `torch.no_grad()`.",
        lambda r, v, w, t, gamma: r + gamma * ~t * w - v,
    ),
    Mistake(
        "one-number",
        "It returns one number, a mean: each entry has an advantage of its own.",
        lambda *args: make_td()(*args).mean(),
    ),
    Mistake(
        "one-minus-bool",
        "A tensor of True and False cannot be subtracted: write `~terminated`, or `1 - terminated.float()`.",
        lambda r, v, w, t, gamma: (r + gamma * (1 - t) * w - v).detach(),
    ),
    Mistake(
        "python-not",
        "`not` and `if` ask for one truth value, and a tensor has many: write `~terminated`, which works entry by "
        "entry.",
        lambda r, v, w, t, gamma: (r + gamma * (not t) * w - v).detach(),
    ),
    Mistake(
        "changes-rewards",
        "It changes `rewards` in place (`+=`); the caller still needs them. Make a new tensor.",
        lambda r, v, w, t, gamma: r.add_((gamma * ~t * w - v).detach()),
    ),
    Mistake(
        "numpy",
        "It returns a NumPy array: stay in torch, the loss needs a tensor.",
        lambda *args: make_td()(*args).numpy(),
    ),
)


def _td_case(label, rewards, values, next_values, terminated, gamma):
    tensors = {"rewards": torch.tensor(rewards), "values": torch.tensor(values, requires_grad=True)}
    tensors["next_values"] = torch.tensor(next_values, requires_grad=True)
    return Case(label, tensors | {"terminated": torch.tensor(terminated), "gamma": gamma})


TD_ADVANTAGE = Exercise(
    id="td-advantage",
    name="td_advantages",
    notebook=NOTEBOOK,
    number="9.1",
    cases=(
        _td_case(
            "Two of five have terminated",
            [1.5, -1.0, 0.5, 2.0, 3.0],
            [0.7, 2.5, -1.5, 4.0, 1.2],
            [2.0, 6.0, 0.75, -0.5, 8.0],
            [False, True, False, False, True],
            0.9,
        ),
        _td_case("None has terminated", [1.0, 2.0], [3.0, -0.5], [-4.0, 1.5], [False, False], 0.8),
        _td_case("All have terminated", [0.5, -2.0, 4.0], [1.0, 3.0, 6.5], [2.0, 5.0, -7.0], [True] * 3, 0.95),
        _td_case(
            "Three steps of two environments",
            [[1.0, 0.5], [2.0, -1.0], [0.25, 3.0]],
            [[2.0, -1.5], [0.5, 4.0], [1.75, -2.5]],
            [[0.6, 2.2], [5.0, -3.0], [1.1, 7.0]],
            [[False, False], [True, False], [False, True]],
            0.7,
        ),
    ),
    right=(td_where, td_by_entry, td_float_mask),
    mistakes=TD_MISTAKES,
)

EXERCISES = (TD_ADVANTAGE,)
