import PaymentModel
import PaymentOrchestratorDomain
import PostgresClient
import TransactionalMessaging

/// One line of a payment's history.
struct HistoryLine: Sendable {
    let happenedAt: Instant
    let actor: String
    let before: PaymentState?
    let after: PaymentState
    let facts: [String]
    /// Why a person did it, in that person's words; ``HistoryStore/forgotten`` where the client was erased.
    let note: String?
}

/// The append-only record of what happened to payments and who did it, GEN-6 and PAY-11.
struct HistoryStore: Sendable {
    /// What is left of a reason once the client is erased (GEN-7): that one was given.
    static let forgotten = ""

    /// Adds a line; a reason that is given after the client was erased may name it as well, and nobody blanks it later.
    func append(
        _ record: PaymentRecord, before: PaymentState?, facts: [PaymentFact], at now: Instant, in change: inout Change
    ) {
        let actor = change.cause.actor
        let note = facts.compactMap(\.note).first.map { record.payment.isClientErased ? Self.forgotten : $0 }
        change.executeLater(
            """
            INSERT INTO payment_history (payment, version, organisation, happened_at, actor, state_before,
                state_after, facts, note)
            VALUES (\(record.id), \(record.version), \(record.organisation), \(now), \(actor), \(before),
                \(record.payment.state), \(facts.map(\.word)), \(note))
            """)
    }

    /// Reads a payment's lines, oldest first.
    func lines(of payment: PaymentID, _ organisation: OrganisationID, in transaction: inout PostgresTransaction)
        throws -> [HistoryLine]
    {
        try transaction.query(
            """
            SELECT * FROM payment_history WHERE payment = \(payment) AND organisation = \(organisation)
            ORDER BY version
            """
        ) { row in
            HistoryLine(
                happenedAt: try row("happened_at"), actor: try row("actor"), before: try row("state_before"),
                after: try row("state_after"), facts: try row("facts"), note: try row("note"))
        }
    }
}

extension PaymentFact {
    /// A stable word for the history and for metrics.
    var word: String {
        switch self {
        case .requested: "requested"
        case .linkRequested: "link-requested"
        case .linkOpened: "link-opened"
        case .codeRequested: "code-requested"
        case .codeRight: "code-right"
        case .codeWrong: "code-wrong"
        case .accepted(let acceptance): "accepted-\(acceptance.disposition.rawValue)"
        case .refused: "refused"
        case .cancelled(let reason): "cancelled-\(reason.rawValue)"
        case .expired: "expired"
        case .becameUnknown(let operation): "unknown-\(operation.rawValue)"
        case .instalmentPaid(let paid): "instalment-\(paid.number)-paid"
        case .instalmentLate(let late): "instalment-\(late.number)-late"
        case .scheduleChanged: "schedule-changed"
        case .refundRequested: "refund-requested"
        case .refundCompleted: "refund-completed"
        case .refundFailed: "refund-failed"
        case .refundReturned: "refund-returned"
        case .disputeOpened: "dispute-opened"
        case .disputeClosed(let dispute): "dispute-\(dispute.state.rawValue)"
        case .disputeReopened: "dispute-reopened"
        case .disputeStayedLost: "dispute-stayed-lost"
        case .alarm(let alarm): "alarm-\(alarm.kind)"
        case .alarmResolved(let alarm, let resolution, _): "\(resolution.rawValue)-\(alarm.kind)"
        case .clientErased: "client-erased"
        }
    }

    /// What a person said about it.
    fileprivate var note: String? {
        if case .alarmResolved(_, _, let reason) = self { reason } else { nil }
    }
}
