"""Formulas over the fields of people, as text in a file: read by a grammar of a few words, and never run as a program.

A field is written in braces: ``round(0.4 * {demographics.age} + 2)``. What is known: numbers, texts in quotes, true
and false, ``+ - * / // % **``, comparisons (``in`` with a list too), ``and or not``, ``A if TEST else B``, and the
functions of ``FUNCTIONS``. An empty cell makes the result empty; only ``missing()`` and ``either()`` look at it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

from personae.errors import InputError

if TYPE_CHECKING:
    import polars as pl

MOST_LETTERS = 1_000
_MOST_DEPTH, _MOST_NODES = 40, 300
_PIECES = re.compile(r"""'[^'\\]*'|"[^"\\]*"|\{([^{}]*)\}|([{}'"\\])""")
_HOLE = "hole_of_a_field_"

_Built = Callable[..., "pl.Expr"]


def _years(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Whole years from one date to another, as ages are counted."""
    import polars as pl

    after = pl.struct(end.dt.month().alias("m"), end.dt.day().alias("d"))
    before = pl.struct(start.dt.month().alias("m"), start.dt.day().alias("d"))
    month, day = (after.struct.field(key) - before.struct.field(key) for key in ("m", "d"))
    is_short = (month < 0) | ((month == 0) & (day < 0))
    return end.dt.year() - start.dt.year() - is_short.cast(pl.Int32)


def _days(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    import polars as pl

    return (end.cast(pl.Date) - start.cast(pl.Date)).dt.total_days()


def _round(value: pl.Expr, *digits: pl.Expr) -> pl.Expr:
    import polars as pl

    if not digits:
        return value.cast(pl.Float64).round(0, mode="half_away_from_zero")
    scale = pl.lit(10.0) ** digits[0]
    return (value.cast(pl.Float64) * scale).round(0, mode="half_away_from_zero") / scale


def _float(value: pl.Expr) -> pl.Expr:
    import polars as pl

    return value.cast(pl.Float64)


def _extreme(name: str) -> _Built:
    def build(*values: pl.Expr) -> pl.Expr:
        import polars as pl

        found: pl.Expr = getattr(pl, f"{name}_horizontal")(*values)
        empty = reduce(lambda one, other: one | other, (value.is_null() for value in values))
        return pl.when(empty).then(None).otherwise(found)  # Polars would leave empty cells out

    return build


@dataclass(frozen=True, slots=True)
class _Function:
    build: _Built
    least: int
    most: int
    meaning: str


FUNCTIONS: Mapping[str, _Function] = {
    "abs": _Function(lambda x: x.abs(), 1, 1, "without its sign"),
    "min": _Function(_extreme("min"), 2, 9, "the smallest of several"),
    "max": _Function(_extreme("max"), 2, 9, "the largest of several"),
    "round": _Function(_round, 1, 2, "to whole numbers, or to so many decimals; halves away from 0"),
    "floor": _Function(lambda x: _float(x).floor(), 1, 1, "down to a whole number"),
    "ceil": _Function(lambda x: _float(x).ceil(), 1, 1, "up to a whole number"),
    "sqrt": _Function(lambda x: _float(x).sqrt(), 1, 1, "square root"),
    "exp": _Function(lambda x: _float(x).exp(), 1, 1, "e to the power of it"),
    "log": _Function(lambda x: _float(x).log(), 1, 1, "natural logarithm"),
    "logistic": _Function(lambda x: 1.0 / (1.0 + (-_float(x)).exp()), 1, 1, "1 / (1 + exp(-x)): a probability"),
    "years": _Function(_years, 2, 2, "whole years from one date to another: an age"),
    "days": _Function(_days, 2, 2, "days from one date to another"),
    "year": _Function(lambda x: x.dt.year(), 1, 1, "year of a date"),
    "month": _Function(lambda x: x.dt.month(), 1, 1, "month of a date, from 1"),
    "missing": _Function(lambda x: x.is_null(), 1, 1, "whether nothing is said"),
    "either": _Function(lambda x, y: x.fill_null(y), 2, 2, "the first, or the second where the first says nothing"),
}
"""Functions that a formula may call, beside ``date('2030-12-31')``."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read, and the columns it looks at.

    Example:
        >>> import polars as pl
        >>> people = pl.DataFrame({"demographics.age": [30, 70]})
        >>> read_formula("min({demographics.age}, 67) - 18").of(people).to_list()
        [12, 49]
    """

    text: str
    columns: tuple[str, ...]
    tree: ast.expr = field(repr=False, compare=False)

    def of(self, frame: pl.DataFrame, *, where: str = "formula") -> pl.Series:
        """Its value for everybody.

        Raises:
            InputError: If a column is not there or of another kind, or a number comes out that is none (division by 0,
                logarithm of 0).
        """
        import polars as pl

        for column in self.columns:
            if column not in frame.columns:
                raise InputError(f"{column!r} is not drawn above it", where=where, remedy="list that field first")
        numbered = frame.select(
            (pl.col(name).cast(pl.Int64) if frame.schema[name].is_integer() else pl.col(name)).alias(f"{_HOLE}{index}")
            for index, name in enumerate(self.columns)
        )  # 8 bits of a file would overflow at 128
        if not self.columns:
            numbered = pl.DataFrame({_HOLE: pl.repeat(0, frame.height, eager=True)})
        try:
            found = numbered.select(pl.lit(1).alias("one"), _built(self.tree).alias("found"))["found"]
        except (pl.exceptions.PolarsError, TypeError, OverflowError) as error:
            said = (str(error).splitlines() or [type(error).__name__])[0][:160]
            raise InputError(
                f"{self.text!r} cannot be worked out ({self._named(said)})",
                where=where,
                remedy="compare and add what is alike",
            ) from error
        if found.len() == 1 and frame.height != 1:
            found = found.new_from_index(0, frame.height)
        if found.dtype.is_float():
            wrong = ~found.is_finite().fill_null(value=True)
            if wrong.any():
                row = frame.select(self.columns).filter(wrong).head(1).to_dicts() if self.columns else [{}]
                raise InputError(
                    f"{self.text!r} is no number for {int(wrong.sum())} of {frame.height} people, such as {row[0]}",
                    where=where,
                    remedy="keep away from division by 0 and logarithms of 0, with max() or if",
                )
        return found.rename("")

    def _named(self, said: str) -> str:
        for index in reversed(range(len(self.columns))):
            said = said.replace(f"{_HOLE}{index}", self.columns[index])
        return said


@lru_cache(maxsize=512)
def read_formula(text: str) -> Formula:
    """Read a formula.

    Raises:
        ValueError: If it is none; the message says what is not known.

    Example:
        >>> read_formula("{demographics.age} >= 18 and {demographics.gender} in ['woman', 'man']").columns
        ('demographics.age', 'demographics.gender')
        >>> read_formula("open('/etc/passwd')")
        Traceback (most recent call last):
            ...
        ValueError: a formula has no "open('/etc/passwd')": only the functions abs, min, ... by their names
    """
    if not text.strip() or len(text) > MOST_LETTERS:
        raise ValueError(f"a formula has 1 to {MOST_LETTERS} letters")
    columns: list[str] = []

    def named(piece: re.Match[str]) -> str:
        name, stray = piece[1], piece[2]
        if stray:
            raise ValueError(f"{stray!r} stands alone in {text[:60]!r}; fields are written in braces, texts in quotes")
        if name is None:
            return piece[0]
        if not name.strip():
            raise ValueError(f"{text[:60]!r} has braces without a field")
        if name not in columns:
            columns.append(name)
        return f" {_HOLE}{columns.index(name)} "

    if _HOLE in text:
        raise ValueError(f"a formula has no {_HOLE!r}")
    try:
        tree = ast.parse(_PIECES.sub(named, text).strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"{text[:60]!r} is no formula") from error
    if sum(1 for _ in ast.walk(tree)) > _MOST_NODES:
        raise ValueError("the formula is too long; draw a part of it as a field of its own")
    _check(tree, columns, 0)
    return Formula(text, tuple(columns), tree)


def _check(node: ast.expr, columns: list[str], depth: int) -> None:
    """Refuse whatever is not of the grammar, so that building it cannot fail."""
    if depth > _MOST_DEPTH:
        raise ValueError("the formula is nested too deeply; draw a part of it as a field of its own")

    def spelled() -> str:
        said = ast.unparse(node)[:60]
        for index in reversed(range(len(columns))):
            said = said.replace(f"{_HOLE}{index}", f"{{{columns[index]}}}")
        return said

    inner: list[ast.expr] = []
    match node:
        case ast.Constant(value=bool() | float() | str()):
            pass
        case ast.Constant(value=int() as whole) if abs(whole) < 2**53:
            pass
        case ast.Name(id=name) if name.startswith(_HOLE) or name in ("true", "false"):
            pass
        case ast.Name(id=name):
            raise ValueError(f"{name!r} is not known; write fields in braces and texts in quotes")
        case ast.Attribute():
            raise ValueError(f"{spelled()!r} is not known; write fields in braces: {{{spelled()}}}")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not(), operand=operand):
            inner = [operand]
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
            inner = [left, right]
        case ast.BoolOp(values=values):
            inner = values
        case ast.Compare(left=left, ops=ops, comparators=others):
            inner = [left]
            for sign, other in zip(ops, others, strict=True):
                if isinstance(sign, ast.In | ast.NotIn):
                    if not isinstance(other, ast.List | ast.Tuple) or not other.elts:
                        raise ValueError(f"{spelled()!r}: 'in' wants a list, such as in ['a', 'b']")
                    if not all(isinstance(one, ast.Constant) for one in other.elts):
                        raise ValueError(f"{spelled()!r}: the list after 'in' holds numbers and texts only")
                    inner += other.elts
                elif type(sign) in _COMPARISONS:
                    inner.append(other)
                else:
                    raise ValueError(f"a formula has no {spelled()!r}")
        case ast.IfExp(test=test, body=body, orelse=orelse):
            inner = [test, body, orelse]
        case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str() as day)], keywords=[]):
            _date(day)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in FUNCTIONS:
            known = FUNCTIONS[name]
            if not known.least <= len(args) <= known.most:
                raise ValueError(f"{name} takes {known.least} to {known.most} values, not {len(args)}")
            inner = args
        case ast.Call():
            known_names = ", ".join((*FUNCTIONS, "date"))
            raise ValueError(f"a formula has no {spelled()!r}: only the functions {known_names}, by their names")
        case _:
            raise ValueError(f"a formula has no {spelled()!r}")
    for one in inner:
        _check(one, columns, depth + 1)


def _date(day: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day!r} is no date; write date('2030-12-31')") from error


_ARITHMETIC: Mapping[type[ast.operator], _Built] = {
    ast.Add: lambda x, y: x + y,
    ast.Sub: lambda x, y: x - y,
    ast.Mult: lambda x, y: x * y,
    ast.Div: lambda x, y: x / y,
    ast.FloorDiv: lambda x, y: (_float(x) / _float(y)).floor(),
    ast.Mod: lambda x, y: _float(x) - (_float(x) / _float(y)).floor() * _float(y),
    ast.Pow: lambda x, y: _float(x) ** _float(y),
}
_COMPARISONS: Mapping[type[ast.cmpop], _Built] = {
    ast.Eq: lambda x, y: x == y,
    ast.NotEq: lambda x, y: x != y,
    ast.Lt: lambda x, y: x < y,
    ast.LtE: lambda x, y: x <= y,
    ast.Gt: lambda x, y: x > y,
    ast.GtE: lambda x, y: x >= y,
}


def _built(node: ast.expr) -> pl.Expr:
    """A Polars expression of a tree that was checked."""
    import polars as pl

    match node:
        case ast.Constant(value=value):
            return pl.lit(value, dtype=pl.Int64) if type(value) is int else pl.lit(value)
        case ast.Name(id=name):
            return pl.lit(name == "true") if name in ("true", "false") else pl.col(name)
        case ast.UnaryOp(op=op, operand=operand):
            whole = _built(operand)
            return ~whole if isinstance(op, ast.Not) else -whole if isinstance(op, ast.USub) else whole
        case ast.BinOp(op=op, left=left, right=right):
            return _ARITHMETIC[type(op)](_built(left), _built(right))
        case ast.BoolOp(op=op, values=values):
            parts = [_built(one) for one in values]
            return reduce(lambda x, y: x & y if isinstance(op, ast.And) else x | y, parts)
        case ast.Compare(left=left, ops=ops, comparators=others):
            kept, before = [], left
            for sign, other in zip(ops, others, strict=True):
                kept.append(_compared(sign, before, other))
                before = other
            return reduce(lambda x, y: x & y, kept)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            held = _built(test)
            return pl.when(held.is_null()).then(None).when(held).then(_built(body)).otherwise(_built(orelse))
        case ast.Call(func=ast.Name(id="date"), args=[ast.Constant(value=str() as day)]):
            return pl.lit(_date(day))
        case ast.Call(func=ast.Name(id=name), args=args):
            return FUNCTIONS[name].build(*map(_built, args))
    raise AssertionError(ast.dump(node))


def _compared(op: ast.cmpop, left: ast.expr, right: ast.expr) -> pl.Expr:
    if isinstance(op, ast.In | ast.NotIn):
        assert isinstance(right, ast.List | ast.Tuple)
        value = _built(left)
        found = reduce(lambda x, y: x | y, (value == _built(one) for one in right.elts))
        return ~found if isinstance(op, ast.NotIn) else found
    return _COMPARISONS[type(op)](_built(left), _built(right))
