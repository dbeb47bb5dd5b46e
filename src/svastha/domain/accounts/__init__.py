"""Who people are: accounts, sign-in, sessions and what they were granted.

Owns: accounts, sign_ups, attempts, sessions, spent_refresh_tokens, grants, account_clinics.
Announces: CodeWanted.
"""

from svastha.domain.accounts.actor import Actor, Grant
from svastha.domain.accounts.ask_again import ask_again
from svastha.domain.accounts.clinics_of import clinics_of, known_at
from svastha.domain.accounts.grants import grant
from svastha.domain.accounts.model import CodeWanted, EmailUnverified, Me, SignedIn, WrongSignIn
from svastha.domain.accounts.passwords import hash_password
from svastha.domain.accounts.profile import change_profile, me
from svastha.domain.accounts.register import SignUp, prepare_sign_up, register, register_verified
from svastha.domain.accounts.sessions import actor_of, refresh, sign_out, still_there
from svastha.domain.accounts.signin import Credentials, Proof, credentials_of, prove, sign_in
from svastha.domain.accounts.staff import Staff, staff_of, workplaces
from svastha.domain.accounts.tidy import tidy
from svastha.domain.accounts.verify import IssuedCode, issue_code, verify_email

__all__ = [
    "Actor",
    "CodeWanted",
    "Credentials",
    "EmailUnverified",
    "Grant",
    "IssuedCode",
    "Me",
    "Proof",
    "SignUp",
    "SignedIn",
    "Staff",
    "WrongSignIn",
    "actor_of",
    "ask_again",
    "change_profile",
    "clinics_of",
    "credentials_of",
    "grant",
    "hash_password",
    "issue_code",
    "known_at",
    "me",
    "prepare_sign_up",
    "prove",
    "refresh",
    "register",
    "register_verified",
    "sign_in",
    "sign_out",
    "staff_of",
    "still_there",
    "tidy",
    "verify_email",
    "workplaces",
]
