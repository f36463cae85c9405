"""What goes wrong in exercise 7.3 of chapter 07: first of all with the ring and the order."""

import numpy as np

from drl_helpers.exercises.chapter07_gather_ages import AGE_MISTAKES
from drl_helpers.exercises.chapter07_gather_parts import BACK, ages_of_pairs, make_gather, never
from drl_helpers.exercises.spec import Mistake


def _black_below_zero(pictures, ages, rows, games):
    stacks = make_gather()(pictures, ages, rows, games)
    stacks[rows[:, None] < BACK] = 0
    return stacks


def _neighbours(pictures, ages, rows, games):
    """Count back in the list of all pictures, where the pictures of one row are neighbours."""
    count = pictures.shape[0] * pictures.shape[1]
    flat = (rows * pictures.shape[1] + games)[:, None] - BACK
    stacks = pictures.reshape(count, *pictures.shape[2:])[flat % count]
    stacks[ages_of_pairs(ages, rows, games) < BACK] = 0
    return stacks


def _blackens_the_memory(pictures, ages, rows, games):
    for row, game in zip(rows, games, strict=True):
        for back in range(ages[row, game] + 1, 4):
            pictures[row - back, game] = 0
    return make_gather(before=never)(pictures, ages, rows, games)


def _first_game(pictures, where, games):
    return pictures[:, 0][where]


def _empty_floats(pictures, ages, rows, games):
    stacks = np.zeros((len(rows), 4, *pictures.shape[2:]))
    stacks[:] = make_gather()(pictures, ages, rows, games)
    return stacks


def _rows_along_the_batch(pictures, ages, rows, games):
    stacks = pictures[(rows - BACK) % len(pictures), games[:, None]]
    stacks[ages_of_pairs(ages, rows, games) < BACK] = 0
    return stacks


GATHER_MISTAKES = (
    Mistake(
        "stays-at-row-zero",
        "It does not wrap: where a stack reaches back beyond row 0, row 0 is taken again. Before row 0 comes the last "
        "row, `% len(pictures)`.",
        make_gather(wrap=lambda where, pictures: np.maximum(where, 0)),
    ),
    Mistake(
        "black-before-row-zero",
        "Where a stack reaches back beyond row 0 it is black. The ring wraps: before row 0 comes the last row, "
        "`% len(pictures)`.",
        _black_below_zero,
    ),
    Mistake(
        "wraps-one-short",
        "It wraps one row too early: a ring of n rows has the remainder by n.",
        make_gather(wrap=lambda where, pictures: where % (len(pictures) - 1)),
    ),
    Mistake(
        "wraps-one-long",
        "It wraps one row too late: a ring of n rows has the remainder by n.",
        make_gather(wrap=lambda where, pictures: where % (len(pictures) + 1)),
    ),
    Mistake(
        "wraps-at-the-games",
        "It wraps at the number of games: the ring is as long as there are rows, `len(pictures)`.",
        make_gather(wrap=lambda where, pictures: where % pictures.shape[1]),
    ),
    Mistake(
        "newest-first",
        "The newest picture is first: it comes last, so the rows back are 3, 2, 1, 0.",
        make_gather(back=np.arange(4)),
    ),
    Mistake(
        "mask-reversed",
        "The pictures are in the right order, and the mask is in reverse: it blackens the newest ones. Compare the "
        "ages with the same rows back, 3, 2, 1, 0.",
        make_gather(before=lambda back, age: back[::-1] > age),
    ),
    Mistake(
        "pictures-reversed",
        "The mask is in the right order, and the pictures are in reverse: the newest comes last.",
        make_gather(take=lambda pictures, where, games: pictures[where[:, ::-1], games[:, None]]),
    ),
    *AGE_MISTAKES,
    Mistake(
        "first-game",
        "It takes the pictures of game 0 for all: each pair has its own game.",
        make_gather(take=_first_game),
    ),
    Mistake(
        "grid",
        "It takes every row with every game: the batch is made of *pairs*. Index with both at once, "
        "`pictures[some_rows, games[:, None]]`.",
        make_gather(take=lambda pictures, where, games: pictures[where][:, :, games]),
    ),
    Mistake(
        "games-left-out",
        "It indexes the rows only, so each step comes with the pictures of all games.",
        make_gather(take=lambda pictures, where, games: pictures[where]),
    ),
    Mistake(
        "games-along-the-batch",
        "`games` lies along the wrong axis: each pair has one game for its four rows, so it needs the shape "
        "(batch, 1), `games[:, None]`.",
        make_gather(take=lambda pictures, where, games: pictures[where, games]),
    ),
    Mistake(
        "rows-along-the-batch",
        "`rows - back` subtracts the four offsets along the batch, where that works at all: each row has its own four, "
        "`rows[:, None] - back`.",
        _rows_along_the_batch,
    ),
    Mistake(
        "rows-and-games-swapped",
        "Rows and games are swapped: the rows are axis 0 of `pictures`, the games axis 1.",
        make_gather(take=lambda pictures, where, games: pictures[games[:, None], where]),
    ),
    Mistake(
        "neighbouring-games",
        "It goes back in the list of all pictures, where the neighbours of a picture belong to *other games*. The "
        "picture before is one row back, in the same game.",
        _neighbours,
    ),
    Mistake(
        "without-the-newest",
        "It takes the rows 4 to 1 back: the row's own picture is missing, the newest of the stack.",
        make_gather(back=BACK + 1, before=lambda back, age: back - 1 > age),
    ),
    Mistake(
        "one-row-ahead",
        "It takes the rows 2 back to 1 *ahead*: what comes after is not known yet.",
        make_gather(back=BACK - 1, before=lambda back, age: back + 1 > age),
    ),
    Mistake(
        "forwards",
        "It takes the rows *after* the row: the stack shows what came before.",
        make_gather(back=-BACK, before=lambda back, age: -back > age),
    ),
    Mistake(
        "forwards-from-the-row",
        "It takes the row and the three *after* it: the stack shows the row and the three before.",
        make_gather(back=-np.arange(4), before=lambda back, age: back + 3 > age),
    ),
    Mistake(
        "newest-four-times",
        "It takes the row's own picture four times: go back by 3, 2, 1 and 0 rows.",
        make_gather(take=lambda pictures, where, games: pictures[where[:, 3:].repeat(4, 1), games[:, None]]),
    ),
    Mistake(
        "three-pictures",
        "The stacks have three pictures: `np.arange(3, 0, -1)` ends at 1. It takes `np.arange(3, -1, -1)` to end at 0.",
        make_gather(back=BACK[:-1]),
    ),
    Mistake(
        "newest-alone",
        "It returns the newest picture alone, not a stack of four.",
        make_gather(result=lambda stacks: stacks[:, -1]),
    ),
    Mistake(
        "pictures-first",
        "The axes are in another order: (batch, 4, height, width) is wanted.",
        make_gather(result=lambda stacks: stacks.swapaxes(0, 1)),
    ),
    Mistake(
        "pictures-last",
        "The four pictures are on the last axis: (batch, 4, height, width) is wanted.",
        make_gather(result=lambda stacks: np.moveaxis(stacks, 1, -1)),
    ),
    Mistake(
        "sides-swapped",
        "Height and width are swapped.",
        make_gather(result=lambda stacks: stacks.swapaxes(2, 3)),
    ),
    Mistake(
        "floats",
        "The numbers are right but floats: `np.zeros` makes those unless it is told `np.uint8`.",
        _empty_floats,
    ),
    Mistake(
        "an-int64",
        "The numbers are right but take 8 bytes each: keep the dtype of `pictures`, uint8.",
        make_gather(result=lambda stacks: stacks.astype(np.int64)),
    ),
    Mistake(
        "blackens-the-memory",
        "It writes the black into `pictures` itself: those are the last pictures of the game before, and other stacks "
        "still need them. Write into the stacks, which are copies.",
        _blackens_the_memory,
    ),
)
