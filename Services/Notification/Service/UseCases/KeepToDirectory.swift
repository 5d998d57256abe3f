import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Lets a message to somebody of the directory leave only while the entry is there (NOT-3, GEN-7).
struct KeepToDirectory {
    let contacts = ContactStore()

    /// False when the person was taken out since the message was written; a campaign's has its numbers itself.
    func run(_ record: MessageRecord, in change: inout Change) throws -> Bool {
        guard record.matter.campaign == nil, let id = record.contact,
            try contacts.find(id, of: record.organisation, &change.transaction) == nil
        else { return true }
        try change.callOff(record, because: .unwanted)
        return false
    }
}
