"""What chapter 10 builds: PPO's loss, running statistics, and policies over discrete and continuous actions."""

import math

import gymnasium as gym
import numpy as np
import torch
from torch import nn

from drl_helpers.policy import PolicyNetwork, entropy, log_prob, numpy_layers, sample_actions, tanh_layers


def clipped_loss(log_probs, old_log_probs, advantages, clip_range):
    """PPO's clipped policy loss, averaged over the batch (Schulman et al., 2017, equation 7).

    Args:
        log_probs: shape (batch,), log π(a|s) of the policy that is being changed, with a gradient.
        old_log_probs: shape (batch,), of the policy that chose the actions.
        advantages: shape (batch,).
        clip_range: > 0; how far the ratio may move from 1 before it earns nothing more.
    """
    ratio = (log_probs - old_log_probs).exp()
    clipped = ratio.clamp(1 - clip_range, 1 + clip_range)
    return -torch.min(ratio * advantages, clipped * advantages).mean()


def approximate_kl(log_probs, old_log_probs):
    """An estimate of KL(old policy ‖ new policy) in nats, a scalar without gradient; never negative (Schulman, 2020).

    Args:
        log_probs: shape (batch,), log π(a|s) of the new policy.
        old_log_probs: shape (batch,), of the policy that chose the actions.
    """
    with torch.no_grad():
        log_ratio = log_probs - old_log_probs
        return (log_ratio.exp() - 1 - log_ratio).mean()


def gaussian_log_prob(mean, log_std, actions):
    """log π(a|s) of independent normal distributions, summed over the action's dimensions, shape (batch,).

    Args:
        mean, actions: shape (batch, action_size).
        log_std: shape (action_size,), the logarithms of the standard deviations.
    """
    z = (actions - mean) / log_std.exp()
    return (-0.5 * z**2 - log_std - 0.5 * math.log(2 * math.pi)).sum(dim=1)


class RunningNorm(nn.Module):
    """Mean and variance of all that has been seen, updated batch by batch (Chan, Golub & LeVeque, 1979).

    They are buffers, so they are stored and loaded with the weights.
    """

    def __init__(self, shape):
        super().__init__()
        self.register_buffer("mean", torch.zeros(shape))
        self.register_buffer("var", torch.ones(shape))
        self.register_buffer("count", torch.zeros(()))

    def update(self, batch):
        """Take in a batch, a tensor of shape (rows, *shape)."""
        rows, shift = len(batch), batch.mean(dim=0) - self.mean
        total = self.count + rows
        within = self.var * self.count + batch.var(dim=0, correction=0) * rows
        self.var.copy_((within + shift**2 * self.count * rows / total) / total)
        self.mean += shift * rows / total
        self.count.copy_(total)

    def forward(self, values):
        """Values with the mean taken off, divided by the standard deviation, and clipped to ±10."""
        return ((values - self.mean) / (self.var + 1e-8).sqrt()).clamp(-10, 10)


class CategoricalPolicy(PolicyNetwork):
    """Chapter 08's policy behind a normalisation of observations, with what PPO asks of any policy."""

    def __init__(self, obs_size, num_actions, hidden_sizes=(64, 64)):
        super().__init__(obs_size, num_actions, hidden_sizes)
        self.norm = RunningNorm(obs_size)

    def forward(self, obs):
        """Logits, shape (batch, num_actions)."""
        return self.layers(self.norm(obs))

    def sampler(self, rng):
        """A function from NumPy observations to sampled actions, for as long as the statistics stay as they are."""
        logits_of = numpy_policy(self)
        return lambda obs: sample_actions(logits_of(obs), rng)

    def greedy(self, obs):
        """The most probable actions, shape (batch,)."""
        return numpy_policy(self)(obs).argmax(axis=1)

    def log_prob_and_entropy(self, obs, actions):
        """Two tensors of shape (batch,), with gradient."""
        logits = self(obs)
        return log_prob(logits, actions), entropy(logits)


class GaussianPolicy(nn.Module):
    """Actions from a normal distribution around a mean that a network gives; one spread for all states."""

    def __init__(self, obs_size, action_size, hidden_sizes=(64, 64)):
        super().__init__()
        self.norm = RunningNorm(obs_size)
        self.layers = tanh_layers(obs_size, action_size, hidden_sizes)
        self.log_std = nn.Parameter(torch.zeros(action_size))

    def forward(self, obs):
        """The mean, shape (batch, action_size)."""
        return self.layers(self.norm(obs))

    def sampler(self, rng):
        """A function from NumPy observations to sampled actions, for as long as the statistics stay as they are."""
        mean_of, std = numpy_policy(self), self.log_std.detach().exp().numpy()

        def sample(obs):
            mean = mean_of(obs)
            return mean + std * rng.standard_normal(mean.shape, dtype=np.float32)

        return sample

    def greedy(self, obs):
        """The mean, which is also the most probable action, shape (batch, action_size)."""
        return numpy_policy(self)(obs)

    def log_prob_and_entropy(self, obs, actions):
        """Two tensors of shape (batch,), with gradient."""
        spread = (self.log_std + 0.5 * math.log(2 * math.pi * math.e)).sum()
        return gaussian_log_prob(self(obs), self.log_std, actions), spread.expand(len(obs))


class ClippedActions(gym.vector.VectorActionWrapper):
    """Clips actions to their bounds on their way into the environments; whoever chose them keeps them as they were."""

    def actions(self, actions):
        """The actions that the environments get, shape (envs, action_size)."""
        return actions.clip(self.single_action_space.low, self.single_action_space.high)


def numpy_policy(policy):
    """The outputs of a policy with normalised observations as a function of NumPy arrays."""
    outputs, mean = numpy_layers(policy.layers), policy.norm.mean.numpy()
    scale = 1 / np.sqrt(policy.norm.var.numpy() + np.float32(1e-8))
    return lambda obs: outputs(((obs - mean) * scale).clip(-10, 10))
