import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// The levels of an organisation with the version a person may have seen; 0 is the program's standard.
struct DunningRecord: Sendable {
    let levels: DunningLevels
    let version: Int64
}

/// Levels of asking for what is late, and which debts reached them.
struct DunningStore {
    func find(of organisation: OrganisationID, in transaction: inout PostgresTransaction) throws -> DunningRecord {
        let kept = try transaction.first(
            "SELECT days_late, labels, texts, version FROM dunning_levels WHERE organisation = \(organisation)"
        ) { row in
            let days: [Int32] = try row("days_late")
            let labels: [String] = try row("labels")
            let texts: [String] = try row("texts")
            let told = zip(days, labels).enumerated().map { place, level in
                let text = texts.indices.contains(place) && !texts[place].isEmpty ? texts[place] : nil
                return DunningLevel(daysLate: Int(level.0), label: level.1, text: text)
            }
            guard let levels = DunningLevels(told) else {
                throw PostgresError(.decoding, "the dunning levels are not in order")
            }
            return DunningRecord(levels: levels, version: try row("version"))
        }
        return kept ?? DunningRecord(levels: .standard, version: 0)
    }

    /// Writes levels over what was there at `version`; false when somebody else was faster.
    func put(_ levels: DunningLevels, over version: Int64, in change: inout Change) throws -> Bool {
        try change.execute(
            """
            INSERT INTO dunning_levels AS kept (organisation, days_late, labels, texts)
            VALUES (\(change.cause.organisation), \(levels.levels.map { Int32($0.daysLate) }),
                \(levels.levels.map(\.label)), \(levels.levels.map { $0.text ?? "" }))
            ON CONFLICT (organisation) DO UPDATE SET days_late = EXCLUDED.days_late, labels = EXCLUDED.labels,
                texts = EXCLUDED.texts,
                version = kept.version + 1
            WHERE kept.version = \(version)
            """) == 1
    }

    /// The level at which a debt was last asked for since it is due, as it is now; nil when it was not.
    func reached(
        by debt: Debt, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> (number: Int, level: DunningLevel)? {
        let last = try transaction.one(
            """
            SELECT coalesce(max(level), 0) AS level FROM dunning
            WHERE (invoice = \(debt.invoice) OR receivable = \(debt.receivable)) AND time_due_again = coalesce(
                (SELECT times_due_again FROM invoice WHERE id = \(debt.invoice)),
                (SELECT times_due_again FROM receivable WHERE id = \(debt.receivable)))
            """
        ) { row in Int(try row("level") as Int32) }
        return try find(of: organisation, in: &transaction).levels[last].map { (last, $0) }
    }

    /// Organisations after an id, in the order of ids.
    func organisations(
        after id: OrganisationID, rows: Int, in transaction: inout PostgresTransaction
    ) throws -> [OrganisationID] {
        try transaction.query(
            """
            SELECT organisation FROM organisation WHERE organisation > \(id)
            ORDER BY organisation LIMIT \(Int64(rows))
            """
        ) { row in try row("organisation") }
    }

    /// Whether a debt, which is locked, was settled and is due again.
    func dueAgain(_ debt: Debt, in change: inout Change) throws -> DueAgain? {
        try change.first(
            """
            SELECT times_due_again, due_again_on FROM invoice WHERE id = \(debt.invoice)
            UNION ALL SELECT times_due_again, due_again_on FROM receivable WHERE id = \(debt.receivable)
            """
        ) { row in try DueAgain(row) }
    }

    /// The last level of a debt, which is locked, the `time` it is due again.
    func last(of debt: Debt, time: Int32, in change: inout Change) throws -> AnnouncedLevel? {
        try change.first(
            """
            SELECT level, reached_on FROM dunning
            WHERE (invoice = \(debt.invoice) OR receivable = \(debt.receivable)) AND time_due_again = \(time)
            ORDER BY level DESC LIMIT 1
            """
        ) { row in
            let level: Int32 = try row("level")
            return AnnouncedLevel(level: Int(level), on: try row("reached_on"))
        }
    }

    /// Keeps that a debt reached a level, the `time` it is due again; false when that was kept before.
    func insert(
        _ id: DunningID, of late: LateDebt, level: Int, time: Int32, on day: LocalDate, in change: inout Change
    ) throws -> Bool {
        try change.execute(
            """
            INSERT INTO dunning (id, organisation, invoice, receivable, time_due_again, level, reached_on, due)
            VALUES (\(id), \(change.cause.organisation), \(late.debt.invoice), \(late.debt.receivable), \(time),
                \(Int32(level)), \(day), \(late.due.minorUnits))
            ON CONFLICT DO NOTHING
            """) == 1
    }
}
