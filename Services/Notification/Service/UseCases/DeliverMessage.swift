import Logging
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import TransactionalMessaging

/// Claim, call, outcome: three steps, so that a message leaves once whatever breaks between them (NOT-10).
struct DeliverMessage {
    let database: Database
    let gateways: [Channel: any MessageGateway]
    let steps: MessageSteps
    let logger: Logger
    let messages = MessageStore()
    let receipts = ReceiptStore()
    let take = TakeReceipt()

    func run(_ waiting: WaitingMessage) async throws {
        guard try await claim(waiting) else { return }
        let found = try await database.read(organisation: waiting.organisation) { transaction in
            try messages.find(waiting.id, &transaction)
        }
        guard let record = found, let gateway = gateways[record.channel], let address = record.address else {
            return try await keep(.refused(reason: "no gateway for its channel"), of: waiting, by: "none")
        }
        let outcome = await gateway.send(
            OutgoingMessage(
                id: waiting.id, address: address, subject: record.subject ?? "", text: record.body ?? "",
                writtenAt: record.createdAt))
        try await keep(outcome, of: waiting, by: gateway.name)
        logger.info("a message was handed over", metadata: [LogField.reason: "\(outcome.label)"])
    }

    /// False when the message is not ready: another worker has it, it left, or it was called off.
    private func claim(_ waiting: WaitingMessage) async throws -> Bool {
        try await database.change(because: steps.cause("claim-message", waiting)) { change in
            guard var record = try messages.lock(waiting.id, in: &change), record.message.state == .ready else {
                return false
            }
            try record.message.claim()
            try messages.save(record.message, in: &change)
            return true
        }.answer
    }

    private func keep(_ outcome: DispatchOutcome, of waiting: WaitingMessage, by gateway: String) async throws {
        _ = try await database.change(because: steps.cause("keep-outcome", waiting)) { change in
            try keep(outcome, of: waiting.id, by: gateway, in: &change)
            return NoAnswer()
        }
    }

    private func keep(
        _ outcome: DispatchOutcome, of id: MessageID, by gateway: String, in change: inout Change
    ) throws {
        // A receipt that was faster than the answer has the last word already (C-14).
        guard var record = try messages.lock(id, in: &change),
            record.message.state == .claimed || record.message.state == .uncertain
        else { return }
        try record.message.conclude(outcome)
        try messages.save(record.message, reason: outcome.reason, in: &change)
        if case .accepted(let reference, let parts) = outcome {
            try messages.keepOutcome(of: id, gateway: gateway, reference: reference, parts: parts, in: &change)
        }
        if record.message.state == .ready {
            try messages.postpone(id, bySeconds: 5, reason: outcome.reason ?? "not taken", in: &change)
        }
        change.announceOutcome(outcome, of: record, by: gateway)
        for status in try receipts.statuses(of: id, in: &change) { try take.apply(status, to: id, in: &change) }
    }
}

extension DispatchOutcome {
    fileprivate var label: String {
        switch self {
        case .accepted: "accepted"
        case .refused: "refused"
        case .notTaken: "not-taken"
        case .unknown: "unknown"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .accepted: nil
        case .refused(let reason), .notTaken(let reason), .unknown(let reason): reason
        }
    }
}
