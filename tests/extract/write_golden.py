"""Write `segments.jsonl` of every golden article anew; run as `python -m extract.write_golden` in tests/."""

from extract.test_golden import CASES, as_lines, read_case

if __name__ == "__main__":
    for folder in CASES:
        (folder / "segments.jsonl").write_text("\n".join(as_lines(*read_case(folder))) + "\n")
