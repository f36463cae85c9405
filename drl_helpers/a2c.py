"""What chapter 09 builds: A2C, its settings, its update and its training."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from drl_helpers.policy import PolicyNetwork, ValueNetwork, entropy, log_prob, numpy_layers, sample_actions
from drl_helpers.reinforce import reinforce_loss
from drl_helpers.rollout import collect, count_episodes, gae, same_step_envs


@dataclass
class A2CConfig:
    """Settings of a run of A2C."""

    env_id: str = "CartPole-v1"
    total_updates: int = 1_500  # the most it may take
    num_envs: int = 8  # side by side
    num_steps: int = 16  # of each environment in one update
    hidden_sizes: tuple = (64, 64)  # neurons in each hidden layer, of actor and of critic
    learning_rate: float = 2e-3  # Adam's step size
    gamma: float = 0.99  # discount
    gae_lambda: float = 0.95  # how far advantages look ahead
    entropy_weight: float = 0.01  # of the entropy bonus, nats
    critic_weight: float = 0.5  # of the critic's loss in the sum
    max_grad_norm: float = 0.5  # longest gradient that is followed
    eval_every: int = 16  # updates from one evaluation to the next
    eval_episodes: int = 50
    solved_at: float = 500.0  # mean return over an evaluation at which training stops


class A2CRun:
    """All that a training consists of between two updates."""

    def __init__(self, config, seed):
        torch.manual_seed(seed)  # the initial weights come from PyTorch's own generator
        self.config, self.seed, self.rng = config, seed, np.random.default_rng(seed)
        self.envs = same_step_envs(config.env_id, config.num_envs)
        self.obs, _ = self.envs.reset(seed=seed)
        size, num_actions = self.obs.shape[1], int(self.envs.single_action_space.n)
        self.policy = PolicyNetwork(size, num_actions, config.hidden_sizes)
        self.critic = ValueNetwork(size, config.hidden_sizes)
        self.parameters = [*self.policy.parameters(), *self.critic.parameters()]
        self.optimizer = torch.optim.Adam(self.parameters, config.learning_rate, fused=True)
        self.step, self.updates, self.returns, self.episode_returns = 0, 0, [], np.zeros(config.num_envs)
        self.evaluations, self.best_score, self.best_weights = [], -np.inf, None

    def sampled(self, obs):
        """Sampled actions, shape (batch,), for a NumPy array of observations."""
        return sample_actions(numpy_layers(self.policy.layers)(obs), self.rng)

    def greedy(self, obs):
        """The most probable actions, shape (batch,)."""
        return numpy_layers(self.policy.layers)(obs).argmax(axis=1)


def a2c_update(run, rollout):
    """One step of actor and critic on a rollout that the actor has just played (Mnih et al., 2016).

    Args:
        run: an A2CRun; its networks change in place.
        rollout: a Rollout.
    """
    config = run.config
    logits, values = run.policy(rollout.obs.flatten(0, 1)), run.critic(rollout.obs)
    # Advantages for the actor, targets for the critic.
    with torch.no_grad():
        next_values = run.critic(rollout.next_obs)
    flags = rollout.terminated, rollout.truncated
    advantages = gae(rollout.rewards, values, next_values, *flags, config.gamma, config.gae_lambda)
    targets = advantages + values.detach()
    # One loss for both networks.
    policy_loss = reinforce_loss(log_prob(logits, rollout.actions.flatten()), advantages.flatten())
    value_loss = ((values - targets) ** 2).mean()
    loss = policy_loss + config.critic_weight * value_loss - config.entropy_weight * entropy(logits).mean()
    # One step, along a gradient of limited length.
    run.optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(run.parameters, config.max_grad_norm)
    run.optimizer.step()


def train_a2c(run, num_updates, on_episode=None):
    """Train `run` for num_updates more updates, in place.

    Args:
        run: an A2CRun.
        num_updates: how many updates to go on.
        on_episode: called as on_episode(step, return) for each episode that has ended.
    """
    for _ in range(num_updates):
        rollout, run.obs = collect(run.envs, run.obs, run.sampled, run.config.num_steps)
        a2c_update(run, rollout)
        run.updates += 1
        count_episodes(run, rollout, on_episode)
