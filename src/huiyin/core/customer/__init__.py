"""Who is one customer: identities and complaints given from one to another, and given back."""

from huiyin.core.customer.claims import OWN_FORMS
from huiyin.core.customer.moves import Move, account, disown, origin_of, own, owner_of

__all__ = ["OWN_FORMS", "Move", "account", "disown", "origin_of", "own", "owner_of"]
