import NotificationDomain
import PaymentModel

/// An entry of the directory as the API shows it.
struct ContactAnswer: Encodable, Sendable {
    let id: ContactID
    let lastName: String
    let firstName: String
    let phone: String?
    let email: String?
    let language: Language
    let clinicID: ClinicID?
    let clientID: ClientID?
    let groups: [String]
    let version: Int64

    init(_ contact: ContactRecord) {
        let details = contact.details
        id = contact.id
        lastName = details.lastName
        firstName = details.firstName
        phone = details.phone?.e164
        email = details.email?.text
        language = details.language
        clinicID = details.clinic
        clientID = details.client
        groups = details.groups.map(\.text)
        version = contact.version
    }
}

/// A group as the API shows it.
struct ContactGroupAnswer: Encodable, Sendable {
    let name: String
    let members: Int64

    init(_ group: ContactGroup) {
        name = group.name.text
        members = group.members
    }
}

/// How many contacts a change of a group concerned.
struct ContactsMoved: Codable, Sendable {
    let contacts: Int
}

/// What an import did, or would do.
struct ContactImportAnswer: Codable, Sendable {
    struct Problem: Codable, Sendable {
        let line: Int
        let column: String
        /// What the file itself calls it; absent where the file does not have it.
        let header: String?
        let reason: Sentence
        let remedy: Sentence
    }

    let mode: String
    /// Whether the good rows were taken in, if there were any.
    let isTaken: Bool
    /// Below the header.
    let rows: Int
    let added: Int
    let changed: Int
    let unchanged: Int
    /// Rows of which nothing is taken in; each has a problem at least.
    let refused: Int
    let problems: [Problem]
    /// Columns nothing is known of, by their names or numbers.
    let ignoredColumns: [String]

    init(_ mode: ContactImportMode, of file: ContactFile, _ plan: ImportContacts.Plan, isTaken: Bool) {
        self.mode = mode.rawValue
        self.isTaken = isTaken
        rows = file.rows
        added = plan.added.count
        changed = plan.changed.count
        unchanged = plan.unchanged
        refused = Set(plan.problems.map(\.line)).count
        problems = plan.problems.sorted { $0.line < $1.line }.map {
            Problem(
                line: $0.line, column: $0.column.rawValue, header: file.headers[$0.column],
                reason: $0.reason, remedy: $0.remedy)
        }
        ignoredColumns = file.ignored
    }
}
