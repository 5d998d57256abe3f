import EventContract
package import ServiceRuntime
package import TransactionalMessaging

/// invoicing: clients, invoices, and what was paid for them.
///
/// - Consumes: `PaymentAcceptedV1`, `RefundCompletedV1` (payment-orchestrator)
/// - Publishes: `ClientChangedV1`, `InvoiceIssuedV1`, `InvoicePartPaidV1`, `InvoicePaidV1`, `CreditNoteIssuedV1`,
///   `PaymentOnAccountRecordedV1`
/// - Serves: organisations and clinics, clients and their statements, invoices, payments on account, imports
/// - Runs: nothing by the clock
package enum InvoicingService: QuittanceService {
    package static let name = "invoicing"
    package static let schema = "invoicing"
    package static let port = 8101

    package static let settings: [any DescribedSetting] = [Configuration.importBytesMax]

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-documents-stay", PackageResources._002_documents_stay_sql),
        Migration("0003-cancelled-drafts", PackageResources._003_cancelled_drafts_sql),
    ]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let database = context.database
        let keepClient = KeepClient(database: database, ids: context.ids)
        let write = WriteInvoice(database: database, ids: context.ids)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: OrganisationRoutes(
                database: database, keep: KeepOrganisation(database: database, ids: context.ids)
            ).routes
                + ClientRoutes(database: database, keep: keepClient).routes
                + InvoiceRoutes(
                    database: database, write: write, issue: IssueInvoice(database: database),
                    cancel: CancelDraft(changing: ChangeInvoice(database: database))
                ).routes
                + PaymentRoutes(database: database).routes
                + ImportRoutes(
                    imports: ImportInvoices(
                        database: database, keepClient: keepClient, write: write,
                        reading: BlockingWork("invoicing-imports")),
                    fileBytesMax: context.settings[Configuration.importBytesMax]
                ).routes,
            consumers: [
                Consumer(
                    group: name, topics: [.payments], order: .holdKey,
                    subscriptions: [
                        OnPaymentAccepted(record: RecordPayment(ids: context.ids)).subscription,
                        OnRefundCompleted(reverse: ReversePayment(ids: context.ids)).subscription,
                    ])
            ],
            problems: Problems.problem)
    }
}
