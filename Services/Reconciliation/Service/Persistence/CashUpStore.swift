import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// The till of a clinic as it was counted for a day.
struct CashUpID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}

extension CashUpID: PostgresEncodable, PostgresDecodable {}

/// Tills as they were counted.
struct CashUpStore {
    let till = TillStore()
    /// Days that are not counted yet and are summed up one by one.
    static let openDaysMax = 100

    func isClosed(
        _ day: LocalDate, at clinic: ClinicID, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> Bool {
        try transaction.one(
            """
            SELECT EXISTS (
                SELECT FROM cash_up WHERE organisation = \(organisation) AND clinic = \(clinic) AND day = \(day)
            ) AS is_closed
            """
        ) { row in try row("is_closed") }
    }

    func insert(
        _ cashUp: CashUp, as id: CashUpID, at clinic: ClinicID, on day: LocalDate, in change: inout Change
    ) throws {
        let organisation = change.cause.organisation
        change.executeLater(
            """
            INSERT INTO cash_up (id, organisation, clinic, day, closed_by)
            VALUES (\(id), \(organisation), \(clinic), \(day), \(change.cause.actor))
            """)
        for (index, line) in cashUp.lines.enumerated() {
            change.executeLater(
                """
                INSERT INTO cash_up_line (cash_up, position, organisation, method, tender, currency, expected, counted,
                    account, reason)
                VALUES (\(id), \(Int32(index + 1)), \(organisation), \(line.method.code),
                    \(line.method.tender.rawValue), \(line.counted.currency.code), \(line.expected.minorUnits),
                    \(line.counted.minorUnits), \(line.difference?.account.number), \(line.difference?.reason))
                """)
        }
    }

    /// Days of a till, those that were counted and those that wait for it, the latest first.
    func days(
        at clinic: ClinicID, from: LocalDate, to: LocalDate, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> [CashUpAnswer] {
        let counted = try counted(at: clinic, from: from, to: to, of: organisation, &transaction)
        let open = try transaction.query(
            """
            SELECT DISTINCT day FROM till_movement
            WHERE organisation = \(organisation) AND clinic = \(clinic) AND cash_up IS NULL
                AND day BETWEEN \(from) AND \(to) AND NOT EXISTS (
                    SELECT FROM cash_up WHERE cash_up.organisation = \(organisation) AND cash_up.clinic = \(clinic)
                        AND cash_up.day = till_movement.day)
            ORDER BY day DESC LIMIT \(Int64(Self.openDaysMax))
            """
        ) { row in try row("day") as LocalDate }
        let waiting = try open.map { day in
            CashUpAnswer(
                clinicID: clinic, day: day, closedBy: nil, closedAt: nil,
                lines: try till.sums(at: clinic, on: day, of: organisation, &transaction).sorted {
                    $0.method.code < $1.method.code
                }.map(CashUpAnswer.Line.init))
        }
        return (counted + waiting).sorted { $0.day > $1.day }
    }

    private func counted(
        at clinic: ClinicID, from: LocalDate, to: LocalDate, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> [CashUpAnswer] {
        let rows = try transaction.query(
            """
            SELECT day, closed_by, closed_at, method, tender, currency, expected, counted, account, reason,
                \(HeldDifferenceStore.clearing(of: "cash_up_line.cash_up", at: "cash_up_line.position"))
            FROM cash_up LEFT JOIN cash_up_line ON cash_up_line.cash_up = cash_up.id
            WHERE cash_up.organisation = \(organisation) AND clinic = \(clinic) AND day BETWEEN \(from) AND \(to)
            ORDER BY day, position
            """
        ) { row in
            (
                day: try row("day") as LocalDate, by: try row("closed_by") as String,
                at: try row("closed_at") as Instant, line: try line(row)
            )
        }
        return Dictionary(grouping: rows, by: \.day).values.map { lines in
            CashUpAnswer(
                clinicID: clinic, day: lines[0].day, closedBy: lines[0].by, closedAt: lines[0].at,
                lines: lines.compactMap(\.line))
        }
    }

    /// Nil for a day on which there was nothing to count.
    private func line(_ row: Row) throws -> CashUpAnswer.Line? {
        guard let method: String = try row("method") else { return nil }
        let currency = try row.currency()
        let (expected, counted) = (try row.money("expected", currency), try row.money("counted", currency))
        return CashUpAnswer.Line(
            method: method, kind: try row("tender"), expected: expected, counted: counted,
            difference: try counted.subtracting(expected), account: try row("account"), reason: try row("reason"),
            clearedInto: try row("cleared_into"), clearedBecause: try row("cleared_because"))
    }
}
