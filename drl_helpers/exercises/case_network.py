"""The networks among the arguments of cases, and whether an attempt changed them."""

import numpy as np
import torch
from torch import nn

from drl_helpers.networks import QNetwork


class CaseNetwork(QNetwork):
    """A Q-network that a card can show in a few characters; its weights are about as large as they are many."""

    def __init__(self, seed, *sizes):
        self.sizes = sizes
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            super().__init__(*sizes)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter *= 2  # values and gradients of a size that shows

    def __repr__(self):
        return f"QNetwork{self.sizes}"


def weights(network):
    """The weights and biases of a network, by name, copied."""
    return {name: parameter.detach().numpy().copy() for name, parameter in nn.Module.named_parameters(network)}


def changed(before, network):
    """Whether the weights of a network are what `weights` gave before, and can still learn, in a word."""
    if not all(parameter.requires_grad for parameter in nn.Module.parameters(network)):
        return "frozen: it can never learn again (`requires_grad`)"
    now = weights(network)
    return "unchanged" if all(np.array_equal(before[name], now[name]) for name in now) else "changed"
