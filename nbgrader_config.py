"""nbgrader's configuration for this course: `nbgrader` reads it from the folder it is run in."""

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

# Autograding: a time limit for each cell, and no cell gets lost. (Nothing is set in the environment here: JupyterLab
# reads this file too where nbgrader is installed. That trainings are short while graded is `budget`'s work.)
c.Execute.timeout = 120  # seconds a cell; nbgrader then interrupts it and goes on
c.OverwriteCells.add_missing_cells = True
