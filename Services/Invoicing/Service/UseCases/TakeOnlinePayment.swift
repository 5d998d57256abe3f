import InvoicingDomain
import PaymentModel
import TransactionalMessaging

/// Takes an online payment into the books, or lets it wait for a person who accepts it (INV-13).
struct TakeOnlinePayment {
    let record: RecordPayment
    let waiting = WaitingPaymentStore()
    let rules = RulesStore()

    func run(_ told: RecordPayment.Received, in change: inout Change) throws {
        guard told.amount.currency == .eur else {
            throw RecordPayment.NotInEuros(payment: told.payment, currency: told.amount.currency)
        }
        let organisation = change.cause.organisation
        let (standing, known, kept) = try change.read(
            record.clients.standing(of: told.client, organisation), waiting.locking(told.payment, organisation),
            rules.finding(of: organisation))
        let received = told.of(try record.clients.current(standing, of: told.client, in: &change))
        if let known {
            guard received.isSame(client: known.received.client, amount: known.received.amount) else {
                throw RecordPayment.ToldOtherwise(payment: received.payment)
            }
            return
        }
        guard (kept?.rules ?? .standard).onlineAcceptance == .byHand,
            try record.payments.lock(received.payment, in: &change) == nil
        else { return try record.run(received, in: &change) }
        try waiting.insert(received.payment, received, in: &change)
    }
}
