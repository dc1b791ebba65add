"""From the harness's lines to questions and answers."""

from typing import Any

import pytest

from evaluations.samples import LONGEST_RESPONSE, answers_of, clean
from tests.evaluations.measuring import samples


def one(**changes: Any) -> dict[str, Any]:
    return samples([1.0], **changes)[0]


def test_a_choice_is_the_one_that_the_model_found_most_likely() -> None:
    found = answers_of("t", samples([1.0, 0.0]), ["acc"])
    assert [each.response for each in found.answers] == ["Rhein", "Elbe"]
    assert [each.is_right for each in found.answers] == [True, False]
    assert found.questions[0].prompt == "Frage 0?\nAntwort:"
    assert found.questions[0].choices == ["Rhein", "Elbe"]
    assert found.questions[0].target == "Rhein"


def test_a_generated_answer_keeps_what_the_model_wrote_not_what_a_filter_left_of_it() -> None:
    sample = one(
        arguments=[["Rechne 3 + 4.", {"until": ["\n"]}]],
        resps=[["Das ist 7."]],
        filtered_resps=["7"],
        target="7",
    )
    found = answers_of("t", [sample], ["acc"])
    assert found.answers[0].response == "Das ist 7."
    assert found.questions[0].choices == []
    assert found.questions[0].target == "7"


def test_a_graded_answer_is_neither_right_nor_wrong() -> None:
    found = answers_of("t", samples([0.25], "chrf"), ["chrf"])
    assert (found.answers[0].value, found.answers[0].is_right) == (0.25, None)


def test_the_order_of_the_lines_does_not_matter_but_every_question_does() -> None:
    lines = samples([1.0, 0.0, 1.0])
    found = answers_of("t", lines, ["acc"])
    assert answers_of("t", lines[::-1], ["acc"]) == found
    assert answers_of("t", lines[:2], ["acc"]).questions_hash != found.questions_hash
    assert answers_of("other", lines, ["acc"]).questions_hash != found.questions_hash


@pytest.mark.parametrize("name", ["doc_hash", "prompt_hash", "target_hash"])
def test_another_document_prompt_or_expected_answer_is_another_question(name: str) -> None:
    found = answers_of("t", samples([1.0]), ["acc"])
    assert answers_of("t", samples([1.0], **{name: "a" * 64}), ["acc"]).questions_hash != found.questions_hash


def test_a_question_that_a_data_set_holds_twice_is_two_questions() -> None:
    same = dict.fromkeys(("doc_hash", "prompt_hash", "target_hash"), "b" * 64)
    found = answers_of("t", samples([1.0, 0.0], **same), ["acc"])
    assert len({question.key for question in found.questions}) == 2


@pytest.mark.parametrize(
    "change", [{"doc_hash": None}, {"prompt_hash": "short"}, {"target_hash": 5}, {"doc_id": "seven"}]
)
def test_lines_that_do_not_say_what_was_asked_give_no_answers(change: dict[str, Any]) -> None:
    found = answers_of("t", samples([1.0, 0.0], **change), ["acc"])
    assert (found.questions, found.answers, found.questions_hash) == ([], [], "")


@pytest.mark.parametrize(
    "change",
    [
        {"arguments": None},
        {"arguments": {}},
        {"arguments": [[]]},
        {"arguments": {"gen_args_0": "text"}},
        {"filtered_resps": None},
        {"filtered_resps": [[]]},
        {"filtered_resps": [["x", "y"], ["z", "y"]]},
        {"filtered_resps": [{"a": 1}, {"b": 2}]},
        {"resps": {"a": []}, "filtered_resps": ["x"]},
        {"target": ["a", "b"]},
    ],
)
def test_lines_of_any_shape_are_read_without_an_error(change: dict[str, Any]) -> None:
    found = answers_of("t", samples([1.0], **change), ["acc"])
    assert len(found.answers) == 1


def test_a_text_that_no_database_takes_is_made_one_that_it_takes() -> None:
    assert clean("a\0b\ud800c\x1b[31md\r\ne\tf", 100) == "a�b�c�[31md\ne\tf"
    assert len(clean("x" * 10_000, LONGEST_RESPONSE)) == LONGEST_RESPONSE
