import Logging
import Metrics
import NotificationDomain
import Observability
import PaymentModel
import TransactionalMessaging

/// Counts and logs what left late, by whoever learns that it left: nothing is sent late unseen (NOT-3).
struct TellOfLateness {
    /// What left its time behind by so much is late.
    let lateAfter: Duration
    let logger: Logger
    let messages = MessageStore()

    /// Has the series begin at nothing: an alert sees no growth where the first value is a count.
    func begin() {
        for occasion in Occasion.allCases { Self.count(0, occasion) }
    }

    /// After it was saved as one that left, with the record as it was read before.
    func run(_ before: MessageRecord, in change: inout Change) throws {
        var record = before
        // One that was given up, called off or uncertain was not known to leave: how late it did is known as it is
        // saved. So is whether that is known of one that arrived while it waited for another try.
        if record.dueAt != nil, record.secondsLate == nil || record.message.state == .delivered {
            record = try messages.lock(record.message.id, in: &change) ?? record
        }
        guard let late = record.secondsLate, record.isLate(after: lateAfter) else { return }
        let (id, occasion) = (record.message.id, record.occasion)
        change.afterCommit { [logger] in
            Self.count(1, occasion)
            logger.warning(
                "a message left late",
                metadata: [LogField.subjectID: "\(id)", LogField.reason: "\(late) s after it was due"])
        }
    }

    private static func count(_ messages: Int, _ occasion: Occasion) {
        Counter(label: "quittance_messages_left_late", dimensions: [("occasion", occasion.rawValue)])
            .increment(by: messages)
    }
}
