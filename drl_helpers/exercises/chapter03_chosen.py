"""Exercise 3.2 of chapter 03: the values of the chosen actions."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "03_deep_q_network"


def observe_chosen(attempt, case):
    """The values picked, and the gradient that flows back through them."""
    args = case.fresh_args()
    q_values, before = args["q_values"], args["q_values"].detach().clone()
    chosen = attempt(*args.values())
    seen = {"the return value": chosen}
    if isinstance(chosen, torch.Tensor) and chosen.requires_grad and chosen.shape == args["actions"].shape:
        weights = torch.arange(1.0, len(chosen) + 1)
        seen["the gradient on `q_values`"] = torch.autograd.grad((weights * chosen).sum(), q_values)[0]
    seen["`q_values` stays as it was"] = torch.equal(before, q_values.detach())
    return seen


def chosen_by_index(q_values, actions):
    return q_values[torch.arange(len(actions)), actions]


def chosen_by_mask(q_values, actions):
    one_hot = torch.nn.functional.one_hot(actions, q_values.shape[1])
    return (q_values * one_hot).sum(dim=1)


def chosen_one_by_one(q_values, actions):
    return torch.stack([row[action] for row, action in zip(q_values, actions, strict=True)])


def _values(rows, gradient=True):
    return torch.tensor(rows, requires_grad=gradient)


WIDE = [[1.0, -2.0, 3.5, 0.5], [4.0, 0.0, -1.0, 2.0], [-3.0, 6.0, 1.5, 7.0]]
TALL = [[2.0, 5.0], [-1.0, 0.5], [3.0, -4.0], [8.0, 1.0], [0.25, 9.0]]

CHOSEN_MISTAKES = (
    Mistake(
        "fancy-column",
        "`q_values[:, actions]` takes *all* the listed actions from *every* row, so it has one column too many for "
        "each row. Row i needs the one action `actions[i]`: `gather` pairs them.",
        lambda q_values, actions: q_values[:, actions],
    ),
    Mistake(
        "still-a-column",
        "Its shape is (batch, 1): `gather` keeps the axis. Left so, a later subtraction would broadcast to "
        "(batch, batch) without an error. Remove the axis with `squeeze(1)`.",
        lambda q_values, actions: q_values.gather(1, actions.unsqueeze(1)),
    ),
    Mistake(
        "squeezes-everything",
        "`squeeze()` removes *every* axis of size 1; in a batch of one that is the batch too. Name the axis: "
        "`squeeze(1)`.",
        lambda q_values, actions: q_values.gather(1, actions.unsqueeze(1)).squeeze(),
    ),
    Mistake(
        "maximum",
        "It takes the highest value of each row. Wanted is the value of the action that was *taken*, good or not.",
        lambda q_values, actions: q_values.max(dim=1).values,
    ),
    Mistake(
        "row-by-action",
        "`q_values[actions]` takes whole *rows*, numbered by the actions.",
        lambda q_values, actions: q_values[actions],
    ),
    Mistake(
        "wrong-axis",
        "It gathers along axis 0, the batch. Actions lie along axis 1.",
        lambda q_values, actions: q_values.gather(0, actions.unsqueeze(0)).squeeze(0),
    ),
    Mistake(
        "first-row",
        "Every value comes from the first row: each row has its own action.",
        lambda q_values, actions: q_values[0, actions],
    ),
    Mistake(
        "first-action",
        "The value of the first action is taken in every row.",
        lambda q_values, actions: q_values[:, actions[0]],
    ),
    Mistake(
        "detached",
        "No gradient flows through it: this is the one place through which the network learns. Leave out `detach`, "
        "`no_grad`, `.data` and `.item()`, and make no new tensor of plain numbers.",
        lambda q_values, actions: chosen_by_index(q_values.detach(), actions),
    ),
    Mistake(
        "mask-not-summed",
        "It masks the other actions with zeros but keeps their places: sum over the actions, `sum(dim=1)`.",
        lambda q_values, actions: q_values * torch.nn.functional.one_hot(actions, q_values.shape[1]),
    ),
    Mistake(
        "summed-over-the-batch",
        "It sums over the batch (axis 0); sum over the actions (axis 1).",
        lambda q_values, actions: (q_values * torch.nn.functional.one_hot(actions, q_values.shape[1])).sum(dim=0),
    ),
    Mistake(
        "one-number",
        "It is one number for the whole batch: keep one value a row.",
        lambda q_values, actions: chosen_by_index(q_values, actions).mean(),
    ),
    Mistake("a-list", "It is a list; stack the values into one tensor.", lambda q, a: list(chosen_by_index(q, a))),
    Mistake("the-actions", "It returns the actions; their *values* are wanted.", lambda q_values, actions: actions),
)

CHOSEN = Exercise(
    id="chosen-q-values",
    name="chosen_q_values",
    notebook=NOTEBOOK,
    number="3.2",
    observe=observe_chosen,
    cases=(
        Case("Three rows, four actions", {"q_values": _values(WIDE), "actions": torch.tensor([2, 0, 3])}),
        Case("Five rows, two actions", {"q_values": _values(TALL), "actions": torch.tensor([1, 0, 0, 1, 0])}),
        Case("A batch of one", {"q_values": _values([[3.0, -1.0, 2.0]]), "actions": torch.tensor([1])}),
    ),
    right=(chosen_by_index, chosen_by_mask, chosen_one_by_one),
    mistakes=CHOSEN_MISTAKES,
)

EXERCISES = (CHOSEN,)
