"""A run of REINFORCE with a baseline, as chapter 08 builds it: its settings, its update, its training."""

from dataclasses import dataclass

import gymnasium as gym
import numpy as np
import torch

from drl_helpers.evaluate import evaluate_batch
from drl_helpers.policy import PolicyNetwork, ValueNetwork, entropy, log_prob, numpy_layers
from drl_helpers.reinforce import (
    advantages_and_critic_loss,
    play_episodes,
    reinforce_loss,
    returns_of,
    standardise,
)


@dataclass
class ReinforceConfig:
    """Settings of a run of REINFORCE with a baseline."""

    env_id: str = "CartPole-v1"
    total_updates: int = 150  # the most it may take
    episodes_per_update: int = 8  # played side by side
    hidden_sizes: tuple = (64, 64)  # neurons in each hidden layer, of policy and of critic
    learning_rate: float = 5e-3  # Adam's step size
    critic_learning_rate: float = 1e-2
    gamma: float = 0.99  # discount
    entropy_weight: float = 0.01  # of the entropy bonus, nats
    eval_every: int = 5  # updates from one evaluation to the next
    eval_episodes: int = 50
    solved_at: float = 500.0  # mean return over an evaluation at which training stops


class ReinforceRun:
    """All that a training consists of between two updates."""

    def __init__(self, config, seed):
        torch.manual_seed(seed)  # the initial weights come from PyTorch's own generator
        self.config, self.seed, self.rng = config, seed, np.random.default_rng(seed)
        self.envs = gym.make_vec(config.env_id, config.episodes_per_update)
        self.envs.reset(seed=seed)
        shape, num_actions = self.envs.single_observation_space.shape, int(self.envs.single_action_space.n)
        self.policy = PolicyNetwork(*shape, num_actions, config.hidden_sizes)
        self.critic = ValueNetwork(*shape, config.hidden_sizes)
        groups = [
            {"params": self.policy.parameters(), "lr": config.learning_rate},
            {"params": self.critic.parameters(), "lr": config.critic_learning_rate},
        ]
        self.optimizer = torch.optim.Adam(groups, fused=True)
        self.step, self.updates, self.returns = 0, 0, []
        self.evaluations, self.best_score, self.best_weights = [], -np.inf, None

    def greedy(self, obs):
        """The most probable actions, shape (batch,), for a NumPy array of observations."""
        return numpy_layers(self.policy.layers)(obs).argmax(axis=1)


def reinforce_update(run, episodes):
    """One step of policy and critic, in place, on episodes that the policy has just played.

    Args:
        run: a ReinforceRun.
        episodes: a list of Episode.
    """
    config = run.config
    obs = torch.from_numpy(np.concatenate([episode.obs for episode in episodes]))
    actions = torch.from_numpy(np.concatenate([episode.actions for episode in episodes]))
    returns = returns_of(episodes, run.critic, config.gamma)
    logits, values = run.policy(obs), run.critic(obs)
    advantages, critic_loss = advantages_and_critic_loss(returns, values)
    policy_loss = reinforce_loss(log_prob(logits, actions), standardise(advantages))
    loss = policy_loss + critic_loss - config.entropy_weight * entropy(logits).mean()
    run.optimizer.zero_grad()
    loss.backward()
    run.optimizer.step()


def train_reinforce(run, num_updates, on_episode=None):
    """Train `run` for num_updates more updates, in place.

    Args:
        run: a ReinforceRun.
        num_updates: how many updates to go on.
        on_episode: called as on_episode(step, return) for each episode, after the update that it went into.
    """
    for _ in range(num_updates):
        episodes = play_episodes(run.envs, run.policy, run.rng)
        reinforce_update(run, episodes)
        run.updates += 1
        for episode in episodes:
            run.step += len(episode.rewards)
            run.returns.append(float(episode.rewards.sum()))
            if on_episode is not None:
                on_episode(run.step, run.returns[-1])


def train_until_solved(run, train, on_episode=None):
    """Train until solved, or for total_updates; keep the weights that did best in evaluations on the way.

    Args:
        run: a ReinforceRun, or another with the same attributes.
        train: train_reinforce, or another function with the same arguments.
        on_episode: see train.
    """
    config = run.config
    while run.updates < config.total_updates and run.best_score < config.solved_at:
        until_next = config.eval_every - run.updates % config.eval_every
        train(run, min(until_next, config.total_updates - run.updates), on_episode)
        score = float(evaluate_batch(config.env_id, run.greedy, config.eval_episodes, seed=1_000_000 + run.step).mean())
        run.evaluations.append((run.step, score))
        if score > run.best_score:
            run.best_score = score
            run.best_weights = {name: weight.clone() for name, weight in run.policy.state_dict().items()}
