"""What people get wrong in exercise 5.4 of chapter 05: in acting, moving on, and ending an episode."""

import numpy as np
import torch

from drl_helpers.exercises.chapter05_loop_parts import explore, make_loop
from drl_helpers.exercises.spec import Mistake


def _at_random(run, epsilon, greedy_action):
    return int(run.rng.integers(run.env.action_space.n))


def _own_dice(run, epsilon, greedy_action):
    generator = np.random.default_rng()
    return int(generator.integers(run.env.action_space.n)) if generator.random() < epsilon else greedy_action(run.obs)


def _one_missing(run, epsilon, greedy_action):
    if run.rng.random() < epsilon:
        return int(run.rng.integers(run.env.action_space.n - 1))
    return greedy_action(run.obs)


def _restarted(run):
    run.rng = np.random.default_rng(run.seed)


def _moves(obs=1, step=1, add=lambda total, reward: total + reward):
    def moves(run, reward, next_obs):
        run.obs = next_obs if obs else run.obs
        run.step += step
        run.episode_return = add(run.episode_return, reward)

    return moves


def _begins(obs=True, record=True, restart=True, first=False):
    def begins(run):
        fresh, _ = run.env.reset()
        run.obs = fresh if obs else run.obs
        if first:
            run.episode_return = 0.0
        if record:
            run.returns.append(run.episode_return)
        if restart:
            run.episode_return = 0.0

    return begins


def _begins_with_a_pair(run):
    _begins(obs=False, record=True)(run)
    run.obs = run.obs, {}


ACTING_MISTAKES = (
    Mistake(
        "always-greedy",
        "It never explores: with probability ε the action must be a random one.",
        make_loop(act=lambda run, epsilon, greedy_action: greedy_action(run.obs)),
    ),
    Mistake(
        "always-random",
        "It always acts at random: with probability 1 − ε the action is `greedy_action(run.obs)`.",
        make_loop(act=_at_random),
    ),
    Mistake(
        "inverted-epsilon",
        "ε is the wrong way round: a *random* action is taken with probability ε, `rng.random() < epsilon`.",
        make_loop(act=lambda run, epsilon, greedy_action: explore(run, 1 - epsilon, greedy_action)),
    ),
    Mistake(
        "constant-epsilon",
        "It explores as at the start for ever: compare with `epsilon`, which comes down, not with "
        "`config.epsilon_start`.",
        make_loop(act=lambda run, epsilon, greedy_action: explore(run, run.config.epsilon_start, greedy_action)),
    ),
    Mistake(
        "final-epsilon",
        "It explores as little as at the end from the start: compare with `epsilon`, not with `config.epsilon_end`.",
        make_loop(act=lambda run, epsilon, greedy_action: explore(run, run.config.epsilon_end, greedy_action)),
    ),
    Mistake(
        "own-generator",
        "Its random numbers come from elsewhere (`env.action_space.sample()`, `random`, `np.random`…), so the run "
        "cannot be repeated from its seed: draw from `rng`.",
        make_loop(act=_own_dice),
    ),
    Mistake(
        "restarted-generator",
        "Each call makes a generator anew from the same seed, so a run that goes on draws the same numbers again: use "
        "`run.rng`, which goes on too.",
        make_loop(start=_restarted),
    ),
    Mistake(
        "action-is-a-tensor",
        "An environment wants its action as a plain integer, not as a tensor: `int(...)`, or `.item()`.",
        make_loop(act=lambda run, epsilon, greedy_action: torch.tensor(explore(run, epsilon, greedy_action))),
    ),
    Mistake(
        "one-action-missing",
        "One action is never drawn: `rng.integers(num_actions)` already ends below `num_actions`.",
        make_loop(act=_one_missing),
    ),
)

EPISODE_MISTAKES = (
    Mistake(
        "never-moves-on",
        "Nothing moves on after a step: `run.obs` becomes the `next_obs` reached, `run.step` grows by 1, and "
        "`run.episode_return` by the reward.",
        make_loop(move_on=lambda run, reward, next_obs: None),
    ),
    Mistake(
        "obs-stays",
        "`run.obs` never moves on: after each step it must be the `next_obs` reached.",
        make_loop(move_on=_moves(obs=0)),
    ),
    Mistake(
        "steps-not-counted",
        "`run.step` does not count: neither learning nor the schedule of ε will ever see time pass.",
        make_loop(move_on=_moves(step=0)),
    ),
    Mistake(
        "rewards-not-added",
        "The rewards are not added to `run.episode_return`.",
        make_loop(move_on=_moves(add=lambda total, reward: total)),
    ),
    Mistake(
        "last-reward",
        "`run.episode_return` keeps only the last reward: add to it.",
        make_loop(move_on=_moves(add=lambda total, reward: reward)),
    ),
    Mistake(
        "counts-steps",
        "`run.episode_return` counts steps (which on CartPole is the same): add the reward, not 1.",
        make_loop(move_on=_moves(add=lambda total, reward: total + 1)),
    ),
    Mistake(
        "ignores-truncation",
        "It goes on after a truncation: an episode is over when it has `terminated` *or* was `truncated`.",
        make_loop(over=lambda terminated, truncated: terminated),
    ),
    Mistake(
        "ignores-termination",
        "It goes on after a termination: an episode is over when it has `terminated` *or* was `truncated`.",
        make_loop(over=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "reset-lost",
        "The first observation of the new episode is lost: `run.obs` must be what `env.reset()` returns.",
        make_loop(begin=_begins(obs=False)),
    ),
    Mistake(
        "reset-is-a-pair",
        "`env.reset()` returns a pair, the observation and a dict: `run.obs, _ = env.reset()`.",
        make_loop(begin=_begins_with_a_pair),
    ),
    Mistake(
        "returns-not-kept",
        "`run.returns` stays empty: append the return of each episode that is over.",
        make_loop(begin=_begins(record=False), tell=lambda on_episode, run: on_episode(run.step, 0.0)),
    ),
    Mistake(
        "return-goes-on",
        "`run.episode_return` is never set back: each return contains all the episodes before it.",
        make_loop(begin=_begins(restart=False)),
    ),
    Mistake(
        "set-back-too-early",
        "`run.episode_return` is set to 0 before it is appended to `run.returns`.",
        make_loop(begin=_begins(first=True)),
    ),
    Mistake(
        "reset-at-each-call",
        "It resets the environment at the start of each call, and so breaks off the episode in which the run stands: "
        "go on from `run.obs`.",
        make_loop(start=lambda run: setattr(run, "obs", run.env.reset()[0])),
    ),
    Mistake(
        "never-told",
        "`on_episode` is never called: it shows the curve while the agent trains.",
        make_loop(tell=lambda on_episode, run: None),
    ),
    Mistake(
        "told-each-step",
        "`on_episode` is called at each step: call it once an episode.",
        make_loop(tell_each_step=True),
    ),
    Mistake(
        "told-the-episode",
        "`on_episode` is told the number of the episode: tell it the number of *steps* done, `run.step`.",
        make_loop(tell=lambda on_episode, run: on_episode(len(run.returns), run.returns[-1])),
    ),
    Mistake(
        "told-zero",
        "`on_episode` is told `run.episode_return` after that was set back to 0: tell it `run.returns[-1]`.",
        make_loop(tell=lambda on_episode, run: on_episode(run.step, run.episode_return)),
    ),
)
