"""Exercise 7.5 of chapter 07: the convolutional Q-network."""

import numpy as np
import torch
from torch import nn

from drl_helpers.better_dqn import dueling_q_values
from drl_helpers.exercises.chapter07_conv import shape_by_counting
from drl_helpers.exercises.chapter07_network_built import BUILT_MISTAKES
from drl_helpers.exercises.chapter07_network_eyes import EYES_MISTAKES
from drl_helpers.exercises.chapter07_network_forward import FORWARD_MISTAKES
from drl_helpers.exercises.chapter07_network_parts import network
from drl_helpers.exercises.chapter07_network_seen import (
    CONVOLUTIONS,
    NUM_ACTIONS,
    PIXELS,
    expected_pong_network,
    observe_pong_network,
)
from drl_helpers.exercises.spec import Case, Exercise

NOTEBOOK = "07_pong"


class ComputedSizes(nn.Module):
    """Sizes by a formula, layers appended one by one, the heads put together by hand."""

    def __init__(self, num_actions=NUM_ACTIONS, picture_shape=(32, 32), convolutions=CONVOLUTIONS, hidden_size=128):
        super().__init__()
        shape, self.eyes = (4, *picture_shape), nn.Sequential()
        for numbers in convolutions:
            self.eyes.append(nn.Conv2d(shape[0], *numbers))
            self.eyes.append(nn.ReLU(inplace=True))
            shape = shape_by_counting(shape, *numbers)
        for layer in (nn.Flatten(start_dim=1), nn.Linear(int(np.prod(shape)), hidden_size), nn.ReLU()):
            self.eyes.append(layer)
        self.value_head, self.advantage_head = nn.Linear(hidden_size, 1), nn.Linear(hidden_size, num_actions)

    def forward(self, obs):
        features = self.eyes((obs.to(torch.float32) - PIXELS[0]).div(PIXELS[1]))
        advantages = self.advantage_head(features)
        return self.value_head(features) + (advantages - advantages.mean(dim=-1, keepdim=True))


class TriedSizes(nn.Module):
    """Sizes found by pushing an empty stack through; the pixels become floats by being subtracted from."""

    def __init__(self, num_actions=NUM_ACTIONS, picture_shape=(32, 32), convolutions=CONVOLUTIONS, hidden_size=128):
        super().__init__()
        self.advantage_head = nn.Linear(hidden_size, num_actions)
        self.value_head = nn.Linear(hidden_size, 1)
        layers, channels = [], 4
        for number, side, stride, padding in convolutions:
            layers.append(nn.Conv2d(channels, number, kernel_size=(side, side), stride=stride, padding=padding))
            layers.append(nn.ReLU())
            channels = number
        layers.append(nn.Flatten())
        with torch.no_grad():
            flat = nn.Sequential(*layers)(torch.zeros(1, 4, *picture_shape)).shape[1]
        self.eyes = nn.Sequential(*layers, nn.Linear(flat, hidden_size), nn.ReLU())

    def forward(self, obs):
        background, scale = PIXELS
        hidden = self.eyes((obs - background) / scale)
        return dueling_q_values(advantages=self.advantage_head(hidden), values=self.value_head(hidden))


def _case(label, num_actions, picture_shape, convolutions, hidden_size):
    args = {"num_actions": num_actions, "picture_shape": picture_shape, "convolutions": convolutions}
    return Case(label, {**args, "hidden_size": hidden_size})


PONG_NETWORK = Exercise(
    id="pong-network",
    name="PongNetwork",
    notebook=NOTEBOOK,
    number="7.5",
    observe=observe_pong_network,
    expected=expected_pong_network,
    cases=(
        _case("Two convolutions", 2, (17, 12), ((6, 5, 2, 1), (5, 3, 1, 2)), 9),
        _case("Three convolutions", 5, (20, 31), ((5, 4, 3, 0), (7, 2, 1, 1), (3, 3, 2, 1)), 12),
        _case("One convolution", 4, (9, 14), ((6, 3, 2, 0),), 10),
        Case("Everything left out", {}),
    ),
    right=(ComputedSizes, TriedSizes, network()),
    mistakes=EYES_MISTAKES + BUILT_MISTAKES + FORWARD_MISTAKES,
)

EXERCISES = (PONG_NETWORK,)
