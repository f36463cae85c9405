"""What chapter 08 builds: a policy over actions as a network, and a value network beside it."""

import numpy as np
from torch import nn


def tanh_layers(obs_size, num_outputs, hidden_sizes):
    """A network with tanh after each hidden layer, whose widths are `hidden_sizes`."""
    hidden, size = [], obs_size
    for hidden_size in hidden_sizes:
        hidden += [nn.Linear(size, hidden_size), nn.Tanh()]
        size = hidden_size
    return nn.Sequential(*hidden, nn.Linear(size, num_outputs))


class PolicyNetwork(nn.Module):
    """Maps observations, float32 of shape (batch, obs_size), to logits, shape (batch, num_actions)."""

    def __init__(self, obs_size, num_actions, hidden_sizes=(64, 64)):
        super().__init__()
        self.layers = tanh_layers(obs_size, num_actions, hidden_sizes)

    def forward(self, obs):
        """The logits: the policy is their softmax."""
        return self.layers(obs)


class ValueNetwork(nn.Module):
    """Maps observations, float32 of shape (batch, obs_size), to values V(s), shape (batch,)."""

    def __init__(self, obs_size, hidden_sizes=(64, 64)):
        super().__init__()
        self.layers = tanh_layers(obs_size, 1, hidden_sizes)

    def forward(self, obs):
        """One value for each observation; squeezed, so that it meets returns of shape (batch,)."""
        return self.layers(obs).squeeze(-1)


def sample_actions(logits, rng):
    """Actions drawn from the softmax of logits, int64 of shape (batch,), each row independently.

    Args:
        logits: NumPy array of shape (batch, actions).
        rng: NumPy generator.
    """
    return (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)


def log_prob(logits, actions):
    """log π(a|s) of the actions taken, shape (batch,).

    Args:
        logits: tensor of shape (batch, actions).
        actions: int64 tensor of shape (batch,).
    """
    return logits.log_softmax(dim=1).gather(1, actions.unsqueeze(1)).squeeze(1)


def entropy(logits):
    """Entropy of each row's softmax in nats, shape (batch,); from 0 (certain) to log(actions) (uniform).

    Args:
        logits: tensor of shape (batch, actions).
    """
    log_probs = logits.log_softmax(dim=1)
    return -(log_probs.exp() * log_probs).sum(dim=1)


def numpy_layers(layers):
    """The same network as a function of NumPy arrays, on the network's own memory (GreedyActor, chapter 05).

    Args:
        layers: an nn.Sequential of linear layers with tanh between them.
    """
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    weights = [(layer.weight.detach().numpy().T, layer.bias.detach().numpy()) for layer in linear]

    def outputs(obs):
        for weight, bias in weights[:-1]:
            obs = np.tanh(obs @ weight + bias)
        weight, bias = weights[-1]
        return obs @ weight + bias

    return outputs
