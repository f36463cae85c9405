"""The exercises of chapter 00: episodes, returns, and a policy made by hand."""

import gymnasium as gym
import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "00_welcome"


# --- 0.1: run an episode ----------------------------------------------------------------------


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


# --- 0.2: the discounted return ---------------------------------------------------------------


def return_by_sum(rewards, gamma):
    return sum(gamma**t * reward for t, reward in enumerate(rewards))


def return_backwards(rewards, gamma):
    total = 0.0
    for reward in reversed(rewards):
        total = reward + gamma * total
    return total


def return_by_arrays(rewards, gamma):
    return float(np.dot(rewards, gamma ** np.arange(len(rewards))))


def _xor(rewards, gamma):
    return sum(gamma ^ t * reward for t, reward in enumerate(rewards))


RETURN_MISTAKES = (
    Mistake("xor", "In Python `^` is not a power: write `gamma**t`.", _xor),
    Mistake(
        "swapped-enumerate",
        "`enumerate` gives the position first: `for t, reward in enumerate(rewards)`.",
        lambda r, g: float(sum(g**x * t for t, x in enumerate(r))),
    ),
    Mistake("fixed-gamma", "Use the `gamma` that is passed, not a fixed one.", lambda r, g: return_by_sum(r, 0.9)),
    Mistake(
        "fixed-gamma-99",
        "Use the `gamma` that is passed, not a fixed one.",
        lambda r, g: return_by_sum(r, 0.99),
    ),
    Mistake(
        "no-gamma", "It is the plain sum: each reward must be multiplied by its power of γ.", lambda r, g: float(sum(r))
    ),
    Mistake(
        "starts-at-one",
        "Every power of γ is one too high: the first reward counts in full, γ⁰ = 1.",
        lambda r, g: g * return_by_sum(r, g),
    ),
    Mistake(
        "from-the-end",
        "The *last* reward counts in full and the first one least; it is the other way round.",
        lambda r, g: return_by_sum(r[::-1], g),
    ),
    Mistake(
        "mean",
        "It is divided by the number of rewards; a return is a sum.",
        lambda r, g: return_by_sum(r, g) / max(len(r), 1),
    ),
    Mistake(
        "times-not-power",
        "It multiplies γ by t, where γ must be raised to the *power* t.",
        lambda r, g: sum(g * t * reward for t, reward in enumerate(r)),
    ),
    Mistake(
        "constant-gamma",
        "Every reward is multiplied by the same γ; the reward after t steps counts γ to the power t.",
        lambda r, g: sum(g * reward for reward in r),
    ),
    Mistake(
        "linear",
        "It takes off the same amount at each step; γ *multiplies* at each step.",
        lambda r, g: sum((1 - (1 - g) * t) * x for t, x in enumerate(r)),
    ),
    Mistake("drops-the-last", "The last reward is missing.", lambda r, g: return_by_sum(r[:-1], g)),
    Mistake("drops-the-first", "The first reward is missing.", lambda r, g: g * return_by_sum(r[1:], g)),
    Mistake(
        "first-only",
        "It returns the first reward alone: is the `return` inside the loop?",
        lambda r, g: r[0] if r else 0.0,
    ),
    Mistake(
        "last-only",
        "It keeps the last term alone: add them up (`+=`).",
        lambda r, g: g ** (len(r) - 1) * r[-1] if r else 0.0,
    ),
    Mistake(
        "list",
        "It returns the discounted rewards one by one; add them up.",
        lambda r, g: [g**t * reward for t, reward in enumerate(r)],
    ),
)

RETURN = Exercise(
    id="discounted-return",
    name="discounted_return",
    notebook=NOTEBOOK,
    number="0.2",
    cases=(
        Case("Three rewards", {"rewards": [1.0, -2.0, 5.0], "gamma": 0.9}),
        Case("With γ = 1", {"rewards": [1.0, 2.0, 4.0, 8.0], "gamma": 1.0}),
        Case("With γ = 0 only the first reward counts", {"rewards": [3.0, 7.0, 1.0], "gamma": 0.0}),
        Case("A late reward", {"rewards": [0.0, 0.0, 0.0, 1.0, 0.0], "gamma": 0.5}),
        Case("One reward", {"rewards": [-1.5], "gamma": 0.7}),
        Case("No reward at all", {"rewards": [], "gamma": 0.9}),
    ),
    right=(return_backwards, return_by_sum, return_by_arrays),
    mistakes=RETURN_MISTAKES,
)


# --- 0.3: a policy for CartPole, by hand ------------------------------------------------------

GOAL = 250  # steps; a random agent manages about 22
LOOKS = np.random.default_rng(0).normal(0, [1.0, 1.0, 0.1, 1.0], size=(80, 4)).astype(np.float32)


def observe_balance(attempt, case):
    """What the policy returns, how long it balances the pole over 20 seeds, and what it does in 80 situations."""
    env, steps = gym.make("CartPole-v1"), 0
    for seed in range(20):
        obs, _ = env.reset(seed=seed)
        done = False
        while not done:
            action = attempt(obs)
            if isinstance(action, np.ndarray) and action.ndim == 0:
                action = action[()]
            if not isinstance(action, int | np.integer | np.bool_) or action not in (0, 1):
                return {"the action": action, "_pushes": "none"}
            obs, _, terminated, truncated, _ = env.step(int(action))
            steps += 1
            done = terminated or truncated
    mean = steps / 20
    return {
        "the action": "0 or 1",
        "the mean over 20 episodes": f"{GOAL} steps or more" if mean >= GOAL else f"{mean:.1f} steps",
        "_pushes": [int(attempt(look)) for look in LOOKS],
    }


def leans_and_moves(obs):
    return int(obs[2] + 0.5 * obs[3] > 0)


def everything(obs):
    position, velocity, angle, turning = obs
    if 0.1 * position + 0.2 * velocity + angle + 0.5 * turning > 0:
        return 1
    return 0


BALANCE_MISTAKES = (
    Mistake(
        "angle-alone",
        "It looks at the angle alone. A pole that leans right may already be swinging back: add its angular "
        "velocity, `obs[3]`, which tells where the pole will be in a moment.",
        lambda obs: int(obs[2] > 0),
    ),
    Mistake(
        "wrong-way",
        "It pushes away from where the pole falls. Push the cart *under* the pole: right (1) when it falls right.",
        lambda obs: int(obs[2] + 0.5 * obs[3] < 0),
    ),
    Mistake(
        "wrong-way-angle",
        "It pushes away from where the pole leans. Push the cart *under* the pole: right (1) when it leans right.",
        lambda obs: int(obs[2] < 0),
    ),
    Mistake(
        "turning-alone",
        "It looks at the angular velocity alone, so a slow lean goes unnoticed: add the angle.",
        lambda obs: int(obs[3] > 0),
    ),
    Mistake("always-left", "It always pushes left: let the observation decide.", lambda obs: 0),
    Mistake("always-right", "It always pushes right: let the observation decide.", lambda obs: 1),
    Mistake(
        "cart-alone",
        "It looks at the cart alone: the pole is in `obs[2]` and `obs[3]`.",
        lambda obs: int(obs[0] > 0),
    ),
    Mistake(
        "cart-speed",
        "It looks at the cart alone: the pole is in `obs[2]` and `obs[3]`.",
        lambda obs: int(obs[1] > 0),
    ),
    Mistake(
        "minus",
        "The angular velocity must be *added* to the angle.",
        lambda obs: int(obs[2] - 0.5 * obs[3] > 0),
    ),
    Mistake("a-float", "An action must be the integer 0 or 1, not a float: `int(...)`.", lambda obs: float(obs[2] > 0)),
)

BALANCE = Exercise(
    id="cartpole-policy",
    name="cartpole_policy",
    notebook=NOTEBOOK,
    number="0.3",
    observe=observe_balance,
    seconds=10.0,
    cases=(
        Case(
            f"Your policy played 20 episodes of CartPole; {GOAL} steps on average are asked",
            {"obs": "each observation"},
        ),
    ),
    right=(leans_and_moves, everything),
    mistakes=BALANCE_MISTAKES,
    equivalent={
        "return int(obs[2] + 0.5 * obs[3] > 0) → return int(obs[2] + 0.5 * obs[3] >= 0)": "the sum is never exactly 0",
        "return int(obs[2] + 0.5 * obs[3] > 0) → return int(obs[2] + 1.5 * obs[3] > 0)": "it balances, as asked",
    },
)

EXERCISES = (RUN, RETURN, BALANCE)
