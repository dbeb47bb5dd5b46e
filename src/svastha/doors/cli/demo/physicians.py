"""The invented doctors. No register ever gave out a number that begins with D."""

from typing import NamedTuple
from uuid import UUID

from svastha.domain.doctors import Doctor


class Physician(NamedTuple):
    name: str
    gender: str
    qualifications: str
    council: str
    registration_no: str
    practising_since: int
    languages: list[str]
    specialties: list[str]
    about: str

    def as_doctor(self, account_id: UUID) -> Doctor:
        return Doctor(account_id, *self, verified_at=None, suspended_at=None)


# doctor1, doctor2 ... in this order; where each of them works is in weeks.py.
PHYSICIANS = (
    Physician(
        "Dr Aditi Kulkarni",
        "female",
        "BAMS, MD (Kayachikitsa)",
        "Maharashtra Council of Indian Medicine",
        "D-41017-A",
        2008,
        ["en", "hi", "mr"],
        ["kayachikitsa", "panchakarma"],
        "General practice with a calm ear: digestion, joints, sleep and long-standing complaints. Explains every"
        " medicine before it is written down.",
    ),
    Physician(
        "Dr Sameer Joshi",
        "male",
        "BAMS, MD (Panchakarma)",
        "Maharashtra Council of Indian Medicine",
        "D-38264-A",
        2004,
        ["mr", "hi", "en"],
        ["panchakarma", "kayachikitsa"],
        "Plans panchakarma around work and family, in small steps, with a clear diet for every phase.",
    ),
    Physician(
        "Dr Farah Shaikh",
        "female",
        "BAMS, MS (Prasuti Tantra and Stri Roga)",
        "Maharashtra Council of Indian Medicine",
        "D-45590-A",
        2012,
        ["en", "hi", "mr"],
        ["prasuti_stri_roga"],
        "Care for women from the first period to menopause, in pregnancy and after birth.",
    ),
    Physician(
        "Dr Harpreet Singh Gill",
        "male",
        "BAMS, MS (Shalya Tantra)",
        "Board of Ayurvedic and Unani Systems of Medicine, Punjab",
        "D-9183",
        1999,
        ["pa", "hi", "en"],
        ["shalya_tantra"],
        "Kshara sutra and other small procedures; tells you honestly when an operation is not needed.",
    ),
    Physician(
        "Dr Neha Patel",
        "female",
        "BAMS, MD (Kaumarbhritya)",
        "Gujarat Board of Ayurvedic and Unani Systems of Medicine",
        "D-27741",
        2014,
        ["gu", "hi", "en"],
        ["kaumarbhritya"],
        "Children of every age, feeding, growth, frequent colds and skin. Toys in the room, time for parents.",
    ),
    Physician(
        "Dr Vikram Bhosale",
        "male",
        "BAMS, MD (Rasayana), PhD",
        "Maharashtra Council of Indian Medicine",
        "D-19906-A",
        1987,
        ["mr", "hi", "en"],
        ["rasayana", "vajikarana", "kayachikitsa"],
        "Looks after elder patients and those who recover slowly, at the clinic or at home.",
    ),
    Physician(
        "Dr Lakshmi Hegde",
        "female",
        "BAMS, MD (Kayachikitsa)",
        "Karnataka Ayurvedic and Unani Practitioners Board",
        "D-12058",
        2006,
        ["kn", "en", "hi"],
        ["kayachikitsa", "swasthavritta"],
        "Diabetes, thyroid and weight, with food you already know how to cook.",
    ),
    Physician(
        "Dr Karthik Subramanian",
        "male",
        "BAMS, MS (Shalakya Tantra)",
        "Tamil Nadu Board of Indian Medicine",
        "D-30427",
        2011,
        ["ta", "en", "kn"],
        ["shalakya_tantra"],
        "Eyes, ears, nose and throat; headaches and tired screens.",
    ),
    Physician(
        "Dr Sreelatha Menon",
        "female",
        "BAMS, MD (Panchakarma)",
        "Travancore-Cochin Council of Indigenous Medicine",
        "D-8842",
        1995,
        ["ml", "ta", "en"],
        ["panchakarma", "rasayana"],
        "Trained in the Kerala tradition: oils, bastis and patience. Back pain, stiffness and recovery after a stroke.",
    ),
    Physician(
        "Dr Venkat Reddy",
        "male",
        "BAMS, MD (Agada Tantra)",
        "Telangana Board of Indian Medicine",
        "D-15639",
        2017,
        ["te", "en", "kn", "hi"],
        ["agada_tantra", "kayachikitsa"],
        "Skin, allergies and reactions to food and medicine, by video in the evening too.",
    ),
    Physician(
        "Dr Ishita Banerjee",
        "female",
        "BAMS, MD (Kayachikitsa), PG Diploma (Manasa Roga)",
        "Paschim Banga Ayurved Parishad",
        "D-6701",
        2002,
        ["bn", "en", "hi"],
        ["kayachikitsa", "rasayana"],
        "Sleep, worry and low spirits, alongside whoever already treats you. Works in Pune and in Bengaluru.",
    ),
    Physician(
        "Dr Kiran D’Souza",
        "other",
        "BAMS, MD (Swasthavritta)",
        "Karnataka Ayurvedic and Unani Practitioners Board",
        "D-21375",
        2019,
        ["en", "kn", "mr", "hi"],
        ["swasthavritta", "dravyaguna"],
        "Daily routine, season and diet; yoga for people who never did any. At weekends in Pune, else by video.",
    ),
)
