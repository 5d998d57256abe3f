import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Sees to it that people a reminder names besides its client can get one (NOT-3).
struct CheckOtherRecipients: Sendable {
    /// The most a reminder names.
    static let countMax = 10
    let contacts = ContactStore()

    /// One of them is not in the directory as far as the caller sees it, or has no phone an SMS arrives at.
    struct Unknown: Error {}

    func run(_ ids: [ContactID], for access: ContactAccess, in change: inout Change) throws {
        for id in ids {
            guard let contact = try contacts.find(id, of: change.cause.organisation, &change.transaction),
                access.includes(contact.details.clinic), let phone = contact.details.phone,
                WrittenNumbers.mobile(phone) != nil
            else { throw Unknown() }
        }
    }
}
