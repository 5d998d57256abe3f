import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

extension RemittanceID: PostgresEncodable, PostgresDecodable {}

/// A remittance with where it stands.
struct RemittanceRecord: Sendable {
    let remittance: PendingRemittance
    let clinic: ClinicID
    let madeBy: String
    let bankLine: BankLineID?
    let rule: PayoutMatch.Rule?
    let pointedBy: String?
    let difference: Difference?
    /// Where a manager booked that from account 471, and why.
    let clearing: Difference?
    let timesPointed: Int32
    let cancelledBy: String?
    let cancelledBecause: String?
}

/// Money on its way from tills to the bank.
struct RemittanceStore {
    func insert(
        _ slip: Remittance, as pending: PendingRemittance, at clinic: ClinicID, in change: inout Change
    ) throws {
        let organisation = change.cause.organisation
        try change.execute(
            """
            INSERT INTO remittance (id, organisation, clinic, tender, reference, currency, amount, made_on, made_by)
            VALUES (\(pending.id), \(organisation), \(clinic), \(pending.tender.rawValue), \(pending.reference),
                \(pending.amount.currency.code), \(pending.amount.minorUnits), \(pending.madeOn),
                \(change.cause.actor))
            """)
        for (index, item) in slip.items.enumerated() {
            change.executeLater(
                """
                INSERT INTO remittance_item (remittance, position, organisation, movement, value, pieces)
                VALUES (\(pending.id), \(Int32(index + 1)), \(organisation), \(item.movement),
                    \(item.value.minorUnits), \(Int32(item.pieces)))
                """)
        }
    }

    func lock(_ id: RemittanceID, in change: inout Change) throws -> RemittanceRecord? {
        try change.first(
            """
            SELECT \(Self.columns) FROM remittance
            WHERE id = \(id) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
    }

    /// Those the bank has not booked yet, locked in the order of ids.
    func lockWaiting(in change: inout Change) throws -> [PendingRemittance] {
        try change.query(
            """
            SELECT \(Self.columns) FROM remittance
            WHERE organisation = \(change.cause.organisation) AND bank_line IS NULL AND cancelled_at IS NULL
            ORDER BY id FOR UPDATE
            """
        ) { row in try read(row).remittance }
    }

    /// Those that matching pointed and may point otherwise: no closed books hold their entry.
    ///
    /// Nothing of them is locked: whoever points or un-points is alone in the books.
    func standing(in change: inout Change) throws -> [RemittanceRecord] {
        let organisation = change.cause.organisation
        return try change.query(
            """
            SELECT \(Self.columns) FROM remittance
            WHERE organisation = \(organisation) AND pointed_by = 'matching'
                AND NOT \(StandingMatchStore.isInClosedBooks(.deposit, of: "remittance", in: organisation))
            ORDER BY id
            """, read)
    }

    func find(
        _ id: RemittanceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> RemittanceRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM remittance WHERE id = \(id) AND organisation = \(organisation)", read)
    }

    /// Those of the ids that are there.
    func find(
        _ ids: Set<RemittanceID>, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [RemittanceID: RemittanceRecord] {
        guard !ids.isEmpty else { return [:] }
        let found = try transaction.query(
            "SELECT \(Self.columns) FROM remittance WHERE id = ANY(\(Array(ids))) AND organisation = \(organisation)",
            read)
        return Dictionary(uniqueKeysWithValues: found.map { ($0.remittance.id, $0) })
    }

    /// The remittance as it is now.
    func get(_ id: RemittanceID, in change: inout Change) throws -> RemittanceRecord {
        guard let record = try find(id, of: change.cause.organisation, &change.transaction) else {
            throw NotFound.remittance(id)
        }
        return record
    }

    func list(
        of organisation: OrganisationID, before id: RemittanceID, rows: Int, _ transaction: inout PostgresTransaction
    ) throws -> [RemittanceRecord] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM remittance WHERE organisation = \(organisation) AND id < \(id)
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
    }

    /// The lines of the slip, with what is known of each taking.
    func items(
        of id: RemittanceID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [RemittanceAnswer.Item] {
        try transaction.query(
            """
            SELECT movement, remittance_item.value, pieces, remittance.currency, receipt_number, client, day
            FROM remittance_item JOIN remittance ON remittance.id = remittance_item.remittance
                LEFT JOIN till_movement ON till_movement.id = remittance_item.movement
            WHERE remittance_item.organisation = \(organisation) AND remittance_item.remittance = \(id)
            ORDER BY position
            """
        ) { row in
            RemittanceAnswer.Item(
                takingID: try row("movement"), receiptNumber: try row("receipt_number"), clientID: try row("client"),
                day: try row("day"), value: try row.money("value", try row.currency()), pieces: try row("pieces"))
        }
    }

    /// Answers how often it was pointed, this time included.
    func point(
        _ id: RemittanceID, to line: BankLineID, by actor: String, because rule: PayoutMatch.Rule,
        _ difference: Difference?, _ change: inout Change
    ) throws -> Int32 {
        try change.one(
            """
            UPDATE remittance SET bank_line = \(line), rule = \(rule.rawValue), pointed_by = \(actor),
                pointed_at = now(), times_pointed = times_pointed + 1,
                difference_account = \(difference?.account.number), difference_because = \(difference?.reason)
            WHERE id = \(id) AND organisation = \(change.cause.organisation) RETURNING times_pointed
            """
        ) { row in try row("times_pointed") }
    }

    func unpoint(_ id: RemittanceID, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE remittance SET bank_line = NULL, rule = NULL, pointed_by = NULL, pointed_at = NULL,
                difference_account = NULL, difference_because = NULL
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }

    func cancel(_ id: RemittanceID, because reason: String, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE remittance SET cancelled_by = \(change.cause.actor), cancelled_at = now(),
                cancelled_because = \(reason)
            WHERE id = \(id) AND organisation = \(change.cause.organisation)
            """)
    }

    private static let columns: SQL =
        """
        id, clinic, tender, reference, currency, amount, made_on, made_by, bank_line, rule, pointed_by, times_pointed,
        difference_account, difference_because, cancelled_by, cancelled_because,
        \(HeldDifferenceStore.clearing(of: "remittance.id"))
        """

    private func read(_ row: Row) throws -> RemittanceRecord {
        let rule: String? = try row("rule")
        return RemittanceRecord(
            remittance: PendingRemittance(
                id: try row("id"), tender: try row.word("tender"), reference: try row("reference"),
                amount: try row.money("amount", try row.currency()), madeOn: try row("made_on")),
            clinic: try row("clinic"), madeBy: try row("made_by"), bankLine: try row("bank_line"),
            rule: try rule.map { _ in try row.word("rule") }, pointedBy: try row("pointed_by"),
            difference: try row.optionalDifference("difference_account", because: "difference_because"),
            clearing: try row.optionalDifference("cleared_into", because: "cleared_because"),
            timesPointed: try row("times_pointed"),
            cancelledBy: try row("cancelled_by"), cancelledBecause: try row("cancelled_because"))
    }
}
