"""What goes wrong in exercise 7.1 of chapter 07: first of all with the colours and the two frames."""

import numpy as np

from drl_helpers.exercises.chapter07_shrink_parts import EYE, blocks, make_shrink, whole
from drl_helpers.exercises.chapter07_shrink_small import SMALL_MISTAKES
from drl_helpers.exercises.spec import Mistake


def _in_place(frames):
    np.maximum(frames[0], frames[1], out=frames[1])
    return make_shrink()(frames[1:])


def _means_first(frames):
    """The maximum of the two small pictures."""
    grey = np.rint(frames @ np.array(EYE))
    return whole(np.rint([blocks(one) for one in grey]).max(axis=0)[7:39])


SHRINK_MISTAKES = (
    Mistake(
        "truncated-grey",
        "The grey is cut off, not rounded: `astype(np.uint8)` alone makes 87.9 an 87. Round first, with `np.rint`.",
        make_shrink(round_grey=whole),
    ),
    Mistake(
        "truncated-mean",
        "The means are cut off, not rounded: `astype(np.uint8)` alone makes 87.9 an 87. Round first, with `np.rint`.",
        make_shrink(round_mean=lambda small: small),
    ),
    Mistake(
        "truncated-twice",
        "Nothing is rounded: `astype(np.uint8)` cuts off what stands behind the point. Use `np.rint` before, both "
        "times.",
        make_shrink(round_grey=whole, round_mean=lambda small: small),
    ),
    Mistake(
        "rounded-once",
        "The grey is not rounded before the means are taken. It is rounded twice, as the console's own library does: "
        "after step 1, and after step 3.",
        make_shrink(round_grey=lambda grey: grey),
    ),
    Mistake(
        "never-rounded",
        "The grey is not rounded at all, and the means are cut off: use `np.rint` after step 1, and after step 3.",
        make_shrink(round_grey=lambda grey: grey, round_mean=lambda small: small),
    ),
    Mistake(
        "rounded-up",
        "It rounds up, always: the *nearest* whole number is wanted, `np.rint`.",
        make_shrink(round_grey=np.ceil, round_mean=np.ceil),
    ),
    Mistake(
        "blue-first",
        "The weights are in reverse order: the colours come as red, green, blue.",
        make_shrink(weigh=lambda frames: frames @ np.array(EYE[::-1])),
    ),
    Mistake(
        "mean-of-colours",
        "It takes the plain mean of the three colours: they have the weights 0.299, 0.587 and 0.114.",
        make_shrink(weigh=lambda frames: frames.mean(axis=-1)),
    ),
    Mistake(
        "overflow",
        "It adds the colours as uint8, where 255 + 1 is 0: make them floats before you add.",
        make_shrink(weigh=lambda frames: (frames[..., 0] + frames[..., 1] + frames[..., 2]) / 3),
    ),
    Mistake(
        "sum-of-colours",
        "It adds the three colours without their weights: that goes far beyond 255, which is the most that a uint8 "
        "holds.",
        make_shrink(weigh=lambda frames: frames.sum(axis=-1), result=lambda small: whole(small.astype(int))),
    ),
    Mistake(
        "brightest-colour",
        "It takes the brightest of the three colours: grey is their weighted sum.",
        make_shrink(weigh=lambda frames: frames.max(axis=-1)),
    ),
    *(
        Mistake(
            f"only-{colour}",
            f"It takes the {colour} alone for grey: weight all three colours.",
            make_shrink(weigh=lambda frames, index=index: frames[..., index]),
        )
        for index, colour in enumerate(("red", "green", "blue"))
    ),
    Mistake(
        "other-weights",
        "These are the weights of another standard, 0.2126, 0.7152 and 0.0722: here they are 0.299, 0.587 and 0.114.",
        make_shrink(weigh=lambda frames: frames @ np.array([0.2126, 0.7152, 0.0722])),
    ),
    Mistake(
        "maximum-of-colours",
        "The maximum over the two frames is taken for each colour, before there is any grey. Where one frame is "
        "redder and the other bluer that mixes a colour which neither has: grey first, then the brighter pixel.",
        lambda frames: make_shrink()(frames.max(axis=0, keepdims=True)),
    ),
    Mistake(
        "maximum-last",
        "The maximum is taken last, of the two small pictures: then a block counts as a whole. Take the brighter one "
        "of each *pixel*, before the picture is made smaller.",
        _means_first,
    ),
    Mistake(
        "two-frames-left",
        "There are still two frames where the blocks are made: put them together first, with `max(axis=0)`.",
        make_shrink(merge=lambda grey: grey),
    ),
    Mistake(
        "mean-of-frames",
        "It takes the mean of the two frames, so whatever is drawn in one of them only is half as bright: take the "
        "maximum.",
        make_shrink(merge=lambda grey: grey.mean(axis=0)),
    ),
    Mistake(
        "minimum",
        "It takes the *darker* pixel of the two, so whatever is drawn in one frame only is gone: take the maximum.",
        make_shrink(merge=lambda grey: grey.min(axis=0)),
    ),
    Mistake(
        "last-frame",
        "It uses the last frame only: what was drawn in the one before is missing. The brighter pixel of both counts.",
        make_shrink(merge=lambda grey: grey[-1]),
    ),
    Mistake(
        "first-frame",
        "It uses the first frame only, the older one. The brighter pixel of both counts.",
        make_shrink(merge=lambda grey: grey[0]),
    ),
    Mistake(
        "sum-of-frames",
        "It adds the two frames: that can go beyond 255, and starts at 0 again. Take the maximum.",
        make_shrink(merge=lambda grey: grey.sum(axis=0), result=lambda small: whole(small.astype(int))),
    ),
    Mistake(
        "difference-of-frames",
        "It subtracts one frame from the other, and what stands still is gone: take the maximum.",
        make_shrink(merge=lambda grey: np.abs(grey[1] - grey[0])),
    ),
    Mistake("in-place", "It changes `frames`, which others still need: make a new array.", _in_place),
    *SMALL_MISTAKES,
)
