"""The words of an Ayurvedic prescription as data: times of taking, vehicles, forms.

A line of a prescription keeps the code; people read the label. What a doctor typed in her own words has no
code and is shown as it is: `labels(lang).kala.get(value, value)`.
"""

import functools
from typing import Literal

import msgspec

Lang = Literal["en", "hi"]


class Term(msgspec.Struct, frozen=True):
    """One choice: its stored code, what people read, and the Sanskrit term in IAST."""

    code: str
    en: str
    hi: str
    iast: str


# Bhaishajya kala: the ten times of the Samhitas, and bedtime as the eleventh (Ashtanga Sangraha).
KALA = (
    Term("NIRANNA", "On an empty stomach", "खाली पेट", "niranna"),
    Term("PRAGBHAKTA", "Just before a meal", "भोजन से ठीक पहले", "prāgbhakta"),
    Term("MADHYABHAKTA", "In the middle of a meal", "भोजन के बीच में", "madhyabhakta"),
    Term("ADHOBHAKTA", "After a meal", "भोजन के बाद", "adhobhakta"),
    Term("ANTARABHAKTA", "Between two meals", "दो भोजनों के बीच", "antarabhakta"),
    Term("SABHAKTA", "Mixed with food", "भोजन में मिलाकर", "sabhakta"),
    Term("SAMUDGA", "Before and after a meal", "भोजन से पहले और बाद में", "sāmudga"),
    Term("MUHURMUHU", "Repeatedly, at any time", "बार-बार, किसी भी समय", "muhurmuhuḥ"),
    Term("GRASA", "With a mouthful of food", "भोजन के कौर के साथ", "grāsa"),
    Term("GRASANTARA", "Between mouthfuls", "दो कौर के बीच", "grāsāntara"),
    Term("NISHI", "At bedtime", "रात को सोते समय", "niśi"),
)

# Anupana: what the medicine is taken with.
ANUPANA = (
    Term("USHNODAKA", "Warm water", "गुनगुना पानी", "uṣṇodaka"),
    Term("JALA", "Water", "पानी", "jala"),
    Term("KSHEERA", "Milk", "दूध", "kṣīra"),
    Term("GHRITA", "Ghee", "घी", "ghṛta"),
    Term("MADHU", "Honey", "शहद", "madhu"),
    Term("TAKRA", "Buttermilk", "छाछ", "takra"),
    Term("ARDRAKA_SWARASA", "Fresh ginger juice", "अदरक का रस", "ārdraka-svarasa"),
    Term("GUDA", "Jaggery", "गुड़", "guḍa"),
    Term("MAMSARASA", "Meat broth", "मांस रस", "māṃsarasa"),
)

# Kalpana: the form of the medicine. The Sanskrit name stays in the label, for the pharmacist.
FORMS = (
    Term("CHURNA", "Powder (churna)", "चूर्ण", "cūrṇa"),
    Term("VATI", "Tablet (vati)", "वटी", "vaṭī"),
    Term("KWATHA", "Decoction (kwatha)", "क्वाथ (काढ़ा)", "kvātha"),
    Term("ASAVA", "Fermented infusion (asava)", "आसव", "āsava"),
    Term("ARISHTA", "Fermented decoction (arishta)", "अरिष्ट", "ariṣṭa"),
    Term("GHRITA", "Medicated ghee (ghrita)", "घृत", "ghṛta"),
    Term("TAILA", "Medicated oil (taila)", "तैल", "taila"),
    Term("AVALEHA", "Confection (avaleha)", "अवलेह", "avaleha"),
    Term("LEPA", "Paste for the skin (lepa)", "लेप", "lepa"),
    Term("BHASMA", "Calcined powder (bhasma)", "भस्म", "bhasma"),
    Term("RASA", "Herbo-mineral (rasa)", "रस", "rasa"),
    Term("PARPATI", "Flakes (parpati)", "पर्पटी", "parpaṭī"),
    Term("KSHARA", "Alkali (kshara)", "क्षार", "kṣāra"),
    Term("SATTVA", "Extract (sattva)", "सत्त्व", "sattva"),
    Term("GUGGULU", "Guggulu tablet", "गुग्गुलु", "guggulu"),
    Term("ARKA", "Distillate (arka)", "अर्क", "arka"),
    Term("NASYA", "Nasal drops (nasya)", "नस्य", "nasya"),
    Term("ANJANA", "Eye application (anjana)", "अंजन", "añjana"),
)


class Labels(msgspec.Struct, frozen=True):
    """Code → text in one language."""

    kala: dict[str, str]
    anupana: dict[str, str]
    form: dict[str, str]


@functools.cache
def labels(lang: Lang) -> Labels:
    """What people read for each code, in English or Hindi."""
    kala, anupana, form = ({term.code: getattr(term, lang) for term in terms} for terms in (KALA, ANUPANA, FORMS))
    return Labels(kala, anupana, form)
