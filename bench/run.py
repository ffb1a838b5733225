"""One run of a bench from its command line: what is asked of it, the PostgreSQL it runs on, and what is told at its end."""
import argparse
import json
import os
import pathlib
import sys

import figures
import machine
from ground import HERE, say

ROOT = HERE.parent


def arguments(bench, about, parts, quick):
    """`about` and `quick` are help: of the bench, and of what --quick makes of it. Without --only, all `parts`."""
    parser = argparse.ArgumentParser(prog=f"bench {bench}", description=about,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write every figure and ratio there")
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, metavar="PART")
    parser.add_argument("--hansa", default=os.environ.get("HANSA", str(ROOT / "build/release/src/app/hansa")),
                        help="the binary (default: $HANSA, or the release build)")
    return parser.parse_args()


def again_with_postgres():
    """Begins this program anew under script/with-postgres, so that HANSA_TEST_POSTGRES is set; does not return."""
    wrapper = str(ROOT / "script/with-postgres")
    os.execv(wrapper, [wrapper, sys.executable, "-B", *sys.argv])


def circumstances(bench, world, options, packages):
    """How a document of figures begins: the command, the machine and its noise. `packages` of Python are told of with it."""
    return {
        "bench": bench,
        "command": f"script/bench {bench} --json FILE" + (" --quick" if options.quick else ""),
        "quick": options.quick,
        "machine": machine.facts(options.hansa, packages, ("wrk",)),
        "size": vars(world.size),
        "calm": world.calm,
    }


def tell(document, cells, options):
    """Prints figures and verdicts, and writes the whole document where --json says."""
    figures.show(document, cells)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        say(f"wrote {options.json}")
