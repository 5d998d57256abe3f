import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Gives a message an organisation's own words, or the standard ones again; what is not sent yet is written with them.
struct ChangeTemplate {
    let database: Database
    let templates = TemplateStore()

    /// Nil for `text` goes back to the standard words; `version` is the one the person saw.
    func run(
        _ name: TemplateName, to text: TemplateText?, seen version: Int64, because cause: Cause
    ) async throws -> Applied<TemplateAnswer> {
        try await database.change(because: cause) { change in
            let current = try templates.find(name, of: change.cause.organisation, in: &change.transaction)
            guard current.version == version else { throw StaleVersion(current: current.version) }
            let next = TemplateRecord(name: name, version: version + 1, text: text)
            try templates.add(next, in: &change)
            return TemplateAnswer(next)
        }
    }
}

/// Somebody else changed it since it was read.
struct StaleVersion: Error {
    let current: Int64
}
