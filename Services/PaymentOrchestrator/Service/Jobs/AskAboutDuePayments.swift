import Logging
import Metrics
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Looks after payments nobody reports about: polls open ones, sweeps unknown ones, ends those whose time is over.
struct AskAboutDuePayments: Sendable {
    let ask: AskProvider
    let ids: IdentifierSource
    let logger: Logger
    /// How many payments are looked at together; what is taken must be looked at within its lease.
    let togetherMax: Int
    /// Whose light somebody waits for: they are asked about before others, however many are due.
    let watched: WatchedPayments

    /// How soon it looks again while a provider has not answered about what it was asked.
    private static let watchedAgainAfter = Duration.milliseconds(250)

    /// Looks at what is due of the payments somebody watches, whatever else waits; false when nobody watches.
    ///
    /// What becomes due meanwhile waits for no other, so that a slow provider holds up its own payments only.
    func runWatched() async throws -> Bool {
        guard !watched.ids.isEmpty else { return false }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var inHand = 0
            repeat {
                let due = try await takeWatched(atMost: togetherMax - inHand)
                for (id, organisation) in due {
                    group.addTask {
                        await look(at: id, organisation)
                        return true
                    }
                }
                inHand += due.count
                guard inHand > 0 else { return }
                group.addTask {
                    try? await Task.sleep(for: Self.watchedAgainAfter)
                    return false
                }
                while let isLook = try await group.next(), isLook { inHand -= 1 }
            } while !Task.isCancelled
        }
        return true
    }

    private func takeWatched(atMost count: Int) async throws -> [(PaymentID, OrganisationID)] {
        let ids = watched.ids
        guard count > 0, !ids.isEmpty else { return [] }
        let neglected = watched.neglected(at: ask.time.now(), for: ask.store.asking.first)
        return try await ask.store.takeDue(among: ids, neglected: neglected, limit: count)
    }

    /// False when nothing was due.
    func run() async throws -> Bool {
        try await withThrowingTaskGroup(of: Void.self, returning: Bool.self) { group in
            let found = try await take(togetherMax, &group)
            var mayBeMore = found == togetherMax
            // One comes for each that is done, so that a slow provider holds up its own payments only.
            while try await group.next() != nil {
                if mayBeMore, !Task.isCancelled { mayBeMore = try await take(1, &group) == 1 }
            }
            return found > 0
        }
    }

    /// Takes what is due; answers how many there were.
    private func take(_ count: Int, _ group: inout ThrowingTaskGroup<Void, any Error>) async throws -> Int {
        let due = try await ask.store.takeDue(limit: count)
        for (id, organisation) in due { group.addTask { await look(at: id, organisation) } }
        return due.count
    }

    private func look(at id: PaymentID, _ organisation: OrganisationID) async {
        watched.begin(id)
        defer { watched.end(id, at: ask.time.now()) }
        do {
            try await ask(about: id, Prompt.own("payment job", organisation, ids))
        } catch {
            // It stays due: its turn comes again when the time it was taken for is over.
            logger.warning(
                "payment could not be looked at",
                metadata: [LogField.subjectID: "\(id)", LogField.reason: .string(Secret.redacting("\(error)"))])
        }
    }

    /// Reads it once where nothing is new, as of most it is not.
    ///
    /// A time that somebody sets after this reading stays; who changes it and sets none, as a link sent again does,
    /// holds up nothing.
    private func ask(about id: PaymentID, _ prompt: Prompt) async throws {
        var file = try await ask.file(id, of: prompt.organisation)
        if try await expire(file.record, prompt) { file = try await ask.file(id, of: prompt.organisation) }
        let learnt = try await ask.settle(file, prompt)
        guard learnt == .news else {
            try await ask.store.postpone(file.record, isAnswered: learnt != .notAnswered)
            return try await tell(file.record, prompt)
        }
        try await tell(ask.file(id, of: prompt.organisation).record, prompt)
    }

    /// Ends it where its link's time is over; answers whether there was anything to end.
    private func expire(_ record: PaymentRecord, _ prompt: Prompt) async throws -> Bool {
        let (payment, now) = (record.payment, ask.time.now())
        guard now >= payment.terms.expiresAt, payment.state.isLive, payment.cancellation == nil else { return false }
        try await ask.store.update(record.id, because: prompt.cause("expire", ids), .outcome) { payment, _ in
            payment.expire(at: now)
        }
        return true
    }

    /// An outcome that stays unknown goes to a person, again at each look: one line could be overlooked.
    ///
    /// From the first on it is an alarm that a manager may end.
    private func tell(_ record: PaymentRecord, _ prompt: Prompt) async throws {
        guard record.payment.isUndecided, ask.store.asking.isExhausted(afterQuestions: record.questions) else {
            return
        }
        logger.error(
            "a provider's outcome stays unknown; ask the provider by hand",
            metadata: [
                LogField.subjectID: "\(record.id)", LogField.organisationID: "\(record.organisation)",
                LogField.count: .stringConvertible(record.questions),
            ])
        Counter(label: "quittance_payments_needing_a_person").increment()
        guard !record.payment.unanswered.allSatisfy(record.payment.alarms.contains) else { return }
        try await ask.store.update(record.id, because: prompt.cause("no-answer", ids), .outcome) { payment, _ in
            payment.recordNoAnswer()
        }
    }
}

extension Payment {
    /// Whether an answer is missing that only the provider can give.
    fileprivate var isUndecided: Bool {
        state == .unknown || state == .cancelling || refunds.contains { !$0.state.isDecided }
    }
}
