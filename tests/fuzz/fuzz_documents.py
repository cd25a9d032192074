"""The documents target for atheris (`pip install atheris`), guided by coverage.

    PYTHONPATH=tests python tests/fuzz/fuzz_documents.py tests/fuzz/corpus/documents -max_total_time=600

New inputs are written to the first folder named; keep those that found something.
"""

import sys

import atheris

with atheris.instrument_imports(include=["assent", "yaml"]):
    from fuzz import documents


def main():
    atheris.Setup(sys.argv, documents.check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
