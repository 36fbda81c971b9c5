"""What is prepared once is prepared once."""

from pathlib import Path

from marketplace.embedded.preparation import static_files


def test_what_was_collected_is_no_reason_to_collect_again(tmp_path: Path) -> None:
    own = [tmp_path / "catalog/static/a.css", tmp_path / "static/css/b.css"]
    for path in [*own, tmp_path / ".rightful/static/b.123.css"]:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    assert static_files(tmp_path) == own
