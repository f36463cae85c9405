"""Exercise 10.5 of chapter 10: epochs of minibatches."""

import numpy as np
import torch

from drl_helpers.exercises.chapter10_epochs_losses import LOSS_MISTAKES
from drl_helpers.exercises.chapter10_epochs_mistakes import LOOP_MISTAKES
from drl_helpers.exercises.chapter10_epochs_parts import Shown, make_epochs
from drl_helpers.exercises.chapter10_epochs_seen import observe_epochs
from drl_helpers.exercises.spec import Case, Exercise
from drl_helpers.ppo_run import ppo_epochs

NOTEBOOK = "10_ppo"


def epochs_by_hand(run, obs, actions, old_log_probs, advantages, targets):
    config, policy = run.config, run.policy
    order, size = np.arange(len(obs)), len(obs) // config.minibatches
    for _ in range(config.epochs):
        run.rng.shuffle(order)
        for start in range(0, len(obs), size):
            rows = order[start : start + size].tolist()
            log_probs, entropies = policy.log_prob_and_entropy(obs[rows], actions[rows])
            weights = advantages[rows] - advantages[rows].mean()
            weights = weights / (weights.pow(2).mean().sqrt() + 1e-8)
            ratio = (log_probs - old_log_probs[rows]).exp()
            clipped = ratio.clamp(1 - config.clip_range, 1 + config.clip_range)
            policy_loss = torch.maximum(-weights * ratio, -weights * clipped).mean()
            values = run.critic(policy.norm(obs[rows]))
            critic_loss = torch.nn.functional.mse_loss(values, targets[rows])
            run.optimizer.zero_grad(set_to_none=False)
            (policy_loss - config.entropy_weight * entropies.mean()).backward()
            (config.critic_weight * critic_loss).backward()
            gradients = [p.grad for p in run.parameters]
            norm = torch.sqrt(sum((g**2).sum() for g in gradients))
            if norm > config.max_grad_norm:
                for gradient in gradients:
                    gradient *= config.max_grad_norm / norm
            run.optimizer.step()


def _case(label, seed, continuous, **settings):
    return Case(label, {"run": Shown(seed, continuous, **settings)})


WEIGHTS = {"entropy_weight": 0.3, "critic_weight": 0.4}

PPO_EPOCHS = Exercise(
    id="ppo-epochs",
    name="ppo_epochs",
    notebook=NOTEBOOK,
    number="10.5",
    observe=observe_epochs,
    cases=(
        _case("3 epochs of 4 minibatches", 1, False, epochs=3, minibatches=4, max_grad_norm=0.3, **WEIGHTS),
        _case("Continuous actions", 2, True, epochs=4, minibatches=2, max_grad_norm=100.0, clip_range=0.1, **WEIGHTS),
        _case("One epoch, one minibatch", 3, False, epochs=1, minibatches=1, max_grad_norm=0.5, **WEIGHTS),
    ),
    right=(ppo_epochs, epochs_by_hand, make_epochs()),
    mistakes=(*LOSS_MISTAKES, *LOOP_MISTAKES),
    seconds=20.0,  # PyTorch imports much when the first optimizer is made
)

EXERCISES = (PPO_EPOCHS,)
