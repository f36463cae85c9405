"""What goes wrong in exercise 7.3 of chapter 07 with the ages, and with what is black."""

import numpy as np

from drl_helpers.exercises.chapter07_gather_parts import BACK, make_gather, never
from drl_helpers.exercises.spec import Mistake


def _make_filled(choose):
    """In place of black stands the picture at `choose(ages)`, counted from the newest."""

    def attempt(pictures, ages, rows, games):
        right = make_gather(before=never)(pictures, ages, rows, games)
        age = ages[rows, games][:, None]
        place = 3 - np.where(age < BACK, choose(age), BACK)
        return right[np.arange(len(rows))[:, None], place]

    return attempt


def _each_pictures_age(pictures, ages, rows, games):
    where = (rows[:, None] - BACK) % len(pictures)
    stacks = pictures[where, games[:, None]]
    stacks[ages[where, games[:, None]] < BACK] = 0
    return stacks


AGE_MISTAKES = (
    Mistake(
        "ages-ignored",
        "It ignores the ages: pictures of the game *before* are left in the stack, and should be black.",
        make_gather(before=never),
    ),
    Mistake(
        "one-too-many-black",
        "It blackens one picture too many, the game's first: with an age of 2 the picture 2 rows back still belongs "
        "to the stack. `>`, not `>=`.",
        make_gather(before=lambda back, age: back >= age),
    ),
    Mistake(
        "one-too-few-black",
        "It keeps one picture too many: an age of 0 means that *no* picture of the game came before.",
        make_gather(before=lambda back, age: back > age + 1),
    ),
    Mistake(
        "mask-inverted",
        "The mask is the wrong way round: it blackens the pictures that belong to the stack.",
        make_gather(before=lambda back, age: back <= age),
    ),
    Mistake(
        "equal-ages",
        "It blackens the one picture that lies as far back as the age, the game's first. What lies *further* back is "
        "black.",
        make_gather(before=lambda back, age: back == age),
    ),
    Mistake(
        "only-at-the-beginning",
        "It looks whether the newest picture is a game's first, and nowhere else: one or two steps later there are "
        "still pictures of the game before in the stack.",
        make_gather(before=lambda back, age: (back > 0) & (age == 0)),
    ),
    Mistake(
        "all-black-until-full",
        "As long as the game has fewer than four pictures all but the newest are black: those it has belong to the "
        "stack.",
        make_gather(before=lambda back, age: (back > 0) & (age < 3)),
    ),
    Mistake(
        "wholly-black-until-full",
        "As long as the game has fewer than four pictures the whole stack is black: those it has belong to the stack.",
        make_gather(before=lambda back, age: (back < 4) & (age < 3)),
    ),
    Mistake(
        "oldest-only",
        "Only the oldest picture is ever blackened: with an age of 0 it is three of them.",
        make_gather(before=lambda back, age: (back == 3) & (age < 3)),
    ),
    Mistake(
        "age-of-the-row-before",
        "It takes the age of the row before: the age of the row itself says how many pictures came before it.",
        make_gather(age=lambda ages, rows, games: ages[rows - 1, games][:, None]),
    ),
    Mistake(
        "age-of-the-next-row",
        "It takes the age of the row after: the age of the row itself says how many pictures came before it.",
        make_gather(age=lambda ages, rows, games: ages[(rows + 1) % len(ages), games][:, None]),
    ),
    Mistake(
        "age-of-the-oldest",
        "It takes the age of the oldest picture in the stack: the age of the newest one counts.",
        make_gather(age=lambda ages, rows, games: ages[rows - 3, games][:, None]),
    ),
    Mistake(
        "age-of-each-picture",
        "It compares each picture with its own age. The age of the *newest* picture says how many before it belong to "
        "its game.",
        _each_pictures_age,
    ),
    Mistake(
        "age-of-game-zero",
        "It takes the age of game 0 for all: each pair has its own, `ages[rows, games]`.",
        make_gather(age=lambda ages, rows, games: ages[rows, 0][:, None]),
    ),
    Mistake(
        "age-of-the-first-pair",
        "It takes the age of the first pair for all: each pair has its own, `ages[rows, games]`.",
        make_gather(age=lambda ages, rows, games: np.full((len(rows), 1), ages[rows[0], games[0]])),
    ),
    Mistake(
        "youngest-in-the-row",
        "It takes the smallest age in the row: games begin at different times, and each pair has its own age.",
        make_gather(age=lambda ages, rows, games: ages[rows].min(axis=1)[:, None]),
    ),
    Mistake(
        "ages-along-the-batch",
        "The ages lie along the wrong axis: the batch is axis 0, so they need the shape (batch, 1), `[:, None]`.",
        make_gather(age=lambda ages, rows, games: ages[rows, games]),
    ),
    Mistake(
        "first-picture-repeated",
        "It repeats the game's first picture for those before the beginning. Others do so; here they are black.",
        _make_filled(lambda age: age),
    ),
    Mistake(
        "newest-repeated",
        "It repeats the newest picture for those before the beginning: they are black.",
        _make_filled(np.zeros_like),
    ),
    Mistake("white", "Pictures from before the beginning are white: black is 0.", make_gather(black=255)),
)
