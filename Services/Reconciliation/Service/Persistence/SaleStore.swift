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
    /// Keeps what an event tells; whatever order events come in, what is kept in the end is the same.
    func keep(_ sale: Sale, in change: inout Change) throws {
        let ranks = SaleOutcome.allCases.map(\.rawValue)
        change.executeLater(
            """
            INSERT INTO sale (payment, organisation, clinic, provider, plan, currency, amount, outcome, decided_on, fee,
                fee_vat, invoice, requested_by)
            VALUES (\(sale.payment), \(change.cause.organisation), \(sale.clinic), \(sale.provider.rawValue),
                \(sale.plan?.code), \(sale.amount.currency.code), \(sale.amount.minorUnits),
                \(sale.end?.outcome.rawValue), \(sale.end?.on), \(sale.fee.minorUnits), \(sale.feeVAT.minorUnits),
                \(sale.invoice), \(sale.requestedBy))
            ON CONFLICT (payment) DO UPDATE SET plan = coalesce(EXCLUDED.plan, sale.plan),
                invoice = coalesce(EXCLUDED.invoice, sale.invoice),
                requested_by = coalesce(EXCLUDED.requested_by, sale.requested_by),
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
