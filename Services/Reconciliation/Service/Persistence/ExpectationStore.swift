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
    let payout: PayoutID?
}

/// What providers owe.
struct ExpectationStore {
    func insert(_ expectation: Expectation, in change: inout Change) throws {
        let settlement = expectation.settlement
        try change.execute(
            """
            INSERT INTO expectation (payment, organisation, clinic, client, invoice, provider, provider_reference,
                currency, amount, fee, fee_vat, is_held, accepted_on, expected_on)
            VALUES (\(settlement.payment), \(change.cause.organisation), \(expectation.clinic), \(expectation.client),
                \(expectation.invoice), \(expectation.provider.rawValue), \(expectation.providerReference),
                \(settlement.amount.currency.code), \(settlement.amount.minorUnits), \(settlement.fee.minorUnits),
                \(settlement.feeVAT.minorUnits), \(expectation.isHeld), \(expectation.acceptedOn),
                \(expectation.expectedOn))
            """)
    }

    /// Counts a refund once; nil when the payment is not known.
    func count(
        _ refund: RefundID, of amount: Money, for payment: PaymentID, in change: inout Change
    ) throws -> Expectation? {
        guard let expectation = try lock("payment = \(payment)", in: &change) else { return nil }
        let counted = try change.execute(
            """
            INSERT INTO counted_refund (refund, organisation, payment, amount)
            VALUES (\(refund), \(change.cause.organisation), \(payment), \(amount.minorUnits))
            ON CONFLICT (refund) DO NOTHING
            """)
        if counted == 1 {
            try change.execute(
                "UPDATE expectation SET refunded = refunded + \(amount.minorUnits) WHERE payment = \(payment)")
        }
        return expectation
    }

    func lock(_ provider: Provider, _ reference: String, in change: inout Change) throws -> Expectation? {
        try lock(
            """
            organisation = \(change.cause.organisation) AND provider = \(provider.rawValue)
                AND provider_reference = \(reference)
            """, in: &change)
    }

    func settle(_ payment: PaymentID, in payout: PayoutID, _ change: inout Change) throws {
        try change.execute("UPDATE expectation SET payout = \(payout) WHERE payment = \(payment)")
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
                fee_vat, is_held, accepted_on, expected_on, payout
            FROM expectation WHERE \(condition) FOR UPDATE
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
                isHeld: try row("is_held"), acceptedOn: try row("accepted_on"), expectedOn: try row("expected_on"),
                payout: try row("payout"))
        }
    }
}
