"""What goes wrong in exercise 7.5 of chapter 07 with the convolutions."""

from torch import nn

from drl_helpers.exercises.chapter07_network_parts import Built, convolve, looking, network, pushed_through
from drl_helpers.exercises.chapter07_network_seen import CONVOLUTIONS
from drl_helpers.exercises.spec import Mistake


def each(change):
    """Convolutions whose four numbers are changed."""
    return lambda convolutions: [change(*numbers) for numbers in convolutions]


def _four(channels, *numbers):
    return nn.Conv2d(4, *numbers)


def _whole(layers, picture_shape):
    return 4 * picture_shape[0] * picture_shape[1]


def _pooled(*pool):
    def look(convolutions):
        return [*convolve(convolutions), *pool]

    return network(look=look, flat=pushed_through)


def _overwritten(self, *sizes):
    Built.build(self, *sizes)
    self.eyes = nn.Sequential(*list(self.eyes)[-5:])


def _relu_first(convolutions):
    return [layer for convolution in convolve(convolutions, after=_nothing) for layer in (nn.ReLU(), convolution)]


def _normalised(convolutions):
    layers = convolve(convolutions, after=_nothing)
    return [part for layer in layers for part in (layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU())]


def _nothing(place, last):
    return ()


EYES_MISTAKES = (
    Mistake(
        "no-relu",
        "There is no ReLU after the convolutions. Without it they are together only one convolution.",
        looking(after=_nothing),
    ),
    Mistake(
        "last-convolution-linear",
        "The last convolution has no ReLU: one comes after each of them.",
        looking(after=lambda place, last: (nn.ReLU(),) if place < last else ()),
    ),
    Mistake(
        "one-relu",
        "Only the last convolution is followed by a ReLU: put it into the loop, after each of them.",
        looking(after=lambda place, last: (nn.ReLU(),) if place == last else ()),
    ),
    Mistake(
        "relu-before",
        "A ReLU stands before each convolution: it belongs after it.",
        network(look=_relu_first),
    ),
    Mistake("tanh", "A ReLU is wanted after each convolution, not a tanh.", looking(after=lambda *_: (nn.Tanh(),))),
    Mistake(
        "one-convolution",
        "Only the first convolution is built: a loop goes through all of `convolutions`.",
        looking(which=lambda convolutions: convolutions[:1]),
    ),
    Mistake(
        "list-overwritten",
        "Only the last convolution is left: the list of layers is made anew in each pass of the loop. Add to it, `+=`.",
        network(build=_overwritten),
    ),
    Mistake(
        "fixed-kernels",
        "Each kernel has a side of 4, a stride of 2 and a padding of 1: these numbers stand in `convolutions`.",
        looking(which=each(lambda n, k, s, p: (n, 4, 2, 1))),
    ),
    Mistake(
        "always-the-same",
        "The loop goes through `CONVOLUTIONS`, a constant of the notebook: take the argument `convolutions`.",
        looking(which=lambda convolutions: CONVOLUTIONS),
    ),
    Mistake(
        "no-padding",
        "The padding is not handed to `nn.Conv2d`, whose own is 0.",
        looking(which=each(lambda n, k, s, p: (n, k, s, 0))),
    ),
    Mistake(
        "no-stride",
        "The stride is not handed to `nn.Conv2d`, whose own is 1.",
        looking(which=each(lambda n, k, s, p: (n, k, 1, p))),
    ),
    Mistake(
        "kernel-and-stride-swapped",
        "Kernel and stride are swapped: `nn.Conv2d` takes channels in, channels out, kernel, stride, padding.",
        looking(which=each(lambda n, k, s, p: (n, s, k, p))),
    ),
    Mistake(
        "kernels-and-side-swapped",
        "The number of kernels and their side are swapped: each of `convolutions` is (number, side, stride, padding).",
        looking(which=each(lambda n, k, s, p: (k, n, s, p))),
    ),
    Mistake(
        "channels-swapped",
        "The channels are swapped: `nn.Conv2d` takes those that come in first, then those that go out.",
        looking(make=lambda channels, n, *numbers: nn.Conv2d(n, channels, *numbers)),
    ),
    Mistake(
        "always-four-channels",
        "Each convolution expects 4 channels. Only the first one sees the stack; every other one gets as many channels "
        "as the one before it has kernels.",
        looking(make=_four),
    ),
    Mistake(
        "shape-not-updated",
        "`shape` stays that of the stack: let `shape = conv_shape(shape, ...)` in the loop, after the convolution.",
        network(look=lambda convolutions: convolve(convolutions, _four), flat=_whole),
    ),
    Mistake(
        "one-channel",
        "The first convolution expects one channel: a stack has four pictures, its channels.",
        looking(make=lambda channels, *numbers: nn.Conv2d(1 if channels == 4 else channels, *numbers)),
    ),
    Mistake(
        "convolution-without-bias",
        "The convolutions have no bias: drop `bias=False`.",
        looking(make=lambda *numbers: nn.Conv2d(*numbers, bias=False)),
    ),
    Mistake(
        "flatten-first",
        "The stacks are flattened before the convolutions: those need pictures. Flatten after them.",
        network(
            look=lambda convolutions: [nn.Flatten(), *convolve(convolutions)],
            read=lambda f, h: (nn.Linear(f, h), nn.ReLU()),
        ),
    ),
    Mistake(
        "max-pooling",
        "There is pooling between the convolutions. It blurs where the ball is, and the strides make the pictures "
        "smaller already: leave it out.",
        network(
            look=lambda convolutions: convolve(
                convolutions, after=lambda *_: (nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True))
            ),
            flat=pushed_through,
        ),
    ),
    Mistake(
        "mean-of-each-channel",
        "A channel's mean tells that something was found, and no longer where: leave the pooling out.",
        _pooled(nn.AdaptiveAvgPool2d(1)),
    ),
    Mistake(
        "batch-normalisation",
        "There is batch normalisation: it was not asked for, and makes the values of a stack depend on its batch.",
        network(look=_normalised),
    ),
    Mistake(
        "dropout",
        "There is a dropout layer, which leaves out numbers at random: values would differ from call to call.",
        _pooled(nn.Dropout()),
    ),
)
