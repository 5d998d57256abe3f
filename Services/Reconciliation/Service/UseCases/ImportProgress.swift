import HTTPServer
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Shows how far a file on its way in is, at most once a second.
struct ImportProgress: Sendable {
    let id: FileImportID
    let organisation: OrganisationID
    let database: Database
    let imports = FileImportStore()
    private static let pause: Int64 = 1_000_000
    private var shownAt = Instant(microsecondsSince1970: 0)

    init(_ id: FileImportID, of organisation: OrganisationID, in database: Database) {
        (self.id, self.organisation, self.database) = (id, organisation, database)
    }

    /// Whether it is time to show it again.
    mutating func isDue(at now: Instant) -> Bool {
        guard now.microsecondsSince1970 - shownAt.microsecondsSince1970 >= Self.pause else { return false }
        shownAt = now
        return true
    }

    func note(
        _ state: FileImportStore.State, _ progress: FileImportAnswer.Progress, trouble: String? = nil
    ) async throws {
        try await database.maintain(organisation: organisation) { [imports, id] transaction in
            try imports.note(id, state, progress, trouble: trouble, &transaction)
        }
    }

    /// What a person may read of why it ended.
    static func trouble(_ error: any Error) -> String {
        if let problem = error as? FileProblem {
            return [problem.place, problem.line.map { "line \($0)" }, problem.reason].compactMap { $0 }
                .joined(separator: ": ")
        }
        return "\(type(of: error))"
    }
}
