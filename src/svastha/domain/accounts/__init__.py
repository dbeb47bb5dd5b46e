"""Who people are: accounts, sign-in, sessions and what they were granted.

Owns: accounts, contacts, contact_indexes, sign_ups, attempts, sessions, spent_refresh_tokens, grants,
account_clinics, identities, spent_id_tokens, codes, links, challenges, devices, contact_changes, hand_overs,
invitations, factor_resets, api_keys.
Announces: CodeWanted, CodeSpent, LinkWanted, SignedInElsewhere, PasswordChanged, ContactChanged, IdentityConnected,
RoleGiven, RoleTaken, InvitationWanted, InvitationAccepted, AccountSuspended, FactorResetWanted.
"""

from svastha.domain.accounts.actor import Actor, Grant
from svastha.domain.accounts.api_keys import PREFIX, ApiKey, NewApiKey, key_actor_of, keys_of, make_key, revoke_key
from svastha.domain.accounts.ask_again import ask_again
from svastha.domain.accounts.by_code import ask_code, ask_link, link_is_of, sign_in_by_code, sign_in_by_link
from svastha.domain.accounts.change_contact import (
    ask_new_contact,
    may_object,
    object_to,
    remove_contact,
    verify_new_contact,
    waiting_contact,
)
from svastha.domain.accounts.change_password import change_password, new_password, reset_password
from svastha.domain.accounts.clinics_of import CLINICS_OF, clinics_of, known_at
from svastha.domain.accounts.close import AccountClosed, ClosingOver, EraseAccount, close, erase, reopen
from svastha.domain.accounts.codes import MINUTES as CODE_MINUTES
from svastha.domain.accounts.contacts import (
    Address,
    AddressTaken,
    Contact,
    address_of,
    contacts_of,
    drop_contact,
    owner_of,
    put_contact,
    reindex,
    seal_plain,
)
from svastha.domain.accounts.factor_resets import (
    FactorResetWanted,
    finish_factor_reset,
    issue_factor_reset,
    start_factor_reset,
)
from svastha.domain.accounts.federated import (
    Begun,
    Identity,
    IdentityConnected,
    LastWayIn,
    NotAllowedThere,
    NotVouched,
    Provider,
    ProviderAway,
    SignInFirst,
    Vouched,
    arrive,
    connect,
    disconnect,
    identities_of,
)
from svastha.domain.accounts.grants import RoleGiven, RoleTaken, appoint, dismiss, grant
from svastha.domain.accounts.hand_over import hand_over, take_over
from svastha.domain.accounts.index_rotation import SEALED, drop_indexes, not_indexed
from svastha.domain.accounts.invitations import (
    Invitation,
    InvitationAccepted,
    InvitationOver,
    InvitationWanted,
    Invited,
    accept,
    decline,
    invitations_of,
    invite,
    invited,
    invited_address,
    issue_invitation,
    join,
    revoke_invitation,
    send_again,
)
from svastha.domain.accounts.issue import IssuedCode, IssuedLink, Objection, issue_code, issue_link, issue_objection
from svastha.domain.accounts.model import (
    ChallengeOver,
    CodeSpent,
    CodeWanted,
    ContactChanged,
    EmailUnverified,
    LinkOver,
    LinkWanted,
    Me,
    PasswordChanged,
    SecondFactorRequired,
    SignedIn,
    SignedInElsewhere,
    WrongCode,
    WrongSecondFactor,
    WrongSignIn,
)
from svastha.domain.accounts.passwords import hash_password
from svastha.domain.accounts.permissions import (
    APPOINTS,
    FOR_KEYS,
    OF_PLATFORM,
    PERMISSIONS,
    PUBLIC,
    ROLES,
    SECOND_FACTOR,
    SELF,
    may_appoint,
    who_may,
)
from svastha.domain.accounts.profile import change_profile, me, note_export
from svastha.domain.accounts.proven import (
    Challenged,
    challenged,
    second_factor_shown,
    second_steps,
    sign_in_proven,
    sign_in_second,
)
from svastha.domain.accounts.reached import Reached, reached
from svastha.domain.accounts.recent_sign_ins import SignInSeen, recent_sign_ins
from svastha.domain.accounts.register import SignUp, prepare_sign_up, register, register_verified
from svastha.domain.accounts.second_factor import needs_second_factor
from svastha.domain.accounts.sessions import (
    actor_of,
    end_all,
    forget,
    open_session,
    raise_session,
    refresh,
    sign_out,
    still_there,
)
from svastha.domain.accounts.sessions_list import SessionSeen, end_others, end_session, sessions_of
from svastha.domain.accounts.signin import Credentials, Proof, credentials_of, own_credentials, prove, sign_in
from svastha.domain.accounts.staff import Person, Staff, holders_of, people_of, staff_of, workplaces
from svastha.domain.accounts.step_up import (
    ask_step_up_code,
    step_up_with_any_code,
    step_up_with_code,
    step_up_with_factor,
    step_up_with_password,
    ways_to_step_up,
)
from svastha.domain.accounts.suspend import (
    AccountSeen,
    AccountSuspended,
    account_seen,
    end_sessions,
    find_account,
    reinstate,
    suspend,
)
from svastha.domain.accounts.tidy import tidy
from svastha.domain.accounts.verify import verify_contact
from svastha.domain.accounts.visitor import Visitor

# fmt: off
__all__ = [  # noqa: RUF022
    "APPOINTS", "AccountClosed", "AccountSeen", "AccountSuspended", "Actor", "Address", "AddressTaken", "ApiKey",
    "Begun", "CLINICS_OF", "CODE_MINUTES", "ChallengeOver", "Challenged", "ClosingOver", "CodeSpent", "CodeWanted",
    "Contact", "ContactChanged", "Credentials", "EmailUnverified", "EraseAccount", "FOR_KEYS", "FactorResetWanted",
    "Grant", "Identity", "IdentityConnected", "Invitation", "InvitationAccepted", "InvitationOver", "InvitationWanted",
    "Invited", "IssuedCode", "IssuedLink", "LastWayIn", "LinkOver", "LinkWanted", "Me", "NewApiKey",
    "NotAllowedThere", "NotVouched", "OF_PLATFORM", "Objection", "PERMISSIONS", "PREFIX", "PUBLIC",
    "PasswordChanged", "Person", "Proof", "Provider", "ProviderAway", "ROLES", "Reached", "RoleGiven", "RoleTaken",
    "SEALED", "SECOND_FACTOR", "SELF", "SecondFactorRequired", "SessionSeen", "SignInFirst", "SignInSeen", "SignUp",
    "SignedIn", "SignedInElsewhere", "Staff", "Visitor", "Vouched", "WrongCode", "WrongSecondFactor", "WrongSignIn",
    "accept", "account_seen", "actor_of", "address_of", "appoint", "arrive", "ask_again", "ask_code", "ask_link",
    "ask_new_contact", "ask_step_up_code", "challenged", "change_password", "change_profile", "clinics_of", "close",
    "connect", "contacts_of", "credentials_of", "decline", "disconnect", "dismiss", "drop_contact", "drop_indexes",
    "end_all", "end_others", "end_session", "end_sessions", "erase", "find_account", "finish_factor_reset",
    "forget", "grant", "hand_over", "hash_password", "holders_of", "identities_of", "invitations_of", "invite",
    "invited", "invited_address", "issue_code", "issue_factor_reset", "issue_invitation", "issue_link",
    "issue_objection", "join", "key_actor_of", "keys_of", "known_at", "link_is_of", "make_key", "may_appoint",
    "may_object", "me", "needs_second_factor", "new_password", "not_indexed", "note_export", "object_to",
    "open_session", "own_credentials", "owner_of", "people_of", "prepare_sign_up", "prove", "put_contact",
    "raise_session", "reached", "recent_sign_ins", "refresh", "register", "register_verified", "reindex",
    "reinstate", "remove_contact", "reopen", "reset_password", "revoke_invitation", "revoke_key", "seal_plain",
    "second_factor_shown", "second_steps", "send_again", "sessions_of", "sign_in", "sign_in_by_code",
    "sign_in_by_link", "sign_in_proven", "sign_in_second", "sign_out", "staff_of", "start_factor_reset",
    "step_up_with_any_code", "step_up_with_code", "step_up_with_factor", "step_up_with_password", "still_there",
    "suspend", "take_over", "tidy", "verify_contact", "verify_new_contact", "waiting_contact", "ways_to_step_up",
    "who_may", "workplaces",
]
