"""What chapter 08 builds: episodes played side by side, rewards-to-go, and the loss of REINFORCE."""

from typing import NamedTuple

import numpy as np
import torch

from drl_helpers.policy import numpy_layers, sample_actions


def rewards_to_go(rewards, last_value, gamma):
    """Discounted sums of the rewards from each step to the end of one episode, float32 of shape (steps,).

    Args:
        rewards: shape (steps,).
        last_value: what follows the last reward: 0 where the episode terminated, V(final obs) where it was cut off.
        gamma: discount in [0, 1].
    """
    returns, following = np.zeros(len(rewards), dtype=np.float32), last_value
    for step in reversed(range(len(rewards))):
        following = rewards[step] + gamma * following
        returns[step] = following
    return returns


def standardise(advantages):
    """Advantages, shape (batch,), shifted and scaled to mean 0 and standard deviation 1 over the batch.

    1e-8 is added to the standard deviation, for it is 0 where all advantages are equal.
    """
    return (advantages - advantages.mean()) / (advantages.std(correction=0) + 1e-8)


def reinforce_loss(log_probs, advantages):
    """A number whose negative gradient is the policy gradient, averaged over the batch (Williams, 1992).

    Args:
        log_probs: shape (batch,), log π(a|s), with a gradient.
        advantages: shape (batch,), how much better than expected each action turned out; a number, not a function.
    """
    return -(log_probs * advantages.detach()).mean()


def advantages_and_critic_loss(returns, values):
    """How much better than the baseline it went, and the loss from which the baseline learns.

    Args:
        returns: shape (batch,), what followed each state.
        values: shape (batch,), what the critic had thought of it, with a gradient.

    Returns:
        advantages, shape (batch,), without gradient; and the mean squared error of the values, one number.
    """
    errors = returns - values
    return errors.detach(), (errors**2).mean()


class Episode(NamedTuple):
    """One episode; `final_obs` is what was seen after the last action."""

    obs: np.ndarray  # (steps, obs_size), float32
    actions: np.ndarray  # (steps,), int64
    rewards: np.ndarray  # (steps,)
    final_obs: np.ndarray  # (obs_size,), float32
    terminated: bool  # False: a time limit cut it off


def play_episodes(envs, policy, rng):
    """One episode in each of the environments, side by side, with sampled actions: a list of Episode."""
    logits_of = numpy_layers(policy.layers)
    obs, _ = envs.reset()
    steps, running = [], np.ones(envs.num_envs, dtype=bool)
    while running.any():
        actions = sample_actions(logits_of(obs), rng)
        next_obs, rewards, terminated, truncated, _ = envs.step(actions)
        steps.append((obs, actions, rewards, next_obs, terminated, running))
        running, obs = running & ~(terminated | truncated), next_obs
    obs, actions, rewards, next_obs, terminated, running = (np.stack(part) for part in zip(*steps, strict=True))
    return [
        Episode(obs[:n, i], actions[:n, i], rewards[:n, i], next_obs[n - 1, i], bool(terminated[n - 1, i]))
        for i, n in enumerate(running.sum(axis=0))
    ]


def returns_of(episodes, critic, gamma):
    """Rewards-to-go of all steps of all episodes, one after the other, as a float32 tensor of shape (batch,)."""
    final_obs = torch.from_numpy(np.stack([episode.final_obs for episode in episodes]))
    with torch.no_grad():
        final_values = critic(final_obs).tolist()
    parts = [
        rewards_to_go(episode.rewards, 0.0 if episode.terminated else value, gamma)
        for episode, value in zip(episodes, final_values, strict=True)
    ]
    return torch.from_numpy(np.concatenate(parts))
