"""Exercise 9.4 of chapter 09: advantages from n steps."""

import torch

from drl_helpers.exercises.chapter09_rollouts import rollout_case, shifted
from drl_helpers.exercises.spec import Exercise, Mistake

NOTEBOOK = "09_actor_critic"


@torch.no_grad()
def n_step_by_definition(rewards, values, next_values, terminated, truncated, gamma, num_steps):
    advantages = torch.zeros_like(rewards)
    steps, envs = rewards.shape
    for env in range(envs):
        for start in range(steps):
            total = 0.0
            for ahead in range(num_steps):
                step = start + ahead
                total += gamma**ahead * rewards[step, env]
                last = ahead == num_steps - 1 or step == steps - 1 or truncated[step, env]
                if terminated[step, env]:
                    break
                if last:
                    total += gamma ** (ahead + 1) * next_values[step, env]
                    break
            advantages[start, env] = total - values[start, env]
    return advantages


@torch.no_grad()
def n_step_by_td_errors(rewards, values, next_values, terminated, truncated, gamma, num_steps):
    deltas = rewards + gamma * ~terminated * next_values - values
    advantages, discount, running = torch.zeros_like(deltas), 1.0, torch.ones_like(deltas)
    for ahead in range(min(num_steps, len(deltas))):
        rest = len(deltas) - ahead
        advantages[:rest] += discount * running[:rest] * deltas[ahead:]
        running[:rest] *= ~(terminated | truncated)[ahead:]
        discount *= gamma
    return advantages


def n_step_recursive(rewards, values, next_values, terminated, truncated, gamma, num_steps):
    if num_steps == 0:
        return torch.zeros_like(values)
    less = n_step_recursive(rewards, values, next_values, terminated, truncated, gamma, num_steps - 1)
    deltas = rewards + gamma * ~terminated * next_values - values
    following = torch.cat([less[1:], torch.zeros_like(less[:1])])
    return (deltas + gamma * torch.where(terminated | truncated, 0.0, following)).detach()


def make_n_step(
    over=lambda terminated, truncated: terminated | truncated,
    mask=lambda terminated, truncated: ~terminated,
    shift=shifted,
    count=lambda num_steps: num_steps,
    combine=lambda r, g, following: r + g * following,
    result=lambda returns, values, next_values: returns - values,
    bootstrap=lambda values, next_values: next_values,
    start=lambda values: values,
):
    """The recursion over n with one part exchanged."""

    def attempt(rewards, values, next_values, terminated, truncated, gamma, num_steps):
        old, new = values.detach(), next_values.detach()
        ended, goes_on, returns = over(terminated, truncated), mask(terminated, truncated), start(old)
        for _ in range(count(num_steps)):
            following = torch.where(ended, bootstrap(old, new), shift(returns, new))
            returns = combine(rewards, gamma, goes_on * following)
        return result(returns, old, new)

    return attempt


def _before(flag):
    """The flags of the next row in the place of each row's own."""
    return torch.cat([flag[1:], torch.zeros_like(flag[:1])])


def _gradient(rewards, values, next_values, terminated, truncated, gamma, num_steps):
    returns = values
    for _ in range(num_steps):
        following = torch.where(terminated | truncated, next_values, shifted(returns, next_values))
        returns = rewards + gamma * ~terminated * following
    return returns - values


def _along_envs(returns, next_values):
    return torch.cat([returns[:, 1:], next_values[:, -1:]], dim=1)


def _gamma_only_at_the_end(rewards, values, next_values, terminated, truncated, gamma, num_steps):
    parts = (rewards, values, next_values, terminated, truncated)
    plain = make_n_step(bootstrap=lambda v, w: gamma * w, shift=lambda r, w: shifted(r, gamma * w))
    return plain(parts[0], gamma * parts[1], *parts[2:], 1.0, num_steps) + (gamma - 1) * values.detach()


N_STEP_MISTAKES = (
    Mistake(
        "bootstraps-past-the-end",
        "It bootstraps where the episode has `terminated`. Nothing follows the end: multiply by `~terminated`.",
        make_n_step(mask=lambda d, u: torch.ones_like(d)),
    ),
    Mistake(
        "no-bootstrap-at-truncation",
        "A truncation is taken for an end: the sum of rewards stops there, but the last state keeps its value, "
        "`next_values`. Only a termination ends that.",
        make_n_step(mask=lambda d, u: ~(d | u)),
    ),
    Mistake(
        "runs-into-the-next-episode",
        "After a truncation it goes on with the next row, which belongs to *another* episode: `over` is "
        "`terminated | truncated`.",
        make_n_step(over=lambda d, u: d),
    ),
    Mistake(
        "flags-swapped",
        "The flags are swapped: it drops the bootstrap at a truncation, and keeps it at a termination.",
        make_n_step(mask=lambda d, u: ~u),
    ),
    Mistake(
        "reset-for-last",
        "Where an episode is truncated it bootstraps from the next *row*, the first state of the next episode. "
        "`next_values` has the value of the last one.",
        make_n_step(bootstrap=shifted),
    ),
    Mistake(
        "flags-of-the-next-row",
        "The mask is one row late: the flags of row t say whether the episode ended *in* step t.",
        make_n_step(
            over=lambda d, u: _before(d | u),
            mask=lambda d, u: ~_before(d),
        ),
    ),
    Mistake(
        "one-step-too-many",
        "It looks one step too far: n rewards, then the critic.",
        make_n_step(count=lambda n: n + 1),
    ),
    Mistake(
        "one-step-too-few",
        "It looks one step too few ahead: n rewards, then the critic.",
        make_n_step(count=lambda n: n - 1),
    ),
    Mistake("always-one-step", "It looks one step ahead, whatever n is.", make_n_step(count=lambda n: 1)),
    Mistake(
        "to-the-end",
        "It looks to the end of the rollout, whatever n is.",
        make_n_step(count=lambda n: 100),
    ),
    Mistake("no-gamma", "The discount γ is missing.", make_n_step(combine=lambda r, g, f: r + f)),
    Mistake(
        "gamma-everywhere",
        "Each reward is discounted once too often: the first one has no γ.",
        make_n_step(combine=lambda r, g, f: g * (r + f)),
    ),
    Mistake(
        "rewards-not-discounted",
        "Only the bootstrap is discounted, and only once: each step further ahead costs a factor γ.",
        _gamma_only_at_the_end,
    ),
    Mistake("no-rewards", "The rewards are missing.", make_n_step(combine=lambda r, g, f: g * f)),
    Mistake(
        "starts-at-zero",
        "It starts from zero in place of V, so the critic's value after the n rewards is missing.",
        make_n_step(start=torch.zeros_like),
    ),
    Mistake(
        "returns",
        "That is the n-step *return*; the advantage is how much it exceeds V(s): subtract `values`.",
        make_n_step(result=lambda g, v, w: g),
    ),
    Mistake(
        "wrong-sign", "The sign is the wrong way round: return minus value.", make_n_step(result=lambda g, v, w: v - g)
    ),
    Mistake(
        "less-the-next-value",
        "It subtracts the value of the state that was *reached*: the advantage is against V(s), `values`.",
        make_n_step(result=lambda g, v, w: g - w),
    ),
    Mistake(
        "rollout-ends-in-nothing",
        "At the last row of the rollout it takes what follows for 0. The rollout ends, the episode does not: there it "
        "bootstraps too, from `next_values[-1]`.",
        make_n_step(shift=lambda r, w: torch.cat([r[1:], torch.zeros_like(r[:1])])),
    ),
    Mistake(
        "rolls-around",
        "The last row takes what follows from the *first* row (`torch.roll` goes round): below the last row belongs "
        "`next_values[-1]`.",
        make_n_step(shift=lambda r, w: torch.roll(r, -1, dims=0)),
    ),
    Mistake(
        "shifted-down",
        "It takes the row *before* in place of the next one: `returns[1:]`, with the last next value below.",
        make_n_step(shift=lambda r, w: torch.cat([w[:1], r[:-1]])),
    ),
    Mistake(
        "along-the-environments",
        "It moves along the environments, axis 1; time runs down the rows, axis 0: the shape is (steps, envs).",
        make_n_step(shift=_along_envs),
    ),
    Mistake(
        "transposed",
        "The result is (envs, steps); (steps, envs) is wanted.",
        lambda *args: make_n_step()(*args).T.contiguous(),
    ),
    Mistake(
        "gradient",
        "A gradient flows through it; an advantage is a number. Compute it under `torch.no_grad()`.",
        _gradient,
    ),
    Mistake(
        "mean-over-the-environments",
        "It averages over the environments: each has its own advantages.",
        lambda *args: make_n_step()(*args).mean(dim=1),
    ),
)

OVER = "over, returns = (%s | truncated, values)"
ENDS = {"terminated": [(1, 0), (4, 2)], "truncated": [(3, 1), (4, 2)]}
N_STEP = Exercise(
    id="n-step-advantage",
    name="n_step_advantages",
    notebook=NOTEBOOK,
    number="9.4",
    cases=(
        rollout_case("Six steps of three environments, n = 3", 6, 3, **ENDS, gamma=0.9, num_steps=3),
        rollout_case("The same, n = 2", 6, 3, **ENDS, gamma=0.9, num_steps=2),
        rollout_case("n = 1", 4, 2, [(1, 1)], [(2, 0)], seed=1, gamma=0.8, num_steps=1),
        rollout_case("No episode ends, n = 2", 5, 2, [], [], seed=2, gamma=0.7, num_steps=2),
        rollout_case("n is larger than the rollout is long", 3, 4, [(0, 1)], [(1, 3)], seed=3, gamma=0.95, num_steps=7),
        rollout_case("Episodes end in the last step, n = 4", 4, 3, [(3, 0)], [(3, 2)], seed=4, gamma=0.9, num_steps=4),
    ),
    right=(n_step_by_definition, n_step_by_td_errors, n_step_recursive, make_n_step()),
    mistakes=N_STEP_MISTAKES,
    tolerance=1e-5,
    equivalent={
        f"{OVER % 'terminated'} → {OVER % 'truncated'}": "where it has terminated, what follows is masked anyway",
    },
)

EXERCISES = (N_STEP,)
