"""Has Python judge the automata of the generator.

    patterns.py make FILE MODEL...   makes texts for every pattern of the models (botocore's or Smithy's, or an overlay)
    patterns.py judge FILE           compares what the automata said of them, and of texts of their own

Between the two, a test of the project reads FILE, adds texts that its automata lead to, has the automata judge them
all and writes FILE.judged, one JSON array a line: pattern, whether it must match the whole text, text, verdict.
Texts are so made on both sides. Exit code 0 if `re` says the same of every one.
"""

import json
import pathlib
import random
import re
import sys

try:
    from re import _parser as sre
except ImportError:
    import sre_parse as sre

LETTERS = "aZ09-_./:+= @,\"\\[]{}()é😀"
CATEGORIES = {
    "CATEGORY_DIGIT": "0123456789",
    "CATEGORY_SPACE": " \t",
    "CATEGORY_WORD": "aZ09_",
    "CATEGORY_NOT_DIGIT": "aZ_- ",
    "CATEGORY_NOT_SPACE": "aZ0-/",
    "CATEGORY_NOT_WORD": " -/é",
}
# What the generator takes and `re` does not have, or has otherwise.
ELSEWHERE = re.compile(r"\\[pP]\{|\\u[dD][89a-fA-F]")


def python_of(pattern):
    """The pattern as `re` has it: its `$` also stands before a newline at the end, ours at the end alone."""
    out, in_class, escaped = "", False, False
    for letter in pattern:
        if not escaped and not in_class and letter == "$":
            out += r"\Z"
            continue
        if not escaped:
            in_class = letter == "[" or (in_class and letter != "]")
        escaped = letter == "\\" and not escaped
        out += letter
    return out


def patterns(value):
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("pattern", "smithy.api#pattern", "ecrspec.api#requestPattern") and isinstance(inner, str):
                yield inner
            else:
                yield from patterns(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from patterns(inner)


def class_letter(items):
    negated = items and str(items[0][0]) == "NEGATE"
    if negated:
        return random.choice(LETTERS)
    name, value = random.choice(items)
    name = str(name)
    if name == "LITERAL":
        return chr(value)
    if name == "RANGE":
        return chr(random.randint(value[0], min(value[1], value[0] + 200)))
    return random.choice(CATEGORIES.get(str(value), LETTERS))


def text_of(tree):
    out = ""
    for name, value in tree:
        name = str(name)
        if name == "LITERAL":
            out += chr(value)
        elif name in ("NOT_LITERAL", "ANY"):
            out += random.choice(LETTERS)
        elif name == "IN":
            out += class_letter(value)
        elif name == "CATEGORY":
            out += random.choice(CATEGORIES.get(str(value), LETTERS))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, inner = value
            most = min(int(most), int(least) + 5)
            out += "".join(text_of(inner) for _ in range(random.choice([int(least), random.randint(int(least), most)])))
        elif name == "SUBPATTERN":
            out += text_of(value[-1])
        elif name == "BRANCH":
            out += text_of(random.choice(value[1]))
    return out


def mutate(text):
    at = random.randint(0, len(text))
    kind = random.randrange(4)
    if kind == 0 and text:
        return text[: max(at - 1, 0)] + text[at:]
    if kind == 1:
        return text[:at] + random.choice(LETTERS) + text[at:]
    if kind == 2:
        return text + text[:at]
    return text[:at].swapcase() + text[at:]


def make(path, models):
    random.seed(7)
    found = set()
    for model in map(pathlib.Path, models):
        # A folder of botocore holds it under this name.
        with open(model / "service-2.json" if model.is_dir() else model, encoding="utf-8") as file:
            found.update(patterns(json.load(file)))
    made = []
    for pattern in sorted(found):
        texts = {"", "a", " ", "é"}
        if not ELSEWHERE.search(pattern):
            try:
                tree = sre.parse(python_of(pattern), re.ASCII)
                for _ in range(60):
                    text = text_of(tree)
                    texts.update([text, mutate(text), mutate(mutate(text))])
            except re.error as error:
                print(f"not for re: {pattern}: {error}")
        # Ends of lines are where the two dialects differ.
        made.append([pattern, sorted(text for text in texts if not re.search("[\n\r\u2028\u2029\ud800-\udfff]", text))])
    with open(path, "w", encoding="utf-8") as file:
        json.dump(made, file, ensure_ascii=False)
    print(f"{len(made)} patterns, {sum(len(texts) for _, texts in made)} texts")


def judge(path):
    counts, disputed, left_out = {True: 0, False: 0}, [], set()
    compiled = {}
    with open(f"{path}.judged", encoding="utf-8") as file:
        lines = file.read().split("\n")
    for line in filter(None, lines):
        pattern, full, text, verdict = json.loads(line)
        if re.search("[\n\r\u2028\u2029]", text):
            continue
        if pattern not in compiled:
            try:
                compiled[pattern] = None if ELSEWHERE.search(pattern) else re.compile(python_of(pattern), re.ASCII)
            except re.error:
                compiled[pattern] = None
        if compiled[pattern] is None:
            left_out.add(pattern)
            continue
        found = (compiled[pattern].fullmatch if full else compiled[pattern].search)(text)
        if bool(found) != verdict:
            disputed.append(f"{pattern} (full: {full}): {text!r}: {verdict} here, {not verdict} there")
        counts[verdict] += 1
    judged = sum(found is not None for found in compiled.values())
    print(f"{judged} patterns, {counts[True]} texts that match and {counts[False]} that do not: {len(disputed)} disputed")
    for pattern in sorted(left_out):
        print(f"  not for re: {pattern}")
    if disputed or min(counts.values()) < 100:
        sys.exit("\n".join(disputed[:40]) or "too few texts: are there no patterns?")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], sys.argv[3:])
    else:
        judge(sys.argv[2])
