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
///   discrepancies, balances
/// - Runs: nothing by the clock
package enum ReconciliationService: QuittanceService {
    package static let name = "reconciliation"
    package static let schema = "reconciliation"
    package static let port = 8104

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql)
    ]

    package static let settings: [any DescribedSetting] = [Configuration.bankWindow]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let database = context.database
        let ledger = LedgerStore(ids: context.ids)
        let discrepancies = DiscrepancyStore(ids: context.ids)
        let match = MatchPayouts(
            matching: PayoutMatching(windowDays: context.settings[Configuration.bankWindow]),
            discrepancies: discrepancies, ledger: ledger)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: ImportRoutes(
                settlements: ImportSettlement(
                    database: database, ids: context.ids, match: match, discrepancies: discrepancies, ledger: ledger),
                statements: ImportStatement(
                    database: database, ids: context.ids, match: match, discrepancies: discrepancies)
            ).routes
                + FeeRoutes(database: database).routes
                + PayoutRoutes(
                    database: database, pointing: PointPayout(database: database, match: match, ledger: ledger),
                    discrepancies: discrepancies, ledger: ledger
                ).routes,
            consumers: [
                Consumer(
                    group: name, topics: [.invoicing, .payments], order: .holdKey,
                    subscriptions: [
                        OnInvoiceIssued().subscription, OnPaymentAccepted(ledger: ledger).subscription,
                        OnRefundCompleted(ledger: ledger).subscription,
                    ])
            ],
            problems: Problems.problem)
    }
}
