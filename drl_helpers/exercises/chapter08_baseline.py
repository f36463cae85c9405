"""Exercise 8.5 of chapter 08: a value baseline."""

import torch
from torch.nn import functional as F

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "08_policy_gradient"


def observe_baseline(attempt, case):
    """Both results, whether the first carries a gradient, and the gradient of the second on the values."""
    args = case.fresh_args()
    returns, values = args.values()
    before = returns.clone(), values.detach().clone()
    found = attempt(returns, values)
    kept = torch.equal(before[0], returns) and torch.equal(before[1], values.detach())
    seen = {"the arguments": "as they were" if kept else "changed"}
    if not isinstance(found, tuple | list) or len(found) != 2:
        return seen | {"the pair that is returned": found}
    advantages, loss = found
    seen |= {"the advantages": advantages, "the critic's loss": loss}
    if isinstance(loss, torch.Tensor) and loss.requires_grad and loss.numel() == 1:
        seen["the loss's gradient on `values`"] = torch.autograd.grad(loss.sum(), values)[0]
    return seen


def baseline_mse(returns, values):
    with torch.no_grad():
        advantages = returns - values
    return advantages, F.mse_loss(values, returns)


def baseline_apart(returns, values):
    return returns - values.detach(), torch.mean(torch.square(values - returns))


def baseline_by_dot(returns, values):
    errors = values - returns
    return -errors.detach(), errors @ errors / len(errors)


def make_baseline(
    errors=lambda returns, values: returns - values,
    advantages=lambda errors, returns: errors.detach(),
    loss=lambda errors: (errors**2).mean(),
):
    """The pair with one part exchanged."""

    def attempt(returns, values):
        differences = errors(returns, values)
        return advantages(differences, returns), loss(differences)

    return attempt


def _standardised(errors, returns):
    return standardise_by_var(errors.detach())


BASELINE_MISTAKES = (
    Mistake(
        "advantages-with-gradient",
        "The advantages carry a gradient, through the critic's values. In the policy's loss they are numbers; detach "
        "them, or the critic is pulled towards whatever makes *that* loss small.",
        make_baseline(advantages=lambda errors, returns: errors),
    ),
    Mistake(
        "critic-detached",
        "No gradient flows from the critic's loss into `values`, so the critic would never learn: detach only the "
        "advantages.",
        make_baseline(errors=lambda returns, values: returns - values.detach()),
    ),
    Mistake(
        "value-minus-return",
        "The sign is wrong: an advantage is positive where it went *better* than the critic thought, return − value.",
        make_baseline(advantages=lambda errors, returns: -errors.detach()),
    ),
    Mistake(
        "every-pair",
        "A column (batch, 1) meets a row (batch,), so each return is compared with *every* value. Both have the shape "
        "(batch,): leave them so.",
        make_baseline(errors=lambda returns, values: returns - values.unsqueeze(1)),
    ),
    Mistake(
        "every-pair-in-the-loss",
        "In the loss a column (batch, 1) meets a row (batch,): each value is pulled towards *every* return, that is, "
        "towards their mean.",
        lambda returns, values: ((returns - values).detach(), ((values.unsqueeze(1) - returns) ** 2).mean()),
    ),
    Mistake("sum", "The critic's loss is a sum; take the mean.", make_baseline(loss=lambda errors: (errors**2).sum())),
    Mistake(
        "half",
        "The critic's loss is half of what is wanted: the mean of the squares, without ½.",
        make_baseline(loss=lambda errors: (errors**2).mean() / 2),
    ),
    Mistake(
        "absolute",
        "The critic's loss averages absolute errors: with those it would learn the *median* of the returns. Squares "
        "lead to their mean, which is what a value is.",
        make_baseline(loss=lambda errors: errors.abs().mean()),
    ),
    Mistake(
        "not-squared",
        "The critic's errors are not squared: positive and negative ones cancel, and the loss has no minimum.",
        make_baseline(loss=lambda errors: errors.mean()),
    ),
    Mistake(
        "square-of-the-mean",
        "It squares the mean error. Square each error first, then average.",
        make_baseline(loss=lambda errors: errors.mean() ** 2),
    ),
    Mistake(
        "huber",
        "That is the Huber loss: its minimum is not the mean of the returns. The squares are wanted.",
        make_baseline(loss=lambda errors: F.smooth_l1_loss(errors, torch.zeros_like(errors))),
    ),
    Mistake(
        "one-a-row",
        "The critic's loss is one number for each row: average them.",
        make_baseline(loss=lambda errors: errors**2),
    ),
    Mistake(
        "a-float",
        "The critic's loss is a plain number (`.item()`), through which no gradient can flow.",
        make_baseline(loss=lambda errors: (errors**2).mean().item()),
    ),
    Mistake(
        "mean-as-baseline",
        "It subtracts the mean of the values from every return: each state has its own value.",
        make_baseline(advantages=lambda errors, returns: returns - (returns - errors).detach().mean()),
    ),
    Mistake(
        "mean-return",
        "It subtracts the mean return; here the baseline is the critic's value of each state.",
        make_baseline(advantages=lambda errors, returns: returns - returns.mean()),
    ),
    Mistake(
        "no-baseline",
        "The advantages are the returns as they came: subtract the values.",
        make_baseline(advantages=lambda errors, returns: returns.clone()),
    ),
    Mistake(
        "standardised-here",
        "The advantages are standardised already: that is the next exercise.",
        make_baseline(advantages=_standardised),
    ),
    Mistake("swapped", "The two results are swapped.", lambda returns, values: baseline_mse(returns, values)[::-1]),
    Mistake(
        "only-advantages",
        "Only the advantages are returned; the critic's loss is missing.",
        lambda returns, values: baseline_mse(returns, values)[0],
    ),
)


def _case(label, returns, values):
    return Case(label, {"returns": torch.tensor(returns), "values": torch.tensor(values, requires_grad=True)})


BASELINE = Exercise(
    id="baseline",
    name="advantages_and_critic_loss",
    notebook=NOTEBOOK,
    number="8.5",
    observe=observe_baseline,
    cases=(
        _case("Five steps", [3.0, -1.0, 4.0, 1.5, -5.0], [1.0, 0.5, 6.0, 1.25, -2.0]),
        _case("Three steps", [10.0, 9.0, 7.5], [8.0, 9.25, 9.0]),
        _case("One step", [2.0], [-1.5]),
    ),
    right=(baseline_mse, baseline_apart, baseline_by_dot),
    mistakes=BASELINE_MISTAKES,
)


def standardise_by_var(advantages):
    centred = advantages - advantages.mean()
    return centred / (centred.square().mean().sqrt() + 1e-8)


EXERCISES = (BASELINE,)
