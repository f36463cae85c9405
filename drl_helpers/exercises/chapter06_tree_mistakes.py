"""Right and wrong answers to exercise 6.4 of chapter 06."""

import numpy as np

from drl_helpers.exercises.spec import Mistake


def update_by_rows(nodes, rows, priorities):
    for row, priority in zip(rows, np.broadcast_to(priorities, len(rows)), strict=True):
        node = len(nodes) // 2 + row
        nodes[node] = priority
        while node > 1:
            node //= 2
            nodes[node] = nodes[2 * node] + nodes[2 * node + 1]


def update_whole_tree(nodes, rows, priorities):
    half = len(nodes) // 2
    nodes[half + rows] = priorities
    for node in range(half - 1, 0, -1):
        nodes[node] = nodes[2 * node : 2 * node + 2].sum()


def update_unique(nodes, rows, priorities):
    node = rows + len(nodes) // 2
    nodes[node] = priorities
    while len(node) and node[0] > 1:
        node = np.unique(node >> 1)
        nodes[node] = nodes[node << 1] + nodes[(node << 1) | 1]


def update_by_differences(nodes, rows, priorities):
    rows, first = np.unique(rows, return_index=True)
    node = rows + len(nodes) // 2
    change = (priorities[first] if np.ndim(priorities) else priorities) - nodes[node]
    while len(node) and node[0] > 0:
        np.add.at(nodes, node, change)
        node = node // 2


def _levels(nodes):
    return len(nodes).bit_length() - 2


def _set(nodes, node, priorities):
    nodes[node] = priorities


def _from_children(nodes, node):
    return nodes[2 * node] + nodes[2 * node + 1]


def make_update(
    leaf=lambda nodes, rows: rows + len(nodes) // 2,
    store=_set,
    levels=_levels,
    above=lambda n: n // 2,
    total=_from_children,
):
    """An answer with one part exchanged."""

    def attempt(nodes, rows, priorities):
        node = leaf(nodes, rows)
        store(nodes, node, priorities)
        for _ in range(levels(nodes)):
            node = above(node)
            nodes[node] = total(nodes, node)

    return attempt


def _add(nodes, node, priorities):
    nodes[node] += priorities


def _multiply(nodes, node, priorities):
    nodes[node] *= priorities


def _differences(add):
    """Add each row's change to all nodes above it, by `add(nodes, node, change)`."""

    def attempt(nodes, rows, priorities):
        node = rows + len(nodes) // 2
        change = priorities - nodes[node]
        for _ in range(_levels(nodes) + 1):
            add(nodes, node, change)
            node = node // 2

    return attempt


def _add_priorities_above(nodes, rows, priorities):
    node = rows + len(nodes) // 2
    nodes[node] = priorities
    for _ in range(_levels(nodes)):
        node = node // 2
        np.add.at(nodes, node, priorities)


def _on_a_copy(nodes, rows, priorities):
    nodes = nodes.copy()
    make_update()(nodes, rows, priorities)
    return nodes


def _changes_rows(nodes, rows, priorities):
    rows += len(nodes) // 2
    make_update(leaf=lambda n, r: r)(nodes, rows, priorities)


UPDATE_MISTAKES = (
    Mistake(
        "leaves-only",
        "Only the leaves are set: the sums above them are of old priorities, up to the total in node 1.",
        make_update(levels=lambda nodes: 0),
    ),
    Mistake(
        "one-level",
        "Only the parents of the leaves get new sums. Go on from there, level by level, up to node 1 (not down from "
        "node 1, or each sum is made of children that are still the old ones).",
        make_update(levels=lambda nodes: min(1, _levels(nodes))),
    ),
    Mistake(
        "root-left-out",
        "It stops below the root: node 1, the total, is still the old one.",
        make_update(levels=lambda nodes: max(_levels(nodes) - 1, 0)),
    ),
    Mistake(
        "node-zero",
        "It goes one level too far and writes to node 0, which is not part of the tree: the root is node 1.",
        make_update(levels=lambda nodes: _levels(nodes) + 1),
    ),
    Mistake(
        "added",
        "It adds the new priority to the old one: `=`, not `+=`. A priority is set.",
        make_update(store=_add),
    ),
    Mistake("multiplied", "It multiplies the old priority: set the new one.", make_update(store=_multiply)),
    Mistake(
        "priorities-added-above",
        "It adds the new priorities to the sums above, in which the old ones are still contained. Compute each sum "
        "anew from its two children.",
        _add_priorities_above,
    ),
    Mistake(
        "counted-twice",
        "It adds each row's change to the sums above; a row that comes twice is counted twice. Compute each sum anew "
        "from its two children, and it cannot happen.",
        _differences(lambda nodes, node, change: np.add.at(nodes, node, change)),
    ),
    Mistake(
        "shared-ancestor",
        "Where two rows have an ancestor in common, only one of their changes arrives: `nodes[node] += change` with a "
        "node twice in the index adds once. Compute each sum anew from its two children.",
        _differences(_add),
    ),
    Mistake(
        "offset-missing",
        "It writes to node `rows`; the leaves begin at node `len(nodes) // 2`.",
        make_update(leaf=lambda nodes, rows: rows),
    ),
    Mistake(
        "array-of-priorities",
        "`nodes` is taken for an array of priorities. The leaf of row k is node `len(nodes) // 2 + k`, and the sums "
        "above it have to follow.",
        make_update(leaf=lambda nodes, rows: rows, levels=lambda nodes: 0),
    ),
    Mistake(
        "offset-one-less",
        "The leaf of row 0 is node `len(nodes) // 2`, not the one before.",
        make_update(leaf=lambda nodes, rows: rows + len(nodes) // 2 - 1),
    ),
    Mistake(
        "offset-one-more",
        "The leaf of row 0 is node `len(nodes) // 2`, not the one after.",
        make_update(leaf=lambda nodes, rows: rows + len(nodes) // 2 + 1),
    ),
    Mistake(
        "offset-whole",
        "The leaves begin in the middle, at node `len(nodes) // 2`; `len(nodes)` is past the end.",
        make_update(leaf=lambda nodes, rows: rows + len(nodes)),
    ),
    Mistake(
        "from-the-end",
        "The rows count from the first leaf on, node `len(nodes) // 2`, not backwards from the last one.",
        make_update(leaf=lambda nodes, rows: len(nodes) - 1 - rows),
    ),
    Mistake(
        "children-of-a-heap-from-zero",
        "The children of node i are 2i and 2i + 1, for the root is node 1; 2i + 1 and 2i + 2 belong to a tree whose "
        "root is node 0.",
        make_update(total=lambda nodes, node: nodes[2 * node + 1] + nodes[np.minimum(2 * node + 2, len(nodes) - 1)]),
    ),
    Mistake(
        "parent-of-a-heap-from-zero",
        "The parent of node i is i // 2, for the root is node 1; (i − 1) // 2 belongs to a tree whose root is node 0.",
        make_update(above=lambda node: (node - 1) // 2),
    ),
    Mistake(
        "left-child-only",
        "A sum takes in its left child only: add node 2i + 1.",
        make_update(total=lambda nodes, node: nodes[2 * node]),
    ),
    Mistake(
        "right-child-only",
        "A sum takes in its right child only: add node 2i.",
        make_update(total=lambda nodes, node: nodes[2 * node + 1]),
    ),
    Mistake(
        "left-child-twice",
        "A sum takes in its left child twice: the other one is node 2i + 1.",
        make_update(total=lambda nodes, node: 2 * nodes[2 * node]),
    ),
    Mistake(
        "difference",
        "A node holds the difference of its children: it is to be their *sum*.",
        make_update(total=lambda nodes, node: nodes[2 * node] - nodes[2 * node + 1]),
    ),
    Mistake(
        "float-division",
        "`/` makes floats, and those cannot be an index: the parent of node i is `i // 2`.",
        make_update(above=lambda node: node / 2),
    ),
    Mistake(
        "max",
        "A node holds the greater of its children: that is another tree. Here it is their *sum*.",
        make_update(total=lambda nodes, node: np.maximum(nodes[2 * node], nodes[2 * node + 1])),
    ),
    Mistake(
        "mean",
        "A node holds the mean of its children: here it is their *sum*.",
        make_update(total=lambda nodes, node: _from_children(nodes, node) / 2),
    ),
    Mistake(
        "sum-added",
        "It adds the children's sum to the old one: `=`, not `+=`.",
        make_update(total=lambda nodes, node: nodes[node] + _from_children(nodes, node)),
    ),
    Mistake("on-a-copy", "The tree has not changed: write into `nodes` itself, not into a copy.", _on_a_copy),
    Mistake(
        "changes-rows",
        "It changes `rows` in place (`+=`); they are still needed by whoever calls it. Write `rows + …`.",
        _changes_rows,
    ),
)
