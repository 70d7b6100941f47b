"""What is kept for the next who asks, from several threads."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from perla.bargains.memory import Memory


def test_an_answer_is_worked_out_once_for_all_who_ask_at_the_same_time():
    memory, made = Memory(4), []

    def make():
        made.append(1)
        return "answer"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: memory.recall("question", make), range(50)))
    assert set(answers) == {"answer"}
    assert len(made) == 1


def test_nobody_waits_for_an_answer_to_another_question():
    memory, asked, release = Memory(4), Event(), Event()

    def slow():
        asked.set()
        assert release.wait(20)
        return "slow"

    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(memory.recall, "slow question", slow)
        assert asked.wait(20)
        try:
            assert memory.recall("quick question", lambda: "quick") == "quick"
            assert memory.held("slow question") is None
        finally:
            release.set()
        assert waiting.result() == "slow"
    assert memory.held("slow question") == "slow"


def test_what_failed_is_tried_again_by_the_next():
    memory = Memory(4)
    with pytest.raises(ZeroDivisionError):
        memory.recall("question", lambda: 1 / 0)
    assert memory.recall("question", lambda: 7) == 7


def test_what_was_asked_for_longest_ago_is_forgotten_first():
    memory = Memory(2)
    for key in ("a", "b", "a", "c"):
        memory.recall(key, lambda key=key: key)
    assert [memory.held(key) for key in ("a", "b", "c")] == ["a", None, "c"]
