import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Payments began or ended: statistics will count them (REC-9).
struct CountSale {
    let clinics: ClinicStore
    let sales = SaleStore()

    func run(_ sale: Sale, in change: inout Change) { run([sale], in: &change) }

    /// Several, each of a payment of its own.
    func run(_ sales: [Sale], in change: inout Change) { self.sales.keep(sales, in: &change) }

    /// It ended without money at a moment, which is a day of its clinic.
    func ended(_ outcome: SaleOutcome, _ sale: Sale, at moment: Instant, in change: inout Change) throws {
        let day = try clinics.day(of: moment, at: sale.clinic, in: &change)
        run(sale.ended(Sale.End(outcome: outcome, on: day)), in: &change)
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
