import Logging
import NotificationDomain
import Observability
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// Completes requested messages: asks the owner of what it is about whom to write to, writes the text, hands it out.
struct PrepareMessages {
    let database: Database
    /// Which messages it completes.
    var which: MessageQueues.Which
    /// Its own of each job: who gives one of them no answer is left alone by that one.
    var ask: AskRecipient
    /// The gateways for SMS, the one that is tried first in front.
    let order: [String]
    let ids: IdentifierSource
    let logger: Logger
    let draw: DrawOnQuota
    let bell: WorkBell
    let queues = MessageQueues()
    let messages = MessageStore()
    let contacts = ContactStore()
    let write = WriteMessage()
    let oneMail = KeepToOneMail()
    let law = KeepToTheLaw(rehearsal: nil)
    /// How many messages it takes at once, the most urgent first, and how often in one run.
    static let batchMax = 100
    static let batchesMax = 50
    /// How many recipients it asks for at once.
    static let questionsMax = 8
    private static let noRecipient = "nobody knows its recipient"
    private static let noPartsLeft = "the organisation has no parts of SMS left"
    private static let codeOver = "the code is not good any more"
    /// How long a message waits whose recipient could not be asked for.
    static let waitSeconds: Int64 = 5

    /// False when there was nothing to write, and nobody to wait for who may answer again in a moment.
    ///
    /// What waits is looked at anew between batches, the most urgent first.
    func run() async throws -> Bool {
        var prepared = 0
        for _ in 0..<Self.batchesMax {
            let batch = try await prepareBatch()
            prepared += batch
            if batch < Self.batchMax { break }
        }
        return prepared > 0 || !ask.resting.isEmpty
    }

    private func prepareBatch() async throws -> Int {
        let resting = ask.resting
        let waiting = try await database.read(organisation: nil) { transaction in
            try queues.toPrepare(Self.batchMax, which, leavingOut: resting, &transaction)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (place, message) in waiting.enumerated() {
                // Who waits for an answer holds up nobody but itself.
                if place >= Self.questionsMax { _ = try await group.next() }
                group.addTask { try await prepare(message) }
            }
            try await group.waitForAll()
        }
        return waiting.count
    }

    /// The question goes over the network, so it is asked between two transactions and never inside one.
    private func prepare(_ message: WordlessMessage) async throws {
        do throws(OwnerUnavailable) {
            try await complete(message.waiting, with: try await particulars(of: message))
        } catch {
            // What nobody asked about stays as it is until its owner is asked again.
            guard error.wasAsked else { return }
            logger.warning("a message waits for its recipient", metadata: [LogField.reason: "\(error.reason)"])
            try await database.change(because: message.waiting.step("postpone-message", ids)) { change in
                try postpone(message.waiting.id, because: error, in: &change)
            }
        }
    }

    private func particulars(of message: WordlessMessage) async throws(OwnerUnavailable) -> Particulars {
        let organisation = message.waiting.organisation
        let facts = try? MessageFacts(message.facts)
        guard message.occasion == .verificationCode else {
            return try await ask.run(about: message.matter, at: facts?.level, in: organisation)
        }
        guard let code = facts?.verification, let payment = message.matter.payment else {
            throw OwnerUnavailable(reason: "the message names no code", isFinal: true)
        }
        return try await ask.run(about: payment, bringing: code, in: organisation)
    }

    private func postpone(_ id: MessageID, because error: OwnerUnavailable, in change: inout Change) throws {
        guard let record = try messages.lock(id, in: &change), record.message.state == .requested else { return }
        guard error.isFinal else {
            return try messages.postpone(
                id, bySeconds: Self.waitSeconds, reason: "its recipient could not be asked for", in: &change)
        }
        let reason = record.occasion == .verificationCode ? Self.codeOver : Self.noRecipient
        try change.callOff(record, asFailed: reason)
    }

    private func complete(_ waiting: WaitingMessage, with known: Particulars) async throws(OwnerUnavailable) {
        do {
            try await database.change(because: waiting.step("prepare-message", ids)) { change in
                try complete(waiting.id, with: known, in: &change)
            }
        } catch let error as PostgresError where error.sqlState == .lockNotAvailable {
            // What is written with it, and after it, does not wait for that.
            throw OwnerUnavailable(reason: "its organisation's quota is locked")
        } catch {
            throw OwnerUnavailable(reason: "\(type(of: error))")
        }
    }

    private func complete(_ id: MessageID, with known: Particulars, in change: inout Change) throws {
        guard var record = try messages.lock(id, in: &change), record.message.state == .requested,
            try law.wakeNobody(record, in: &change)
        else { return }
        guard let address = try address(of: record, known.recipient, in: &change) else {
            return try change.callOff(record, asFailed: "the client has no address for it")
        }
        // Money of an earlier day is in an import or comes late to the books: its client knows of it.
        guard TellOfInvoice.isRecent(known.recipient.receivedOn, at: record.createdAt) else {
            return try change.callOff(record, because: .moneyOld)
        }
        // The level may have been announced hours before somebody paused it.
        guard known.recipient.isDunningPaused != true else {
            return try change.callOff(record, because: .dunningPaused)
        }
        guard let facts = try facts(of: record, now: known.recipient),
            // The client hears of it anyway.
            record.contact == nil || address != known.recipient.address(for: record.channel),
            try oneMail.turn(of: record, &change.transaction) != .givesWay
        else { return try change.callOff(record, because: .unwanted) }
        let (text, policy) = try write.run(record, with: known, of: facts, in: &change)
        guard isWanted(record, known.recipient, policy) else {
            return try change.callOff(record, because: .unwanted)
        }
        guard let promised = try promise(text, inPlaceOf: record.held, policy, in: &change) else {
            return try change.callOff(record, asFailed: Self.noPartsLeft)
        }
        try record.message.prepare()
        messages.complete(
            record.message, address: address, text, promised: promised, by: route(record, to: address, policy),
            in: &change)
        change.announceDispatch(record)
        // What a crash takes back is written anew, and its claim is on the disk before its call. A promise may be told
        // of, which nobody takes back.
        if promised == 0, record.held == HeldParts() { change.commitAheadOfDisk() }
        if record.lane == .urgent { bell.ring(.urgentReady, after: &change) }
    }

    /// The client's, or that of who hears of it besides: as the directory has it by now.
    private func address(
        of record: MessageRecord, _ recipient: Recipient, in change: inout Change
    ) throws -> String? {
        guard let id = record.contact else { return recipient.address(for: record.channel) }
        let contact = try contacts.keep(id, of: record.organisation, in: &change)
        return record.channel == .sms ? contact?.details.phone?.e164 : contact?.details.email?.text
    }

    /// How many parts are promised to it, in place of those it has where it is written anew; nil when the organisation
    /// wants it refused and none are left (NOT-8).
    private func promise(
        _ text: MessageText, inPlaceOf held: HeldParts, _ policy: SendingPolicy, in change: inout Change
    ) throws -> Int? {
        let isLimited = policy.quotaLimitsAll && text.parts > 0
        if isLimited || held != HeldParts() { draw.quotas.waitBriefly(in: &change) }
        guard isLimited else {
            try draw.release(held, in: &change)
            return 0
        }
        do {
            return try draw.reserve(text.parts, inPlaceOf: held, in: &change)
        } catch is Quota.Rejection {
            return nil
        }
    }

    /// What the message says as things are now; nil when it is not wanted any more (C-10).
    private func facts(of record: MessageRecord, now recipient: Recipient) throws -> MessageFacts? {
        var facts = try MessageFacts(record.facts)
        let plight = PaymentPlight(
            recipient.state, isAgreed: recipient.isAgreed ?? false, isCancelling: recipient.isCancelling ?? false)
        guard plight.bears(record.occasion) else { return nil }
        switch record.occasion {
        case .debitNotice: return try debit(facts, recipient)
        case .depositRequest, .overdue:
            // A part may have been paid since, or all of it.
            facts.amount = recipient.amount
            return recipient.amount.isPositive ? facts : nil
        case .receipt, .invoiceLink: return recipient.amount.isPositive ? facts : nil
        case .paymentLink, .paymentAccepted, .paymentRefused, .paymentCancelled, .refund, .paymentReminder,
            .verificationCode, .invoice, .creditNote, .campaign:
            return facts
        }
    }

    private func debit(_ facts: MessageFacts, _ recipient: Recipient) throws -> MessageFacts? {
        var facts = facts
        // The provider may have changed the sum since the notice was planned, or taken the debit back.
        let debits = (recipient.debits ?? recipient.schedule ?? []).filter { $0.dueOn == facts.day }
        let total = debits.reduce(0) { $0 + $1.amount.minorUnits + $1.customerFee.minorUnits }
        guard total > 0, let currency = debits.first?.amount.currency else { return nil }
        facts.amount = Money(total, currency)
        return facts
    }

    /// A mail that asks for a deposit brings its invoice: nobody gets the same document twice.
    private func isWanted(_ record: MessageRecord, _ recipient: Recipient, _ policy: SendingPolicy) -> Bool {
        guard record.occasion == .invoice, recipient.isDeposit == true else { return true }
        return policy.invoices.depositRequests != .email
    }

    private func route(_ record: MessageRecord, to address: String, _ policy: SendingPolicy) -> String {
        guard record.channel == .sms else { return "smtp" }
        return GatewayOrder.order(GatewayOrder.own(policy.gateways, of: order), for: address).first ?? record.route
    }
}
