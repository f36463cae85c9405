"""The replay memory of chapter 04: a ring of transitions, sampled as batches of tensors."""

import operator
from typing import NamedTuple

import numpy as np
import torch


class Batch(NamedTuple):
    """Transitions, one a row: obs and next_obs (batch, *obs_shape), the others (batch,)."""

    obs: torch.Tensor
    actions: torch.Tensor  # int64
    rewards: torch.Tensor  # float32
    next_obs: torch.Tensor
    terminated: torch.Tensor  # bool


def refuse_unusable(obs, action, reward, next_obs, stored):
    """Raise ValueError, in one sentence, for a transition that must not go into rows of the array `stored`."""
    try:  # quickly: one number tells of all others, since NaN and infinities spread through products and sums
        operator.index(action)
        total = reward if stored.dtype.kind == "u" else np.vdot(obs, next_obs) + reward
        alike = obs.shape == next_obs.shape == stored.shape[1:] and obs.dtype == next_obs.dtype == stored.dtype
        usable = alike and abs(total) < 3e38  # float32 holds no more
    except (AttributeError, TypeError, ValueError):
        usable = False
    if usable:
        return
    for name, value in (("observation", obs), ("next observation", next_obs)):
        if np.shape(value) != stored.shape[1:]:
            raise ValueError(f"The {name} has shape {np.shape(value)}; this memory was made for {stored.shape[1:]}.")
    parts = (("observation", obs, stored.dtype), ("next observation", next_obs, stored.dtype))
    for name, value, dtype in (*parts, ("reward", reward, np.dtype(np.float32))):
        value = np.asarray(value, dtype=float)
        if not np.isfinite(value).all():
            raise ValueError(f"The {name} holds NaN or an infinity, so this transition was not stored.")
        with np.errstate(all="ignore"):
            kept = np.allclose(value.astype(dtype), value)
        if not kept:
            raise ValueError(f"The {name} holds a number that {dtype} cannot hold, so this transition was not stored.")
    if np.ndim(action) or np.asarray(action).dtype.kind not in "iu":
        raise ValueError(f"The action is {action!r}; this memory stores one integer, the action's number.")


class RingBuffer:
    """The last `capacity` transitions, in arrays allocated once (Lin, 1992); the newest replaces the oldest.

    Args:
        capacity: at least 1.
        obs_shape: of one observation.
        obs_dtype: of what is stored; uint8 for pixels.

    Raises:
        ValueError: a capacity that is no whole number, or below 1.
    """

    def __init__(self, capacity, obs_shape, obs_dtype=np.float32):
        if not isinstance(capacity, int | np.integer) or isinstance(capacity, bool) or capacity < 1:
            raise ValueError(f"The capacity is {capacity!r}; it must be a whole number of transitions, at least 1.")
        self.capacity = capacity
        self.obs, self.next_obs = (np.zeros((capacity, *obs_shape), obs_dtype) for _ in range(2))
        self.actions = np.zeros(capacity, np.int64)
        self.rewards = np.zeros(capacity, np.float32)
        self.terminated = np.zeros(capacity, bool)
        self.position = 0  # the row that the next transition goes to
        self.size = 0  # how many rows are filled

    def __len__(self):
        return self.size

    def add(self, obs, action, reward, next_obs, terminated):
        """Store one transition: obs and next_obs of shape obs_shape, an integer, a finite number, a flag."""
        refuse_unusable(obs, action, reward, next_obs, self.obs)
        self.obs[self.position] = obs
        self.actions[self.position] = action
        self.rewards[self.position] = reward
        self.next_obs[self.position] = next_obs
        self.terminated[self.position] = terminated
        self.position = (self.position + 1) % self.capacity
        self.size = min(self.size + 1, self.capacity)


class ReplayMemory(RingBuffer):
    """A ring buffer that hands out random batches."""

    def sample(self, batch_size, rng):
        """A Batch of tensors: rows drawn with `rng`, uniformly and with replacement, from those that are filled.

        Raises:
            ValueError: a batch size below 1, or above the number of transitions stored.
        """
        if batch_size < 1:
            raise ValueError(f"The batch size is {batch_size}; it must be at least 1.")
        if batch_size > self.size:
            raise ValueError(f"A batch of {batch_size} is too large: {self.size} transitions are stored so far.")
        rows = rng.integers(self.size, size=batch_size)
        stored = (self.obs, self.actions, self.rewards, self.next_obs, self.terminated)
        return Batch(*[torch.from_numpy(array.take(rows, 0)) for array in stored])
