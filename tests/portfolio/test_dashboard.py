"""What needs me now? The portfolio's part of the dashboard, by role."""

from portfolio.actions.projects import move_forecast, report_milestone
from portfolio.actions.usecases import ask_submitter
from portfolio.dashboard import dashboard
from tests.portfolio.factories import DraftFactory, UseCaseFactory, days_ago


def labels(user) -> list[str]:
    return [str(task.label) for task in dashboard(user).tasks]


def test_a_submitter_answers_questions_before_finishing_drafts(jonas, mira, draft, use_case):
    ask_submitter(by=mira, use_case=use_case, question="Welche Sprachen?")
    question, unfinished = dashboard(jonas).tasks
    assert (question.label, question.note, question.tone) == (
        f"CESAI has a question about {use_case.code}",
        "Welche Sprachen?",
        "warning",
    )
    assert unfinished.label == f"Finish your draft {draft.code}"
    assert unfinished.url == draft.get_absolute_url()


def test_a_colleague_answers_questions_but_finishes_only_their_own_drafts(
    leyla, jonas, mira, draft, use_case
):
    ask_submitter(by=mira, use_case=use_case, question="Welche Sprachen?")
    assert labels(leyla) == [f"CESAI has a question about {use_case.code}"]


def test_a_manager_sees_how_many_wait_and_which_the_longest(mira, cast):
    UseCaseFactory(title="Der älteste")
    assert labels(mira) == ["1 use case waits for triage"]
    UseCaseFactory()
    (task,) = dashboard(mira).tasks
    assert (task.label, task.note) == ("2 use cases wait for triage", "The oldest: Der älteste")


def test_a_manager_starts_what_won_and_decides_what_is_reported(mira, paul, prioritised_proposal, milestone):
    report_milestone(
        by=paul, milestone=milestone, reached_on=days_ago(1), evidence="Protokoll", today=days_ago(0)
    )
    assert labels(mira) == [
        f"Start the Schnellboot for {prioritised_proposal.code}",
        "Decide on the milestone “Datensammlung geprüft”",
    ]


def test_a_lead_sees_what_is_due_and_what_is_late(paul, milestone):
    move_forecast(by=paul, milestone=milestone, forecast_on=days_ago(-5))
    (task,) = dashboard(paul).tasks
    assert (task.label, task.tone) == ("Milestone “Datensammlung geprüft” is due", "info")
    move_forecast(by=paul, milestone=milestone, forecast_on=days_ago(1))
    (task,) = dashboard(paul).tasks
    assert (task.label, task.tone, task.due) == (
        "Milestone “Datensammlung geprüft” is late",
        "danger",
        days_ago(1),
    )


def test_others_have_nothing_to_do_here(gast, frank, anke, sven, draft, use_case, milestone):
    assert [labels(person) for person in (gast, frank, anke, sven)] == [[], [], [], []]


def test_the_page_shows_tasks_figures_and_what_happened(client, jonas, cast):
    use_case = UseCaseFactory(title="Störmeldungen auswerten")
    DraftFactory()
    client.force_login(jonas)
    text = client.get("/dashboard/").text
    assert "Finish your draft" in text
    assert "Use cases of your organisation" in text
    assert '<p class="history__what">Submitted</p>' in text
    assert f'<a href="{use_case.get_absolute_url()}">{use_case}</a>' in text
