"""The people: facts drawn independently and evenly, as the study prescribes, and put into a paragraph.

Even, independent draws make people who hardly exist (a widowed student of 79 with a doctorate and no income). That is
the published design: what stays the same over so wide a range of people is the model's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from personae.persona import Demographics, Persona, Provenance

if TYPE_CHECKING:
    import numpy as np

_COUNTRIES = """
Albania, Andorra, Argentina, Armenia, Australia, Austria, Azerbaijan, Bangladesh, Belarus, Bolivia, Bosnia and
Herzegovina, Brazil, Bulgaria, Canada, Chile, China, Colombia, Croatia, Cyprus, Czechia, Denmark, Ecuador,
Egypt, Estonia, Ethiopia, Finland, France, Georgia, Germany, Greece, Guatemala, Hong Kong, Hungary, Iceland,
India, Indonesia, Iran, Iraq, Italy, Japan, Jordan, Kazakhstan, Kenya, Kyrgyzstan, Latvia, Lebanon, Libya,
Lithuania, Macau, Malaysia, Maldives, Mexico, Mongolia, Montenegro, Morocco, Myanmar, Netherlands, New
Zealand, Nicaragua, Nigeria, North Macedonia, Northern Ireland, Norway, Pakistan, Peru, Philippines, Poland,
Portugal, Puerto Rico, Romania, Russia, Serbia, Singapore, Slovakia, Slovenia, South Korea, Spain, Sweden,
Switzerland, Taiwan, Tajikistan, Thailand, Tunisia, Turkey, Ukraine, United Kingdom, United States, Uruguay,
Uzbekistan, Venezuela, Vietnam, Zimbabwe"""
COUNTRIES = tuple(_COUNTRIES.replace("\n", " ").strip().split(", "))
"""Countries and territories of the joint EVS and WVS of 2017-2022, from memory."""

SEXES = ("man", "woman")
MARITAL = ("married", "living with a partner", "divorced", "separated", "widowed", "single")
EDUCATION = (
    "no formal education",
    "primary education",
    "lower secondary education",
    "upper secondary education",
    "post-secondary education short of a college",
    "a short course of tertiary education",
    "a bachelor's degree",
    "a master's degree",
    "a doctorate",
)
"""The nine levels of ISCED 2011, 0 to 8."""
EMPLOYED = ("employed full time", "employed part time", "self-employed")
NOT_EMPLOYED = ("retired", "a homemaker", "a student", "unemployed")
OCCUPATIONS = (
    "a professional or technical job",
    "a higher administrative job",
    "a clerical job",
    "a sales job",
    "a service job",
    "a skilled manual job",
    "a semi-skilled manual job",
    "an unskilled manual job",
    "farm work",
    "running a farm of your own",
)
ETHNICITIES = ("White", "Black", "South Asian", "East Asian", "Arab or Central Asian", "of another ethnicity")
RELIGIONS = (
    "not religious",
    "Roman Catholic",
    "Protestant",
    "Orthodox Christian",
    "Jewish",
    "Muslim",
    "Hindu",
    "Buddhist",
)
YOUNGEST, OLDEST = 20, 80
MOST_CHILDREN = 5
YEAR = 2024
"""The year that ages are counted from."""


def draw_people(count: int, rng: np.random.Generator) -> list[Persona]:
    """Draw people of independent, evenly distributed facts; the first ones are the same whatever the count.

    Example:
        >>> import numpy as np
        >>> one, *_ = draw_people(3, np.random.default_rng(111))
        >>> one.description.startswith("You are a ")
        True
    """
    return [_draw(rng) for _ in range(count)]


def _draw(rng: np.random.Generator) -> Persona:
    def one_of(options: tuple[str, ...]) -> str:
        return options[int(rng.integers(len(options)))]

    sex, age = one_of(SEXES), int(rng.integers(YOUNGEST, OLDEST + 1))
    origin, home = one_of(COUNTRIES), one_of(COUNTRIES)
    income, marital = int(rng.integers(1, 11)), one_of(MARITAL)
    children = int(rng.integers(0, MOST_CHILDREN + 1))
    education, employment, occupation = one_of(EDUCATION), one_of(EMPLOYED + NOT_EMPLOYED), one_of(OCCUPATIONS)
    ethnicity, religion = one_of(ETHNICITIES), one_of(RELIGIONS)
    job = occupation if employment in EMPLOYED else ""
    family = f"{marital}, with {children} {'child' if children == 1 else 'children'}" if children else marital
    sentences = (
        f"You are a {sex}, born in {YEAR - age} and {age} years old.",
        f"You come from {origin} and live in {home}.",
        f"You are {ethnicity} and {religion}.",
        f"You are {family}.",
        f"You have {education}.",
        f"You are {employment}{f'; what you do is {job}' if job else ''}.",
        f"Your household's income is in step {income} of 10, where 1 is the lowest tenth and 10 the highest.",
    )
    return Persona(
        description=" ".join(sentences),
        demographics=Demographics(
            age=age,
            gender=sex,
            nationality=origin,
            residence=home,
            ethnicity=ethnicity,
            religion=religion,
            marital_status=marital,
            education=education,
            occupation=job or employment,
            income=f"step {income} of 10",
        ),
        provenance={"demographics": Provenance(origin="sampled", by="independent uniform draws")},
    )
