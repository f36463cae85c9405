"""Exercise 3.1 of chapter 03: the Q-network."""

from itertools import pairwise

from torch import nn

from drl_helpers.exercises.chapter03_network_seen import expected_network, observe_network
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "03_deep_q_network"


class WithForward(nn.Module):
    """The part of the exercise that is given."""

    def __init__(self, obs_size, num_actions, hidden_sizes=(128, 128)):
        super().__init__()
        self.obs_size = obs_size
        self.layers = self.build(obs_size, num_actions, hidden_sizes)

    def forward(self, obs):
        """Values, shape (batch, num_actions)."""
        if obs.shape[-1:] != (self.obs_size,):
            raise ValueError(f"shape {tuple(obs.shape)} came")
        return self.layers(obs)


def network(build):
    """A class whose layers are made by `build(obs_size, num_actions, hidden_sizes)`."""
    return type("QNetwork", (WithForward,), {"build": staticmethod(build)})


def stack(activation=nn.ReLU, last=None, bias=True, hidden_bias=True):
    """Linear layers with an activation between them, one part exchanged."""

    def build(obs_size, num_actions, hidden_sizes):
        sizes, layers = (obs_size, *hidden_sizes, num_actions), []
        for number, (size, next_size) in enumerate(pairwise(sizes)):
            layers.append(nn.Linear(size, next_size, bias=bias if number == len(hidden_sizes) else hidden_bias))
            if number < len(hidden_sizes) and activation is not None:
                layers.append(activation())
        return nn.Sequential(*layers, *([last] if last is not None else []))

    return build


def _appended(obs_size, num_actions, hidden_sizes):
    layers = nn.Sequential()
    for hidden_size in hidden_sizes:
        layers.append(nn.Linear(obs_size, hidden_size))
        layers.append(nn.ReLU())
        obs_size = hidden_size
    layers.append(nn.Linear(obs_size, num_actions))
    return layers


def _nested(obs_size, num_actions, hidden_sizes):
    blocks, sizes = [], [obs_size, *hidden_sizes]
    for index in range(len(hidden_sizes)):
        blocks.append(nn.Sequential(nn.Linear(sizes[index], sizes[index + 1]), nn.ReLU(inplace=True)))
    return nn.Sequential(*blocks, nn.Linear(sizes[-1], num_actions))


def _one_relu(obs_size, num_actions, hidden_sizes):
    layers = list(stack(None)(obs_size, num_actions, hidden_sizes))
    return nn.Sequential(layers[0], *([nn.ReLU()] if hidden_sizes else []), *layers[1:])


def _last_hidden_linear(obs_size, num_actions, hidden_sizes):
    layers = list(stack()(obs_size, num_actions, hidden_sizes))
    return nn.Sequential(*layers[:-2], *layers[-1:])


def _unlinked(obs_size, num_actions, hidden_sizes):
    layers = [layer for size in hidden_sizes for layer in (nn.Linear(obs_size, size), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(hidden_sizes[-1] if hidden_sizes else obs_size, num_actions))


def _zero(obs_size, num_actions, hidden_sizes):
    layers = stack()(obs_size, num_actions, hidden_sizes)
    for parameter in layers.parameters():
        nn.init.zeros_(parameter)
    return layers


def _without_layers(self, obs_size, num_actions, hidden_sizes=(128, 128)):
    nn.Module.__init__(self)
    self.obs_size = obs_size


def _two_hidden(obs_size, num_actions, hidden_sizes):
    return stack()(obs_size, num_actions, (hidden_sizes[0], hidden_sizes[1]))


class Unchecked(WithForward):
    """It takes observations of any size, and leaves it to torch to complain."""

    build = staticmethod(stack())

    def forward(self, obs):
        """Values, shape (batch, num_actions)."""
        return self.layers(obs)


NETWORK_MISTAKES = (
    Mistake(
        "no-activation",
        "There is nothing between the linear layers. Linear layers in a row are together only one linear layer: "
        "put an `nn.ReLU()` after each hidden one.",
        network(stack(None)),
    ),
    Mistake(
        "relu-at-the-end",
        "There is a ReLU after the last layer too. Values may be negative: the last layer stays linear.",
        network(stack(last=nn.ReLU())),
    ),
    Mistake(
        "softmax-at-the-end",
        "It ends with a softmax. Q-values are returns, not probabilities: the last layer stays linear.",
        network(stack(last=nn.Softmax(dim=-1))),
    ),
    Mistake(
        "tanh-at-the-end",
        "It ends with a tanh, which keeps values between −1 and 1; a return may be any number. Leave it out.",
        network(stack(last=nn.Tanh())),
    ),
    Mistake(
        "sigmoid-at-the-end",
        "It ends with a sigmoid, which keeps values between 0 and 1; a return may be any number. Leave it out.",
        network(stack(last=nn.Sigmoid())),
    ),
    Mistake("tanh", "A ReLU is wanted between the layers; this one has tanh.", network(stack(nn.Tanh))),
    Mistake("sigmoid", "A ReLU is wanted between the layers; this one has sigmoids.", network(stack(nn.Sigmoid))),
    Mistake("one-relu", "Only the first hidden layer is followed by a ReLU: each of them must be.", network(_one_relu)),
    Mistake(
        "last-hidden-linear",
        "The last hidden layer has no ReLU: only the output layer goes without.",
        network(_last_hidden_linear),
    ),
    Mistake(
        "fixed-sizes",
        "The hidden layers do not follow `hidden_sizes`: their number and widths come from there.",
        network(lambda obs_size, num_actions, _: stack()(obs_size, num_actions, (128, 128))),
    ),
    Mistake(
        "two-hidden-layers",
        "It always makes two hidden layers. There is one for each of `hidden_sizes`, however many: use a loop.",
        network(_two_hidden),
    ),
    Mistake(
        "no-layers",
        "`self.layers` is never set: `forward` calls it.",
        type("QNetwork", (WithForward,), {"__init__": _without_layers}),
    ),
    Mistake(
        "first-width-only",
        "Only the first of `hidden_sizes` is used: there is one hidden layer for each of them.",
        network(lambda obs_size, num_actions, hidden: stack()(obs_size, num_actions, hidden[:1])),
    ),
    Mistake(
        "unlinked",
        "Each hidden layer expects `obs_size` numbers. Only the first one sees the observation; every other one "
        "gets as many numbers as the layer before it gives.",
        network(_unlinked),
    ),
    Mistake(
        "reversed",
        "The hidden layers stand in reverse order.",
        network(lambda obs_size, num_actions, hidden: stack()(obs_size, num_actions, tuple(hidden)[::-1])),
    ),
    Mistake(
        "no-output-layer",
        "The output layer is missing: after the hidden layers comes a linear layer with `num_actions` outputs.",
        network(lambda obs_size, num_actions, hidden: stack(last=nn.ReLU())(obs_size, hidden[-1], hidden[:-1])),
    ),
    Mistake(
        "one-output",
        "It gives one value. One output for each action is wanted, so that a single pass values them all.",
        network(lambda obs_size, num_actions, hidden: stack()(obs_size, 1, hidden)),
    ),
    Mistake(
        "swapped",
        "Inputs and outputs are swapped: `obs_size` numbers go in, `num_actions` come out.",
        network(lambda obs_size, num_actions, hidden: stack()(num_actions, obs_size, hidden)),
    ),
    Mistake("no-bias", "The layers have no bias: drop `bias=False`.", network(stack(bias=False, hidden_bias=False))),
    Mistake(
        "plain-list",
        "`self.layers` is a plain Python list. Torch does not find the parameters in it, and it cannot be called: "
        "make it an `nn.Sequential(*layers)`.",
        network(lambda *sizes: list(stack()(*sizes))),
    ),
    Mistake(
        "list-not-unpacked",
        "`nn.Sequential` takes layers one by one: unpack the list with a star, `nn.Sequential(*layers)`.",
        network(lambda *sizes: nn.Sequential(list(stack()(*sizes)))),
    ),
    Mistake(
        "module-list",
        "An `nn.ModuleList` holds layers, but cannot be called: use an `nn.Sequential`.",
        network(lambda *sizes: nn.ModuleList(stack()(*sizes))),
    ),
    Mistake(
        "zeros",
        "All weights are zero. Every hidden unit then computes the same and no gradient tells them apart: keep "
        "torch's random initial weights.",
        network(_zero),
    ),
    Mistake(
        "unchecked",
        "`forward` no longer refuses observations of another size: keep its first lines as they were.",
        Unchecked,
    ),
)

Q_NETWORK = Exercise(
    id="q-network",
    name="QNetwork",
    notebook=NOTEBOOK,
    number="3.1",
    observe=observe_network,
    expected=expected_network,
    cases=(
        Case("Two hidden layers", {"obs_size": 3, "num_actions": 2, "hidden_sizes": (5, 6)}),
        Case("Three hidden layers", {"obs_size": 4, "num_actions": 3, "hidden_sizes": (7, 9, 8)}),
        Case("One hidden layer", {"obs_size": 6, "num_actions": 4, "hidden_sizes": (5,)}),
        Case("No hidden layer", {"obs_size": 3, "num_actions": 5, "hidden_sizes": ()}),
        Case("The widths left out", {"obs_size": 4, "num_actions": 2}),
    ),
    right=(network(_appended), network(_nested), network(stack())),
    mistakes=NETWORK_MISTAKES,
)

EXERCISES = (Q_NETWORK,)
