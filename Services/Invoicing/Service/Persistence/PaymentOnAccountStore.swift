import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Money received from a client.
struct PaymentOnAccount: Sendable, Equatable {
    let id: PaymentOnAccountID
    let client: ClientID
    let clinic: ClinicID?
    let method: String
    /// The online payment it is, when it came that way.
    let payment: PaymentID?
    let amount: Money
    let receivedOn: LocalDate
    var allocations: [Allocation]
    /// The client's credit out of this payment.
    var unallocated: Money
    var refunded: Money

    var allocated: Int64 { allocations.reduce(0) { $0 + $1.amount.minorUnits } }
}

/// Payments on account and what they were counted for.
struct PaymentOnAccountStore {
    func insert(_ payment: PaymentOnAccount, in change: inout Change) throws {
        assertAddsUp(payment)
        try change.execute(
            """
            INSERT INTO payment_on_account (id, organisation, clinic, client, method, payment, currency, amount,
                allocated, unallocated, received_on)
            VALUES (\(payment.id), \(change.cause.organisation), \(payment.clinic), \(payment.client),
                \(payment.method), \(payment.payment), \(payment.amount.currency.code), \(payment.amount.minorUnits),
                \(payment.allocated), \(payment.unallocated.minorUnits), \(payment.receivedOn))
            """)
        let allocations = payment.allocations
        try change.execute(
            """
            INSERT INTO allocation (payment_on_account, organisation, invoice, position, amount)
            SELECT \(payment.id), \(change.cause.organisation), *
            FROM unnest(\(allocations.map(\.invoice.value)), \(allocations.indices.map { Int32($0) }),
                \(allocations.map(\.amount.minorUnits)))
            """)
    }

    /// Saves what a refund took back.
    func save(_ payment: PaymentOnAccount, in change: inout Change) throws {
        assertAddsUp(payment)
        try change.execute(
            """
            UPDATE payment_on_account SET allocated = \(payment.allocated),
                unallocated = \(payment.unallocated.minorUnits), refunded = \(payment.refunded.minorUnits)
            WHERE id = \(payment.id)
            """)
        for allocation in payment.allocations {
            try change.execute(
                """
                UPDATE allocation SET amount = \(allocation.amount.minorUnits)
                WHERE payment_on_account = \(payment.id) AND invoice = \(allocation.invoice)
                """)
        }
    }

    /// Locks the record of an online payment; nil when it was not recorded.
    func lock(_ payment: PaymentID, in change: inout Change) throws -> PaymentOnAccount? {
        let found = try change.first(
            """
            SELECT \(Self.columns) FROM payment_on_account
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation) FOR UPDATE
            """, read)
        return try found.map { try withAllocations($0, in: &change.transaction) }
    }

    func find(
        _ id: PaymentOnAccountID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> PaymentOnAccount? {
        let found = try transaction.first(
            "SELECT \(Self.columns) FROM payment_on_account WHERE id = \(id) AND organisation = \(organisation)", read)
        return try found.map { try withAllocations($0, in: &transaction) }
    }

    /// The payments before an id, newest first; of all clinics when `clinics` is nil.
    func list(
        of organisation: OrganisationID, at clinics: [ClinicID]?, before id: PaymentOnAccountID, rows: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> [PaymentOnAccount] {
        let found = try transaction.query(
            """
            SELECT \(Self.columns) FROM payment_on_account
            WHERE organisation = \(organisation) AND id < \(id)
                AND (\(clinics)::uuid[] IS NULL OR clinic = ANY(\(clinics)))
            ORDER BY id DESC LIMIT \(Int64(rows))
            """, read)
        return try found.map { try withAllocations($0, in: &transaction) }
    }

    func knows(_ refund: RefundID, in change: inout Change) throws -> Bool {
        try change.first("SELECT 1 AS one FROM refund WHERE id = \(refund)") { _ in true } ?? false
    }

    func insert(
        refund id: RefundID, of amount: Money, from payment: PaymentOnAccount, on day: LocalDate, _ change: inout Change
    ) throws {
        try change.execute(
            """
            INSERT INTO refund (id, organisation, payment_on_account, client, currency, amount, refunded_on)
            VALUES (\(id), \(change.cause.organisation), \(payment.id), \(payment.client), \(amount.currency.code),
                \(amount.minorUnits), \(day))
            """)
    }

    private static let columns: SQL =
        "id, client, clinic, method, payment, currency, amount, unallocated, refunded, received_on"

    private func read(_ row: Row) throws -> PaymentOnAccount {
        let currency = try row.currency()
        return PaymentOnAccount(
            id: try row("id"), client: try row("client"), clinic: try row("clinic"), method: try row("method"),
            payment: try row("payment"), amount: try row.money("amount", currency),
            receivedOn: try row("received_on"), allocations: [], unallocated: try row.money("unallocated", currency),
            refunded: try row.money("refunded", currency))
    }

    private func withAllocations(
        _ payment: PaymentOnAccount, in transaction: inout PostgresTransaction
    ) throws -> PaymentOnAccount {
        var payment = payment
        let currency = payment.amount.currency
        payment.allocations = try transaction.query(
            "SELECT invoice, amount FROM allocation WHERE payment_on_account = \(payment.id) ORDER BY position"
        ) { row in
            Allocation(try row("invoice"), try row.money("amount", currency))
        }
        return payment
    }

    private func assertAddsUp(_ payment: PaymentOnAccount) {
        let parts = payment.allocated + payment.unallocated.minorUnits + payment.refunded.minorUnits
        precondition(parts == payment.amount.minorUnits, "payment \(payment.id) does not equal its parts")
    }
}
