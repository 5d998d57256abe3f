package import PaymentModel

/// The name of a group of contacts; a group is there as long as somebody is in it (NOT-5).
package struct GroupName: Hashable, Sendable, Comparable {
    package let text: String

    /// Parts the names of several groups in one cell of a file.
    package static let separator: Character = "|"
    /// The longest name, in characters.
    package static let lengthMax = 60

    /// Nil for an empty or long name, or one that could not stand in a file's cell beside others.
    package init?(_ text: String) {
        let trimmed = text.trimmingSpace
        guard (1...GroupName.lengthMax).contains(trimmed.count), !trimmed.contains(GroupName.separator),
            !trimmed.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return nil }
        self.text = trimmed
    }

    package static func < (left: GroupName, right: GroupName) -> Bool { left.text < right.text }
}

/// Somebody in the directory of an organisation, as a person enters it (NOT-5).
package struct ContactDetails: Hashable, Sendable {
    /// The most groups one contact is in.
    package static let groupsMax = 50

    package var lastName: String
    package var firstName: String
    package var phone: Phone?
    package var email: EmailAddress?
    package var language: Language
    /// Nil: of no clinic in particular.
    package var clinic: ClinicID?
    /// Nil: not known to be a client of the books.
    package var client: ClientID?
    /// In the order of their names, each once.
    package private(set) var groups: [GroupName]

    package init(
        lastName: String, firstName: String = "", phone: Phone? = nil, email: EmailAddress? = nil,
        language: Language = .french, clinic: ClinicID? = nil, client: ClientID? = nil, groups: [GroupName] = []
    ) {
        self.lastName = lastName
        self.firstName = firstName
        self.phone = phone
        self.email = email
        self.language = language
        self.clinic = clinic
        self.client = client
        self.groups = Set(groups).sorted()
    }
}

/// What a row of a file says about somebody; what is nil or empty it does not speak of.
package struct ToldContact: Hashable, Sendable {
    package var lastName: String
    package var firstName: String?
    package var phone: Phone?
    package var email: EmailAddress?
    package var language: Language?
    package var clinic: ClinicID?
    package var groups: [GroupName]

    package init(
        lastName: String, firstName: String? = nil, phone: Phone? = nil, email: EmailAddress? = nil,
        language: Language? = nil, clinic: ClinicID? = nil, groups: [GroupName] = []
    ) {
        self.lastName = lastName
        self.firstName = firstName
        self.phone = phone
        self.email = email
        self.language = language
        self.clinic = clinic
        self.groups = groups
    }
}

extension ContactDetails {
    /// By what somebody stays the client that was said: the number, or the address of who has none.
    private var key: String? { phone?.e164 ?? email?.text.lowercased() }

    /// What a person enters of somebody known: who does not say which client that is has not said that it is none.
    package func keeping(clientOf known: ContactDetails) -> ContactDetails {
        guard client == nil, key == known.key else { return self }
        var kept = self
        kept.client = known.client
        return kept
    }

    /// Somebody new.
    package init(_ told: ToldContact) {
        self.init(
            lastName: told.lastName, firstName: told.firstName ?? "", phone: told.phone, email: told.email,
            language: told.language ?? .french, clinic: told.clinic, groups: told.groups)
    }

    /// Somebody known, of whom a file says more: what it does not speak of stays, groups are added.
    ///
    /// Taking the same in twice changes nothing the second time.
    package func taking(in told: ToldContact) -> ContactDetails {
        ContactDetails(
            lastName: told.lastName, firstName: told.firstName ?? firstName, phone: told.phone ?? phone,
            email: told.email ?? email, language: told.language ?? language, clinic: told.clinic ?? clinic,
            client: client, groups: groups + told.groups)
    }
}

extension String {
    /// Without space around it, spaces that do not break among it.
    package var trimmingSpace: String {
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
