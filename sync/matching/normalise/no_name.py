"""Words that people write where a name belongs and none is known: "Baby Boy", "Poika", "N.N.", "unknown".

A person may truly be called by one of them, so they are never taken out of a name: they only never make two names
differ.
"""

_WORDS = """
    adult aunt baby boy brother child children coh dad dau daughter deceased dependent dude family father female foster
    friend gent gentleman gentlemen girl grandchild granddaughter grandfather grandma grandmother grandpa grandson
    grandmom guest head house household husband infant inlaw inmate kid lady lodger male man member minor missing
    mom mother nephew newborn niece nobody occupant oldest one other parent partner patient person relative renter
    resident respondent roommate sibling sis sister someone son spouse stepchild stepdaughter stepson stranger student
    tenant test twin uncle unborn wife woman young youngest
    mr mrs ms miss mister sir madam
    anon anonymous confidential na name nil nn noname none null refused unavailable undisclosed unknown unnamed x xx xxx
    bebe chica chico desconocido hija hijo nombre senor senora senorita
    henkilo isoaiti isoisa lapsi mies nainen nimeton poika potilas puoliso sukunimi etunimi tytto tuntematon
    vaimo vauva aiti
    barn dotter efternamn fader flicka fornamn fru herr kvinna moder namn okand patientnamn pojke son
    apellido apellidos firstname fname givenname lastname lname nofirstname nogivenname nolastname nosurname surname
    familyname unknownname
"""
NO_GIVEN_NAMES = frozenset(_WORDS.split())
"""Folded, without blanks. Real names among them that are common somewhere (Veli, Sisko, Guy, Nina, Nino) are left out."""

_NO_SURNAME_WORDS = """
    adult anon anonymous apellido apellidos aviomies confidential daughter declined dependent desconocido
    dontknow dotter efternamn familyname female grandchild granddaughter grandson household householder
    husband hustru infant inmate lastname lname maka mother na newborn nil nn nolastname noname none nosurname
    notgiven nothing null occupant okand person refuse refused relative resident respondent roommate spouse
    stepchild stepdaughter stepson sukunimi surname tenant tuntematon tytar unavailable undisclosed unk
    unknown unknownname unnamed vaimo vauva wife x xx xxx
    """
NO_SURNAMES = frozenset(_NO_SURNAME_WORDS.split())
"""Fewer: Young, Child and Guest are surnames."""


def is_letter(word: str) -> bool:
    """Tell whether a folded name is a lone Latin letter: an initial, or no name. In Chinese one character is a name."""
    return len(word) == 1 and "a" <= word <= "z"
