"""Exercise 7.4 of chapter 07: what a convolution does to shapes."""

import math

import torch
from torch import nn

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "07_pong"


def shape_by_counting(shape, num_kernels, kernel, stride, padding):
    sides = []
    for side in shape[1:]:
        places, start = 0, -padding
        while start + kernel <= side + padding:
            places += 1
            start += stride
        sides.append(places)
    return (num_kernels, *sides)


def shape_by_torch(shape, num_kernels, kernel, stride, padding):
    convolution = nn.Conv2d(shape[0], num_kernels, kernel, stride, padding, device="meta")
    return tuple(convolution(torch.empty(1, *shape, device="meta")).shape[1:])


def shape_by_range(shape, num_kernels, kernel, stride, padding):
    height, width = (len(range(0, side + 2 * padding - kernel + 1, stride)) for side in shape[-2:])
    return num_kernels, height, width


def shape_by_floor(shape, num_kernels, kernel, stride, padding):
    height, width = (math.floor((side - kernel + padding + padding) / stride + 1) for side in shape[1:])
    return num_kernels, height, width


def formula(side, kernel, stride, padding):
    """The number of places of a kernel along a side."""
    return (side + 2 * padding - kernel) // stride + 1


def make_shape(side=formula, channels=lambda before, num_kernels: num_kernels, finish=lambda c, h, w: (c, h, w)):
    """An answer with the rule for a side, the channels, or what is returned exchanged."""

    def attempt(shape, num_kernels, kernel, stride, padding):
        height, width = (side(length, kernel, stride, padding) for length in shape[1:])
        return finish(channels(shape[0], num_kernels), height, width)

    return attempt


def _first_two(shape, num_kernels, kernel, stride, padding):
    height, width = (formula(side, kernel, stride, padding) for side in shape[:2])
    return num_kernels, height, width


SHAPE_MISTAKES = (
    Mistake(
        "no-floor",
        "It divides with `/`: sides are whole numbers. Take the floor, `//`.",
        make_shape(lambda n, k, s, p: (n + 2 * p - k) / s + 1),
    ),
    Mistake(
        "ceil",
        "It rounds up. A window that would reach over the edge is not taken: round *down*.",
        make_shape(lambda n, k, s, p: math.ceil((n + 2 * p - k) / s) + 1),
    ),
    Mistake(
        "rounded",
        "It rounds to the nearest whole number. A window that would reach over the edge is not taken: round *down*.",
        make_shape(lambda n, k, s, p: round((n + 2 * p - k) / s) + 1),
    ),
    Mistake(
        "padding-once",
        "The padding counts once. Zeros are put at *both* ends of a side: it grows by 2 `padding`.",
        make_shape(lambda n, k, s, p: (n + p - k) // s + 1),
    ),
    Mistake(
        "no-padding",
        "The padding is left out: the side is longer by 2 `padding`.",
        make_shape(lambda n, k, s, p: (n - k) // s + 1),
    ),
    Mistake(
        "padding-subtracted",
        "The padding is taken away. It lengthens the side: add it.",
        make_shape(lambda n, k, s, p: (n - 2 * p - k) // s + 1),
    ),
    Mistake(
        "padding-after-dividing",
        "The padding is added to what comes out. It belongs to what goes in, before the division.",
        make_shape(lambda n, k, s, p: (n - k) // s + 1 + 2 * p),
    ),
    Mistake(
        "no-plus-one",
        "The + 1 is missing. The division counts the *moves* of the window; its first place comes on top.",
        make_shape(lambda n, k, s, p: (n + 2 * p - k) // s),
    ),
    Mistake(
        "plus-one-inside",
        "The 1 is added before the division: the brackets end before it.",
        make_shape(lambda n, k, s, p: (n + 2 * p - k + 1) // s),
    ),
    Mistake(
        "no-brackets",
        "Only the kernel is divided by the stride: put brackets around the sum, for `//` comes before + and −.",
        make_shape(lambda n, k, s, p: n + 2 * p - k // s + 1),
    ),
    Mistake(
        "no-kernel",
        "The kernel is left out. Its window must fit in: it can start in `kernel` − 1 places fewer.",
        make_shape(lambda n, k, s, p: (n + 2 * p) // s),
    ),
    Mistake(
        "no-kernel-plus-one",
        "The kernel is not taken away: the last place of the window begins `kernel` pixels before the end.",
        make_shape(lambda n, k, s, p: (n + 2 * p) // s + 1),
    ),
    Mistake(
        "no-stride",
        "The stride is left out: the window moves on by `stride` pixels, so divide by it.",
        make_shape(lambda n, k, s, p: n + 2 * p - k + 1),
    ),
    Mistake(
        "kernel-and-stride-swapped",
        "Kernel and stride are swapped: take the kernel away, divide by the stride.",
        make_shape(lambda n, k, s, p: (n + 2 * p - s) // k + 1),
    ),
    Mistake(
        "stride-and-padding-swapped",
        "Stride and padding are swapped: the padding lengthens the side, the stride divides.",
        make_shape(lambda n, k, s, p: formula(n, k, p, s)),
    ),
    Mistake(
        "same",
        "It rounds the side divided by the stride up, as some libraries do with a padding called *same*. Here the "
        "padding is given.",
        make_shape(lambda n, k, s, p: -(-n // s)),
    ),
    Mistake(
        "transposed-convolution",
        "This is the shape of a *transposed* convolution, which makes a picture larger.",
        make_shape(lambda n, k, s, p: (n - 1) * s - 2 * p + k),
    ),
    Mistake(
        "height-and-width-swapped",
        "Height and width are swapped: the order is (channels, height, width).",
        make_shape(finish=lambda c, h, w: (c, w, h)),
    ),
    Mistake(
        "square",
        "The width is that of the height: a picture need not be square.",
        make_shape(finish=lambda c, h, w: (c, h, h)),
    ),
    Mistake(
        "height-of-the-width",
        "The height is that of the width: a picture need not be square.",
        make_shape(finish=lambda c, h, w: (c, w, w)),
    ),
    Mistake(
        "first-two",
        "It takes the channels for the height, and the height for the width: `shape` begins with the channels.",
        _first_two,
    ),
    Mistake(
        "channels-kept",
        "The channels of the picture are kept. Each kernel looks at all of them and gives one channel: as many come "
        "out as there are kernels.",
        make_shape(channels=lambda before, num_kernels: before),
    ),
    Mistake(
        "channels-multiplied",
        "The channels are multiplied. A kernel looks at all channels at once and sums: as many channels come out as "
        "there are kernels.",
        make_shape(channels=lambda before, num_kernels: before * num_kernels),
    ),
    Mistake(
        "channels-added",
        "The channels that went in are counted too: only those that the kernels give come out.",
        make_shape(channels=lambda before, num_kernels: before + num_kernels),
    ),
    Mistake(
        "channels-last",
        "The channels stand last. PyTorch has them first: (channels, height, width).",
        make_shape(finish=lambda c, h, w: (h, w, c)),
    ),
    Mistake(
        "batch-added",
        "There is a batch size in front: three numbers are wanted, (channels, height, width).",
        make_shape(finish=lambda c, h, w: (1, c, h, w)),
    ),
    Mistake(
        "no-channels",
        "The channels are missing: (channels, height, width) is wanted.",
        make_shape(finish=lambda c, h, w: (h, w)),
    ),
    Mistake(
        "flattened",
        "It is the product of the three numbers: return the tuple itself.",
        make_shape(finish=lambda c, h, w: c * h * w),
    ),
    Mistake(
        "a-list",
        "It is a list: return a tuple, `num_kernels, height, width`.",
        make_shape(finish=lambda c, h, w: [c, h, w]),
    ),
)


def _case(label, shape, num_kernels, kernel, stride, padding):
    args = {"shape": shape, "num_kernels": num_kernels, "kernel": kernel, "stride": stride, "padding": padding}
    return Case(label, args)


CONV_SHAPE = Exercise(
    id="conv-shape",
    name="conv_shape",
    notebook=NOTEBOOK,
    number="7.4",
    cases=(
        _case("Stride 3, padding 2", (3, 20, 31), 7, 5, 3, 2),
        _case("Stride 2, padding 1", (4, 11, 16), 6, 4, 2, 1),
        _case("Without padding", (5, 84, 65), 16, 8, 4, 0),
        _case("Stride 1", (2, 9, 6), 8, 3, 1, 1),
        _case("A kernel of one pixel", (6, 7, 10), 3, 1, 2, 0),
        _case("A kernel as large as the padded picture", (2, 4, 9), 5, 6, 3, 1),
    ),
    right=(shape_by_counting, shape_by_torch, shape_by_range, shape_by_floor),
    mistakes=SHAPE_MISTAKES,
)

EXERCISES = (CONV_SHAPE,)
