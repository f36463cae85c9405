"""Exercise 10.3 of chapter 10: the log-probability of a continuous action."""

import math

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake
from drl_helpers.ppo import gaussian_log_prob

NOTEBOOK = "10_ppo"


def observe_log_prob(attempt, case):
    """The log-probabilities, and what gradient the sum of them, unevenly weighed, sends into mean and log_std."""
    args = case.fresh_args()
    mean, log_std = args["mean"], args["log_std"]
    value = attempt(*args.values())
    seen = {"the return value": value}
    if isinstance(value, torch.Tensor) and value.requires_grad and value.shape == (len(mean),):
        weights = torch.arange(1.0, 1 + len(mean))
        gradients = torch.autograd.grad((weights * value).sum(), [mean, log_std], allow_unused=True)
        for name, place, gradient in zip(("mean", "log_std"), (mean, log_std), gradients, strict=True):
            seen[f"its gradient on `{name}`"] = torch.zeros_like(place) if gradient is None else gradient
    return seen


def log_prob_of_torch(mean, log_std, actions):
    return torch.distributions.Normal(mean, log_std.exp()).log_prob(actions).sum(-1)


def log_prob_independent(mean, log_std, actions):
    return torch.distributions.Independent(torch.distributions.Normal(mean, log_std.exp()), 1).log_prob(actions)


def log_prob_by_dimensions(mean, log_std, actions):
    total = torch.zeros(len(mean))
    for d in range(mean.shape[1]):
        variance = torch.exp(2 * log_std[d])
        squared = (actions[:, d] - mean[:, d]) ** 2
        total = total - squared / (2 * variance) - 0.5 * torch.log(2 * math.pi * variance)
    return total


LOG_2_PI = math.log(2 * math.pi)


def make_log_prob(
    std=lambda log_std: log_std.exp(),
    power=lambda z: -0.5 * z**2,
    width=lambda log_std: -log_std,
    constant=lambda d: -0.5 * LOG_2_PI,
    reduce=lambda terms: terms.sum(dim=1),
):
    """The log-probability with one part exchanged."""

    def attempt(mean, log_std, actions):
        terms = power((actions - mean) / std(log_std)) + width(log_std) + constant(mean.shape[1])
        return reduce(terms)

    return attempt


GAUSS_MISTAKES = (
    Mistake(
        "std-for-log-std",
        "It takes `log_std` for the standard deviation itself: the deviation is `log_std.exp()`, and its logarithm is "
        "`log_std` as it comes.",
        make_log_prob(std=lambda s: s, width=lambda s: -s.log()),
    ),
    Mistake(
        "divides-by-log-std",
        "z is divided by the *logarithm* of the standard deviation: divide by `log_std.exp()`.",
        make_log_prob(std=lambda s: s),
    ),
    Mistake(
        "subtracts-std",
        "It subtracts σ where log σ belongs: a standard deviation in the place of its logarithm.",
        make_log_prob(width=lambda s: -s.exp()),
    ),
    Mistake(
        "log-of-log",
        "It takes the logarithm of `log_std`, which is a logarithm already.",
        make_log_prob(width=lambda s: -s.log()),
    ),
    Mistake(
        "divides-by-variance",
        "z is divided by the variance σ²: the standard deviation σ = exp(log_std) is wanted.",
        make_log_prob(std=lambda s: (2 * s).exp()),
    ),
    Mistake(
        "log-variance",
        "It takes `log_std` for the logarithm of the *variance*, in z and in the normalisation.",
        make_log_prob(std=lambda s: (s / 2).exp(), width=lambda s: -s / 2),
    ),
    Mistake(
        "log-variance-in-z",
        "In z it takes `log_std` for the logarithm of the *variance*.",
        make_log_prob(std=lambda s: (s / 2).exp()),
    ),
    Mistake(
        "subtracts-log-variance",
        "It subtracts the logarithm of the variance, 2 log σ: the density is divided by σ, so it is log σ, once.",
        make_log_prob(width=lambda s: -2 * s),
    ),
    Mistake("adds-log-std", "log σ is *subtracted*: a wider density is lower.", make_log_prob(width=lambda s: s)),
    Mistake(
        "no-log-std",
        "The term −log σ is missing: without it nothing keeps the spread from growing for ever.",
        make_log_prob(width=lambda s: 0.0 * s),
    ),
    Mistake("no-half", "The ½ before z² is missing.", make_log_prob(power=lambda z: -(z**2))),
    Mistake("not-squared", "z is not squared.", make_log_prob(power=lambda z: -0.5 * z)),
    Mistake(
        "no-minus",
        "The sign of z² is turned: the further from the mean, the *less* probable.",
        make_log_prob(power=lambda z: 0.5 * z**2),
    ),
    Mistake(
        "no-constant",
        "The constant −½ log 2π of each dimension is missing. It cancels out in a ratio, but the log-probability is "
        "not right without it.",
        make_log_prob(constant=lambda d: 0.0),
    ),
    Mistake(
        "whole-constant",
        "The constant is ½ log 2π, the logarithm of √(2π), not log 2π.",
        make_log_prob(constant=lambda d: -LOG_2_PI),
    ),
    Mistake(
        "no-two",
        "The constant is ½ log 2π: the 2 is missing.",
        make_log_prob(constant=lambda d: -0.5 * math.log(math.pi)),
    ),
    Mistake("adds-constant", "½ log 2π is *subtracted*.", make_log_prob(constant=lambda d: 0.5 * LOG_2_PI)),
    Mistake(
        "constant-once",
        "−½ log 2π is counted once. It belongs to *each* dimension of the action: add it before the sum.",
        make_log_prob(constant=lambda d: -0.5 * LOG_2_PI / d),
    ),
    Mistake(
        "not-summed",
        "It returns one number for each dimension, shape (batch, action_size). The dimensions are independent, so the "
        "action's probability is their product, and its logarithm their *sum*, shape (batch,).",
        make_log_prob(reduce=lambda terms: terms),
    ),
    Mistake(
        "summed-over-the-batch",
        "It sums over the batch, the first axis: sum over the dimensions of the action, `dim=1`.",
        make_log_prob(reduce=lambda terms: terms.sum(dim=0)),
    ),
    Mistake(
        "summed-over-all",
        "It sums over everything: one number for each *action* is wanted, so sum over `dim=1` only.",
        make_log_prob(reduce=lambda terms: terms.sum()),
    ),
    Mistake(
        "mean-over-dimensions",
        "It averages over the dimensions. Probabilities of independent dimensions are multiplied: sum the logarithms.",
        make_log_prob(reduce=lambda terms: terms.mean(dim=1)),
    ),
    Mistake(
        "multiplied",
        "It multiplies logarithms: probabilities are multiplied, so their logarithms are *added*.",
        make_log_prob(reduce=lambda terms: terms.prod(dim=1)),
    ),
    Mistake(
        "density",
        "It returns the density itself: its logarithm is wanted.",
        make_log_prob(reduce=lambda terms: terms.sum(dim=1).exp()),
    ),
    Mistake(
        "a-column",
        "It returns a column, shape (batch, 1): against a row (batch,) that would broadcast. Leave `keepdim` out.",
        make_log_prob(reduce=lambda terms: terms.sum(dim=1, keepdim=True)),
    ),
    Mistake(
        "no-gradient",
        "The numbers are right, but no gradient flows into mean and log_std: detach nothing here.",
        make_log_prob(reduce=lambda terms: terms.sum(dim=1).detach()),
    ),
)


def _case(label, batch, action_size, seed):
    generator = torch.Generator().manual_seed(seed)
    mean = torch.randn(batch, action_size, generator=generator)
    log_std = torch.randn(action_size, generator=generator) * 0.4 + 0.3
    actions = mean + 1.5 * torch.randn(batch, action_size, generator=generator)
    return Case(label, {"mean": mean.requires_grad_(), "log_std": log_std.requires_grad_(), "actions": actions})


GAUSSIAN_LOG_PROB = Exercise(
    id="gaussian-log-prob",
    name="gaussian_log_prob",
    notebook=NOTEBOOK,
    number="10.3",
    observe=observe_log_prob,
    cases=(
        _case("Four actions of three dimensions", 4, 3, 1),
        _case("Three actions of one dimension", 3, 1, 2),
        _case("One action of two dimensions", 1, 2, 3),
    ),
    right=(gaussian_log_prob, log_prob_of_torch, log_prob_independent, log_prob_by_dimensions),
    mistakes=GAUSS_MISTAKES,
    tolerance=1e-5,
)

EXERCISES = (GAUSSIAN_LOG_PROB,)
