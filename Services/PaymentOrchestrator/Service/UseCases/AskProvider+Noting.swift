import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders

// Every call about a payment is noted with what came of it, in our own words.

extension AskProvider {
    /// Makes a call and notes it.
    func noted<Answer>(
        _ operation: String, _ file: File, _ word: (Answer) -> String,
        _ call: () async throws(OutcomeUnknown) -> Answer
    ) async throws(OutcomeUnknown) -> Answer {
        let began = time.now()
        do throws(OutcomeUnknown) {
            let answer = try await call()
            note(operation, word(answer), file, since: began)
            return answer
        } catch {
            note(operation, "unknown", file, since: began)
            warn(operation, error, file)
            throw error
        }
    }

    private func warn(_ operation: String, _ error: OutcomeUnknown, _ file: File) {
        store.logger.warning(
            "a provider's answer is missing",
            metadata: [
                LogField.subjectID: "\(file.record.id)", LogField.organisationID: "\(file.record.organisation)",
                LogField.provider: "\(file.account.provider.rawValue)", LogField.operation: "\(operation)",
                LogField.reason: .string(Secret.redacting(error.detail)),
            ])
    }

    private func note(_ operation: String, _ outcome: String, _ file: File, since began: Instant) {
        store.notes.note(call(operation, outcome, since: began), about: file.record.id)
    }

    /// A call that ended now, with what came of it.
    func call(_ operation: String, _ outcome: String, since began: Instant) -> ExchangeLine {
        let now = time.now()
        return ExchangeLine(
            kind: .call, operation: operation, outcome: outcome, at: now, lastAt: now, times: 1,
            milliseconds: (now - began).wholeMilliseconds)
    }

    /// That a provider spoke, with what came of the reading that this caused and ended now.
    ///
    /// Whose page it belongs on is known only by that reading, or by looking for the name it gave.
    func notification(_ operation: String, _ outcome: String, since began: Instant) -> ExchangeLine {
        ExchangeLine(
            kind: .notification, operation: operation, outcome: outcome, at: began, lastAt: began, times: 1,
            milliseconds: (time.now() - began).wholeMilliseconds)
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + attoseconds / 1_000_000_000_000_000
    }
}

extension ProviderReport? {
    /// What a reading said.
    var word: String { self?.status.word ?? "not there" }
}

extension ProviderReport.Status {
    fileprivate var word: String {
        switch self {
        case .pending: "pending"
        case .paid: "paid"
        case .refused: "refused"
        case .cancelled: "cancelled"
        case .expired: "expired"
        case .lapsed: "lapsed"
        }
    }
}

extension StartOutcome {
    /// Whether the provider holds an object of it.
    var isOpened: Bool { if case .opened = self { true } else { false } }

    /// What came of a start.
    var word: String {
        switch self {
        case .opened: "opened"
        case .refused(let reason): "refused: \(reason)"
        case .neverReached: "never reached"
        case .unknown: "unknown"
        }
    }
}

extension CancelOutcome {
    /// What came of a cancellation.
    var word: String {
        switch self {
        case .cancelled: "cancelled"
        case .refused(let reason): "refused: \(reason)"
        case .neverReached: "never reached"
        }
    }
}

extension RefundOutcome {
    /// What came of a refund's order.
    var word: String {
        switch self {
        case .completed: "completed"
        case .pending: "pending"
        case .refused(let reason): "refused: \(reason)"
        case .neverReached: "never reached"
        case .unknown: "unknown"
        }
    }
}
