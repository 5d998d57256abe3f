import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Adds up where every cent of an invoice is; nothing is written through it.
struct InvoiceAccountStore {
    let settlements: SettlementStore
    let disputes: DisputeStore
    let expectations = ExpectationStore()
    let standings = InvoiceStandingStore()

    /// Money that was counted for an invoice, as it is known by one name.
    private struct Receipt {
        let invoice: InvoiceID
        let money: PaymentOnAccountID
        let payment: PaymentID?
        let tender: Tender?
        let amount: Money
    }

    /// Nil where an earlier version was told of the invoice.
    func account(
        of invoice: InvoiceID, in organisation: OrganisationID, knowing takings: [TakingTrailAnswer],
        _ transaction: inout PostgresTransaction
    ) throws -> InvoiceAccount? {
        guard let standing = try standings.standing(of: invoice, in: organisation, &transaction) else { return nil }
        let currency = standing.total.currency
        let receipts = try receipts(for: invoice, in: organisation, currency, &transaction)
        var counted: [InvoiceAccount.Counted] = []
        for receipt in receipts {
            counted.append(
                try receipt.payment.map { try online(receipt, $0, of: organisation, &transaction) }
                    ?? atTill(receipt, takings))
        }
        let held = try held(for: invoice, in: organisation, currency, &transaction)
        return try InvoiceAccount(standing, counted: counted, held: held)
    }

    /// Oldest first.
    private func receipts(
        for invoice: InvoiceID, in organisation: OrganisationID, _ currency: Currency,
        _ transaction: inout PostgresTransaction
    ) throws -> [Receipt] {
        try transaction.query(
            """
            SELECT receipt.payment, online.payment AS online, till.tender, sum(receipt.amount)::bigint AS amount
            FROM \(OriginStore.receipts)
            WHERE receipt.invoice = \(invoice) AND receipt.organisation = \(organisation)
                AND receipt.currency = \(currency.code)
            GROUP BY receipt.payment, online.payment, till.tender ORDER BY min(receipt.received_on), min(receipt.id::text)
            """
        ) { row in
            let tender: String? = try row("tender")
            return Receipt(
                invoice: invoice, money: try row("payment"), payment: try row("online"),
                tender: try tender.map { _ in try row.word("tender") }, amount: try row.money("amount", currency))
        }
    }

    /// Nowhere yet while nobody has told of the payment.
    private func online(
        _ receipt: Receipt, _ payment: PaymentID, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> InvoiceAccount.Counted {
        let found = try expectations.list(
            "payment = \(payment)", of: organisation, after: .beginning, limit: 1, &transaction)
        guard let settlement = found.first?.settlement, settlement.amount.currency == receipt.amount.currency else {
            return InvoiceAccount.Counted(.online, receipt.amount, parts: [])
        }
        let trail = try PaymentTrail(of: settlement, by: settlements.told(of: payment, &transaction))
        let currency = receipt.amount.currency
        let told = try disputes.disputes(of: payment, &transaction).map(\.dispute)
            .filter { $0.amount.currency == currency }
        let (taken, open) = (told.compactMap(\.end?.taken), told.filter { $0.end == nil })
        let disputed = try part(
            of: Money.sum(open.map(\.amount), in: currency), in: receipt, settlement, of: organisation, &transaction)
        return InvoiceAccount.Counted(
            .online, receipt.amount,
            parts: [
                .init(trail.whereabouts, try receipt.amount.subtracting(disputed)),
                .init(.disputed, disputed),
            ],
            refunded: settlement.refunded, lost: try Money.sum(taken, in: currency))
    }

    /// What of a dispute is about a receipt: it is split over all that the payment was counted for and what is left of
    /// it, in one order, so that the parts of its invoices sum to it.
    private func part(
        of disputed: Money, in receipt: Receipt, _ settlement: ExpectedSettlement, of organisation: OrganisationID,
        _ transaction: inout PostgresTransaction
    ) throws -> Money {
        guard !disputed.isZero else { return disputed }
        let counted: [(amount: Int64, isOwn: Bool)] = try transaction.query(
            """
            SELECT greatest(sum(receipt.amount), 0)::bigint AS amount, receipt.payment = \(receipt.money)
                AND receipt.invoice IS NOT DISTINCT FROM \(receipt.invoice) AS is_own
            FROM online_receipt AS online JOIN vat_receipt AS receipt
                ON receipt.organisation = online.organisation AND receipt.payment = online.payment_on_account
            WHERE online.payment = \(settlement.payment) AND online.organisation = \(organisation)
                AND receipt.currency = \(disputed.currency.code)
            GROUP BY receipt.payment, receipt.invoice ORDER BY receipt.payment, receipt.invoice
            LIMIT \(Int64(Instalments.countMax - 1))
            """
        ) { row in (amount: try row("amount"), isOwn: try row("is_own")) }
        let amounts = counted.map(\.amount)
        let left = max(0, settlement.amount.minorUnits - amounts.reduce(0, +))
        let parts = try Instalments.split(disputed, inProportionTo: amounts + [left])
        return zip(counted, parts).first { $0.0.isOwn }?.1 ?? .zero(disputed.currency)
    }

    /// What a till took is where its movements are, what was taken back apart; the rest of it is for something else.
    private func atTill(_ receipt: Receipt, _ takings: [TakingTrailAnswer]) throws -> InvoiceAccount.Counted {
        var sums: [Whereabouts: Money] = [:]
        for place in takings.filter({ $0.taking.paymentOnAccountID == receipt.money }).flatMap(\.places) {
            sums[place.place] = try (sums[place.place] ?? .zero(place.amount.currency)).adding(place.amount)
        }
        return InvoiceAccount.Counted(
            receipt.tender.map { InvoiceAccount.Way($0) } ?? .other, receipt.amount,
            parts: Whereabouts.allCases.compactMap { place in sums[place].map { InvoiceAccount.Part(place, $0) } })
    }

    /// Paid online for the invoice, and counted for nothing yet.
    private func held(
        for invoice: InvoiceID, in organisation: OrganisationID, _ currency: Currency,
        _ transaction: inout PostgresTransaction
    ) throws -> Money {
        try transaction.one(
            """
            SELECT coalesce(sum(greatest(amount - refunded - withheld, 0)), 0)::bigint AS held FROM expectation
            WHERE invoice = \(invoice) AND organisation = \(organisation) AND currency = \(currency.code)
                AND NOT EXISTS (
                    SELECT FROM online_receipt AS online
                    WHERE online.payment = expectation.payment AND online.organisation = expectation.organisation)
            """
        ) { row in try row.money("held", currency) }
    }
}
