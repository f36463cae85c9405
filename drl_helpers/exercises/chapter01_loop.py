"""The exercise of chapter 01 on the training loop: 1.5."""

import numpy as np

from drl_helpers.exercises.chapter01_choices import epsilon_branches, greedy_where
from drl_helpers.exercises.chapter01_loop_seen import Corridor, observe_training
from drl_helpers.exercises.chapter01_updates import q_update_plain
from drl_helpers.exercises.spec import Case, Exercise, Mistake, Rng

NOTEBOOK = "01_tabular_q_learning"


def make_loop(
    flag=lambda terminated, truncated: terminated,
    act=None,
    learn=None,
    over=lambda terminated, truncated: terminated or truncated,
    add=lambda total, reward: total + reward,
    forward=True,
    early=False,
    everywhere=False,
    swapped=False,
):
    """The training loop with one part exchanged."""

    def attempt(env, q_table, choose, update, num_episodes, learning_rate, gamma, epsilon, rng, on_episode=None):
        choose, update = act or choose, learn or update
        settings = (gamma, learning_rate) if swapped else (learning_rate, gamma)
        returns = np.zeros(num_episodes)
        for episode in range(num_episodes):
            obs, _ = env.reset(seed=int(rng.integers(2**31)))
            done = False
            while not done:
                action = choose(q_table[obs], epsilon, rng)
                next_obs, reward, terminated, truncated, _ = env.step(action)
                left = next_obs if early else obs
                update(q_table, left, action, reward, next_obs, flag(terminated, truncated), *settings)
                where = slice(None) if everywhere else episode
                returns[where] = add(returns[where], reward)
                obs = next_obs if forward else obs
                done = over(terminated, truncated)
            if on_episode is not None:
                on_episode(episode, returns[episode])
        return returns

    return attempt


def loop_with_break(env, q_table, choose, update, num_episodes, learning_rate, gamma, epsilon, rng, on_episode=None):
    all_returns = []
    while len(all_returns) < num_episodes:
        state, total = env.reset()[0], 0.0
        while True:
            action = choose(q_table[state], epsilon, rng)
            new_state, reward, terminated, truncated, _ = env.step(int(action))
            update(q_table, state, action, reward, new_state, terminated, learning_rate, gamma)
            state, total = new_state, total + reward
            if terminated | truncated:
                break
        all_returns.append(total)
        if on_episode:
            on_episode(len(all_returns) - 1, total)
    return np.array(all_returns)


def _swapped_update(q_table, obs, action, reward, next_obs, *rest):
    return q_update_plain(q_table, next_obs, action, reward, obs, *rest)


def _unseeded_loop(env, q_table, choose, *rest, **keywords):
    def unseeded(q_values, epsilon, rng):
        return choose(q_values, epsilon, np.random.default_rng())

    return make_loop()(env, q_table, unseeded, *rest, **keywords)


LOOP_MISTAKES = (
    Mistake(
        "own-choose",
        "The argument `choose` is not used: call `choose(...)`, so that another rule can be passed later.",
        make_loop(act=lambda q, epsilon, rng: epsilon_branches(q, epsilon, rng)),
    ),
    Mistake(
        "own-update",
        "The argument `update` is not used: call `update(...)`, so that another rule can be passed later.",
        make_loop(learn=lambda *args: q_update_plain(*args)),
    ),
    Mistake(
        "swapped-settings",
        "The learning rate and the discount are swapped in the call of `update`.",
        make_loop(swapped=True),
    ),
    Mistake(
        "all-episodes",
        "Each reward is added to *all* returns: write `returns[episode] += reward`.",
        make_loop(everywhere=True),
    ),
    Mistake(
        "truncation-as-termination",
        "The update is told that the episode ended (`terminated or truncated`) where it was only cut off. After a "
        "*truncation* the world would have gone on, so the next value still counts: pass `terminated` alone.",
        make_loop(flag=lambda terminated, truncated: terminated or truncated),
    ),
    Mistake(
        "never-terminates",
        "The update never learns that an episode has terminated: pass `terminated` on to it.",
        make_loop(flag=lambda terminated, truncated: False),
    ),
    Mistake(
        "flag-swapped",
        "The update is given `truncated` where `terminated` belongs.",
        make_loop(flag=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "flag-inverted",
        "The update is given `not terminated`: pass `terminated` as it is.",
        make_loop(flag=lambda terminated, truncated: not terminated),
    ),
    Mistake(
        "ignores-truncation",
        "The loop goes on after a truncation: an episode is over when it has `terminated` *or* was `truncated`.",
        make_loop(over=lambda terminated, truncated: terminated),
    ),
    Mistake(
        "ignores-termination",
        "The loop goes on after a termination: an episode is over when it has `terminated` *or* was `truncated`.",
        make_loop(over=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "stays-behind",
        "`obs` never moves on: at the end of each step the state you reached becomes the state you are in.",
        make_loop(forward=False),
    ),
    Mistake(
        "moves-on-too-early", "`obs` is overwritten before the update has used it: move on last.", make_loop(early=True)
    ),
    Mistake("states-swapped", "`obs` and `next_obs` are swapped in the update.", make_loop(learn=_swapped_update)),
    Mistake("no-update", "The table is never updated: call `update` after each step.", make_loop(learn=lambda *a: 0.0)),
    Mistake(
        "always-greedy",
        "The agent acts greedily: choose actions with `choose(q_table[obs], epsilon, rng)`.",
        make_loop(act=lambda q, epsilon, rng: greedy_where(q, rng)),
    ),
    Mistake(
        "always-random",
        "The agent acts at random: choose actions with `choose`, from the values of the current state.",
        make_loop(act=lambda q, epsilon, rng: int(rng.integers(len(q)))),
    ),
    Mistake(
        "own-generator",
        "The choice does not draw from the `rng` that is passed, so a run cannot be repeated from its seed.",
        _unseeded_loop,
    ),
    Mistake(
        "last-reward",
        "Only the last reward is kept: add each reward to the episode's return.",
        make_loop(add=lambda total, reward: reward),
    ),
    Mistake("counts-steps", "It counts steps: add the reward, not 1.", make_loop(add=lambda total, reward: total + 1)),
    Mistake(
        "no-returns",
        "The returns stay zero: add each reward to the episode's return.",
        make_loop(add=lambda total, reward: total),
    ),
)

PREFERENCES = np.array([[0.0, 0.0], [0.0, 5.0], [5.0, 0.0], [0.0, 5.0], [0.0, 0.0]])


def _loop_args(table, episodes, learning_rate, gamma, epsilon, limit, seed):
    args = {"env": Corridor(limit), "q_table": table, "choose": epsilon_branches, "update": q_update_plain}
    settings = {"num_episodes": episodes, "learning_rate": learning_rate, "gamma": gamma, "epsilon": epsilon}
    return args | settings | {"rng": Rng(seed)}


LOOP = Exercise(
    id="q-learning-loop",
    name="train_q_learning",
    notebook=NOTEBOOK,
    number="1.5",
    observe=observe_training,
    tolerance=0.05,
    cases=(
        Case("A corridor of five states", _loop_args(np.full((5, 2), 2.0), 40, 0.5, 0.9, 0.3, 6, seed=1)),
        Case("Episodes cut off after 3 steps", _loop_args(np.full((5, 2), 3.0), 30, 0.3, 0.8, 1.0, 3, seed=2)),
        Case("How it acts (α = 0, ε = 0.4)", _loop_args(PREFERENCES, 400, 0.0, 0.9, 0.4, 8, seed=3)),
    ),
    right=(make_loop(), loop_with_break),
    mistakes=LOOP_MISTAKES,
)

EXERCISES = (LOOP,)
