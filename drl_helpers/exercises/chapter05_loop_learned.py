"""What exercise 5.4 of chapter 05 sees of learning: what an update lowers, how the target network follows."""

import copy
from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional as F

from drl_helpers.exercises.chapter05_loop_run import LEARNING_RATE
from drl_helpers.exercises.chapter05_targets import pick

LOSSES = {
    "the Huber loss, averaged over the batch": lambda q, b, t: F.smooth_l1_loss(pick(q(b.obs), b.actions), t),
    "the Huber loss, summed over the batch": lambda q, b, t: F.smooth_l1_loss(pick(q(b.obs), b.actions), t) * len(t),
    "the squared error": lambda q, b, t: F.mse_loss(pick(q(b.obs), b.actions), t),
    "the squared error, summed": lambda q, b, t: F.mse_loss(pick(q(b.obs), b.actions), t) * len(t),
    "half of the squared error": lambda q, b, t: F.mse_loss(pick(q(b.obs), b.actions), t) / 2,
    "the absolute error": lambda q, b, t: F.l1_loss(pick(q(b.obs), b.actions), t),
    "the Huber loss, uphill": lambda q, b, t: -F.smooth_l1_loss(pick(q(b.obs), b.actions), t),
    "the Huber loss of the highest values": lambda q, b, t: F.smooth_l1_loss(q(b.obs).amax(dim=1), t),
    "the Huber loss of the values at `next_obs`": lambda q, b, t: F.smooth_l1_loss(pick(q(b.next_obs), b.actions), t),
    "the Huber loss of each value with each target": lambda q, b, t: F.smooth_l1_loss(
        pick(q(b.obs), b.actions)[:, None].expand(-1, len(t)), t.expand(len(t), -1)
    ),
}


def _some(numbers):
    return ", ".join(map(str, numbers[:6])) + f", … ({len(numbers)} in all)" if numbers else "never"


def learned(run):
    """What is sampled, what `td_target` is given, and what the optimizer does, in words."""
    when = [update.steps for update in run.updates]
    names = {id(run.q_network): "q_network", id(run.target_network): "target_network"}
    given = set()
    for (batch, q_network, target_network, gamma), _ in run.targets_given:
        sampled = any(torch.equal(batch.obs, known.obs) for *_, known in run.memory.sampled)
        networks = [names.get(id(network), "another network") for network in (q_network, target_network)]
        gamma = "gamma" if gamma == run.config.gamma else f"{gamma}"
        given.add(", ".join(["batch" if sampled else "another batch", *networks, gamma]))
    weights = [online for online, _ in run.weights]
    last = {update.steps: update.after for update in run.updates}
    alone = all(np.allclose(after, last.get(n, before)) for n, (before, after) in enumerate(pairwise(weights), 1))
    sizes = sorted({size for _, size, *_ in run.memory.sampled})
    return {
        "the list of steps after which a batch is sampled": _some([steps for steps, *_ in run.memory.sampled]),
        "the generator that batches are drawn with": "`rng`"
        if all(own for _, _, own, _ in run.memory.sampled)
        else "another",
        "the batch size": ", ".join(map(str, sizes)),
        "how often `td_target` is called": "once for each batch"
        if len(run.targets_given) == len(run.memory.sampled)
        else f"{len(run.targets_given)} times for {len(run.memory.sampled)} batches",
        "what `td_target` is given": "; ".join(sorted(given)),
        "the list of steps after which the optimizer takes a step": _some(when),
        "what an update lowers": _lowered(run),
        "what changes `q_network`": "`run.optimizer` alone" if alone else "not only `run.optimizer`",
        "_gradients": run.gradients > 0,
    }


def _lowered(run):
    """The loss along whose gradient every step of the optimizer went."""
    updates, network = run.updates, copy.deepcopy(run.q_network)
    if not updates or any(update.targets is None for update in updates):
        return "nothing that can be told"
    if all(np.array_equal(update.before, update.after) for update in updates):
        return "nothing: no weight changes"

    def gradients(loss):
        for update in updates:
            torch.nn.utils.vector_to_parameters(torch.from_numpy(update.before), network.parameters())
            value = loss(network, update.batch, update.targets)
            gradient = torch.cat([g.flatten() for g in torch.autograd.grad(value, list(network.parameters()))])
            yield update.before - update.after, LEARNING_RATE * gradient.numpy()

    for words, loss in LOSSES.items():
        if all(np.allclose(went, should, rtol=1e-3, atol=1e-5) for went, should in gradients(loss)):
            return words
    total = 0.0
    for went, should in gradients(LOSSES["the Huber loss, averaged over the batch"]):
        total = total + should
        if not np.allclose(went, total, rtol=1e-3, atol=1e-4):
            return "another loss, or a gradient that was changed"
    return "the Huber losses of all updates so far, added up"


def followed(run, ends):
    """When and how far the target network moves, in words; `ends` are the steps that end an episode."""
    config, learned = run.config, {update.steps for update in run.updates}
    every, tau = config.target_every, config.tau
    at_times = {
        "every `target_every` steps": lambda n: n % every == 0,
        "never": lambda n: False,
        "at every step": lambda n: True,
        "at all steps but every `target_every`-th": lambda n: n % every != 0,
        "every `train_every` steps": lambda n: n % config.train_every == 0,
        "at each update of `q_network`": lambda n: n in learned,
        "every `target_every` steps, but only together with an update": lambda n: n % every == 0 and n in learned,
        "every `target_every` steps, but only from `learning_starts` on": lambda n: (
            n % every == 0 and n >= config.learning_starts
        ),
        "at the end of each episode": lambda n: n in ends,
    }
    shares = {"by the share tau": tau, "wholly": 1.0, "by the share 1 − tau": 1 - tau}
    for how, share in shares.items():
        for when, due in at_times.items():
            if _follows(run.weights, due, share):
                return when if when == "never" else f"{when}, {how}"
    return "at other times, or in another way"


def _follows(weights, due, share):
    for n, ((online, target), (new_online, new_target)) in enumerate(pairwise(weights), 1):
        steps = [
            share * (theirs - target) if due(n) else 0 for theirs in (new_online, online)
        ]  # before or after learning
        if not any(np.allclose(new_target, target + step, atol=1e-6) for step in steps):
            return False
    return True
