"""Bring a newer course in: `make update`. What you have written is kept, beside the new version where need be.

A file that you and the course have both changed is kept as NAME.mine.ipynb; one that only you have
changed stays where it is. Progress lies outside of all this, and is never touched.
"""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

from learner_work import keep_beside, written_in

ROOT = Path(__file__).resolve().parents[1]


class Stopped(Exception):
    """The update cannot go on; the message says why and what to do."""


def git(*arguments: str) -> str:
    """Run git in the course. Raises Stopped with git's own last line when it fails."""
    done = subprocess.run(["git", "-c", "core.quotepath=off", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        raise Stopped(f"git {arguments[0]} said: {said[-1]}")
    return done.stdout


def names(*arguments: str) -> set[str]:
    """The file names that a git command prints, one a NUL."""
    return set(git(*arguments, "-z").split("\0")) - {""}


def upstream() -> str:
    """The remote branch that this course follows."""
    try:
        if Path(git("rev-parse", "--show-toplevel").strip()).resolve() != ROOT:
            raise Stopped
    except (Stopped, FileNotFoundError):
        raise Stopped(
            "This folder was not made with git clone, so it cannot update itself: get the course anew "
            "beside it, and copy your chapters over"
        ) from None
    try:
        return git("rev-parse", "--abbrev-ref", "@{upstream}").strip()
    except Stopped:
        raise Stopped("This branch follows no remote one: run 'git switch main' first, then try again") from None


def update() -> list[str]:
    """Do it; returns what happened, a sentence each."""
    remote = upstream()
    try:
        git("fetch", "--quiet")
    except Stopped as reason:
        raise Stopped(f"The newer course could not be fetched: check the network connection ({reason})") from None
    base = git("merge-base", "HEAD", remote).strip()
    if base == git("rev-parse", remote).strip():
        return ["The course is up to date."]
    theirs = names("diff", "--name-only", "--no-renames", base, remote)
    committed = names("diff", "--name-only", "--no-renames", base, "HEAD")
    changed = names("diff", "--name-only", "--no-renames", "HEAD")
    untracked = names("ls-files", "--others")
    told = []
    # Copies first: whatever happens afterwards, nothing is lost.
    for name in sorted((changed | untracked) & theirs | committed):
        path = ROOT / name
        if path.is_file() and (path.suffix != ".ipynb" or not name.startswith("chapters/") or written_in(path)):
            told.append(f"Your {name} is kept as {keep_beside(path).name}.")
    if committed:
        branch = f"my-work-{datetime.now():%Y%m%d-%H%M%S}"
        git("branch", branch)
        told.append(f"Your own commits are kept on the branch {branch}.")
    if changed & (theirs | committed):
        git("checkout", "HEAD", "--", *sorted(changed & (theirs | committed)))
    for name in untracked & theirs:
        (ROOT / name).unlink()
    git("reset", "--quiet", "--keep", remote)
    return [*told, f"The course is now at: {git('log', '-1', '--format=%s (%cs)').strip()}."]


def main() -> None:
    """Update, and say what happened."""
    try:
        print("\n".join(update()))
    except Stopped as reason:
        sys.exit(f"\n{reason}.\nNothing of yours was changed.\n")


if __name__ == "__main__":
    main()
