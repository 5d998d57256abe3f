import Logging
package import Metrics
import Observability
import PaymentModel
import TransactionalMessaging

/// Counts what breaks the invariants of a service, for the alert; its `verify-books` names it.
///
/// What was counted last is kept as the answer of that run: a restart counts nothing anew, and every instance shows the
/// same, whichever of them leads or has led.
package struct CountBreaches: Sendable {
    /// How long a count holds; runs of jobs are remembered no longer than the most (``CauseRetention``).
    package static let every = Setting.duration(
        "QUITTANCE_BOOKS_VERIFIED_EVERY", "Pause between two looks at whether the sums of money are those of its rows.",
        in: .seconds(1)...(.seconds(86_400)), default: "1d")

    /// What was found of each invariant, without those that could never be checked.
    private struct Count: Codable, Sendable {
        let microsecondsSince1970: Int64
        let breaches: [String: Int]

        var at: Instant { Instant(microsecondsSince1970: microsecondsSince1970) }
    }

    private static let name = "count-breaches"
    /// It is of all organisations.
    private static let everybody = OrganisationID(0)
    /// Of one invariant; there is somebody to call from the first on.
    private static let countedMax: Int64 = 100
    /// What one may take: large books take longer than a request may.
    private static let timeMax: Duration = .seconds(600)
    /// Pause between two questions of whether it is time, and for what was counted elsewhere.
    private static let lookEvery: Duration = .seconds(60)

    private let service: String
    private let invariants: [Invariant]
    private let context: ServiceContext
    private let metrics: any MetricsFactory

    /// Of a service of this name, which has ``every`` among its settings.
    package init(
        of service: String, _ invariants: [Invariant], in context: ServiceContext,
        shownBy metrics: any MetricsFactory = MetricsSystem.factory
    ) {
        self.service = service
        self.invariants = invariants
        self.context = context
        self.metrics = metrics
    }

    /// One instance counts, all of them show it.
    package var jobs: [Job] {
        let pause = min(context.settings[Self.every], Self.lookEvery)
        return [
            Job(Self.name, every: pause, exclusively: true, run: count),
            Job("show-breaches", every: pause, run: show),
        ]
    }

    /// Counts once the last count is too old.
    package func count() async throws {
        let (last, now) = (try await lastCount(), context.time.now())
        if let last, now - last.at < context.settings[Self.every] { return }
        let doctor = Doctor(of: context.database, within: Self.timeMax, naming: Self.countedMax)
        var breaches: [String: Int] = [:]
        for invariant in invariants {
            breaches[invariant.name] = await found(by: doctor, of: invariant) ?? last?.breaches[invariant.name]
        }
        let count = Count(microsecondsSince1970: now.microsecondsSince1970, breaches: breaches)
        let cause = Cause.step(
            Self.name, by: service, for: Self.everybody, correlation: context.ids.make(), context.ids)
        try await context.database.change(because: cause) { _ -> Count in count }
    }

    /// Shows what was counted last, here or elsewhere.
    package func show() async throws {
        guard let last = try await lastCount() else { return }
        for invariant in invariants {
            guard let breaches = last.breaches[invariant.name] else { continue }
            Gauge(
                label: "quittance_books_breaches",
                dimensions: [("service", service), ("invariant", invariant.name)], factory: metrics
            )
            .record(breaches)
        }
    }

    private func lastCount() async throws -> Count? {
        try await context.database.lastAnswer(toSteps: Self.name, for: Self.everybody)
    }

    /// Nil when it could not be checked.
    private func found(by doctor: Doctor, of invariant: Invariant) async -> Int? {
        switch await doctor.look(for: invariant) {
        case .holds: return 0
        case .broken(let named):
            context.logger.error(
                "the books are broken",
                metadata: [
                    LogField.reason: "\(invariant.name): \(named.first ?? "")", LogField.count: "\(named.count)",
                    LogField.remedy: "ask \(service) verify-books for all of it",
                ])
            return named.count
        case .notChecked(let reason):
            context.logger.error(
                "an invariant of the books could not be checked",
                metadata: [LogField.reason: "\(invariant.name): \(reason)"])
            return nil
        }
    }
}
