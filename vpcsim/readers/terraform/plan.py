"""What a plan leaves open until it is applied: references are followed through the plan's own `configuration`.

A plan shows which resources an expression names, but not the expression: `aws_subnet.a[count.index].id` leaves `aws_subnet.a`
and `count.index`, and local values are not shown at all. Where that leads to exactly one resource it is taken; where one has
to be picked it is taken and noted as an assumption; everything else stays Unknown.

Source: https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from vpcsim.readers.document import Map
from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform.instances import Instance, Key, mappings, tokens
from vpcsim.readers.terraform.spelling import answers_to, is_many, shapes_of, stem_of

Attribute = Callable[[Instance, str], Any]
"""What a reference to an attribute of a resource stands for if the plan does not hold it; None if that is not modelled."""
MAX_STEPS = 64


class Scope(NamedTuple):
    """Where an expression stands: the module, its part of the configuration, and the key of the block with its `for_each`."""

    module: str
    node: Map
    key: Key
    for_each: Any


class Found(NamedTuple):
    """A resource that an expression names, the attribute if that is shown, and whether nothing had to be picked."""

    instance: Instance
    attribute: str
    certain: bool


class Configuration:
    """The configuration of a plan, and the instances that it makes."""

    def __init__(self, document: Map, instances: Sequence[Instance], attribute: Attribute) -> None:
        self.assumptions: list[str] = []
        self._attribute = attribute
        configuration = document.get("configuration")
        root = configuration.get("root_module") if isinstance(configuration, Map) else None
        self._root = root if isinstance(root, Map) else Map()
        self._instances: dict[tuple[str, str], list[Instance]] = {}
        self._by_address = {instance.address: instance for instance in instances}
        for instance in instances:
            self._instances.setdefault((instance.module, instance.block), []).append(instance)
        self._modules = list(dict.fromkeys(_with_parents(instance.module for instance in instances)))
        self._blocks: dict[tuple[str, str], Map] = {}
        self._open: set[tuple[str, str]] = set()
        self._local_in: str | None = None
        """The module whose local value the references led to that were followed last."""
        unknown = _unknown_values(document)
        self._unknown = {i.address: unknown.get(i.written or i.address, {}) for i in instances}

    def fill(self) -> None:
        """Put what the references lead to where the plan has no value."""
        for instance in self._by_address.values():
            for attribute in list(self._unknown.get(instance.address, ())):
                self.value(instance, attribute)

    def value(self, instance: Instance, attribute: str) -> Any:
        """The value of an attribute: the plan's own, or what its references lead to."""
        marks = self._unknown.get(instance.address, {}).pop(attribute, None)
        if _marks(marks):
            mine = (instance.address, attribute)
            if mine in self._open:
                return None
            self._open.add(mine)
            value = self._filled(instance, (attribute,), instance.values.get(attribute), marks)
            self._open.discard(mine)
            if value is None:
                instance.values.pop(attribute, None)
            else:
                instance.values[attribute] = value
        return instance.values.get(attribute)

    def block(self, instance: Instance) -> Map:
        """The configuration of an instance's resource."""
        key = (instance.module, instance.block)
        if key not in self._blocks:
            resources = mappings(self._node(instance.module).get("resources"))
            self._blocks[key] = next((r for r in resources if r.get("address") == instance.block), Map())
        return self._blocks[key]

    def _filled(self, instance: Instance, path: tuple[Any, ...], value: Any, marks: Any) -> Any:
        if marks is True:
            return self._resolved(instance, path)
        if isinstance(marks, Map):
            made = dict(value) if isinstance(value, dict) else {}
            for name, mark in marks.items():
                if _marks(mark):
                    made[name] = self._filled(instance, (*path, name), made.get(name), mark)
            return made
        if any(mark is True for mark in marks):
            known = [item for item in value or () if item is not None] if isinstance(value, list) else []
            found = self._resolved(instance, path)
            return [*known, *(found if isinstance(found, list) else [] if found is None else [found])]
        items = value if isinstance(value, list) else []
        return [
            self._filled(instance, (*path, n), items[n] if n < len(items) else None, mark) if _marks(mark) else items[n]
            for n, mark in enumerate(marks)
            if _marks(mark) or n < len(items)
        ]

    def _resolved(self, instance: Instance, path: tuple[Any, ...]) -> Any:
        """What stands at a place that the plan does not know. None: the configuration says nothing, the provider decides."""
        written = self.block(instance).get("expressions")
        expression = _expression(written, path, instance.values)
        attribute = next(step for step in reversed(path) if isinstance(step, str))
        if not isinstance(expression, Map):
            dynamic = len(path) > 1 and stem_of(attribute) and isinstance(written, Map) and path[0] not in written
            return Unknown(f"`{attribute}` of a dynamic block is known after apply") if dynamic else None
        references = texts(expression)
        scope, self._local_in = self._scope(instance), None
        found = [*self._found(references, scope, 0)]
        local_in = self._local_in
        spellings = [shape.terraform_spelling for shape in shapes_of(instance.type)]
        wanted = next((w for spelling in spellings if (w := spelling.named_by(instance.type, attribute))), ())
        kept = any(attribute in spelling.arns for spelling in spellings)
        names = wanted or kept or stem_of(attribute)
        choices: dict[Any, bool] = {}
        for each in found:
            value = self._value_of(each, attribute, kept)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str | int):
                    choices[item] = choices.get(item, False) or (each.certain and bool(names))
        fitting = [c for c in choices if (i := self._by_address.get(str(c))) and answers_to(i.type, wanted, attribute)]
        if not fitting and names and not kept and local_in is not None:
            fitting = self._only_ones(local_in, attribute, wanted, scope.key)
            choices = dict.fromkeys(fitting, False)
        return self._chosen(instance, attribute, fitting or list(choices), choices, references)

    def _chosen(
        self, instance: Instance, attribute: str, values: list[Any], certain: dict[Any, bool], references: list[str]
    ) -> Any:
        shown = ", ".join(f"`{r}`" for r in heads(references)) or "nothing that it shows"
        if not values or (len(values) > 1 and not is_many(attribute)):
            several = f": one of {', '.join(map(str, values[:4]))}" if values else ""
            reason = f"`{attribute}` is known after apply, from {shown}{several}"
            return Unknown(reason, instance.origin, tuple(map(str, values)))
        if len(values) > 1 or not certain[values[0]]:
            taken = f"{instance.address}: {attribute} is taken to be {', '.join(map(str, values))}"
            self.assumptions.append(f"{taken}; of it the plan shows {shown}")
        return values if is_many(attribute) else values[0]

    def _only_ones(self, local_in: str, attribute: str, wanted: tuple[str, ...], key: Key) -> list[str]:
        """What a local value stands for, of which a plan shows nothing: all that fit, if one block of the module makes them."""
        fitting = [
            (block, found)
            for (module, block), found in self._instances.items()
            if module == local_in and not block.startswith("data.") and answers_to(found[0].type, wanted, attribute)
        ]
        if len(fitting) != 1:
            return []
        instances = fitting[0][1]
        if len(instances) > 1 and not is_many(attribute):
            instances = [i for i in instances if i.key == key]
        return [i.address for i in instances]

    def _value_of(self, found: Found, asked: str, kept: bool) -> Any:
        instance, attribute = found.instance, found.attribute
        if attribute == "arn" and kept and (arn := self._attribute(instance, "Arn")):
            return arn
        if attribute and attribute != "id":
            value = self.value(instance, attribute)
            if value is not None and not isinstance(value, Unknown):
                return value if isinstance(value, str | int | list) else None
        if attribute == "firewall_status":
            self.value(instance, "subnet_mapping")
        if not attribute and not stem_of(asked) and asked != "role":
            return None
        return self._attribute(instance, attribute)

    # references

    def _found(self, references: Iterable[str], scope: Scope, steps: int) -> Iterator[Found]:
        texts = list(references)
        keyed = any(text.startswith(("each.", "count.")) for text in texts)
        for text in heads(texts) if steps < MAX_STEPS else ():
            first, *rest = tokens(text) or [""]
            if first == "local":
                self._local_in = scope.module
            elif first == "var":
                yield from self._of_variable(rest, scope, steps)
            elif first == "module":
                yield from self._of_output(rest, scope, keyed, steps)
            elif first == "each" and rest[:1] == ["value"] and isinstance(scope.for_each, Map):
                yield from self._of_each(rest[1:], scope, steps)
            elif first == "data" and len(rest) > 1:
                yield from self._of_resource(f"data.{rest[0]}.{rest[1]}", rest[2:], scope, keyed)
            elif rest and first not in ("each", "count", "path", "terraform", "self"):
                yield from self._of_resource(f"{first}.{rest[0]}", rest[1:], scope, keyed)

    def _of_each(self, rest: list[Key], scope: Scope, steps: int) -> Iterator[Found]:
        """What `each.value` is: one instance of a whole resource or module, or one of the values that a mapping holds."""
        outer, references = scope._replace(for_each=None), texts(scope.for_each)
        whole = [head for head in heads(references) if _is_whole(tokens(head))]
        inner = "".join(f".{word}" for word in rest if isinstance(word, str))
        yield from self._found([f"{head}[{json.dumps(scope.key)}]{inner}" for head in whole], outer, steps + 1)
        values = [text for text in references if text not in whole]
        yield from _narrowed(list(self._found(values, outer, steps + 1)), [scope.key], rest)

    def _of_variable(self, rest: list[Key], scope: Scope, steps: int) -> Iterator[Found]:
        parent, call = _split(scope.module)
        if call is None or not rest:
            return
        node = self._node(parent)
        calls = node.get("module_calls")
        made = calls.get(call[0]) if isinstance(calls, Map) else None
        expressions = made.get("expressions") if isinstance(made, Map) else None
        expression = expressions.get(str(rest[0])) if isinstance(expressions, Map) else None
        if isinstance(expression, Map) and isinstance(made, Map):
            outer = Scope(parent, node, call[1], made.get("for_each_expression"))
            yield from _narrowed(list(self._found(texts(expression), outer, steps + 1)), rest[1:], ())

    def _of_output(self, rest: list[Key], scope: Scope, keyed: bool, steps: int) -> Iterator[Found]:
        name, *more = rest or [""]
        key, more = (more[0], more[1:]) if more and _is_key(more[0]) else (None, more)
        base = f"{scope.module}.module.{name}" if scope.module else f"module.{name}"
        paths = [
            path for path in self._modules if path == base or (path.startswith(f"{base}[") and _split(path)[0] == scope.module)
        ]
        chosen = [p for p in paths if key is not None and p == f"{base}[{key}]"]
        if not chosen and len(paths) > 1 and keyed:
            chosen = [p for p in paths if p == f"{base}[{json.dumps(scope.key)}]"]
        for path in chosen or paths:
            node = self._node(path)
            outputs = node.get("outputs")
            for name, output in outputs.items() if isinstance(outputs, Map) else ():
                expression = output.get("expression") if isinstance(output, Map) else None
                if isinstance(expression, Map) and (not more or name == more[0]):
                    found = self._found(texts(expression), Scope(path, node, None, None), steps + 1)
                    yield from _narrowed([f if more else f._replace(certain=False) for f in found], more[1:], ())

    def _of_resource(self, block: str, rest: list[Key], scope: Scope, keyed: bool) -> Iterator[Found]:
        instances = self._instances.get((scope.module, block), [])
        key, rest = (rest[0], rest[1:]) if rest and _is_key(rest[0]) else (None, rest)
        attribute = rest[0] if rest and isinstance(rest[0], str) and not _is_key(rest[0]) else ""
        if key is not None:
            yield from (Found(i, attribute, True) for i in instances if json.dumps(i.key, ensure_ascii=False) == str(key))
        elif len(instances) == 1:
            yield Found(instances[0], attribute, True)
        elif keyed and (matching := _with_key(instances, scope.key)):
            yield Found(matching, attribute, False)
        else:
            yield from (Found(i, attribute, False) for i in instances)

    def _scope(self, instance: Instance) -> Scope:
        return Scope(instance.module, self._node(instance.module), instance.key, self.block(instance).get("for_each_expression"))

    def _node(self, module: str) -> Map:
        """The part of the configuration that a module's instances share."""
        node: Any = self._root
        for name, _ in _calls(module):
            calls = node.get("module_calls") if isinstance(node, Map) else None
            call = calls.get(name) if isinstance(calls, Map) else None
            node = call.get("module") if isinstance(call, Map) else None
        return node if isinstance(node, Map) else Map()


def heads(references: Iterable[str]) -> list[str]:
    """The references without the shorter forms of each that follow it: `a.b[0].id`, then `a.b[0]`, then `a.b`."""
    kept: list[str] = []
    for text in references:
        if not (kept and kept[-1].startswith((f"{text}.", f"{text}["))):
            kept.append(text)
    return list(dict.fromkeys(kept))


def texts(expression: Any) -> list[str]:
    """The references of an expression."""
    references = expression.get("references") if isinstance(expression, Map) else None
    return [text for text in references if isinstance(text, str)] if isinstance(references, list) else []


def _narrowed(found: list[Found], keys: Sequence[Key], rest: Sequence[Key]) -> Iterator[Found]:
    """What keys behind a reference pick of it: by the key of the instance or the name of the block, or by position."""
    for key in keys:
        if not _is_key(key) and key is not None:
            key = json.dumps(key)
        if isinstance(key, int) and len(found) > 1:
            ordered = sorted(found, key=_position) if len({f.instance.block for f in found}) == 1 else found
            found = [f._replace(certain=False) for f in ordered[key : key + 1]]
        elif isinstance(key, str) and len(found) > 1:
            name = json.loads(key)
            matching = [f for f in found if f.instance.key == name or f.instance.block.endswith(f".{name}")]
            found = [f._replace(certain=False) for f in matching] or found
    attribute = next((word for word in rest if isinstance(word, str) and not _is_key(word)), "")
    yield from (f._replace(attribute=attribute) for f in found) if attribute else found


def _position(found: Found) -> tuple[int, str]:
    key = found.instance.key
    return (key, "") if isinstance(key, int) else (0, str(key))


def _is_whole(words: Sequence[Key]) -> bool:
    """Whether a reference names a whole resource or module, with all its instances."""
    return len(words) == 2 and words[0] not in ("var", "local", "each", "count")


def _is_key(token: Key) -> bool:
    return isinstance(token, int) or (isinstance(token, str) and token.startswith('"'))


def _with_key(instances: list[Instance], key: Key) -> Instance | None:
    """The instance with the same key; `element` wraps a number around."""
    same = next((i for i in instances if i.key == key and type(i.key) is type(key)), None)
    if same is None and isinstance(key, int) and all(isinstance(i.key, int) for i in instances):
        same = next((i for i in instances if i.key == key % max(len(instances), 1)), None)
    return same


def _calls(module: str) -> Iterator[tuple[str, Key]]:
    """The calls that lead to a module: the name of each and its key."""
    words = tokens(module)
    while len(words) > 1:
        name, words = str(words[1]), words[2:]
        key, words = (words[0], words[1:]) if words and _is_key(words[0]) else (None, words)
        yield name, json.loads(key) if isinstance(key, str) else key


def _split(module: str) -> tuple[str, tuple[str, Key] | None]:
    """The path of the parent, and the call that made the module."""
    calls = [*_calls(module)]
    return ".".join(_step(name, key) for name, key in calls[:-1]), calls[-1] if calls else None


def _step(name: str, key: Key) -> str:
    return f"module.{name}" + ("" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]")


def _with_parents(modules: Iterable[str]) -> Iterator[str]:
    for module in set(modules):
        path: list[str] = []
        for name, key in _calls(module):
            path.append(_step(name, key))
            yield ".".join(path)


def _unknown_values(document: Map) -> dict[str, dict[str, Any]]:
    unknown: dict[str, dict[str, Any]] = {}
    for change in mappings(document.get("resource_changes")):
        made = change.get("change")
        marks = made.get("after_unknown") if isinstance(made, Map) else None
        if isinstance(marks, Map) and isinstance(address := change.get("address"), str):
            unknown[address] = {name: mark for name, mark in marks.items() if _marks(mark)}
    return unknown


def _marks(value: Any) -> bool:
    if isinstance(value, Map):
        return any(map(_marks, value.values()))
    return any(map(_marks, value)) if isinstance(value, list) else value is True


def _expression(node: Any, path: Iterable[Any], planned: Any) -> Any:
    """The expression at a place of a resource's configuration; blocks of a set are told apart by what is known of them."""
    for step in path:
        if isinstance(node, Map) and ("references" in node or "constant_value" in node):
            return node
        if isinstance(step, int):
            planned = planned[step] if isinstance(planned, list) and step < len(planned) else None
            node = _written_as(node, step, planned)
        else:
            planned = planned.get(step) if isinstance(planned, dict) else None
            node = node.get(step) if isinstance(node, Map) else None
    return node


def _written_as(blocks: Any, position: int, planned: Any) -> Any:
    """The block that makes an item: the one at its position unless that says otherwise, or else the only one that does not."""
    if not isinstance(blocks, list):
        return None
    fitting = [block for block in blocks if _fits(block, planned)]
    if position < len(blocks) and any(block is blocks[position] for block in fitting):
        return blocks[position]
    return fitting[0] if len(fitting) == 1 else None


def _fits(block: Any, planned: Any) -> bool:
    if not (isinstance(block, Map) and isinstance(planned, dict)):
        return True
    constants = {name: e["constant_value"] for name, e in block.items() if isinstance(e, Map) and "constant_value" in e}
    return all(planned.get(name) is None or _alike(planned[name], value) for name, value in constants.items())


def _alike(planned: Any, constant: Any) -> bool:
    """Whether a value is what was written: an attribute of text holds `true` as text."""
    return bool(planned == constant) or (isinstance(planned, str) and planned == json.dumps(constant))
