"""What can be read on a locked screen."""

from string import Formatter

import pytest

from svastha.domain.notifications.templates import TEMPLATES

HARMLESS = {"day", "moment", "minutes", "count", "clinic", "channel", None}


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_no_subject_says_who_the_patient_or_the_doctor_is_or_why(template: str) -> None:
    subject, _ = TEMPLATES[template]
    assert {field for _, field, *_ in Formatter().parse(subject)} <= HARMLESS
