"""What chapter 06 builds, in part: dueling heads, and an agent composed from four switches."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from drl_helpers.dqn import GreedyActor, soft_update
from drl_helpers.dqn_run import DQNConfig, DQNRun
from drl_helpers.n_step import NStepMemory, n_step_td_target
from drl_helpers.networks import QNetwork, chosen_q_values
from drl_helpers.prioritised import PrioritisedMemory
from drl_helpers.schedules import epsilon_schedule


def dueling_q_values(values, advantages):
    """Q(s, ·) = V(s) + A(s, ·) − mean of A(s, ·), shape (batch, actions) (Wang et al., 2016).

    Args:
        values: shape (batch, 1).
        advantages: shape (batch, actions).
    """
    return values + advantages - advantages.mean(dim=1, keepdim=True)


class DuelingNetwork(QNetwork):
    """A Q-network with two heads: its last layer gives the advantages, and `value_head` the value of the state.

    Args:
        obs_size, num_actions, hidden_sizes: as in QNetwork; at least one hidden layer.
    """

    def __init__(self, obs_size, num_actions, hidden_sizes=(128, 128)):
        super().__init__(obs_size, num_actions, hidden_sizes)
        self.value_head = nn.Linear(hidden_sizes[-1], 1)

    def forward(self, obs):
        """Values, shape (batch, num_actions), of observations of shape (batch, obs_size)."""
        hidden = self.layers[:-1](obs)
        return dueling_q_values(self.value_head(hidden), self.layers[-1](hidden))


@dataclass
class BetterConfig(DQNConfig):
    """Settings of a run: those of chapter 05, and four switches."""

    double: bool = True  # the online network chooses the next action, the target network judges it
    dueling: bool = True  # a head for the state's value, another one for the advantages
    n_steps: int = 3  # rewards in a return before its bootstrap
    prioritised: bool = True  # draw transitions by their TD error
    alpha: float = 0.6  # how much priorities count
    beta_start: float = 0.4  # how much is corrected at the start; at total_steps in full


class BetterRun(DQNRun):
    """All that a training consists of between two steps."""

    def __init__(self, config, seed):
        super().__init__(config, seed)
        shape, num_actions = self.obs.shape, int(self.env.action_space.n)
        if config.dueling:
            self.q_network = DuelingNetwork(*shape, num_actions, config.hidden_sizes)
            self.target_network = DuelingNetwork(*shape, num_actions, config.hidden_sizes)
            self.target_network.load_state_dict(self.q_network.state_dict())
            self.optimizer = torch.optim.Adam(self.q_network.parameters(), config.learning_rate, fused=True)
        if config.prioritised:
            self.memory = PrioritisedMemory(config.capacity, shape, config.n_steps, config.gamma, config.alpha)
        else:
            self.memory = NStepMemory(config.capacity, shape, config.n_steps, config.gamma)


def better_update(run):
    """One update of run.q_network from a batch, and new priorities for that batch."""
    config = run.config
    beta = config.beta_start + (1 - config.beta_start) * min(run.step / config.total_steps, 1.0)
    batch, rows, weights = run.memory.sample(config.batch_size, run.rng, beta)
    targets = n_step_td_target(batch, run.q_network, run.target_network, config.double)
    q_values = chosen_q_values(run.q_network(batch.obs), batch.actions)
    loss = (weights * F.smooth_l1_loss(q_values, targets, reduction="none")).mean()
    run.optimizer.zero_grad()
    loss.backward()
    run.optimizer.step()
    run.memory.set_priorities(rows, (targets - q_values).detach().numpy())


def train_better_dqn(run, num_steps, on_episode=None):
    """Train `run` for num_steps more steps of its environment, in place.

    Args:
        run: a BetterRun.
        num_steps: how many steps to go on.
        on_episode: called as on_episode(step, return) when an episode has ended, after all else.
    """
    config, env, memory, rng = run.config, run.env, run.memory, run.rng
    greedy_action, num_actions = GreedyActor(run.q_network), int(env.action_space.n)
    for _ in range(num_steps):
        epsilon = epsilon_schedule(run.step, config.epsilon_start, config.epsilon_end, config.decay_steps)
        action = int(rng.integers(num_actions)) if rng.random() < epsilon else greedy_action(run.obs)
        next_obs, reward, terminated, truncated, _ = env.step(action)
        memory.add(run.obs, action, reward, next_obs, terminated, truncated)
        run.obs, run.step, run.episode_return = next_obs, run.step + 1, run.episode_return + reward
        if run.step >= config.learning_starts and run.step % config.train_every == 0:
            better_update(run)
        if run.step % config.target_every == 0:
            soft_update(run.target_network, run.q_network, config.tau)
        if terminated or truncated:
            run.obs, _ = env.reset()
            run.returns.append(run.episode_return)
            run.episode_return = 0.0
            if on_episode is not None:
                on_episode(run.step, run.returns[-1])
