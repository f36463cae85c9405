"""A small run for exercise 5.4 of chapter 05 that writes down all that a training loop does with it."""

import copy
from collections import namedtuple

import gymnasium as gym
import numpy as np
import torch
from torch import nn

from drl_helpers import replay
from drl_helpers.dqn import GreedyActor
from drl_helpers.exercises.case_network import CaseNetwork

Step = namedtuple("Step", "episode obs action greedy reward next_obs terminated truncated")
Update = namedtuple("Update", "steps before after batch targets")  # one step of the optimizer, after that many steps

LEARNING_RATE = 0.1
LENGTHS = (4, 3, 6, 2, 5, 7)  # of the episodes, in turn; they terminate and are truncated in turn


def flat(network):
    """All weights of a network in one array, copied."""
    layers = [layer for layer in network.layers if isinstance(layer, nn.Linear)]  # quicker than `parameters()`
    return np.concatenate([p.detach().numpy().ravel() for layer in layers for p in (layer.weight, layer.bias)])


class Episodes(gym.Env):
    """Episodes of set lengths, whatever the actions, so that any two right answers meet the same world.

    No observation comes twice: `given` numbers them in the order in which they were given.
    """

    observation_space = gym.spaces.Box(-2.0, 2.0, (2,), np.float32)

    def __init__(self, greedy):
        self.action_space = gym.spaces.Discrete(4)
        self.greedy, self.log, self.given, self.resets, self.over = greedy, [], {}, 0, "never reset"

    def _observe(self):
        self.number = number = len(self.given)
        self.now = np.array([1.5 * np.sin(0.9 * number + 1), 1.5 * np.cos(2.3 * number)], np.float32)
        self.given[self.now.tobytes()] = number
        return self.now.copy()

    def number_of(self, obs):
        """Which observation this is; -1: none that was given."""
        return self.given.get(np.asarray(obs, np.float32).tobytes(), -1)

    def reset(self, *, seed=None, options=None):
        """Begin the next episode."""
        super().reset(seed=seed)
        self.resets, self.elapsed, self.over = self.resets + 1, 0, None
        return self._observe(), {}

    def step(self, action):
        """The last step of an episode terminates it, or truncates it."""
        if self.over:
            raise RuntimeError(f"`env.step` was called although the episode was over ({self.over})")
        if not self.action_space.contains(action):
            given = f"the action {action}" if isinstance(action, int | np.integer) else f"a {type(action).__name__}"
            raise ValueError(f"`env.step` was given {given}; an action is an integer from 0 to 3")
        obs, greedy, episode = self.number, self.greedy(self.now), self.resets - 1
        self.elapsed += 1
        ends, terminates = self.elapsed == LENGTHS[episode % len(LENGTHS)], episode % 2 == 0
        self.over = ("terminated" if terminates else "truncated") if ends else None
        reward = 0.5 * (len(self.log) * 7 % 9) - 0.75
        next_obs = self._observe()
        flags = ends and terminates, ends and not terminates
        self.log.append(Step(episode, obs, int(action), greedy, reward, self.number, *flags))
        return next_obs, reward, *flags, {}


class Memory(replay.ReplayMemory):
    """A replay memory that writes down what is added and sampled."""

    def __init__(self, run):
        super().__init__(500, (2,))
        self.run, self.env, self.added, self.sampled = run, run.env, [], []

    def add(self, obs, action, reward, next_obs, terminated):
        """As in `ReplayMemory`."""
        super().add(obs, action, reward, next_obs, terminated)
        numbers = self.env.number_of(obs), self.env.number_of(next_obs)
        self.added.append((numbers[0], int(action), float(reward), numbers[1], bool(terminated)))

    def sample(self, batch_size, rng):
        """As in `ReplayMemory`."""
        batch = super().sample(batch_size, rng)
        self.sampled.append((len(self.env.log), batch_size, rng is self.run.rng, batch))
        return batch


NETWORKS = CaseNetwork(5, 2, 4, (8,)), CaseNetwork(6, 2, 4, (8,))


class Run:
    """What a DQNRun is to a training loop, small and watched. Target and online network differ from the start."""

    def __init__(self, config, td_target, seed=3):
        self.config, self.seed, self.rng = config, seed, np.random.default_rng(seed)
        self.q_network, self.target_network = copy.deepcopy(NETWORKS)
        self.learns, self.greedy_action = config.learning_starts < config.total_steps, GreedyActor(self.q_network)
        self.weights, self.updates, self.targets_given, self.before, self.gradients = [], [], [], [], 0
        self.env = Episodes(self._watch)
        self.obs, _ = self.env.reset(seed=seed)
        self.memory = Memory(self)
        self.optimizer = torch.optim.SGD(self.q_network.parameters(), lr=LEARNING_RATE)
        self.optimizer.register_step_pre_hook(lambda *_: self.before.append(flat(self.q_network)))
        self.optimizer.register_step_post_hook(lambda *_: self._write_update())
        self.step, self.episode_return, self.returns = 0, 0.0, []
        self.watched_target = td_target
        next(self.q_network.parameters()).register_hook(self._count_gradient)

    def _write_update(self):
        given, targets = self.targets_given[-1] if self.targets_given else ((None,), None)
        self.updates.append(Update(len(self.env.log), self.before[-1], flat(self.q_network), given[0], targets))

    def _count_gradient(self, gradient):
        self.gradients += 1

    def _watch(self, obs):
        """Called before each step of the environment: writes the weights down; returns the greedy action."""
        if self.learns:
            self.weights.append((flat(self.q_network), flat(self.target_network)))
        return self.greedy_action(obs)

    def td_target(self, batch, q_network, target_network, gamma):
        """What is passed to the loop as `td_target`."""
        targets = self.watched_target(batch, q_network, target_network, gamma)
        self.targets_given.append(((batch, q_network, target_network, gamma), targets))
        return targets

    def finish(self):
        """Write the last weights down; call it when the training is over."""
        self.weights.append((flat(self.q_network), flat(self.target_network)))
