"""nbgrader's configuration for this course: `nbgrader` reads it from the folder it is run in."""

import os

from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.converters import GenerateAssignment
from traitlets.config import get_config

c = get_config()

c.CourseDirectory.course_id = "deep-rl-course"

# What students get is what `make chapters` makes: no cells for instructors, and a stub that says what to do.
c.GenerateAssignment.preprocessors = [TagRemovePreprocessor, *GenerateAssignment().preprocessors]
c.TagRemovePreprocessor.enabled = True
c.TagRemovePreprocessor.remove_cell_tags = {"solution-only"}
c.ClearSolutions.code_stub = {
    "python": "# YOUR CODE HERE\n"
    'raise NotImplementedError("write your answer here, then run this cell and the check below it")'
}

# Autograding: trainings at a small budget, a time limit for each cell, and no cell gets lost.
os.environ.setdefault("DRL_BUDGET", "0.02")
c.Execute.timeout = 120  # seconds a cell; nbgrader then interrupts it and goes on
c.OverwriteCells.add_missing_cells = True
