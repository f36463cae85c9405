"""Budgets, evaluation episodes, and intervals over seeds."""

import os
from collections.abc import Callable

import gymnasium as gym
import numpy as np


def budget(steps: int) -> int:
    """`steps`, scaled by the environment variable DRL_BUDGET, a share in (0, 1].

    The default is 1, and 0.02 while nbgrader grades. A training budget passes through here, so that a
    whole chapter can be tried, or graded, in seconds.

    Raises:
        ValueError: DRL_BUDGET is no number in (0, 1].
    """
    text = os.environ.get("DRL_BUDGET", "0.02" if os.environ.get("NBGRADER_EXECUTION") else "1")
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise ValueError(f"DRL_BUDGET is {text!r}; set it to a number in (0, 1], or unset it.")
    return max(min(2, steps), round(steps * share))


def evaluate(env: gym.Env, policy: Callable, num_episodes: int, seed: int) -> np.ndarray:
    """Returns (sums of rewards, undiscounted) of `policy(obs) -> action`, shape (num_episodes,).

    The environment is seeded once, so equal seeds give equal episodes. It must end every episode:
    give it a time limit where the policy may not.

    Raises:
        ValueError: `env` has no time limit.
    """
    if env.spec is None or env.spec.max_episode_steps is None:
        raise ValueError("This environment has no time limit; make it with gym.make(..., max_episode_steps=100).")
    returns = np.zeros(num_episodes)
    for episode in range(num_episodes):
        obs, _ = env.reset(seed=seed if episode == 0 else None)
        terminated = truncated = False
        while not (terminated or truncated):
            obs, reward, terminated, truncated, _ = env.step(policy(obs))
            returns[episode] += reward
    return returns


def evaluate_batch(env_id: str, policy: Callable, num_episodes: int, seed: int) -> np.ndarray:
    """Returns (undiscounted) of `num_episodes` episodes played side by side, shape (num_episodes,).

    Acting for all at once costs little more than for one. Of each environment only the first episode
    counts: which episodes are seen must not depend on how soon they end.

    Args:
        env_id: of an environment with a time limit, for instance "CartPole-v1".
        policy: from observations, shape (num_episodes, ...), to integer actions, shape (num_episodes,).
        seed: equal seeds give equal starts.

    Raises:
        ValueError: the environment has no time limit.
    """
    spec = gym.spec(env_id)
    if spec.max_episode_steps is None:
        raise ValueError(f"{env_id} has no time limit, so an episode may never end: choose one that has.")
    kind = "vector_entry_point" if spec.vector_entry_point else "sync"
    env = gym.make_vec(env_id, num_envs=num_episodes, vectorization_mode=kind)
    obs, _ = env.reset(seed=seed)
    returns, running = np.zeros(num_episodes), np.ones(num_episodes, dtype=bool)
    while running.any():
        obs, rewards, terminated, truncated, _ = env.step(policy(obs))
        returns += rewards * running
        running &= ~(terminated | truncated)
    env.close()
    return returns


def mean_interval(scores, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over seeds, and the ends of its bootstrap interval.

    Args:
        scores: shape (seeds, ...); one row a seed, for instance one learning curve each.
        confidence: in (0, 1).

    Returns:
        mean, low, high, each of shape (...). The percentile bootstrap (Efron, 1979) draws as many
        seeds as there are, with replacement, 2,000 times; its own generator is fixed.

    Raises:
        ValueError: no scores, or a confidence outside (0, 1).
    """
    scores = np.asarray(scores, dtype=float)
    if scores.ndim == 0 or len(scores) == 0 or not 0 < confidence < 1:
        raise ValueError("mean_interval needs scores of shape (seeds, ...) and a confidence between 0 and 1.")
    seeds = len(scores)
    weights = np.random.default_rng(0).multinomial(seeds, np.full(seeds, 1 / seeds), size=2_000) / seeds
    means = np.tensordot(weights, scores, axes=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    mean = scores.mean(axis=0)
    return mean, np.minimum(low, mean), np.maximum(high, mean)  # equal scores differ by rounding otherwise


def interval_text(scores, digits: int = 1) -> str:
    """For instance "-13.0 [-13.5, -12.4]": the mean over seeds and its 95 % interval."""
    mean, low, high = mean_interval(scores)
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def binned(values, size: int) -> np.ndarray:
    """Means of successive groups of `size` values, shape (len(values) // size,); a rest is dropped."""
    whole = len(values) // size * size
    return np.asarray(values[:whole], dtype=float).reshape(-1, size).mean(axis=1)
