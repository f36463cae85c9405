"""What goes wrong in exercise 7.2 of chapter 07."""

import numpy as np

from drl_helpers.exercises.chapter07_push_parts import make_black, make_push, shifted
from drl_helpers.exercises.spec import Mistake


def _newest_in_place_of(index):
    def shift(stacks, pictures):
        pushed = stacks.copy()
        pushed[:, index] = pictures
        return pushed

    return shift


def _rolled_the_wrong_way(stacks, pictures):
    pushed = np.roll(stacks, 1, axis=1)
    pushed[:, -1] = pictures
    return pushed


def _newest_first(stacks, pictures):
    return np.concatenate([pictures[:, None], stacks[:, :-1]], axis=1)


def _repeat(pushed, begins):
    pushed[begins, :-1] = pushed[begins, -1:]


def _all_if_any(pushed, begins):
    if begins.any():
        pushed[:, :-1] = 0


def _if_all(pushed, begins):
    if begins.all():
        pushed[:, :-1] = 0


def _in_place(stacks, pictures, begins):
    stacks[:, :-1] = stacks[:, 1:].copy()
    stacks[:, -1] = pictures
    stacks[begins, :-1] = 0
    return stacks


def _old_in_place(stacks, pictures, begins):
    stacks[begins] = 0
    return shifted(stacks, pictures)


def _as_floats(stacks, pictures, begins):
    pushed = np.zeros(stacks.shape)
    pushed[:] = make_push()(stacks, pictures, begins)
    return pushed


PUSH_MISTAKES = (
    Mistake(
        "newest-first",
        "The newest picture is first: it comes last, behind the older ones.",
        make_push(_newest_first, make_black(lambda begins: (begins, slice(1, None)))),
    ),
    Mistake(
        "newest-first-blackened",
        "The newest picture is put first, and then blackened as if it were the oldest: it comes last.",
        make_push(_newest_first),
    ),
    Mistake(
        "reversed",
        "The order in the stack is reversed: the oldest picture is first, the newest last.",
        make_push(result=lambda pushed: pushed[:, ::-1]),
    ),
    Mistake(
        "shifted-the-wrong-way",
        "The older pictures move the wrong way: each moves towards the front, to a smaller index, and the oldest "
        "drops out.",
        make_push(_rolled_the_wrong_way),
    ),
    Mistake(
        "not-shifted",
        "The new picture takes the place of the last one, and the others stay where they are. The *oldest* picture "
        "drops out: keep `stacks[:, 1:]`.",
        make_push(_newest_in_place_of(-1)),
    ),
    Mistake(
        "oldest-replaced",
        "The new picture takes the place of the oldest one, at the front, and nothing moves: then the newest is no "
        "longer last.",
        make_push(_newest_in_place_of(0)),
    ),
    Mistake(
        "picture-left-out",
        "The new picture is not in the stack: the newest one stands there twice.",
        make_push(lambda stacks, pictures: shifted(stacks, stacks[:, -1])),
    ),
    Mistake(
        "picture-four-times",
        "The whole stack is the new picture: the last three are kept, to show motion.",
        make_push(lambda stacks, pictures: np.repeat(pictures[:, None], 4, axis=1)),
    ),
    Mistake(
        "five-pictures",
        "The stack grows to five pictures: the oldest one drops out, `stacks[:, 1:]`.",
        make_push(lambda stacks, pictures: np.concatenate([stacks, pictures[:, None]], axis=1)),
    ),
    Mistake(
        "no-axis",
        "The new pictures, of shape (games, height, width), have one axis fewer than the stacks: `pictures[:, None]` "
        "has them all.",
        make_push(lambda stacks, pictures: np.concatenate([stacks[:, 1:], pictures], axis=1)),
    ),
    Mistake(
        "put-together-along-the-games",
        "The new pictures are put behind the old ones along axis 0, the games: the pictures of a stack are axis 1, "
        "and `np.concatenate` takes axis 0 unless it is told.",
        make_push(lambda stacks, pictures: np.concatenate([stacks[:, 1:], pictures[:, None]])),
    ),
    Mistake(
        "never-cleared",
        "Where a game begins the old game's pictures stay in the stack: look at `begins`.",
        make_push(clear=lambda pushed, begins: None),
    ),
    Mistake(
        "inverted",
        "It blackens the stacks of the games that do *not* begin.",
        make_push(clear=make_black(lambda begins: (~begins, slice(None, -1)))),
    ),
    Mistake(
        "newest-blackened-too",
        "Where a game begins the new picture is blackened too. It is the new game's first one, and stays.",
        make_push(clear=make_black(lambda begins: begins)),
    ),
    Mistake(
        "only-newest-blackened",
        "Where a game begins the *new* picture is blackened, and the old game's stay: it is the other way round.",
        make_push(clear=make_black(lambda begins: (begins, -1))),
    ),
    Mistake(
        "one-blackened",
        "Where a game begins only the oldest picture is blackened: all three before the new one belong to the old "
        "game, `:-1`.",
        make_push(clear=make_black(lambda begins: (begins, 0))),
    ),
    Mistake(
        "last-of-the-old-game",
        "Where a game begins the last picture of the old game stays in the stack: all but the newest become 0, `:-1`.",
        make_push(clear=make_black(lambda begins: (begins, slice(None, -2)))),
    ),
    Mistake(
        "only-the-one-before",
        "Where a game begins only the picture before the new one is blackened: all three belong to the old game, "
        "`:-1`.",
        make_push(clear=make_black(lambda begins: (begins, -2))),
    ),
    Mistake(
        "first-kept",
        "Where a game begins the oldest picture stays, and the new one is blackened: `:-1` is all but the last, `1:` "
        "all but the first.",
        make_push(clear=make_black(lambda begins: (begins, slice(1, None)))),
    ),
    Mistake(
        "first-picture-repeated",
        "Where a game begins the stack is filled with copies of its first picture. Others do so; here the earlier "
        "pictures are black.",
        make_push(clear=_repeat),
    ),
    Mistake(
        "white",
        "Where a game begins the earlier pictures become white: black is 0.",
        make_push(clear=make_black(lambda begins: (begins, slice(None, -1)), 255)),
    ),
    Mistake(
        "all-games-cleared",
        "As soon as one game begins, the stacks of *all* games are cleared: only that game's, `pushed[begins, :-1]`.",
        make_push(clear=_all_if_any),
    ),
    Mistake(
        "cleared-if-all-begin",
        "Stacks are cleared only when all games begin at once: each game has its own `begins`.",
        make_push(clear=_if_all),
    ),
    Mistake(
        "always-cleared",
        "Every stack is cleared, whether its game begins or not.",
        make_push(clear=make_black(lambda begins: (slice(None), slice(None, -1)))),
    ),
    Mistake(
        "first-that-begins",
        "It clears the stack of one game, `begins.argmax()`: none may begin, or several.",
        make_push(clear=make_black(lambda begins: (begins.argmax(), slice(None, -1)))),
    ),
    Mistake(
        "as-numbers",
        "`begins` is used as numbers, so that games 0 and 1 are cleared: it is a mask, of dtype bool.",
        make_push(clear=make_black(lambda begins: (begins.astype(int), slice(None, -1)))),
    ),
    Mistake(
        "wrong-axis",
        "`begins` indexes the pictures of a stack, axis 1: the games are axis 0.",
        make_push(clear=make_black(lambda begins: (slice(None), begins))),
    ),
    Mistake(
        "first-game",
        "It returns the stack of the first game alone: all games are wanted, (games, 4, height, width).",
        make_push(result=lambda pushed: pushed[0]),
    ),
    Mistake(
        "pictures-first",
        "The axes are in another order: (games, 4, height, width) is wanted, and here it is (4, games, height, width).",
        make_push(result=lambda pushed: pushed.swapaxes(0, 1)),
    ),
    Mistake(
        "pictures-last",
        "The four pictures are on the last axis: (games, 4, height, width) is wanted.",
        make_push(result=lambda pushed: np.moveaxis(pushed, 1, -1)),
    ),
    Mistake(
        "sides-swapped",
        "Height and width are swapped.",
        make_push(result=lambda pushed: pushed.swapaxes(2, 3)),
    ),
    Mistake(
        "floats",
        "The numbers are right but floats: `np.zeros` makes those unless it is told `np.uint8`.",
        _as_floats,
    ),
    Mistake(
        "an-int64",
        "The numbers are right but take 8 bytes each: keep the dtype of `stacks`, uint8.",
        make_push(result=lambda pushed: pushed.astype(np.int64)),
    ),
    Mistake(
        "in-place",
        "It moves the pictures within `stacks` itself: the old stacks are still needed. Make new ones.",
        _in_place,
    ),
    Mistake(
        "old-stacks-cleared",
        "Where a game begins it blackens `stacks` itself: the old stacks are still needed, they hold the last moments "
        "of the old game. Write into the new ones only.",
        _old_in_place,
    ),
)
