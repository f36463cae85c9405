"""The exercise of chapter 04 on drawing batches: 4.2."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import torch

from drl_helpers.exercises.compare import short, unusable
from drl_helpers.exercises.spec import Case
from drl_helpers.replay import Batch, ReplayMemory, RingBuffer

NOTEBOOK = "04_replay_memory"
FIELDS = ("obs", "actions", "rewards", "next_obs", "terminated")
BATCHES = 800  # drawn in each case: the shares are then known to ±0.05 or better (four standard errors)


@dataclass(frozen=True, eq=False)
class Draw(Case):
    """A new memory, so many transitions added, and batches of so many drawn."""

    num_added: int = 0
    batch_size: int = 1


def fill(memory, case):
    """Add transitions from which their number can be told: the first entry of obs is number + 1."""
    obs_shape, dtype = case.args["obs_shape"], case.args.get("obs_dtype", np.float32)
    for number in range(case.num_added):
        obs = (np.arange(np.prod(obs_shape)).reshape(obs_shape) + number + 1).astype(dtype)
        memory.add(obs, number + 1, number + 1.5, obs + dtype(100), number % 2 == 0)
    return memory


def observe_sampling(attempt, case):
    """What a batch is, which transitions are drawn how often, and how often a batch is copied."""
    memory, rng = fill(attempt(**case.args), case), np.random.default_rng(4)
    before = [getattr(memory, name).copy() for name in FIELDS]
    batches = [memory.sample(case.batch_size, rng) for _ in range(BATCHES)]
    if (odd := oddity(batches[0])) is not None:
        return {"what `sample` returns": odd}
    seen = {"what `sample` returns": "a Batch"}
    seen |= {f"`{name}`": _kind(getattr(batches[0], name)) for name in FIELDS}
    if seen != {name: value for name, value in expected_sampling(case).items() if name in seen}:
        return seen
    columns = {name: torch.cat([getattr(batch, name) for batch in batches]).numpy() for name in FIELDS}
    numbers = columns["obs"].reshape(len(columns["obs"]), -1)[:, 0].astype(int) - 1
    rng, known = np.random.default_rng(4), range(max(0, case.num_added - case.args["capacity"]), case.num_added)
    again = memory.sample(case.batch_size, rng)
    seen["the same rng gives the same batch"] = all(map(torch.equal, batches[0], again))
    seen["rows that were never filled"] = "drawn too" if (numbers < 0).any() else "never drawn"
    strangers = _strangers(columns, numbers)
    seen["the parts of a row"] = f"{' and '.join(strangers)}: not of the same transition as obs" if strangers else "fit"
    seen["the share of each transition"] = np.array([(numbers == number).mean() for number in known])
    rows = numbers.reshape(-1, case.batch_size)
    seen["the share of batches with a transition twice"] = float(np.mean([len(set(row)) < len(row) for row in rows]))
    for name in FIELDS:
        getattr(memory, name)[:] = 0
    seen["the batch after the memory has changed"] = "changed" if not again.obs.any() else "as it was"
    seen["the memory"] = "as it was" if _untouched(attempt, case, before) else "changed by `sample`"
    seen["how a batch is made"] = _copying(attempt)
    return seen


def oddity(batch):
    if unusable(batch) is not None:
        return batch
    if getattr(batch, "_fields", None) != FIELDS:
        bare = isinstance(batch, tuple | list) and len(batch) == len(FIELDS)
        return "five things without names" if bare else f"a {type(batch).__name__}, {short(batch, 60)}"
    wrong = [name for name in FIELDS if not isinstance(getattr(batch, name), torch.Tensor)]
    return f"a Batch whose `{wrong[0]}` is a {type(getattr(batch, wrong[0])).__name__}" if wrong else None


def _kind(tensor):
    return f"{str(tensor.dtype).removeprefix('torch.')}, shape {tuple(tensor.shape)}"


def _strangers(columns, numbers):
    """The columns that do not tell the same numbers as obs (blank rows aside)."""
    told = {
        "actions": columns["actions"] - 1 == numbers,
        "rewards": columns["rewards"] - 1.5 == numbers,
        "next_obs": columns["next_obs"].reshape(len(numbers), -1)[:, 0].astype(int) - 101 == numbers,
        "terminated": columns["terminated"] == (numbers % 2 == 0),
    }
    return [name for name, right in told.items() if not right[numbers >= 0].all()]


def _untouched(attempt, case, before):
    memory = fill(attempt(**case.args), case)
    memory.sample(case.batch_size, np.random.default_rng(0))
    return all(np.array_equal(getattr(memory, name), array) for name, array in zip(FIELDS, before, strict=True))


class Counted(np.ndarray):
    """An array that counts how often something is read from it."""

    reads = 0

    def __getitem__(self, key):
        Counted.reads += 1
        return super().__getitem__(key)


def _copying(attempt, batch_size=256, width=512):
    """In words, how a large batch is made: NumPy's allocations are traced, torch's storage tells who owns it."""
    memory = attempt(2 * batch_size, (width,))
    memory.size = batch_size
    memory.obs = memory.obs.view(Counted)
    Counted.reads, traced_before = 0, tracemalloc.is_tracing()
    tracemalloc.start()
    try:
        begun = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        batch = memory.sample(batch_size, np.random.default_rng(0))
        one = batch_size * width * 4  # bytes of the batch's obs; its next_obs are as many
        copies = (tracemalloc.get_traced_memory()[1] - begun) / one
    finally:
        if not traced_before:
            tracemalloc.stop()
    if Counted.reads > 10:
        return "row by row"
    of_torch = batch.obs.untyped_storage().resizable()  # else NumPy owns the memory, and torch shares it
    return "by one copy" if copies < (0.5 if of_torch else 2.5) else "by two copies or more"


def expected_sampling(case):
    """What is right, exactly."""
    size, batch = min(case.num_added, case.args["capacity"]), case.batch_size
    shape, dtype = (batch, *case.args["obs_shape"]), np.dtype(case.args.get("obs_dtype", np.float32))
    return {
        "what `sample` returns": "a Batch",
        "`obs`": f"{dtype}, shape {shape}",
        "`actions`": f"int64, shape ({batch},)",
        "`rewards`": f"float32, shape ({batch},)",
        "`next_obs`": f"{dtype}, shape {shape}",
        "`terminated`": f"bool, shape ({batch},)",
        "the same rng gives the same batch": True,
        "rows that were never filled": "never drawn",
        "the parts of a row": "fit",
        "the share of each transition": np.full(size, 1 / size),
        "the share of batches with a transition twice": 1 - float(np.prod(1 - np.arange(batch) / size)),
        "the batch after the memory has changed": "as it was",
        "the memory": "as it was",
        "how a batch is made": "by one copy",
    }


def arrays(memory):
    return [getattr(memory, name) for name in FIELDS]


class IndexingMemory(RingBuffer):
    def sample(self, batch_size, rng):
        rows = rng.integers(0, len(self), batch_size)
        return Batch(
            obs=torch.as_tensor(self.obs[rows]),
            actions=torch.as_tensor(self.actions[rows]),
            rewards=torch.as_tensor(self.rewards[rows]),
            next_obs=torch.as_tensor(self.next_obs[rows]),
            terminated=torch.as_tensor(self.terminated[rows]),
        )


class TorchMemory(RingBuffer):
    def sample(self, batch_size, rng):
        rows = torch.from_numpy((rng.random(batch_size) * self.size).astype(np.int64))
        return Batch(*(torch.from_numpy(np.asarray(array)).index_select(0, rows) for array in arrays(self)))


class ChoosingMemory(RingBuffer):
    def sample(self, batch_size, rng):
        rows = rng.choice(self.size, size=batch_size)
        return Batch._make(torch.from_numpy(np.take(array, rows, axis=0)) for array in arrays(self))


RIGHT = (ReplayMemory, IndexingMemory, TorchMemory, ChoosingMemory)
