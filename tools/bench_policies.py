"""Sections of the benchmark on policies: chapters 08 to 10."""

import numpy as np
from bench_measure import Plan, Section, column, in_turn, measure, spread, table

NEEDED, AIM = 1.5, 3.0  # times as fast as Stable-Baselines3, in CPU time


def policies(plan: Plan) -> Section:
    """Steps a CPU second of REINFORCE, A2C and PPO; A2C and PPO beside Stable-Baselines3's, in turn."""
    sizes = {"steps": plan.policy_steps}
    sides = {"REINFORCE": ("policy_ours", {"algorithm": "REINFORCE"} | sizes)}
    for name in ("A2C", "PPO"):
        sides[name] = ("policy_ours", {"algorithm": name} | sizes)
        sides[f"{name} of Stable-Baselines3"] = ("policy_sb3", {"algorithm": name, "fused": False} | sizes)
        sides[f"{name} of Stable-Baselines3, fused Adam"] = ("policy_sb3", {"algorithm": name, "fused": True} | sizes)
    results, rows, ratios = in_turn(plan, plan.rounds, sides), [], {}
    for label, runs in results.items():
        name = label.split()[0]
        speed, cost = column(runs, "steps") / column(runs, "cpu"), column(runs, "cpu") / column(runs, "steps")
        ratio = cost / (column(results[name], "cpu") / column(results[name], "steps"))
        ratios[label] = float(np.median(ratio))
        shown = "1" if label == name else spread(ratio)
        seconds = [spread(column(runs, key)) for key in ("cpu", "wall")]
        rows.append([label, *seconds, f"{np.median(speed):,.0f}", shown, f"{column(runs, 'score').mean():.0f}"])
    told = {name: f"{name} is {ratios[f'{name} of Stable-Baselines3']:.2f} times" for name in ("A2C", "PPO")}
    verdict = f"{told['A2C']} and {told['PPO']} as fast as Stable-Baselines3's in CPU time"
    text = f"""\
## REINFORCE, A2C and PPO

The loops of chapters 08 to 10 with their settings, and Stable-Baselines3's `A2C` and `PPO` with the same ones, in \
turn, round after round (rounds: {plan.rounds}, each with its own seed), each run in a fresh process on one thread. \
CartPole-v1, {plan.policy_steps:,} steps (REINFORCE ends with the episodes of its last update). Seconds of \
constructing and training, imports excluded: median (lowest to highest).

{table(["", "CPU s", "wall s", "steps a CPU second", "CPU a step ÷ ours", "greedy return at the end"], rows)}

**{verdict}** (needed: {NEEDED:g}; aim: {AIM:g}). The last column, a mean over 20 episodes and all rounds, says that \
both learn; training stopped at a fixed step, with no weights chosen. Same: network, rollouts, minibatches, epochs, \
learning rate and its fall, γ, λ, clipping, weights of the losses, Adam (in A2C too). What differs: \
Stable-Baselines3 asks its critic at every step, wraps each environment in its `Monitor`, keeps a log, and starts \
from orthogonal weights also in A2C; ours asks the critic once a rollout, and acts by NumPy on the network's memory. \
Our Adam is PyTorch's fused one; Stable-Baselines3 takes the plain one by default, and "fused Adam" gives it ours.
"""
    low = [name for name in ("A2C", "PPO") if ratios[f"{name} of Stable-Baselines3"] < NEEDED]
    missed = f"{verdict}, and both must be {NEEDED:g} times" if low else ""
    return Section(text, f"{verdict}.", missed)


HEADLINES = {  # label → seeds; the seconds a seed to aim at, where there is an aim
    "REINFORCE, CartPole-v1": (10, 15),
    "A2C, CartPole-v1": (10, None),
    "PPO, CartPole-v1": (10, 12),
    "PPO, Pendulum-v1": (5, None),
}


def headlines(plan: Plan) -> Section:
    """Seconds a seed for the headline of each chapter."""
    rows, told = [], []
    for task, (seeds, aim) in HEADLINES.items():
        runs = [
            measure(plan, "headline", seed=seed, task=task, updates=plan.updates)
            for seed in range(min(seeds, plan.seeds))
        ]
        reached, cpu = int(column(runs, "reached").sum()), column(runs, "cpu")
        steps, scores = np.median(column(runs, "steps")), column(runs, "score")
        aimed = f"{aim}" if aim else "–"
        numbers = [f"{steps:,.0f}", spread(cpu, 1), aimed, f"{scores.mean():.1f}", f"{scores.min():.1f}"]
        rows.append([task, f"{reached} of {len(runs)}", *numbers])
        told.append(f"{task} {np.median(cpu):.1f} s")
    verdict = f"CPU seconds a seed, medians: {'; '.join(told)}"
    text = f"""\
## The headlines of chapters 08 to 10

Each chapter's training with its own settings, on one core, from nothing until an evaluation reaches the greatest \
return there is (in Pendulum −200), or the steps are used up; seconds include the evaluations. The score is the mean \
of 100 fresh episodes, on seeds that chose nothing, played greedily (by the mean, in Pendulum) with the weights kept; \
it must reach 490 with REINFORCE and PPO, 475 with A2C, −230 on Pendulum. LunarLander's seconds are in its record, \
which chapter 10 prints.

{table(["", "seeds that reach it", "steps, median", "CPU s a seed", "aim", "score, mean", "lowest"], rows)}

**{verdict}.**
"""
    return Section(text, f"{verdict}.")
