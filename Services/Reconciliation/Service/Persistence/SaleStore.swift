import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// A payment as statistics know it.
struct Sale: Sendable {
    /// How and when it ended.
    struct End: Sendable {
        let outcome: SaleOutcome
        let on: LocalDate
    }

    let payment: PaymentID
    let clinic: ClinicID?
    let provider: Provider
    /// Not every event tells of it.
    let plan: PaymentPlan?
    let amount: Money
    /// Nothing while it is open.
    let end: End?
    let fee: Money
    let feeVAT: Money
    /// What it is to pay, where it is for an invoice.
    let invoice: InvoiceID?
    /// Who asked for it; only its first event tells.
    var requestedBy: String?
}

/// Payments and how they ended.
struct SaleStore {
    /// Keeps what events tell of payments, each of which is among them once; whatever order events come in, what is
    /// kept in the end is the same.
    func keep(_ sales: [Sale], in change: inout Change) {
        let ranks = SaleOutcome.allCases.map(\.rawValue)
        let plans: [String?] = sales.map { $0.plan?.code }
        let outcomes: [String?] = sales.map { $0.end?.outcome.rawValue }
        let days: [LocalDate?] = sales.map { $0.end?.on }
        change.executeLater(
            """
            INSERT INTO sale (payment, organisation, clinic, provider, plan, currency, amount, outcome, decided_on, fee,
                fee_vat, invoice, requested_by)
            SELECT payment, \(change.cause.organisation), clinic, provider, plan, currency, amount, outcome, decided_on,
                fee, fee_vat, invoice, requested_by
            FROM unnest(\(sales.map(\.payment)), \(sales.map(\.clinic)), \(sales.map(\.provider.rawValue)),
                \(plans), \(sales.map(\.amount.currency.code)), \(sales.map(\.amount.minorUnits)), \(outcomes), \(days),
                \(sales.map(\.fee.minorUnits)), \(sales.map(\.feeVAT.minorUnits)), \(sales.map(\.invoice)),
                \(sales.map(\.requestedBy)))
                AS told (payment, clinic, provider, plan, currency, amount, outcome, decided_on, fee, fee_vat, invoice,
                    requested_by)
            ON CONFLICT (payment) DO UPDATE SET plan = coalesce(EXCLUDED.plan, sale.plan),
                invoice = coalesce(EXCLUDED.invoice, sale.invoice),
                requested_by = coalesce(EXCLUDED.requested_by, sale.requested_by), changed_at = now(),
                (outcome, decided_on, amount, fee, fee_vat) = (
                    SELECT CASE WHEN is_later THEN EXCLUDED.outcome ELSE sale.outcome END,
                        CASE WHEN is_later THEN EXCLUDED.decided_on ELSE sale.decided_on END,
                        CASE WHEN is_later THEN EXCLUDED.amount ELSE sale.amount END,
                        CASE WHEN is_later THEN EXCLUDED.fee ELSE sale.fee END,
                        CASE WHEN is_later THEN EXCLUDED.fee_vat ELSE sale.fee_vat END
                    FROM (SELECT coalesce(array_position(\(ranks), EXCLUDED.outcome), 0)
                        > coalesce(array_position(\(ranks), sale.outcome), 0) AS is_later) AS rank)
            """)
    }
}
