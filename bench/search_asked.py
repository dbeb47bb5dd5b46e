"""What people look for, in the proportions of somebody's guess: three of four say something, most choose a filter."""

from random import Random

from bench.search_town import CITIES, FIRST, LANGUAGES, LAST

COMPLAINTS = (
    "acidity", "joint pain", "back pain", "जोड़ों का दर्द", "hair fall", "PCOS", "neend na aana", "diabtes", "piles",
    "migraine", "child's cold", "skin", "dry cough", "stress", "constipation", "knee pain", "panchkarma",
)  # fmt: skip
SPECIALTIES = (
    "kayachikitsa", "panchakarma", "shalya_tantra", "shalakya_tantra", "prasuti_stri_roga", "kaumarbhritya", "rasayana",
    "swasthavritta", "dravyaguna",
)  # fmt: skip


def skewed(chance: Random, words: list[str]) -> str:
    return words[int(len(words) * chance.random() ** 1.7)]


def words(chance: Random) -> str:
    """A complaint, a city, both, a name, a whole name, or nothing."""
    kind = chance.choices(("", "complaint", "city", "both", "name", "whole"), (25, 25, 20, 10, 10, 10))[0]
    return {
        "": "",
        "complaint": chance.choice(COMPLAINTS),
        "city": skewed(chance, CITIES),
        "both": f"{chance.choice(COMPLAINTS)} {skewed(chance, CITIES)}",
        "name": skewed(chance, LAST),
        "whole": f"{skewed(chance, FIRST)} {skewed(chance, LAST)}",
    }[kind]


def asked(chance: Random) -> dict[str, str]:
    """The parameters of one search, without those left out."""
    said = words(chance)
    wishes = {
        "q": said,
        "specialty": chance.choice(SPECIALTIES) if not said and chance.random() < 0.6 else "",
        "language": chance.choices(list(LANGUAGES), list(LANGUAGES.values()))[0] if chance.random() < 0.25 else "",
        "mode": chance.choice(("video", "video", "in_person", "in_person", "home_visit"))
        if chance.random() < 0.4
        else "",
        "max_fee": str(chance.choice((30000, 50000, 80000))) if chance.random() < 0.25 else "",
        "gender": chance.choice(("female", "female", "male")) if chance.random() < 0.2 else "",
        "sort": chance.choices(("soonest", "fee", "experience"), (7, 2, 1))[0],
    }
    return {name: value for name, value in wishes.items() if value}
