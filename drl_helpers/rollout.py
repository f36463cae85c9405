"""What chapter 09 builds: rollouts from environments side by side, and advantages from them."""

from typing import NamedTuple

import gymnasium as gym
import numpy as np
import torch
from gymnasium.vector import AutoresetMode


def same_step_envs(env_id, num_envs, **options):
    """Environments side by side, each of which begins anew in the very step in which its episode ends.

    Args:
        env_id: name of the environment.
        num_envs: how many of them.
        options: passed on to `gym.make`, for instance max_episode_steps.
    """
    same_step = {"autoreset_mode": AutoresetMode.SAME_STEP}
    return gym.make_vec(env_id, num_envs, "sync", vector_kwargs=same_step, **options)


class Rollout(NamedTuple):
    """What happened in `steps` steps of `envs` environments side by side."""

    obs: torch.Tensor  # (steps, envs, obs_size), float32
    actions: torch.Tensor  # (steps, envs), int64; (steps, envs, action_size), float32, where they are continuous
    rewards: torch.Tensor  # (steps, envs), float32
    next_obs: torch.Tensor  # (steps, envs, obs_size); where an episode ended, its own last observation
    terminated: torch.Tensor  # (steps, envs), bool
    truncated: torch.Tensor  # (steps, envs), bool


def observed_next(obs, over, info):
    """The observations in which the steps ended, shape (envs, obs_size).

    Args:
        obs: what a vector environment with same-step reset returned; where an episode is over, the first of the next.
        over: shape (envs,), bool, where an episode is over.
        info: its fifth return value; `info["final_obs"]` holds the last observations.
    """
    if not over.any():
        return obs
    next_obs = obs.copy()
    next_obs[over] = np.stack(info["final_obs"][over])
    return next_obs


def collect(envs, obs, act, num_steps):
    """Play num_steps steps in each environment; returns the Rollout, and the observations from which to go on.

    Args:
        envs: a vector environment with same-step reset.
        obs: shape (envs, obs_size), where the environments are now.
        act: from observations to actions, both NumPy arrays.
        num_steps: at least 1.
    """
    shape, steps = (num_steps, envs.num_envs), []
    all_obs, all_next_obs = (np.empty((num_steps, *obs.shape), dtype=np.float32) for _ in range(2))
    rewards, terminated, truncated = np.empty(shape, np.float32), np.empty(shape, bool), np.empty(shape, bool)
    for step in range(num_steps):
        actions = act(obs)
        all_obs[step] = obs
        obs, rewards[step], terminated[step], truncated[step], info = envs.step(actions)
        all_next_obs[step] = observed_next(obs, terminated[step] | truncated[step], info)
        steps.append(actions)
    parts = (all_obs, np.stack(steps), rewards, all_next_obs, terminated, truncated)
    return Rollout(*map(torch.from_numpy, parts)), obs


def gae(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    """Generalised advantage estimates, shape (steps, envs), without gradient (Schulman et al., 2016).

    Args:
        rewards: shape (steps, envs).
        values: shape (steps, envs), V(s).
        next_values: shape (steps, envs), V(s') of the observations in which the steps ended.
        terminated, truncated: shape (steps, envs), bool.
        gamma: discount in [0, 1].
        gae_lambda: in [0, 1]; 0 gives one-step TD errors, 1 gives rewards-to-go minus values.
    """
    with torch.no_grad():
        deltas = rewards + gamma * ~terminated * next_values - values
        goes_on = gamma * gae_lambda * ~(terminated | truncated)
        advantages, following = torch.empty_like(deltas), torch.zeros_like(deltas[0])
        for step in reversed(range(len(deltas))):
            following = deltas[step] + goes_on[step] * following
            advantages[step] = following
        return advantages


def count_episodes(run, rollout, on_episode=None):
    """Add a rollout's rewards to the returns of the episodes that run, and report those that ended in it."""
    over = (rollout.terminated | rollout.truncated).numpy()
    for rewards, ended in zip(rollout.rewards.numpy(), over, strict=True):
        run.step += len(rewards)
        run.episode_returns += rewards
        for env in np.flatnonzero(ended):
            run.returns.append(float(run.episode_returns[env]))
            run.episode_returns[env] = 0.0
            if on_episode is not None:
                on_episode(run.step, run.returns[-1])
