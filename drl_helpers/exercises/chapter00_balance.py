"""The exercise of chapter 00 on a policy for CartPole, made by hand: 0.3."""

import gymnasium as gym
import numpy as np

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "00_welcome"


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

EXERCISES = (BALANCE,)
