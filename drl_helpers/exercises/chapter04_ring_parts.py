"""Ring buffers of which any part can be exchanged, and what can be seen of them: exercise 4.1 of chapter 04."""

from dataclasses import dataclass

import numpy as np

from drl_helpers.exercises.spec import Case
from drl_helpers.replay import RingBuffer


@dataclass(frozen=True, eq=False)
class Fill(Case):
    """A new buffer, to which so many transitions are added."""

    num_added: int = 0


def transition(number, obs_shape):
    """The transition with this number; no two numbers in it are alike, and none is zero."""
    obs = np.arange(1, 1 + np.prod(obs_shape), dtype=np.float32).reshape(obs_shape) + 10 * number
    return obs, number % 3 + 1, 0.5 + number, obs + 1000, number % 2 == 0


def observe_adding(attempt, case):
    """What the buffer holds after `num_added` transitions, whose arrays are overwritten after each `add`."""
    buffer = attempt(**case.args)
    capacity, obs_shape = case.args["capacity"], case.args["obs_shape"]
    for number in range(case.num_added):
        obs, action, reward, next_obs, terminated = transition(number, obs_shape)
        buffer.add(obs, action, reward, next_obs, terminated)
        obs[:], next_obs[:] = -1.0, -2.0
    filled = min(case.num_added, capacity)
    names = ("obs", "actions", "rewards", "next_obs", "terminated")
    seen = {f"`{name}`": np.array(getattr(buffer, name))[:filled] for name in names}
    return {"`position`": buffer.position, "`size`": buffer.size} | seen


def make_buffer(start=lambda b: None, move=None, grow=None, store=None):
    """A ring buffer with one part of `add` exchanged."""

    class Attempt(RingBuffer):
        def __init__(self, capacity, obs_shape, obs_dtype=np.float32):
            super().__init__(capacity, obs_shape, obs_dtype)
            start(self)

        def add(self, obs, action, reward, next_obs, terminated):
            if store is not None:
                store(self, obs, action, reward, next_obs, terminated)
            else:
                write_row(self, self.position, obs, action, reward, next_obs, terminated)
            old_position = self.position
            self.position = move(self) if move else (self.position + 1) % self.capacity
            self.size = grow(self, old_position) if grow else min(self.size + 1, self.capacity)

    return Attempt


def write_row(buffer, row, obs, action, reward, next_obs, terminated):
    buffer.obs[row], buffer.next_obs[row] = obs, next_obs
    buffer.actions[row], buffer.rewards[row], buffer.terminated[row] = action, reward, terminated


class BranchingBuffer(RingBuffer):
    def add(self, obs, action, reward, next_obs, terminated):
        row = self.position
        stored = (self.obs, self.actions, self.rewards, self.next_obs, self.terminated)
        for array, value in zip(stored, (obs, action, reward, next_obs, terminated), strict=True):
            array[row] = value
        if self.size < self.capacity:
            self.size += 1
        self.position += 1
        if self.position == self.capacity:
            self.position = 0
