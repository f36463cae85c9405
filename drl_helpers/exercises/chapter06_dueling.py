"""Exercise 6.1 of chapter 06: values and advantages put together."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "06_better_dqn"


def observe_dueling(attempt, case):
    """The values of all actions, and the gradients that reach both heads."""
    args = case.fresh_args()
    q_values = attempt(*args.values())
    seen = {"the return value": q_values}
    if isinstance(q_values, torch.Tensor) and q_values.requires_grad:
        (q_values * torch.arange(1.0, q_values.numel() + 1).view(q_values.shape)).sum().backward()
        for name, tensor in args.items():
            gradient = torch.zeros_like(tensor) if tensor.grad is None else tensor.grad
            seen[f"the gradient that reaches `{name}`"] = gradient
    return seen


def dueling_centred(values, advantages):
    centred = advantages - advantages.mean(1, keepdim=True)
    return centred + values


def dueling_by_rows(values, advantages):
    return torch.stack([v + a - a.sum() / len(a) for v, a in zip(values, advantages, strict=True)])


def dueling_by_matrix(values, advantages):
    count = advantages.shape[1]
    return values.expand(-1, count) + advantages @ (torch.eye(count) - 1 / count)


def dueling_unsqueezed(values, advantages):
    return values + advantages - advantages.mean(dim=-1).unsqueeze(-1)


def make_dueling(baseline=lambda a: a.mean(dim=1, keepdim=True), combine=lambda v, a, b: v + a - b):
    """An answer with what is subtracted, or how it is put together, exchanged."""
    return lambda values, advantages: combine(values, advantages, baseline(advantages))


def _in_place(values, advantages):
    advantages -= advantages.mean(dim=1, keepdim=True)
    return values + advantages


DUELING_MISTAKES = (
    Mistake(
        "nothing-subtracted",
        "V and A are only added. Then any number could move from A to V and back without a change in Q: neither means "
        "anything. Subtract the mean of each row of A.",
        make_dueling(combine=lambda v, a, b: v + a),
    ),
    Mistake(
        "max",
        "It subtracts the greatest advantage of each row. That makes V the value of the best action, and is the other "
        "way that the paper names; here it is the mean, which moves less from update to update.",
        make_dueling(lambda a: a.amax(dim=1, keepdim=True)),
    ),
    Mistake(
        "mean-over-the-batch",
        "The mean is taken over the batch, axis 0: then a state's values depend on which others are in the batch. "
        "The actions lie along axis 1.",
        make_dueling(lambda a: a.mean(dim=0, keepdim=True)),
    ),
    Mistake(
        "one-mean-for-all",
        "It takes one mean over all states and actions: each state has its own, `dim=1`.",
        make_dueling(lambda a: a.mean()),
    ),
    Mistake(
        "sum",
        "It subtracts the *sum* of the advantages, not their mean.",
        make_dueling(lambda a: a.sum(dim=1, keepdim=True)),
    ),
    Mistake("min", "It subtracts the smallest advantage: take the mean.", make_dueling(lambda a: a.amin(1, True))),
    Mistake(
        "median",
        "It subtracts the median: take the mean.",
        make_dueling(lambda a: a.median(dim=1, keepdim=True).values),
    ),
    Mistake(
        "no-keepdim",
        "The mean has the shape (batch,), which broadcasts along the wrong axis, or not at all: keep the axis with "
        "`keepdim=True`.",
        make_dueling(lambda a: a.mean(dim=1)),
    ),
    Mistake(
        "squeezed-values",
        "V has lost its second axis: of shape (batch,) it broadcasts along the wrong axis, or not at all. "
        "Leave it (batch, 1).",
        make_dueling(combine=lambda v, a, b: v.squeeze(1) + a - b),
    ),
    Mistake(
        "no-value",
        "V is missing, or falls out because the mean of V + A is subtracted: what is left are the advantages alone, "
        "whose mean is 0 in every state.",
        make_dueling(combine=lambda v, a, b: a - b),
    ),
    Mistake("mean-added", "The mean is added: subtract it.", make_dueling(combine=lambda v, a, b: v + a + b)),
    Mistake(
        "advantage-subtracted",
        "The signs of A and of its mean are swapped.",
        make_dueling(combine=lambda v, a, b: v - a + b),
    ),
    Mistake("value-subtracted", "V is subtracted: add it.", make_dueling(combine=lambda v, a, b: a - b - v)),
    Mistake(
        "values-alone",
        "The mean is taken from V and not from A.",
        make_dueling(combine=lambda v, a, b: v - v.mean(dim=1, keepdim=True) + a),
    ),
    Mistake(
        "standardised",
        "The advantages are divided by their standard deviation too. That would say how the actions rank, and not by "
        "how much they differ.",
        make_dueling(combine=lambda v, a, b: v + (a - b) / a.std(dim=1, keepdim=True)),
    ),
    Mistake(
        "detached",
        "No gradient flows through it. This is part of the network, which must learn through it: no `detach`, no "
        "`torch.no_grad()`.",
        torch.no_grad()(make_dueling()),
    ),
    Mistake(
        "mean-detached",
        "The mean is detached. The numbers are right, and the gradient is not: the advantages would drift as if "
        "nothing were subtracted.",
        make_dueling(lambda a: a.mean(dim=1, keepdim=True).detach()),
    ),
    Mistake(
        "in-place",
        "It changes `values` or `advantages` in place (`+=`, `-=`); PyTorch needs the old numbers for the gradient. "
        "Make a new tensor.",
        _in_place,
    ),
    Mistake(
        "transposed",
        "The result is (actions, batch); (batch, actions) is wanted.",
        lambda values, advantages: make_dueling()(values, advantages).T,
    ),
)


def _case(label, batch, actions, seed):
    generator = torch.Generator().manual_seed(seed)
    args = {
        "values": torch.randn(batch, 1, generator=generator) * 3 + 5,
        "advantages": torch.randn(batch, actions, generator=generator) * 2 + 1,
    }
    return Case(label, {name: tensor.requires_grad_() for name, tensor in args.items()})


DUELING = Exercise(
    id="dueling-q-values",
    name="dueling_q_values",
    notebook=NOTEBOOK,
    number="6.1",
    observe=observe_dueling,
    cases=(
        _case("Four states, three actions", 4, 3, 0),
        _case("Two states, five actions", 2, 5, 1),
        _case("One state, four actions", 1, 4, 2),
        _case("Three states, three actions", 3, 3, 3),
    ),
    right=(dueling_centred, dueling_by_rows, dueling_by_matrix, dueling_unsqueezed),
    mistakes=DUELING_MISTAKES,
    tolerance=1e-5,
)

EXERCISES = (DUELING,)
