"""Exercise 6.3 of chapter 06: targets from n-step returns, with or without Double DQN."""

import torch

from drl_helpers import n_step
from drl_helpers.exercises.case_network import CaseNetwork
from drl_helpers.exercises.chapter05_targets import observe_target, pick, useless_to_a_loss
from drl_helpers.exercises.spec import Case, Exercise, Mistake

NOTEBOOK = "06_better_dqn"


class NStepBatch(n_step.NStepBatch):
    """A batch that a card can show in a few characters."""

    def __repr__(self):
        return f"batch of {len(self.returns)}"


def _next_values(batch, online, target, double):
    chooser = online if double else target
    return pick(target(batch.next_obs), chooser(batch.next_obs).argmax(dim=1))


def target_branching(batch, q_network, target_network, double):
    with torch.no_grad():
        if double:
            best = q_network(batch.next_obs).argmax(1, keepdim=True)
            values = target_network(batch.next_obs).gather(1, best).squeeze(1)
        else:
            values = target_network(batch.next_obs).amax(dim=1)
    return values * batch.discounts + batch.returns


@torch.no_grad()
def target_by_rows(batch, q_network, target_network, double):
    targets = batch.returns.clone()
    for row, next_obs in enumerate(batch.next_obs):
        judged = target_network(next_obs)
        best = int((q_network(next_obs) if double else judged).argmax())
        targets[row] += batch.discounts[row] * judged[best]
    return targets


def make_target(
    values=_next_values,
    combine=lambda batch, v: batch.returns + batch.discounts * v,
    finish=lambda targets: targets.detach(),
):
    """An answer with one part exchanged."""
    return lambda batch, online, target, double: finish(combine(batch, values(batch, online, target, double)))


def _changes_returns(batch, q_network, target_network, double):
    with torch.no_grad():
        return batch.returns.add_(batch.discounts * _next_values(batch, q_network, target_network, double))


TARGET_MISTAKES = (
    Mistake(
        "gradient",
        "A gradient flows through it. The target is what the network should move *to*: compute all of it under "
        "`torch.no_grad()`.",
        make_target(finish=lambda targets: targets),
    ),
    Mistake(
        "double-inverted",
        "`double` works the wrong way round: with it the online network chooses, without it the target network does.",
        make_target(lambda b, online, target, double: _next_values(b, online, target, not double)),
    ),
    Mistake(
        "always-double",
        "The online network always chooses; without `double` the target network is to choose by itself.",
        make_target(lambda b, online, target, double: _next_values(b, online, target, True)),
    ),
    Mistake(
        "never-double",
        "`double` is not used: with it the online network chooses the next action.",
        make_target(lambda b, online, target, double: _next_values(b, online, target, False)),
    ),
    Mistake(
        "roles-swapped",
        "With `double` the target network chooses and the online network judges. It is to be the other way round.",
        make_target(
            lambda b, online, target, double: _next_values(
                b, *((target, online) if double else (online, target)), double
            )
        ),
    ),
    Mistake(
        "networks-swapped",
        "The two networks are swapped throughout: `target_network` judges, with `double` or without.",
        make_target(lambda b, online, target, double: _next_values(b, target, online, double)),
    ),
    Mistake(
        "values-and-indices",
        "`max(dim)` gives the values *and* where they stand: take `.values`, or use `amax`.",
        make_target(lambda b, online, target, double: target(b.next_obs).max(1)),
    ),
    Mistake(
        "columns-for-every-row",
        "`q[:, actions]` takes all the chosen actions' columns from *every* row, (batch, batch). One value a row: "
        "`chosen_q_values`, `gather`, or `q[torch.arange(len(q)), actions]`.",
        make_target(
            lambda b, online, target, double: target(b.next_obs)[
                :, (online if double else target)(b.next_obs).argmax(dim=1)
            ]
        ),
    ),
    Mistake(
        "judged-by-online",
        "The value comes from `q_network`, the network that moves with every update. The target network judges, "
        "with `double` or without.",
        make_target(lambda b, online, target, double: online(b.next_obs).amax(dim=1)),
    ),
    Mistake(
        "no-discount",
        "The value after the window counts in full: multiply by `batch.discounts`. They hold γ^length, and 0 after a "
        "termination.",
        make_target(combine=lambda b, v: b.returns + v),
    ),
    Mistake(
        "discounts-as-mask",
        "Of the discounts only whether they are 0 is used. They hold γ^length: multiply by them.",
        make_target(combine=lambda b, v: b.returns + (b.discounts > 0) * v),
    ),
    Mistake(
        "gamma-everywhere",
        "The returns are multiplied by the discount too: they have been discounted already.",
        make_target(combine=lambda b, v: b.discounts * (b.returns + v)),
    ),
    Mistake("no-returns", "The returns are missing.", make_target(combine=lambda b, v: b.discounts * v)),
    Mistake(
        "no-bootstrap", "The value after the window is missing.", make_target(combine=lambda b, v: b.returns.clone())
    ),
    Mistake("minus", "The value is subtracted: add it.", make_target(combine=lambda b, v: b.returns - b.discounts * v)),
    Mistake(
        "state-left",
        "It looks at the states where the windows *began*: bootstrap from `batch.next_obs`.",
        make_target(lambda b, *rest: _next_values(b._replace(next_obs=b.obs), *rest)),
    ),
    Mistake(
        "chosen-at-the-start",
        "The online network chooses by the states where the windows *began*: show it `batch.next_obs`.",
        make_target(lambda b, q, t, double: pick(t(b.next_obs), (q(b.obs) if double else t(b.next_obs)).argmax(1))),
    ),
    Mistake(
        "same-action",
        "It takes the value of the action that the window began with; after the window another one is best.",
        make_target(lambda b, online, target, double: pick(target(b.next_obs), b.actions)),
    ),
    Mistake(
        "argmax",
        "It uses the *number* of the best action where its *value* belongs.",
        make_target(lambda b, online, target, double: (online if double else target)(b.next_obs).argmax(1).float()),
    ),
    Mistake(
        "mean",
        "It averages over the actions; only the chosen action's value counts.",
        make_target(lambda b, online, target, double: target(b.next_obs).mean(dim=1)),
    ),
    Mistake(
        "column",
        "The values have the shape (batch, 1), so the sum broadcasts to (batch, batch): no `keepdim`, and a "
        "`squeeze(1)` after `gather`.",
        make_target(lambda *args: _next_values(*args).unsqueeze(1)),
    ),
    Mistake(
        "columns",
        "Its shape is (batch, 1); the loss would compare it with values of shape (batch,) and broadcast.",
        make_target(finish=lambda targets: targets.detach().unsqueeze(1)),
    ),
    Mistake(
        "changes-returns",
        "It changes `batch.returns` in place (`+=`), which belongs to the batch. Make a new tensor.",
        _changes_returns,
    ),
    *useless_to_a_loss(make_target()),
)


def _case(label, rows, num_actions, double, seed):
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, 4, (rows,), generator=generator)
    batch = NStepBatch(
        obs=torch.randn(rows, 2, generator=generator),
        actions=torch.randint(num_actions, (rows,), generator=generator),
        returns=torch.randn(rows, generator=generator) + 2,
        next_obs=torch.randn(rows, 2, generator=generator),
        discounts=0.8**lengths * (torch.arange(rows) != 1),
    )
    online, target = (CaseNetwork(seed + i, 2, num_actions, (6,)) for i in range(2))
    return Case(label, {"batch": batch, "q_network": online, "target_network": target, "double": double})


TARGET = Exercise(
    id="n-step-td-target",
    name="n_step_td_target",
    notebook=NOTEBOOK,
    number="6.3",
    observe=observe_target,
    cases=(
        _case("Six windows, Double DQN", 6, 3, True, 4),
        _case("Six windows, without", 6, 3, False, 4),
        _case("Two windows, four actions, Double DQN", 2, 4, True, 9),
        _case("Five windows, four actions, without", 5, 4, False, 12),
    ),
    right=(target_branching, target_by_rows, make_target()),
    mistakes=TARGET_MISTAKES,
    tolerance=1e-5,
)

EXERCISES = (TARGET,)
