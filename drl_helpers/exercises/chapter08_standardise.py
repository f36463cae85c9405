"""Exercise 8.6 of chapter 08: standardised advantages."""

import torch

from drl_helpers.exercises.chapter08_baseline import standardise_by_var
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "08_policy_gradient"


def standardise_population(advantages):
    return (advantages - advantages.mean()) / (torch.std(advantages, unbiased=False) + 1e-6)


def standardise_var_mean(advantages):
    variance, mean = torch.var_mean(advantages, correction=0)
    return (advantages - mean) / torch.sqrt(variance + 1e-8)


def _numpy(advantages):
    return (advantages - advantages.mean()) / max(float(advantages.std(correction=0)), 1e-8)


def make_standard(
    centre=lambda a: a.mean(), spread=lambda a: a.std(correction=0), join=lambda a, mean, std: (a - mean) / (std + 1e-8)
):
    """The same with one part exchanged."""
    return lambda advantages: join(advantages, centre(advantages), spread(advantages))


def _in_place(advantages):
    advantages -= advantages.mean()
    advantages /= advantages.std(correction=0) + 1e-8
    return advantages


STANDARD_MISTAKES = (
    Mistake(
        "divides-by-zero",
        "Where all advantages are equal it divides 0 by 0, and the NaN would spread into every weight: add a small "
        "number, such as 1e-8, to the standard deviation.",
        make_standard(join=lambda a, mean, std: (a - mean) / std),
    ),
    Mistake(
        "sample-deviation",
        "`std()` divides by B − 1, which makes NaN of a batch of one: `std(correction=0)` divides by B.",
        make_standard(spread=lambda a: a.std()),
    ),
    Mistake(
        "sample-deviation-and-zero",
        "Two things: `std()` divides by B − 1 (say `correction=0`), and nothing keeps it from dividing by zero.",
        make_standard(spread=lambda a: a.std(), join=lambda a, mean, std: (a - mean) / std),
    ),
    Mistake(
        "variance",
        "It divides by the *variance*; the result has standard deviation 1 only after dividing by its root.",
        make_standard(spread=lambda a: a.var(correction=0)),
    ),
    Mistake("not-centred", "The mean is not subtracted.", make_standard(centre=lambda a: 0.0)),
    Mistake("not-scaled", "It is not divided by the standard deviation.", make_standard(spread=lambda a: 1.0)),
    Mistake(
        "median",
        "It subtracts the median; the mean is wanted.",
        make_standard(centre=lambda a: a.median()),
    ),
    Mistake(
        "brackets",
        "Brackets are missing: the division comes before the subtraction.",
        make_standard(join=lambda a, mean, std: a - mean / (std + 1e-8)),
    ),
    Mistake(
        "mean-added",
        "The mean is added: subtract it.",
        make_standard(join=lambda a, mean, std: (a + mean) / (std + 1e-8)),
    ),
    Mistake(
        "sign",
        "The sign is turned: mean minus advantage. What was good would become bad.",
        make_standard(join=lambda a, mean, std: (mean - a) / (std + 1e-8)),
    ),
    Mistake(
        "between-zero-and-one",
        "It maps the advantages to 0 … 1: then none is negative, and nothing is discouraged.",
        lambda a: (a - a.min()) / (a.max() - a.min() + 1e-8),
    ),
    Mistake(
        "softmax",
        "That is a softmax, which makes all of them positive.",
        lambda a: a.softmax(dim=0),
    ),
    Mistake(
        "unit-length",
        "It divides by the *length* of the vector, which grows with the batch: the standard deviation is the root of "
        "the *mean* of the squares.",
        make_standard(spread=lambda a: (a - a.mean()).norm()),
    ),
    Mistake(
        "in-place",
        "It changes its argument: the advantages as they were may still be needed.",
        _in_place,
    ),
)

STANDARD = Exercise(
    id="standardise",
    name="standardise",
    notebook=NOTEBOOK,
    number="8.6",
    cases=(
        Case("Five advantages", {"advantages": torch.tensor([4.0, -1.0, 2.5, 7.0, 0.5])}),
        Case("All alike", {"advantages": torch.full((4,), 3.0)}),
        Case("A batch of one", {"advantages": torch.tensor([2.0])}),
        Case("Large ones", {"advantages": torch.tensor([900.0, 1100.0, 1250.0])}),
    ),
    right=(standardise_by_var, standardise_population, standardise_var_mean, _numpy),
    mistakes=STANDARD_MISTAKES,
    tolerance=1e-4,
    equivalent={
        "return (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-08) → "
        "return (advantages - advantages.mean()) / (advantages.std(correction=0) - 1e-08)": "0 / −1e-8 is 0 as well",
    },
)

EXERCISES = (STANDARD,)
