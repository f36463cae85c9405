"""What goes wrong in exercise 6.2 of chapter 06."""

import numpy as np

from drl_helpers.exercises.spec import Mistake


def _inside(ends):
    return np.cumsum(ends, axis=1) - ends == 0


def make_n_step(
    ends=lambda d, u: d | u,
    inside=_inside,
    powers=lambda gamma, steps: gamma ** np.arange(steps),
    lengths=lambda inside: inside.sum(axis=1),
    factor=lambda gamma, lengths, steps: gamma**lengths,
    dead=lambda d, u, inside: (d & inside).any(axis=1),
    result=lambda returns, lengths, discounts: (returns, lengths, discounts),
):
    """An answer with one part exchanged; d and u are `terminated` and `truncated`."""

    def attempt(rewards, terminated, truncated, gamma):
        counts, steps = inside(ends(terminated, truncated)), rewards.shape[1]
        returns = (rewards * powers(gamma, steps) * counts).sum(axis=1)
        discounts = factor(gamma, lengths(counts), steps) * ~dead(terminated, truncated, counts)
        return result(returns, lengths(counts), discounts)

    return attempt


def _changes_rewards(rewards, terminated, truncated, gamma):
    counts = _inside(terminated | truncated)
    rewards *= gamma ** np.arange(rewards.shape[1]) * counts
    lengths = counts.sum(axis=1)
    return rewards.sum(axis=1), lengths, gamma**lengths * ~(terminated & counts).any(axis=1)


N_STEP_MISTAKES = (
    Mistake(
        "into-the-next-episode",
        "It adds the rewards after the end of the episode, which belong to the *next* one: a window stops at its first "
        "end.",
        make_n_step(inside=lambda ends: np.ones_like(ends)),
    ),
    Mistake(
        "as-if-nothing-ended",
        "Every window is taken as a whole, and only the last step is asked whether it has terminated. A window stops "
        "at its *first* end; what stands behind it in the rows is the next episode.",
        make_n_step(inside=lambda ends: np.ones_like(ends), dead=lambda d, u, inside: d[:, -1]),
    ),
    Mistake(
        "past-truncation",
        "It goes on after a truncation: what is stored next belongs to *another* episode. Either flag ends the window.",
        make_n_step(ends=lambda d, u: d),
    ),
    Mistake(
        "past-termination",
        "It goes on after a termination, into the next episode. Either flag ends the window.",
        make_n_step(ends=lambda d, u: u),
    ),
    Mistake(
        "only-both-flags",
        "It stops only where *both* flags are set: `|`, not `&`.",
        make_n_step(ends=lambda d, u: d & u),
    ),
    Mistake(
        "no-bootstrap-at-truncation",
        "A truncation is taken for a termination: the state that was reached still has a value, and counts γ^length. "
        "Only a termination makes that 0.",
        make_n_step(dead=lambda d, u, inside: ((d | u) & inside).any(axis=1)),
    ),
    Mistake(
        "bootstraps-past-the-end",
        "The discount is not 0 where the window stops by termination: nothing follows the end.",
        make_n_step(dead=lambda d, u, inside: np.zeros(len(d), bool)),
    ),
    Mistake(
        "truncation-first",
        "Where a step has *both* flags it takes it for a truncation. A step that terminates has no value after it, "
        "whatever else ended there: ask for `terminated` alone.",
        make_n_step(dead=lambda d, u, inside: (d & ~u & inside).any(axis=1)),
    ),
    Mistake(
        "one-flag-only",
        "It stops only where exactly *one* flag is set. A step can have both: `|`, not `^`.",
        make_n_step(ends=lambda d, u: d ^ u),
    ),
    Mistake(
        "no-end-taken-for-the-first",
        "Where no step ends, `argmax` gives 0, and the window seems to end with its first step: ask `any(axis=1)` too.",
        make_n_step(inside=lambda ends: np.arange(ends.shape[1]) <= ends.argmax(axis=1)[:, None]),
    ),
    Mistake(
        "flags-swapped",
        "The flags are swapped: the discount is 0 after a truncation, and not after a termination.",
        make_n_step(dead=lambda d, u, inside: (u & inside).any(axis=1)),
    ),
    Mistake(
        "inverted-mask",
        "The mask of the discount is the wrong way round: it is 0 where the window *has* terminated.",
        make_n_step(dead=lambda d, u, inside: ~(d & inside).any(axis=1)),
    ),
    Mistake(
        "terminated-later",
        "A termination *after* the window's own end makes its discount 0. That is another episode's end: look only at "
        "the steps that count.",
        make_n_step(dead=lambda d, u, inside: d.any(axis=1)),
    ),
    Mistake(
        "terminated-first-step",
        "It looks for a termination in the window's first step only; any of its steps may be the last one.",
        make_n_step(dead=lambda d, u, inside: d[:, 0]),
    ),
    Mistake(
        "terminated-last-column",
        "It looks for a termination in the last column only; a window may stop before.",
        make_n_step(dead=lambda d, u, inside: d[:, -1]),
    ),
    Mistake(
        "gamma-to-the-n",
        "The discount is γ^n for every window: one that was cut short has fewer steps, and the value after it counts "
        "γ^length.",
        make_n_step(factor=lambda gamma, lengths, steps: np.full(len(lengths), gamma**steps)),
    ),
    Mistake(
        "gamma-once",
        "The value after the window is discounted once. It lies `length` steps ahead: γ^length.",
        make_n_step(factor=lambda gamma, lengths, steps: np.full(len(lengths), gamma)),
    ),
    Mistake(
        "discount-one-short",
        "The discount has one γ too few: after `length` rewards comes γ^length.",
        make_n_step(factor=lambda gamma, lengths, steps: gamma ** (lengths - 1)),
    ),
    Mistake(
        "discount-one-more",
        "The discount has one γ too many: after `length` rewards comes γ^length.",
        make_n_step(factor=lambda gamma, lengths, steps: gamma ** (lengths + 1)),
    ),
    Mistake(
        "discount-missing",
        "The value after the window is not discounted: it counts γ^length.",
        make_n_step(factor=lambda gamma, lengths, steps: np.ones(len(lengths))),
    ),
    Mistake(
        "gamma-times-length",
        "It multiplies γ by the length: a power is wanted, `gamma ** lengths`.",
        make_n_step(factor=lambda gamma, lengths, steps: gamma * lengths),
    ),
    Mistake(
        "first-reward-discounted",
        "The first reward is discounted too: the powers of γ begin with γ⁰ = 1.",
        make_n_step(powers=lambda gamma, steps: gamma ** np.arange(1, steps + 1)),
    ),
    Mistake(
        "rewards-not-discounted",
        "The rewards are added without discount: the k-th after the first counts γ^k.",
        make_n_step(powers=lambda gamma, steps: np.ones(steps)),
    ),
    Mistake(
        "one-gamma",
        "Every reward is multiplied by the same γ: the k-th after the first counts γ^k.",
        make_n_step(powers=lambda gamma, steps: np.full(steps, gamma)),
    ),
    Mistake(
        "powers-reversed",
        "The powers of γ are in reverse order: the first reward counts in full.",
        make_n_step(powers=lambda gamma, steps: gamma ** np.arange(steps)[::-1]),
    ),
    Mistake(
        "last-reward-lost",
        "The reward of the step that ends the episode is lost. That step still belongs to it: no end may come *before* "
        "a step that counts.",
        make_n_step(inside=lambda ends: np.cumsum(ends, axis=1) == 0),
    ),
    Mistake(
        "one-step-too-many",
        "It counts one step after the end too.",
        make_n_step(inside=lambda ends: np.cumsum(ends, axis=1) <= 1),
    ),
    Mistake(
        "ends-only",
        "It counts what comes *after* the first end, and drops what comes before.",
        make_n_step(inside=lambda ends: ~_inside(ends)),
    ),
    Mistake(
        "lengths-from-zero",
        "The lengths are one too small: a window has at least one step.",
        make_n_step(lengths=lambda inside: inside.sum(axis=1) - 1),
    ),
    Mistake(
        "lengths-all-n",
        "Every length is n: a window that was cut short is shorter.",
        make_n_step(lengths=lambda inside: np.full(*inside.shape)),
    ),
    Mistake(
        "axis",
        "It adds up along axis 0, the batch; the steps of a window lie along axis 1.",
        make_n_step(inside=lambda ends: np.cumsum(ends, axis=0) - ends == 0),
    ),
    Mistake(
        "no-axis",
        "It adds up the whole batch: each window has its own return, `sum(axis=1)`.",
        make_n_step(result=lambda returns, lengths, discounts: (returns.sum(), lengths, discounts)),
    ),
    Mistake(
        "any-window",
        "One window that has terminated takes the bootstrap from all: look for it row by row, `any(axis=1)`.",
        make_n_step(dead=lambda d, u, inside: (d & inside).any()),
    ),
    Mistake(
        "gamma-times-k",
        "It multiplies γ by k: the k-th reward after the first counts γ to the power k, `gamma ** np.arange(n)`.",
        make_n_step(powers=lambda gamma, steps: gamma * np.arange(steps)),
    ),
    Mistake(
        "mean",
        "The returns are divided by the windows' lengths: a return is a sum.",
        make_n_step(result=lambda returns, lengths, discounts: (returns / lengths, lengths, discounts)),
    ),
    Mistake(
        "order",
        "The three arrays come in another order: returns, lengths, discounts.",
        make_n_step(result=lambda returns, lengths, discounts: (returns, discounts, lengths)),
    ),
    Mistake(
        "returns-alone",
        "It gives back the returns alone; the lengths and the discounts are wanted too.",
        make_n_step(result=lambda returns, lengths, discounts: returns),
    ),
    Mistake(
        "changes-rewards",
        "It changes `rewards` in place (`*=`), which belong to the memory. Make a new array.",
        _changes_rewards,
    ),
)
