import Logging
import Metrics
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// The one way a stored payment changes, whatever the source: lock, decide, save with its facts and its cause.
struct PaymentStore: Sendable {
    /// What the change leaves to be done outside.
    enum Step: Sendable {
        /// A call to the provider follows at once; until it had its time nobody else asks.
        case intent
        /// An answer was recorded.
        case outcome
    }

    let database: Database
    let time: TimeSource
    let asking: AskingSchedule
    /// How long an intent's own call may take before somebody else asks about it.
    let intentLease: Duration
    /// The days of clinics that have no zone of their own.
    let calendar: ClinicCalendar
    let logger: Logger
    /// Told of every time that is set.
    let due: DueBell
    let receivables = ReceivableStore()
    let history = HistoryStore()
    let exchanges = ExchangeStore()
    let notes: ExchangeNotes
    let bell = PaymentBell()

    /// Locks the payment, applies `decide`, and saves the result, the cause and the facts as one transaction.
    ///
    /// `decide` is synchronous: a transaction is never open during a call. What it throws changes nothing.
    /// A cause seen before changes nothing either. Answers the state the payment is in now. Who names the debt gets
    /// what is owed of it, held until the commit.
    @discardableResult
    func update(
        _ id: PaymentID, owing debt: Debt? = nil, because cause: Cause, _ step: Step,
        _ decide: @escaping @Sendable (inout Payment, Receivable?) throws -> [PaymentFact]
    ) async throws -> PaymentState {
        try await database.change(because: cause) { change in
            try apply(id, owing: debt, step, decide, in: &change)
        }.answer
    }

    /// The same inside a change that does more.
    @discardableResult
    func apply(
        _ id: PaymentID, owing debt: Debt? = nil, _ step: Step,
        _ decide: (inout Payment, Receivable?) throws -> [PaymentFact], in change: inout Change
    ) throws -> PaymentState {
        let organisation = change.cause.organisation
        // What is owed before its payments, as everywhere: two who take them in different orders wait for each other.
        let (receivable, found) = try change.read(
            receivables.locking(debt, of: organisation), locking(id, of: organisation))
        guard var record = try withRefunds(found, in: &change.transaction) else { throw NotFound.payment }
        let before = record.payment
        let facts = try decide(&record.payment, receivable)
        record.payment.dropAnswered()
        guard record.payment != before || !facts.isEmpty else { return before.state }
        let now = time.now()
        record.version += 1
        // A link that is sent once more, a client who is erased or a silence teach nothing: who asks goes on as before.
        let isNews = facts.isEmpty || !facts.allSatisfy(\.teachesNothing)
        if isNews || record.payment.state != before.state {
            count(step, facts, before, in: &record)
            record.askAt = nextQuestion(about: record, step, at: now)
        }
        if facts.contains(where: \.isMoneyForTheDebt) { record.awaitsCounting = record.payment.terms.debt != nil }
        try write(record, before: before, in: &change)
        try tell(facts, about: record, before: before.state, at: now, in: &change)
        writeNotes(about: record, in: &change)
        expect(record.askAt, after: &change)
        return record.payment.state
    }

    /// Only what we learn starts the count of questions anew: an order that is made again and again teaches nothing,
    /// and counts for the questions that could have been asked in its time.
    private func count(_ step: Step, _ facts: [PaymentFact], _ before: Payment, in record: inout PaymentRecord) {
        guard facts.isEmpty, record.payment.state == before.state else {
            record.questions = 0
            return
        }
        if case .intent = step { record.questions += asking.questions(in: intentLease) }
    }

    /// Keeps a new payment, and the call before it by which its plan was asked; throws ``OtherPaymentIsLive`` when
    /// another of its receivable is live.
    func insert(
        _ record: PaymentRecord, facts: [PaymentFact], after call: ExchangeLine?, in change: inout Change
    ) throws {
        var record = record
        let now = time.now()
        record.askAt = nextQuestion(about: record, .outcome, at: now)
        try write(new: record, in: &change)
        if let debt = record.payment.terms.debt {
            change.executeLater(exchanges.takingOver(debt, of: record, at: now))
        }
        if let call { change.executeLater(exchanges.adding(call, to: record.id, of: record.organisation)) }
        try tell(facts, about: record, before: nil, at: now, in: &change)
        expect(record.askAt, after: &change)
    }

    private func expect(_ next: Instant?, after change: inout Change) {
        change.afterCommit { [due] in due.expect(next) }
    }

    private func writeNotes(about record: PaymentRecord, in change: inout Change) {
        let lines = notes.lines(about: record.id)
        guard !lines.isEmpty else { return }
        for line in lines { change.executeLater(exchanges.adding(line, to: record.id, of: record.organisation)) }
        change.afterCommit { [notes] in notes.written(lines, about: record.id) }
    }

    private func tell(
        _ facts: [PaymentFact], about record: PaymentRecord, before: PaymentState?, at now: Instant,
        in change: inout Change
    ) throws {
        history.append(record, before: before, facts: facts, at: now, in: &change)
        for fact in facts {
            PaymentAnnouncements.announce(fact, of: record, at: now, calendar.at(record.timeZone), in: &change)
            Counter(label: "quittance_payment_facts", dimensions: [("fact", fact.word)]).increment()
            if case .alarm(let alarm) = fact, !alarm.isSilence { report(alarm, about: record, after: &change) }
        }
        bell.ring(for: record.id, from: database, after: &change)
        log(facts, about: record, after: &change)
    }

    /// One line for each change, so that what happened to a payment is found in the log by its id.
    private func log(_ facts: [PaymentFact], about record: PaymentRecord, after change: inout Change) {
        let metadata: Logger.Metadata = [
            LogField.subjectID: "\(record.id)", LogField.organisationID: "\(record.organisation)",
            LogField.clinicID: "\(record.clinic)", LogField.correlationID: "\(change.cause.correlation)",
            LogField.provider: "\(record.payment.terms.provider.rawValue)",
            LogField.reason: .string(([record.payment.state.rawValue] + facts.map(\.word)).joined(separator: ", ")),
        ]
        change.afterCommit { [logger] in logger.info("a payment changed", metadata: metadata) }
    }
}

extension PaymentStore {
    /// Money that no rule may move needs a person, who does not look at counters.
    private func report(_ alarm: Alarm, about record: PaymentRecord, after change: inout Change) {
        let metadata: Logger.Metadata = [
            LogField.subjectID: "\(record.id)", LogField.organisationID: "\(record.organisation)",
            LogField.clinicID: "\(record.clinic)", LogField.reason: "\(alarm.kind) at \(alarm.reference)",
            LogField.remedy: "compare the payment with the provider's page and decide by hand",
        ]
        change.afterCommit { [logger] in
            logger.error("a provider and a payment contradict each other", metadata: metadata)
        }
    }
}

extension PaymentFact {
    /// Whether it says nothing of how things stand at the provider.
    fileprivate var teachesNothing: Bool {
        if case .alarm(let alarm) = self { alarm.isSilence } else { self == .linkRequested || self == .clientErased }
    }

    /// Whether invoicing will count money for what was asked for because of it.
    fileprivate var isMoneyForTheDebt: Bool {
        if case .accepted(let acceptance) = self { acceptance.disposition == .receivable } else { false }
    }
}
