"""What chapter 03 builds: a Q-network, and the parts of one step of learning from a batch of transitions."""

import numpy as np
import torch
from torch import nn


class QNetwork(nn.Module):
    """A network that maps observations to the values Q(s, ·) of all actions.

    Args:
        obs_size: how many numbers an observation has.
        num_actions: how many values come out.
        hidden_sizes: the widths of the hidden layers, each followed by a ReLU; () makes the network linear.
    """

    def __init__(self, obs_size, num_actions, hidden_sizes=(128, 128)):
        super().__init__()
        self.obs_size = obs_size
        hidden, size = [], obs_size
        for hidden_size in hidden_sizes:
            hidden += [nn.Linear(size, hidden_size), nn.ReLU()]
            size = hidden_size
        self.layers = nn.Sequential(*hidden, nn.Linear(size, num_actions))

    def forward(self, obs):
        """Values, shape (batch, num_actions), of observations, a float32 tensor of shape (batch, obs_size).

        Raises:
            ValueError: the observations are of another size.
        """
        if obs.shape[-1:] != (self.obs_size,):
            expected = f"this network was made for shape (batch, {self.obs_size})"
            raise ValueError(f"The observations have shape {tuple(obs.shape)}, but {expected}.")
        return self.layers(obs)


def chosen_q_values(q_values, actions):
    """The values Q(s, a) of the actions taken, shape (batch,).

    Args:
        q_values: shape (batch, actions), Q(s, ·).
        actions: shape (batch,), dtype int64, the action taken in each row.
    """
    return q_values.gather(1, actions.unsqueeze(1)).squeeze(1)


def td_target(rewards, next_q_values, terminated, gamma):
    """One-step Q-learning targets, shape (batch,); no gradient flows through them.

    Args:
        rewards: shape (batch,), the reward after each action.
        next_q_values: shape (batch, actions), Q(s', ·).
        terminated: shape (batch,), dtype bool, True where s' is terminal.
        gamma: discount in [0, 1].
    """
    with torch.no_grad():
        return rewards + gamma * ~terminated * next_q_values.max(dim=1).values


def td_loss(q_network, obs, actions, rewards, next_obs, terminated, gamma):
    """The mean squared TD error of a batch: one number, whose gradient is the semi-gradient.

    Args:
        q_network: maps observations (batch, obs_size) to values (batch, actions).
        obs, next_obs: shape (batch, obs_size), float32.
        actions: shape (batch,), int64.
        rewards: shape (batch,), float32.
        terminated: shape (batch,), bool, True where next_obs is terminal.
        gamma: discount in [0, 1].
    """
    q_values = chosen_q_values(q_network(obs), actions)
    with torch.no_grad():
        targets = td_target(rewards, q_network(next_obs), terminated, gamma)
    return ((targets - q_values) ** 2).mean()


def optimisation_step(optimizer, loss):
    """Change the parameters that `optimizer` holds by one step that lowers `loss`; returns the loss, a float.

    Args:
        optimizer: for instance torch.optim.Adam(q_network.parameters()).
        loss: a tensor with one number, computed from those parameters.
    """
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def act(q_network, obs, epsilon, rng):
    """ε-greedy actions for a batch of observations, a NumPy array of shape (batch,), dtype int64.

    Args:
        q_network: maps observations (batch, obs_size) to values (batch, actions).
        obs: NumPy array of shape (batch, obs_size), float32.
        epsilon: in [0, 1], the probability with which each row explores, independently of the others.
        rng: NumPy generator.
    """
    with torch.no_grad():
        q_values = q_network(torch.from_numpy(obs)).numpy()
    batch, num_actions = q_values.shape
    explores = rng.random(batch) < epsilon
    return np.where(explores, rng.integers(num_actions, size=batch), q_values.argmax(axis=1))
