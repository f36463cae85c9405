"""What chapter 10 builds: a run of PPO, its settings, its epochs over a rollout, and its training."""

from dataclasses import dataclass

import gymnasium as gym
import numpy as np
import torch
from torch import nn

from drl_helpers.policy import ValueNetwork
from drl_helpers.ppo import CategoricalPolicy, ClippedActions, GaussianPolicy, RunningNorm, approximate_kl, clipped_loss
from drl_helpers.reinforce import standardise
from drl_helpers.rollout import collect, count_episodes, gae, same_step_envs


@dataclass
class PPOConfig:
    """Settings of a run of PPO; where nothing else is said, they count steps of the environment."""

    env_id: str = "CartPole-v1"
    total_steps: int = 100_000  # the most it may take
    num_envs: int = 8  # side by side
    num_steps: int = 128  # of each environment in one update
    hidden_sizes: tuple = (64, 64)  # neurons in each hidden layer, of policy and of critic
    learning_rate: float = 2.5e-3  # Adam's step size at the beginning
    anneal: bool = True  # it falls to 0 over total_steps
    gamma: float = 0.99  # discount
    gae_lambda: float = 0.95  # how far advantages look ahead
    clip_range: float = 0.2  # how far the ratio may move from 1
    epochs: int = 4  # passes over a rollout
    minibatches: int = 4  # in a pass
    entropy_weight: float = 0.0  # of the entropy bonus, nats
    critic_weight: float = 0.5  # of the critic's loss in the sum
    max_grad_norm: float = 0.5  # longest gradient that is followed
    normalise_obs: bool = False  # by running mean and variance
    scale_rewards: bool = False  # by the running deviation of discounted sums
    eval_every: int = 5  # updates from one evaluation to the next
    eval_episodes: int = 50
    solved_at: float = 500.0  # mean return over an evaluation at which training stops

    @property
    def total_updates(self):
        """As many rollouts as fit into total_steps, at least one."""
        return max(1, self.total_steps // (self.num_envs * self.num_steps))


def orthogonal(network, last_gain):
    """Orthogonal weights and zero biases, in place: gain √2 in hidden layers, last_gain in the last."""
    linear = [layer for layer in network.layers if isinstance(layer, nn.Linear)]
    for layer in linear:
        nn.init.orthogonal_(layer.weight, last_gain if layer is linear[-1] else 2**0.5)
        nn.init.zeros_(layer.bias)


class PPORun:
    """All that a training consists of between two updates."""

    def __init__(self, config, seed):
        torch.manual_seed(seed)  # the initial weights come from PyTorch's own generator
        self.config, self.seed, self.rng = config, seed, np.random.default_rng(seed)
        self.envs = same_step_envs(config.env_id, config.num_envs)
        self.space = self.envs.single_action_space
        self.obs, _ = self.envs.reset(seed=seed)
        size, self.continuous = self.obs.shape[1], isinstance(self.space, gym.spaces.Box)
        if self.continuous:
            self.envs = ClippedActions(self.envs)
            self.policy = GaussianPolicy(size, self.space.shape[0], config.hidden_sizes)
        else:
            self.policy = CategoricalPolicy(size, int(self.space.n), config.hidden_sizes)
        self.critic = ValueNetwork(size, config.hidden_sizes)
        orthogonal(self.policy, 0.01)
        orthogonal(self.critic, 1.0)
        self.parameters = [*self.policy.parameters(), *self.critic.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, config.learning_rate, eps=1e-5, fused=True)
        self.reward_norm, self.discounted = RunningNorm(()), torch.zeros(config.num_envs)
        self.step, self.updates, self.returns, self.episode_returns = 0, 0, [], np.zeros(config.num_envs)
        self.evaluations, self.best_score, self.best_weights, self.diagnostics = [], -np.inf, None, []

    def greedy(self, obs):
        """The most probable actions, within their bounds, for a NumPy array of observations."""
        actions = self.policy.greedy(obs)
        return actions.clip(self.space.low, self.space.high) if self.continuous else actions


def scaled_rewards(run, rollout):
    """Rewards divided by the standard deviation of the discounted sums of rewards so far, shape (steps, envs)."""
    sums = torch.empty_like(rollout.rewards)
    over = rollout.terminated | rollout.truncated
    for step, rewards in enumerate(rollout.rewards):
        sums[step] = run.discounted = rewards + run.config.gamma * run.discounted
        run.discounted = run.discounted * ~over[step]
    run.reward_norm.update(sums.flatten())
    return rollout.rewards / (run.reward_norm.var + 1e-8).sqrt()


def ppo_epochs(run, obs, actions, old_log_probs, advantages, targets):
    """Epochs of shuffled minibatches over the rows of a rollout, one optimisation step for each minibatch.

    Args:
        run: a PPORun; its networks change in place.
        obs, actions: tensors with one row for each step of the rollout.
        old_log_probs, advantages, targets: shape (rows,), without gradient: of the policy that acted, and as GAE gave.
    """
    config, policy, critic = run.config, run.policy, run.critic
    for _ in range(config.epochs):
        for rows in torch.from_numpy(run.rng.permutation(len(obs))).chunk(config.minibatches):
            log_probs, entropies = policy.log_prob_and_entropy(obs[rows], actions[rows])
            policy_loss = clipped_loss(log_probs, old_log_probs[rows], standardise(advantages[rows]), config.clip_range)
            critic_loss = ((critic(policy.norm(obs[rows])) - targets[rows]) ** 2).mean()
            loss = policy_loss + config.critic_weight * critic_loss - config.entropy_weight * entropies.mean()
            run.optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(run.parameters, config.max_grad_norm)
            run.optimizer.step()


def ppo_update(run, rollout):
    """Learn from a rollout that the policy has just played; note approximate KL and clip fraction in diagnostics."""
    config, policy, critic = run.config, run.policy, run.critic
    rewards = scaled_rewards(run, rollout) if config.scale_rewards else rollout.rewards
    obs, actions, flags = rollout.obs.flatten(0, 1), rollout.actions.flatten(0, 1), rollout[-2:]  # both flags
    with torch.no_grad():
        values, next_values = critic(policy.norm(rollout.obs)), critic(policy.norm(rollout.next_obs))
        advantages = gae(rewards, values, next_values, *flags, config.gamma, config.gae_lambda)
        targets, advantages = (advantages + values).flatten(), advantages.flatten()
        old_log_probs, _ = policy.log_prob_and_entropy(obs, actions)
    ppo_epochs(run, obs, actions, old_log_probs, advantages, targets)
    log_probs = policy.log_prob_and_entropy(obs, actions)[0].detach()
    clipped = ((log_probs - old_log_probs).exp() - 1).abs() > config.clip_range
    run.diagnostics.append((approximate_kl(log_probs, old_log_probs).item(), clipped.float().mean().item()))


def train_ppo(run, num_updates, on_episode=None):
    """Train `run` for num_updates more updates, in place.

    Args:
        run: a PPORun.
        num_updates: how many updates to go on.
        on_episode: called as on_episode(step, return) for each episode that has ended.
    """
    config = run.config
    for _ in range(num_updates):
        share_left = 1 - run.updates / config.total_updates if config.anneal else 1.0
        run.optimizer.param_groups[0]["lr"] = config.learning_rate * share_left
        rollout, run.obs = collect(run.envs, run.obs, run.policy.sampler(run.rng), config.num_steps)
        ppo_update(run, rollout)
        if config.normalise_obs:
            run.policy.norm.update(rollout.obs.flatten(0, 1))
        run.updates += 1
        count_episodes(run, rollout, on_episode)
