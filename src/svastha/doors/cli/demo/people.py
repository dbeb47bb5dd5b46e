"""Invented places and people. Likeness to anybody is chance; streets, post codes and telephone numbers lead nowhere."""

from datetime import date
from typing import Literal, NamedTuple

DOMAIN = "svastha.test"
PASSWORD = "svastha-demo"  # noqa: S105 - said aloud at every start, and of use in development alone


class Place(NamedTuple):
    slug: str
    name: str
    address: str
    city: str
    state: str
    phone: str


class Person(NamedTuple):
    name: str
    sex: str
    born: date
    city: str
    locale: str = "en"


CLINICS = (
    Place("asha", "Asha Ayurveda", "7 Neem Lane, Sample Peth, Pune 411000", "Pune", "Maharashtra", "+91 00000 00001"),
    Place(
        "nadi",
        "Nadi Clinic",
        "21 Banyan Cross, Sample Nagar, Bengaluru 560000",
        "Bengaluru",
        "Karnataka",
        "+91 00000 00002",
    ),
)

# Sign-in, name, role, clinic.
STAFF = (
    ("desk1", "Sunita Jagtap", "receptionist", "asha"),
    ("desk2", "Rekha Gowda", "receptionist", "nadi"),
    ("admin1", "Prakash Inamdar", "clinic_admin", "asha"),
    ("admin2", "Padma Srinivas", "clinic_admin", "nadi"),
    ("pharmacy1", "Vidya Bapat", "pharmacist", "asha"),
    ("therapy1", "Sandeep Kadam", "therapist", "asha"),
    ("accounts1", "Leela Joglekar", "accountant", "asha"),
    ("accounts1", "Leela Joglekar", "accountant", "nadi"),
    ("auditor1", "Mohan Rege", "auditor", "asha"),
    ("support", "Ritu Malhotra", "support", None),
)
PLATFORM = ("platform", "Nikhil Saxena")


class Applicant(NamedTuple):
    """Wants to be known as a doctor. ``since``: the year of registration."""

    name: str
    gender: Literal["female", "male", "other"]
    council_code: str
    registration_no: str
    since: int
    university: str
    state: str


# applicant1, applicant2 ... in this order.
APPLICANTS = (
    Applicant("Dr Leena Bhosale", "female", "MH", "D-52210-A", 2018, "MUHS, Nashik", "submitted"),
    Applicant("Dr Vikram Hegde", "male", "KA", "D-19904", 2011, "RGUHS, Bengaluru", "more_wanted"),
    Applicant("Dr Asha Menon", "female", "KL", "D-8816", 2021, "KUHS, Thrissur", "submitted"),
    Applicant("Dr Anand Pillai", "male", "KL", "D-7031", 2015, "KUHS, Thrissur", "draft"),
)

# patient1, patient2 ... in this order.
_AT_ASHA = (
    Person("Rohan Deshmukh", "male", date(1988, 4, 17), "Pune"),
    Person("Savita Pawar", "female", date(1964, 9, 2), "Pune", "hi"),
    Person("Imran Qureshi", "male", date(1979, 12, 21), "Pune"),
    Person("Anjali Gokhale", "female", date(1993, 6, 8), "Satara"),
    Person("Mahesh Shinde", "male", date(1957, 1, 30), "Baramati", "hi"),
    Person("Tara Kelkar", "female", date(2001, 11, 14), "Pune"),
    Person("Gurpreet Kaur Sandhu", "female", date(1971, 3, 25), "Mumbai", "hi"),
    Person("Dilip Wagh", "male", date(1949, 7, 19), "Nashik", "hi"),
    Person("Nandini Apte", "female", date(1985, 10, 5), "Pune"),
    Person("Yusuf Tamboli", "male", date(1996, 2, 11), "Solapur"),
    Person("Jyoti Kamble", "female", date(1982, 8, 27), "Pune", "hi"),
    Person("Hemant Parekh", "male", date(1968, 5, 16), "Mumbai"),
    Person("Rutuja Sathe", "female", date(1999, 12, 3), "Kolhapur"),
    Person("Anil Barve", "male", date(1953, 4, 9), "Pune"),
    Person("Meenal Thakkar", "female", date(1976, 1, 22), "Surat"),
    Person("Sagar Mane", "male", date(1991, 9, 29), "Pune", "hi"),
    Person("Pooja Chauhan", "female", date(1987, 7, 7), "Indore", "hi"),
    Person("Vinayak Limaye", "male", date(1961, 11, 18), "Pune"),
    Person("Zoya Merchant", "female", date(2003, 3, 1), "Mumbai"),
    Person("Bharat Solanki", "male", date(1973, 6, 24), "Vadodara"),
)
_AT_NADI = (
    Person("Kavitha Shetty", "female", date(1980, 2, 13), "Bengaluru"),
    Person("Suresh Gowda", "male", date(1966, 8, 6), "Tumakuru"),
    Person("Divya Nambiar", "female", date(1994, 5, 28), "Bengaluru"),
    Person("Arjun Bhat", "male", date(1990, 12, 10), "Mangaluru"),
    Person("Fathima Beevi", "female", date(1958, 10, 31), "Kozhikode"),
    Person("Ramesh Naidu", "male", date(1970, 4, 3), "Tirupati"),
    Person("Shalini Murthy", "female", date(1984, 1, 15), "Mysuru"),
    Person("Joseph Kurian", "male", date(1952, 9, 12), "Bengaluru"),
    Person("Deepa Raghavan", "female", date(1978, 6, 20), "Chennai"),
    Person("Manjunath Patil", "male", date(1986, 3, 8), "Hubballi"),
    Person("Swati Mishra", "female", date(1997, 7, 26), "Bengaluru", "hi"),
    Person("Pranav Kamath", "male", date(2000, 11, 2), "Udupi"),
    Person("Usha Venkatesan", "female", date(1947, 5, 11), "Bengaluru"),
    Person("Abdul Rasheed", "male", date(1975, 2, 19), "Bengaluru"),
    Person("Mousumi Dutta", "female", date(1989, 8, 14), "Kolkata"),
    Person("Naveen Yadav", "male", date(1992, 10, 23), "Bengaluru", "hi"),
)
_AT_BOTH = (
    Person("Sneha Agarwal", "female", date(1983, 4, 29), "Pune", "hi"),
    Person("Raghav Krishnan", "male", date(1977, 9, 17), "Bengaluru"),
    Person("Alka Trivedi", "female", date(1960, 12, 7), "Ahmedabad"),
    Person("Thomas Fernandes", "male", date(1969, 1, 4), "Panaji"),
)
PATIENTS = (*_AT_ASHA, *_AT_NADI, *_AT_BOTH)

_COMMON = range(len(_AT_ASHA) + len(_AT_NADI) + 1, len(PATIENTS) + 1)
PATIENTS_OF = {
    "asha": (*range(1, len(_AT_ASHA) + 1), *_COMMON),
    "nadi": (*range(len(_AT_ASHA) + 1, len(_AT_ASHA) + len(_AT_NADI) + 1), *_COMMON),
}


def address(sign_in: str) -> str:
    return f"{sign_in}@{DOMAIN}"
