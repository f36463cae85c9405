"""A Q-table on a grid, as an SVG: sharp at any size, readable in either theme."""

import matplotlib
import numpy as np

SIDE = 80  # pixels of one cell
PLACES = {"U": (40, 17), "R": (64, 44), "D": (40, 72), "L": (16, 44)}
WEDGES = {"U": "0,0 80,0 40,40", "R": "80,0 80,80 40,40", "D": "0,80 80,80 40,40", "L": "0,0 0,80 40,40"}
WORDS = {"H": "hole", "C": "cliff", "G": "goal"}


def q_table_svg(
    q_table: np.ndarray, cells: list[str], directions: str, obs: int, changed: tuple[int, int] | None = None
) -> str:
    """A wedge and a number for each action of each cell, a disc where the agent is.

    Args:
        q_table: shape (states, actions); states are cells, row by row.
        cells: one string a row, a letter a cell; H, C and G are drawn as words.
        directions: the direction of each action in order, for instance "LDRU".
        obs: the agent's cell.
        changed: (obs, action) of an entry to frame.
    """
    rows, columns = len(cells), len(cells[0])
    low, high = q_table.min(), q_table.max()
    parts = []
    for state in range(rows * columns):
        row, column = divmod(state, columns)
        inside = _cell(cells[row][column], q_table[state], directions, low, high)
        if changed is not None and changed[0] == state:
            wedge = WEDGES[directions[changed[1]]]
            inside += f'<polygon points="{wedge}" fill="none" stroke="#D55E00" stroke-width="5"/>'
        if state == obs:
            inside += '<circle cx="40" cy="40" r="10" fill="#D55E00" stroke="white" stroke-width="3"/>'
        parts.append(f'<g transform="translate({column * SIDE} {row * SIDE})">{inside}</g>')
    alt = f"Q-table on a grid of {rows} by {columns} cells, values from {low:.2f} to {high:.2f}; agent in {obs}."
    width, height = columns * SIDE, rows * SIDE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{alt}" width="{width}" '
        f'viewBox="-2 -2 {width + 4} {height + 4}" style="max-width:100%;height:auto" '
        f'font-family="sans-serif" font-size="15" text-anchor="middle">{"".join(parts)}</svg>'
    )


def _cell(letter: str, q_values, directions: str, low: float, high: float) -> str:
    """One cell: a word where nobody decides, else a coloured wedge for each action."""
    if letter in WORDS:
        fill = "#dfeedd" if letter == "G" else "#cfcfcf"
        word = f'<text x="40" y="45" fill="black">{WORDS[letter]}</text>'
        return f'<rect width="{SIDE}" height="{SIDE}" fill="{fill}" stroke="#888"/>{word}'
    shapes = ""
    for direction, value in zip(directions, q_values, strict=True):
        share = (value - low) / (high - low) if high > low else 0.5
        fill = matplotlib.colors.to_hex(matplotlib.colormaps["cividis"](share))
        x, y = PLACES[direction]
        shapes += f'<polygon points="{WEDGES[direction]}" fill="{fill}" stroke="#888" stroke-width="0.5"/>'
        if value:
            ink, number = ("black" if share > 0.5 else "white"), f"{value:.2f}".replace("-", "−")
            shapes += f'<text x="{x}" y="{y}" fill="{ink}" font-size="13">{number}</text>'
    return shapes
