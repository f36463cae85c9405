"""Exercise 8.9 of chapter 08: the loop of REINFORCE."""

import numpy as np
from gymnasium.wrappers.vector import TransformReward

from drl_helpers.exercises.case_run import flat
from drl_helpers.exercises.chapter08_loop_mistakes import LOOP_MISTAKES, loop_afterwards, loop_zip, make_loop
from drl_helpers.exercises.spec import Case, Exercise
from drl_helpers.reinforce_run import ReinforceConfig, ReinforceRun

NOTEBOOK = "08_policy_gradient"


class Watched(TransformReward):
    """CartPole's environments with rewards of 0.5, which write down each first episode after a reset."""

    def __init__(self, envs):
        super().__init__(envs, lambda rewards: rewards * 0.5)
        self.resets, self.finished, self.lengths, self.running = 0, [], None, None

    def reset(self, **options):
        self.write_down()
        self.resets += 1
        self.lengths, self.running = np.zeros(self.num_envs, dtype=int), np.ones(self.num_envs, dtype=bool)
        return super().reset(**options)

    def step(self, actions):
        self.lengths += self.running
        result = super().step(actions)
        self.running = self.running & ~(result[2] | result[3])
        return result

    def write_down(self):
        """Take note of the episodes since the last reset."""
        if self.lengths is not None:
            self.finished += [int(length) for length in self.lengths]
        self.lengths = None


class SmallRun(ReinforceRun):
    """A run with few episodes and small networks, whose environments are watched."""

    def __init__(self, seed, episodes):
        super().__init__(ReinforceConfig(episodes_per_update=episodes, hidden_sizes=(8,)), seed)
        self.envs, self.optimizer_steps = Watched(self.envs), 0
        self.optimizer.register_step_post_hook(self.count)

    def count(self, *_):
        self.optimizer_steps += 1


def observe_loop(attempt, case):
    """What the run has counted after two calls, held against what its environments saw."""
    run, told, weights = SmallRun(case.args["run"].seed, case.args["run"].episodes), [], []
    old = flat(run.policy)

    def on_episode(step, value):
        told.append((int(step), float(value)))
        weights.append(not np.array_equal(old, flat(run.policy)))

    quiet = case.args["on_episode"] is None
    extra = () if quiet else (on_episode,)
    for updates in (1, case.args["num_updates"] - 1):
        attempt(run, updates, *extra)
    run.envs.write_down()
    lengths = run.envs.finished
    seen = {
        "the number of optimizer steps": run.optimizer_steps,
        "`run.updates`": run.updates,
        "the number of batches played": run.envs.resets,
        "`run.step`, less the steps of the episodes": run.step - sum(lengths),
        "`run.returns`, less half the episodes' lengths": _less(run.returns, [0.5 * length for length in lengths]),
        "the kind of `run.returns`": _kind(run.returns),
    }
    if not quiet:
        sums = np.cumsum(lengths).tolist()
        seen["the steps told to `on_episode`, less those so far"] = _less([step for step, _ in told], sums)
        seen["the returns told to `on_episode`, less the right ones"] = _less(
            [value for _, value in told], [0.5 * length for length in lengths]
        )
        seen["the policy at the first call of `on_episode`"] = (
            "updated" if weights and weights[0] else "still the old one"
        )
    return seen


def _less(mine, theirs):
    """The differences, or a sentence where the numbers differ."""
    if len(mine) != len(theirs):
        return f"{len(mine)} entries for {len(theirs)} episodes"
    return np.round(np.array(mine, dtype=float) - np.array(theirs, dtype=float), 6)


def _kind(values):
    return "a list of floats" if all(type(value) is float for value in values) else "not a list of floats"


class Shown:
    """Stands for a run on a card; the check makes it anew for each attempt."""

    def __init__(self, seed, episodes):
        self.seed, self.episodes = seed, episodes

    def __repr__(self):
        return f"run with {self.episodes} episodes an update"


LOOP = Exercise(
    id="train-reinforce",
    name="train_reinforce",
    notebook=NOTEBOOK,
    number="8.9",
    observe=observe_loop,
    cases=(
        Case("Three updates", {"run": Shown(1, 3), "num_updates": 3, "on_episode": print}),
        Case("Nobody to report to", {"run": Shown(2, 2), "num_updates": 2, "on_episode": None}),
    ),
    right=(loop_zip, loop_afterwards, make_loop()),
    mistakes=LOOP_MISTAKES,
    seconds=20.0,
)

EXERCISES = (LOOP,)
