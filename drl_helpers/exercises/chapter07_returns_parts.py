"""Answers to exercise 7.6 of chapter 07 with a part exchanged."""

import numpy as np


def make_games(
    over=lambda terminated, truncated: terminated | truncated,
    before=lambda scores, over: scores,
    add=lambda scores, reward: scores + reward,
    take=lambda scores, over, reward: scores[over],
    reset=lambda scores, over: np.where(over, 0.0, scores),
    finish=lambda returns, scores: np.array(returns, dtype=float),
):
    """An answer with one part exchanged."""

    def attempt(rewards, terminated, truncated):
        returns, scores = [], np.zeros(rewards.shape[1])
        for reward, ended in zip(rewards, over(terminated, truncated), strict=True):
            scores = add(before(scores, ended), reward)
            returns.extend(take(scores, ended, reward))
            scores = reset(scores, ended)
        return finish(returns, scores)

    return attempt
