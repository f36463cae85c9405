"""Exercise 8.7 of chapter 08: the entropy of a policy."""

import math

import torch

from drl_helpers.exercises.chapter08_log_prob import SURE, WIDE, logits_of, observe_rows
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "08_policy_gradient"


def by_categorical(logits):
    return torch.distributions.Categorical(logits=logits).entropy()


def by_logsumexp(logits):
    return torch.logsumexp(logits, dim=1) - (torch.softmax(logits, dim=1) * logits).sum(dim=1)


def by_einsum(logits):
    return -torch.einsum("ba,ba->b", logits.softmax(dim=-1), logits.log_softmax(dim=-1))


def _log_of_softmax(logits):
    probs = logits.softmax(dim=1)
    return -(probs * probs.log()).sum(dim=1)


def _with_a_small_number(logits):
    probs = logits.softmax(dim=1)
    return -(probs * (probs + 1e-3).log()).sum(dim=1)


def make_entropy(reduce=lambda terms: -terms.sum(dim=1), dim=1, start=lambda logits: logits):
    """The entropy with one part exchanged."""

    def attempt(logits):
        log_probs = start(logits).log_softmax(dim=dim)
        return reduce(log_probs.exp() * log_probs)

    return attempt


ENTROPY_MISTAKES = (
    Mistake(
        "log-of-zero",
        "0 · log 0 is NaN in the computer: a probability too small for float32 is 0, its logarithm −∞. Take the "
        "logarithms from `log_softmax`, and the probabilities as their `exp()`.",
        _log_of_softmax,
    ),
    Mistake(
        "small-number",
        "A number is added before the logarithm, and it changes the entropy where it matters: `log_softmax` needs no "
        "such help.",
        _with_a_small_number,
    ),
    Mistake(
        "no-minus",
        "The minus is missing: logarithms of probabilities are negative, the entropy never is. As a bonus it would "
        "make the policy *sure*.",
        make_entropy(lambda terms: terms.sum(dim=1)),
    ),
    Mistake("over-the-batch", "The softmax runs down the batch (dim 0): `dim=1`.", make_entropy(dim=0)),
    Mistake(
        "summed-over-the-batch",
        "It sums down the batch (dim 0): sum over the actions, `dim=1`.",
        make_entropy(lambda terms: -terms.sum(dim=0)),
    ),
    Mistake(
        "mean-over-actions",
        "It takes the mean over the actions, so it is too small by their number: the entropy is a *sum* over them.",
        make_entropy(lambda terms: -terms.mean(dim=1)),
    ),
    Mistake(
        "one-number",
        "It is one number for the whole batch; keep one for each row.",
        make_entropy(lambda terms: -terms.sum(dim=1).mean()),
    ),
    Mistake(
        "a-sum-of-everything",
        "It sums over batch and actions together: `sum(dim=1)`.",
        make_entropy(lambda terms: -terms.sum()),
    ),
    Mistake("not-summed", "It does not sum over the actions.", make_entropy(lambda terms: -terms)),
    Mistake(
        "a-column",
        "Its shape is (batch, 1): leave out `keepdim`.",
        make_entropy(lambda terms: -terms.sum(dim=1, keepdim=True)),
    ),
    Mistake(
        "base-two",
        "It is in bits, with logarithms to base 2; here entropy is in nats.",
        make_entropy(lambda terms: -terms.sum(dim=1) / math.log(2)),
    ),
    Mistake(
        "scaled-to-one",
        "It is divided by the largest entropy there is. Wanted is the entropy itself, in nats.",
        lambda logits: by_logsumexp(logits) / math.log(logits.shape[1]),
    ),
    Mistake(
        "no-probabilities",
        "Each logarithm has to be weighted with its probability before the sum.",
        lambda logits: -logits.log_softmax(dim=1).sum(dim=1),
    ),
    Mistake(
        "of-the-logits",
        "It takes the logits for probabilities' logarithms. They are not, until `log_softmax` has been taken.",
        lambda logits: -(logits.softmax(dim=1) * logits).sum(dim=1),
    ),
    Mistake(
        "detached",
        "No gradient flows through it, so as a bonus it would do nothing.",
        make_entropy(start=lambda logits: logits.detach()),
    ),
    Mistake(
        "half-detached",
        "The probabilities are detached. The entropy's gradient goes through both factors.",
        lambda logits: -(logits.softmax(dim=1).detach() * logits.log_softmax(dim=1)).sum(dim=1),
    ),
)

ENTROPY = Exercise(
    id="entropy",
    name="entropy",
    notebook=NOTEBOOK,
    number="8.7",
    observe=observe_rows,
    cases=(
        Case("Three rows, four actions", {"logits": logits_of(WIDE)}),
        Case("Logits as large as ±200", {"logits": logits_of(SURE)}),
        Case("A batch of one", {"logits": logits_of([[0.5, -1.0, 2.0]])}),
    ),
    right=(by_logsumexp, by_categorical, by_einsum),
    mistakes=ENTROPY_MISTAKES,
    tolerance=2e-5,
)

EXERCISES = (ENTROPY,)
