"""Exercise 8.2 of chapter 08: the log-probability of the actions taken."""

import torch
from torch.nn import functional as F

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "08_policy_gradient"


def observe_rows(attempt, case):
    """What is computed for each row, and the gradient that flows back into the logits."""
    args = case.fresh_args()
    logits, before = args["logits"], args["logits"].detach().clone()
    rows = attempt(*args.values())
    seen = {"the return value": rows, "`logits` stays as it was": torch.equal(before, logits.detach())}
    if isinstance(rows, torch.Tensor) and rows.requires_grad and rows.shape == (len(logits),):
        seen["the gradient on `logits`"] = torch.autograd.grad((torch.arange(1.0, len(rows) + 1) * rows).sum(), logits)[
            0
        ]
    return seen


def pick(log_probs, actions):
    return log_probs[torch.arange(len(actions)), actions]


def by_categorical(logits, actions):
    return torch.distributions.Categorical(logits=logits).log_prob(actions)


def by_cross_entropy(logits, actions):
    return -F.cross_entropy(logits, actions, reduction="none")


def by_logsumexp(logits, actions):
    return pick(logits, actions) - torch.logsumexp(logits, dim=-1)


def by_one_hot(logits, actions):
    return (torch.log_softmax(logits, dim=1) * F.one_hot(actions, logits.shape[1])).sum(dim=1)


LOG_PROB_MISTAKES = (
    Mistake(
        "log-of-softmax",
        "It takes the softmax, then the logarithm. A probability that is too small for float32 has become 0 by then, "
        "and log 0 is −∞ (its gradient is NaN). `log_softmax` does both in one, and never passes through 0.",
        lambda logits, actions: pick(logits.softmax(dim=1).log(), actions),
    ),
    Mistake(
        "log-of-clamped-softmax",
        "It keeps the logarithm from −∞ by a small number. The value is then that number's, not the action's, and next "
        "to no gradient flows there: use `log_softmax`.",
        lambda logits, actions: pick((logits.softmax(dim=1) + 1e-8).log(), actions),
    ),
    Mistake(
        "probability",
        "These are probabilities; their *logarithms* are wanted.",
        lambda logits, actions: pick(logits.softmax(dim=1), actions),
    ),
    Mistake(
        "logits",
        "These are the logits of the actions. Log-probabilities have the logarithm of the whole row's sum subtracted: "
        "`log_softmax`.",
        lambda logits, actions: pick(logits, actions),
    ),
    Mistake(
        "negative",
        "The sign is wrong: logarithms of probabilities are negative. (`cross_entropy` gives *minus* the "
        "log-probability.)",
        lambda logits, actions: F.cross_entropy(logits, actions, reduction="none"),
    ),
    Mistake(
        "over-the-batch",
        "The softmax runs down the batch (dim 0). Each *row* is a distribution: `dim=1`.",
        lambda logits, actions: pick(logits.log_softmax(dim=0), actions),
    ),
    Mistake(
        "twice",
        "The softmax is taken twice: `log_softmax` wants logits, not probabilities.",
        lambda logits, actions: pick(logits.softmax(dim=1).log_softmax(dim=1), actions),
    ),
    Mistake(
        "probs-for-logits",
        "`Categorical` was told that the logits are probabilities: write `Categorical(logits=logits)`.",
        lambda logits, actions: torch.distributions.Categorical(probs=logits.abs() + 1e-3).log_prob(actions),
    ),
    Mistake(
        "base-two",
        "That is the logarithm to base 2: the natural one is wanted.",
        lambda logits, actions: pick(logits.log_softmax(dim=1), actions) / torch.log(torch.tensor(2.0)),
    ),
    Mistake(
        "a-column",
        "Its shape is (batch, 1): `gather` keeps the axis. Times advantages of shape (batch,) it would broadcast to "
        "(batch, batch) without an error. Remove the axis with `squeeze(1)`.",
        lambda logits, actions: logits.log_softmax(dim=1).gather(1, actions.unsqueeze(1)),
    ),
    Mistake(
        "squeezes-everything",
        "`squeeze()` removes *every* axis of size 1; in a batch of one that is the batch too: `squeeze(1)`.",
        lambda logits, actions: logits.log_softmax(dim=1).gather(1, actions.unsqueeze(1)).squeeze(),
    ),
    Mistake(
        "fancy-column",
        "`[:, actions]` takes all the listed actions from every row. Row i needs the one action `actions[i]`: `gather` "
        "pairs them.",
        lambda logits, actions: logits.log_softmax(dim=1)[:, actions],
    ),
    Mistake(
        "all-actions",
        "These are the log-probabilities of *all* actions: pick the one that was taken in each row.",
        lambda logits, actions: logits.log_softmax(dim=1),
    ),
    Mistake(
        "most-probable",
        "It takes the most probable action of each row. Wanted is the one that was *taken*.",
        lambda logits, actions: logits.log_softmax(dim=1).max(dim=1).values,
    ),
    Mistake(
        "detached",
        "No gradient flows through it. This is the one place through which the policy learns: leave out `detach`, "
        "`no_grad` and `.item()`.",
        lambda logits, actions: pick(logits.detach().log_softmax(dim=1), actions),
    ),
    Mistake(
        "mean",
        "It is one number for the whole batch; keep one for each row. The mean comes later, after the advantages.",
        lambda logits, actions: pick(logits.log_softmax(dim=1), actions).mean(),
    ),
)


def logits_of(rows):
    return torch.tensor(rows, requires_grad=True)


WIDE = [[1.0, -2.0, 0.5, 3.0], [0.2, 0.0, -1.0, 2.0], [-3.0, 1.0, 1.5, 0.7]]
SURE = [[200.0, -200.0], [-3.0, 120.0], [0.5, -0.25], [-150.0, 90.0], [2.0, 1.0]]

LOG_PROB = Exercise(
    id="log-prob",
    name="log_prob",
    notebook=NOTEBOOK,
    number="8.2",
    observe=observe_rows,
    cases=(
        Case("Three rows, four actions", {"logits": logits_of(WIDE), "actions": torch.tensor([2, 0, 3])}),
        Case("Logits as large as ±200", {"logits": logits_of(SURE), "actions": torch.tensor([1, 0, 0, 1, 1])}),
        Case("A batch of one", {"logits": logits_of([[0.5, -1.0, 2.0]]), "actions": torch.tensor([1])}),
    ),
    right=(by_cross_entropy, by_categorical, by_logsumexp, by_one_hot),
    mistakes=LOG_PROB_MISTAKES,
    tolerance=1e-5,
)

EXERCISES = (LOG_PROB,)
