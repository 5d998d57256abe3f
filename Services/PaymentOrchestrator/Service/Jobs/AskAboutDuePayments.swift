import Logging
import Metrics
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Looks after payments nobody reports about: polls open ones, sweeps unknown ones, ends those whose time is over.
struct AskAboutDuePayments: Sendable {
    private static let batch = 200
    private static let concurrentMax = 16

    let desk: ProviderDesk
    let ids: IdentifierSource
    let logger: Logger

    func run() async throws {
        // Until a look finds less than it may take, there is more to do.
        while try await runOnce() == Self.batch {}
    }

    private func runOnce() async throws -> Int {
        let due = try await desk.store.takeDue(limit: Self.batch)
        await withTaskGroup(of: Void.self) { group in
            for (index, item) in due.enumerated() {
                if index >= Self.concurrentMax { await group.next() }
                group.addTask { await look(at: item.0, item.1) }
            }
        }
        return due.count
    }

    private func look(at id: PaymentID, _ organisation: OrganisationID) async {
        do {
            try await ask(about: id, Prompt.own("payment job", organisation, ids))
        } catch {
            // It stays due: its turn comes again when the time it was taken for is over.
            logger.warning(
                "payment could not be looked at",
                metadata: [LogField.subjectID: "\(id)", LogField.reason: .string(Secret.redacting("\(error)"))])
        }
    }

    private func ask(about id: PaymentID, _ prompt: Prompt) async throws {
        let before = try await desk.file(id, of: prompt.organisation).record
        let now = desk.time.now()
        if now >= before.payment.terms.expiresAt, before.payment.state.isLive, before.payment.cancellation == nil {
            try await desk.store.update(id, because: prompt.cause("expire", ids), .outcome) { payment, _ in
                payment.expire(at: now)
            }
        }
        guard try await !desk.settle(id, prompt) else { return }
        let after = try await desk.file(id, of: prompt.organisation).record
        try await desk.store.postpone(after)
        tell(after)
    }

    /// An outcome that stays unknown goes to a person, once.
    private func tell(_ record: PaymentRecord) {
        let isUnknown =
            record.payment.state == .unknown || record.payment.cancellationUnknown
            || record.payment.refunds.contains { $0.state == .unknown }
        guard isUnknown, record.questions == desk.store.asking.questionsMax else { return }
        logger.error(
            "a provider's outcome stays unknown; ask the provider by hand",
            metadata: [LogField.subjectID: "\(record.id)", LogField.count: .stringConvertible(record.questions)])
        Counter(label: "quittance_payments_needing_a_person").increment()
    }
}
