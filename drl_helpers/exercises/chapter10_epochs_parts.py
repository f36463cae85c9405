"""A small run for exercise 10.5 of chapter 10, the losses that a step may follow, and a loop of exchangeable parts."""

from collections import namedtuple

import numpy as np
import torch

from drl_helpers.exercises.case_run import ACTIONS, OBS_SIZE, CaseRun, joint_clip, take_step
from drl_helpers.ppo import CategoricalPolicy, GaussianPolicy, clipped_loss
from drl_helpers.ppo_run import PPOConfig
from drl_helpers.reinforce import standardise

ACTION_SIZE, ROWS = 2, 12
Data = namedtuple("Data", "obs actions old_log_probs advantages targets")


class Shown(CaseRun):
    """A run of PPO that brings the rows of a rollout with it."""

    def __init__(self, seed, continuous, **settings):
        self.continuous = continuous
        about = (f"{'continuous' if continuous else 'discrete'} actions", f"{ROWS} rows")
        super().__init__(PPOConfig(**settings), settings, seed, learning_rate=0.02, about=about)

    def make_policy(self):
        """The policy, whose statistics are not those of a fresh one."""
        kind, size = (GaussianPolicy, ACTION_SIZE) if self.continuous else (CategoricalPolicy, ACTIONS)
        policy, generator = kind(OBS_SIZE, size, (5,)), torch.Generator().manual_seed(self.seed)
        policy.norm.update(1.5 * torch.randn(20, OBS_SIZE, generator=generator) + 0.7)
        return policy

    def data(self, run):
        """Rows as a rollout gives them; the old log-probabilities are some way off the present ones."""
        generator = torch.Generator().manual_seed(self.seed + 100)
        obs = torch.randn(ROWS, OBS_SIZE, generator=generator)
        actions = torch.randint(ACTIONS, (ROWS,), generator=generator)
        if self.continuous:
            actions = torch.randn(ROWS, ACTION_SIZE, generator=generator)
        with torch.no_grad():
            log_probs, _ = run.policy.log_prob_and_entropy(obs, actions)
        old = log_probs + 0.4 * torch.randn(ROWS, generator=generator)
        advantages, targets = torch.randn(2, ROWS, generator=generator) + torch.tensor([[0.4], [1.5]])
        return Data(obs, actions, old, 2 * advantages, targets)


def make_loss(
    old=lambda data, rows, log_probs: data.old_log_probs[rows],
    weigh=lambda run, data, rows: standardise(data.advantages[rows]),
    policy=clipped_loss,
    seen=lambda run, obs: run.policy.norm(obs),
    targets=lambda data, rows: data.targets[rows],
    critic=lambda errors: (errors**2).mean(),
    total=lambda c, policy, critic, entropies: policy + c.critic_weight * critic - c.entropy_weight * entropies.mean(),
):
    """The loss of a minibatch as a function of run, data and rows, with one part exchanged."""

    def loss(run, data, rows):
        log_probs, entropies = run.policy.log_prob_and_entropy(data.obs[rows], data.actions[rows])
        policy_loss = policy(log_probs, old(data, rows, log_probs), weigh(run, data, rows), run.config.clip_range)
        errors = run.critic(seen(run, data.obs[rows])) - targets(data, rows)
        return total(run.config, policy_loss, critic(errors), entropies)

    return loss


def _advantages_now(run, data, rows, gradient):
    values = run.critic(run.policy.norm(data.obs[rows]))
    return standardise(data.targets[rows] - (values if gradient else values.detach()))


def _unclipped(log_probs, old, advantages, clip_range):
    return -((log_probs - old).exp() * advantages).mean()


RIGHT = "the clipped loss, the critic's loss and the entropy bonus, each with its weight"
LOSSES = {
    RIGHT: make_loss(),
    "a loss whose old log-probabilities are the present ones": make_loss(old=lambda d, rows, new: new.detach()),
    "a loss whose ratio is always 1, without any gradient": make_loss(old=lambda d, rows, new: new),
    "a loss whose advantages are not standardised": make_loss(weigh=lambda run, d, rows: d.advantages[rows]),
    "a loss whose advantages are standardised over the rollout": make_loss(
        weigh=lambda run, d, rows: standardise(d.advantages)[rows]
    ),
    "a loss whose advantages are made anew from the present critic": make_loss(
        weigh=lambda run, d, rows: _advantages_now(run, d, rows, gradient=False)
    ),
    "a loss whose advantages carry a gradient into the critic": make_loss(
        weigh=lambda run, d, rows: _advantages_now(run, d, rows, gradient=True)
    ),
    "a loss whose advantages belong to other rows": make_loss(
        weigh=lambda run, d, rows: standardise(d.advantages[: len(rows)])
    ),
    "a loss whose old log-probabilities belong to other rows": make_loss(
        old=lambda d, rows, new: d.old_log_probs[: len(rows)]
    ),
    "a loss whose targets belong to other rows": make_loss(targets=lambda d, rows: d.targets[: len(rows)]),
    "a loss whose ratio is not clipped": make_loss(policy=_unclipped),
    "the clipped loss, uphill": make_loss(
        total=lambda c, p, v, e: -p + c.critic_weight * v - c.entropy_weight * e.mean()
    ),
    "the clipped loss and the critic's, without the entropy bonus": make_loss(
        total=lambda c, p, v, e: p + c.critic_weight * v
    ),
    "a loss that punishes entropy": make_loss(
        total=lambda c, p, v, e: p + c.critic_weight * v + c.entropy_weight * e.mean()
    ),
    "a loss with the sum of the entropies": make_loss(
        total=lambda c, p, v, e: p + c.critic_weight * v - c.entropy_weight * e.sum()
    ),
    "a loss with the entropy, whose weight is 1": make_loss(
        total=lambda c, p, v, e: p + c.critic_weight * v - e.mean()
    ),
    "a loss without the critic's": make_loss(total=lambda c, p, v, e: p - c.entropy_weight * e.mean()),
    "the critic's loss alone": make_loss(total=lambda c, p, v, e: c.critic_weight * v),
    "a loss in which the critic's has the weight 1": make_loss(
        total=lambda c, p, v, e: p + v - c.entropy_weight * e.mean()
    ),
    "a loss in which the critic's is subtracted": make_loss(
        total=lambda c, p, v, e: p - c.critic_weight * v - c.entropy_weight * e.mean()
    ),
    "a loss with the sum of the critic's squared errors": make_loss(critic=lambda errors: (errors**2).sum()),
    "a loss with the critic's errors not squared": make_loss(critic=lambda errors: errors.mean()),
    "a loss with the critic's absolute errors": make_loss(critic=lambda errors: errors.abs().mean()),
    "a loss whose critic sees observations that are not normalised": make_loss(seen=lambda run, obs: obs),
    "a loss whose critic learns the advantages": make_loss(targets=lambda d, rows: d.advantages[rows]),
}


def shuffled(run, num_rows):
    """Minibatches of all epochs, one list of row numbers each."""
    for _ in range(run.config.epochs):
        yield from np.array_split(run.rng.permutation(num_rows), run.config.minibatches)


def make_epochs(
    loss=LOSSES[RIGHT],
    minibatches=shuffled,
    parts=("zero", "backward", "clip", "step"),
    clip=joint_clip,
    before=lambda run, data: data,
):
    """The loop with one part exchanged."""

    def attempt(run, *given):
        data = before(run, Data(*given))
        for rows in minibatches(run, len(data.obs)):
            value = loss(run, data, torch.as_tensor(np.asarray(rows)))
            take_step(run, value, parts, clip)

    return attempt
