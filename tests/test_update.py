"""`make update` with a real remote: a newer course comes in, and a learner loses nothing."""

import json
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

IDENTITY = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org", "-c", "init.defaultBranch=main")
CHAPTER = "chapters/01_tabular_q_learning.ipynb"


def git(folder, *arguments):
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def update(folder):
    command = [sys.executable, str(folder / "tools" / "update.py")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def course(tmp_path):
    """(the course's own repository, a learner's clone of it)."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    for name in ("chapters", "tools"):
        shutil.copytree(ROOT / name, origin / name, ignore=shutil.ignore_patterns("__pycache__", "*.mine*"))
    (origin / "solutions").mkdir()
    (origin / "solutions" / "notes.md").write_text("first\n", encoding="utf-8")
    shutil.copy(ROOT / ".gitignore", origin)
    git(origin, "init", "-q")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "first")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    (clone / ".progress.json").write_text('{"version": 1, "passed": {"q-update": "2026-01-01"}}', encoding="utf-8")
    return origin, clone


def edit(path, old="# YOUR CODE HERE", new="mine = 1"):
    """Change a file; returns its new text."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def newer(origin, *files):
    """The course changes these files (and makes those that do not exist)."""
    for name in files:
        path = origin / name
        if path.suffix == ".ipynb" and path.exists():
            edit(path, "Tabular Q-learning", "Tabular Q-learning, second edition")
        else:
            path.write_text("new\n", encoding="utf-8")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "second edition")


def test_nothing_new(course):
    done = update(course[1])
    assert done.returncode == 0 and "up to date" in done.stdout


def test_a_filled_in_chapter_is_kept_beside(course):
    origin, clone = course
    mine = edit(clone / CHAPTER)
    newer(origin, CHAPTER, "chapters/02_new.txt")
    done = update(clone)
    assert done.returncode == 0, done.stderr
    assert "01_tabular_q_learning.mine.ipynb" in done.stdout and "second edition" in done.stdout
    assert (clone / "chapters" / "01_tabular_q_learning.mine.ipynb").read_text(encoding="utf-8") == mine
    assert "second edition" in (clone / CHAPTER).read_text(encoding="utf-8")
    assert (clone / "chapters" / "02_new.txt").exists()
    assert json.loads((clone / ".progress.json").read_text())["passed"] == {"q-update": "2026-01-01"}
    assert git(clone, "status", "--porcelain") == ""


def test_a_second_update_keeps_both(course):
    origin, clone = course
    texts = []
    for _ in range(2):
        texts.append(edit(clone / CHAPTER, new=f"mine = {len(texts)}"))
        newer(origin, CHAPTER)
        assert update(clone).returncode == 0
    kept = sorted(clone.glob("chapters/*.mine*.ipynb"))
    assert sorted(path.read_text(encoding="utf-8") for path in kept) == sorted(texts)


def test_what_only_the_learner_changed_stays_in_place(course):
    origin, clone = course
    mine = edit(clone / CHAPTER)
    own = clone / "chapters" / "my_own.ipynb"
    own.write_text("{}", encoding="utf-8")
    newer(origin, "chapters/02_new.txt")
    assert update(clone).returncode == 0
    assert (clone / CHAPTER).read_text(encoding="utf-8") == mine and own.exists()
    assert not list(clone.glob("chapters/*.mine*"))


def test_an_untouched_chapter_just_follows(course):
    origin, clone = course
    notebook = json.loads((clone / CHAPTER).read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"]["version"] = "3.13.0"  # opened and saved, no more
    (clone / CHAPTER).write_text(json.dumps(notebook), encoding="utf-8")
    newer(origin, CHAPTER)
    assert update(clone).returncode == 0
    assert "second edition" in (clone / CHAPTER).read_text(encoding="utf-8")
    assert not list(clone.glob("chapters/*.mine*"))


def test_a_dirty_checkout(course):
    """Edited, staged, deleted, untracked and colliding files, all at once."""
    origin, clone = course
    mine = edit(clone / CHAPTER)
    git(clone, "add", CHAPTER)
    (clone / "solutions" / "notes.md").write_text("my notes\n", encoding="utf-8")
    (clone / "chapters" / "00_welcome.ipynb").unlink()
    (clone / "chapters" / "02_new.txt").write_text("my own second chapter\n", encoding="utf-8")
    newer(origin, CHAPTER, "solutions/notes.md", "chapters/02_new.txt")
    done = update(clone)
    assert done.returncode == 0, done.stderr
    assert (clone / "chapters" / "01_tabular_q_learning.mine.ipynb").read_text(encoding="utf-8") == mine
    assert (clone / "solutions" / "notes.mine.md").read_text(encoding="utf-8") == "my notes\n"
    assert (clone / "chapters" / "02_new.mine.txt").read_text(encoding="utf-8") == "my own second chapter\n"
    for name in ("solutions/notes.md", "chapters/02_new.txt"):
        assert (clone / name).read_text(encoding="utf-8") == "new\n"


def test_own_commits_are_kept_on_a_branch(course):
    origin, clone = course
    mine = edit(clone / CHAPTER)
    git(clone, "commit", "-qam", "my answers")
    newer(origin, CHAPTER)
    done = update(clone)
    assert done.returncode == 0, done.stderr
    branch = next(line for line in done.stdout.splitlines() if "my-work-" in line).split()[-1].rstrip(".")
    assert git(clone, "show", f"{branch}:{CHAPTER}") == mine
    assert (clone / "chapters" / "01_tabular_q_learning.mine.ipynb").read_text(encoding="utf-8") == mine
    assert "second edition" in (clone / CHAPTER).read_text(encoding="utf-8")


def test_without_network_or_git_nothing_changes(course, tmp_path):
    origin, clone = course
    mine = edit(clone / CHAPTER)
    shutil.move(origin, tmp_path / "gone")
    done = update(clone)
    assert done.returncode != 0 and "check the network" in done.stderr
    shutil.rmtree(clone / ".git")
    done = update(clone)
    assert done.returncode != 0 and "not made with git clone" in done.stderr
    assert (clone / CHAPTER).read_text(encoding="utf-8") == mine
    assert not list(clone.glob("chapters/*.mine*"))
