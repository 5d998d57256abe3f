import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Has a client get an invoice and the link that pays it in one mail, whatever comes first and whoever sends (INV-5).
struct KeepToOneMail {
    private static let underWay = "another mail with its invoice is being sent"
    /// How soon it is looked at again: a call is over before long.
    private static let waitSeconds: Int64 = 5
    let messages = MessageStore()
    let mails = InvoiceMailStore()

    /// False when the mail may not leave now; `payment` is the one whose link it brings.
    ///
    /// Asked last before a claim, whose transaction then notes what the mail carries.
    func run(_ record: MessageRecord, bringing payment: PaymentID?, in change: inout Change) throws -> Bool {
        guard record.channel == .email, let invoice = record.matter.invoice else { return true }
        mails.awaitTurn(of: invoice, in: &change)
        switch try turn(of: record, &change.transaction) {
        case .leaves:
            mails.note(payment, carriedBy: record.message.id, in: &change)
            return true
        case .waits: try wait(record.message.id, in: &change)
        case .givesWay: try change.callOff(record, because: .unwanted)
        }
        return false
    }

    /// Puts off what is to leave after another mail, or not at all.
    func wait(_ id: MessageID, in change: inout Change) throws {
        try messages.postpone(id, bySeconds: Self.waitSeconds, reason: Self.underWay, in: &change)
    }

    /// What a message may do beside the other mails about its invoice, as things are.
    func turn(of record: MessageRecord, _ transaction: inout PostgresTransaction) throws -> MailTurn {
        guard record.channel == .email, let invoice = record.matter.invoice else { return .leaves }
        return MailTurn(
            of: record.occasion, about: try MessageFacts(record.facts).payment,
            beside: try mails.others(than: record.message.id, about: invoice, &transaction))
    }
}
