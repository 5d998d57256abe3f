import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A dispute as the books keep it; its id never leaves the service.
struct DisputeID: Identifier {
    let words: IdentifierWords

    init(words: IdentifierWords) { self.words = words }
}

/// What clients dispute.
struct DisputeStore {
    let ids: IdentifierSource

    /// A dispute that is known keeps what is known of it.
    func open(_ dispute: Dispute, at provider: Provider, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO dispute (id, organisation, provider, reference, payment, currency, amount, opened_on)
            VALUES (\(ids.make() as DisputeID), \(change.cause.organisation), \(provider.rawValue),
                \(dispute.reference), \(dispute.payment), \(dispute.amount.currency.code),
                \(dispute.amount.minorUnits), \(dispute.openedOn))
            ON CONFLICT ON CONSTRAINT dispute_once DO NOTHING
            """)
    }

    /// The first word on how it ended is the last.
    func close(_ dispute: Dispute, as end: Dispute.End, at provider: Provider, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE dispute SET outcome = \(end.outcome.rawValue), closed_on = \(end.on),
                given_back = amount - \(end.taken.minorUnits)
            WHERE organisation = \(change.cause.organisation) AND provider = \(provider.rawValue)
                AND reference = \(dispute.reference) AND outcome IS NULL
            """)
    }

    /// Those of a payment, first opened first.
    func disputes(
        of payment: PaymentID, _ transaction: inout PostgresTransaction
    ) throws -> [(id: DisputeID, dispute: Dispute)] {
        try transaction.query(
            """
            SELECT id, reference, payment, currency, amount, amount - given_back AS taken, opened_on, outcome,
                closed_on FROM dispute
            WHERE payment = \(payment) ORDER BY opened_on, reference COLLATE "C"
            """
        ) { row in
            let (closedOn, currency): (LocalDate?, Currency) = (try row("closed_on"), try row.currency())
            return (
                try row("id"),
                Dispute(
                    reference: try row("reference"), payment: try row("payment"),
                    amount: try row.money("amount", currency), openedOn: try row("opened_on"),
                    end: try closedOn.map {
                        Dispute.End(try row.word("outcome"), on: $0, taken: try row.money("taken", currency))
                    })
            )
        }
    }

    /// Ties each dispute of a payment to the provider's lines that withheld the money and gave it back: of those of one
    /// amount the first to the first, so that the answer does not depend on what came first.
    ///
    /// Of one that was lost in part the provider may tell what it took by one line, which is both.
    func tie(of payment: PaymentID, in change: inout Change) {
        change.executeLater(
            """
            UPDATE dispute SET opening_line = tied.opening, closing_line = tied.closing
            FROM (
                SELECT told.id, coalesce(opening.id, part.id) AS opening,
                    CASE WHEN opening.id IS NULL THEN coalesce(part.id, closing.id) ELSE closing.id END AS closing
                FROM (
                    SELECT id, amount, given_back, \(Self.part) AS part,
                        row_number() OVER (PARTITION BY amount ORDER BY opened_on, reference COLLATE "C") AS place,
                        row_number() OVER (
                            PARTITION BY given_back ORDER BY closed_on, reference COLLATE "C") AS back_place,
                        row_number() OVER (
                            PARTITION BY \(Self.part) ORDER BY closed_on, reference COLLATE "C") AS part_place
                    FROM dispute WHERE payment = \(payment) AND currency IN (
                        SELECT currency FROM expectation WHERE expectation.payment = \(payment))) AS told
                LEFT JOIN (\(SettlementStore.placed(.dispute, of: payment, "-gross"))) AS opening
                    ON opening.amount = told.amount AND opening.place = told.place
                LEFT JOIN (\(SettlementStore.placed(.dispute, of: payment, "-gross"))) AS part
                    ON part.amount = told.part AND part.place = told.part_place AND NOT EXISTS (
                        SELECT FROM dispute AS other WHERE other.payment = \(payment) AND other.amount = told.part)
                LEFT JOIN (\(SettlementStore.placed(.dispute, of: payment, "gross"))) AS closing
                    ON closing.amount = told.given_back AND closing.place = told.back_place) AS tied
            WHERE tied.id = dispute.id AND organisation = \(change.cause.organisation)
                AND (opening_line, closing_line) IS DISTINCT FROM (tied.opening, tied.closing)
            """)
    }

    /// What was taken of a dispute that was lost in part.
    private static let part: SQL = "CASE WHEN outcome = 'lost' AND given_back <> 0 THEN amount - given_back END"

    /// Of the lines of a payment's disputes: those that wait on their own, and those that no longer have to.
    struct Waiting: Sendable {
        let line: SettlementLineID
        /// How often it was booked as something nobody told of, and how often that was undone.
        let booked: Int32
        let undone: Int32
        /// Whether an event tells of it.
        let isTold: Bool
    }

    func waiting(of payment: PaymentID, in change: inout Change) throws -> [Waiting] {
        try change.query(
            """
            SELECT line.id,
                (SELECT count(*) FROM ledger_entry WHERE kind = 'adjustment' AND subject = line.id)::int AS booked,
                (SELECT count(*) FROM ledger_entry WHERE kind = 'adjustment-undone' AND subject = line.id)::int
                    AS undone,
                EXISTS (SELECT FROM dispute WHERE line.id IN (opening_line, closing_line)
                    AND dispute.payment = line.payment) AS told
            FROM settlement_line AS line
            WHERE payment = \(payment) AND kind = 'dispute' AND organisation = \(change.cause.organisation)
            ORDER BY reference
            """
        ) { row in
            Waiting(
                line: SettlementLineID(try row("id") as UInt128), booked: try row("booked"), undone: try row("undone"),
                isTold: try row("told"))
        }
    }
}

extension DisputeID: PostgresEncodable, PostgresDecodable {}
