"""What exercise 5.4 of chapter 05 sees in a training loop, in words."""

import numpy as np

from drl_helpers.exercises.chapter05_loop_learned import followed, learned
from drl_helpers.exercises.chapter05_loop_run import Run, flat
from drl_helpers.schedules import epsilon_schedule


def observe_training(attempt, case):
    """All that a training did to a run, in words."""
    config, calls = case.args["run"].config, case.args["num_steps"].calls
    run, told = Run(config, case.args["td_target"]), []
    for num_steps in calls:
        if len(calls) == 1:
            attempt(run, num_steps, run.td_target, lambda *given: told.append((*given, run.env.over)))
        else:
            attempt(run, num_steps, run.td_target)
    run.finish()
    log, ends = run.env.log, [n for n, step in enumerate(run.env.log, 1) if step.terminated or step.truncated]
    seen = {"the number of steps of the environment": len(log)}
    if not log:
        return seen
    seen |= {"`run.step` afterwards": run.step, "the number of calls of `env.reset`": run.env.resets}
    seen |= {**_stored(run), **_acted(config, log)}
    if run.learns:
        seen |= {**learned(run), "when the target network moves": followed(run, ends)}
    seen |= _kept(run, ends)
    if len(calls) == 1:
        seen["what `on_episode` is told"] = _told(told, log, ends)
    if run.learns:
        again, total = Run(config, case.args["td_target"]), calls[0] // 2 if len(calls) == 1 else sum(calls)
        attempt(again, total, again.td_target)
        same = [step.action for step in log[:total]] == [step.action for step in again.env.log]
        same = same and np.allclose(run.weights[min(total, len(log))][0], flat(again.q_network))
        what = (
            "a second run from the same seed"
            if len(calls) == 1
            else "a run in two calls, held against one in one call,"
        )
        seen[what] = "the same" if same else "another one"
    return seen


def _first_fit(known, values):
    """The words whose list of values is equal to `values`."""
    return next((words for words, theirs in known.items() if list(theirs) == list(values)), "something else")


def _stored(run):
    log, added, resets = run.env.log, run.memory.added, {}
    if len(added) != len(log):
        return {"the number of transitions stored": f"{len(added)} in {len(log)} steps"}
    obs, actions, rewards, next_obs, flags = zip(*added, strict=True)
    first = {}
    for step in log:
        first.setdefault(step.episode, step.obs)
    after = [s.next_obs + (s.terminated or s.truncated) for s in log]  # where an episode begins, a reset came between
    resets = [s.next_obs + s.terminated for s in log], [s.next_obs + s.truncated for s in log]
    sums, total = [], 0.0
    for step, before in zip(log, [None, *log], strict=False):
        total = step.reward + (total if before and before.episode == step.episode else 0.0)
        sums.append(total)
    either = [s.terminated or s.truncated for s in log]
    return {
        "the number of transitions stored": "one a step",
        "the observation stored": _first_fit(
            {
                "the one acted on": [s.obs for s in log],
                "the one reached": [s.next_obs for s in log],
                "the one reached, or the first of the new episode": after,
                "the first of the episode": [first[s.episode] for s in log],
                "the first of all": [0 for _ in log],
                "the last one reached, even that of the old episode": [0, *(s.next_obs for s in log[:-1])],
            },
            obs,
        ),
        "the action stored": _first_fit({"the one taken": [s.action for s in log]}, actions),
        "the reward stored": _first_fit(
            {"that of the step": [s.reward for s in log], "the sum of the episode's rewards": sums}, rewards
        ),
        "the next observation stored": _first_fit(
            {
                "the one reached": [s.next_obs for s in log],
                "the one acted on": [s.obs for s in log],
                "the one reached, but after an end the first of the new episode": after,
                "the one reached, but after a termination the first of the new episode": resets[0],
                "the one reached, but after a truncation the first of the new episode": resets[1],
            },
            next_obs,
        ),
        "the flag stored": _first_fit(
            {
                "`terminated`": [s.terminated for s in log],
                "`terminated or truncated`": either,
                "`truncated`": [s.truncated for s in log],
                "`not terminated`": [not s.terminated for s in log],
                "`False`": [False for _ in log],
                "`True`": [True for _ in log],
            },
            flags,
        ),
    }


def _acted(config, log):
    """How the actions compare with the greedy ones; tolerances are wide, for draws may differ."""
    settings = config.epsilon_start, config.epsilon_end, config.decay_steps
    epsilons = np.array([epsilon_schedule(n, *settings) for n in range(len(log))])
    greedy, seen = np.array([step.action == step.greedy for step in log]), {}
    if (epsilons == 0).any():
        early, late = greedy[epsilons >= 0.5], greedy[epsilons == 0]
        seen["the behaviour at first, where ε is large,"] = "always greedy" if early.all() else "random at times"
        seen["the behaviour where ε is 0"] = "always greedy" if late.all() else "not always greedy"
    elif len(log) >= 300:
        share, random = greedy.mean(), 1 / 4
        known = {
            "as large as ε demands": 1 - epsilons[0] * (1 - random),
            "as if ε were 1 − ε": epsilons[0] + (1 - epsilons[0]) * random,
            "1: always greedy": 1.0,
            "as if all were random": random,
            "0: never greedy": 0.0,
        }
        fits = [words for words, value in known.items() if abs(share - value) < 0.1]
        seen["the share of greedy actions"] = fits[0] if fits else f"{share:.2f}"
        if epsilons[0] == 1:
            shares = np.bincount([step.action for step in log], minlength=4) / len(log)
            even = abs(shares - random).max() < 0.12
            missing = ", ".join(str(action) for action in np.flatnonzero(shares == 0))
            uneven = f"never action {missing}" if missing else "some much more often than others"
            seen["the choice of random actions"] = "all about equally often" if even else uneven
    return seen


def _kept(run, ends):
    """What the run says of itself afterwards."""
    log, episodes = run.env.log, {}
    for step in log:
        episodes.setdefault(step.episode, []).append(step.reward)
    rewards = [values for _, values in sorted(episodes.items())][: len(ends)]
    going_on = [step.reward for step in log[ends[-1] if ends else 0 :]]
    known = {
        "the sum of rewards of each episode": [sum(values) for values in rewards],
        "empty": [],
        "zeros": [0.0 for _ in rewards],
        "the last reward of each episode": [values[-1] for values in rewards],
        "the number of steps of each episode": [len(values) for values in rewards],
        "the sum of all rewards until then": list(np.cumsum([sum(values) for values in rewards])),
    }
    sums = {
        "the sum of rewards since the episode began": sum(going_on),
        "0": 0.0,
        "the last reward": log[-1].reward,
        "the number of steps since the episode began": len(going_on),
        "the sum of all rewards": sum(step.reward for step in log),
    }
    places = {run.env.number: "where the environment is", 0: "the first of all", log[-1].obs: "the one before"}
    returns = [float(value) for value in run.returns]
    fits = [words for words, v in known.items() if len(v) == len(returns) and np.allclose(v, returns)]
    total = [words for words, value in sums.items() if np.isclose(value, float(run.episode_return))]
    return {
        "`run.obs` afterwards": places.get(run.env.number_of(run.obs), "another observation"),
        "`run.returns` afterwards": fits[0] if fits else "other numbers",
        "`run.episode_return` afterwards": total[0] if total else "another number",
    }


def _told(told, log, ends):
    """What `on_episode` was told, and when."""
    if len(told) != len(ends):
        return f"{len(told)} calls for {len(ends)} episodes"
    if [step for step, *_ in told] != ends:
        return "another number than the steps done, `run.step`"
    starts = [0, *ends]
    sums = [sum(step.reward for step in log[start:end]) for start, end in zip(starts, ends, strict=False)]
    if not np.allclose([value for _, value, _ in told], sums):
        return "another number than the return of the episode"
    late = all(over is None for *_, over in told)
    return "the step and the return of each episode" + ("" if late else ", but before the next one has begun")
