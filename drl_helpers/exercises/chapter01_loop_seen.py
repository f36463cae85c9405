"""A corridor that writes down every transition, and what can be seen of a training in it: exercise 1.5."""

import gymnasium as gym
import numpy as np

from drl_helpers.exercises.chapter01_updates import q_update_plain


class Corridor(gym.Env):
    """Five states in a row, start in the middle; both ends terminate, the right one with reward 1.

    Each step costs 0.1. After `limit` steps the episode is truncated, not terminated. It writes down
    every transition, so that what an agent learned can be held against what it met.
    """

    observation_space, action_space = gym.spaces.Discrete(5), gym.spaces.Discrete(2)

    def __init__(self, limit):
        self.limit, self.log, self.resets, self.over = limit, [], 0, "never reset"

    def __repr__(self):
        return "corridor"

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.obs, self.steps, self.over = 2, 0, None
        self.resets += 1
        return self.obs, {}

    def step(self, action):
        if self.over:
            raise RuntimeError(f"`env.step` was called although the episode was over ({self.over})")
        obs, self.obs, self.steps = self.obs, self.obs + (1 if action == 1 else -1), self.steps + 1
        terminated = self.obs in (0, 4)
        truncated = not terminated and self.steps >= self.limit
        reward = (1.0 if self.obs == 4 else 0.0) - 0.1
        self.over = "terminated" if terminated else "truncated" if truncated else None
        self.log.append((self.resets, obs, int(action), reward, self.obs, terminated, truncated))
        return self.obs, reward, terminated, truncated, {}


def replay(log, table, learning_rate, gamma, rule):
    """The table that `rule` makes of a log of transitions."""
    table, start, episode, settings = table.copy(), 2, 0, (learning_rate, gamma)
    for resets, obs, action, reward, next_obs, terminated, truncated in log:
        if resets != episode:
            start, episode = obs, resets
        if rule == "truncation as termination":
            terminated = terminated or truncated
        elif rule == "never terminates":
            terminated = False
        elif rule == "truncation in place of termination":
            terminated = truncated
        elif rule == "inverted flag":
            terminated = not terminated
        elif rule == "first state of the episode":
            obs = start
        elif rule == "after moving on":
            obs = next_obs
        elif rule == "α and γ swapped":
            settings = (gamma, learning_rate)
        elif rule == "states swapped":
            obs, next_obs = next_obs, obs
        if rule != "no update":
            q_update_plain(table, obs, action, reward, next_obs, terminated, *settings)
    return table


RULES = (
    "Q-learning",
    "no update",
    "truncation as termination",
    "truncation in place of termination",
    "never terminates",
    "inverted flag",
    "first state of the episode",
    "after moving on",
    "states swapped",
    "α and γ swapped",
)


def observe_training(attempt, case):
    """Which rule reproduces the table, how the agent acted, and what it says it earned."""
    args = case.fresh_args()
    env, before = args["env"], args["q_table"].copy()
    calls, again = [], case.fresh_args()
    attempt(*again.values(), on_episode=None)
    used = {"choose": 0, "update": 0}

    def spy(name):
        function = args[name]

        def counted(*arguments, **keywords):
            used[name] += 1
            return function(*arguments, **keywords)

        return counted

    args |= {name: spy(name) for name in used}
    returns = attempt(
        *args.values(), on_episode=lambda episode, value: calls.append((episode, float(value), env.resets))
    )
    arithmetic = [
        rule
        for rule in RULES
        if np.allclose(args["q_table"], replay(env.log, before, args["learning_rate"], args["gamma"], rule))
    ]
    seen = {
        "the number of episodes": env.resets,
        "the update, as the finished table shows it,": arithmetic[0] if arithmetic else "none that is known",
        "the return value": returns,
        **{f"the argument `{name}` is called": _often(count, len(env.log)) for name, count in used.items()},
    }
    if isinstance(returns, np.ndarray) and returns.shape == (env.resets,):
        seen["the return value"] = _meaning(returns, env.log)
        seen["what `on_episode` was told"] = _meaning(np.array([value for _, value, _ in calls]), env.log)
        at_once = [(episode, resets) for episode, _, resets in calls] == [(n, n + 1) for n in range(env.resets)]
        seen["when `on_episode` was called"] = "after each episode" if at_once else "at other times"
    seen["the same rng gives the same actions"] = [s[2] for s in env.log] == [s[2] for s in again["env"].log]
    if args["learning_rate"] == 0:
        seen["the share of greedy actions"] = float(np.mean([before[o].argmax() == a for _, o, a, *_ in env.log]))
    return seen


def _often(count, steps):
    return "once a step" if count == steps else f"{count} times in {steps} steps"


def _meaning(numbers, log):
    """What `numbers`, one an episode, are: in words."""
    if not log:
        return "nothing: `env.step` was never called"
    rewards = [[step[3] for step in log if step[0] == episode] for episode in range(1, log[-1][0] + 1)]
    known = {
        "the sum of rewards of each episode": [sum(r) for r in rewards],
        "the last reward of each episode": [r[-1] for r in rewards],
        "the number of steps of each episode": [len(r) for r in rewards],
        "zeros": [0.0 for _ in rewards],
    }
    fits = [words for words, values in known.items() if len(numbers) == len(values) and np.allclose(numbers, values)]
    return fits[0] if fits else "other numbers"
