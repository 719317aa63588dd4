"""Administration sessions: measures, scales, response scales, framings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personae.errors import InputError
from personae.instrument.importing import import_file

SCALE: dict[str, Any] = {
    "user_readable_name": "Extraversion",
    "item_ids": ["bf1", "bf2"],
    "reverse_keyed_item_ids": ["bf2"],
    "item_preamble_ids": ["d1-th2"],
    "item_postamble_ids": ["plk-0", "plk-3"],
    "response_scale_ids": ["likert5"],
    "response_choice_postamble_ids": ["none"],
}


def session(**scale: Any) -> dict[str, Any]:
    return {
        "measures": {
            "BFI": {
                "user_readable_name": "Big Five Inventory",
                "items": {"bf1": "is talkative", "bf2": "is reserved", "bf3": "is calm", "bf4": "likes tea"},
                "scales": {
                    "BFI-EXT": {**SCALE, **scale},
                    "BFI-CALM": {
                        **SCALE,
                        "item_ids": ["bf3"],
                        "reverse_keyed_item_ids": [],
                        "response_scale_ids": ["likert3"],
                    },
                },
            },
        },
        "response_scales": {
            "likert5": {"user_readable_name": "5", "response_choices": {str(n): f"word {n}" for n in (5, 4, 3, 2, 1)}},
            "likert3": {"user_readable_name": "3", "response_choices": {"0": "no", "1": "maybe", "2": "yes"}},
        },
        "item_preambles": {"d1-th2": 'Thinking of this: "'},
        "item_postambles": {"plk-0": '", I', "plk-3": '" -'},
        "response_choice_postambles": {"none": ""},
        "models": {"m": {"user_readable_name": "m", "model_family": "PaLM"}},
    }


def written(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "session.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_a_session_is_read_whole(tmp_path: Path) -> None:
    found = import_file(written(tmp_path, session()))
    (form,) = found.instruments
    assert form.key == "bfi"
    assert form.item_ids == ("bf1", "bf2", "bf3", "bf4")
    assert form.fillers == ("bf4",)
    assert form.scale("bfi_ext").reverse == ("bf2",)
    assert [(one.value, one.label) for one in form.options] == [(n, f"word {n}") for n in range(1, 6)]
    assert [one.label for one in form.options_of("bf3")] == ["no", "maybe", "yes"]
    framing = found.framings["bfi"]["bfi_ext"]
    assert framing.preambles == {"d1-th2": 'Thinking of this: "'}
    assert list(framing.postambles) == ["plk-0", "plk-3"]
    assert framing.choice_postambles == {"none": ""}
    assert found.warnings == ("BFI: in no scale, so asked and not scored: bf4",)


def test_further_response_scales_are_named(tmp_path: Path) -> None:
    found = import_file(written(tmp_path, session(response_scale_ids=["likert5", "likert3"])))
    assert any("only its first response scale is taken over; the others are likert3" in one for one in found.warnings)


@pytest.mark.parametrize(
    ("scale", "what"),
    [
        ({"response_scale_ids": ["likert9"]}, "measures.BFI: there is no response scale 'likert9'"),
        ({"response_scale_ids": []}, "measures.BFI.scales.BFI-EXT.response_scale_ids"),
        ({"item_postamble_ids": ["lost"]}, "BFI.scales.BFI-EXT: item_postambles has no 'lost'"),
        ({"item_ids": ["bf1", "bf9"], "reverse_keyed_item_ids": []}, "names items that do not exist: ['bf9']"),
        ({"item_ids": ["bf1", "bf3"], "reverse_keyed_item_ids": []}, "item 'bf3' has the response scales"),
        ({"reverse_keyed_item_ids": ["bf3"]}, "reverses items that it does not have"),
    ],
)
def test_what_leads_nowhere_is_named(tmp_path: Path, scale: dict[str, Any], what: str) -> None:
    with pytest.raises(InputError) as caught:
        import_file(written(tmp_path, session(**scale)))
    assert what in str(caught.value)


def test_choices_need_values(tmp_path: Path) -> None:
    data = session()
    data["response_scales"]["likert5"]["response_choices"] = {"low": "no", "high": "yes"}
    with pytest.raises(InputError, match=r"response_scales\.likert5: the choice 'low' is no whole number"):
        import_file(written(tmp_path, data))
