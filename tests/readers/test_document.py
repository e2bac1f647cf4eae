"""What `vpcsim.readers.document` makes of YAML and JSON, and what it says about files that are wrong or hostile."""

import gc
import json
import os
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpcsim.errors import InputError, Origin
from vpcsim.readers import document
from vpcsim.readers.document import List, Map, origin_of, parse, read, value_origin_of

TEMPLATE = """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
    Properties:
      CidrBlock: 10.0.0.0/16
      Tags:
        - Key: Name
          Value: !Sub "${AWS::StackName}-vpc"
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Select [0, !GetAZs ""]}
"""


def problem(text: bytes | str) -> str:
    with pytest.raises(InputError) as caught:
        parse(text, "net.yaml")
    assert len(caught.value.problems) == 1
    said = str(caught.value)
    assert "\n" not in said
    return said


# https://yaml.org/spec/1.2.2/#103-core-schema, and what a network file must not have converted


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("TRUE", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("443", 443),
        ("-1", -1),
        ("0.5", 0.5),
        ("-12.25", -12.25),
        ("123456789012", 123456789012),
        ("012345678901", "012345678901"),
        ("2010-09-09", "2010-09-09"),
        ("22:22", "22:22"),
        ("yes", "yes"),
        ("off", "off"),
        ("0x10", "0x10"),
        ("0o10", "0o10"),
        ("1e3", "1e3"),
        ("1_000", "1_000"),
        (".5", ".5"),
        (".inf", ".inf"),
        ("10.0.0.0/16", "10.0.0.0/16"),
        ("fd00::1", "fd00::1"),
        ("'443'", "443"),
        ('"true"', "true"),
        ('""', ""),
        ("! 12", "12"),
        ("!!str 12", "12"),
        ("!!int 12", 12),
        ("1" * 5000, "1" * 5000),
        ("1" * 400 + ".0", "1" * 400 + ".0"),
    ],
)
def test_only_booleans_null_and_plain_decimals_are_converted(written: str, value: object) -> None:
    result = parse(f"key: {written}\n", "f")
    assert isinstance(result, Map)
    assert result["key"] == value
    assert type(result["key"]) is type(value)


def test_keys_are_always_text() -> None:
    assert parse("{1: a, true: b, null: c, 012345678901: d}", "f") == {"1": "a", "true": "b", "null": "c", "012345678901": "d"}


@pytest.mark.parametrize("text", ['{"a": [1, {"b": null}]}', "a:\n- 1\n- b:\n", "# x\n%YAML 1.1\n---\na: [1, {b: }]\n...\n"])
def test_yaml_and_json_give_the_same_values(text: str) -> None:
    if text.startswith("#"):
        text = text.partition("\n")[2]
    assert parse(text, "f") == {"a": [1, {"b": None}]}


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("!Ref Vpc", {"Ref": "Vpc"}),
        ("!Ref 12", {"Ref": "12"}),
        ("!Condition Prod", {"Condition": "Prod"}),
        ("!GetAtt Vpc.CidrBlock", {"Fn::GetAtt": ["Vpc", "CidrBlock"]}),
        ("!GetAtt Nested.Outputs.VpcId", {"Fn::GetAtt": ["Nested", "Outputs.VpcId"]}),
        ("!GetAtt [Vpc, CidrBlock]", {"Fn::GetAtt": ["Vpc", "CidrBlock"]}),
        ('!Sub "${A}"', {"Fn::Sub": "${A}"}),
        ("!Sub ['${A}', {A: 1}]", {"Fn::Sub": ["${A}", {"A": 1}]}),
        ("!Join [',', [a, !Ref B]]", {"Fn::Join": [",", ["a", {"Ref": "B"}]]}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!GetAZs", {"Fn::GetAZs": ""}),
        ("!Cidr [!GetAtt V.C, 6, 5]", {"Fn::Cidr": [{"Fn::GetAtt": ["V", "C"]}, 6, 5]}),
        ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
        ("!ToJsonString {a: 1}", {"Fn::ToJsonString": {"a": 1}}),
    ],
)
def test_short_forms_become_long_ones(written: str, value: object) -> None:
    assert parse(f"key: {written}\n", "f") == {"key": value}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: !Subb x", "net.yaml:1:4: unknown tag `!Subb`, did you mean `!Sub`?"),
        ("a:\n  - !ref x", "net.yaml:2:5: unknown tag `!ref`, did you mean `!Ref`?"),
        ("a: !!python/object:os.system x", "net.yaml:1:4: unknown tag `!!python/object:os.system`"),
        ("a: !!binary aGk=", "net.yaml:1:4: unknown tag `!!binary`"),
        ("a: !!set {x}", "net.yaml:1:4: unknown tag `!!set`"),
        ("a: !e!x y", "net.yaml:1:4: unknown tag"),
        ("!Ref x: y", "net.yaml:1:1: a key must be plain text, not a list, a mapping, a function or an alias"),
    ],
)
def test_other_tags_are_refused(text: str, said: str) -> None:
    assert problem(text) == said


# places


def test_every_entry_knows_its_place() -> None:
    template = parse(TEMPLATE, "net.yaml")
    vpc, subnet = template["Resources"]["Vpc"], template["Resources"]["Subnet"]
    assert origin_of(template["Resources"], "Subnet") == Origin("net.yaml", 9, 3)
    assert origin_of(vpc["Properties"], "CidrBlock") == Origin("net.yaml", 5, 7)
    assert value_origin_of(vpc["Properties"], "CidrBlock") == Origin("net.yaml", 5, 18)
    assert origin_of(vpc["Properties"]["Tags"], 0) == Origin("net.yaml", 7, 11)
    assert origin_of(vpc["Properties"]["Tags"][0], "Value") == Origin("net.yaml", 8, 11)
    assert vpc["Properties"]["Tags"][0]["Value"].origin == Origin("net.yaml", 8, 18)
    assert origin_of(subnet["Properties"], "AvailabilityZone") == Origin("net.yaml", 11, 35)
    assert origin_of(subnet["Properties"]["VpcId"], "Ref") == Origin("net.yaml", 11, 25)


def test_what_has_no_place_has_that_of_its_container() -> None:
    template = parse("\n\na: [1]\n", "f")
    assert origin_of(template, "nowhere") == Origin("f", 3, 1)
    assert origin_of(template["a"], 7) == Origin("f", 3, 4)
    assert origin_of(template["a"], -1) == Origin("f", 3, 4)
    assert origin_of(List("f"), 0) == Origin("f")


TEXTS = st.integers() | st.text("ab é\t\"'\\", max_size=5)
VALUES = st.recursive(TEXTS, lambda inner: st.lists(inner) | st.dictionaries(st.text("xyz", min_size=1), inner))


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_places_of_json_point_at_the_text(value: object) -> None:
    text = json.dumps({"root": value}, indent=1, ensure_ascii=False)
    lines = text.split("\n")

    def check(node: object) -> None:
        if isinstance(node, Map):
            for key in node:
                origin = origin_of(node, key)
                assert lines[origin.line - 1][origin.column - 1 :].startswith(json.dumps(key))
                check(node[key])
        if isinstance(node, List):
            for index, child in enumerate(node):
                origin = origin_of(node, index)
                if not isinstance(child, (Map, List)):
                    assert lines[origin.line - 1][origin.column - 1 :].startswith(json.dumps(child, ensure_ascii=False))
                check(child)

    result = parse(text, "f")
    assert result == {"root": value}
    check(result)


# https://yaml.org/type/merge.html


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n", {"b": 3, "a": 1}),
        ("x: &x {a: 1, b: 2}\ny:\n  b: 3\n  <<: *x\n", {"b": 3, "a": 1}),
        ("x: &x {a: 1}\ny: {<<: [*x, {a: 2, c: 3}]}\n", {"a": 1, "c": 3}),
        ("x: &x {a: 1}\nz: &z {<<: *x, b: 2}\ny: {<<: *z}\n", {"b": 2, "a": 1}),
        ('y: {"<<": text}\n', {"<<": "text"}),
    ],
)
def test_merge_keys(text: str, value: object) -> None:
    assert parse(text, "f")["y"] == value


def test_a_merged_entry_keeps_its_place() -> None:
    assert origin_of(parse("x: &x\n  a: 1\ny:\n  <<: *x\n", "f")["y"], "a") == Origin("f", 2, 3)


def test_aliases_repeat_a_value() -> None:
    assert parse("a: &a [1, &b x]\nc: *a\nd: *b\n", "f") == {"a": [1, "x"], "c": [1, "x"], "d": "x"}


# what is wrong, in plain words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\tb: c", "2:1: a tab indents this line: YAML is indented with spaces"),
        ("a:\n  b: c\n\td: e", "3:1: a tab indents this line: YAML is indented with spaces"),
        ("a: b: c", "1:5: `: ` is not expected here: quote a value that holds `: `, or correct the indentation"),
        ("a: 1\n b: 2", "2:3: `: ` is not expected here: quote a value that holds `: `, or correct the indentation"),
        ("a: x\nb\nc: d", "2:1: not expected here: `: ` is missing behind a key, or the indentation is wrong"),
        ("a: - b", "1:4: `- ` is not expected here: a list starts on a line of its own"),
        ("- a\nb: c", "2:1: wrong indentation: the next `- ` of the list is expected here"),
        ("a:\n    b: 1\n  c: 2", "3:3: not expected here: wrong indentation, or text behind a complete value"),
        ("a: [1, 2\nb: 3", "2:2: expected `,` or the closing bracket"),
        ("a: [1, 2", "1:4: a bracket that is opened here is never closed"),
        ("x: 1\na: {b: c\n\n", "2:4: a bracket that is opened here is never closed"),
        ('a: 1\nb: "x', "2:4: a quote that is opened here is never closed"),
        ("a: @x", "1:4: a value cannot start with `@`: put it in quotes"),
        ("a: %x", "1:4: a value cannot start with `%`: put it in quotes"),
        ("a: *", "1:5: `*` and `&` start an alias or an anchor: put the value in quotes"),
        ('a: "x\\q"', "1:6: unknown escape: in double quotes a backslash is written `\\\\`, or use single quotes"),
        ("a: |x\n b", "1:5: nothing but a comment may follow `|` or `>` on its line"),
        (
            "a: !Base64 !Sub x",
            "1:12: two short forms cannot follow each other: write the outer one in its long form, as in `Fn::Base64: !Sub ...`",
        ),
        ("%YAML 3.0\n---\na: 1", "1:1: this version of YAML is not known: write `%YAML 1.1`, or leave the line out"),
        ('{"a" 1}', "1:6: expected `:` after the key"),
        ('{"a": 1\n "b": 2}', "2:2: expected `,` or the closing bracket"),
        ('{\n"a": [1, 2\n}', "3:1: expected `,` or the closing bracket"),
        ('{"a": "x\\q"}', "1:9: unknown escape: in a string a backslash is written `\\\\`"),
        ('{"a": 1} x', "1:10: text follows the end of the document"),
        ("[1, 2]]", "1:7: text follows the end of the document"),
        ('{"a": "x', "1:7: a quote that is opened here is never closed"),
        ("{a: b", "1:1: a bracket that is opened here is never closed"),
        ("? [a]\n: b", "1:3: a key must be plain text, not a list, a mapping, a function or an alias"),
        ("a: 1\nb: 2\na: 3", "3:1: duplicate key `a`, first written on line 1"),
        ('{"a": 1, "a": 2}', "1:10: duplicate key `a`, first written on line 1"),
        ("--- a: 1\n--- b", "1:6: `: ` is not expected here: quote a value that holds `: `, or correct the indentation"),
        ("a: 1\n---\nb: 2", "2:1: a second document starts here; only one document per file is read"),
        ("a: 1\n---\n", "2:1: a second document starts here; only one document per file is read"),
        ("<<: 1", "1:1: `<<` takes a mapping or a list of mappings"),
        ("a: *b", "1:4: no anchor `&b` before this alias"),
        ("a: &vpcs 1\nb: *vpc", "2:4: no anchor `&vpc` before this alias, did you mean `vpcs`?"),
        ("a: \x01", "1:4: the control character U+0001 cannot be in a text file"),
    ],
)
def test_syntax_errors(text: str, said: str) -> None:
    assert problem(text) == f"net.yaml:{said}"


@pytest.mark.parametrize("text", ["", " \n", "# only a comment\n", "---\n", "null\n", b"", b"\xef\xbb\xbf"])
def test_empty_documents(text: bytes | str) -> None:
    assert problem(text) == "net.yaml: the document is empty"


# JSON, https://www.rfc-editor.org/rfc/rfc8259


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{\n\t"a"\t:\t[1,\t2]\n}', {"a": [1, 2]}),
        ('{"a":"\\/ \\u00e9 \\" \\\\"}', {"a": '/ é " \\'}),
        ('{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ('{"a"\n:1}', {"a": 1}),
        ('{"' + "k" * 2000 + '":1}', {"k" * 2000: 1}),
        ('{"a":"\\ud83d\\ude00","b":[1,0.5,1e3,true,{"c":null}]}', {"a": "\U0001f600", "b": [1, 0.5, "1e3", True, {"c": None}]}),
        ("[]", []),
    ],
)
def test_json(text: str, value: object) -> None:
    result = parse(text, "f")
    assert result == value
    assert isinstance(result, (Map, List))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":"\\ud83d\\ude00","b":1,"b":2}', "net.yaml: duplicate key `b`"),
        ('{"a":"\\ud83d"}', "net.yaml: half of a surrogate pair is not a character"),
        ('{"\\ud83d":1}', "net.yaml: half of a surrogate pair is not a character"),
        ('{"a":"\\ud83d\\ude00","b":' + "[" * 150 + "]" * 150 + "}", "net.yaml: nested deeper than 100 levels"),
    ],
)
def test_json_that_only_the_second_parser_reads(text: str, said: str) -> None:
    assert problem(text) == said


def test_json_that_is_too_deep_for_either_parser() -> None:
    text = '{"a":"\\ud83d\\ude00","b":' + "[" * 5000 + "]" * 5000 + "}"
    assert problem(text).endswith(": nested deeper than 100 levels")


# characters


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    assert parse("name: Zürich\n".encode(encoding), "f") == {"name": "Zürich"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: 1\nb: \xff", "net.yaml:2:4: not a text file in UTF-8: the byte 0xff is not part of a character"),
        (b"\x89PNG\r\n\x1a\n", "net.yaml:1:1: not a text file in UTF-8: the byte 0x89 is not part of a character"),
        (b"PK\x03\x04\x00\x00", "net.yaml:1:5: not a text file: it holds a NUL byte"),
        ("a: 1".encode("utf-16-le"), "net.yaml:1:2: not a text file: it holds a NUL byte"),
        (b"\xff\xfea", "net.yaml: not a text file: broken UTF-16"),
        ("a: 1".encode("utf-32"), "net.yaml:1:1: not a text file: it holds a NUL byte"),
        ("a: \ud800", "net.yaml:1:4: half of a surrogate pair is not a character"),
    ],
)
def test_what_is_no_text(text: bytes | str, said: str) -> None:
    assert problem(text) == said


# files


def test_read_gives_places_in_the_file_as_named(tmp_path, monkeypatch) -> None:
    (tmp_path / "net.yaml").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    assert origin_of(read("net.yaml"), "Resources") == Origin("net.yaml", 1, 1)
    assert origin_of(read(tmp_path / "net.yaml"), "Resources").file == str(tmp_path / "net.yaml")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nte.yaml", "nte.yaml: no such file, did you mean `net.yaml`?"),
        ("sub/nte.yaml", "sub/nte.yaml: no such file, did you mean `sub/net.yml`?"),
        ("zzz", "zzz: no such file"),
        ("gone/net.yaml", "gone/net.yaml: no such file: the folder `gone` does not exist or cannot be read"),
        ("sub", "sub: `sub` is a folder, not a file"),
        ("net.yaml/x", "net.yaml/x: cannot read the file: not a directory"),
        ("a\0b", "a\\0b: no file can have this name"),
        ("x" * 300, f"{'x' * 300}: cannot read the file: file name too long"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, monkeypatch, name: str, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.yaml").write_text("a: 1")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "net.yml").write_text("a: 1")
    with pytest.raises(InputError) as caught:
        read(name)
    assert str(caught.value) == said


def test_a_file_without_permission(tmp_path, monkeypatch) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("a: 1")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(InputError, match="cannot read the file: permission denied"):
        read(file)


def test_the_size_is_looked_at_before_reading(tmp_path) -> None:
    file = tmp_path / "net.yaml"
    with open(file, "wb") as stream:
        stream.truncate(document.MAX_BYTES + 1)
    with pytest.raises(InputError, match="at most 64 MiB are read"):
        read(file)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs /dev/zero")
def test_a_file_without_end() -> None:
    with pytest.raises(InputError, match="at most 64 MiB are read"):
        read("/dev/zero")


# hostile documents: refused at once, in little memory

LEVELS = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 30)]
MERGES = [f"m{level}: &m{level}\n  <<: [*m{level - 1}, *m{level - 1}]\n  k{level}: 1\n" for level in range(1, 2000)]
HOSTILE = {
    "an alias bomb": ("a0: &a0 [x]\n" + "".join(LEVELS), "the aliases of this document stand for more than 1,000,000 values"),
    "a merge bomb": ("m0: &m0 {a: 1}\n" + "".join(MERGES), "the aliases of this document stand for more than 1,000,000 values"),
    "an alias within itself": ("a: &a [*a]", "net.yaml:1:8: the alias `*a` stands inside the value that it repeats"),
    "an alias as its own merge": ("a: &a {<<: *a}", "net.yaml:1:12: the alias `*a` stands inside the value that it repeats"),
    "deep brackets": ("[" * 1_000_000, "net.yaml:1:1001: nested deeper than 100 levels"),
    "deep braces": ('{"a":' * 200_000, "net.yaml:1:501: nested deeper than 100 levels"),
    "deep dashes": ("- " * 100_000, "net.yaml:1:201: nested deeper than 100 levels"),
    "deep short forms": ("a: " + "!Not [" * 60, "nested deeper than 100 levels"),
    "deep aliases": ("".join(f"a{n}: &a{n} [[[[[{f'*a{n - 1}' if n else 1}]]]]]\n" for n in range(30)), "once `*a18` is put in"),
    "a long key": ("? " + "k" * 10_000_000 + "\n: [", "a bracket that is opened here is never closed"),
    "a long duplicate key": (f'{{"{"k" * 900}": 1, "{"k" * 900}": 2}}', "duplicate key `kkk"),
    "a long tag": ("a: !" + "x" * 100_000 + " y", "unknown tag `!xxx"),
    "a long alias": ("a: &" + "x" * 100_000 + " 1\nb: *" + "x" * 99_999, "no anchor `&xxx"),
    "many anchors": ("".join(f"- &a{n} x\n" for n in range(50_000)) + "- *b", "no anchor `&b` before this alias"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents(name: str) -> None:
    text, said = HOSTILE[name]
    tracemalloc.start()
    try:
        message = problem(text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert said in message
    assert len(message) < 200
    assert peak < 20 * len(text) + 50_000_000


def test_too_many_values(monkeypatch) -> None:
    monkeypatch.setattr(document, "MAX_VALUES", 1000)
    assert "more than 1,000 values" in problem("[" + "[]," * 2000 + "]")
    assert "more than 1,000 values" in problem("- 1\n" * 2000)
    assert "more than 1,000 values" in problem('["\\ud83d\\ude00"' + ",1" * 2000 + "]")


def test_the_largest_allowed_nesting() -> None:
    assert parse("[" * 100 + "]" * 100, "f")
    with pytest.raises(InputError, match="nested deeper than 100 levels"):
        parse("[" * 101 + "]" * 101, "f")


def test_garbage_collection_is_as_it_was() -> None:
    assert gc.isenabled()
    parse("a: 1", "f")
    problem("a: [")
    assert gc.isenabled()
    gc.disable()
    try:
        parse("a: 1", "f")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_parser_in_python_reads_the_same(monkeypatch) -> None:
    import yaml

    fast = parse(TEMPLATE, "f")
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert parse(TEMPLATE, "f") == fast
    assert parse('{\n\t"a":\t[1]}', "f") == {"a": [1]}
    assert problem("a: b: c").endswith("quote a value that holds `: `, or correct the indentation")
    assert problem("a:\n\tb: c") == "net.yaml:2:1: a tab indents this line: YAML is indented with spaces"
    assert problem("a: [1") == "net.yaml:1:4: a bracket that is opened here is never closed"
    assert "control character" in problem("a: \x01")


def test_a_large_document_is_read() -> None:
    entry = "  R{0}:\n    Type: AWS::EC2::Subnet\n    Properties:\n      VpcId: !Ref Vpc\n      CidrBlock: 10.0.{0}.0/24\n"
    text = "Resources:\n" + "".join(entry.format(number) for number in range(10_000))
    assert len(parse(text, "f")["Resources"]) == 10_000


# only InputError may come out


def read_anything(text: bytes | str) -> None:
    said = ""
    try:
        parse(text, "f")
    except InputError as error:
        said = str(error)
    assert said.isprintable()


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes(text: bytes) -> None:
    read_anything(text)


@given(st.text("ab:-?,[]{}&*!|>'\"%@`#<\\ \n\t~0.\ud800\U0001f600", max_size=40))
@settings(max_examples=600, deadline=None)
def test_any_yaml_like_text(text: str) -> None:
    read_anything(text)


@given(st.sampled_from([TEMPLATE, json.dumps({"a": ["é", {"b": "\U0001f600"}], "c": 1.5})]), st.data())
@settings(max_examples=300, deadline=None)
def test_truncated_and_mutated_documents(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    put = data.draw(st.text(st.sampled_from('\x00\t\n :-[]{}"&*!\\x'), max_size=3))
    read_anything(text[:cut])
    read_anything(text[:cut] + put + text[cut + data.draw(st.integers(0, 3)) :])
