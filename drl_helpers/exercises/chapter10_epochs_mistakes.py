"""What goes wrong in the loop over epochs: exercise 10.5 of chapter 10."""

import numpy as np
import torch

from drl_helpers.exercises.case_run import clip_apart
from drl_helpers.exercises.chapter10_epochs_parts import make_epochs
from drl_helpers.exercises.spec import Mistake


def _unshuffled(run, num_rows):
    for _ in range(run.config.epochs):
        yield from np.array_split(np.arange(num_rows), run.config.minibatches)


def _shuffled_once(run, num_rows):
    minibatches = np.array_split(run.rng.permutation(num_rows), run.config.minibatches)
    for _ in range(run.config.epochs):
        yield from minibatches


def _with_replacement(run, num_rows):
    for _ in range(run.config.epochs * run.config.minibatches):
        yield run.rng.integers(num_rows, size=num_rows // run.config.minibatches)


def _one_epoch(run, num_rows):
    yield from np.array_split(run.rng.permutation(num_rows), run.config.minibatches)


def _whole_batch(run, num_rows):
    for _ in range(run.config.epochs):
        yield run.rng.permutation(num_rows)


def _first_only(run, num_rows):
    for _ in range(run.config.epochs):
        yield np.array_split(run.rng.permutation(num_rows), run.config.minibatches)[0]


def _exchanged(run, num_rows):
    for _ in range(run.config.minibatches):
        yield from np.array_split(run.rng.permutation(num_rows), run.config.epochs)


def _size_for_number(run, num_rows):
    for _ in range(run.config.epochs):
        yield from torch.from_numpy(run.rng.permutation(num_rows)).split(run.config.minibatches)


def _another_generator(run, num_rows):
    for _ in range(run.config.epochs):
        yield from torch.randperm(num_rows).chunk(run.config.minibatches)


def _spoils_advantages(run, data):
    data.advantages.sub_(data.advantages.mean()).div_(data.advantages.std(correction=0))
    return data


def _updates_statistics(run, data):
    data = data._replace(obs=data.obs.clone())
    run.policy.norm.update(data.obs)
    return data


LOOP_MISTAKES = (
    Mistake(
        "not-shuffled",
        "The rows are never shuffled. A minibatch of successive steps is nearly one state many times over, and every "
        "epoch repeats it: draw a permutation of all row numbers for each epoch.",
        make_epochs(minibatches=_unshuffled),
    ),
    Mistake(
        "shuffled-once",
        "The rows are shuffled once, and all epochs reuse the same minibatches: draw a permutation for each epoch.",
        make_epochs(minibatches=_shuffled_once),
    ),
    Mistake(
        "with-replacement",
        "Rows are drawn at random, so that some come twice in an epoch and others not at all: cut a permutation into "
        "pieces.",
        make_epochs(minibatches=_with_replacement),
    ),
    Mistake(
        "one-epoch", "It makes one pass only: `config.epochs` passes are wanted.", make_epochs(minibatches=_one_epoch)
    ),
    Mistake(
        "whole-batch",
        "It takes all rows in one step: cut them into `config.minibatches` pieces, with a step for each.",
        make_epochs(minibatches=_whole_batch),
    ),
    Mistake(
        "first-only",
        "It uses the first minibatch of each epoch and drops the others.",
        make_epochs(minibatches=_first_only),
    ),
    Mistake(
        "exchanged",
        "`epochs` and `minibatches` are exchanged.",
        make_epochs(minibatches=_exchanged),
    ),
    Mistake(
        "size-for-number",
        "`config.minibatches` is the *number* of minibatches in an epoch, not their size: `chunk`, not `split`.",
        make_epochs(minibatches=_size_for_number),
    ),
    Mistake(
        "another-generator",
        "The rows are shuffled by another generator than `run.rng`, so that a run cannot be repeated.",
        make_epochs(minibatches=_another_generator),
    ),
    Mistake(
        "no-zero",
        "The old gradients are never cleared: `backward` adds to what is there. Call `zero_grad()` first.",
        make_epochs(parts=("backward", "clip", "step")),
    ),
    Mistake(
        "cleared-too-late",
        "The gradients are cleared after `backward`, so nothing is left to step along.",
        make_epochs(parts=("backward", "zero", "clip", "step")),
    ),
    Mistake("no-step", "The optimizer never takes a step.", make_epochs(parts=("zero", "backward", "clip"))),
    Mistake(
        "no-grad-clip",
        "The gradient is not limited to `config.max_grad_norm`: clip it between `backward` and `step`.",
        make_epochs(parts=("zero", "backward", "step")),
    ),
    Mistake(
        "clip-too-late",
        "The gradient is clipped after the step: it has to happen between `backward` and `step`.",
        make_epochs(parts=("zero", "backward", "step", "clip")),
    ),
    Mistake(
        "clipped-apart",
        "The gradients of policy and critic are clipped each on its own: `run.parameters` holds all of them.",
        make_epochs(clip=clip_apart),
    ),
    Mistake(
        "changes-advantages",
        "It standardises `advantages` in place: work on `advantages[rows]`, which is a copy.",
        make_epochs(before=_spoils_advantages),
    ),
    Mistake(
        "updates-statistics",
        "It updates `policy.norm`. While a rollout is learned the statistics must stay as they were when it was "
        "played, or the ratio changes although no weight has.",
        make_epochs(before=_updates_statistics),
    ),
)
