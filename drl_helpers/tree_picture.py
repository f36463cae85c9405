"""A picture of a sum tree: its nodes, the rows' shares of the total, and the way that a mass takes."""

from matplotlib.patches import FancyBboxPatch, Rectangle

from drl_helpers import plots


def draw_tree(ax, nodes, mass=None, path=()) -> None:
    """Draw a sum tree, and below it a bar in which each row owns a stretch as long as its priority.

    Args:
        ax: of a figure; its axes are switched off.
        nodes: shape (2 · leaves,), as in tree_update; up to 16 leaves can be read.
        mass: in [0, total): marked in the bar.
        path: numbers of nodes to be highlighted, for instance those from the root to a leaf.
    """
    leaves, total = len(nodes) // 2, float(nodes[1])
    levels = leaves.bit_length()
    ax.set_axis_off()
    ax.set(xlim=(-0.02, 1.02), ylim=(-1.75, levels - 0.4))
    places = {}
    for node in range(1, 2 * leaves):
        level = node.bit_length() - 1
        places[node] = ((node - 2**level + 0.5) / 2**level, levels - 1 - level)
    for node in range(2, 2 * leaves):
        both = node in path and node // 2 in path
        style = {"color": plots.COLOURS[1], "linewidth": 2.5} if both else {"color": "#999999", "linewidth": 1}
        ax.plot(*zip(places[node // 2], places[node], strict=True), zorder=1, **style)
    for node, (x, y) in places.items():
        _box(ax, x, y, f"{nodes[node]:g}", node in path, min(0.36 / leaves, 0.045))
        ax.text(x, y + 0.29, str(node), ha="center", va="bottom", fontsize=7, color="#555555")
    begin = 0.0
    for row in range(leaves):
        width, on_path = float(nodes[leaves + row]) / total, leaves + row in path
        fill = plots.COLOURS[1] if on_path else ("#dce9f3", "#b9d3e8")[row % 2]
        ax.add_patch(Rectangle((begin, -1.2), width, 0.45, facecolor=fill, edgecolor="white"))
        if width > 0.015:
            ink = "white" if on_path else "black"
            ax.text(
                begin + width / 2,
                -0.98,
                f"row {row}" if width > 0.045 else str(row),
                ha="center",
                va="center",
                fontsize=8,
                color=ink,
            )
        begin += width
    ax.text(0, -1.3, "0", ha="left", va="top", fontsize=8)
    ax.text(1, -1.3, f"{total:g}", ha="right", va="top", fontsize=8)
    if mass is not None:
        ax.plot([mass / total] * 2, [-1.25, -0.65], color="black", linewidth=2)
        ax.text(mass / total, -1.3, f"mass {mass:g}", ha="center", va="top", fontsize=9, fontweight="bold")


def _box(ax, x, y, text, on_path, half):
    """A node: a rounded box with its number."""
    fill, ink = (plots.COLOURS[1], "white") if on_path else ("white", "black")
    shape = FancyBboxPatch(
        (x - half, y - 0.24), 2 * half, 0.48, boxstyle="round,pad=0.003", facecolor=fill, edgecolor="#555555", zorder=2
    )
    ax.add_patch(shape)
    ax.text(x, y, text, ha="center", va="center", fontsize=9, color=ink, zorder=3)
