"""Exercise 10.2 of chapter 10: how far the policy has moved, in nats."""

import numpy as np
import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.ppo import approximate_kl

NOTEBOOK = "10_ppo"


def observe_kl(attempt, case):
    """The number, and whether a gradient hangs on it; a float and a tensor of one number count alike."""
    value = attempt(*case.fresh_args().values())
    seen = {"a gradient hangs on the return value": isinstance(value, torch.Tensor) and value.requires_grad}
    if isinstance(value, torch.Tensor) and value.dim() == 0:
        value = value.item()
    return seen | {"the return value": value.detach() if isinstance(value, torch.Tensor) else value}


def kl_in_numpy(log_probs, old_log_probs):
    log_ratio = log_probs.detach().numpy() - old_log_probs.numpy()
    return float(np.mean(np.expm1(log_ratio) - log_ratio))


@torch.no_grad()
def kl_by_ratio(log_probs, old_log_probs):
    ratio = log_probs.exp() / old_log_probs.exp()
    return (ratio - 1 - ratio.log()).sum() / len(ratio)


def make_kl(term=lambda d: d.exp() - 1 - d, reduce=torch.mean, gradient=False):
    """The estimate with one part exchanged; `term` is a function of log ratio, new over old."""

    def attempt(log_probs, old_log_probs):
        value = reduce(term(log_probs - old_log_probs))
        return value if gradient else value.detach()

    return attempt


def _ratio_of_logarithms(log_probs, old_log_probs):
    ratio = (log_probs / old_log_probs).detach()
    return (ratio - 1 - ratio.log()).mean()


KL_MISTAKES = (
    Mistake(
        "plain-difference",
        "It averages −log ratio. That is right on average too, but it varies far more, and may even be negative: "
        "(ratio − 1) − log ratio is wanted.",
        make_kl(lambda d: -d),
    ),
    Mistake(
        "plain-difference-negated",
        "It averages log ratio, which is about *minus* the divergence: (ratio − 1) − log ratio is wanted.",
        make_kl(lambda d: d),
    ),
    Mistake(
        "half-square",
        "It averages half of the squared log ratio: near the true value while the policies are close, but not equal.",
        make_kl(lambda d: d**2 / 2),
    ),
    Mistake(
        "other-direction",
        "Old and new are exchanged. The actions were drawn by the *old* policy, so the ratio is new over old.",
        make_kl(lambda d: (-d).exp() - 1 + d),
    ),
    Mistake("plus", "The sign before log ratio is wrong: it is subtracted.", make_kl(lambda d: d.exp() - 1 + d)),
    Mistake(
        "no-one",
        "The 1 is missing: for equal policies the ratio is 1, and the divergence must be 0.",
        make_kl(lambda d: d.exp() - d),
    ),
    Mistake("no-logarithm", "The term −log ratio is missing.", make_kl(lambda d: d.exp() - 1)),
    Mistake("negative", "The sign is turned: a divergence is never negative.", make_kl(lambda d: 1 + d - d.exp())),
    Mistake(
        "no-exponential",
        "log_probs − old_log_probs is the *logarithm* of the ratio; the ratio is its exponential.",
        make_kl(lambda d: d - 1 - (d.abs() + 1e-8).log()),
    ),
    Mistake(
        "ratio-of-logarithms",
        "It divides log-probabilities by each other: subtract them, then take the exponential.",
        _ratio_of_logarithms,
    ),
    Mistake("sum", "It sums over the batch: average.", make_kl(reduce=torch.sum)),
    Mistake("one-a-row", "It returns one number for each action: average them.", make_kl(reduce=lambda terms: terms)),
    Mistake(
        "with-gradient",
        "A gradient hangs on it. It is a reading, no part of the loss: compute it under `torch.no_grad()`.",
        make_kl(gradient=True),
    ),
)


def _case(label, log_ratios, old):
    old = torch.tensor(old)
    return Case(label, {"log_probs": (old + torch.tensor(log_ratios)).requires_grad_(), "old_log_probs": old})


APPROXIMATE_KL = Exercise(
    id="approximate-kl",
    name="approximate_kl",
    notebook=NOTEBOOK,
    number="10.2",
    observe=observe_kl,
    cases=(
        _case("Five actions", [0.5, -0.3, 0.1, -0.8, 0.25], [-0.7, -1.3, -0.9, -0.4, -2.0]),
        _case("Every action more probable than before", [0.4, 0.2, 0.9], [-1.1, -0.6, -1.7]),
        _case("Every action less probable than before", [-0.4, -0.2], [-1.1, -0.6]),
    ),
    right=(approximate_kl, kl_in_numpy, kl_by_ratio),
    mistakes=KL_MISTAKES,
)

EXERCISES = (APPROXIMATE_KL,)
