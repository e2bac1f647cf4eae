"""CloudFormation's parameters, conditions and intrinsic functions, evaluated for one stack.

    template = document.read("network.yaml")
    stack = Stack(template, StackContext(region="eu-west-1", parameters={"Env": "prod"}))
    stack.resources["Subnet"].properties["CidrBlock"], stack.problems, stack.assumptions

A value that the template does not hold is an `Unknown`; what AWS would not accept is a Problem, and evaluation goes on.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html

Not modelled: macros, modules, Fn::RefAll, Fn::ValueOf, Fn::ValueOfAll.
"""

from vpcsim.readers.intrinsics.stack import OutputDeclaration, ResourceDeclaration, Stack
from vpcsim.readers.intrinsics.values import StackContext, Unknown

__all__ = ["OutputDeclaration", "ResourceDeclaration", "Stack", "StackContext", "Unknown"]
