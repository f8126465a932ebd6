"""Names that a person gives, and the files made of those that there are."""

from pathlib import PurePosixPath

import pytest

from app.core.naming import checked_name, file_name
from app.errors import BadInput


@pytest.mark.parametrize("name", ["../../esc", "a/b", "a\\b", "wine@2", "two\nlines", "bell\x07", "..", " ", "x" * 201])
def test_a_name_that_would_be_a_path_a_version_or_unreadable_is_refused(name):
    with pytest.raises(BadInput, match="A data set"):
        checked_name(name, "A data set")


def test_a_plain_name_is_taken_whatever_its_script():
    for name in ("wine quality (red)", "Größe v1.2", "顧客", "été: 10 %"):
        assert checked_name(f" {name} ", "A data set") == name


@pytest.mark.parametrize(
    "label",
    ["../../esc@1", "..", "/etc", "C:\\x", "a/b@1", "two\nlines@1", "顧" * 200 + "@1", "x" * 99 + ". y", " . ", ""],
)
def test_a_file_made_of_any_name_stays_in_its_folder_and_fits_the_disk(label):
    name = file_name(label)
    assert PurePosixPath(name).name == name != ".." and "\\" not in name and "\n" not in name
    assert 0 < len(name) <= 100 and len(f"{name}-1234.zip".encode()) <= 255
    assert name == name.strip(" ."), "some systems leave these out at the end, and hide what begins with a dot"
    assert file_name("churn@1") == "churn@1"
