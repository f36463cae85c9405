"""Predict first: a question before an experiment, an explanation for each answer after it."""

import html

import ipywidgets as widgets

STYLE = "max-width:60em;line-height:1.45"


class Quiz(widgets.VBox):
    """A question with two or more answers, of which one, several or none may be right.

    Args:
        question: one sentence.
        answers: answer → explanation shown once it was chosen.
        right: the right answer, or a list of right answers (empty: none of them is).

    Raises:
        ValueError: fewer than two answers, or a right answer that is none of them.
    """

    def __init__(self, question: str, answers: dict[str, str], right: str | list[str]):
        self.right = [right] if isinstance(right, str) else list(right)
        self.question, self.answers, self.single = question, dict(answers), isinstance(right, str)
        if len(answers) < 2 or not set(self.right) <= set(answers):
            raise ValueError("A quiz needs two or more answers, and each right one must be among them.")
        hint = "" if self.single else " <em>(one, several or none may be right)</em>"
        title = widgets.HTML(f'<p style="{STYLE}"><strong>Predict.</strong> {html.escape(question)}{hint}</p>')
        if self.single:
            self.choice = widgets.RadioButtons(options=list(answers), value=None, layout={"width": "auto"})
            chooser = self.choice
        else:
            self.boxes = [widgets.Checkbox(description=a, indent=False, layout={"width": "auto"}) for a in answers]
            chooser = widgets.VBox(self.boxes)
        self.button = widgets.Button(
            description="Check my prediction", layout={"width": "auto", "align_self": "flex-start"}
        )
        self.feedback = widgets.HTML()
        self.button.on_click(lambda _: self.answer())
        super().__init__([title, chooser, self.button, self.feedback])

    def chosen(self) -> list[str]:
        """The answers chosen at present."""
        if self.single:
            return [self.choice.value] if self.choice.value else []
        return [box.description for box in self.boxes if box.value]

    def answer(self) -> bool:
        """Show whether the chosen answers are the right ones, and why. Returns whether they are."""
        chosen, correct = self.chosen(), set(self.chosen()) == set(self.right)
        if self.single and not chosen:
            self.feedback.value = "<p>Choose an answer first.</p>"
            return False
        told = self.answers if not self.single else chosen
        lines = "".join(f"<li>{html.escape(a)}: {html.escape(self.answers[a])}</li>" for a in told)
        word = "✔ Right." if correct else "✘ Not so."
        self.feedback.value = f'<div role="status" style="{STYLE}"><strong>{word}</strong><ul>{lines}</ul></div>'
        return correct

    def __str__(self):
        return "\n".join([f"Predict: {self.question}", *(f"  ( ) {answer}" for answer in self.answers)])

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        items = "".join(f"<li>{html.escape(answer)}</li>" for answer in self.answers)
        page = f"<p><strong>Predict.</strong> {html.escape(self.question)}</p><ul>{items}</ul>"
        return bundle | {"text/plain": str(self), "text/html": page}
