"""Exercise 3.5 of chapter 03: one optimisation step."""

import torch

from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "03_deep_q_network"


class Later:
    """Stands for what a check makes anew each time: an optimizer, or the loss it lowers."""

    def __init__(self, words, make):
        self.words, self.make = words, make

    def __repr__(self):
        return self.words


def observe_steps(attempt, case):
    """Two steps in a row on one problem: the parameters after each, and what is returned."""
    weight = torch.nn.Parameter(torch.tensor([1.5, -2.0]))
    bias = torch.nn.Parameter(torch.tensor(0.5))
    optimizer, seen, steps = case.args["optimizer"].make([weight, bias]), {}, []
    optimizer.register_step_post_hook(lambda *_: steps.append(1))
    for name in ("first", "second"):
        loss = case.args["loss"].make(weight, bias)
        seen[f"what the {name} step returns"] = attempt(optimizer, loss)
        now = torch.cat([weight.detach(), bias.detach().reshape(1)]).numpy().copy()
        seen[f"the parameters after the {name} step"] = now
    # Only to tell mistakes apart:
    seen["_steps taken"] = len(steps)
    seen["_gradients left"] = weight.grad is not None and bool(weight.grad.any())
    return seen


def step_set_to_zero(optimizer, loss):
    optimizer.zero_grad(set_to_none=False)
    torch.autograd.backward(loss)
    optimizer.step()
    return float(loss.detach())


def step_cleans_after(optimizer, loss):
    value = loss.detach().item()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return value


def step_by_hand(optimizer, loss):
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimizer.step()
    return loss.item()


def make_step(*parts, returns=lambda loss, optimizer: loss.item()):
    """The given parts in the given order: "zero", "backward", "step"."""

    def attempt(optimizer, loss):
        for part in parts:
            {"zero": optimizer.zero_grad, "backward": lambda: loss.backward(), "step": optimizer.step}[part]()
        return returns(loss, optimizer)

    return attempt


def _uphill(optimizer, loss):
    optimizer.zero_grad()
    (-loss).backward()
    optimizer.step()
    return loss.item()


ALL_THREE = ("zero", "backward", "step")
STEP_MISTAKES = (
    Mistake(
        "no-zero",
        "The old gradients are never cleared: `backward` *adds* to what is there, so the second step also goes in the "
        "direction of the first. Call `optimizer.zero_grad()` before `backward`.",
        make_step("backward", "step"),
    ),
    Mistake(
        "cleared-too-late",
        "The gradients are cleared between `backward` and `step`, so nothing is left to step along. Clear them first.",
        make_step("backward", "zero", "step"),
    ),
    Mistake(
        "no-step",
        "The parameters have not changed: `backward` only computes gradients, `optimizer.step()` uses them.",
        make_step("zero", "backward"),
    ),
    Mistake(
        "step-before-backward",
        "It steps before the gradients of this loss are there: first `backward`, then `step`.",
        make_step("step", "zero", "backward"),
    ),
    Mistake(
        "late-and-cleared",
        "It clears the gradients, steps, and only then computes new ones: first `backward`, then `step`.",
        make_step("zero", "step", "backward"),
    ),
    Mistake("two-steps", "It steps twice for one gradient.", make_step(*ALL_THREE, "step")),
    Mistake(
        "uphill",
        "It climbs: the sign of the loss was turned. The optimizer itself already goes *down*.",
        _uphill,
    ),
    Mistake(
        "returns-a-tensor",
        "It returns the loss as a tensor with its whole graph; a list of these would fill the memory. Return "
        "`loss.item()`, a float.",
        make_step(*ALL_THREE, returns=lambda loss, optimizer: loss),
    ),
    Mistake(
        "returns-nothing",
        "The steps are right, but nothing is returned: return `loss.item()`.",
        make_step(*ALL_THREE, returns=lambda loss, optimizer: None),
    ),
    Mistake(
        "returns-the-root",
        "It returns the root of the loss; the loss itself is wanted.",
        make_step(*ALL_THREE, returns=lambda loss, optimizer: loss.item() ** 0.5),
    ),
    Mistake(
        "returns-text",
        "It returns text: leave the formatting to whoever prints it.",
        make_step(*ALL_THREE, returns=lambda loss, optimizer: f"{loss.item():.3f}"),
    ),
)


def _square(weight, bias):
    return ((weight - torch.tensor([0.5, 1.0])) ** 2).mean() + 3 * (bias - 2) ** 2


def _product(weight, bias):
    return (weight.prod() - bias) ** 2 + weight.abs().sum()


STEP = Exercise(
    id="optimisation-step",
    name="optimisation_step",
    notebook=NOTEBOOK,
    number="3.5",
    observe=observe_steps,
    seconds=20.0,  # PyTorch imports much when the first optimizer is made
    cases=(
        Case(
            "Two steps of SGD",
            {
                "optimizer": Later("SGD(lr=0.1)", lambda parameters: torch.optim.SGD(parameters, lr=0.1)),
                "loss": Later("loss", _square),
            },
        ),
        Case(
            "Two steps of Adam",
            {
                "optimizer": Later("Adam(lr=0.05)", lambda parameters: torch.optim.Adam(parameters, lr=0.05)),
                "loss": Later("loss", _product),
            },
        ),
    ),
    right=(step_set_to_zero, step_cleans_after, step_by_hand),
    mistakes=STEP_MISTAKES,
)

EXERCISES = (STEP,)
