"""What the documents say is what there is."""
import re

from running import ROOT, hansa


def test_errors_page_is_current():
    """Renew with: hansa errors --markdown > docs/errors.md"""
    assert (ROOT / "docs/errors.md").read_text() == hansa("errors", "--markdown", check=0).stdout


def test_readme_lists_every_command():
    listed = set(re.findall(r"^\| `hansa (\w+)", (ROOT / "README.md").read_text(), re.M))
    there = set(re.findall(r"^  (\w+) {2,}", hansa("--help", check=0).stdout.split("Subcommands:")[-1], re.M))
    assert listed == there


def test_architecture_has_a_paragraph_for_every_room():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = {path.name for path in (ROOT / "src").iterdir() if path.is_dir()}
    assert set(re.findall(r"^\*\*(\w+)\*\*: ", text, re.M)) == rooms
    assert text.count("*Invariant:*") == len(rooms)


def test_links_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"
