import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A payment as the books expect it from its provider.
struct Expectation: Sendable {
    let settlement: ExpectedSettlement
    let clinic: ClinicID?
    let client: ClientID
    let invoice: InvoiceID?
    let provider: Provider
    let providerReference: String
    let isHeld: Bool
    let acceptedOn: LocalDate
    let expectedOn: LocalDate
}

/// What providers owe.
struct ExpectationStore {
    /// False when the payment was told of before.
    func insert(_ expectation: Expectation, in change: inout Change) throws -> Bool {
        let settlement = expectation.settlement
        return try change.execute(
            """
            INSERT INTO expectation (payment, organisation, clinic, client, invoice, provider, provider_reference,
                currency, amount, fee, fee_vat, is_held, accepted_on, expected_on)
            VALUES (\(settlement.payment), \(change.cause.organisation), \(expectation.clinic), \(expectation.client),
                \(expectation.invoice), \(expectation.provider.rawValue), \(expectation.providerReference),
                \(settlement.amount.currency.code), \(settlement.amount.minorUnits), \(settlement.fee.minorUnits),
                \(settlement.feeVAT.minorUnits), \(expectation.isHeld), \(expectation.acceptedOn),
                \(expectation.expectedOn))
            ON CONFLICT (payment) DO NOTHING
            """) == 1
    }

    /// Counts a refund once; false when it was counted before.
    func count(_ refund: RefundID, of amount: Money, for payment: PaymentID, in change: inout Change) throws -> Bool {
        let counted = try change.execute(
            """
            INSERT INTO counted_refund (refund, organisation, payment, amount)
            VALUES (\(refund), \(change.cause.organisation), \(payment), \(amount.minorUnits))
            ON CONFLICT (refund) DO NOTHING
            """)
        guard counted == 1 else { return false }
        try change.execute(
            """
            UPDATE expectation SET refunded = refunded + \(amount.minorUnits)
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            """)
        return true
    }

    func lock(_ provider: Provider, _ reference: String, in change: inout Change) throws -> Expectation? {
        try lock("provider = \(provider.rawValue) AND provider_reference = \(reference)", in: &change)
    }

    func lock(_ payment: PaymentID, in change: inout Change) throws -> Expectation? {
        try lock("payment = \(payment)", in: &change)
    }

    /// The payout of a payment is that of its settlement line, the first where there are several.
    func settle(_ payment: PaymentID, in change: inout Change) throws {
        try change.execute(
            """
            UPDATE expectation SET payout = (
                SELECT payout FROM settlement_line WHERE payment = \(payment) AND kind = 'payment'
                ORDER BY reference COLLATE "C" LIMIT 1)
            WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            """)
    }

    func keep(number: String, of invoice: InvoiceID, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO invoice_number (invoice, organisation, number)
            VALUES (\(invoice), \(change.cause.organisation), \(number)) ON CONFLICT (invoice) DO NOTHING
            """)
    }

    private func lock(_ condition: SQL, in change: inout Change) throws -> Expectation? {
        try change.first(
            """
            SELECT payment, clinic, client, invoice, provider, provider_reference, currency, amount, refunded, fee,
                fee_vat, is_held, accepted_on, expected_on
            FROM expectation WHERE organisation = \(change.cause.organisation) AND \(condition) FOR UPDATE
            """
        ) { row in
            let currency = try row.currency()
            return Expectation(
                settlement: ExpectedSettlement(
                    payment: try row("payment"), amount: try row.money("amount", currency),
                    refunded: try row.money("refunded", currency), fee: try row.money("fee", currency),
                    feeVAT: try row.money("fee_vat", currency)),
                clinic: try row("clinic"), client: try row("client"), invoice: try row("invoice"),
                provider: try row.word("provider"), providerReference: try row("provider_reference"),
                isHeld: try row("is_held"), acceptedOn: try row("accepted_on"), expectedOn: try row("expected_on"))
        }
    }
}

/// Refunds that came before the payment they are of.
struct WaitingRefunds {
    /// A refund whose payment is not known.
    struct Refund: Sendable {
        let id: RefundID
        let payment: PaymentID
        let amount: Money
        let completedOn: LocalDate
    }

    func keep(_ refund: Refund, in change: inout Change) throws {
        try change.execute(
            """
            INSERT INTO waiting_refund (refund, organisation, payment, currency, amount, completed_on)
            VALUES (\(refund.id), \(change.cause.organisation), \(refund.payment), \(refund.amount.currency.code),
                \(refund.amount.minorUnits), \(refund.completedOn))
            ON CONFLICT (refund) DO NOTHING
            """)
    }

    /// Hands out those of a payment and forgets them.
    func take(of payment: PaymentID, in change: inout Change) throws -> [Refund] {
        try change.query(
            """
            DELETE FROM waiting_refund WHERE payment = \(payment) AND organisation = \(change.cause.organisation)
            RETURNING refund, payment, currency, amount, completed_on
            """
        ) { row in
            Refund(
                id: try row("refund"), payment: try row("payment"),
                amount: try row.money("amount", try row.currency()),
                completedOn: try row("completed_on"))
        }
    }
}
