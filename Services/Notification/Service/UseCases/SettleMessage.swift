import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// A person says what became of a message whose outcome nobody knows: the only way one is ever sent again.
struct SettleMessage {
    let lateness: TellOfLateness
    let messages = MessageStore()
    let late = CallOffLate()

    func run(_ id: MessageID, _ finding: Finding, in change: inout Change) throws {
        guard var record = try messages.lock(id, in: &change) else { return }
        let reason = "settled by a person: \(finding.rawValue)"
        // Said twice, as where the first answer was lost: the message is where it put it.
        if record.message.state == finding.state, record.reason == reason { return }
        try record.message.settle(finding)
        // Too late to be sent again, and perhaps without its words by now.
        if finding == .sendAgain, try late.run(record, in: &change) { return }
        // Called off meanwhile, or its client erased: it is not sent again.
        if finding == .sendAgain, !record.isWanted {
            return try change.callOff(record, because: .unwanted)
        }
        try messages.save(record.message, reason: reason, in: &change)
        switch finding {
        case .arrived:
            try lateness.run(record, in: &change)
            change.announce(MessageDeliveredV1(messageID: id), about: id, clinic: record.clinic)
        case .giveUp:
            // Whoever gave no answer may have taken it, and bills it then.
            if record.channel == .sms { messages.countParts(of: id, in: &change) }
            change.announceFailure(of: record, reason)
        case .sendAgain:
            try messages.postpone(id, bySeconds: 0, reason: reason, in: &change)
            messages.waitAnew(id, in: &change)
            change.announceDispatch(record)
        }
    }
}
