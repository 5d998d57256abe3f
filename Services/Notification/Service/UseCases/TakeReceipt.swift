import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Takes in a gateway's delivery receipt; it also settles a message whose call was never answered.
struct TakeReceipt {
    let messages = MessageStore()
    let receipts = ReceiptStore()

    func run(_ status: Int, for message: MessageID, in change: inout Change) throws {
        try receipts.keep(status, of: message, in: &change)
        try apply(status, to: message, in: &change)
    }

    /// SMSFactor's codes: 1 sent, 3 delivered, the others not delivered.
    func apply(_ status: Int, to id: MessageID, in change: inout Change) throws {
        guard status != 1, var record = try messages.lock(id, in: &change) else { return }
        do {
            if status == 3 { try record.message.confirmDelivery() } else { try record.message.reportUndelivered() }
        } catch {
            // A second receipt, or one for a message that never left.
            return
        }
        try messages.save(record.message, reason: status == 3 ? nil : "receipt \(status)", in: &change)
        if status == 3 {
            change.announce(MessageDeliveredV1(messageID: id), about: id, clinic: record.clinic)
        } else {
            change.announceFailure(of: record, "receipt \(status)")
        }
    }
}
