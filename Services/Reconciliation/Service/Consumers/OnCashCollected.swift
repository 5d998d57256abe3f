import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

/// Money came into a till (REC-10).
struct OnCashCollected {
    let ids: IdentifierSource
    let count: CountCollection

    /// A till is a clinic's; the message waits for somebody who finds out which.
    struct NoClinic: Error {}

    var subscription: Subscription {
        .on(CashCollectedV1.self) { event, envelope, change in
            guard let clinic = envelope.clinic else { throw NoClinic() }
            try count.run(
                TillMovement(
                    id: ids.make(), payment: event.paymentOnAccountID, act: .taken, clinic: clinic,
                    day: event.collectedOn,
                    method: TillSum.Method(code: event.method, tender: Tender(event.kind)),
                    client: event.clientID, receiptNumber: event.receiptNumber, amount: event.amount, reason: nil),
                in: &change)
        }
    }
}

extension Tender {
    fileprivate init(_ kind: CashCollectedV1.Kind) {
        self =
            switch kind {
            case .cash: .cash
            case .cheque: .cheque
            case .card: .card
            case .transfer: .transfer
            case .directDebit: .directDebit
            case .other: .other
            }
    }
}
