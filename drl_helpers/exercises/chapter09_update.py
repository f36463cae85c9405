"""Exercise 9.6 of chapter 09: the A2C update."""

from drl_helpers.a2c import A2CConfig
from drl_helpers.exercises.case_run import CaseRun, observe_two_updates
from drl_helpers.exercises.chapter09_update_mistakes import UPDATE_MISTAKES
from drl_helpers.exercises.chapter09_update_parts import make_update, small_rollout, update_flat, update_in_parts
from drl_helpers.exercises.spec import Case, Exercise

NOTEBOOK = "09_actor_critic"


def observe_updates(attempt, case):
    """What two updates do to the run, and whether the rollout was left alone."""
    return observe_two_updates(attempt, case, "rollout", list)


def _update_case(label, seed, rollout, **settings):
    run = CaseRun(A2CConfig(**settings), settings, seed, learning_rate=0.5)
    return Case(label, {"run": run, "rollout": rollout})


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
