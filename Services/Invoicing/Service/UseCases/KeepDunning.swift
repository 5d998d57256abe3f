import HTTPServer
import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Changes the levels of asking for what is late, and pauses it for a client (INV-14).
struct KeepDunning {
    let database: Database
    let audit: AuditStore
    let store = DunningStore()
    let clients = ClientStore()

    func put(
        _ levels: DunningLevels, seen version: Int64, because cause: Cause
    ) async throws -> Applied<DunningAnswer> {
        try await database.change(because: cause) { change in
            let organisation = change.cause.organisation
            let known = try store.find(of: organisation, in: &change.transaction)
            guard known.version == version, try store.put(levels, over: version, in: &change) else {
                throw StaleVersion(current: known.version)
            }
            let answer = DunningAnswer(DunningRecord(levels: levels, version: version + 1))
            try audit.record(
                "dunning-levels-changed", about: organisation, before: DunningAnswer(known), after: answer, in: &change)
            return answer
        }
    }

    /// Nobody asks the client until `day` has passed; nil: from now on again.
    func pause(
        _ id: ClientID, until day: LocalDate?, seen version: Int64, because cause: Cause
    ) async throws -> Applied<ClientAnswer> {
        try await database.change(because: cause) { change in
            guard var client = try clients.lock(id, in: &change) else { throw NotFound.client(id) }
            guard client.version == version else { throw StaleVersion(current: client.version) }
            let before = ClientAnswer(client)
            client.dunningPausedUntil = day
            client.version += 1
            try clients.pauseDunning(of: id, until: day, in: &change)
            let answer = ClientAnswer(client)
            try audit.record("dunning-paused", about: id, before: before, after: answer, in: &change)
            return answer
        }
    }
}

/// The levels of dunning as the API shows them.
struct DunningAnswer: Codable, Sendable {
    struct Level: Codable, Sendable {
        let level: Int
        let daysLate: Int
        let label: String
        let text: String?
    }

    let levels: [Level]
    /// 0: the program's standard, which nobody has changed.
    let version: Int64

    init(_ record: DunningRecord) {
        levels = record.levels.levels.enumerated().map { index, level in
            Level(level: index + 1, daysLate: level.daysLate, label: level.label, text: level.text)
        }
        version = record.version
    }
}
