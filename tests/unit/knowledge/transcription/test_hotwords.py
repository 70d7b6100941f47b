"""Which terms a recogniser is told of."""

from perla.knowledge.glossary import Term, shipped_glossary
from perla.knowledge.transcription.hotwords import MOST_TOKENS, choose_hotwords
from perla.knowledge.transcription.vocabulary import uses_of


def term(name: str, origin: str = "shipped", theme: str = "") -> Term:
    return Term(name, (name,), theme=theme, origin=origin)


def by_threes(text: str) -> int:
    """A made-up tokenizer: one token for three letters."""
    return -(-len(text) // 3)


def test_terms_added_by_hand_come_first_then_the_users_own_then_the_shipped_ones():
    chosen = choose_hotwords([term("kaggle"), term("preciosnet", "yours"), term("optuna", "added")], {}, by_threes)
    assert chosen == ("optuna", "preciosnet", "kaggle")


def test_terms_used_often_come_first():
    chosen = choose_hotwords([term("kaggle"), term("optuna"), term("mlflow")], {"optuna": 40, "mlflow": 3}, by_threes)
    assert chosen == ("optuna", "mlflow", "kaggle")


def test_words_the_model_writes_in_one_token_come_last():
    assert choose_hotwords([term("api"), term("autoencoder")], {}, by_threes) == ("autoencoder", "api")


def test_the_window_is_never_overfilled_and_own_terms_leave_room_for_the_shipped():
    own = [term(f"palabra{chr(97 + k)}{chr(98 + k)}", "yours") for k in range(20)]
    shipped = list(shipped_glossary().terms)
    chosen = choose_hotwords([*own, *own, *shipped], {}, by_threes)
    assert sum(by_threes(f", {name}") for name in chosen) <= MOST_TOKENS
    assert any(name in {one.name for one in shipped} for name in chosen)
    assert len(set(chosen)) == len(chosen)


def test_names_nobody_says_are_left_out():
    names = ("df_train_2", "__init__", "x", "a" * 60, "one two three four five", "<b>net</b>")
    assert choose_hotwords([term(name, "yours") for name in names], {}, by_threes) == ()


def test_an_identifier_is_told_only_where_a_sentence_holds_it():
    names = [term("PassedOver", "yours"), term("rapidfuzz", "yours")]
    assert choose_hotwords(names, {}, by_threes) == ("rapidfuzz",)
    assert set(choose_hotwords(names, {"PassedOver": 2}, by_threes)) == {"rapidfuzz", "PassedOver"}


def test_a_common_word_is_no_use_of_a_term():
    attack = Term("denial of service", ("denial of service", "DoS"))
    assert uses_of([attack], ["dos o tres capas", "a denial of service"]) == {"denial of service": 1}


def test_among_equals_every_theme_has_its_turn():
    terms = [term("aaa", theme="one"), term("bbb", theme="one"), term("ccc", theme="two")]
    assert choose_hotwords(terms, {}, lambda text: 3) == ("aaa", "ccc", "bbb")


def test_uses_count_every_name_of_a_term_and_no_part_of_a_word():
    forest = Term("random forest", ("random forest",), ("bosque aleatorio",))
    uses = uses_of([forest], ["El bosque aleatorio, o Random Forest.", "bosque", "randomforest"])
    assert uses["random forest"] == 2
