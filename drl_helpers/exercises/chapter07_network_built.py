"""What goes wrong in exercise 7.5 of chapter 07 around the convolutions: sizes, heads, and how parts are kept."""

from collections import OrderedDict

from torch import nn

from drl_helpers.exercises.chapter07_network_parts import Built, after_convolutions, network
from drl_helpers.exercises.spec import Mistake


def each(change):
    """Convolutions whose four numbers are changed."""
    return lambda convolutions: [change(*numbers) for numbers in convolutions]


def _whole(layers, picture_shape):
    return 4 * picture_shape[0] * picture_shape[1]


def _eyes_as(make):
    """A network whose eyes are put together otherwise."""

    def build(self, *sizes):
        Built.build(self, *sizes)
        layers = list(self.eyes)
        del self.eyes
        self.eyes = make(layers)

    return network(build=build)


def _local(self, *sizes):
    Built.build(self, *sizes)
    del self.eyes, self.advantage_head, self.value_head


def _other_name(self, *sizes):
    Built.build(self, *sizes)
    self.layers = self.eyes
    del self.eyes


def _one_head(self, *sizes):
    Built.build(self, *sizes)
    del self.value_head


def _zero(self, *sizes):
    Built.build(self, *sizes)
    for parameter in self.parameters():
        nn.init.zeros_(parameter)


BUILT_MISTAKES = (
    Mistake(
        "hidden-linear",
        "The ReLU after the hidden layer is missing. Without it that layer and the heads are one linear layer.",
        network(read=lambda flat, hidden: (nn.Flatten(), nn.Linear(flat, hidden))),
    ),
    Mistake(
        "flat-whole-picture",
        "The linear layer expects the numbers of the stack: the convolutions have made them fewer, or more.",
        network(flat=_whole),
    ),
    Mistake(
        "flat-without-channels",
        "The linear layer expects height times width: each channel has as many, so times the channels too.",
        network(flat=lambda layers, shape: after_convolutions(layers, shape)[1] * after_convolutions(layers, shape)[2]),
    ),
    Mistake(
        "flat-channels-only",
        "The linear layer expects one number from each channel: each has height times width of them.",
        network(flat=lambda layers, shape: after_convolutions(layers, shape)[0]),
    ),
    Mistake(
        "flat-fixed",
        "The linear layer always expects 2,048 numbers: that fits one network only. Let `conv_shape` tell.",
        network(flat=lambda layers, shape: 2048),
    ),
    Mistake(
        "flat-of-32",
        "The size of the linear layer is computed for 32 by 32 pixels: take `picture_shape`.",
        network(flat=lambda layers, shape: Built.flat(layers, (32, 32))),
    ),
    Mistake(
        "lazy",
        "An `nn.LazyLinear` has no weights before its first picture: until then they cannot be counted or stored. "
        "Compute the size, and use `nn.Linear`.",
        network(read=lambda flat, hidden: (nn.Flatten(), nn.LazyLinear(hidden), nn.ReLU())),
    ),
    Mistake(
        "no-flatten",
        "`nn.Flatten()` is missing: a linear layer takes rows of numbers, not pictures with channels.",
        network(read=lambda flat, hidden: (nn.Linear(flat, hidden), nn.ReLU())),
    ),
    Mistake(
        "flattened-with-the-batch",
        "The batch is flattened too: `nn.Flatten()` without numbers leaves axis 0 as it is.",
        network(read=lambda flat, hidden: (nn.Flatten(0), nn.Linear(flat, hidden), nn.ReLU())),
    ),
    Mistake(
        "no-hidden-layer",
        "The hidden layer is missing: after `nn.Flatten()` comes an `nn.Linear` to `hidden_size`, and a ReLU.",
        network(read=lambda flat, hidden: (nn.Flatten(),)),
    ),
    Mistake(
        "two-hidden-layers",
        "There are two hidden layers: one is wanted.",
        network(
            read=lambda flat, h: (nn.Flatten(), nn.Linear(flat, h), nn.ReLU(), nn.Linear(h, h), nn.ReLU()),
        ),
    ),
    Mistake(
        "hidden-fixed",
        "The hidden layer always has 128 neurons: take `hidden_size`.",
        network(
            read=lambda flat, hidden: Built.read(flat, 128),
            heads=lambda hidden, num_actions: Built.heads(128, num_actions),
        ),
    ),
    Mistake(
        "actions-fixed",
        "The advantage head always has 3 outputs: take `num_actions`.",
        network(heads=lambda hidden, num_actions: Built.heads(hidden, 3)),
    ),
    Mistake(
        "actions-of-the-console",
        "The advantage head always has 6 outputs, one for each action of the console: take `num_actions`.",
        network(heads=lambda hidden, num_actions: Built.heads(hidden, 6)),
    ),
    Mistake(
        "heads-swapped",
        "The heads are swapped: an advantage for each action, and one value of the state.",
        network(heads=lambda hidden, num_actions: Built.heads(hidden, num_actions)[::-1]),
    ),
    Mistake(
        "value-for-each-action",
        "The value head has an output for each action: a state has one value.",
        network(heads=lambda hidden, num_actions: (nn.Linear(hidden, num_actions), nn.Linear(hidden, num_actions))),
    ),
    Mistake(
        "one-advantage",
        "The advantage head has one output: each action has its own advantage.",
        network(heads=lambda hidden, num_actions: (nn.Linear(hidden, 1), nn.Linear(hidden, 1))),
    ),
    Mistake(
        "relu-in-the-heads",
        "The heads end with a ReLU. Values and advantages may be negative: a head is a linear layer alone.",
        network(heads=lambda *sizes: [nn.Sequential(head, nn.ReLU()) for head in Built.heads(*sizes)]),
    ),
    Mistake("one-head", "`self.value_head` is missing.", network(build=_one_head)),
    Mistake(
        "plain-list",
        "`self.eyes` is a plain Python list. Torch does not find the parameters in it, so nothing would learn them: "
        "make it an `nn.Sequential(*layers)`.",
        _eyes_as(list),
    ),
    Mistake(
        "module-list",
        "An `nn.ModuleList` holds layers, but cannot be called: use an `nn.Sequential`.",
        _eyes_as(nn.ModuleList),
    ),
    Mistake(
        "list-not-unpacked",
        "`nn.Sequential` takes layers one by one: unpack the list with a star, `nn.Sequential(*layers)`.",
        _eyes_as(lambda layers: nn.Sequential(list(layers))),
    ),
    Mistake(
        "nested",
        "The convolutions are in an `nn.Sequential` of their own. That computes the same, but names the weights "
        "otherwise, and stored weights are found by their names: put all layers side by side.",
        _eyes_as(lambda layers: nn.Sequential(nn.Sequential(*layers[:-3]), *layers[-3:])),
    ),
    Mistake(
        "own-names",
        "The layers in `eyes` have names of their own. Stored weights are found by name: let `nn.Sequential` count "
        "them, `nn.Sequential(*layers)`.",
        _eyes_as(lambda layers: nn.Sequential(OrderedDict((f"layer{n}", layer) for n, layer in enumerate(layers)))),
    ),
    Mistake("other-name", "`self.eyes` is never set: the layers go under this name.", network(build=_other_name)),
    Mistake(
        "no-self",
        "The parts are not kept: a name without `self.` is gone when `__init__` ends.",
        network(build=_local),
    ),
    Mistake(
        "zeros",
        "All weights are zero, so all kernels stay alike: keep torch's random initial weights.",
        network(build=_zero),
    ),
)
