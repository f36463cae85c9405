"""Exercise 10.4 of chapter 10: running mean and variance."""

import torch

from drl_helpers.exercises.chapter10_norm_mistakes import NORM_MISTAKES
from drl_helpers.exercises.spec import Case, Exercise
from drl_helpers.ppo import RunningNorm

NOTEBOOK = "10_ppo"


class Batches:
    """The batches given to `update`, one after the other."""

    def __init__(self, seed, *sizes):
        generator = torch.Generator().manual_seed(seed)
        self.batches = [
            (1.5 + number) * torch.randn(size, generator=generator) + 2.0 * number + 1.0
            for number, size in enumerate(sizes)
        ]

    def __repr__(self):
        return ", then ".join(f"a batch of shape {tuple(batch.shape)}" for batch in self.batches)


def observe_norm(attempt, case):
    """The statistics after each batch, and what they make of a batch at the end."""
    shape, batches = case.args["shape"], [batch.clone() for batch in case.args["batches"].batches]
    norm, seen = attempt(shape), {}
    for number, batch in enumerate(batches, 1):
        before = batch.clone()
        norm.update(batch)
        seen[f"the batch afterwards ({number})"] = "unchanged" if torch.equal(batch, before) else "changed"
        for name in ("count", "mean", "var"):
            seen[f"`{name}` after batch {number}"] = _numbers(getattr(norm, name))
    kept = norm.state_dict()
    same = all(name in kept and torch.equal(kept[name], getattr(norm, name)) for name in ("count", "mean", "var"))
    return seen | {"the statistics in `state_dict()`": "there, and up to date" if same else "missing, or old ones"}


def _numbers(value):
    """A copy as float32, so that an integer count is as good as a float; shapes stay."""
    return torch.as_tensor(value).detach().to(torch.float32).clone()


class NormBySums(RunningNorm):
    """Chan's formula through sums of squared deviations."""

    def update(self, batch):
        rows, old = len(batch), float(self.count)
        batch_mean = batch.mean(dim=0)
        squares = self.var * old + ((batch - batch_mean) ** 2).sum(dim=0)
        squares += (batch_mean - self.mean) ** 2 * old * rows / (old + rows)
        self.mean = (self.mean * old + batch.sum(dim=0)) / (old + rows)
        self.var, self.count = squares / (old + rows), torch.tensor(old + rows)


class NormByMoments(RunningNorm):
    """Through the mean of the squares, in double precision."""

    def update(self, batch):
        batch = batch.double()
        total = self.count.double() + len(batch)
        mean_of_squares = ((self.var.double() + self.mean.double() ** 2) * self.count + (batch**2).sum(0)) / total
        mean = (self.mean.double() * self.count + batch.sum(0)) / total
        self.mean.copy_(mean)
        self.var.copy_(mean_of_squares - mean**2)
        self.count += len(batch)


class NormByRows(RunningNorm):
    """One row at a time (Welford, 1962)."""

    def update(self, batch):
        for row in batch:
            self.count += 1
            shift = row - self.mean
            self.mean += shift / self.count
            self.var += (shift * (row - self.mean) - self.var) / self.count


def _case(label, shape, seed, *rows):
    sizes = [(n, *shape) for n in rows]
    return Case(label, {"shape": shape, "batches": Batches(seed, *sizes)})


RUNNING_NORM = Exercise(
    id="running-norm",
    name="RunningNorm",
    notebook=NOTEBOOK,
    number="10.4",
    observe=observe_norm,
    cases=(
        _case("Three batches of different sizes, two entries a row", (2,), 1, 5, 3, 9),
        _case("Single numbers", (), 2, 4, 6),
        _case("The last batch is one row", (3,), 3, 2, 5, 1),
    ),
    right=(RunningNorm, NormBySums, NormByMoments, NormByRows),
    mistakes=NORM_MISTAKES,
    tolerance=1e-4,
)

EXERCISES = (RUNNING_NORM,)
