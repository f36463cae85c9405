"""What people get wrong in exercise 9.5 of chapter 09, GAE."""

import torch

from drl_helpers.exercises.chapter09_rollouts import shifted
from drl_helpers.exercises.spec import Mistake


def td_error(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    """All TD errors, shape (steps, envs)."""
    return rewards + gamma * ~terminated * next_values - values


def make_gae(
    deltas=td_error,
    chain=lambda terminated, truncated: ~(terminated | truncated),
    factor=lambda gamma, gae_lambda: gamma * gae_lambda,
    order=lambda steps: reversed(range(steps)),
    step_of=lambda delta, weight, following: delta + weight * following,
    start=lambda deltas, next_values: torch.zeros_like(deltas[0]),
    result=lambda advantages, values: advantages,
):
    """GAE with one part exchanged."""

    def attempt(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
        old, new = values.detach(), next_values.detach()
        errors = deltas(rewards, old, new, terminated, truncated, gamma, gae_lambda)
        weights = factor(gamma, gae_lambda) * chain(terminated, truncated)
        advantages, following = torch.zeros_like(errors), start(errors, new)
        for step in order(len(errors)):
            following = step_of(errors[step], weights[step], following)
            advantages[step] = following
        return result(advantages, old)

    return attempt


def _late(flag):
    """The flags of the next row in the place of each row's own."""
    return torch.cat([flag[1:], torch.zeros_like(flag[:1])])


def _transposed(rewards, *rest):
    *parts, gamma, gae_lambda = rest
    return make_gae()(rewards.T, *(part.T for part in parts), gamma, gae_lambda).T.contiguous()


def _gradient(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    errors, rows, following = rewards + gamma * ~terminated * next_values - values, [], 0.0
    for step in reversed(range(len(errors))):
        following = errors[step] + gamma * gae_lambda * ~(terminated | truncated)[step] * following
        rows.insert(0, following)
    return torch.stack(rows)


def _two_ahead(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    old, new = values.detach(), next_values.detach()
    errors = td_error(rewards, old, new, terminated, truncated, gamma, gae_lambda)
    goes_on = gamma * gae_lambda * ~(terminated | truncated)
    advantages = torch.zeros_like(errors)
    for step in reversed(range(len(errors))):
        following = advantages[step + 2] if step + 2 < len(errors) else 0.0
        advantages[step] = errors[step] + goes_on[step] * following
    return advantages


def _one_chain_for_all(rewards, *rest):
    weighted = make_gae(step_of=lambda delta, weight, following: delta + weight * following.mean())
    return weighted(rewards, *rest)


def _less_of_it(rewards, values, next_values, terminated, truncated, gamma, gae_lambda):
    parts = (rewards, values, next_values, terminated, truncated, gamma, gae_lambda)
    return (1 - gae_lambda) * make_gae()(*parts)


GAE_MISTAKES = (
    Mistake(
        "chain-runs-through-a-truncation",
        "At a truncation the chain goes on into the next row, which belongs to *another* episode. The TD error "
        "bootstraps there, but the chain is cut by either flag: `~(terminated | truncated)`.",
        make_gae(chain=lambda d, u: ~d),
    ),
    Mistake(
        "chain-runs-through-a-termination",
        "At a termination the chain goes on into the next row, which belongs to *another* episode: it is cut by either "
        "flag.",
        make_gae(chain=lambda d, u: ~u),
    ),
    Mistake(
        "chain-never-cut",
        "The chain is never cut, so advantages of the next episode leak into this one: `~(terminated | truncated)`.",
        make_gae(chain=lambda d, u: torch.ones_like(d)),
    ),
    Mistake(
        "wrong-step's-flag",
        "The chain is cut one row off: whether it goes on after row t is told by the flags of row t *itself*, not by "
        "those of row t + 1. (In code that stores 'done' with the *next* observation it is the other way round; look "
        "at what your flags mean.)",
        make_gae(chain=lambda d, u: ~_late(d | u)),
    ),
    Mistake(
        "wrong-step's-flags-everywhere",
        "The flags are one row off, in the TD errors too: row t's flags belong to step t.",
        make_gae(
            deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, w, _late(d), u, g, lam),
            chain=lambda d, u: ~_late(d | u),
        ),
    ),
    Mistake(
        "no-bootstrap-at-truncation",
        "In the TD error a truncation is taken for an end. The chain stops there, but the state keeps its value: mask "
        "`next_values` with `~terminated` alone.",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, w, d | u, u, g, lam)),
    ),
    Mistake(
        "bootstraps-past-the-end",
        "It bootstraps where the episode has `terminated`: nothing follows the end.",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, w, d & False, u, g, lam)),
    ),
    Mistake(
        "reset-for-last",
        "It takes V(s') from the next *row*. At a truncation that is the first state of the next episode; "
        "`next_values` has the value of the last one.",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, shifted(v, w), d, u, g, lam)),
    ),
    Mistake(
        "no-lambda",
        "λ is missing in the chain, so this is λ = 1 whatever λ is.",
        make_gae(factor=lambda gamma, gae_lambda: gamma),
    ),
    Mistake(
        "no-gamma-in-the-chain",
        "γ is missing in the chain: a step further ahead costs γ *and* λ.",
        make_gae(factor=lambda gamma, gae_lambda: gae_lambda),
    ),
    Mistake(
        "no-gamma-in-delta",
        "γ is missing in the TD error.",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, w, d, u, 1.0, lam)),
    ),
    Mistake(
        "lambda-for-gamma",
        "λ stands where γ belongs: in the TD error it is γ that discounts V(s'). γ belongs to the task, λ to the "
        "estimate.",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, w, d, u, lam, lam)),
    ),
    Mistake(
        "lambda-in-delta-too",
        "λ stands in the TD error too: there only γ discounts V(s').",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(r, v, w, d, u, g * lam, lam)),
    ),
    Mistake(
        "gamma-everywhere",
        "The reward is discounted too: γ stands before V(s') only.",
        make_gae(deltas=lambda r, v, w, d, u, g, lam: td_error(g * r, v, w, d, u, g, lam)),
    ),
    Mistake(
        "times-one-minus-lambda",
        "It is multiplied by 1 − λ. That factor belongs to the mix of n-step advantages; in the sum of TD errors it "
        "has cancelled.",
        _less_of_it,
    ),
    Mistake(
        "no-chain",
        "Those are the TD errors: what follows is missing, γλ times the advantage of the next row.",
        make_gae(factor=lambda gamma, gae_lambda: 0.0),
    ),
    Mistake(
        "forwards",
        "It goes forwards in time, so each row holds what came *before* it. Begin at the last row: "
        "`reversed(range(len(rewards)))`.",
        make_gae(order=range),
    ),
    Mistake(
        "last-row-left-out",
        "The last row is left out: the loop begins one row too early. It is `range(len(rewards))` reversed.",
        make_gae(order=lambda steps: reversed(range(steps - 1))),
    ),
    Mistake(
        "first-row-left-out",
        "Row 0 is left out: `range(last, -1, -1)` ends at 0, `range(last, 0, -1)` at 1.",
        make_gae(order=lambda steps: range(steps - 1, 0, -1)),
    ),
    Mistake(
        "two-rows-ahead",
        "It adds the advantage of the row after the next one: the chain goes from t to t + 1.",
        _two_ahead,
    ),
    Mistake(
        "starts-with-a-value",
        "The chain starts with V(s') of the last row, which the last TD error already holds: it starts with zero.",
        make_gae(start=lambda deltas, next_values: next_values[-1]),
    ),
    Mistake(
        "rollout-ends-in-nothing",
        "In the last row V(s') is left out. The rollout ends, the episode does not.",
        make_gae(
            deltas=lambda r, v, w, d, u, g, lam: td_error(
                r, v, torch.cat([w[:-1], torch.zeros_like(w[:1])]), d, u, g, lam
            )
        ),
    ),
    Mistake(
        "returns",
        "That is advantage plus value, the estimated *return*; the critic's target, not the advantage.",
        make_gae(result=lambda advantages, values: advantages + values),
    ),
    Mistake("wrong-sign", "The sign is the wrong way round.", make_gae(result=lambda advantages, values: -advantages)),
    Mistake(
        "upside-down",
        "The rows are upside down, appended from the last to the first: reverse them, or insert at the front.",
        make_gae(result=lambda advantages, values: advantages.flip(0)),
    ),
    Mistake(
        "envs-for-steps",
        "It goes along the environments as if they were time: the shape is (steps, envs), time runs down the rows.",
        _transposed,
    ),
    Mistake(
        "transposed",
        "The result has the shape (envs, steps); (steps, envs) is wanted.",
        make_gae(result=lambda advantages, values: advantages.T.contiguous()),
    ),
    Mistake(
        "mean-over-the-environments",
        "It averages over the environments: each has a chain of its own.",
        make_gae(result=lambda advantages, values: advantages.mean(dim=1)),
    ),
    Mistake(
        "one-chain-for-all",
        "The chain holds one number for all environments: `following` has one entry for each.",
        _one_chain_for_all,
    ),
    Mistake(
        "standardised",
        "The advantages are standardised here; that is not asked for, and the critic's targets need them as they are.",
        make_gae(result=lambda a, values: (a - a.mean()) / (a.std(correction=0) + 1e-8)),
    ),
    Mistake(
        "gradient",
        "A gradient flows through it; an advantage is a number. Compute it under `torch.no_grad()`.",
        _gradient,
    ),
    Mistake(
        "one-minus-bool",
        "A tensor of True and False cannot be subtracted: write `~terminated`, or `1 - terminated.float()`.",
        lambda r, v, w, d, u, g, lam: (r + g * (1 - d) * w - v).detach(),
    ),
)
