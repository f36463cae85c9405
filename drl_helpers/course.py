"""The course as a whole: its chapters, a map of them, and how far a learner has come."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

from matplotlib.patches import FancyBboxPatch

from drl_helpers import plots
from drl_helpers.exercises import progress
from drl_helpers.exercises.spec import exercises

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Chapter:
    """One chapter: what README and the map say of it.

    Attributes:
        slug: of its files, with the number.
        title: without the number.
        minutes: for a learner, reading and exercises.
        level: from 1 to 5.
        seconds: of computing on two cores of the machine on which the course was made (measured).
        place: (column, row) on the map.
        needs: numbers of the chapters it builds on.
    """

    slug: str
    title: str
    minutes: int = 60
    level: int = 3
    seconds: float | None = None
    place: tuple[float, float] = (0, 0)
    needs: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """Two digits, for instance "01"."""
        return self.slug[:2]

    @property
    def exists(self) -> bool:
        """Whether the chapter has been written."""
        return (ROOT / "chapters" / f"{self.slug}.ipynb").exists()


CHAPTERS = (
    Chapter("00_welcome", "Welcome", 30, 1, 5, (0, 1)),
    Chapter("01_tabular_q_learning", "Tabular Q-learning", 75, 2, 14, (1, 1), ("00",)),
    Chapter("02_exploration", "Exploration", 80, 2, 35, (2, 1), ("01",)),
    Chapter("03_deep_q_network", "Deep Q-network", 80, 3, 35, (3, 1), ("02",)),
    Chapter("04_replay_memory", "Replay memory", 75, 3, 30, (4, 1), ("03",)),
    Chapter("05_target_networks", "Target networks", 75, 3, 65, (5, 1), ("04",)),
    Chapter("06_better_dqn", "Better DQN", 85, 4, 60, (6, 0.45), ("05",)),
    Chapter("07_pong", "Pong from pixels", 90, 4, 105, (7, 0.45), ("06",)),
    Chapter("08_policy_gradient", "Policy gradient", 90, 3, 25, (6, 1.55), ("05",)),
    Chapter("09_actor_critic", "Actor–critic", 85, 3, 25, (7, 1.55), ("08",)),
    Chapter("10_ppo", "PPO and continuous control", 90, 4, 60, (8, 1.55), ("09",)),
)


def share_passed(chapter: Chapter) -> float | None:
    """The share of the chapter's exercises that have been passed, in [0, 1]; None while it has none."""
    passed = progress()
    own = [e.id for e in exercises().values() if e.notebook == chapter.slug]
    return sum(passed[exercise_id] for exercise_id in own) / len(own) if own else None


def course_map() -> None:
    """Show the chapters as a map, each filled as far as its exercises are passed."""
    fig, ax = plots.figure(11, 2.9)
    places = {chapter.number: chapter.place for chapter in CHAPTERS}
    for chapter in CHAPTERS:
        x, y = chapter.place
        for need in chapter.needs:
            fx, fy = places[need]
            ax.annotate("", (x - 0.43, y), (fx + 0.43, fy), arrowprops={"arrowstyle": "->", "color": "#666666"})
        share, edge = share_passed(chapter), plots.COLOURS[0] if chapter.exists else "#999999"
        box = {"boxstyle": "round,pad=0,rounding_size=0.06", "linewidth": 1.4}
        ax.add_patch(FancyBboxPatch((x - 0.42, y - 0.27), 0.84, 0.54, facecolor="white", edgecolor=edge, **box))
        if share:
            ax.add_patch(
                FancyBboxPatch((x - 0.42, y - 0.27), 0.84 * share, 0.54, facecolor="#bfe0f2", edgecolor="none", **box)
            )
        ink = "black" if chapter.exists else "#6b6b6b"
        ax.text(
            x,
            y + 0.02,
            "\n".join([chapter.number, *textwrap.wrap(chapter.title, 11)]),
            ha="center",
            va="center",
            fontsize=8,
            color=ink,
        )
    ax.set(xlim=(-0.6, 8.6), ylim=(2.0, 0.0), xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)
    done = sum(progress().values())
    written = [chapter for chapter in CHAPTERS if chapter.exists]
    plots.show(
        fig,
        alt="Map of the chapters: 00 to 05 in a row; then 06 and 07 (values, pixels) beside 08 to 10 (policies).",
        caption=f"Blue frames: chapters that are here ({len(written)}); grey: still to come. "
        f"Filled: exercises passed, {done} of {len(exercises())} so far.",
    )


def progress_lines() -> str:
    """The learner's progress, a line for each chapter with exercises."""
    passed, lines = progress(), []
    for chapter in CHAPTERS:
        own = [e for e in exercises().values() if e.notebook == chapter.slug]
        if own:
            marks = " ".join(("✔" if passed[e.id] else "○") + e.number for e in own)
            lines.append(
                f"{chapter.number} {chapter.title:<20} {sum(passed[e.id] for e in own)} of {len(own)}   {marks}"
            )
    return "\n".join(lines)
