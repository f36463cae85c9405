"""What goes wrong in exercise 7.1 of chapter 07 when the grey picture is made small and cropped."""

import numpy as np

from drl_helpers.exercises.chapter07_shrink_parts import blocks, make_shrink, whole
from drl_helpers.exercises.spec import Mistake


def _standardise(small):
    return (small - small.mean()) / small.std()


SMALL_MISTAKES = (
    Mistake(
        "every-fifth",
        "It takes every fifth pixel, `[::5, ::5]`, and throws the others away: a ball between them disappears. Take "
        "the mean of each block.",
        make_shrink(smaller=lambda grey: grey[::5, ::5]),
    ),
    Mistake(
        "middle-of-the-block",
        "It takes the pixel in the middle of each block: take the mean of all 25.",
        make_shrink(smaller=lambda grey: grey[2::5, 2::5]),
    ),
    Mistake(
        "maximum-of-the-block",
        "It takes the brightest pixel of each block: the maximum is over the two frames, and blocks have their mean.",
        make_shrink(smaller=lambda grey: grey.reshape(42, 5, 32, 5).max(axis=(1, 3))),
    ),
    Mistake(
        "median-of-the-block",
        "It takes the median of each block: take the mean.",
        make_shrink(smaller=lambda grey: np.median(grey.reshape(42, 5, 32, 5), axis=(1, 3))),
    ),
    Mistake(
        "sum-of-the-block",
        "It adds the 25 pixels of each block: divide by 25, or use `mean`.",
        make_shrink(smaller=lambda grey: 25 * blocks(grey), result=lambda small: whole(small.astype(int))),
    ),
    Mistake(
        "axes-swapped",
        "The blocks are mixed up: (5, 42, 5, 32) puts pixels together that are far from each other. The size of a "
        "block comes *after* the number of blocks: (42, 5, 32, 5).",
        make_shrink(smaller=lambda grey: grey.reshape(5, 42, 5, 32).mean(axis=(0, 2))),
    ),
    Mistake(
        "columns-mixed",
        "Along the columns the blocks are mixed up: their size, 5, comes after their number, (42, 5, 32, 5).",
        make_shrink(smaller=lambda grey: grey.reshape(42, 5, 5, 32).mean(axis=(1, 2))),
    ),
    Mistake(
        "rows-mixed",
        "Along the rows the blocks are mixed up: their size, 5, comes after their number, (42, 5, 32, 5).",
        make_shrink(smaller=lambda grey: grey.reshape(5, 42, 32, 5).mean(axis=(0, 3))),
    ),
    Mistake(
        "means-over-the-picture",
        "The means are over axes 0 and 2, which count the blocks: a block's own rows and columns are axes 1 and 3.",
        make_shrink(smaller=lambda grey: grey.reshape(42, 5, 32, 5).mean(axis=(0, 2)), crop=lambda small: small),
    ),
    Mistake(
        "field-before-it-is-cropped",
        "The whole screen has 42 rows of blocks, not 32: (42, 5, 32, 5), and `[FIELD]` afterwards.",
        make_shrink(smaller=lambda grey: grey.reshape(32, 5, 32, 5).mean(axis=(1, 3)), crop=lambda small: small),
    ),
    Mistake(
        "not-cropped",
        "It is not cropped: rows 7 to 38 are wanted, `[FIELD]`.",
        make_shrink(crop=lambda small: small),
    ),
    Mistake(
        "columns-cropped",
        "It is cropped along the columns: `[FIELD]` alone takes *rows*, along axis 0.",
        make_shrink(crop=lambda small: small[:, 7:39]),
    ),
    *(
        Mistake(name, f"It keeps {what}: rows 7 to 38 are wanted, `[FIELD]`.", make_shrink(crop=crop))
        for name, what, crop in (
            ("first-rows", "the first 32 rows, with the score", lambda small: small[:32]),
            ("last-rows", "the last 32 rows, with the border below", lambda small: small[10:]),
            ("middle-rows", "the 32 rows in the middle", lambda small: small[5:37]),
            ("one-row-early", "rows 6 to 37", lambda small: small[6:38]),
            ("one-row-late", "rows 8 to 39", lambda small: small[8:40]),
            ("one-row-short", "31 rows only, 7 to 37", lambda small: small[7:38]),
        )
    ),
    Mistake(
        "cropped-before-one-early",
        "It is cropped before it is made smaller, and one pixel too early, `[34:194]`: the seven rows of blocks above "
        "the field are 35 pixels.",
        lambda frames: make_shrink(crop=lambda small: small[7:39])(np.roll(frames, 1, axis=1)),
    ),
    Mistake("transposed", "Rows and columns are swapped.", make_shrink(result=lambda small: whole(small.T))),
    Mistake(
        "upside-down",
        "The picture stands on its head: row 0 is at the top.",
        make_shrink(result=lambda small: whole(small[::-1])),
    ),
    Mistake(
        "both-frames",
        "It returns two small pictures, one for each frame: put the frames together, with their maximum.",
        lambda frames: np.stack([make_shrink()(frames[[index]]) for index in (0, 1)]),
    ),
    Mistake(
        "in-colour",
        "It still has three colours: weight them, along the last axis.",
        lambda frames: whole(np.rint(frames.max(0).reshape(42, 5, 32, 5, 3).mean(axis=(1, 3)))[7:39]),
    ),
    Mistake(
        "a-float",
        "The numbers are right but floats, which take 4 or 8 bytes in place of 1: `.astype(np.uint8)`.",
        make_shrink(result=lambda small: small),
    ),
    Mistake(
        "an-int64",
        "The numbers are right but take 8 bytes each: uint8, which takes one, is enough for 0 to 255.",
        make_shrink(result=lambda small: small.astype(np.int64)),
    ),
    Mistake(
        "float-unrounded",
        "The means stay as they are, floats: round them with `np.rint`, and convert with `.astype(np.uint8)`.",
        make_shrink(round_mean=lambda small: small, result=lambda small: small),
    ),
    Mistake(
        "scaled",
        "It is scaled to [0, 1]: pictures are kept as whole numbers from 0 to 255, which take a byte each. The "
        "network scales them.",
        make_shrink(result=lambda small: small / 255),
    ),
    Mistake(
        "scaled-to-nothing",
        "It is scaled to [0, 1] and then converted to whole numbers: nearly everything becomes 0. Do not scale.",
        make_shrink(result=lambda small: whole(small / 255)),
    ),
    Mistake(
        "standardised",
        "It is standardised: leave the numbers as they are, from 0 to 255.",
        make_shrink(result=_standardise),
    ),
    Mistake(
        "inverted",
        "Bright and dark are swapped: 255 is white.",
        make_shrink(result=lambda small: whole(255 - small)),
    ),
)
