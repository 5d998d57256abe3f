package import PaymentModel

/// Who pays: everything a provider insists on, complete and not the clinic's own.
package struct ClientDetails: Hashable, Sendable, Codable {
    /// Given name.
    package let firstName: String
    /// Family name.
    package let lastName: String
    /// Mobile number.
    package let phone: Phone
    /// Address for mail.
    package let email: EmailAddress
    /// Street and number, where known.
    package let addressLine: String?
    /// Postal code, where known.
    package let postalCode: String?
    /// Town.
    package let town: String
    /// Two-letter country.
    package let country: String
    /// The language the client reads.
    package let language: Language

    /// Details as they were stored.
    package init(
        firstName: String, lastName: String, phone: Phone, email: EmailAddress, addressLine: String?,
        postalCode: String?, town: String, country: String, language: Language
    ) {
        self.firstName = firstName
        self.lastName = lastName
        self.phone = phone
        self.email = email
        self.addressLine = addressLine
        self.postalCode = postalCode
        self.town = town
        self.country = country
        self.language = language
    }

    /// The fields that belong to the clinic or its people instead of the client.
    ///
    /// Providers take a clinic's number in place of a client's for fraud, and the link would go to the wrong person.
    package func fieldsBelonging(to own: OwnContacts) -> [String] {
        var fields: [String] = []
        if own.phones.contains(phone) { fields.append("phone") }
        if own.emails.contains(where: { $0.text.lowercased() == email.text.lowercased() }) { fields.append("email") }
        if let addressLine, own.addresses.contains(where: { isHome(words($0), words(addressLine)) }) {
            fields.append("addressLine")
        }
        return fields
    }

    /// Whether the clinic's address is the client's street line: one may say more of the place than the other, as
    /// long as the client lives in that place.
    private func isHome(_ own: [String], _ line: [String]) -> Bool {
        let (longer, shorter) = own.count < line.count ? (line, own) : (own, line)
        guard !shorter.isEmpty, longer.starts(with: shorter) else { return false }
        let place = Set(words("\(postalCode ?? "") \(town) \(country) \(country == "FR" ? "france" : "")"))
        return longer.dropFirst(shorter.count).allSatisfy(place.contains)
    }
}

/// The contacts of a clinic and its users, which are never a client's.
package struct OwnContacts: Hashable, Sendable, Codable {
    /// Numbers of the clinic and its people.
    package let phones: [Phone]
    /// Their mail addresses.
    package let emails: [EmailAddress]
    /// Their postal addresses, each as a street line alone or with postal code, town and country.
    package let addresses: [String]

    /// The contacts of one clinic.
    package init(phones: [Phone], emails: [EmailAddress], addresses: [String]) {
        self.phones = phones
        self.emails = emails
        self.addresses = addresses
    }

    /// The contacts of several clinics together.
    package init(of clinics: [OwnContacts]) {
        self.init(
            phones: clinics.flatMap(\.phones), emails: clinics.flatMap(\.emails),
            addresses: clinics.flatMap(\.addresses))
    }
}

/// An address as people compare it: its words without case, accents and punctuation.
private func words(_ text: String) -> [String] {
    let plain = text.lowercased().map { withoutAccent[$0] ?? String($0) }.joined()
    return plain.split { !$0.isLetter && !$0.isNumber }.map(String.init)
}

private let withoutAccent: [Character: String] = [
    "à": "a", "â": "a", "ä": "a", "á": "a", "ã": "a", "å": "a", "ç": "c", "è": "e", "é": "e", "ê": "e", "ë": "e",
    "ì": "i", "í": "i", "î": "i", "ï": "i", "ñ": "n", "ò": "o", "ó": "o", "ô": "o", "ö": "o", "õ": "o", "ù": "u",
    "ú": "u", "û": "u", "ü": "u", "ÿ": "y", "œ": "oe", "æ": "ae", "ß": "ss",
]
