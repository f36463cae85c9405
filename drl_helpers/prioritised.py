"""What chapter 06 builds, in part: a sum tree, and prioritised replay on it."""

import numpy as np
import torch

from drl_helpers.n_step import NStepMemory


def tree_update(nodes, rows, priorities):
    """Set the priorities of some rows, and all sums above them, in place.

    Args:
        nodes: shape (2 · leaves,), a sum tree: node i is the sum of nodes 2i and 2i + 1; the leaves come last.
        rows: shape (batch,), integers below `leaves`; a row may come twice, with the same priority.
        priorities: ≥ 0, shape (batch,), or one number for all of these rows.
    """
    node = rows + len(nodes) // 2
    nodes[node] = priorities
    for _ in range(len(nodes).bit_length() - 2):
        node = node // 2
        nodes[node] = nodes[2 * node] + nodes[2 * node + 1]


def tree_find(nodes, masses):
    """For each mass the row in whose share of the total it lies, shape (batch,).

    Args:
        nodes: a sum tree, as in tree_update.
        masses: shape (batch,), in [0, total), where nodes[1] is the total. Row i owns the stretch of length
            priority i that begins at the sum of all priorities before it.
    """
    node, masses = np.ones(len(masses), np.int64), masses.copy()
    for _ in range(len(nodes).bit_length() - 2):
        node *= 2
        left = nodes[node]
        goes_right = (masses >= left) & (nodes[node + 1] > 0)  # rounding must not lead where nothing lies
        masses -= left * goes_right
        node += goes_right
    return node - len(nodes) // 2


def importance_weights(probabilities, size, beta):
    """Weights (1 / (size · P))^β, divided by the greatest of them, shape (batch,) (Schaul et al., 2016).

    Args:
        probabilities: shape (batch,), > 0, with which each row was drawn.
        size: how many rows there are to draw from.
        beta: in [0, 1]; 0 corrects nothing, 1 corrects in full.
    """
    weights = (size * probabilities) ** -beta
    return weights / weights.max()


def td_priorities(td_errors, alpha, epsilon):
    """Priorities (|δ| + ε)^α, shape (batch,) (Schaul et al., 2016).

    Args:
        td_errors: shape (batch,), δ, of either sign.
        alpha: in [0, 1]; 0 makes all rows alike.
        epsilon: > 0, so that no row is lost for good.
    """
    return (np.abs(td_errors) + epsilon) ** alpha


class PrioritisedMemory(NStepMemory):
    """An n-step memory that draws each row in proportion to its priority (Schaul et al., 2016).

    Args:
        capacity, obs_shape, n_steps, gamma: as in NStepMemory.
        alpha: in [0, 1], how much priorities count.
        epsilon: > 0, added to each absolute TD error.
    """

    def __init__(self, capacity, obs_shape, n_steps, gamma, alpha=0.6, epsilon=0.01):
        super().__init__(capacity, obs_shape, n_steps, gamma)
        self.nodes = np.zeros(2 << (capacity - 1).bit_length())  # leaves: the next power of two
        self.alpha, self.epsilon, self.max_priority = alpha, epsilon, 1.0
        self.new_rows = []  # not yet in the tree: they enter it together when the next batch is drawn

    def add(self, obs, action, reward, next_obs, terminated, truncated):
        """Store one transition; its priority is the greatest so far, so that it will be seen soon."""
        self.new_rows.append(self.position)
        super().add(obs, action, reward, next_obs, terminated, truncated)

    def sample(self, batch_size, rng, beta):
        """A batch drawn by priority, one row from each of batch_size equal shares: NStepBatch, rows, weights."""
        tree_update(self.nodes, np.array(self.new_rows, np.int64), self.max_priority)
        self.new_rows.clear()
        total = self.nodes[1]
        rows = tree_find(self.nodes, (np.arange(batch_size) + rng.random(batch_size)) * total / batch_size)
        probabilities = self.nodes[rows + len(self.nodes) // 2] / total
        weights = importance_weights(probabilities, self.size, beta)
        return self.gather(rows), rows, torch.from_numpy(weights.astype(np.float32))

    def set_priorities(self, rows, td_errors):
        """Give the rows of a batch new priorities, from their TD errors, a NumPy array of shape (batch,)."""
        priorities = td_priorities(td_errors, self.alpha, self.epsilon)
        tree_update(self.nodes, rows, priorities)
        self.max_priority = max(self.max_priority, float(priorities.max()))
