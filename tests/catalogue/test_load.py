from __future__ import annotations

import re
import tomllib
from collections import Counter
from operator import attrgetter
from pathlib import Path

import pytest

from bot.catalogue import load_catalogue
from bot.errors import CatalogueInvalid
from bot.matching.scanner import scanned
from bot.model import Alias, Cue, Event, EventRule, Outlet, Role
from tests.conftest import ROOT

SMALL = {
    "makers.toml": """
        [[company]]
        id = "hanway"
        name = "Hanway"
        side_line = true
        aliases = [
          "Hanway",
          { text = ["Glory", "GLORY"], exact_case = true, needs = [
            "@gadgets", "@maker",
          ], followed_by = "#" },
        ]
        decoys = ["Glory of Rome"]
    """,
    "carriers.toml": """
        [[company]]
        id = "bigtel"
        name = "Big Tel"
        aliases = [{ text = "Big Tel", abroad = "DE", abroad_needs = ["Texas"] }]
    """,
    "words.toml": """
        gadgets = ["phone", "tablet"]
        business = ["@gadgets", "wireless"]
        affairs = ["lawsuit"]
        off_topic = ["car"]
        descriptors = ["phone maker"]
        everyday = ["Glory"]
        naming = ["says"]
    """,
    "names.toml": """
        devices = ["@gadgets"]
        plain = ["glory"]
    """,
    "outlets.toml": """
        [[outlet]]
        id = "wire"
        name = "Example Wire"
        domains = ["wire.example"]
        lang = "en"
    """,
    "events.toml": """
        [lists]
        shows = ["unveil~", "shows off"]

        [[rule]]
        event = "launch"
        weight = 2
        words = ["@shows … (new|@gadgets)", "@gadgets"]
        needs = "(<maker>|@gadgets)"
        unless = "@gadgets"
    """,
    "events-xy.toml": """
        lang = "xy"
        signs = ["zyx"]

        [[rule]]
        event = "leak-or-rumour"
        words = ["leek"]
        title_only = true

        [[rule]]
        event = "review"
        words = ["test"]
        home_only = true
    """,
}


def write(folder: Path, **changed: str) -> Path:
    """The small catalogue in ``folder``; ``changed`` are whole files by their stem."""
    for name, text in SMALL.items():
        (folder / name).write_text(changed.get(name.removesuffix(".toml"), text), encoding="utf-8")
    return folder


def test_every_table_arrives_with_its_lists_written_out(tmp_path: Path) -> None:
    catalogue = load_catalogue(write(tmp_path))

    hanway, bigtel = catalogue.companies["hanway"], catalogue.companies["bigtel"]
    rule = {
        "exact_case": True,
        "needs": ("phone", "tablet", Cue.MAKER),
        "followed_by": (Cue.MODEL,),
    }
    assert (hanway.role, hanway.side_line, hanway.decoys) == (Role.MAKER, True, ("Glory of Rome",))
    assert hanway.aliases == (
        Alias("Hanway"),
        Alias("Glory", **rule),  # type: ignore[arg-type]  # a dict of the shared keys
        Alias("GLORY", **rule),  # type: ignore[arg-type]
    )
    assert bigtel.aliases == (Alias("Big Tel", abroad=("de",), abroad_needs=("Texas",)),)
    assert catalogue.outlets == {
        "wire": Outlet("wire", "Example Wire", domains=("wire.example",), lang="en")
    }
    assert catalogue.event_rules == (
        EventRule(
            Event.LAUNCH,
            ("(unveil~|shows off) … (new|phone|tablet)", "phone", "tablet"),
            weight=2.0,
            needs=("(<maker>|phone|tablet)",),
            unless=("phone", "tablet"),
        ),
        EventRule(Event.LEAK, ("leek",), title_only=True),
        EventRule(Event.REVIEW, ("test",), lang="xy"),
    )
    assert catalogue.event_signs == {"xy": ("zyx",)}
    assert catalogue.business_words == ("wireless", "phone", "tablet")
    assert catalogue.affairs_words == ("lawsuit",)
    assert catalogue.descriptors == ("phone maker",)


def test_endings_make_forms_that_share_the_rule(tmp_path: Path) -> None:
    row = """
        [[company]]
        id = "hanway"
        name = "Hanway"
        aliases = [{ text = ["Hanway", "HW"], endings = ["a", "@cases"], products = ["#"] }]
    """
    words = SMALL["words.toml"] + 'cases = ["owi", "a"]'

    (company, _) = load_catalogue(write(tmp_path, makers=row, words=words)).companies.values()

    forms = ["Hanway", "Hanwaya", "Hanwayowi", "HW", "HWa", "HWowi"]
    assert company.aliases == tuple(Alias(form, products=(Cue.MODEL,)) for form in forms)


def test_every_way_of_settling_a_name_arrives(tmp_path: Path) -> None:
    row = """
        [[company]]
        id = "hanway"
        name = "Hanway"
        [[company.aliases]]
        text = "Glory"
        needs = "@peer"
        products = ["@gadgets", "#", "'s", "@latin"]
        preceded_by = "buy"
        followed_by = "says"
        at_start = "adds"
        unless = "war"
        not_after = "to"
        not_before = "of"
    """

    (company, _) = load_catalogue(write(tmp_path, makers=row)).companies.values()

    assert company.aliases == (
        Alias(
            "Glory",
            needs=(Cue.PEER,),
            products=("phone", "tablet", Cue.MODEL, Cue.POSSESSIVE, Cue.LATIN),
            preceded_by=("buy",),
            followed_by=("says",),
            at_start=("adds",),
            unless=("war",),
            not_after=("to",),
            not_before=("of",),
        ),
    )


MAKER = '[[company]]\nid = "hanway"\nname = "Hanway"\n'
WORDS = SMALL["words.toml"]

WRONG = [
    ({"makers": "[[company]"}, r"makers\.toml: is no TOML: .*line 1"),
    (
        {"makers": '[[compnay]]\nid="x"'},
        r'makers\.toml: table "compnay" is unknown; did you mean "company"\?',
    ),
    ({"makers": '[company]\nid="x"'}, r"makers\.toml: company is written \[\[company\]\]"),
    ({"makers": '[[company]]\nid = "x"'}, r'company "x", key "name" is missing'),
    ({"makers": '[[company]]\nname = "x"'}, r'company 1, key "id" is missing'),
    ({"makers": '[[company]]\nid = "Big Co"\nname = "x"'}, r'company "Big Co", id is \'Big Co\''),
    (
        {"makers": f'{MAKER}alias = ["x"]'},
        r'company "hanway", key "alias" is unknown; did you mean "aliases"\?',
    ),
    ({"makers": MAKER}, r'company "hanway": has no alias; give it "aliases"'),
    (
        {"makers": f'{MAKER}aliases = [{{ text = "Han", need = ["x"] }}]'},
        r'company "hanway", alias "Han": key "need" is unknown; did you mean "needs"\?',
    ),
    (
        {"makers": f'{MAKER}aliases = [{{ needs = "x" }}]'},
        r'alias "number 1": key "text" is missing',
    ),
    ({"makers": f'{MAKER}aliases = [" "]'}, r'company "hanway", alias " ": '),
    ({"makers": f"{MAKER}aliases = [7]"}, r'company "hanway", alias "7": '),
    ({"makers": f'{MAKER}aliases = ["&"]'}, r'alias "&" has no letter or digit'),
    ({"makers": f"{MAKER}aliases = [{{ text = [] }}]"}, r"text is empty"),
    (
        {"makers": f'{MAKER}aliases = ["Glory"]'},
        r'makers\.toml: company "hanway", alias "Glory" is an everyday word; give it "needs" or',
    ),
    (
        {"makers": f'{MAKER}aliases = [{{ text = "Han", needs = "@gadget" }}]'},
        r'needs names list "@gadget", which is not in words\.toml; did you mean "@gadgets"\?',
    ),
    (
        {"makers": f'{MAKER}aliases = [{{ text = "Han", abroad_needs = "x" }}]'},
        r'"abroad_needs" says nothing without "abroad"',
    ),
    (
        {"makers": f'{MAKER}aliases = ["Han"]\n{MAKER}aliases = ["Way"]'},
        r'company "hanway": this id is taken',
    ),
    (
        {
            "carriers": '[[company]]\nid = "b"\nname = "B"\naliases = ["HAN-WAY"]',
            "makers": f'{MAKER}aliases = ["Han Way"]',
        },
        r'carriers\.toml: company "b", alias "HAN-WAY" is an alias of "hanway" already',
    ),
    (
        {"makers": f'{MAKER}aliases = [{{ text = "Han", unless = "@maker" }}]'},
        r'alias "Han": unless says "@maker", which only "needs" may',
    ),
    (
        {"makers": f'{MAKER}aliases = [{{ text = "Han", needs = "#" }}]'},
        r'alias "Han": needs says "#", which only "products" and "followed_by" may',
    ),
    ({"words": WORDS.replace("affairs", "affair")}, r'list "affairs" is missing'),
    ({"words": WORDS.replace("descriptors", "describers")}, r'list "descriptors" is missing'),
    ({"words": "business = 7"}, r'words\.toml: list "business" is not a list of words'),
    ({"words": 'business = [" "]'}, r'list "business" is not a list of words'),
    ({"words": WORDS.replace("everyday", "everyda")}, r'list "everyday" is missing'),
    ({"words": f'{WORDS}\nmaker = ["x"]'}, r'list "maker" has the name of a cue'),
    ({"words": f'{WORDS}\na = ["@b"]\nb = ["@a"]'}, r'list "a" names itself'),
    (
        {"words": f'{WORDS}\na = ["@gadgts"]'},
        r'list "a": list "gadgts" is unknown; did you mean "gadgets"\?',
    ),
    ({"outlets": SMALL["outlets.toml"] * 2}, r'outlet "wire": this id is taken'),
    (
        {"outlets": SMALL["outlets.toml"] + SMALL["outlets.toml"].replace('"wire"', '"other"')},
        r'outlet "other": domain "wire\.example" is that of "wire" already',
    ),
    ({"outlets": SMALL["outlets.toml"] + "country = 7"}, r'outlet "wire", country is 7'),
    (
        {"events": '[[rule]]\nevent = "lunch"\nwords = "x"'},
        r'rule "lunch", "lunch" is no event type; did you mean "launch"\?',
    ),
    ({"events": '[[rule]]\nevent = "launch"\nwords = []'}, r'rule "launch": words is empty'),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "x"\nweight = 0'},
        r"weight is 0; it must be more than 0",
    ),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "@gadgts"'},
        r'rule "launch": words names list "@gadgts", .*; did you mean "gadgets"\?',
    ),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "no … @gadgts"'},
        r'words names list "@gadgts"',
    ),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "no … <shop>"'},
        r'rule "launch": words: "no … <shop>" has the slot <shop>; there is <carrier>',
    ),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "x"\nunless = "a … b"'},
        r'unless: "a … b" is a frame; only words can stand here',
    ),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "x"\nneeds = ["a", "<b>"]'},
        r'needs: "<b>" has the slot <b>',
    ),
    (
        {"events": '[lists]\na = ["b … c"]\n[[rule]]\nevent = "launch"\nwords = "no @a"'},
        r'words: "no @a" names list "@a", in which "b … c" is a frame',
    ),
    ({"events": "lists = 7"}, r"lists is written \[lists\]"),
    ({"events": "[lists]\na = 7"}, r'events\.toml: list "a" is not a list of words'),
    ({"events": '[lists]\ngadgets = ["x"]'}, r'list "gadgets" is there already'),
    (
        {"events": '[[rule]]\nevent = "launch"\nwords = "x"\nhome_only = true'},
        r'"home_only" says nothing in events\.toml',
    ),
    (
        {"events-xy": '[[rule]]\nevent = "launch"\nwords = "x"'},
        r'events-xy\.toml: "lang" is missing',
    ),
    ({"events-xy": 'lang = "xy"\nsigns = 7'}, r'events-xy\.toml: list "signs" is not a list'),
    (
        {"events-xy": 'lang = "xy"\n[[rule]]\nevent = "launch"\nwords = "x"\nhome_only = true'},
        r'rule "launch": "home_only" needs "signs"',
    ),
]


@pytest.mark.parametrize(("changed", "message"), WRONG)
def test_what_is_wrong_is_named_with_its_file_and_place(
    tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    write(tmp_path, **changed)

    with pytest.raises(CatalogueInvalid) as raised:
        load_catalogue(tmp_path)

    assert re.search(message, str(raised.value))
    assert any(f"{stem}.toml" in str(raised.value) for stem in changed)


@pytest.mark.parametrize("missing", sorted(SMALL.keys() - {"events-xy.toml"}))
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    (write(tmp_path) / missing).unlink()

    with pytest.raises(CatalogueInvalid, match=rf"{missing}: cannot be read"):
        load_catalogue(tmp_path)


def test_the_catalogue_that_ships_covers_the_beat() -> None:
    catalogue = load_catalogue(ROOT / "config")

    by_role = {
        role: {c.id for c in catalogue.companies.values() if c.role is role}
        for role in (Role.MAKER, Role.CARRIER)
    }
    assert len(by_role[Role.MAKER]) == 16
    assert len(by_role[Role.CARRIER]) == 16
    assert {rule.event for rule in catalogue.event_rules} == set(Event)
    assert len(catalogue.outlets) > 20


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config").glob("events*.toml")), ids=attrgetter("stem")
)
def test_every_event_word_that_ships_speaks_for_one_type_once(path: Path) -> None:
    """A word in two rules of one type under the same conditions is always a slip."""
    rules = tomllib.loads(path.read_text(encoding="utf-8"))["rule"]
    conditions = ("event", "title_only", "home_only", "needs", "unless")
    spoken = Counter(
        (*(str(rule.get(key)) for key in conditions), scanned(word))
        for rule in rules
        for word in rule["words"]
    )

    assert [twice for twice, count in spoken.items() if count > 1] == []
