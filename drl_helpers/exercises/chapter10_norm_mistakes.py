"""What goes wrong in running statistics: exercise 10.4 of chapter 10."""

import torch

from drl_helpers.exercises.spec import Mistake
from drl_helpers.ppo import RunningNorm


def make_norm(
    rows=len,
    batch_mean=lambda b: b.mean(dim=0),
    batch_var=lambda b: b.var(dim=0, correction=0),
    mean=lambda old, shift, rows, count, total: old + shift * rows / total,
    var=lambda old, new, shift, rows, count, total: (
        (old * count + new * rows + shift**2 * count * rows / total) / total
    ),
    shift_from=lambda old_mean, new_mean: old_mean,
    count=lambda old, total: total,
):
    """Running statistics with one part of `update` exchanged."""

    class Attempt(RunningNorm):
        def update(self, batch):
            n, old = rows(batch), self.count.clone()
            total, centre = old + n, batch_mean(batch)
            new_mean = mean(self.mean, centre - self.mean, n, old, total)
            shift = centre - shift_from(self.mean, new_mean)
            self.var = var(self.var, batch_var(batch), shift, n, old, total)
            self.mean, self.count = new_mean, torch.as_tensor(count(old, total), dtype=torch.float32)

    return Attempt


class _Forgetful(RunningNorm):
    def update(self, batch):
        pass


class _ChangesTheBatch(RunningNorm):
    def update(self, batch):
        super().update(batch)
        batch -= batch.mean(dim=0)


class _CountFirst(RunningNorm):
    def update(self, batch):
        self.count += len(batch)
        super().update(batch)
        self.count -= len(batch)


NORM_MISTAKES = (
    Mistake(
        "mean-first",
        "The mean is moved before the variance needs it: the shift is between the batch's mean and the *old* mean. "
        "Compute it first.",
        make_norm(shift_from=lambda old, new: new),
    ),
    Mistake(
        "no-shift-term",
        "The term with the squared shift is missing. Batches that lie apart vary more together than each does within.",
        make_norm(var=lambda o, n, d, rows, count, total: (o * count + n * rows) / total),
    ),
    Mistake(
        "shift-not-squared",
        "The shift enters the variance *squared*.",
        make_norm(var=lambda o, n, d, rows, count, total: (o * count + n * rows + d * count * rows / total) / total),
    ),
    Mistake(
        "shift-weighs-too-much",
        "The squared shift weighs n · n_b / (n + n_b); then all is divided by n + n_b. A division is missing.",
        make_norm(var=lambda o, n, d, rows, count, total: (o * count + n * rows + d**2 * count * rows) / total),
    ),
    Mistake(
        "shift-unweighted",
        "The squared shift is added with the weight of the batch alone: it is n · n_b / (n + n_b).",
        make_norm(var=lambda o, n, d, rows, count, total: (o * count + n * rows + d**2 * rows) / total),
    ),
    Mistake(
        "batch-var-added",
        "The batch's variance is added to the old one: the two are *averaged*, each weighed by its number of rows.",
        make_norm(var=lambda o, n, d, rows, count, total: o + n),
    ),
    Mistake(
        "not-divided",
        "The sum of squared deviations is not divided by the number of all rows.",
        make_norm(var=lambda o, n, d, rows, count, total: o * count + n * rows + d**2 * count * rows / total),
    ),
    Mistake(
        "last-variance",
        "The variance of the last batch takes the place of all that was known.",
        make_norm(var=lambda o, n, d, rows, count, total: n),
    ),
    Mistake(
        "variance-never-moves",
        "`var` is never updated.",
        make_norm(var=lambda o, n, d, rows, count, total: o),
    ),
    Mistake(
        "deviation",
        "`var` gets a standard deviation; `forward` takes the root of `var`, so the variance belongs there.",
        make_norm(batch_var=lambda b: b.std(dim=0, correction=0)),
    ),
    Mistake(
        "root-of-all",
        "`var` gets the root of the variance; `forward` takes the root of it a second time.",
        make_norm(
            var=lambda o, n, d, rows, count, total: (
                (o**2 * count + n * rows + d**2 * count * rows / total) / total
            ).sqrt()
        ),
    ),
    Mistake(
        "sample-variance",
        "The batch's variance divides by one row less: that of *these* rows is wanted, `correction=0`. (And for one "
        "row that is 0.)",
        make_norm(batch_var=lambda b: ((b - b.mean(dim=0)) ** 2).sum(dim=0) / (len(b) - 1)),
    ),
    Mistake(
        "forgotten-count",
        "`count` is never updated, so each batch looks like the first one and replaces all that came before.",
        make_norm(count=lambda old, total: old),
    ),
    Mistake(
        "counts-batches",
        "`count` counts batches; it must count *rows*, or a small batch weighs as much as a large one.",
        make_norm(rows=lambda b: 1),
    ),
    Mistake(
        "counts-numbers",
        "`count` counts single numbers; it must count *rows*, `len(batch)`.",
        make_norm(rows=lambda b: b.numel()),
    ),
    Mistake(
        "count-is-the-batch",
        "`count` is set to the rows of the last batch: they are *added* to it.",
        make_norm(count=lambda old, total: total - old),
    ),
    Mistake(
        "count-first",
        "`count` already includes the batch when the weights are computed, so the batch is counted twice.",
        _CountFirst,
    ),
    Mistake(
        "halfway",
        "The mean goes half of the way to the batch's mean, whatever their numbers of rows: go by n_b / (n + n_b).",
        make_norm(mean=lambda old, d, rows, count, total: old + d / 2),
    ),
    Mistake(
        "weights-swapped",
        "The weights are swapped: the mean goes towards the batch by the share of the *batch*.",
        make_norm(mean=lambda old, d, rows, count, total: old + d * count / total),
    ),
    Mistake(
        "whole-way",
        "The mean is replaced by that of the last batch.",
        make_norm(mean=lambda old, d, rows, count, total: old + d),
    ),
    Mistake(
        "away",
        "The mean moves *away* from the batch: the shift has the wrong sign.",
        make_norm(mean=lambda old, d, rows, count, total: old - d * rows / total),
    ),
    Mistake("mean-never-moves", "`mean` is never updated.", make_norm(mean=lambda old, d, rows, count, total: old)),
    Mistake(
        "exponential",
        "It moves by a fixed share of 0.1, as batch normalisation does. Here every row counts alike, whenever it came.",
        make_norm(
            mean=lambda old, d, rows, count, total: old + 0.1 * d,
            var=lambda o, n, d, rows, count, total: 0.9 * o + 0.1 * n,
        ),
    ),
    Mistake(
        "one-mean-for-all",
        "It takes one mean over everything: each entry of an observation has its own, so average over `dim=0` only.",
        make_norm(batch_mean=lambda b: b.mean(), batch_var=lambda b: b.var(correction=0)),
    ),
    Mistake(
        "wrong-axis",
        "It averages over the wrong axis: rows are the first one, `dim=0`.",
        make_norm(batch_mean=lambda b: b.mean(dim=-1), batch_var=lambda b: b.var(dim=-1, correction=0)),
    ),
    Mistake("nothing", "Nothing has changed after `update`.", _Forgetful),
    Mistake("changes-the-batch", "It changes the batch that it was given.", _ChangesTheBatch),
)
