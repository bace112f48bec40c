"""A static look at source code: every place that sets or deletes one of a few watched names."""

import ast
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from voicegate.record.events import Assignment, Source

_DICT_WRITERS = ("update", "pop", "setdefault", "__setitem__", "__delitem__")
_NAMESPACES = ("globals", "vars", "locals")


def scan_source(path: Path, names: Sequence[str], t: float) -> Source:
    """Look for `names` in the file at `path`; a file that cannot be read or parsed becomes a problem, no error."""
    try:
        found = find_assignments(path.read_bytes(), names)
    except OSError as error:
        return Source(t, str(path), tuple(names), problem=f"cannot be read: {error.strerror}")
    except SyntaxError as error:
        return Source(t, str(path), tuple(names), problem=f"is not Python: line {error.lineno}: {error.msg}")
    except (ValueError, RecursionError) as error:  # zero bytes, an unknown encoding, too deep
        return Source(t, str(path), tuple(names), problem=f"is not Python: {error}")
    return Source(t, str(path), tuple(names), found)


def find_assignments(code: str | bytes, names: Collection[str]) -> tuple[Assignment, ...]:
    """Find every place that sets or deletes one of `names`, as a name, an attribute or a key of a namespace.

    A declaration without a value sets nothing, and a function's own variable of that name is another one. Raises SyntaxError and ValueError for what is no Python.
    """
    finder = _Finder(frozenset(names))
    finder.visit(ast.parse(code))
    return tuple(sorted(finder.found, key=lambda one: (one.line, one.name)))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk is: the innermost function, what it declares global, the `with` expressions entered inside it."""

    function: str | None = None
    declared: frozenset[str] = frozenset()
    locks: tuple[str, ...] = ()


class _Finder(ast.NodeVisitor):
    def __init__(self, names: frozenset[str]) -> None:
        self.found: list[Assignment] = []
        self._names = names
        self._place = _Place()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Note the function's own name where it is defined; walk its body as a place of its own."""
        self._bind(node.name, node)
        for outside in (*node.decorator_list, node.args, *([node.returns] if node.returns else [])):
            self.visit(outside)
        self._visit_in(_Place(node.name, frozenset(_declared(node.body))), node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - as ast has it

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, node)
        self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.visit(node.args)
        self._visit_in(_Place("<lambda>"), [node.body])

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        """Each context expression holds for those after it and for the body."""
        outside = self._place
        for item in node.items:
            self.visit(item.context_expr)
            inside = (*self._place.locks, ast.unparse(item.context_expr))
            self._place = replace(self._place, locks=inside)
            if item.optional_vars is not None:
                self._set(item.optional_vars)
        self._visit_in(self._place, node.body)
        self._place = outside

    visit_AsyncWith = visit_With  # noqa: N815 - as ast has it

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._set(target, node.value)
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._set(node.target, node.value)
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._set(node.target)
        self.visit(node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._set(node.target, node.value)
        self.visit(node.value)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.split(".")[0], node)

    visit_ImportFrom = visit_Import  # noqa: N815 - as ast has it

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:  # it is deleted at the end of the handler
            self._bind(node.name, node, sets_none=True)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, node, sets_none=isinstance(node.ctx, ast.Del))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._note(node.attr, node, sets_none=isinstance(node.ctx, ast.Del))
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._note(_namespace_key(node), node, sets_none=isinstance(node.ctx, ast.Del))
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for inside in (node.iter, *node.ifs):  # its target is seen nowhere else
            self.visit(inside)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        self._bind(node.name, node)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs  # noqa: N815 - as ast has it

    def visit_Call(self, node: ast.Call) -> None:
        for name, value, deleted in _set_by_call(node):
            self._note(name, node, sets_none=deleted or _is_none(value))
        self.generic_visit(node)

    def _visit_in(self, place: _Place, nodes: Sequence[ast.AST]) -> None:
        outside, self._place = self._place, place
        for node in nodes:
            self.visit(node)
        self._place = outside

    def _set(self, target: ast.expr, value: ast.expr | None = None) -> None:
        """Note what a target sets; a tuple is matched with a value that has its shape."""
        if isinstance(target, ast.Tuple | ast.List):
            for part, its_value in zip(target.elts, _parts(value, len(target.elts)), strict=True):
                self._set(part, its_value)
            return
        if isinstance(target, ast.Starred):
            self._set(target.value)
            return
        match target:
            case ast.Name(id=name):
                self._bind(name, target, sets_none=_is_none(value))
            case ast.Attribute(attr=name):
                self._note(name, target, sets_none=_is_none(value))
            case ast.Subscript():
                self._note(_namespace_key(target), target, sets_none=_is_none(value))
        for child in ast.iter_child_nodes(target):
            self.visit(child)

    def _bind(self, name: str | None, node: ast.AST, *, sets_none: bool = False) -> None:
        """Note a name that is bound where the walk is, unless it is a variable of the function."""
        if self._place.function is None or name in self._place.declared:
            self._note(name, node, sets_none=sets_none)

    def _note(self, name: str | None, node: ast.AST, *, sets_none: bool = False) -> None:
        if name in self._names:
            assert isinstance(node, ast.expr | ast.stmt | ast.excepthandler | ast.pattern)
            place = self._place
            self.found.append(Assignment(name, node.lineno, place.function, sets_none, place.locks))


def _declared(body: Iterable[ast.stmt]) -> Iterator[str]:
    """List the names that a function declares global or nonlocal, in its own statements."""
    for node in body:
        if isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _declared(
                child for child in ast.walk(node) if isinstance(child, ast.Global | ast.Nonlocal)
            )


def _namespace_key(node: ast.Subscript) -> str | None:
    """Return the name that `globals()["NAME"]` or `module.__dict__["NAME"]` stands for."""
    return _text(node.slice) if _is_namespace(node.value) else None


def _is_namespace(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=called)):
            return called in _NAMESPACES
        case ast.Attribute(attr="__dict__"):
            return True
    return False


def _set_by_call(node: ast.Call) -> Iterator[tuple[str | None, ast.expr | None, bool]]:
    """Give name, value and whether it is deleted, for what `setattr` and the like, or a namespace's methods, set."""
    match node:
        case ast.Call(func=ast.Name(id="setattr"), args=[_, name, value]):
            yield _text(name), value, False
        case ast.Call(func=ast.Name(id="delattr"), args=[_, name]):
            yield _text(name), None, True
        case ast.Call(func=ast.Attribute(attr="__setattr__"), args=[*_, name, value]):
            yield _text(name), value, False
        case ast.Call(func=ast.Attribute(attr="__delattr__"), args=[*_, name]):
            yield _text(name), None, True
        case ast.Call(func=ast.Attribute(value=on, attr=method)) if method in _DICT_WRITERS and _is_namespace(
            on
        ):
            yield from _set_in_namespace(node, method)


def _set_in_namespace(node: ast.Call, method: str) -> Iterator[tuple[str | None, ast.expr | None, bool]]:
    if method == "update":
        yield from ((keyword.arg, keyword.value, False) for keyword in node.keywords)
        for table in node.args:
            if isinstance(table, ast.Dict):
                yield from (
                    (_text(key), value, False) for key, value in zip(table.keys, table.values, strict=True)
                )
    elif node.args:
        deleted = method in ("pop", "__delitem__")
        value = node.args[1] if len(node.args) > 1 and not deleted else None
        yield _text(node.args[0]), value, deleted


def _parts(value: ast.expr | None, count: int) -> Sequence[ast.expr | None]:
    """Take a tuple apart for as many targets; nothing is known of what only becomes one."""
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if len(parts) == count:
            return [None] * count if any(isinstance(part, ast.Starred) for part in parts) else parts
    return [None] * count


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
