import NotificationDomain
package import PaymentModel
package import TransactionalMessaging

/// Forgets a client: words, numbers, addresses and the entry in the directory; what was counted and billed stays.
///
/// A number that is somebody else's too keeps what that one decided about marketing.
package struct ForgetClient: Sendable {
    /// A gateway is being called for the client; a moment later it is not.
    package struct BeingCalled: Error {}

    let messages = MessageStore()
    let personal = PersonalDataStore()

    /// Keeps nothing itself.
    package init() {}

    package func run(_ client: ClientID, in change: inout Change) throws {
        try personal.adopt(by: client, in: &change)
        for var record in try personal.lockUnsent(of: client, in: &change) {
            guard record.message.state != .claimed else { throw BeingCalled() }
            try record.message.callOff()
            try messages.save(record.message, reason: "the client was erased", in: &change)
        }
        try personal.forgetDecisions(of: client, in: &change)
        personal.forgetRecipients(of: client, in: &change)
        personal.forgetMessages(of: client, in: &change)
        personal.forgetContacts(of: client, in: &change)
    }
}
