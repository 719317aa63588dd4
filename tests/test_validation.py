"""What somebody wrote, held against a model: the place and the fault, in plain words."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from personae.errors import InputError
from personae.validation import first_fault, parse_toml, validated, validated_toml


def never(value: str) -> str:
    if value == "never":
        raise ValueError("never is no time")
    return value


class Stop(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    minutes: int = Field(default=1, ge=0)


class Line(BaseModel):
    stops: list[Stop] = Field(min_length=1)
    leaves: Annotated[str, AfterValidator(never)] = ""
    runs: dict[str, int] = {}

    @field_validator("runs", mode="wrap")
    @classmethod
    def numbers(cls, value: object, handler: object) -> object:
        return handler(value)  # type: ignore[operator]


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        validated_toml(Line, text, "line.toml")
    return caught.value


def test_what_fits_is_made() -> None:
    line = validated_toml(Line, '[[stops]]\nname = "Harbour"\nminutes = 4', "line.toml")
    assert line == validated(Line, {"stops": [{"name": "Harbour", "minutes": 4}]}, "elsewhere")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[[stops]]\nname = "A"\nminutes = -1', "line.toml: stops.0.minutes", "greater than or equal to 0"),
        ('[[stops]]\nname = "A"\ncolour = "red"', "line.toml: stops.0.colour", "not permitted"),
        ('leaves = "never"\n[[stops]]\nname = "A"', "line.toml: leaves", "never is no time"),
        ("stops = []", "line.toml: stops", "at least 1 item"),
        ('[[stops]]\nname = "A"\n[runs]\nsunday = "no"', "line.toml: runs.sunday", "valid integer"),
    ],
)
def test_the_first_fault_is_told_with_its_place(text: str, where: str, what: str) -> None:
    error = refusal(text)
    assert error.where == where
    assert what in error.what
    assert not error.what.startswith("Value error")
    assert error.remedy == "correct this field"


def test_others_are_counted_and_what_only_follows_is_not() -> None:
    assert refusal('[[stops]]\nname = 1\nminutes = "x"').what.endswith("(and 1 more)")
    with pytest.raises(ValidationError) as caught:
        Line.model_validate({"stops": [{}]})
    assert first_fault(caught.value) == ("stops.0.name", "Field required")


def test_the_whole_has_no_place_of_its_own() -> None:
    with pytest.raises(InputError) as caught:
        validated(Line, ["not", "a", "line"], "line.toml")
    assert caught.value.where == "line.toml"


def test_what_is_not_toml_is_told_with_line_and_column() -> None:
    with pytest.raises(InputError, match=r"line\.toml: is not TOML: .*line 2, column 6"):
        parse_toml("\nstops\n", "line.toml")
