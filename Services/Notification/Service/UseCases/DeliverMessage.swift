import Logging
import Metrics
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// Claim, call, outcome: three steps, so that a message leaves once whatever breaks between them (NOT-10).
struct DeliverMessage {
    let database: Database
    /// By name.
    let gateways: [String: any MessageGateway]
    /// The gateways for SMS, the one that is tried first in front.
    let order: [String]
    let accounts: GatewayAccountStore
    let handsOff: HandsOff
    let bring: BringDocument
    let ids: IdentifierSource
    let logger: Logger
    let receipts: TakeReceipt
    let lateness: TellOfLateness
    let messages = MessageStore()
    let queues = MessageQueues()
    let policies = PolicyStore()
    let quotas = QuotaStore()
    let late = CallOffLate()
    let law: KeepToTheLaw
    /// How campaigns say STOP, where gateways are told that they are marketing; nil: they are not told.
    let stopMention: String?
    let campaign = KeepToCampaign()
    let directory = KeepToDirectory()
    let oneMail = KeepToOneMail()
    /// Tries to make a change while the database is away, together shorter than a call's lease.
    private static let changesMax = 60
    private static let changePause = Duration.milliseconds(500)
    /// What was decided with a claim, such as that it is not too late, holds for so long from its beginning.
    private static let claimHolds = Duration.seconds(5)
    /// For how long what somebody waits for stays out of the line of a quota that somebody holds on to.
    ///
    /// Without it many of one organisation would stand there by turns, and before all others at the table and the
    /// connections.
    private static let quotaPause = Duration.seconds(5)

    /// What the call came to is kept as soon as `mayKeep` returns, which is long before its lease ends.
    func run(_ waiting: WaitingMessage, mayKeep: () async -> Void = {}) async throws {
        guard let enclosure = try await bring.run(waiting) else { return try await giveBack(waiting) }
        guard let claimed = try await claim(waiting, bringing: enclosure.payLink?.payment) else {
            return try await giveBack(waiting)
        }
        let (record, policy) = (claimed.record, claimed.policy)
        let number = record.message.tries
        guard let gateway = gateway(of: record), let address = record.address else {
            return try await keep(.refused(reason: "no gateway for its channel"), of: waiting, number, by: "none")
        }
        // A worker that was frozen does not know what was decided about the message since.
        guard ContinuousClock.now - claimed.since < Self.claimHolds else {
            return try await keep(
                .notCalled(reason: "the worker was held up"), of: waiting, number, by: gateway.name)
        }
        let began = ContinuousClock.now
        let outcome = await gateway.send(
            OutgoingMessage(
                id: waiting.id, address: address, subject: record.subject ?? "", text: record.body ?? "",
                sender: (record.sender ?? policy.sender)?.text,
                isMarketing: record.purpose == .marketing,
                stopMention: record.purpose == .marketing ? stopMention : nil,
                validMinutes: OutgoingMessage.validMinutes(in: record.secondsLeft), writtenAt: record.createdAt,
                payButton: enclosure.payLink.map { PayButton(of: $0, in: record.language ?? .french) },
                attachments: enclosure.attachments))
        Timer(label: "quittance_gateway_call", dimensions: [("gateway", gateway.name), ("outcome", outcome.label)])
            .record(duration: .now - began)
        await mayKeep()
        try await keep(outcome, of: waiting, number, by: gateway.name, policy: policy)
        tell(of: waiting.id, outcome)
    }

    private func tell(of id: MessageID, _ outcome: DispatchOutcome) {
        let about: Logger.Metadata = [LogField.subjectID: "\(id)", LogField.reason: "\(outcome.label)"]
        switch outcome {
        case .accepted: logger.info("a message was handed over", metadata: about)
        case .refused, .barred, .notTaken, .notCalled: logger.info("a message was not taken", metadata: about)
        // Told where it is kept, unless a receipt was there before.
        case .unknown: break
        }
    }

    /// Its gateway is not called: a mail that waits for its document holds up no other, nor a gateway's way back.
    private func giveBack(_ waiting: WaitingMessage) async throws {
        guard accounts.counts(waiting.permit, of: waiting.route) else { return }
        try await database(for: waiting).maintain(organisation: nil) { transaction in
            transaction.commitAheadOfDisk()
            try accounts.giveBack(1, of: waiting.permit, for: waiting.route, in: &transaction)
        }
    }

    /// Its route, unless there is no account there any more.
    private func gateway(of record: MessageRecord) -> (any MessageGateway)? {
        guard record.channel == .sms else { return gateways["smtp"] }
        return (order.contains(record.route) ? gateways[record.route] : nil) ?? order.first.flatMap { gateways[$0] }
    }

    /// Nil when the message is not ready: another worker has it, it left, it is no longer wanted, or its gateway rests.
    ///
    /// It is read in the transaction of its claim: whatever fails in reading leaves it unclaimed.
    private func claim(_ waiting: WaitingMessage, bringing payment: PaymentID?) async throws -> Claimed? {
        let asked = ContinuousClock.now
        let claim = try await claimUnlessHeld(waiting) { change in
            // The transaction begins here, and its times are of now; a connection was waited for before.
            let began = ContinuousClock.now
            let (found, policy, restsUntil) = try change.read(
                messages.locking(waiting.id), policies.finding(waiting.organisation), accounts.resting(waiting.route))
            // Since it was taken, which a worker whose hands were all busy elsewhere has not seen; who is to try it may
            // know of the rest before only.
            guard restsUntil == nil || restsUntil == waiting.trialUntil else {
                queues.putBack([waiting], &change.transaction)
                change.afterCommit { [handsOff] in
                    handsOff.run(waiting.route)
                    // For the one that was put back here, which goes to the next gateway then.
                    handsOff.ring()
                }
                return Claim(isMade: false)
            }
            guard var record = found, record.message.state == .ready, try !late.run(record, in: &change),
                try campaign.run(record, in: &change), try directory.run(record, in: &change),
                let leave = try law.run(record, in: &change),
                try oneMail.run(record, bringing: payment, in: &change)
            else { return Claim(isMade: false) }
            record.secondsLeft = min(record.secondsLeft, leave.seconds ?? .max)
            try record.message.claim()
            let taken = record.held.take()
            messages.saveClaimed(record, in: &change)
            // Last: the quota's row is everybody's, so it is held for the commit alone.
            quotas.take(taken, in: &change)
            return Claim(
                isMade: true, number: record.message.tries, secondsLeft: record.secondsLeft,
                found: Claimed(record: record, policy: policy ?? SendingPolicy(), since: began))
        }
        guard claim.isMade, claim.found == nil else { return claim.found }
        // Its commit was heard of at the second try only.
        return try await database(for: waiting).read(organisation: waiting.organisation) { transaction in
            // Asking may have taken longer than the claim holds: then it is somebody else's to decide about by now.
            guard var record = try messages.find(waiting.id, &transaction), record.message.state == .claimed,
                record.message.tries == claim.number, record.body != nil
            else { return nil }
            record.secondsLeft = min(record.secondsLeft, claim.secondsLeft ?? .max)
            let policy = try policies.find(waiting.organisation, in: &transaction)
            return Claimed(record: record, policy: policy, since: asked)
        }
    }

    /// Where somebody holds on to its organisation's quota it is left to whoever takes it next, in a while, which is
    /// short for what somebody waits for: nothing of others waits for that.
    private func claimUnlessHeld(
        _ waiting: WaitingMessage, _ body: @escaping @Sendable (inout Change) throws -> Claim
    ) async throws -> Claim {
        do {
            return try await insist(waiting, "claim-message", body)
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            logger.warning(
                "a message waits, since its organisation's quota is locked",
                metadata: [LogField.subjectID: "\(waiting.id)"])
            guard waiting.isUrgent else { return Claim(isMade: false) }
            try await database(for: waiting).maintain(organisation: nil) { transaction in
                queues.putBack([waiting], for: Self.quotaPause, &transaction)
            }
            return Claim(isMade: false)
        }
    }

    /// Whether a message is ours to send; what it says is kept nowhere but in its own row.
    private struct Claim: Codable, Sendable {
        let isMade: Bool
        /// Which of the message's tries it is for.
        var number = 0
        /// For how long it is worth arriving.
        var secondsLeft: Int64?
        var found: Claimed?

        private enum CodingKeys: CodingKey { case isMade, number, secondsLeft }
    }

    /// What is ours to send, and from when on what was decided about it holds.
    private struct Claimed: Sendable {
        let record: MessageRecord
        let policy: SendingPolicy
        let since: ContinuousClock.Instant
    }

    /// What the so many-th try came to.
    private func keep(
        _ outcome: DispatchOutcome, of waiting: WaitingMessage, _ number: Int, by gateway: String,
        policy: SendingPolicy? = nil
    ) async throws {
        let order = GatewayOrder.own(policy?.gateways, of: order)
        let outcome = order.contains { $0 != gateway } ? outcome : outcome.ofTheOnlyGateway
        _ = try await insist(waiting, "keep-outcome") { change in
            try keep(outcome, of: waiting.id, number, by: gateway, order, in: &change)
            try count(outcome, of: gateway, for: waiting, in: &change)
            return NoAnswer()
        }
    }

    /// Last in its transaction: the account's row is everybody's, so it is held for a moment only.
    private func count(
        _ outcome: DispatchOutcome, of gateway: String, for waiting: WaitingMessage, in change: inout Change
    ) throws {
        switch outcome {
        case .accepted, .refused, .barred: try accounts.succeed(gateway, in: &change)
        case .notTaken, .unknown:
            guard try accounts.fail(gateway, in: &change) else { return }
            change.afterCommit { [handsOff] in handsOff.run(gateway) }
        // Whoever looks next may call it in its place.
        case .notCalled: try accounts.giveBack(1, of: waiting.permit, for: waiting.route, in: &change.transaction)
        }
    }

    private func keep(
        _ outcome: DispatchOutcome, of id: MessageID, _ number: Int, by gateway: String, _ order: [String],
        in change: inout Change
    ) throws {
        guard var record = try messages.lock(id, in: &change) else { return }
        let taken = outcome.taken(by: gateway)
        if let reference = taken?.reference {
            try receipts.receipts.adopt(reference, of: gateway, for: id, in: &change)
        }
        let wasCalledOff = record.message.state == .calledOff
        guard record.message.tries == number || wasCalledOff else {
            // A person had it sent again meanwhile: this outcome decides nothing about the try that is under way, which
            // takes in what receipts say when it ends.
            guard let taken else { return }
            messages.keep(taken, of: id, in: &change)
            if record.message.state != .claimed { try receipts.join(id, in: &change) }
            return
        }
        let isOpen = record.message.state == .claimed || record.message.state == .uncertain
        // A person had it sent again, which has not begun and need not, also where it was to be written anew first, or
        // was called off.
        guard isOpen || taken != nil && record.message.wasCalled else {
            // The call outlived its lease and a receipt settled the message: it has the last word (C-14).
            guard let taken else { return }
            messages.keep(taken, of: id, in: &change)
            if record.leftAt == nil { try lateness.run(record, in: &change) }
            change.announceOutcome(outcome, of: record, by: gateway)
            return try receipts.join(id, in: &change)
        }
        let wasUncertain = record.message.state == .uncertain
        try record.message.conclude(outcome)
        // It may have been too old by then, and was counted as one that may have left.
        if wasUncertain, taken == nil, record.message.state != .uncertain { quotas.uncount(id, in: &change) }
        // Called off, or its client erased, while its call was open: perhaps there is nothing left to send.
        let isOver = record.message.state == .ready && !record.isWanted
        // Too old to be tried again: while nobody knew of it, its words went with that.
        let isTooLate = record.message.state == .ready && (record.isExpired || record.body == nil)
        if let taken {
            // A relay that is woken for each message of a campaign takes the processors from what somebody waits for.
            if record.lane == .bulk { change.letAnnouncementsWait() }
            // The quota may know it as one that nobody bills.
            if wasCalledOff { messages.countParts(of: id, in: &change) }
            messages.save(record.message, takenBy: taken, in: &change)
            try lateness.run(record, in: &change)
        } else if isOver {
            try change.callOff(record, because: .unwanted)
        } else if isTooLate {
            try change.callOff(record, asFailed: CallOffLate.reason)
        } else {
            try messages.save(record.message, reason: outcome.reason, in: &change)
        }
        if record.message.state == .ready, !isOver, !isTooLate {
            try tryLater(record, because: outcome, after: gateway, order, in: &change)
        }
        change.announceOutcome(outcome, of: record, by: gateway)
        try receipts.join(id, in: &change)
        if case .unknown(let reason) = outcome { try change.tellIfUncertain(id, because: reason, to: logger) }
    }

    /// Through the next gateway, at once while there is one that was not tried in this round; through the same where
    /// nobody called it.
    private func tryLater(
        _ record: MessageRecord, because outcome: DispatchOutcome, after gateway: String, _ order: [String],
        in change: inout Change
    ) throws {
        let id = record.message.id
        if case .notCalled(let reason) = outcome {
            try messages.postpone(id, bySeconds: 0, reason: reason, in: &change)
            return change.announceDispatch(record)
        }
        let gateways =
            record.channel == .sms ? GatewayOrder.order(order, for: record.address ?? "") : [gateway]
        try messages.route(id, by: GatewayOrder.next(after: gateway, in: gateways), in: &change.transaction)
        // One that is not its organisation's any more is no part of a round.
        let isRoundOver = gateways.contains(gateway) && record.message.tries % gateways.count == 0
        try messages.postpone(
            id, bySeconds: isRoundOver ? record.message.pauseSeconds(in: record.lane) : 0,
            reason: outcome.reason ?? "not taken", in: &change)
        if !isRoundOver { change.announceDispatch(record) }
    }

    private func database(for waiting: WaitingMessage) -> Database { waiting.isUrgent ? database.urgent : database }

    /// Makes a change in spite of a passing trouble of the database; the cause makes a second commit harmless.
    private func insist<Answer: Codable & Sendable>(
        _ waiting: WaitingMessage, _ step: String, _ body: @escaping @Sendable (inout Change) throws -> Answer
    ) async throws -> Answer {
        let cause = waiting.step(step, ids)
        var tries = 0
        while true {
            do {
                return try await database(for: waiting).change(because: cause, body).answer
            } catch let error as PostgresError where error.mayPass && tries < Self.changesMax {
                tries += 1
                try await Task.sleep(for: Self.changePause)
            }
        }
    }
}

extension WaitingMessage {
    /// What its gateway may be given for it.
    fileprivate var permit: GatewayAccountStore.Permit { .init(messages: 1, trialUntil: trialUntil) }
}

extension PayButton {
    fileprivate init(of link: PayLink, in language: Language) {
        self.init(label: language == .french ? "Payer en ligne" : "Pay online", address: link.address)
    }
}

extension PostgresError {
    /// Whether the same change may be made when the database is back; when it was made already it is not made again.
    fileprivate var mayPass: Bool {
        if case .commitUnknown = kind { return true }
        return isTransient
    }
}

extension DispatchOutcome {
    fileprivate var label: String {
        switch self {
        case .accepted: "accepted"
        case .refused: "refused"
        case .barred: "barred"
        case .notTaken: "not-taken"
        case .unknown: "unknown"
        case .notCalled: "not-called"
        }
    }

    /// What one gateway does not bring is refused where there is no other.
    fileprivate var ofTheOnlyGateway: DispatchOutcome {
        if case .barred(let reason) = self { .refused(reason: reason) } else { self }
    }

    /// What a gateway said that took the message; nil when it did not.
    fileprivate func taken(by gateway: String) -> MessageStore.Taken? {
        guard case .accepted(let reference, let parts) = self else { return nil }
        return MessageStore.Taken(gateway: gateway, reference: reference, parts: parts)
    }

    fileprivate var reason: String? {
        switch self {
        case .accepted: nil
        case .refused(let reason), .barred(let reason), .notTaken(let reason), .unknown(let reason),
            .notCalled(let reason):
            reason
        }
    }
}
