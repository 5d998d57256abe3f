import HTTPServer
import Logging
import Observability
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Shows how far a file on its way in is, at most once a second.
///
/// Nothing depends on it: what cannot be noted is logged, and the file goes on.
struct ImportProgress: Sendable {
    let id: FileImportID
    let organisation: OrganisationID
    let database: Database
    let logger: Logger
    let imports = FileImportStore()
    private static let pause: Int64 = 1_000_000
    private var shownAt = Instant(microsecondsSince1970: 0)

    init(_ id: FileImportID, of organisation: OrganisationID, in database: Database, _ logger: Logger) {
        (self.id, self.organisation, self.database, self.logger) = (id, organisation, database, logger)
    }

    /// Whether it is time to show it again.
    mutating func isDue(at now: Instant) -> Bool {
        guard now.microsecondsSince1970 - shownAt.microsecondsSince1970 >= Self.pause else { return false }
        shownAt = now
        return true
    }

    func note(
        _ state: FileImportStore.State, _ progress: FileImportAnswer.Progress, trouble: Sentence? = nil
    ) async {
        do {
            try await database.maintain(organisation: organisation) { [imports, id, organisation] transaction in
                try imports.note(id, of: organisation, state, progress, trouble: trouble, &transaction)
            }
        } catch {
            logger.warning(
                "how far an import is could not be noted",
                metadata: [LogField.reason: "\(Secret.redacting("\(error)"))"])
        }
    }

    /// The last note is written also when whoever brought the file has gone.
    func end(_ state: FileImportStore.State, _ progress: FileImportAnswer.Progress, trouble: Sentence?) async {
        await Task { [self] in await note(state, progress, trouble: trouble) }.value
    }

    /// What a person may read of why it ended.
    static func trouble(_ error: any Error) -> Sentence {
        guard let problem = error as? FileProblem else { return Sentence("\(type(of: error))") }
        return problem.told(problem.reason)
    }
}
