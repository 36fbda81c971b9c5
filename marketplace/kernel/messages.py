"""Sentences that are translated at an edge, far from where they are written.

An error carries its English sentence (``title``, ``detail``) and knows no language; the edge that
shows it calls ``gettext(error.detail)``. Labels kept in tables are shown the same way. Extraction
finds only marked strings, so those sentences stand here once more, marked. Nothing imports this.
"""

from django.utils.translation import gettext_noop as _

# marketplace.kernel.errors
_("Something went wrong.")
_("Something in the input is not right.")
_("You may not do this.")
_("We could not find this.")
_("This is not possible at the moment.")
_("A service we need does not answer. Nothing was changed.")

# marketplace.accounts
_("This is needed to deliver to you.")
_("We do not know this country.")
_("The state or province is needed there.")
_("This address is not among yours.")
_("This key is not among yours.")

# orders
_("A quantity is a whole number from 1 to 999.")
_("This part of the address does not look right.")
_("This product needs no such consent.")
_("This is not a tracking number of this carrier.")
_("This cannot be bought and shipped to where you are.")
_("Prices have changed since you put things into the basket. Please look at them first.")
_("The total has changed since you last saw it. Please look at it again.")
_("This checkout is closed. Your basket is still there.")
_("Something is still missing before you can order.")
_("The basket is empty.")
_("The payment has not been confirmed yet.")
_("This is not possible in its present state.")
_("More would be shipped than was ordered.")
_("More would be refunded than was paid.")
_("There are not that many left.")
_("This way of shipping is not offered.")
_("This is not an e-mail address.")
_("We do not ship to this country yet.")
_("Please choose how to pay.")
_("This refund was asked for before with another sum.")
_("A parcel holds at least one thing.")
_("The quantity is at least one.")
_("Give one serial number for each piece.")
_("We do not know this receiver.")
_("This is before the parcel left, or in the future.")
_("We do not know this carrier.")
_("A part of an address is text.")

# catalog
_("This number cannot be right.")
_("The variants do not fit the options.")
_("This detail is not written as it must be.")
_("This file is not a picture we can take.")
_("This is not a place in the list.")
_("The words of the listing are not complete.")
_("There is less left than you asked for.")
_("What we held for you is no longer held.")
_("The listing is not complete enough to be shown.")
_("The listing is in a state that does not allow this.")
_("A reduction must be below the present price.")
_("You have another entry under this code.")
_("A reduction ends after it begins.")
_("This import has started; upload the file again to change how it is read.")
_("Only an import that stopped on the way can go on.")
_("A listing needs a code of its own, of at most 120 characters.")
_("The original language has no text.")
_("A listing needs a title.")
_("A title has at most 200 characters.")
_("Two variants have the same article number.")
_("A variant needs an article number of at most 120 characters.")
_("There cannot be fewer than none on the shelf.")
_("A price is above zero.")
_("Two variants have the same options.")
_("We do not know this category.")
_("There is no such category.")
_("There is no such merchant.")
_("You have no such SKU.")
_("There is nothing at this address.")
_("There is no merchant of this name.")

# compliance.presentation.LABELS
_("Changing your mind")
_("If it is faulty")
_("Sending it back")
_("Your money back")
_("If it is late")
_("No change of mind")
_("The seller’s own promise")
