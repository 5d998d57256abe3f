import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import TransactionalMessaging

// Whose payment a provider speaks of, where it speaks first.

extension AskProvider {
    /// What it takes to speak for an account's clinic, where days are that clinic's.
    func access(to account: AccountRecord) throws -> AccountAccess {
        let calendar = calendar(of: account)
        return try account.access(sealer).dated { calendar.date(of: $0) }
    }

    /// The calendar of an account's clinic.
    func calendar(of account: AccountRecord) -> ClinicCalendar { store.calendar.at(account.timeZone) }

    /// The payment of an account that a provider's name or an attempt of ours means; `nil` when it is none of ours.
    func owner(
        _ reference: String, _ attempt: AttemptID?, _ account: AccountRecord
    ) async throws -> PaymentRecord? {
        try await store.database.read(organisation: account.organisation) { transaction in
            try store.owner(ofReference: reference, attempt: attempt, account: account.id, in: &transaction)
        }
    }

    /// What a provider says of a reference, with the payment it is about and which of its attempts.
    struct Subject: Sendable {
        let report: ProviderReport
        let file: File
        let attempt: AttemptID
    }

    /// The payment a report is about; `nil` when it is none of ours.
    ///
    /// The report was read before the payment was. Where that matters, as with a refund that failed and is listed as
    /// done, or a payment that was accepted and reads as not paid, or whose object is gone, or a dispute that ended and
    /// is listed otherwise, the provider is asked once more.
    func subject(
        of report: ProviderReport, on reference: String, _ account: AccountRecord
    ) async throws -> Subject? {
        guard let record = try await owner(report.reference, report.attempt, account) else { return nil }
        let attempt = record.payment.attempts.first { $0.id == report.attempt || $0.reference == report.reference }
        guard let attempt, record.payment.isSubject(of: report) else { return nil }
        let file = try file(record, account)
        let payment = record.payment
        let isGone = report.status == .lapsed && payment.capture(of: report.reference) != nil
        let isNewer =
            !isGone && !payment.refunds.contains(where: \.state.failedByList) && !payment.isContradicted(by: report)
            && !payment.takesUpDispute(report)
        let newer = isNewer ? report : try await reading(of: reference, file)
        return newer.map { Subject(report: $0, file: file, attempt: attempt.id) }
    }

    /// What a reading says of the payment it was made for; of another one's it says nothing.
    func own(_ found: ProviderReport?, _ file: File) throws(OutcomeUnknown) -> ProviderReport? {
        guard let report = found, !file.record.payment.isSubject(of: report) else { return found }
        throw OutcomeUnknown("the provider answered about another payment")
    }
}
