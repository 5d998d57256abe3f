import EventContract
import NotificationChannels
import NotificationDomain
import PaymentModel
import TransactionalMessaging

/// Takes in a gateway's delivery receipt; it also settles a message whose call was never answered.
struct TakeReceipt {
    let lateness: TellOfLateness
    let messages = MessageStore()
    let receipts = ReceiptStore()

    func run(_ receipt: ReceiptRecord, for id: MessageID, in change: inout Change) throws {
        try receipts.keep(receipt, of: id, in: &change)
        // Faster than the answer of its call, which takes it in a moment later (C-14): sent comes before delivered.
        guard let record = try messages.lock(id, in: &change), record.message.state != .claimed else { return }
        try settle(record, by: receipt, in: &change)
    }

    /// Takes in what came while the call was open.
    func join(_ id: MessageID, in change: inout Change) throws {
        for receipt in try receipts.ofLastTry(of: id, in: &change) {
            guard let record = try messages.lock(id, in: &change) else { return }
            try settle(record, by: receipt, in: &change)
        }
    }

    private func settle(_ record: MessageRecord, by receipt: ReceiptRecord, in change: inout Change) throws {
        guard let verdict = receipt.verdict.flatMap(GatewayReceipt.Verdict.init(rawValue:)) else { return }
        let wasKnownToLeave = record.leftAt != nil
        let seemedUntaken = record.message.state == .failed || record.message.state == .calledOff
        var record = record
        do {
            switch verdict {
            case .delivered: try record.message.confirmDelivery()
            case .undelivered:
                // Of an earlier try, through another gateway: the one that has it now may still deliver it.
                guard record.holder == receipt.gateway else { return }
                try record.message.reportUndelivered()
            }
        } catch {
            // A second receipt, or one for a message that never left.
            return
        }
        // As when it left: nobody waits to hear of a campaign's messages one by one.
        if record.lane == .bulk { change.letAnnouncementsWait() }
        let reason = "receipt \(receipt.code)"
        // A gateway's code is no more than that it arrived.
        try messages.save(record.message, reason: verdict == .delivered ? nil : reason, in: &change)
        let id = record.message.id
        switch verdict {
        case .delivered:
            // What nobody seemed to have taken is billed all the same.
            if seemedUntaken { messages.countParts(of: id, in: &change) }
            if !wasKnownToLeave { try lateness.run(record, in: &change) }
            change.announce(MessageDeliveredV1(messageID: id), about: id, clinic: record.clinic)
        case .undelivered:
            // Also of a call that was not answered: whoever lost it had taken it.
            messages.countParts(of: id, in: &change)
            change.announceFailure(of: record, reason)
        }
    }
}
