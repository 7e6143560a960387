"""Words that end in a full stop without ending a sentence, by what may follow them.

English first, then what Spanish, German, French, Portuguese, Italian, Russian and Polish
outlets write. All of them are looked up with their full stop.
"""

from __future__ import annotations


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


TITLES = _listed(
    """
    adm. atty. brig. capt. cmdr. col. cpl. dr. drs. fr. gen. gov. hon. insp. lt. maj. messrs. mr.
    mrs. ms. mx. pres. prof. profs. rep. reps. rev. sen. sens. sgt. supt. vs. v. cf. e.g. i.e. viz.
    approx. ca. st. ste. mt. ft. feat. incl. excl. resp. a.k.a.
    sra. srta. sres. dra. dña. lic. ing. ud. uds. ej. ee. aprox. máx. mín. avda. gral. pdte.
    hr. bzw. vgl. evtl. ggf. inkl. exkl. zzgl. sog. dipl. bspw. allg. d.h. z.b. u.a. vorauss.
    mm. mme. mlle. me. env. dott. sig. sig.ra. np. tzn. tzw. ul. prom. им. ул. см. напр. гл. св.
    проф. акад. ген. т.е.
    """
)
"""Never the end: a name, an example or a measure follows. In lower case."""

BEFORE_NUMBERS = _listed(
    """
    no. nos. nr. nrs. art. arts. sec. secs. ch. chap. fig. figs. vol. vols. pp. p. pg. pgs. para.
    ver. ser. jan. feb. mar. apr. jun. jul. aug. sep. sept. oct. nov. dec. mon. tue. tues. wed. thu.
    thur. thurs. fri. sat. sun. rs. ext. tel. núm. nº. n.º. pág. págs. cap. abs. ziff. kap. bd. poz.
    стр. ст. п. пп. тел.
    """
)
"""Not the end where a number follows: No. 2, Feb. 18, Sec. 301. In lower case."""

SHORTENED = _listed(
    """
    inc. corp. co. cos. ltd. llc. plc. pty. pte. bhd. sdn. bros. intl. int'l. int’l. jr. sr. esq.
    assn. ass'n. bancorp. mfg. dept. div. univ. etc. est. al. ave. blvd. rd. hwy.
    bldg. yahoo! jeopardy! yum! e! y! op. cit.
    cía. cia. ltda. s.a. uu. av. usw. str. gmbh. janv. févr. juil. déc.
    ene. abr. ago. dic. ecc. ss. г. гг. в. вв. др. пр.
    """
)
"""The end only where the next word opens a sentence: companies, units. In lower case."""

UNITS = _listed(
    """
    in. mi. lb. lbs. oz. yd. mil. bln. mln. mill. mio. mrd. tsd. руб. млн. млрд. тыс. долл. zł. tys.
    """
)
"""The same, behind a number only. In lower case."""

STATES = _listed(
    """
    Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ill. Ind. Kan. Kans. Ky. La. Mass. Md. Mich.
    Minn. Miss. Mo. Mont. Neb. Nebr. Nev. Okla. Ont. Ore. Pa. Penn. Que. Tenn. Tex. Va. Vt. Wash.
    Wis. Wyo. Tech. Elec. Comm.
    """
)
"""The same, but everyday words when they are not written with a capital."""

OPENING_WORDS = _listed(
    """
    A According After All Also Although Among An Analysts And Another Any As At Because Before Both
    But By Consumers Critics Customers Despite Dr. During Each Earlier Either Even Everyone
    Executives Few Following For From Had Has He Her Here His How However I If In Instead Investors
    Is It Its Just Last Later Lawmakers Like Many Meanwhile More Most Mr. Mrs. Ms. Neither No Nobody
    None Nor Not Nothing Now Of Officials On Once One Only Or Other Others Our Over Owners People
    Prices Regulators Reporters Researchers Rivals Sales Several Shares She Shoppers Should Since So
    Some Sources Still Subscribers Such Suppliers That The Their Then There These They This Those
    Though Three To Today Two Under Unlike Until Users Was We What When Where Whether Which While
    Who Why With Without Yet You Your
    Además Ambas Ambos Aunque Con Cuando Del El Ella Ellos En Es Esta Este Estos Hasta La Las Lo Los
    Mientras Ni Para Pero Por Según Si Sin Sobre Su Sus También Tras Un Una Y Ya
    Aber Am Auch Auf Bei Beide Bis Da Damit Danach Das Dem Den Der Die Dies Diese Dieser Dieses Doch
    Ein Eine Er Es Für Im Mit Nach Nun Nur Seit Sie So Trotz Und Vom Von Vor Wann Wer Wie Wir Zu Zum
    Après Au Aux Avec Ce Cela Ces Cet Cette Dans De Depuis Des Elle Elles Et Il Ils Le Les Mais Ni
    Nous On Ou Par Pour Sans Selon Ses Si Son Sur Une
    Além Ao Apesar Após As Com Como Da De Depois Do E Ela Ele Eles Em Entre Essa Esse Isso Mas Na No
    Nos Não O Os Para Pela Pelo Porém Se Segundo Seu Sua Também Um Uma
    А Без Более Были Было В Во Вместе Для До Его Если Ещё За Из Им Их Как Кроме Мы На Не Но Об Он
    Она Они От По Под После При Ранее С Сейчас Согласно Так Также Там То Только У Хотя Что Эта Эти
    Это Этот
    """
)
"""Words written with a capital only where a sentence begins."""

LABELLED = _listed(
    """
    appendix blood category class exhibit grade group grupo hepatitis influenza option part phase
    plan schedule section series serie tier tipo type vitamin vitamina
    """
)
"""Words before a capital letter that is a label and no initial: hepatitis A."""

AFTER_ORDINALS = _listed(
    """
    Januar Jänner Februar März April Mai Juni Juli August September Oktober November Dezember Jan
    Feb Apr Aug Sept Okt Nov Dez Jan. Feb. Apr. Aug. Sept. Okt. Nov. Dez. Quartal
    Halbjahr Jahrhundert Platz Generation
    """
)
"""What follows "3." where it is a German ordinal: 3. März."""

AFTER_THE_CLOCK = _listed(
    """
    ET EST EDT CT CST CDT MT MST MDT PT PST PDT GMT UTC BST CET CEST IST JST KST HKT SGT AEST
    AEDT Eastern Central Mountain Pacific Atlantic Greenwich London Paris Berlin Beijing Tokyo Seoul
    Delhi Indian Local New Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon. Tue.
    Wed. Thu. Fri. Sat. Sun. January February March April May June July August September October
    November December Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec.
    """
)
"""What follows "2 p.m." within a sentence; any other capital begins one."""
