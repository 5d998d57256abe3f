package import PaymentModel

extension Payment {
    /// The day of the next instalment that is not paid; `nil` when there is nothing to follow, as after a full refund.
    package var nextInstalmentOn: LocalDate? {
        acceptance?.instalments.filter { $0.state != .paid && $0.amount.isPositive }.map(\.dueOn).min()
    }

    /// Keeps schedule and instalments in step with the provider after the acceptance.
    ///
    /// A report that knows of less money given back than we do is from before it, and its schedule with it, unless
    /// it is from so long after that what it has not is missing at the provider.
    mutating func follow(_ report: ProviderReport, _ context: ObservationContext) -> [PaymentFact] {
        let refunds =
            recordReportedRefunds(report, context) + recordMissingRefunds(report, context)
            + recordReportedDisputes(report, context)
        guard let acceptance, !report.schedule.isEmpty, !isOlder(report, at: context.now) else { return refunds }
        // A refund tells the schedule that is left by itself.
        let isTold = refunds.contains { if case .refundCompleted = $0 { true } else { false } }
        let hasChanged = report.schedule != acceptance.schedule
        self.acceptance?.schedule = report.schedule
        return refunds + (hasChanged && !isTold ? [.scheduleChanged(report.schedule)] : []) + progress(report)
    }

    private func isOlder(_ report: ProviderReport, at now: Instant) -> Bool {
        let listed = report.refunds.filter { $0.failure == nil }.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
        let known = refunds.filter { $0.state == .completed && !isMissing($0, in: report, at: now) }
        return listed < known.reduce(Int64(0)) { $0 + $1.amount.minorUnits }
    }

    private mutating func progress(_ report: ProviderReport) -> [PaymentFact] {
        guard !report.instalments.isEmpty else { return [] }
        let known = acceptance?.instalments ?? []
        var facts: [PaymentFact] = []
        let now = report.instalments.enumerated().map { index, told in
            guard index < known.count else { return told }
            let instalment = told.after(known[index])
            guard instalment.amount.isPositive else { return instalment }
            let numbered = NumberedInstalment(
                number: index + 1, count: report.instalments.count, instalment: instalment)
            switch (known[index].state, instalment.state) {
            case (.due, .paid), (.late, .paid): facts.append(.instalmentPaid(numbered))
            case (.due, .late): facts.append(.instalmentLate(numbered))
            case (.due, .due), (.paid, _), (.late, .due), (.late, .late): break
            }
            return instalment
        }
        acceptance?.instalments = now
        return facts
    }
}

extension InstalmentProgress {
    /// What was paid stays paid, and what was late is late until it is paid: an older reading takes nothing back.
    fileprivate func after(_ known: InstalmentProgress) -> InstalmentProgress {
        var instalment = self
        switch (known.state, state) {
        case (.paid, _): (instalment.state, instalment.paidOn) = (.paid, known.paidOn)
        case (.late, .due): instalment.state = .late
        case (.due, _), (.late, .paid), (.late, .late): break
        }
        return instalment
    }
}
