"""Whether a sentence hangs on the one before it: "It gave no reason." says nothing alone.

Told by how it begins, in the languages that cleaning.py knows; the language of a text is not
asked for, so a beginning that is harmless in another of them needs the word behind it. Where
it is in doubt, a sentence hangs: that it is told less often is the smaller harm.
"""

from __future__ import annotations

import re

_NAMED = r"(?!,?\s+[«“\"„'(]?[A-ZÀ-ÞА-ЯЁ0-9])"  # "The carrier Verizon", "The company, ZTE,"
_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"

# "This week" and its like point at the calendar, not at a sentence.
_TIMES = (
    rf"(?:week|month|year|quarter|season|spring|summer|fall|autumn|winter|morning|afternoon"
    rf"|evening|weekend|time|{_DAY}"
    r"|January|February|March|April|May|June|July|August|September|October|November|December)"
)
_ACTORS = (
    r"(?:carrier|operator|company|firm|corporation|group|brand|start-?up|manufacturer|maker"
    r"|vendor|retailer|provider|telco|giant)"
)
_THINGS = (
    r"(?:phone|smartphone|handset|device|tablet|smartwatch|flagship|foldable|model|gadget|deal"
    r"|agreement|pact|partnership|move|decision|settlement|ban|outage|breach|launch|update)"
)
_PEOPLES = (
    r"(?:Chinese|American|U\.?S\.?|Korean|South\ Korean|Japanese|Taiwanese|British|European|German"
    r"|[A-Z][\w.]*(?:\ [A-Z]\w*)?-based)"
)
_OF = r"(?!\s(?:de|du|des|d['’]|del|della|dello|di|da|do|dos|das|que|qui|che|entre|tra)\b)"
_CHINA = (
    r"(?:\s(?:chin[oa]s?|chinoise?|cinese|chinesa|chinês|estadounidense|norteamerican[oa]"
    r"|american[oa]|américaine?|statunitense|asiátic[oa]|surcorean[oa]|sud-coréenne?))?"
)
_TAIL = rf"\b(?!{_CHINA},?\s+[«“\"(]?[A-ZÀ-Þ0-9]){_OF}"
_POINTING = re.compile(
    rf"""
      (?:He|She|They|Theirs|Neither)\b
    | (?:Its|His|Her|Their)\b(?!(?:\s[a-z]\w*){{1,3}},\s[A-Z]\w+,)  # "His company, Nubia,"
    | It(?!['’]?s?(?:\s(?:is|was|remains))?\s(?:not\ |still\ |yet\ )*
        (?:clear|unclear|unknown|likely|unlikely|possible|official)\b)(?:\b|['’])
    | (?:This|That|These|Those)\b(?!\s(?:past\ |coming\ |same\ )?{_TIMES}\b|\swho\b)
    | Both\b(?!\s[A-Z])

    | (?:Er|Sie|Ihre?|Ihr(?:en|em|er)|Seine?|Sein(?:en|em|er)|Beide)\b
    | Es\b(?!\s(?:gibt|gab)\b)
    | Dies(?:e[rsmn]?)?\b(?!\s(?:Woche|Monats?|Jahr(?:es)?|Sommers?|Herbst(?:es)?|Winters?|Tage))
    | Das\s(?:ist|war|sei|wäre|hat|hatte|wird|wurde|soll|geht|bedeutet|teilt|berichtet|sagt)\w*\b

    | Ils?\s(?:a|ont|est|sont|n['’]\w+|ne|s['’]\w+|se|y|avait|avaient|était|étaient|sera|seront
        |va|vont|doit|doivent|peut|peuvent|aurait|devrait|pourrait|faut|ajoute|explique)\b
    | (?:Elles?|Eux|Ses|Leurs?|Celui-ci|Celle-ci|Cela|Ceci|Ça|C['’](?:est|était))\b
    | (?:Ce|Cet|Cette|Ces)\b(?!\s(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|matin
        |soir|mois|année|semaine|été|automne|hiver|printemps|week-end))
    | (?:Él|Ella|Ellos|Ellas|Ello|Sus?|Ambos|Ambas|Eso|Esto|Lo\ mismo)\b
    | (?:Est|Es)[aeo]s?\b(?!\s(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo
        |semana|mes|año|ano|mañana|manhã|tarde|noche|noite|verano|verão|otoño|outono|invierno
        |inverno|primavera|segunda|terça|quarta|quinta|sexta)\b)
    | (?:Egli|Essi|Essa|Loro|Ciò|Entramb[ie]|(?:Il|La|I|Le)\ (?:suo|sua|suoi|sue|loro))\b
    | Quest['’oaie]{{1,2}}\b(?!\s?(?:anno|settimana|mese|estate|autunno|inverno|primavera|mattina
        |sera|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica))
    | (?:El[ea]s?|Seus?|Suas?|Isso|Isto|(?:O|A|Os|As)\ (?:seu|sua|seus|suas))\b

    | (?:Ona|Oni|Ono|Jej|Jego)\b
    | (?:To|On)\s(?:jest|był[aoy]?|będzie|nie|już|także|również|oznacza|dodał|powiedział)\b
    | (?:Он|Она|Оно|Они|Его|Её|Ее|Их|Ему|Ей|Им|Это|Этот|Эта|Эти|Этого|Об\ этом)\b
      (?!\s(?:недел|месяц|год|лет|утр|весн|осен|зим))

    | 它|他|她|其(?!中|实|實|他|余|餘|次)|此(?!前|外|间|間|后|後)|对此|對此|两者|兩者|双方|雙方
    | [这這](?!周|週|月|年|天|一天|一年|一周|一週|个月|個月|个夏|个冬|几天|幾天|家|款|[一两兩]家)
    | これ(?!まで|から)|それ|その(?!後)|彼|両者
    | 이는|이에|이를|이것|이로|이들|그는|그가|그녀|그들|그것|이\s같은|양측|이번\s(?!주|달|해|분기)
    """,
    re.VERBOSE,
)
_DESCRIBING = re.compile(
    rf"""
      The\ (?:two|pair|duo|latter)\b{_NAMED}
    | The\ (?:{_PEOPLES}\ )?(?:[a-z][\w'’-]*\ ){{0,2}}?(?:{_PEOPLES}\ )?(?:{_ACTORS}|{_THINGS})s?\b
      {_NAMED}(?!\s(?:of|behind|between|that|which|who|to|against|over)\b
        |\son\b(?!\s{_DAY})|\s(?:called|named|known\ as)\s[A-Z])

    | (?:Der|Dem|Den|Des)\s(?:[a-zäöü]\w*\s)?(?:Konzern|Hersteller|Handyhersteller|Anbieter
        |Netzbetreiber|Mobilfunker|Mobilfunkanbieter|Betreiber|Provider|Deal)s?\b{_NAMED}
    | (?:Das|Dem|Des)\s(?:[a-zäöü]\w*\s)?(?:Unternehmen|Smartphone|Handy|Gerät|Telefon|Modell
        |Abkommen|Verbot)e?s?\b{_NAMED}
    | Die\s(?:[a-zäöü]\w*\s)?(?:Firma|Entscheidung|Vereinbarung|Beiden|Unternehmen)\b{_NAMED}
    | Die\sbeiden\b

    | (?:L['’](?:entreprise|opérateur|appareil|accord|équipementier|azienda|operatore|accordo)
        |(?:La|Le)\s(?:société|firme|marque|compagnie|décision|constructeur|fabricant|groupe
        |téléphone|smartphone|mobile|terminal|géant|modèle)){_TAIL}
    | (?:La\s(?:compañía|empresa|firma|operadora|marca|tecnológica|decisión|medida)
        |El\s(?:operador|fabricante|teléfono|móvil|smartphone|celular|dispositivo|terminal|equipo
        |gigante|grupo|acuerdo|modelo)){_TAIL}
    | (?:La\s(?:società|compagnia|casa|decisione)|Il\s(?:produttore|gruppo|telefono|dispositivo
        |gestore|colosso|modello)|Lo\ssmartphone){_TAIL}
    | (?:A\s(?:empresa|operadora|companhia|fabricante|marca|decisão)|O\s(?:aparelho|celular
        |telefone|smartphone|telemóvel|fabricante|grupo|acordo|modelo|gigante)){_TAIL}

    | (?:Ten|Ta|Ci|Te)\s(?:sam|model|telefon|smartfon|operator|producent|firma|spółka|decyzja
        |urządzenie|koncern)\w*{_NAMED}
    | (?:Firma|Spółka|Operator|Producent|Koncern|Telefon|Smartfon|Urządzenie|Obie\s\w+)\b{_NAMED}
    | (?:Компания|Оператор|Производитель|Корпорация|Смартфон|Телефон|Устройство|Аппарат|Новинка
        |Гаджет|Обе\ компании)\b{_NAMED}

    | 该|該|上述|[两兩]家公司|公司(?!名)|新机|新機|[这這](?:家|款|[一两兩]家)
    | 両社|この(?!夏|秋|冬|春|日|週|月|年|ほど|たび|度)
    | 同(?:社|機|端末|製品|モデル|サービス|氏|局|庁|事業者|キャリア)
    | 해당\s|양사|두\s회사|이\s(?:회사|제품|기기|스마트폰|통신사|업체|모델|폰)
    | (?:회사|제조사|통신사|이통사|업체)(?:는|가|\s?측)
    """,
    re.VERBOSE,
)
_OPENING = " \u00a0\u202f«»“”„‟\"'‘’‚‹›「『([—–-"
"""Before the first word, in quotations too: “It is over,” says as little as It is over."""


def is_pointing(sentence: str) -> bool:
    """Whether ``sentence`` begins with a bare reference: "It", "Cette décision", "此举"."""
    return _POINTING.match(sentence.lstrip(_OPENING)) is not None


def is_describing(sentence: str) -> bool:
    """Whether ``sentence`` begins with whom it does not name: "The carrier", "同社"."""
    return _DESCRIBING.match(sentence.lstrip(_OPENING)) is not None
