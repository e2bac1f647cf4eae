"""One stack: a template together with its context, evaluated as far as somebody asks."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from graphlib import CycleError, TopologicalSorter
from typing import Any

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import List, Map, Node
from vpcsim.readers.intrinsics.evaluation import LANGUAGE_EXTENSIONS, Evaluation, chain
from vpcsim.readers.intrinsics.functions import macro
from vpcsim.readers.intrinsics.loops import has_loops
from vpcsim.readers.intrinsics.misspelt import misspelt_properties
from vpcsim.readers.intrinsics.parameters import evaluate_parameters
from vpcsim.readers.intrinsics.rules import check_rules
from vpcsim.readers.intrinsics.values import Invalid, StackContext, Unknown, kind, place, pseudo_parameters

SECTIONS = (
    "AWSTemplateFormatVersion", "Conditions", "Description", "Globals", "Hooks", "Mappings", "Metadata", "Outputs", "Parameters",
    "Resources", "Rules", "Transform",
)  # fmt: skip
ATTRIBUTES = (
    "Condition", "CreationPolicy", "DeletionPolicy", "DependsOn", "Metadata", "Properties", "Type", "UpdatePolicy",
    "UpdateReplacePolicy",
)  # fmt: skip


class ResourceDeclaration:
    """A resource that the stack creates. `properties` is evaluated when it is first read; it keeps the places of the template."""

    __slots__ = ("_stack", "body", "depends_on", "logical_id", "origin", "type")

    def __init__(self, stack: Stack, logical_id: str, body: Map, origin: Origin | None) -> None:
        self._stack, self.logical_id, self.body, self.origin = stack, logical_id, body, origin
        self.type = body["Type"]
        self.depends_on = stack.depends_on(logical_id, body)

    @property
    def properties(self) -> Map:
        return self._stack.properties(self)

    def __repr__(self) -> str:
        return f"ResourceDeclaration({self.logical_id!r}, {self.type!r})"


@dataclass(frozen=True)
class OutputDeclaration:
    """An output of the stack; `export` is the name for other stacks, None if it has none."""

    name: str
    value: Any
    export: Any
    origin: Origin | None


class Stack(Evaluation):
    """A template evaluated in a context.

    Raises InputError if the template is no mapping. Everything else that is wrong with it is in `problems`.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
    """

    def __init__(self, template: Node, context: StackContext | None = None) -> None:
        if not isinstance(template, Map):
            origin = template.origin if isinstance(template, List) else None
            raise InputError(Problem(f"a template must be a mapping, not {kind(template)}", origin))
        super().__init__(template, context or StackContext())
        self._properties: dict[str, Map] = {}
        self.uncertain: dict[str, Unknown] = {}
        """By resource: why it cannot be known whether it is created."""
        self.shapeless: dict[str, Unknown] = {}
        """By resource: why its properties are not known."""
        self.rewritten: Unknown | None = None
        """The macro that may make something else of every resource, and others beside."""
        self._uses: dict[str, dict[str, Origin | None]] = {}
        self._complete = False
        self._bodies = self._output_bodies = Map()
        self._transforms()
        self._sections()

    def _transforms(self) -> None:
        named = self.template.get("Transform", [])
        for transform in named if isinstance(named, list) else [named]:
            if transform == LANGUAGE_EXTENSIONS:
                self.extended = True
            elif (name := _transform_name(transform)) in BESIDE_THE_NETWORK:
                self.report.assume(f"the transform `{name}` is not run: it is taken to change nothing of the network")
            elif name != INCLUDE:
                self.rewritten = macro(name)

    def _sections(self) -> None:
        for name in self.template.keys() - SECTIONS:
            self.report.problem(f"no section `{name}` in a template", place(self.template, name), name, SECTIONS)
        self.mappings = self._section("Mappings")
        self.parameters = self._section("Parameters")
        self._names = pseudo_parameters(self.context) | evaluate_parameters(self.parameters, self.context, self.report)
        self.conditions = self._written_out("Conditions")
        self._bodies = self._written_out("Resources")
        if TRANSFORM in self._bodies:
            rest = Map(self._bodies.file, self._bodies.line, self._bodies.column)
            rest.places = self._bodies.places
            rest.update({name: body for name, body in self._bodies.items() if name != TRANSFORM})
            named = self._bodies[TRANSFORM]
            self.rewritten, self._bodies = macro(_transform_name(named)) if _transform_name(named) != INCLUDE else None, rest
        self._output_bodies = self._written_out("Outputs")
        if not self._bodies:
            self.report.problem("the template has no resources", place(self.template, "Resources"))
        self._resources = {name: made for name, body in self._bodies.items() if (made := self._declared(name, body))}

    def _section(self, name: str) -> Map:
        section = self.template.get(name)
        if isinstance(section, Map):
            return section
        if name in self.template:
            self.report.problem(f"`{name}` must be a mapping, not {kind(section)}", place(self.template, name))
        return Map(self.template.file, self.template.line, self.template.column)

    def _written_out(self, name: str) -> Map:
        section = self._section(name)
        if has_loops(section):
            self.needs_language_extensions("`Fn::ForEach`")
        return self.loops.written_out(section)

    # what a caller asks

    @property
    def resources(self) -> dict[str, ResourceDeclaration]:
        """The resources that the stack creates, by logical id: those with a false condition are left out."""
        return {name: made for name, made in self._resources.items() if self._included(made)}

    @cached_property
    def outputs(self) -> dict[str, OutputDeclaration]:
        """The outputs, by name: those with a false condition are left out."""
        found = {name: self._output(name, body) for name, body in self._output_bodies.items()}
        return {name: output for name, output in found.items() if output}

    def output(self, name: str) -> OutputDeclaration | None:
        """One output, without a look at the others; None if there is none or its condition is false."""
        return self._output(name, self._output_bodies[name]) if name in self._output_bodies else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that is wrong with the template and the given parameters, in the order of the file."""
        self._evaluate()
        return tuple(sorted(self.report.problems, key=lambda problem: (problem.origin or Origin(""), problem.message)))

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What may matter and is not known, one line each."""
        self._evaluate()
        return tuple(self.report.notices)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What was taken to be so because the template does not say it, one line each."""
        self._evaluate()
        return tuple(self.report.assumptions)

    def _evaluate(self) -> None:
        if self._complete:
            return
        self._complete = True
        check_rules(self._section("Rules"), self)
        for name in self.conditions:
            self.attempt(partial(self.named_condition, name), place(self.conditions, name))
        for resource in self.resources.values():
            _ = resource.properties
        _ = self.outputs
        self._circles()

    # resources and outputs

    def _declared(self, name: str, body: Any) -> ResourceDeclaration | None:
        origin = place(self._bodies, name)
        problem = self._body_problem(name, body)
        if problem:
            self.report.problem(problem, origin)
            return None
        if TRANSFORM in body:
            self.uncertain[name] = macro(_transform_name(body[TRANSFORM]))
        for attribute in body.keys() - {*ATTRIBUTES, TRANSFORM}:
            message = f"resource `{name}` has no attribute `{attribute}`"
            self.report.problem(message, place(body, attribute), attribute, ATTRIBUTES)
        self._check_properties(name, body)
        return ResourceDeclaration(self, name, body, origin)

    def _check_properties(self, name: str, body: Map) -> None:
        """CloudFormation refuses a property that its type does not have; one that no other looks like may be new.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-template.html
        """
        properties = body.get("Properties")
        if not isinstance(properties, Map) or self.rewritten is not None or TRANSFORM in body:
            return
        for key, meant in misspelt_properties(body["Type"], properties):
            message = f"`{key}` of `{name}` is not a property of {body['Type']}; did you mean `{meant}`?"
            self.report.problem(message, place(properties, key))

    def _body_problem(self, name: str, body: Any) -> str:
        if not (name.isascii() and name.isalnum()):
            return f"the logical id `{name}` may only have letters and digits"
        if not isinstance(body, Map):
            return f"resource `{name}` must be a mapping, not {kind(body)}"
        if not isinstance(body.get("Type"), str):
            return f"resource `{name}` has no `Type`"
        return ""

    def depends_on(self, name: str, body: Map) -> tuple[str, ...]:
        given = body.get("DependsOn", [])
        found = []
        for other in given if isinstance(given, list) else [given]:
            if isinstance(other, str) and other in self._bodies:
                found.append(other)
                self._uses.setdefault(name, {})[other] = place(body, "DependsOn")
            else:
                message = f"no resource `{other}` for `{name}` to depend on"
                self.report.problem(message, place(body, "DependsOn"), str(other), self._bodies)
        return tuple(found)

    def _included(self, resource: ResourceDeclaration) -> bool:
        if "Condition" not in resource.body:
            return True
        name = resource.body["Condition"]
        origin = place(resource.body, "Condition")
        holds = self.attempt(lambda: self.named_condition(name), origin)
        if isinstance(holds, Unknown) and Problem(holds.reason, origin) not in self.report.problems:
            self.report.assume(f"resource `{resource.logical_id}` is created: its condition `{name}` cannot be known")
            self.uncertain[resource.logical_id] = holds
        return holds is not False

    def properties(self, resource: ResourceDeclaration) -> Map:
        """Raises Invalid only while another value is evaluated that needs these properties."""
        name = resource.logical_id
        if name not in self._properties:
            evaluate = partial(self._evaluated_properties, name, resource.body)
            value = evaluate() if self.evaluating else self.attempt(evaluate, resource.origin)
            body = resource.body
            self._properties[name] = value if isinstance(value, Map) else Map(body.file, body.line, body.column)
        return self._properties[name]

    def _evaluated_properties(self, name: str, body: Map) -> Any:
        if name in self.evaluating:
            raise Invalid(f"these need each other's properties: {chain(self.evaluating, name)}")
        with self.inside(name):
            value = self.value(body.get("Properties"))
        if isinstance(value, Unknown):
            self.shapeless[name] = value
        elif value is not None and not isinstance(value, Map):
            raise Invalid(f"the properties of `{name}` must be a mapping, not {kind(value)}")
        return value

    def _output(self, name: str, body: Any) -> OutputDeclaration | None:
        origin = place(self._output_bodies, name)
        if not isinstance(body, Map) or "Value" not in body:
            self.report.problem(f"output `{name}` must be a mapping with a `Value`", origin)
            return None
        if "Condition" in body:
            condition = place(body, "Condition")
            if self.attempt(lambda: self.named_condition(body["Condition"]), condition) is False:
                return None
        value = self.attempt(lambda: self.value(body["Value"]), origin)
        exported = body.get("Export")
        export = self.attempt(lambda: self.value(exported.get("Name")), origin) if isinstance(exported, Map) else None
        return OutputDeclaration(name, value, export, origin)

    # names

    def ref(self, name: str) -> Any:
        """What `Ref` gives for a name. Raises Invalid if there is none."""
        if name in self._names:
            return self._names[name]
        if name not in self._bodies:
            known = ChainMap(self._names, self._bodies)
            return self._foreign(name) or self._unnamed(f"no parameter or resource `{name}`", name, known)
        resource = self._used(name)
        return resource if isinstance(resource, Unknown) else self.context.ref(name, resource)

    def attribute(self, logical_id: str, name: str) -> Any:
        """What `Fn::GetAtt` gives. Raises Invalid if there is no such resource."""
        if logical_id not in self._bodies:
            message = f"no resource `{logical_id}` for `{logical_id}.{name}`"
            return self._foreign(logical_id) or self._unnamed(message, logical_id, self._bodies)
        resource = self._used(logical_id)
        return resource if isinstance(resource, Unknown) else self.context.attribute(logical_id, resource, name)

    def _foreign(self, name: str) -> Unknown | None:
        """Why a name may be one that the template does not show: a macro may declare it, or a module hold it.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/module-ref-resources.html
        """
        for id, body in self._bodies.items():
            module = isinstance(body, Map) and str(body.get("Type")).endswith("::MODULE")
            if module and name.startswith(id) and len(name) > len(id):
                return Unknown(f"`{name}` is in the module `{id}`, and what that holds is in the registry of the account")
        if self.context.incomplete:
            return Unknown(f"`{name}` is not declared here; what the template includes is not all here")
        return self.rewritten

    def _unnamed(self, message: str, name: str, known: Collection[str]) -> Any:
        raise Invalid(message, name, known)

    def _used(self, name: str) -> ResourceDeclaration | Unknown:
        if self.evaluating and self.evaluating[-1].startswith("condition "):
            raise Invalid(f"a condition cannot refer to a resource: `{name}`")
        if self.evaluating:
            self._uses.setdefault(self.evaluating[-1], {}).setdefault(name, place(self._bodies, self.evaluating[-1]))
        resource = self._resources.get(name)
        if resource is None:
            return Unknown(f"resource `{name}` is not declared as it should be")
        if not self._included(resource):
            raise Invalid(f"resource `{name}` is not created here: its condition `{resource.body['Condition']}` is false")
        return resource

    def _circles(self) -> None:
        """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html: circular dependency errors."""
        for circle in _circles({name: list(self._uses.get(name, ())) for name in self._bodies}):
            names = " -> ".join(f"`{name}`" for name in circle)
            self.report.problem(f"circular dependency: {names}", place(self._bodies, circle[0]))


def _circles(uses: dict[str, list[str]]) -> Iterator[list[str]]:
    """Up to twenty ways around among names that use each other, each name in one of them; first and last name are the same."""
    order = {name: position for position, name in enumerate(uses)}
    for _ in range(20):
        try:
            TopologicalSorter(uses).prepare()
        except CycleError as error:
            circle = error.args[1][:0:-1]
            first = circle.index(min(circle, key=order.__getitem__))
            yield [*circle[first:], *circle[: first + 1]]
            uses = {name: [other for other in used if other not in circle] for name, used in uses.items() if name not in circle}
        else:
            return


BESIDE_THE_NETWORK = ("AWS::CodeDeployBlueGreen", "AWS::SecretsManager-2020-07-23", "AWS::SecretsManager-2024-09-16")
"""Transforms that add what no packet passes: hooks of deployments, functions that rotate secrets."""
INCLUDE, TRANSFORM = "AWS::Include", "Fn::Transform"


def _transform_name(transform: Any) -> str:
    return str(transform.get("Name", "")) if isinstance(transform, dict) else str(transform)
