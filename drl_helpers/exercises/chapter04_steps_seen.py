"""A world and a memory that write down what collecting does with them: exercise 4.3 of chapter 04."""

import gymnasium as gym
import numpy as np


class Track(gym.Env):
    """Each observation is new: (episode, step in it, a half); `ends` says how each episode ends, and when.

    It writes down every transition, and refuses to go on once an episode is over.
    """

    observation_space, action_space = gym.spaces.Box(-np.inf, np.inf, (3,), np.float32), gym.spaces.Discrete(4)

    def __init__(self, ends):
        self.ends, self.log, self.episode, self.over = ends, [], -1, "never reset"

    def __repr__(self):
        return "track"

    def _obs(self):
        return np.array([self.episode + 1, self.steps, 0.5], dtype=np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.episode, self.steps, self.over = self.episode + 1, 0, None
        return self._obs(), {}

    def step(self, action):
        if self.over:
            raise RuntimeError(f"`env.step` was called although the episode was over ({self.over})")
        obs, self.steps = self._obs(), self.steps + 1
        kind, length = self.ends[self.episode % len(self.ends)]
        terminated = self.steps >= length and "terminated" in kind
        truncated = self.steps >= length and "truncated" in kind
        self.over = kind if terminated or truncated else None
        reward = float(action) + self.steps / 8
        self.log.append((obs, int(action), reward, self._obs(), terminated))
        return self._obs(), reward, terminated, truncated, {}


class Recorder:
    """A memory that keeps copies of what it is told."""

    def __init__(self):
        self.told = []

    def __repr__(self):
        return "memory"

    def __len__(self):
        return len(self.told)

    def add(self, obs, action, reward, next_obs, terminated):
        self.told.append((np.array(obs), int(action), float(reward), np.array(next_obs), bool(terminated)))


def choose_by_step(obs):
    """An action that depends on the observation."""
    return int(obs[0] + 2 * obs[1]) % 4


def observe_collecting(attempt, case):
    """What the memory was told, how often the environment was reset, and what came back; in two calls."""
    args = case.fresh_args()
    env, memory, choose, num_steps = args["env"], args["memory"], args["choose"], args["num_steps"]
    start, _ = env.reset(seed=0)
    middle = attempt(env, memory, choose, num_steps, start)
    seen = {"what is returned": _meaning(middle, env)}
    if seen["what is returned"] == "the observation to go on from":
        seen["what is returned after a second call"] = _meaning(attempt(env, memory, choose, 3, middle), env)
    names = ("obs", "actions", "rewards", "next_obs", "terminated")
    columns = zip(*memory.told, strict=True) if memory.told else ([] for _ in names)
    seen["the number of transitions stored"] = len(memory)
    seen |= {f"the stored `{name}`": np.array(column) for name, column in zip(names, columns, strict=True)}
    seen["the number of steps taken"] = len(env.log)
    seen["the number of episodes begun"] = env.episode + 1
    return seen


def _meaning(obs, env):
    """What the returned observation is: in words."""
    if not isinstance(obs, np.ndarray):
        return obs
    if np.array_equal(obs, env._obs()):
        return "the last observation of an episode that is over" if env.over else "the observation to go on from"
    return "another observation"
