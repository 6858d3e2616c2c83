#!/usr/bin/env python3
"""Judges the coverage that llvm-cov exported: report.py EXPORT.json SOURCES MOST_UNREACHABLE_LINES

A line is covered when a region of code that begins on it ran, or the one around it if none does. A branch is covered when its condition was both true and
false; a condition inside a macro is counted wherever the macro is used. Instances of a template count together.
"""
import json
import os
import re
import sys
from collections import defaultdict

CODE, EXPANSION, BRANCH = 0, 1, 4
MARKER = re.compile(r'//.*\bunreachable: \S')


def outermost_places(function):
    """For each of a function's files: the file and the place in it where it all began, if it is a macro's expansion."""
    places = {i: (name, ()) for i, name in enumerate(function['filenames'])}
    for _ in function['filenames']:  # expansions may nest
        for line, column, _, _, _, file, expanded, kind in function['regions']:
            if kind == EXPANSION:
                name, place = places[file]
                places[expanded] = (name, place or (line, column))
    return places


class Source:
    def __init__(self, path):
        with open(path, encoding='utf-8') as file:
            self.text = file.read().splitlines()
        self.marked = {number for number, line in enumerate(self.text, 1) if MARKER.search(line)}
        self.regions = defaultdict(int)   # (line, column, end line, end column) -> runs
        self.branches = defaultdict(lambda: [0, 0])  # (line, column, what) -> times true, times false

    def lines(self):
        """Line -> whether it is covered, for lines with code."""
        covered = {}
        for (line, _, end, end_column), runs in self.regions.items():
            last = end if end_column > 1 else end - 1
            for inner in range(line, last + 1):
                if self.text[inner - 1].strip(' {}()[];,') or inner == line:
                    covered.setdefault(inner, []).append((line, end, runs))
        result = {}
        for number, regions in covered.items():
            begun = [runs for line, _, runs in regions if line == number]
            innermost = min(regions, key=lambda region: region[1] - region[0])[2]
            result[number] = any(begun) if begun else innermost > 0
        return result

    def ran(self, line, column):
        """How often the innermost region around a place ran."""
        around = [(key, runs) for key, runs in self.regions.items() if key[:2] <= (line, column) < key[2:]]
        return min(around, key=lambda item: (item[0][2] - item[0][0], item[0][3] - item[0][1]))[1] if around else 0


def read(export, folder):
    sources = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(('.cpp', '.hpp')):
            sources[os.path.join(folder, name)] = Source(os.path.join(folder, name))
    with open(export, encoding='utf-8') as file:
        functions = json.load(file)['data'][0]['functions']
    for function in functions:
        places = outermost_places(function)
        for line, column, end, end_column, runs, file, _, kind in function['regions']:
            name, place = places[file]
            if name in sources and kind == CODE and not place:
                sources[name].regions[line, column, end, end_column] += runs
        for line, column, _, end_column, true, false, file, _, _ in function['branches']:
            name, place = places[file]
            if name in sources:
                at = place or (line, column)
                counts = sources[name].branches[(*at, (line, column, end_column))]
                counts[0] += true
                counts[1] += false
    return sources


def main():
    export, folder, most_unreachable = sys.argv[1], os.path.realpath(sys.argv[2]), int(sys.argv[3])
    sources = read(export, folder)
    passed = failed = 0
    all_lines = all_covered = all_branches = all_taken = all_marked = 0
    misses = []
    print(f'{"":28}{"lines":>14}{"branches":>16}{"unreachable":>13}')
    for path, source in sources.items():
        name = os.path.relpath(path, os.path.dirname(os.path.dirname(folder)))
        lines = {number: covered for number, covered in source.lines().items() if number not in source.marked}
        missed = [f'{name}:{number}: not run' for number, covered in sorted(lines.items()) if not covered]
        branches = taken = 0
        for (line, column, _), (true, false) in sorted(source.branches.items()):
            if line in source.marked or (true == false == 0 and source.ran(line, column) > 0):
                continue  # decided by the compiler
            branches += 2
            taken += (true > 0) + (false > 0)
            for count, what in ((true, 'true'), (false, 'false')):
                if count == 0:
                    missed.append(f'{name}:{line}:{column}: never {what}')
        covered = sum(lines.values())
        print(f'{name:28}{covered:6d} of {len(lines):4d}{taken:8d} of {branches:4d}{len(source.marked):13d}')
        if path.endswith('.cpp') and not lines:
            missed.append(f'{name}: no test holds it')
        if missed:
            failed += 1
        else:
            passed += 1
        misses += missed
        all_lines += len(lines)
        all_covered += covered
        all_branches += branches
        all_taken += taken
        all_marked += len(source.marked)
    print(f'{"src/core":28}{all_covered:6d} of {all_lines:4d}{all_taken:8d} of {all_branches:4d}{all_marked:13d}')
    print(f'lines {100 * all_covered / all_lines:.2f} %, branches {100 * all_taken / all_branches:.2f} %')
    print(*misses, sep='\n', end='\n' if misses else '')
    if all_marked > most_unreachable:
        failed += 1
        print(f'{all_marked} lines are marked unreachable; at most {most_unreachable} may be')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
