import EventContract
import Logging
import NotificationDomain
import Observability
import PaymentModel
import TransactionalMessaging

/// Turns campaigns into messages, batch by batch, and carries out what people want of them (NOT-6).
///
/// Each batch is one change with the place it came to: whatever is killed, the next goes on from there, and nobody is
/// written to twice.
struct WriteCampaigns {
    let database: Database
    let ids: IdentifierSource
    let draw: DrawOnQuota
    /// How to say STOP.
    let mention: String
    /// The gateways for SMS, the one that is tried first in front.
    let order: [String]
    /// At this age a message that has not left is called off.
    let ageMax: Duration
    let logger: Logger
    let campaigns = CampaignStore()
    let recipients = CampaignRecipientStore()
    let messages = CampaignMessageStore()
    let policies = PolicyStore()
    let sort = SortRecipients()
    /// How many recipients one change writes to, or messages it keeps back, lets go of or calls off.
    static let batchMax = 500
    /// How many changes one campaign gets before the others have their turn.
    static let turnMax = 20

    /// False when no campaign runs: of a paused one each look goes through all that is kept back, and a ring ends that.
    func run() async throws -> Bool {
        let open = try await database.read(organisation: nil) { transaction in try campaigns.open(&transaction) }
        for campaign in open where !campaign.waits {
            let id = campaign.id
            for _ in 0..<Self.turnMax {
                let cause = Cause.step(
                    "write-campaign", by: "write-campaigns", for: campaign.organisation,
                    correlation: CorrelationID(id.value), ids)
                guard try await database.change(because: cause, { change in try step(id, in: &change) }).answer else {
                    break
                }
            }
        }
        return open.contains { !$0.isPaused || !$0.waits }
    }

    /// False when there is nothing more to do at once.
    private func step(_ id: CampaignID, in change: inout Change) throws -> Bool {
        guard var record = try campaigns.lock(id, in: &change), !record.progress.isClosed else { return false }
        switch record.campaign.state {
        case .draft, .finished: return false
        case .paused: return try messages.hold(Self.batchMax, of: id, in: &change) == Self.batchMax
        case .stopped:
            let calledOff = try messages.callOff(Self.batchMax, of: record, because: .campaignStopped, in: &change)
            if calledOff == Self.batchMax { return true }
        case .running:
            if record.progress.isHeld { return try release(&record, in: &change) }
        }
        // A stopped one too, though without messages: its results say of everybody it named what became of them.
        guard record.progress.isWritten else {
            try write(&record, in: &change)
            campaigns.save(record, in: &change)
            return true
        }
        guard try !messages.hasWaiting(id, in: &change) else { return false }
        try close(&record, in: &change)
        return false
    }

    private func release(_ record: inout CampaignRecord, in change: inout Change) throws -> Bool {
        if try messages.release(Self.batchMax, of: record.campaign.id, in: &change) < Self.batchMax {
            record.progress.isHeld = false
            campaigns.save(record, in: &change)
        }
        return true
    }

    private func close(_ record: inout CampaignRecord, in change: inout Change) throws {
        let isStopped = record.campaign.state == .stopped
        if !isStopped { try record.campaign.finish() }
        let unneeded = record.progress.partsInHand
        record.progress.partsInHand = 0
        record.progress.isClosed = true
        campaigns.save(record, in: &change)
        let id = record.campaign.id
        let outcome = CampaignProgress(try messages.counts(of: id, &change.transaction), leftOut: [:])
        change.announce(
            CampaignFinishedV1(
                campaignID: id, isStopped: isStopped, sent: outcome.sent + outcome.delivered,
                notSent: outcome.failed + outcome.calledOff, uncertain: outcome.uncertain, parts: outcome.parts),
            about: id, clinic: record.draft.clinic)
        try draw.release(HeldParts(promised: unneeded), in: &change)
        change.afterCommit { [logger] in
            logger.info("a campaign is over", metadata: [LogField.subjectID: "\(id)"])
        }
    }
}

// MARK: Writing a batch

extension WriteCampaigns {
    private func write(_ record: inout CampaignRecord, in change: inout Change) throws {
        let policy = try policies.find(record.organisation, in: &change.transaction)
        let writer = try record.writer(mention: mention, policy)
        let place = CampaignPlace(
            lastContact: record.progress.lastContact, phonesTaken: record.progress.phonesTaken)
        let (sorted, next) = try sort.run(record, from: place, Self.batchMax, &change.transaction)
        var batch = Batch(after: record.progress.positions)
        let isStopped = record.campaign.state == .stopped
        for one in sorted { batch.take(isStopped ? one.ofStopped : one, writer, ids) }
        try keepPromise(&batch, &record, in: &change)
        recipients.insert(batch.recipients, of: record.campaign.id, in: &change)
        messages.insert(
            batch.messages, of: record,
            CampaignDelivery(
                order: GatewayOrder.own(policy.gateways, of: order), ageMax: ageMax,
                isPromised: record.progress.isLimited), in: &change)
        change.announce(batch.messages, of: record)
        record.progress.positions += batch.recipients.count
        record.progress.lastContact = next.lastContact
        record.progress.phonesTaken = next.phonesTaken
        record.progress.isWritten = next.isEnd
    }

    /// There may be more in the groups than at the start; for those the quota is asked again, and none is overdrawn.
    private func keepPromise(_ batch: inout Batch, _ record: inout CampaignRecord, in change: inout Change) throws {
        let missing = batch.parts - record.progress.partsInHand
        if missing > 0 {
            do {
                // A quota may have been given since the start; it counts from then on.
                let promised = try draw.reserve(missing, in: &change)
                guard promised > 0 || record.progress.isLimited else { return }
                record.progress.isLimited = true
                record.progress.partsInHand += promised
            } catch Quota.Rejection.tooFew(let left, _) {
                record.progress.isLimited = true
                record.progress.partsInHand += try draw.reserve(left, in: &change)
                batch.leaveOut(beyond: record.progress.partsInHand)
            }
        }
        guard record.progress.isLimited else { return }
        record.progress.partsInHand -= batch.parts
    }

    /// What one change writes.
    private struct Batch {
        private(set) var recipients: [CampaignRecipient] = []
        private(set) var messages: [CampaignMessage] = []
        private var position: Int

        init(after position: Int) { self.position = position }

        var parts: Int { messages.reduce(0) { $0 + $1.written.parts } }

        mutating func take(_ sorted: SortRecipients.Sorted, _ writer: CampaignWriter, _ ids: IdentifierSource) {
            position += 1
            let candidate = sorted.candidate
            guard sorted.leftOut == nil, let phone = candidate.phone else {
                return leaveOut(candidate, at: position, because: sorted.leftOut ?? .noPhone)
            }
            let written = writer.write(to: candidate)
            guard written.parts <= SMSParts.most else { return leaveOut(candidate, at: position, because: .tooLong) }
            let message = CampaignMessage(
                id: ids.make(), position: position, candidate: candidate, phone: phone, written: written)
            messages.append(message)
            recipients.append(CampaignRecipient(candidate, at: position, message: message.id))
        }

        /// Those the parts do not suffice for, from the end.
        mutating func leaveOut(beyond partsMax: Int) {
            while parts > partsMax, let message = messages.popLast() {
                recipients.removeAll { $0.position == message.position }
                leaveOut(message.candidate, at: message.position, because: .noParts)
            }
        }

        private mutating func leaveOut(_ candidate: CampaignCandidate, at position: Int, because reason: LeftOut) {
            recipients.append(CampaignRecipient(candidate, at: position, leftOut: reason))
        }
    }
}

extension CampaignRecipient {
    fileprivate init(
        _ candidate: CampaignCandidate, at position: Int, message: MessageID? = nil, leftOut: LeftOut? = nil
    ) {
        let name = "\(candidate.firstName) \(candidate.lastName)".trimmingSpace
        self.init(
            position: position, contact: candidate.contact, name: name.isEmpty ? nil : name,
            phone: candidate.phone?.e164 ?? candidate.number, leftOut: leftOut, message: message, state: nil,
            reason: nil, parts: nil)
    }
}
