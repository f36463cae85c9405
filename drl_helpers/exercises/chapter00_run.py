"""The exercise of chapter 00 on the agent's loop: 0.1."""

import gymnasium as gym
import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "00_welcome"


class Script(gym.Env):
    """Plays a fixed list of (reward, terminated, truncated), and writes down what it is asked."""

    observation_space, action_space = gym.spaces.Discrete(100), gym.spaces.Discrete(100)

    def __init__(self, steps):
        self.steps, self.seeds, self.actions, self.over = steps, [], [], "never reset"

    def __repr__(self):
        return "env"

    def reset(self, *, seed=None, options=None):
        self.seeds.append(seed)
        self.position, self.over = 0, None
        return 10, {}

    def step(self, action):
        if self.over:
            raise RuntimeError(f"`env.step` was called although the episode was over ({self.over})")
        reward, terminated, truncated = self.steps[self.position]
        self.actions.append(int(action))
        self.position += 1
        self.over = "terminated" if terminated else "truncated" if truncated else None
        return 10 + 3 * self.position, reward, terminated, truncated, {}


def twice_the_observation(obs):
    return 2 * obs


def observe_episode(attempt, case):
    """The rewards returned, the seed that reached `env.reset`, and the actions that reached `env.step`."""
    args, asked = case.fresh_args(), []
    env, policy, seed = args.values()

    def spy(obs):
        asked.append(obs)
        return policy(obs)

    rewards = attempt(env, spy, seed)
    if isinstance(rewards, list | tuple) and all(isinstance(r, int | float | np.number) for r in rewards):
        rewards = [float(r) for r in rewards]
    seeds = ", ".join("no seed" if given is None else f"seed {given}" for given in env.seeds)
    often = (
        "once a step" if len(asked) - len(env.actions) in (0, 1) else f"{len(asked)} times in {len(env.actions)} steps"
    )
    return {
        "the return value": rewards,
        "what `env.reset` was given": seeds,
        "the list of actions": env.actions,
        "how often the policy was asked": often,
    }


def make_runner(
    over=lambda terminated, truncated: terminated or truncated,
    seeded=True,
    forward=True,
    keep=lambda rewards: rewards,
    first=(),
):
    """An episode's loop with one part exchanged."""

    def attempt(env, policy, seed):
        obs, _ = env.reset(seed=seed) if seeded else env.reset()
        rewards, done = list(first), False
        while not done:
            next_obs, reward, terminated, truncated, _ = env.step(policy(obs))
            rewards.append(reward)
            obs = next_obs if forward else obs
            done = over(terminated, truncated)
        return keep(rewards)

    return attempt


def runner_with_break(env, policy, seed):
    collected = []
    state = env.reset(seed=seed)[0]
    while True:
        state, r, ended, cut, _ = env.step(policy(state))
        collected += [r]
        if ended or cut:
            return collected


def _counts_up(env, policy, seed):
    obs, _ = env.reset(seed=seed)
    rewards = []
    for _ in range(1_000):
        obs, reward, terminated, truncated, _ = env.step(policy(obs))
        if terminated or truncated:
            break
        rewards.append(reward)
    return rewards


def _one_step(env, policy, seed):
    obs, _ = env.reset(seed=seed)
    return [env.step(policy(obs))[1]]


def _not_unpacked(env, policy, seed):
    obs = env.reset(seed=seed)
    return [env.step(policy(obs))[1]]


def _not_called(env, policy, seed):
    env.reset(seed=seed)
    return [env.step(policy)[1]]


def _fixed_seed(env, policy, seed):
    return make_runner()(env, policy, 0)


def _emptied(env, policy, seed):
    return make_runner(keep=lambda rewards: rewards[-1:])(env, policy, seed)


RUN_MISTAKES = (
    Mistake(
        "not-unpacked",
        "`env.reset` returns two things, the observation and a dict: write `obs, info = env.reset(seed=seed)`.",
        _not_unpacked,
    ),
    Mistake("not-called", "The policy itself is given to `env.step`; call it: `env.step(policy(obs))`.", _not_called),
    Mistake("fixed-seed", "A fixed seed is used; use the `seed` that is passed.", _fixed_seed),
    Mistake("emptied", "Only the last reward is left: make the empty list once, before the loop.", _emptied),
    Mistake(
        "ignores-truncation",
        "The loop goes on after a truncation: an episode is over when it has `terminated` *or* was `truncated`.",
        make_runner(over=lambda terminated, truncated: terminated),
    ),
    Mistake(
        "ignores-termination",
        "The loop goes on after a termination: an episode is over when it has `terminated` *or* was `truncated`.",
        make_runner(over=lambda terminated, truncated: truncated),
    ),
    Mistake(
        "needs-both",
        "The loop waits for both flags; one of them is enough: `terminated or truncated`.",
        make_runner(over=lambda terminated, truncated: terminated and truncated),
    ),
    Mistake("one-step", "It stops after the first step: repeat until the episode is over.", _one_step),
    Mistake(
        "no-seed",
        "The seed does not reach the environment, so nothing can be repeated: `env.reset(seed=seed)`.",
        make_runner(seeded=False),
    ),
    Mistake(
        "first-observation",
        "The policy always sees the first observation: put the new one in its place after each step.",
        make_runner(forward=False),
    ),
    Mistake("drops-the-last", "The last reward is missing: keep it before you leave the loop.", _counts_up),
    Mistake("sum", "It returns the sum; the list of all rewards is wanted.", make_runner(keep=sum)),
    Mistake("number", "It returns how many steps there were; the list of rewards is wanted.", make_runner(keep=len)),
    Mistake(
        "starts-with-zero", "There is one reward too many at the start: `reset` gives none.", make_runner(first=[0.0])
    ),
    Mistake("reversed", "The rewards stand in reverse order.", make_runner(keep=lambda rewards: rewards[::-1])),
)


RUN = Exercise(
    id="run-episode",
    name="run_episode",
    notebook=NOTEBOOK,
    number="0.1",
    observe=observe_episode,
    cases=(
        Case(
            "An episode that terminates after three steps",
            {
                "env": Script([(1.0, False, False), (-2.0, False, False), (5.0, True, False)]),
                "policy": twice_the_observation,
                "seed": 7,
            },
        ),
        Case(
            "An episode that is truncated after two steps",
            {"env": Script([(0.5, False, False), (0.25, False, True)]), "policy": twice_the_observation, "seed": 3},
        ),
        Case(
            "An episode of one step, which ends both ways",
            {"env": Script([(-1.0, True, True)]), "policy": twice_the_observation, "seed": 0},
        ),
    ),
    right=(make_runner(), runner_with_break),
    mistakes=RUN_MISTAKES,
)

EXERCISES = (RUN,)
