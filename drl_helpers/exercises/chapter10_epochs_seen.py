"""What exercise 10.5 of chapter 10 sees of a loop over epochs, in words, so that any way of shuffling is as good."""

from collections import namedtuple

import numpy as np
import torch
from torch import nn

from drl_helpers.exercises.chapter10_epochs_parts import LOSSES

Step = namedtuple("Step", "rows critic_rows before gradient")


def _flat(tensors):
    return torch.cat([tensor.detach().flatten() for tensor in tensors]).clone()


def _gradient(run):
    return _flat([torch.zeros_like(p) if p.grad is None else p.grad for p in run.parameters])


def _once(rows):
    """Rows that went through twice in the same order, as when something is computed anew, count once."""
    half = len(rows) // 2
    return rows[:half] if rows and rows[:half] == rows[half:] else rows


class Watch:
    """Writes down which rows go through the networks, and what gradient each step of the optimizer follows."""

    def __init__(self, run, obs):
        self.run, self.steps, self.seen, self.lost = run, [], {"policy": [], "critic": []}, 0
        with torch.no_grad():
            known = [*run.policy.norm(obs), *obs]  # a critic may be shown what is not normalised
        self.numbers = {row.numpy().tobytes(): number % len(obs) for number, row in enumerate(known)}
        self.handles = [
            run.policy.layers.register_forward_pre_hook(lambda _, given: self._write("policy", given[0])),
            run.critic.layers.register_forward_pre_hook(lambda _, given: self._write("critic", given[0])),
            run.optimizer.register_step_pre_hook(lambda *_: self._step()),
        ]

    def _write(self, name, rows):
        if torch.is_grad_enabled():
            rows = rows.detach().reshape(-1, rows.shape[-1])
            self.seen[name] += [self.numbers.get(row.numpy().tobytes(), -1) for row in rows]

    def _step(self):
        rows, critic_rows = _once(self.seen["policy"]), _once(self.seen["critic"])
        self.steps.append(Step(rows, critic_rows, _flat(self.run.parameters), _gradient(self.run)))
        self.seen = {"policy": [], "critic": []}

    def close(self):
        """Take the hooks away."""
        for handle in self.handles:
            handle.remove()


def _watched(attempt, shown, torch_seed):
    """One call: its data, what was seen, and whether the arguments were left alone."""
    run = shown.make()
    data = shown.data(run)
    copies, watch = [part.clone() for part in data], Watch(run, data.obs)
    statistics = _flat([run.policy.norm.mean, run.policy.norm.var])
    numpy_state = np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(torch_seed)
        np.random.seed(torch_seed)
        try:
            attempt(run, *data)
        finally:
            watch.close()
            np.random.set_state(numpy_state)
    same = all(torch.equal(one, two) for one, two in zip(copies, data, strict=True))
    still = torch.equal(statistics, _flat([run.policy.norm.mean, run.policy.norm.var]))
    return (
        data,
        watch.steps,
        _gradient(run),
        "as they were" if same else "changed",
        "as they were" if still else "changed",
    )


def observe_epochs(attempt, case):
    """What a call did, in words."""
    shown = case.args["run"]
    data, steps, last, arguments, statistics = _watched(attempt, shown, torch_seed=1)
    config, num_rows = shown.config, len(data.obs)
    seen = {"the number of optimizer steps": len(steps)}
    if steps:
        seen["the number of rows in a minibatch"] = ", ".join(map(str, sorted({len(step.rows) for step in steps})))
        seen["the rows of an epoch"] = _coverage(steps, config.minibatches, num_rows)
        if config.minibatches > 1:
            seen["the order of the rows"] = _order(steps, config.minibatches)
        alike = all(sorted(step.rows) == sorted(step.critic_rows) for step in steps)
        seen["the rows that the critic sees"] = "those of the policy" if alike else "others, or none"
        seen["what a step follows"] = _followed(shown, data, steps)
        seen["_clipped in the end"] = bool(last.norm() <= config.max_grad_norm + 1e-4)
        if config.epochs == 1:  # the quickest case
            again = _watched(attempt, shown, torch_seed=2)[1]
            drawn = [step.rows for step in steps] == [step.rows for step in again]
            order = "takes the rows in the same order" if drawn else "takes the rows in another order"
            seen["a second run with an equal `run.rng`"] = order
    return seen | {"the arguments afterwards": arguments, "the statistics of `policy.norm` afterwards": statistics}


def _coverage(steps, minibatches, num_rows):
    epochs = [steps[start : start + minibatches] for start in range(0, len(steps), minibatches)]
    used = [sorted(row for step in epoch for row in step.rows) for epoch in epochs]
    if all(rows == list(range(num_rows)) for rows in used):
        return "each row once"
    together = sorted({row for rows in used for row in rows})
    missing = " and others in no epoch" if together != list(range(num_rows)) else ""
    twice = any(len(set(rows)) < len(rows) for rows in used)
    return f"{'some rows twice' if twice else 'some rows not at all'}{missing}"


def _order(steps, minibatches):
    epochs = [steps[start : start + minibatches] for start in range(0, len(steps), minibatches)]
    kinds = [{frozenset(step.rows) for step in epoch} for epoch in epochs]
    in_order = all(sorted(step.rows) == list(range(min(step.rows), max(step.rows) + 1)) for step in steps)
    if in_order:
        return "that in which they were played"
    if len(kinds) > 1 and all(kind == kinds[0] for kind in kinds):
        return "the same minibatches in every epoch"
    return "shuffled anew for each epoch"


def _followed(shown, data, steps):
    """The loss, and the way of clipping, that gives the gradient of every step."""
    if not any(step.gradient.any() for step in steps):
        return "nothing: all gradients are zero"
    run = shown.make()
    of_policy = sum(parameter.numel() for parameter in run.policy.parameters())
    clips = {
        "": lambda gradient: _shortened(gradient, run.config.max_grad_norm),
        ", of any length": lambda gradient: gradient,
        ", policy and critic clipped apart": lambda gradient: torch.cat(
            [_shortened(part, run.config.max_grad_norm) for part in (gradient[:of_policy], gradient[of_policy:])]
        ),
    }
    for words, loss in LOSSES.items():
        first = _gradient_of(run, data, loss, steps[0])
        for how, clip in clips.items():
            if not _close(clip(first), steps[0].gradient):
                continue
            plain = [_gradient_of(run, data, loss, step) for step in steps]
            added = [new + old.gradient for new, old in zip(plain[1:], steps, strict=False)]
            for more, gradients in (("", plain), (", added to the gradient of the step before", [first, *added])):
                if all(_close(clip(mine), step.gradient) for mine, step in zip(gradients, steps, strict=True)):
                    return f"{words}{how}{more}"
    return "something else"


def _shortened(gradient, max_norm):
    return gradient * (max_norm / (gradient.norm() + 1e-6)).clamp(max=1.0)


def _close(mine, theirs):
    return torch.allclose(mine, theirs, rtol=1e-3, atol=1e-5)


def _gradient_of(run, data, loss, step):
    """The gradient of `loss` for the rows of a step, with the weights before it; zero where it has none."""
    with torch.no_grad():
        nn.utils.vector_to_parameters(step.before, run.parameters)
    value = loss(run, data, torch.tensor(step.rows, dtype=torch.int64))
    gradients = torch.autograd.grad(value, run.parameters, allow_unused=True)
    return _flat([torch.zeros_like(p) if g is None else g for p, g in zip(run.parameters, gradients, strict=True)])
