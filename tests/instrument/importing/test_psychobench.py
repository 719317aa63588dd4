"""Published batteries in the layout of PsychoBench."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personae.errors import InputError
from personae.instrument import score_scale
from personae.instrument.importing import import_file

FORM: dict[str, Any] = {
    "name": "Mood Two",
    "questions": {"1": "I am glad.", "2": "I am sad.", "3": "It is Monday."},
    "inner_setting": "You are a helpful assistant who can only reply numbers from 0 to 4.",
    "prompt": (
        "You can only reply numbers from 0 to 4 in the following statements. 0 denotes strongly disagree, 1 denotes "
        "disagree, 2 denotes neutral, 3 denotes agree, 4 denotes strongly agree. Here are the statements:"
    ),
    "scale": 4,
    "reverse": [2],
    "categories": [
        {
            "cat_name": "Overall",
            "compute_mode": "SUM",
            "cat_questions": [1, 2],
            "crowd": [{"crowd_name": "Men", "crowd_sample_mean": 5.1, "crowd_sample_sd": 1.2, "crowd_sample_num": 90}],
        }
    ],
}


def written(tmp_path: Path, *forms: dict[str, Any]) -> Path:
    path = tmp_path / "forms.json"
    path.write_text(json.dumps(list(forms)), encoding="utf-8")
    return path


def test_a_form_is_read_whole(tmp_path: Path) -> None:
    found = import_file(written(tmp_path, FORM))
    (form,) = found.instruments
    assert (form.key, form.fillers) == ("mood-two", ("3",))
    assert [(one.value, one.label) for one in form.options] == [
        (0, "strongly disagree"),
        (1, "disagree"),
        (2, "neutral"),
        (3, "agree"),
        (4, "strongly agree"),
    ]
    (scale,) = form.scales
    assert (scale.items, scale.reverse, scale.score) == (("1", "2"), ("2",), "sum")
    (norm,) = scale.norms
    assert (norm.group, norm.mean, norm.sd, norm.n) == ("Men", 5.1, 1.2, 90)
    assert score_scale(np.array([[4.0, 0.0, 2.0]]), form, scale)[0] == 8
    assert form.instructions.endswith("4 denotes strongly agree.")
    assert not found.warnings


@pytest.mark.parametrize(
    ("prompt", "labels"),
    [
        (
            'numbers from 1 to 3. 1 denotes "very inaccurately" and 3 denotes "very accurately".',
            ["very inaccurately", "2", "very accurately"],
        ),
        (
            "numbers from 1 to 3. 1 (strongly disagree) to 3(strongly agree).",
            ["strongly disagree", "2", "strongly agree"],
        ),
        (
            "numbers from 1 to 3. 1 = Does not match, 2 = Not sure, 3 = Matches.",
            ["Does not match", "Not sure", "Matches"],
        ),
        ("numbers from 1 to 3. 1: Disagree, 2: Neither, 3: Agree. Please scores.", ["Disagree", "Neither", "Agree"]),
        ("numbers from 1 to 3. Rate yourself.", ["1", "2", "3"]),
    ],
)
def test_options_have_the_words_that_the_prompt_gives_them(tmp_path: Path, prompt: str, labels: list[str]) -> None:
    form = {**FORM, "prompt": f"You can only reply {prompt}", "scale": 4}
    (read,) = import_file(written(tmp_path, form)).instruments
    assert [one.label for one in read.options] == labels


def test_a_form_of_yes_and_no_is_coded_one_and_nought(tmp_path: Path) -> None:
    prompt = "reply numbers from 0 to 1. Please use the number '1' to indicate 'YES' and '0' to indicate 'NO'."
    (read,) = import_file(written(tmp_path, {**FORM, "prompt": prompt, "scale": 1})).instruments
    assert [(one.value, one.label) for one in read.options] == [(0, "NO"), (1, "YES")]


def test_slips_of_the_file_are_named(tmp_path: Path) -> None:
    form = copy.deepcopy(FORM)
    form.update(name="DTDD", scale=7, reverse=[2, 3])
    form["categories"][0]["cat_name"] = "Neuroticism"
    warnings = " ".join(import_file(written(tmp_path, form)).warnings)
    assert "reverses by 7 - x, but answers run from 0 to 4; 4 - x is used" in warnings
    assert "reverses items that no category has: [3]" in warnings
    assert "is the narcissism of the Dirty Dozen" in warnings


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"questions": {}}, "form 1 (Mood Two): questions"),
        ({"categories": [{"cat_name": "A"}]}, "form 1 (Mood Two): categories.0.cat_questions: Field required"),
        ({"scale": "six"}, "form 1 (Mood Two): scale"),
        ({"categories": [{"cat_name": "A", "cat_questions": [9]}]}, "names items that do not exist: ['9']"),
        ({"name": 3}, "form 1: name"),
    ],
)
def test_a_malformed_form_is_named(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError) as caught:
        import_file(written(tmp_path, {**FORM, **change}))
    assert what in str(caught.value)


def test_two_forms_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="two forms are called 'mood-two'"):
        import_file(written(tmp_path, FORM, FORM))
