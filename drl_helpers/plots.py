"""Pictures: learning curves with bands over seeds, value and policy maps; always with alt text."""

import base64
import html
import io

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from drl_helpers.evaluate import mean_interval

# Okabe & Ito's colours, told apart with any colour vision; lines also differ in dash and marker.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
DASHES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 2))]
ARROWS = {0: "←", 1: "↓", 2: "→", 3: "↑"}  # FrozenLake's order


def figure(width: float = 8.0, height: float = 3.6, columns: int = 1, rows: int = 1):
    """A figure (inches) and its axes, safe in any thread: no pyplot, nothing to close."""
    fig = Figure(figsize=(width, height), dpi=110, layout="constrained")
    axes = fig.subplots(rows, columns)
    for ax in np.atleast_1d(axes).flat:
        ax.grid(alpha=0.25)
        ax.spines[["top", "right"]].set_visible(False)
    return fig, axes


def figure_html(fig: Figure, alt: str, caption: str = "") -> str:
    """The figure as HTML with alt text and a caption."""
    if (layout := fig.get_layout_engine()) is not None:  # else savefig draws everything twice, first for the layout
        layout.execute(fig)
        fig.set_layout_engine(None)
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png")
    data = base64.b64encode(buffer.getvalue()).decode()
    width = int(fig.get_figwidth() * 100)
    return picture_html(f"data:image/png;base64,{data}", alt, caption, width)


def picture_html(source: str, alt: str, caption: str, width: int) -> str:
    """An image as HTML, `width` pixels wide at most, with alt text and a caption below it."""
    below = f"<figcaption><em>{html.escape(caption)}</em></figcaption>" if caption else ""
    return (
        f'<figure style="margin:0.5em 0"><img src="{source}" alt="{html.escape(alt)}" width="{width}" '
        f'style="max-width:100%;height:auto;background:white">{below}</figure>'
    )


def svg_html(svg: str, alt: str, width: int) -> str:
    """A drawing as HTML, `width` pixels wide at most, with alt text; it stays where scripts do not run."""
    return picture_html(f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}", alt, "", width)


def show(fig: Figure, alt: str, caption: str = "") -> None:
    """Display a figure. `alt` says what there is to see, for those who cannot see it."""
    display({"text/html": figure_html(fig, alt, caption), "text/plain": f"[Figure: {alt}]"}, raw=True)


def curves(ax, runs: dict, every: float = 1, ylabel: str = "return", xlabel: str = "episode") -> None:
    """Draw the mean of each run's curves with its 95 % interval over seeds.

    Args:
        runs: label → array of shape (seeds, points).
        every: distance between points on the x axis.
    """
    for index, (label, values) in enumerate(runs.items()):
        mean, low, high = mean_interval(values)
        x = (np.arange(len(mean)) + 1) * every
        style = {"color": COLOURS[index % 7], "linestyle": DASHES[index % 7]}
        ax.plot(x, mean, label=label, linewidth=1.8, **style)
        ax.fill_between(x, low, high, color=COLOURS[index % 7], alpha=0.2, linewidth=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(frameon=False, fontsize="small")


def scores(ax, runs: dict, ylabel: str = "score") -> None:
    """Draw every seed's score as a dot, and the mean with its 95 % interval, one column a label."""
    for index, values in enumerate(runs.values()):
        mean, low, high = mean_interval(values)
        spread = np.linspace(-0.18, 0.18, len(values))
        ax.plot(index + spread, values, "o", color=COLOURS[index % 7], alpha=0.45, markersize=4)
        ax.errorbar(index, mean, [[mean - low], [high - mean]], fmt="D", color="black", capsize=5, markersize=5)
    ax.set_xticks(range(len(runs)), list(runs))
    ax.set(ylabel=ylabel)


def grid(ax, values, shape: tuple[int, int], marks: dict[int, str] | None = None, title: str = "") -> None:
    """Draw one number a state on a grid; darker is higher.

    Args:
        values: shape (states,), row by row; NaN leaves a cell empty.
        shape: (rows, columns).
        marks: state → text written under its number, for instance an arrow or a letter.
    """
    table = np.asarray(values, dtype=float).reshape(shape)
    ax.grid(False)
    ax.imshow(table, cmap="cividis", aspect="equal", interpolation="nearest")
    low, high = np.nanmin(table), np.nanmax(table)
    for state, value in enumerate(table.flat):
        row, column = divmod(state, shape[1])
        dark = np.isnan(value) or (value - low) / max(high - low, 1e-9) < 0.55
        lines = [] if np.isnan(value) else [f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"]
        lines += [marks[state]] if marks and state in marks else []
        ink = "black" if np.isnan(value) else "white" if dark else "black"
        ax.text(column, row, "\n".join(lines), ha="center", va="center", color=ink, fontsize=8)
    ax.set(xticks=[], yticks=[], title=title)
    ax.spines[:].set_visible(False)


def policy_marks(q_table, arrows: dict[int, str], skip=()) -> dict[int, str]:
    """Arrows of all greedy actions in each state (q_table: shape (states, actions)), but for `skip`."""
    return {
        state: "".join(arrows[a] for a in np.flatnonzero(np.isclose(row, row.max())))
        for state, row in enumerate(q_table)
        if state not in skip
    }
