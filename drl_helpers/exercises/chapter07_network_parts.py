"""Answers to exercise 7.5 of chapter 07, the convolutional network, with a part exchanged."""

import torch
from torch import nn

from drl_helpers.better_dqn import dueling_q_values
from drl_helpers.exercises.chapter07_conv import formula
from drl_helpers.exercises.chapter07_network_seen import CONVOLUTIONS, NUM_ACTIONS, PIXELS


def after_convolutions(layers, picture_shape):
    """The shape that comes out of the convolutions among `layers`."""
    channels, sides = 4, picture_shape
    for layer in layers:
        if isinstance(layer, nn.Conv2d):
            sizes = zip(sides, layer.kernel_size, layer.stride, layer.padding, strict=True)
            channels, sides = layer.out_channels, [formula(*size) for size in sizes]
    return channels, *sides


def pushed_through(layers, picture_shape):
    """How many numbers come out of `layers`, found by trying it out."""
    return nn.Sequential(*layers)(torch.zeros(1, 4, *picture_shape)).numel()


class Built(nn.Module):
    """The part of the exercise that is given."""

    def __init__(self, num_actions=NUM_ACTIONS, picture_shape=(32, 32), convolutions=CONVOLUTIONS, hidden_size=128):
        super().__init__()
        self.build(num_actions, picture_shape, convolutions, hidden_size)

    def build(self, num_actions, picture_shape, convolutions, hidden_size):
        """Makes the parts; one exchanged."""
        layers = self.look(convolutions)
        self.eyes = nn.Sequential(*layers, *self.read(self.flat(layers, picture_shape), hidden_size))
        self.advantage_head, self.value_head = self.heads(hidden_size, num_actions)

    @staticmethod
    def look(convolutions):
        return convolve(convolutions)

    @staticmethod
    def flat(layers, picture_shape):
        channels, height, width = after_convolutions(layers, picture_shape)
        return channels * height * width

    @staticmethod
    def read(flat, hidden_size):
        return nn.Flatten(), nn.Linear(flat, hidden_size), nn.ReLU()

    @staticmethod
    def heads(hidden_size, num_actions):
        return nn.Linear(hidden_size, num_actions), nn.Linear(hidden_size, 1)

    @staticmethod
    def pixels(obs):
        return (obs.float() - PIXELS[0]) / PIXELS[1]

    @staticmethod
    def combine(values, advantages):
        return dueling_q_values(values, advantages)

    def forward(self, obs):
        """Values, shape (batch, num_actions)."""
        return self.put_together(self.eyes(self.pixels(obs)))

    def put_together(self, hidden):
        """What the heads make of the hidden numbers."""
        return self.combine(self.value_head(hidden), self.advantage_head(hidden))


def network(**parts):
    """A class whose methods of these names are exchanged."""
    static = ("look", "flat", "read", "heads", "pixels", "combine")
    methods = {name: staticmethod(part) if name in static else part for name, part in parts.items()}
    return type("PongNetwork", (Built,), methods)


def convolve(convolutions, make=nn.Conv2d, after=lambda place, last: (nn.ReLU(),)):
    """Convolutions one after the other, with what stands after each of them."""
    channels, layers, last = 4, [], len(convolutions) - 1
    for place, (num_kernels, kernel, stride, padding) in enumerate(convolutions):
        layers += [make(channels, num_kernels, kernel, stride, padding), *after(place, last)]
        channels = num_kernels
    return layers


def looking(make=nn.Conv2d, after=lambda place, last: (nn.ReLU(),), which=lambda convolutions: convolutions):
    """A network with other convolutions, or with others of them, or with something else after them."""
    return network(look=lambda convolutions: convolve(which(convolutions), make, after))
