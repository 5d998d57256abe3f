import EventContract
import NotificationDomain
import PaymentModel
import TransactionalMessaging

// How the steps of a message become events of the contract.

extension Change {
    mutating func announceRequest(_ request: MessageRequest, as id: MessageID) {
        announce(
            MessageRequestedV1(
                messageID: id, clientID: request.client, paymentID: request.matter.payment,
                invoiceID: request.matter.invoice, channel: request.channel.onTheWire,
                occasion: request.occasion.rawValue, lane: request.lane.rawValue),
            about: id, clinic: request.clinic)
    }

    /// Hands a message out to the workers; the key is the client, so that one client's messages keep their order.
    mutating func announceDispatch(_ record: MessageRecord) {
        announce(
            MessageDispatchV1(messageID: record.message.id, lane: record.lane.rawValue), about: record.recipient,
            clinic: record.clinic)
    }

    mutating func announceOutcome(_ outcome: DispatchOutcome, of record: MessageRecord, by gateway: String) {
        switch outcome {
        case .accepted(let reference, let parts):
            announce(
                MessageSentV1(
                    messageID: record.message.id, channel: record.channel.onTheWire,
                    occasion: record.occasion.rawValue, paymentID: record.matter.payment,
                    invoiceID: record.matter.invoice, campaignID: record.matter.campaign, gateway: gateway,
                    parts: parts, gatewayReference: reference),
                about: record.message.id, clinic: record.clinic)
        case .refused(let reason): announceFailure(of: record, reason)
        case .barred, .notTaken, .unknown, .notCalled: break
        }
    }

    /// Messages of a campaign that are written; one call of the workers is enough for all of them.
    mutating func announce(_ messages: [CampaignMessage], of record: CampaignRecord) {
        for message in messages {
            announce(
                MessageRequestedV1(
                    messageID: message.id, clientID: message.candidate.client, campaignID: record.campaign.id,
                    channel: .sms, occasion: Occasion.campaign.rawValue, lane: Lane.bulk.rawValue),
                about: message.id, clinic: record.draft.clinic)
        }
        guard let first = messages.first else { return }
        announce(
            MessageDispatchV1(messageID: first.id, lane: Lane.bulk.rawValue), about: record.campaign.id,
            clinic: record.draft.clinic)
    }

    mutating func announceCallOff(of record: MessageRecord, because reason: CallOffReason) {
        // As when it left: nobody waits to hear of a campaign's messages one by one.
        if record.lane == .bulk { letAnnouncementsWait() }
        announce(
            MessageCalledOffV1(
                messageID: record.message.id, channel: record.channel.onTheWire, occasion: record.occasion.rawValue,
                paymentID: record.matter.payment, invoiceID: record.matter.invoice,
                campaignID: record.matter.campaign, reason: reason.rawValue),
            about: record.message.id, clinic: record.clinic)
    }

    /// Messages of a campaign that nobody wants any more.
    mutating func announceCallOff(
        of messages: [MessageID], of record: CampaignRecord, because reason: CallOffReason
    ) {
        if !messages.isEmpty { letAnnouncementsWait() }
        for id in messages {
            announce(
                MessageCalledOffV1(
                    messageID: id, channel: .sms, occasion: Occasion.campaign.rawValue,
                    campaignID: record.campaign.id, reason: reason.rawValue),
                about: id, clinic: record.draft.clinic)
        }
    }

    mutating func announceFailure(of record: MessageRecord, _ reason: String) {
        announce(
            MessageFailedV1(
                messageID: record.message.id, channel: record.channel.onTheWire, occasion: record.occasion.rawValue,
                reason: reason),
            about: record.message.id, clinic: record.clinic)
    }
}

extension Channel {
    /// The contract's word.
    var onTheWire: EventContract.MessageChannel { self == .sms ? .sms : .email }
}
