import PaymentModel

// What was told as given back, and the provider's list has not.
extension Payment {
    /// How long after its order a refund is in any list that is read: an older list is none that knows it.
    private static let listedAfter = Duration.seconds(86_400)

    /// Calls a person where what was told as given back is not listed; what is listed after all needs nobody.
    mutating func recordMissingRefunds(_ report: ProviderReport, _ context: ObservationContext) -> [PaymentFact] {
        guard report.listsAllRefunds else { return [] }
        let missing = refunds.filter { isMissing($0, in: report, at: context.now) }.map(\.missing)
        alarms.removeAll { alarm in
            if case .refundMissing = alarm { !missing.contains(alarm) } else { false }
        }
        return missing.flatMap { raise($0) }
    }

    /// Whether the provider has nothing of a refund that is told as done.
    ///
    /// What a person counted of a payment that was not paid any more has no object of its own, and what is in the
    /// provider's own sum went back though it is not listed.
    func isMissing(_ refund: Refund, in report: ProviderReport, at now: Instant) -> Bool {
        guard report.listsAllRefunds, refund.state == .completed, refund.reference != report.reference,
            now - refund.orderedAt >= Self.listedAfter, !report.names(refund)
        else { return false }
        let told = refunds.filter { $0.state == .completed }.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        return (report.refundedInAll?.minorUnits ?? 0) < told
    }

    /// The money is the clinic's, as long as the provider still lists nothing of it; the books take it back.
    mutating func takeBack(
        missing alarm: Alarm, _ report: ProviderReport?, _ context: ObservationContext
    ) throws(ResolutionRejection) -> [PaymentFact] {
        guard let report, report.reference == acceptance?.reference,
            let index = refunds.firstIndex(where: { $0.missing == alarm }),
            isMissing(refunds[index], in: report, at: context.now)
        else { throw .refundNotFailed }
        refunds[index].state = .undone
        return [.refundReturned(refunds[index], reason: "not-listed")]
    }
}

extension Refund {
    /// That nobody sees it at the provider.
    fileprivate var missing: Alarm { .refundMissing(reference: reference ?? "\(id)", amount: amount) }
}

extension ProviderReport {
    /// Whether what is not in its list did not go back: some are read one by one, and of what is not paid none.
    fileprivate var listsAllRefunds: Bool { status == .paid && hidesRefundsBefore == nil }

    /// Whether it is listed, done, failed or on its way.
    fileprivate func names(_ refund: Refund) -> Bool {
        refunds.contains { $0.id == refund.id || $0.reference == refund.reference }
            || pendingRefunds.contains { $0.id == refund.id || $0.reference == refund.reference }
    }
}
