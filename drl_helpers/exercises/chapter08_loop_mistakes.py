"""Right and wrong answers to exercise 8.9 of chapter 08, the loop of REINFORCE."""

import numpy as np

from drl_helpers.exercises.spec import Mistake
from drl_helpers.reinforce import play_episodes
from drl_helpers.reinforce_run import reinforce_update


def loop_zip(run, num_updates, on_episode=None):
    while num_updates > 0:
        episodes = play_episodes(run.envs, run.policy, run.rng)
        reinforce_update(run, episodes)
        num_updates, run.updates = num_updates - 1, run.updates + 1
        for rewards in [episode.rewards for episode in episodes]:
            run.step = run.step + rewards.size
            run.returns += [sum(rewards.tolist())]
            if on_episode:
                on_episode(run.step, run.returns[-1])


def loop_afterwards(run, num_updates, on_episode=None):
    report = on_episode or (lambda step, value: None)
    for _ in range(num_updates):
        batch = play_episodes(run.envs, run.policy, run.rng)
        reinforce_update(run, batch)
        for episode in batch:
            run.step += episode.actions.shape[0]
            run.returns.append(np.sum(episode.rewards).item())
            report(run.step, run.returns[-1])
        run.updates += 1


def make_loop(
    learn=reinforce_update,
    steps=lambda episode: len(episode.rewards),
    value=lambda episode, gamma: float(episode.rewards.sum()),
    told=lambda run, value: (run.step, value),
    order=("update", "report"),
    counts=1,
    guard=True,
    plays_once=False,
    counts_first=False,
):
    """The loop with one part exchanged."""

    def attempt(run, num_updates, on_episode=None):
        episodes = []
        for _ in range(num_updates):
            if not (plays_once and episodes):
                episodes = play_episodes(run.envs, run.policy, run.rng)
            for part in order:
                if part == "update":
                    learn(run, episodes)
                    continue
                if counts_first:
                    run.step += sum(steps(episode) for episode in episodes)
                for episode in episodes:
                    run.step += 0 if counts_first else steps(episode)
                    run.returns.append(value(episode, run.config.gamma))
                    if on_episode is not None or not guard:
                        on_episode(*told(run, run.returns[-1]))
            run.updates += counts

    return attempt


def _each(run, episodes):
    for episode in episodes:
        reinforce_update(run, [episode])


LOOP_MISTAKES = (
    Mistake(
        "never-learns",
        "It plays and never learns: `reinforce_update(run, episodes)` is missing.",
        make_loop(learn=lambda run, episodes: None),
    ),
    Mistake(
        "one-update-an-episode",
        "It updates once for each episode. After the first update the others are what *another* policy did: one update "
        "for all of them together.",
        make_loop(learn=_each),
    ),
    Mistake(
        "plays-once",
        "It plays once and learns from the same episodes again and again. They belong to the policy that played them: "
        "play anew before each update.",
        make_loop(plays_once=True),
    ),
    Mistake(
        "reports-too-early",
        "`on_episode` is told before the update: an interrupt there would lose episodes that were counted already.",
        make_loop(order=("report", "update")),
    ),
    Mistake("updates-not-counted", "`run.updates` is not counted.", make_loop(counts=0)),
    Mistake("steps-not-counted", "`run.step` is not counted.", make_loop(steps=lambda episode: 0)),
    Mistake(
        "episodes-for-steps",
        "`run.step` counts episodes. It counts steps of the environment: `len(episode.rewards)`.",
        make_loop(steps=lambda episode: 1),
    ),
    Mistake(
        "rewards-for-steps",
        "`run.step` adds rewards up. In CartPole a step pays 1, elsewhere it does not: `len(episode.rewards)`.",
        make_loop(steps=lambda episode: float(episode.rewards.sum())),
    ),
    Mistake(
        "length-for-return",
        "It takes the length of an episode for its return. In CartPole they are equal, elsewhere not: sum the rewards.",
        make_loop(value=lambda episode, gamma: float(len(episode.rewards))),
    ),
    Mistake(
        "discounted-score",
        "The return is discounted. Discounting is for learning; the score is the plain sum of the rewards.",
        make_loop(value=lambda episode, gamma: float(episode.rewards @ gamma ** np.arange(len(episode.rewards)))),
    ),
    Mistake(
        "mean-reward",
        "It takes the mean of the rewards; the return is their sum.",
        make_loop(value=lambda episode, gamma: float(episode.rewards.mean())),
    ),
    Mistake(
        "numpy-numbers",
        "`run.returns` holds NumPy's numbers or arrays: turn each sum into a plain number with `float(…)`.",
        make_loop(value=lambda episode, gamma: episode.rewards.sum()),
    ),
    Mistake(
        "all-steps-at-once",
        "The steps of the whole batch are counted first, so `on_episode` hears the same number for all its episodes: "
        "count and report one after the other.",
        make_loop(counts_first=True),
    ),
    Mistake(
        "arguments-swapped",
        "`on_episode` is told the return first: it takes the step, then the return.",
        make_loop(told=lambda run, value: (value, run.step)),
    ),
    Mistake(
        "no-guard",
        "`on_episode` may be None, and then it cannot be called: ask `if on_episode is not None`.",
        make_loop(guard=False),
    ),
)
