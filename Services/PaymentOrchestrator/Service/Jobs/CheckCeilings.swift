import HTTPServer
import Logging
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// Says when the table of what a credit may cost is an earlier quarter's (PAY-2): it goes on being used, and may allow
/// what the law does not any more.
struct CheckCeilings: Sendable {
    let usury: UsuryTable
    let calendar: ClinicCalendar
    let time: TimeSource
    let logger: Logger

    private var isOutdated: Bool { usury.isOutdated(on: calendar.date(of: time.now())) }

    func run() async throws {
        guard isOutdated else { return }
        logger.warning(
            "the ceilings of what a credit may cost are an earlier quarter's",
            metadata: [LogField.remedy: "add the line of this quarter to QUITTANCE_USURY_CEILINGS"])
    }

    /// No reason to keep requests out.
    func health() -> HealthChecks.Outcome {
        isOutdated ? .impaired("QUITTANCE_USURY_CEILINGS has no line of this quarter.") : .well
    }
}
