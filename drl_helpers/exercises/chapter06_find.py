"""Exercise 6.5 of chapter 06: in which row's share of the total a mass lies."""

import numpy as np

from drl_helpers.exercises.chapter06_find_mistakes import FIND_MISTAKES, make_find
from drl_helpers.exercises.chapter06_tree import EIGHT, sum_tree
from drl_helpers.exercises.spec import Case, Exercise

NOTEBOOK = "06_better_dqn"


def find_by_rows(nodes, masses):
    rows = []
    for mass in masses:
        node = 1
        while node < len(nodes) // 2:
            node = 2 * node
            if mass >= nodes[node] and nodes[node + 1] > 0:
                mass = mass - nodes[node]
                node = node + 1
        rows.append(node - len(nodes) // 2)
    return np.array(rows)


def find_by_cumulative_sums(nodes, masses):
    return np.searchsorted(np.cumsum(nodes[len(nodes) // 2 :]), masses, side="right")


def find_recursive(nodes, masses):
    def descend(mass, node):
        if 2 * node >= len(nodes):
            return node - len(nodes) // 2
        left, right = nodes[2 * node], nodes[2 * node + 1]
        return descend(mass, 2 * node) if mass < left or right <= 0 else descend(mass - left, 2 * node + 1)

    return np.array([descend(mass, 1) for mass in masses])


def find_with_where(nodes, masses):
    node, half = np.full(masses.shape, 1), len(nodes) // 2
    while node[0] < half:
        left, right = nodes[2 * node], nodes[2 * node + 1]
        stays = (masses < left) | (right == 0)
        masses = np.where(stays, masses, masses - left)
        node = np.where(stays, 2 * node, 2 * node + 1)
    return node - half


HAIR = 2.0**-52  # the distance from 1 to the next float


def _case(label, priorities, masses):
    return Case(label, {"nodes": sum_tree(priorities), "masses": np.array(masses, float)})


EQUIVALENT = {
    "for _ in range(len(nodes).bit_length() - 2): → for _ in range((len(nodes) + 1).bit_length() - 2):": (
        "one more than a power of two has as many bits"
    ),
    "return node - len(nodes) // 2 → return node - (len(nodes) + 1) // 2": "the number of nodes is even",
}

FIND = Exercise(
    id="tree-find",
    name="tree_find",
    notebook=NOTEBOOK,
    number="6.5",
    cases=(
        _case("Five masses among eight rows", EIGHT, [3.25, 31.0, 0.5, 14.75, 9.0]),
        _case("Masses on the borders", EIGHT, [0.0, 3.0, 4.0, 8.0, 9.5, 14.5, 23.5, 25.5]),
        _case("Rows of priority 0", [0.0, 2.0, 0.0, 3.0], [0.0, 1.5, 2.0, 4.5]),
        _case("Two rows", [1.0, 3.0], [3.5, 0.75, 1.0]),
        _case("One row", [4.0], [1.5, 0.25]),
        _case("Small priorities", [1.0, 0.004, 2.0, 0.0005], [1.002, 3.0042, 0.25]),
        _case(
            "A sum that was rounded up, rows of priority 0 behind", [0.5 * HAIR, HAIR, 1 + 2 * HAIR, 0], [1 + 3 * HAIR]
        ),
        _case(
            "The same, and three rows of priority 0 behind",
            [0.5 * HAIR, 0, HAIR, 0, 1 + 2 * HAIR, 0, 0, 0],
            [1 + 3 * HAIR],
        ),
    ),
    right=(find_by_rows, find_by_cumulative_sums, find_recursive, find_with_where, make_find()),
    mistakes=FIND_MISTAKES,
    equivalent=EQUIVALENT,
)

EXERCISES = (FIND,)
