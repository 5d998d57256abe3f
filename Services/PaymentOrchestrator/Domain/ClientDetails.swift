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
        if own.emails.contains(where: { folded($0.text) == folded(email.text) }) {
            fields.append("email")
        }
        if let addressLine, own.addresses.contains(where: { folded($0) == folded("\(addressLine) \(town)") }) {
            fields.append("addressLine")
        }
        return fields
    }
}

/// The contacts of a clinic and its users, which are never a client's.
package struct OwnContacts: Hashable, Sendable, Codable {
    /// Numbers of the clinic and its people.
    package let phones: [Phone]
    /// Their mail addresses.
    package let emails: [EmailAddress]
    /// Their postal addresses, each as street and town.
    package let addresses: [String]

    /// The contacts of one clinic.
    package init(phones: [Phone], emails: [EmailAddress], addresses: [String]) {
        self.phones = phones
        self.emails = emails
        self.addresses = addresses
    }
}

/// Text as people compare it: without case, punctuation and doubled spaces.
private func folded(_ text: String) -> String {
    text.lowercased().split { !$0.isLetter && !$0.isNumber && $0 != "@" && $0 != "." }.joined(separator: " ")
}
