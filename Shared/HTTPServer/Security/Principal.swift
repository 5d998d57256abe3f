package import PaymentModel

/// What a caller is to the organisation; each operation names the roles it admits.
package enum Role: String, Sendable, Hashable, CaseIterable, Codable {
    /// Runs the chain (gestion).
    case manager = "manager"
    /// Works at the counter of a clinic (magasin).
    case frontDesk = "front-desk"
    /// Keeps the books (comptabilité).
    case accountant = "accountant"
    /// A program, not a person.
    case service = "service"
}

/// What a token may be used for, within what its role admits: `invoices:write`.
package struct Scope: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The scope's name.
    package let name: String

    /// A scope by its name.
    package init(_ name: String) { self.name = name }

    /// A scope by its name.
    package init(stringLiteral value: String) { self.name = value }

    /// The scope's name.
    package var description: String { name }
}

/// Which clinics of its organisation a caller acts for.
package enum ClinicAccess: Sendable, Hashable {
    case all
    case some(Set<ClinicID>)

    /// Whether this clinic is among them.
    package func includes(_ clinic: ClinicID) -> Bool {
        switch self {
        case .all: true
        case .some(let clinics): clinics.contains(clinic)
        }
    }

    /// Whether what belongs to this clinic is among it; what belongs to none is for those who act for all.
    package func includes(_ clinic: ClinicID?) -> Bool {
        clinic.map { includes($0) } ?? (self == .all)
    }

    /// For a statement's condition; nil is all.
    package var list: [ClinicID]? {
        switch self {
        case .all: nil
        case .some(let clinics): clinics.sorted()
        }
    }
}

/// Who is asking, as its token says and its signature proves.
package struct Principal: Sendable, Hashable {
    /// Opaque id of the person or program; for the audit trail, never for people's eyes.
    package let subject: String

    /// The organisation whose data it may reach, and no other's.
    package let organisation: OrganisationID

    /// The clinics of that organisation.
    package let clinics: ClinicAccess

    /// What it is to the organisation.
    package let role: Role

    /// What this token may be used for.
    package let scopes: Set<Scope>

    /// Someone who asks.
    package init(
        subject: String, organisation: OrganisationID, clinics: ClinicAccess, role: Role, scopes: Set<Scope>
    ) {
        self.subject = subject
        self.organisation = organisation
        self.clinics = clinics
        self.role = role
        self.scopes = scopes
    }

    /// Refuses to go on for a clinic the caller does not act for.
    package func require(_ clinic: ClinicID) throws(Problem) {
        guard clinics.includes(clinic) else {
            throw Problem(
                .clinicNotAllowed, detail: "The token does not act for clinic \(clinic).",
                remedy: "Use a token whose claim \"clinics\" names this clinic.")
        }
    }
}
