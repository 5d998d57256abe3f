import EventContract
import ReconciliationDomain
package import ServiceRuntime
package import TransactionalMessaging

/// reconciliation: what providers owe, what the bank received, and why.
///
/// - Consumes: `InvoiceIssuedV1` (invoicing), `PaymentAcceptedV1`, `RefundCompletedV1` (payment-orchestrator)
/// - Publishes: `FeeRecordedV1`, `PayoutExpectedV1`, `BankLineImportedV1`, `MatchedV1`, `PayoutPointedV1`,
///   `PayoutUnpointedV1`, `DiscrepancyOpenedV1`, `DiscrepancyClosedV1`
/// - Serves: imports of reports and statements, the fee screen and its export, payouts with their explanation,
///   discrepancies, balances, the zones of clinics, the organisation's bank accounts
/// - Runs: nothing by the clock
package enum ReconciliationService: QuittanceService {
    package static let name = "reconciliation"
    package static let schema = "reconciliation"
    package static let port = 8104

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-order-of-arrival", PackageResources._002_order_of_arrival_sql),
        Migration("0003-clinics-of-organisations", PackageResources._003_clinics_of_organisations_sql),
    ]

    package static let settings: [any DescribedSetting] = [Configuration.bankWindow, Configuration.timeZone]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let database = context.database
        let parts = try Parts(context)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: ImportRoutes(
                settlements: ImportSettlement(
                    database: database, ids: context.ids, match: parts.match, review: parts.review),
                statements: ImportStatement(
                    database: database, ids: context.ids, match: parts.match, discrepancies: parts.discrepancies),
                reading: BlockingWork("reconciliation-imports")
            ).routes
                + FeeRoutes(database: database).routes
                + PayoutRoutes(
                    database: database, pointing: PointPayout(database: database, match: parts.match),
                    discrepancies: parts.discrepancies, settlements: parts.settlements, ledger: parts.ledger,
                    windowDays: parts.match.matching.windowDays
                ).routes
                + RegisterRoutes(database: database, clinics: parts.clinics).routes,
            consumers: [
                Consumer(
                    group: name, topics: [.invoicing, .payments], order: .holdKey,
                    subscriptions: [
                        OnInvoiceIssued().subscription,
                        OnPaymentAccepted(clinics: parts.clinics, expect: parts.expect).subscription,
                        OnRefundCompleted(clinics: parts.clinics, count: parts.count).subscription,
                    ])
            ],
            problems: Problems.problem)
    }

    /// What several routes and consumers share.
    private struct Parts {
        let clinics: ClinicStore
        let settlements: SettlementStore
        let discrepancies: DiscrepancyStore
        let ledger: LedgerStore
        let review: ReviewPayment
        let match: MatchPayouts

        init(_ context: ServiceContext) throws {
            clinics = ClinicStore(usualZone: try TimeZones.checked(context.settings[Configuration.timeZone]))
            settlements = SettlementStore(ids: context.ids)
            discrepancies = DiscrepancyStore(ids: context.ids)
            ledger = LedgerStore(ids: context.ids)
            review = ReviewPayment(settlements: settlements, discrepancies: discrepancies, ledger: ledger)
            match = MatchPayouts(
                matching: PayoutMatching(windowDays: context.settings[Configuration.bankWindow]),
                settlements: settlements, discrepancies: discrepancies, ledger: ledger)
        }

        var count: CountRefund { CountRefund(ledger: ledger, review: review) }

        var expect: ExpectPayment { ExpectPayment(refunds: count, review: review) }
    }
}
