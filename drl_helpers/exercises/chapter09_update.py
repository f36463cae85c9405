"""Exercise 9.6 of chapter 09: the A2C update."""

import torch
from torch import nn

from drl_helpers.exercises.chapter09_update_mistakes import UPDATE_MISTAKES
from drl_helpers.exercises.chapter09_update_parts import Shown, make_update, small_rollout, update_flat, update_in_parts
from drl_helpers.exercises.spec import Case, Exercise

NOTEBOOK = "09_actor_critic"


def _flat(network):
    return torch.cat([parameter.detach().flatten() for parameter in nn.Module.parameters(network)]).numpy().copy()


def observe_updates(attempt, case):
    """Two updates in a row: how actor and critic have changed after each, and how many steps were taken."""
    run, rollout = case.args["run"].make(), case.args["rollout"]
    before, seen = [part.clone() for part in rollout], {}
    networks = run.policy, run.critic
    for when in ("first", "second"):
        attempt(run, rollout)
        for name, network in (("policy", run.policy), ("critic", run.critic)):
            seen[f"the weights of `run.{name}` after the {when} update"] = _flat(network)
    seen["the number of optimizer steps in two updates"] = run.steps
    seen["the networks"] = "the same objects" if (run.policy, run.critic) == networks else "replaced"
    same = all(torch.equal(one, two) for one, two in zip(before, rollout, strict=True))
    seen["`rollout` afterwards"] = "as it was" if same else "changed"
    return seen


def _update_case(label, seed, rollout, **settings):
    told = ", ".join(f"{name}={value}" for name, value in settings.items())
    return Case(label, {"run": Shown(f"run with {told}", seed, **settings), "rollout": rollout})


NEXT = "next_values = run.critic(rollout.next_obs)"

UPDATE = Exercise(
    id="a2c-update",
    name="a2c_update",
    notebook=NOTEBOOK,
    number="9.6",
    observe=observe_updates,
    cases=(
        _update_case(
            "Gradients of any length",
            1,
            small_rollout(1, 5, 3, [(1, 0), (3, 2)], [(2, 1)]),
            gamma=0.9,
            gae_lambda=0.6,
            entropy_weight=0.7,
            critic_weight=0.3,
            max_grad_norm=100.0,
        ),
        _update_case(
            "Gradients are clipped",
            2,
            small_rollout(2, 4, 2, [(1, 1)], [(2, 0)]),
            gamma=0.8,
            gae_lambda=0.5,
            entropy_weight=0.4,
            critic_weight=0.5,
            max_grad_norm=0.2,
        ),
    ),
    right=(update_flat, update_in_parts, make_update()),
    mistakes=UPDATE_MISTAKES,
    tolerance=2e-5,
    seconds=20.0,  # PyTorch imports much when the first optimizer is made
    equivalent={
        f"with torch.no_grad():; {NEXT} → {NEXT}": "`gae` itself works without gradient, so this only saves time",
    },
)

EXERCISES = (UPDATE,)
