"""Exercise 8.4 of chapter 08: the loss of REINFORCE."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "08_policy_gradient"


def observe_loss(attempt, case):
    """The loss, and the gradients that flow from it into the log-probabilities and into the advantages."""
    args = case.fresh_args()
    log_probs, advantages = args.values()
    before = log_probs.detach().clone(), advantages.detach().clone()
    loss = attempt(log_probs, advantages)
    kept = torch.equal(before[0], log_probs.detach()) and torch.equal(before[1], advantages.detach())
    seen = {"the return value": loss, "the arguments": "as they were" if kept else "changed"}
    seen["it calls `backward` itself"] = log_probs.grad is not None
    if isinstance(loss, torch.Tensor) and loss.requires_grad and loss.numel() == 1 and log_probs.grad is None:
        into = [log_probs, *([advantages] if advantages.requires_grad else [])]
        found = torch.autograd.grad(loss.sum(), into, allow_unused=True)
        for name, value, gradient in zip(("log_probs", "advantages"), into, found, strict=False):
            shown = torch.zeros_like(value) if gradient is None else gradient
            seen[f"the gradient into `{name}`"] = shown.numpy().copy()
    return seen


def loss_by_dot(log_probs, advantages):
    with torch.no_grad():
        weights = advantages / len(advantages)
    return -torch.dot(log_probs, weights)


def loss_by_rows(log_probs, advantages):
    total = 0.0
    for chosen, advantage in zip(log_probs, advantages.tolist(), strict=True):
        total = total - chosen * advantage
    return total / len(log_probs)


def loss_by_mean(log_probs, advantages):
    return torch.mean(-log_probs * advantages.detach(), dim=0)


def make_loss(
    pick=lambda log_probs: log_probs,
    weight=lambda advantages: advantages.detach(),
    reduce=lambda terms: -terms.mean(),
):
    """The loss with one part exchanged."""
    return lambda log_probs, advantages: reduce(pick(log_probs) * weight(advantages))


def _calls_backward(log_probs, advantages):
    loss = loss_by_mean(log_probs, advantages)
    loss.backward(retain_graph=True)
    return loss


def _standardised(advantages):
    advantages = advantages.detach()
    return (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)


LOSS_MISTAKES = (
    Mistake(
        "no-minus",
        "A minus is missing. The optimizer goes *downhill*, so this makes good actions rarer and bad ones more "
        "frequent: the agent would learn to do its worst.",
        make_loss(reduce=lambda terms: terms.mean()),
    ),
    Mistake(
        "gradient-through-advantages",
        "A gradient flows into `advantages`. They are numbers here, how well it went; detach them, or the critic is "
        "pulled towards whatever makes this loss small.",
        make_loss(weight=lambda advantages: advantages),
    ),
    Mistake(
        "no-minus-and-gradient",
        "Two things: a minus is missing (the optimizer goes downhill), and a gradient flows into `advantages`: detach "
        "them.",
        make_loss(weight=lambda advantages: advantages, reduce=lambda terms: terms.mean()),
    ),
    Mistake(
        "sum",
        "It is a sum over the batch: the *mean* is wanted, so that the step does not grow with the batch.",
        make_loss(reduce=lambda terms: -terms.sum()),
    ),
    Mistake(
        "sum-without-minus",
        "It is a sum, and without the minus: the mean is wanted, and the optimizer goes downhill.",
        make_loss(reduce=lambda terms: terms.sum()),
    ),
    Mistake(
        "every-pair",
        "Each log-probability is multiplied with *every* advantage, as happens where a column (batch, 1) meets a row "
        "(batch,): the mean of that table is the product of the two means. Keep the shape (batch,), multiply, then "
        "take the mean.",
        make_loss(pick=lambda log_probs: log_probs.unsqueeze(1)),
    ),
    Mistake(
        "detached-log-probs",
        "No gradient is left: it has to flow through `log_probs`, into the policy.",
        make_loss(pick=lambda log_probs: log_probs.detach()),
    ),
    Mistake(
        "wrong-one-detached",
        "The log-probabilities are detached and the advantages are not: it is the other way round.",
        make_loss(pick=lambda log_probs: log_probs.detach(), weight=lambda advantages: advantages),
    ),
    Mistake(
        "a-float",
        "It is a plain number (`.item()`), through which no gradient can flow: return the tensor.",
        lambda log_probs, advantages: loss_by_mean(log_probs, advantages).item(),
    ),
    Mistake(
        "one-a-row",
        "It is one number for each step: take the mean.",
        make_loss(reduce=lambda terms: -terms),
    ),
    Mistake(
        "probabilities",
        "It weights probabilities: the trick leads to the gradient of their *logarithms*.",
        make_loss(pick=lambda log_probs: log_probs.exp()),
    ),
    Mistake(
        "logarithm-twice",
        "It takes a logarithm once more. `log_probs` are logarithms already (and negative, so this is NaN).",
        make_loss(pick=lambda log_probs: log_probs.log()),
    ),
    Mistake(
        "sign-of-the-advantages",
        "The size of the advantages is used and not their sign: an action that went badly must become *rarer*.",
        make_loss(weight=lambda advantages: advantages.detach().abs()),
    ),
    Mistake(
        "only-good-ones",
        "Negative advantages are dropped. What went worse than expected must become rarer.",
        make_loss(weight=lambda advantages: advantages.detach().clamp(min=0)),
    ),
    Mistake(
        "squared",
        "It squares: this is no error to be made small, but a product, log-probability times advantage.",
        make_loss(reduce=lambda terms: (terms**2).mean()),
    ),
    Mistake(
        "standardised-here",
        "The advantages are standardised in it. That is a step of its own, exercise 8.6.",
        make_loss(weight=_standardised),
    ),
    Mistake("no-advantages", "The advantages are missing.", make_loss(weight=lambda advantages: 1.0)),
    Mistake(
        "calls-backward",
        "It calls `backward` itself. Return the loss: the update will do that once, for all its parts together.",
        _calls_backward,
    ),
)


def _case(label, log_probs, advantages, attached):
    return Case(
        label,
        {
            "log_probs": torch.tensor(log_probs, requires_grad=True),
            "advantages": torch.tensor(advantages, requires_grad=attached),
        },
    )


LOSS = Exercise(
    id="reinforce-loss",
    name="reinforce_loss",
    notebook=NOTEBOOK,
    number="8.4",
    observe=observe_loss,
    cases=(
        _case("Good steps and bad ones", [-0.5, -2.0, -0.1, -1.2, -0.7], [1.5, -0.5, 2.0, -3.0, 0.4], False),
        _case("Advantages that carry a gradient", [-0.3, -1.1, -2.5], [2.0, -1.0, 0.7], True),
        _case("A batch of one", [-0.9], [-4.0], False),
    ),
    right=(loss_by_mean, loss_by_dot, loss_by_rows),
    mistakes=LOSS_MISTAKES,
)

EXERCISES = (LOSS,)
