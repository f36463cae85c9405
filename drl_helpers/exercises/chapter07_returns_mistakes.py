"""What goes wrong in exercise 7.6 of chapter 07: the returns of games played side by side."""

import numpy as np

from drl_helpers.exercises.chapter07_returns_parts import make_games
from drl_helpers.exercises.spec import Mistake

RIGHT_AWAY = make_games()


def _by_game(rewards, terminated, truncated):
    columns = [tuple(a[:, [game]] for a in (rewards, terminated, truncated)) for game in range(rewards.shape[1])]
    return np.concatenate([RIGHT_AWAY(*column) for column in columns])


def _late(rewards, terminated, truncated):
    returns, scores = [], np.zeros(rewards.shape[1])
    for reward, ended in zip(rewards, terminated | truncated, strict=True):
        returns.extend(scores[ended])
        scores = np.where(ended, 0.0, scores) + reward
    return np.array(returns, dtype=float)


def _end_lost(rewards, terminated, truncated):
    returns, scores = [], np.zeros(rewards.shape[1])
    for reward, ended in zip(rewards, terminated | truncated, strict=True):
        returns.extend(scores[ended])
        scores = np.where(ended, 0.0, scores + reward)
    return np.array(returns, dtype=float)


def _first_lost(rewards, terminated, truncated):
    after_an_end = np.zeros_like(terminated)
    after_an_end[1:] = (terminated | truncated)[:-1]
    return RIGHT_AWAY(np.where(after_an_end, 0.0, rewards), terminated, truncated)


def _per_step(rewards, terminated, truncated):
    running = make_games(take=lambda s, over, r: [s.copy()])
    return np.array(running(rewards, terminated, truncated)).sum(axis=1)


def _lengths(rewards, terminated, truncated):
    return RIGHT_AWAY(np.ones_like(rewards), terminated, truncated)


def _mean_reward(rewards, terminated, truncated):
    lengths = _lengths(rewards, terminated, truncated)
    return RIGHT_AWAY(rewards, terminated, truncated) / lengths


def _without_the_last_step(rewards, terminated, truncated):
    return RIGHT_AWAY(rewards[:-1], terminated[:-1], truncated[:-1])


def _in_place(rewards, terminated, truncated):
    over, returns = terminated | truncated, []
    for step in range(len(rewards)):
        if step > 0:
            rewards[step] += np.where(over[step - 1], 0.0, rewards[step - 1])
        returns.extend(rewards[step][over[step]])
    return np.array(returns, dtype=float)


def _counted_twice(rewards, terminated, truncated):
    returns, scores = [], np.zeros(rewards.shape[1])
    for reward, term, trunc in zip(rewards, terminated, truncated, strict=True):
        scores += reward
        for game in range(len(scores)):
            returns.extend([scores[game]] * (int(term[game]) + int(trunc[game])))
        scores[term | trunc] = 0.0
    return np.array(returns, dtype=float)


def _all_together(rewards, terminated, truncated):
    over = (terminated | truncated).any(axis=1, keepdims=True)
    return RIGHT_AWAY(rewards.sum(axis=1, keepdims=True), over, over)


GAMES_MISTAKES = (
    Mistake(
        "never-reset",
        "The sum is never set back to 0, so each game's return holds those of all games before it in its column. This "
        "is how an article came to print a reward of 23 for Pong, where no game can bring more than 21.",
        make_games(reset=lambda s, over: s),
    ),
    Mistake(
        "reset-before-reading",
        "The sums are set back to 0 before they are read: every return is 0. First store, then reset.",
        make_games(take=lambda s, over, r: np.zeros(over.sum())),
    ),
    Mistake(
        "reset-too-early",
        "Only the reward of its last step is left of each game: set the sum back to 0 *after* it was stored, and add "
        "rewards to it with `+=`.",
        make_games(before=lambda s, over: np.where(over, 0.0, s)),
    ),
    Mistake(
        "all-reset",
        "When one game ends all sums are set back to 0. The other games go on: reset only where `over` is True.",
        make_games(reset=lambda s, over: np.zeros_like(s) if over.any() else s),
    ),
    Mistake(
        "one-step-late",
        "The sum is read before the step's reward is added: a game's last reward is counted for the game that follows.",
        _late,
    ),
    Mistake(
        "last-reward-lost",
        "A game's last reward is in no return: add it before the sum is read. In Pong that is the last point.",
        _end_lost,
    ),
    Mistake(
        "first-reward-lost",
        "The first reward of every later game is lost: the step after an end already belongs to the next game.",
        _first_lost,
    ),
    Mistake(
        "terminated-only",
        "Only `terminated` ends a game here. A truncated one is over too: the next step belongs to another game.",
        make_games(over=lambda terminated, truncated: terminated),
    ),
    Mistake(
        "truncated-only",
        "Only `truncated` ends a game here. Most games end by themselves, with `terminated`.",
        make_games(over=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "both-needed",
        "A game ends here only where it is terminated *and* truncated: one of the two is enough, `|`.",
        make_games(over=lambda terminated, truncated: terminated & truncated),
    ),
    Mistake(
        "one-of-the-two",
        "A step that is both terminated and truncated does not end the game here: `^` is true for exactly one of the "
        "two, take `|`.",
        make_games(over=lambda terminated, truncated: terminated ^ truncated),
    ),
    Mistake(
        "counted-twice",
        "A game that is terminated and truncated at the same step is counted twice: ask for either of them, once.",
        _counted_twice,
    ),
    Mistake(
        "unfinished-counted",
        "The games that are still going on are counted at the end: their returns are not known yet.",
        make_games(finish=lambda returns, scores: np.array([*returns, *scores])),
    ),
    Mistake(
        "ordered-by-game",
        "The returns come column by column. The order in which the games ended is wanted: go through the steps in the "
        "outer loop.",
        _by_game,
    ),
    Mistake(
        "columns-reversed",
        "Games that ended at the same step come in the wrong order: from the first column to the last.",
        make_games(take=lambda s, over, r: s[over][::-1]),
    ),
    Mistake(
        "reversed",
        "The last game comes first: begin at the first step.",
        make_games(finish=lambda returns, scores: np.array(returns[::-1], dtype=float)),
    ),
    Mistake(
        "sorted",
        "The returns are sorted by size: leave them in the order in which the games ended.",
        make_games(finish=lambda returns, scores: np.array(sorted(returns), dtype=float)),
    ),
    Mistake(
        "summed-over-games",
        "The rewards of all games are added up, as if they were one: each column has its own sum.",
        _all_together,
    ),
    Mistake(
        "summed-at-a-step",
        "Games that ended at the same step are added up: each of them has its own return.",
        make_games(take=lambda s, over, r: [s[over].sum()] if over.any() else []),
    ),
    Mistake(
        "one-game-at-a-step",
        "Of games that ended at the same step only the first is kept.",
        make_games(take=lambda s, over, r: s[over][:1]),
    ),
    Mistake(
        "all-games-read",
        "When one game ends the sums of all games are stored: only those that ended are wanted, `scores[over]`.",
        make_games(take=lambda s, over, r: s if over.any() else []),
    ),
    Mistake(
        "mean-of-rewards",
        "It is the mean of a game's rewards: a return is their *sum*.",
        _mean_reward,
    ),
    Mistake("lengths", "These are the lengths of the games, in steps: add up the rewards.", _lengths),
    Mistake("subtracted", "The rewards are subtracted: add them.", make_games(add=lambda s, r: s - r)),
    Mistake(
        "one-return-per-step",
        "There is one number for each step: one for each game that ended is wanted.",
        _per_step,
    ),
    Mistake(
        "every-sum",
        "There is one number for each step and game: one for each game that ended is wanted.",
        make_games(take=lambda s, over, r: s),
    ),
    Mistake(
        "zeros-between",
        "Where no game ended there is a 0: such places give no number at all.",
        make_games(take=lambda s, over, r: np.where(over, s, 0.0)),
    ),
    Mistake(
        "last-step-missing",
        "The last step is left out, and the games that end there with it.",
        _without_the_last_step,
    ),
    Mistake(
        "last-game-missing",
        "The game that ended last is missing.",
        make_games(finish=lambda returns, scores: np.array(returns[:-1], dtype=float)),
    ),
    Mistake(
        "mean-of-games",
        "It is the mean over all games: one return for each game is wanted.",
        make_games(finish=lambda returns, scores: float(np.mean(returns)) if returns else 0.0),
    ),
    Mistake(
        "whole-numbers",
        "The returns are rounded to whole numbers: make an array of floats.",
        make_games(finish=lambda returns, scores: np.array(returns, dtype=float).astype(int)),
    ),
    Mistake(
        "a-list",
        "It is a list: make a NumPy array of it.",
        make_games(finish=lambda returns, scores: [float(score) for score in returns]),
    ),
    Mistake(
        "in-place",
        "It adds the sums up inside `rewards`, which the caller still needs: keep them in an array of their own.",
        _in_place,
    ),
)
