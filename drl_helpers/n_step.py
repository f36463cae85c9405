"""What chapter 06 builds, in part: n-step returns, and a replay memory that hands them out."""

from typing import NamedTuple

import numpy as np
import torch

from drl_helpers.networks import chosen_q_values
from drl_helpers.replay import RingBuffer


class NStepBatch(NamedTuple):
    """Windows of up to n steps, one a row: obs and next_obs (batch, *obs_shape), the others (batch,)."""

    obs: torch.Tensor
    actions: torch.Tensor  # int64, the first action of each window
    returns: torch.Tensor  # float32, the discounted rewards of the window
    next_obs: torch.Tensor  # the observation after the window's last step
    discounts: torch.Tensor  # float32, what the value of next_obs counts: γ to the window's length, or 0


def n_step_returns(rewards, terminated, truncated, gamma):
    """Discounted rewards of windows that stop where their episode ends, and how the value after them counts.

    Args:
        rewards: shape (batch, n), of a step and of the n − 1 steps stored after it.
        terminated, truncated: shape (batch, n), bool, the flags of the same steps.
        gamma: discount in [0, 1].

    Returns:
        returns: shape (batch,), the rewards of each window up to the first end in it, discounted.
        lengths: shape (batch,), how many steps these are, from 1 to n.
        discounts: shape (batch,), gamma ** lengths, and 0 where the window stops by termination.
    """
    ends = terminated | truncated
    counts = np.cumsum(ends, axis=1) - ends == 0  # no end before this step
    returns = (rewards * gamma ** np.arange(rewards.shape[1]) * counts).sum(axis=1)
    lengths = counts.sum(axis=1)
    discounts = gamma**lengths * ~(terminated & counts).any(axis=1)
    return returns, lengths, discounts


class NStepMemory(RingBuffer):
    """A replay memory whose batches hold n-step returns, put together when they are drawn.

    Args:
        capacity, obs_shape: as in RingBuffer.
        n_steps: the length of a window, at least 1.
        gamma: discount in [0, 1].
    """

    def __init__(self, capacity, obs_shape, n_steps, gamma):
        super().__init__(capacity, obs_shape)
        self.truncated = np.zeros(capacity, bool)
        self.steps, self.gamma = np.arange(n_steps), gamma

    def add(self, obs, action, reward, next_obs, terminated, truncated):
        """Store one transition, with both flags."""
        row = self.position
        super().add(obs, action, reward, next_obs, terminated)
        self.truncated[row] = truncated

    def gather(self, rows):
        """The NStepBatch of windows that begin at `rows`; the newest transition ends a window too."""
        window = (rows[:, None] + self.steps) % self.capacity
        cut = self.truncated[window] | (window == (self.position - 1) % self.capacity)
        returns, lengths, discounts = n_step_returns(self.rewards[window], self.terminated[window], cut, self.gamma)
        next_obs = self.next_obs[(rows + lengths - 1) % self.capacity]
        parts = (self.obs[rows], self.actions[rows], returns.astype(np.float32), next_obs, discounts.astype(np.float32))
        return NStepBatch(*map(torch.from_numpy, parts))

    def sample(self, batch_size, rng, beta):
        """A batch drawn uniformly: an NStepBatch, its rows, and weights of 1. `beta` is not needed here."""
        rows = rng.integers(self.size, size=batch_size)
        return self.gather(rows), rows, torch.ones(batch_size)

    def set_priorities(self, rows, td_errors):
        """Nothing to do: here all transitions are alike."""


def n_step_td_target(batch, q_network, target_network, double):
    """Targets: returns + discounts · Q_target(s', a'), shape (batch,), without gradient.

    Args:
        batch: an NStepBatch.
        q_network, target_network: the online network chooses a' if `double`, else the target network does.
        double: whether to decouple choosing from judging (van Hasselt et al., 2016).
    """
    with torch.no_grad():
        next_values = target_network(batch.next_obs)
        chooser = q_network(batch.next_obs) if double else next_values
        return batch.returns + batch.discounts * chosen_q_values(next_values, chooser.argmax(dim=1))
