import NotificationDomain
package import PaymentModel
package import TransactionalMessaging

/// Forgets a client: words, numbers, addresses and the entry in the directory; what was counted and billed stays.
///
/// A number that is somebody else's too keeps what that one decided about marketing. Nothing waits for a gateway that
/// is being called for the client: with the outcome of its call that message is forgotten too. What was planned is
/// called off, and whatever is told of the client from now on asks for no message.
package struct ForgetClient: Sendable {
    let messages = MessageStore()
    let reminders = ReminderStore()
    let personal = PersonalDataStore()
    let campaigns = CampaignPhones()
    let forgotten = ForgottenClientStore()

    /// Keeps nothing itself.
    package init() {}

    package func run(_ client: ClientID, in change: inout Change) throws {
        forgotten.awaitTurn(of: [client], in: &change)
        forgotten.remember(client, in: &change)
        // Before anything is looked for: what is being written to the client just now is there afterwards.
        campaigns.lock(in: &change)
        try personal.adopt(by: client, in: &change)
        for record in try personal.lockUnsent(of: client, in: &change) {
            guard record.message.state != .claimed else {
                messages.forgetWhenCalled(record.message.id, in: &change)
                continue
            }
            try change.callOff(record, because: .clientErased)
        }
        reminders.forget(client, because: .clientErased, in: &change)
        try campaigns.forget(try personal.phones(of: client, in: &change), in: &change)
        try personal.forgetDecisions(of: client, in: &change)
        personal.forgetRecipients(of: client, in: &change)
        personal.forgetMessages(of: client, in: &change)
        personal.forgetContacts(of: client, in: &change)
    }
}
