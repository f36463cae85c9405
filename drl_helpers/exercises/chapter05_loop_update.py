"""What people get wrong in exercise 5.4 of chapter 05: in learning."""

import numpy as np
import torch
from torch.nn import functional as F

from drl_helpers.dqn import frozen_td_target
from drl_helpers.exercises.chapter05_loop_parts import due, make_learn, make_loop
from drl_helpers.exercises.chapter05_targets import pick
from drl_helpers.exercises.spec import Mistake


def _squared(reduction):
    return lambda predictions, targets: F.mse_loss(predictions, targets, reduction=reduction)


def _every_pair(predictions, targets):
    return F.smooth_l1_loss(predictions[:, None].expand(-1, len(targets)), targets.expand(len(targets), -1))


def _own_target(td_target, batch, run):
    return frozen_td_target(batch, run.q_network, run.target_network, run.config.gamma)


def _with_online_twice(td_target, batch, run):
    return td_target(batch, run.q_network, run.q_network, run.config.gamma)


def _networks_swapped(td_target, batch, run):
    return td_target(batch, run.target_network, run.q_network, run.config.gamma)


def _own_optimizer(run):
    run.optimizer = torch.optim.SGD(run.q_network.parameters(), lr=0.1)


def _detached(q_network, batch):
    return pick(q_network(batch.obs), batch.actions).detach()


UPDATE_MISTAKES = (
    Mistake("never-learns", "It never learns: no batch is ever sampled.", make_loop(due=lambda run, done: False)),
    Mistake(
        "learns-too-early",
        "It learns before `config.learning_starts` steps have been done, from the little that is there.",
        make_loop(due=lambda run, done: run.step % run.config.train_every == 0),
    ),
    Mistake(
        "learns-at-every-step",
        "Once it learns, it does so at *every* step: only every `config.train_every` steps, `run.step % … == 0`.",
        make_loop(due=lambda run, done: run.step >= run.config.learning_starts),
    ),
    Mistake(
        "or-for-and",
        "It learns when *either* condition holds; both must: enough steps done, *and* an update due.",
        make_loop(
            due=lambda run, done: run.step >= run.config.learning_starts or run.step % run.config.train_every == 0
        ),
    ),
    Mistake(
        "starts-late",
        "The update at step `config.learning_starts` itself is missing: from there *on*, `>=`.",
        make_loop(due=lambda run, done: due(run, done) and run.step > run.config.learning_starts),
    ),
    Mistake(
        "all-but-due",
        "It learns at all steps but those at which an update is due: the remainder must be 0.",
        make_loop(
            due=lambda run, done: run.step >= run.config.learning_starts and run.step % run.config.train_every != 0
        ),
    ),
    Mistake(
        "counts-from-zero-each-call",
        "It counts the steps of this *call*; a run that goes on has done more: count with `run.step`.",
        make_loop(due=lambda run, done: done >= run.config.learning_starts and done % run.config.train_every == 0),
    ),
    Mistake(
        "steps-before-this-one",
        "It counts one step too few: `run.step` is to be held against the settings after it has been raised.",
        make_loop(
            due=lambda run, done: run.step > run.config.learning_starts and (run.step - 1) % run.config.train_every == 0
        ),
    ),
    Mistake(
        "no-zero",
        "The old gradients are never cleared, and `backward` *adds* to what is there: `run.optimizer.zero_grad()`.",
        make_loop(learn=make_learn(("backward", "step"))),
    ),
    Mistake(
        "no-backward",
        "No gradient is computed: `loss.backward()` is missing between `zero_grad` and `step`.",
        make_loop(learn=make_learn(("zero", "step"))),
    ),
    Mistake(
        "no-step",
        "Gradients are computed, but `run.optimizer.step()` is missing: no weight changes.",
        make_loop(learn=make_learn(("zero", "backward"))),
    ),
    Mistake(
        "wrong-order",
        "When the optimizer steps, no gradient is there: the order is `zero_grad`, `backward`, `step`.",
        make_loop(learn=make_learn(("backward", "zero", "step"))),
    ),
    Mistake(
        "own-optimizer",
        "The steps are taken by another optimizer than `run.optimizer`, which keeps its averages from call to call.",
        make_loop(start=_own_optimizer),
    ),
    Mistake(
        "two-steps",
        "The optimizer takes two steps for one batch.",
        make_loop(learn=make_learn(("zero", "backward", "step", "step"))),
    ),
    Mistake(
        "squared-error",
        "It uses the squared error, as chapter 03 did. Here it is the Huber loss, `F.smooth_l1_loss`, in which no "
        "single TD error can rule an update.",
        make_loop(learn=make_learn(loss=_squared("mean"))),
    ),
    Mistake(
        "summed-squared-error",
        "It sums squared errors: take the Huber loss, `F.smooth_l1_loss`, whose mean over the batch is its default.",
        make_loop(learn=make_learn(loss=_squared("sum"))),
    ),
    Mistake(
        "sum",
        "It sums the loss over the batch; take the mean, so that the step does not grow with the batch.",
        make_loop(learn=make_learn(loss=lambda p, t: F.smooth_l1_loss(p, t, reduction="sum"))),
    ),
    Mistake(
        "absolute-error",
        "It uses the absolute error, `l1_loss`: the Huber loss is `F.smooth_l1_loss`.",
        make_loop(learn=make_learn(loss=F.l1_loss)),
    ),
    Mistake(
        "uphill",
        "It climbs: the loss has the wrong sign.",
        make_loop(learn=make_learn(loss=lambda p, t: -F.smooth_l1_loss(p, t))),
    ),
    Mistake(
        "one-a-row",
        "The loss has one number for each row (`reduction='none'`): average them before `backward`.",
        make_loop(learn=make_learn(loss=lambda p, t: F.smooth_l1_loss(p, t, reduction="none"))),
    ),
    Mistake(
        "broadcast",
        "A column (batch, 1) meets a row (batch,): each value is compared with *every* target. `chosen_q_values` gives "
        "shape (batch,).",
        make_loop(learn=make_learn(loss=_every_pair)),
    ),
    Mistake(
        "all-actions",
        "It compares the values of *all* actions with the targets: only the action taken has one. Use "
        "`chosen_q_values`.",
        make_loop(
            learn=make_learn(
                predict=lambda q_network, batch: q_network(batch.obs), loss=lambda p, t: (p - t).abs().mean()
            )
        ),
    ),
    Mistake(
        "highest-value",
        "Its prediction is the highest value in s; the value of the action *taken* is learned: `chosen_q_values`.",
        make_loop(learn=make_learn(predict=lambda q_network, batch: q_network(batch.obs).amax(dim=1))),
    ),
    Mistake(
        "predicts-next",
        "Its prediction is taken at `batch.next_obs`; it is to be that of `batch.obs`.",
        make_loop(learn=make_learn(predict=lambda q_network, batch: pick(q_network(batch.next_obs), batch.actions))),
    ),
    Mistake(
        "prediction-detached",
        "No gradient can flow: the prediction was detached, or computed under `torch.no_grad()`. Only the *targets* "
        "are constants.",
        make_loop(learn=make_learn(predict=_detached)),
    ),
    Mistake(
        "two-batches",
        "The targets come from one batch and the predictions from another: sample once an update.",
        make_loop(learn=make_learn(again=True)),
    ),
    Mistake(
        "own-sampling",
        "The batch is not drawn with the run's `rng`, so the run cannot be repeated from its seed.",
        make_loop(learn=make_learn(rng=lambda run: np.random.default_rng())),
    ),
    Mistake(
        "whole-memory",
        "It takes a batch as large as the memory: `config.batch_size` transitions are wanted.",
        make_loop(learn=make_learn(size=lambda run: len(run.memory))),
    ),
    Mistake(
        "own-target",
        "The argument `td_target` is not used: call `td_target(...)`, so that Double DQN can be passed later.",
        make_loop(learn=make_learn(target=_own_target)),
    ),
    Mistake(
        "no-target-network",
        "`td_target` is given `run.q_network` twice, so there is no target network at all.",
        make_loop(learn=make_learn(target=_with_online_twice)),
    ),
    Mistake(
        "networks-swapped",
        "The two networks are swapped in the call of `td_target`: first `run.q_network`, then `run.target_network`.",
        make_loop(learn=make_learn(target=_networks_swapped)),
    ),
)
