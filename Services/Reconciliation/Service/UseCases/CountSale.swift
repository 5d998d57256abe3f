import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// A payment began or ended: statistics will count it (REC-9).
struct CountSale {
    let clinics: ClinicStore
    let sales = SaleStore()

    func run(_ sale: Sale, in change: inout Change) throws { try sales.keep(sale, in: &change) }

    /// It ended without money at a moment, which is a day of its clinic.
    func ended(_ outcome: SaleOutcome, _ sale: Sale, at moment: Instant, in change: inout Change) throws {
        let day = try clinics.day(of: moment, at: sale.clinic, in: &change)
        try run(sale.ended(Sale.End(outcome: outcome, on: day)), in: &change)
    }
}

extension Sale {
    /// One that has not ended; it is in no figure.
    init(
        payment: PaymentID, for invoice: InvoiceID?, at clinic: ClinicID?, provider: Provider, amount: Money,
        plan: PaymentPlan? = nil
    ) {
        self.init(
            payment: payment, clinic: clinic, provider: provider, plan: plan, amount: amount, end: nil,
            fee: .zero(amount.currency), feeVAT: .zero(amount.currency), invoice: invoice)
    }

    fileprivate func ended(_ end: End) -> Sale {
        Sale(
            payment: payment, clinic: clinic, provider: provider, plan: plan, amount: amount, end: end, fee: fee,
            feeVAT: feeVAT, invoice: invoice)
    }
}
