import EventContract
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Accepted money was counted, perhaps for other debts than the one it was asked for.
struct OnPaymentOnAccountRecorded: Sendable {
    let keep: KeepReceivable

    var subscription: Subscription {
        .on(PaymentOnAccountRecordedV1.self) { event, _, change in
            guard let payment = event.paymentID else { return }
            let debts =
                event.allocations.map { Debt.invoice($0.invoiceID) }
                + (event.receivables ?? []).map { Debt.receivable($0.receivableID) }
            try keep.count(payment, for: debts, in: &change)
        }
    }
}
