import EventContract
import HTTPServer
import Logging
import Observability
import PaymentModel
package import ServiceRuntime
package import TransactionalMessaging

/// invoicing: clients, invoices, and what was paid for them.
///
/// - Consumes: `PaymentAcceptedV1`, `RefundCompletedV1`, `RefundFailedV1`, `DisputeOpenedV1`, `DisputeClosedV1`
///   (payment-orchestrator)
/// - Publishes: `ClientChangedV1`, `ClientMergedV1`, `ClientErasedV1`, `InvoiceIssuedV1`, `InvoicePartPaidV1`,
///   `InvoicePaidV1`, `CreditNoteIssuedV1`,
///   `PaymentOnAccountRecordedV1`, `PaymentOnAccountAllocatedV1`, `PaymentOnAccountReversedV1`,
///   `PaymentOnAccountChargedBackV1`, `PaymentOnAccountRefundedV1`, `CashCollectedV1`,
///   `ReceivableRecordedV1`, `ReceivableCorrectedV1`, `ReceivablePartPaidV1`, `ReceivableSettledV1`,
///   `ReceivableReopenedV1`, `QuoteIssuedV1`, `DepositRequestedV1`, `PaymentOnAccountArchivedV1`,
///   `PaymentOnAccountRestoredV1`, `InvoiceOverdueV1`
/// - Serves: organisations and clinics, clients, their contacts and statements, quotes, invoices, receivables,
///   the till, payments on account, settlements, what is late, methods and rules, imports
/// - Runs: `find-overdue`, `count-breaches`, `show-breaches`, `forget-buyers`, `take-imports`
package enum InvoicingService: QuittanceService {
    package static let name = "invoicing"
    package static let schema = "invoicing"
    package static let port = 8101

    package static let settings: [any DescribedSetting] = [
        Configuration.importBytesMax, Configuration.overdueEvery, CountBreaches.every,
        Configuration.payAddress, Configuration.colourProfile.setting,
    ]

    package static let settingRules = [Configuration.colourProfile.rule]

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-documents-stay", PackageResources._002_documents_stay_sql),
        Migration("0003-cancelled-drafts", PackageResources._003_cancelled_drafts_sql),
        Migration("0004-collecting", PackageResources._004_collecting_sql),
        Migration("0005-discounts-and-chains", PackageResources._005_discounts_and_chains_sql),
        Migration("0006-quotes", PackageResources._006_quotes_sql),
        Migration("0007-settling", PackageResources._007_settling_sql),
        Migration("0008-overdue", PackageResources._008_overdue_sql),
        Migration("0009-contacts", PackageResources._009_contacts_sql),
        Migration("0010-chronological-numbers", PackageResources._010_chronological_numbers_sql),
        Migration("0011-finding", PackageResources._011_finding_sql),
        Migration("0012-parties", PackageResources._012_parties_sql),
        Migration("0013-merging", PackageResources._013_merging_sql),
        Migration("0014-erasing", PackageResources._014_erasing_sql),
        Migration("0015-searching", PackageResources._015_searching_sql),
        Migration("0016-importing", PackageResources._016_importing_sql),
        Migration("0017-coming-back", PackageResources._017_coming_back_sql),
        Migration("0018-dunning-texts", PackageResources._018_dunning_texts_sql),
        Migration("0019-importing-in-order", PackageResources._019_importing_in_order_sql),
        Migration("0020-listing", PackageResources._020_listing_sql),
        Migration("0021-archive-history", PackageResources._021_archive_history_sql),
        Migration("0022-searching-in-order", PackageResources._022_searching_in_order_sql),
        Migration("0023-clinics-in-order", PackageResources._023_clinics_in_order_sql),
        Migration("0024-notes", PackageResources._024_notes_sql),
        Migration("0025-contacts-by-phone", PackageResources._025_contacts_by_phone_sql),
        Migration("0026-searching-inside", PackageResources._026_searching_inside_sql),
        Migration("0027-practitioners", PackageResources._027_practitioners_sql),
        Migration("0028-delivery", PackageResources._028_delivery_sql),
        Migration("0029-exemptions", PackageResources._029_exemptions_sql),
        Migration("0030-dunning-anew", PackageResources._030_dunning_anew_sql),
        Migration("0031-supplied", PackageResources._031_supplied_sql),
        Migration("0032-receivable-labels", PackageResources._032_receivable_labels_sql),
        Migration("0033-searching-any-part", PackageResources._033_searching_any_part_sql),
        Migration("0034-erasing-words", PackageResources._034_erasing_words_sql),
        Migration("0035-known-as-erased", PackageResources._035_known_as_erased_sql),
        Migration("0036-organisation-versions", PackageResources._036_organisation_versions_sql),
        Migration("0037-ends-of-numbers", PackageResources._037_ends_of_numbers_sql),
        Migration("0038-dry-runs", PackageResources._038_dry_runs_sql),
        Migration("0039-units", PackageResources._039_units_sql),
        Migration("0040-clinic-addresses", PackageResources._040_clinic_addresses_sql),
        Migration("0041-drafts-and-days", PackageResources._041_drafts_and_days_sql),
        Migration("0042-days-of-counting", PackageResources._042_days_of_counting_sql),
        Migration("0043-receipts-in-chains", PackageResources._043_receipts_in_chains_sql),
        Migration("0044-parties-in-chains", PackageResources._044_parties_in_chains_sql),
        Migration("0045-waiting-receivables", PackageResources._045_waiting_receivables_sql),
        Migration("0046-waiting-receivables-stay", PackageResources._046_waiting_receivables_stay_sql),
        Migration("0047-overseas-and-archived", PackageResources._047_overseas_and_archived_sql),
        Migration("0048-saint-pierre", PackageResources._048_saint_pierre_sql),
        Migration("0049-days-of-credit", PackageResources._049_days_of_credit_sql),
        Migration("0050-fours-of-numbers", PackageResources._050_fours_of_numbers_sql),
    ]

    package static let invariants = MoneyInvariants.all

    package static let verification: Verification? = Verification(
        command: "verify-chain",
        abstract: "Prove that issued documents are what they were, or name the first that is not."
    ) { context in
        let findings = try await VerifyChain(database: context.database).run()
        return Verification.Outcome(
            lines: findings.map(\.line),
            holds: findings.allSatisfy { $0.broken == nil })
    }

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let ids = context.ids
        let record = RecordPayment(ids: ids)
        let findOverdue = FindOverdue(
            database: context.database, ids: ids, time: context.time, logger: context.logger)
        let (takeImports, arrivals) = (takeImports(context), Doorbell())
        if let missing = Configuration.colourProfile.warning(in: context.settings) {
            context.logger.warning("no document can be printed", metadata: [LogField.remedy: .string(missing)])
        }
        let audit = AuditStore(ids: ids)
        let disputes = KeepDispute(audit: audit, waiting: BookWaiting(record: record))
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: documentRoutes(context) + moneyRoutes(context, record) + printRoutes(context)
                + importRoutes(context, arrivals),
            consumers: [
                Consumer(
                    group: name, topics: [.payments], order: .holdKey,
                    subscriptions: [
                        OnPaymentAccepted(take: TakeOnlinePayment(record: record)).subscription,
                        OnRefundCompleted(reverse: ReversePayment(ids: ids)).subscription,
                        OnRefundFailed(restore: RestoreRefund(audit: audit)).subscription,
                        OnDisputeOpened(keep: disputes).subscription, OnDisputeClosed(keep: disputes).subscription,
                    ])
            ],
            jobs: [
                Job(
                    "find-overdue", every: context.settings[Configuration.overdueEvery], exclusively: true,
                    run: findOverdue.run),
                Job(
                    "forget-buyers", every: .seconds(86_400), exclusively: true,
                    run: ForgetBuyers(database: context.database).run),
                // A file that came to another instance is found by the slow look.
                Job(
                    "take-imports", every: .seconds(1), idlingUpTo: .seconds(5), exclusively: true,
                    wokenBy: arrivals, run: takeImports.run),
            ] + CountBreaches(of: name, invariants, in: context).jobs,
            phrases: Phrasebook(json: PackageResources.problems_fr_json), problems: Problems.problem)
    }

    /// Who bills, who is billed, and what.
    private static func documentRoutes(_ context: ServiceContext) -> [Route] {
        let (database, ids) = (context.database, context.ids)
        let audit = AuditStore(ids: ids)
        let keepClient = KeepClient(database: database, ids: ids)
        let write = WriteInvoice(database: database, ids: ids)
        return OrganisationRoutes(database: database, keep: KeepOrganisation(database: database, ids: ids)).routes
            + ClientRoutes(database: database, keep: keepClient).routes
            + ClientIdentityRoutes(
                merge: MergeClients(database: database, ids: ids, audit: audit),
                movePhone: MovePhone(database: database, audit: audit),
                erase: EraseClient(database: database, audit: audit)
            ).routes
            + ContactRoutes(database: database, keep: KeepContact(database: database, ids: ids)).routes
            + InvoiceRoutes(
                database: database, write: write, issue: IssueInvoice(database: database, audit: audit),
                rewrite: RewriteDraft(database: database, audit: audit),
                cancel: CancelDraft(changing: ChangeInvoice(database: database, audit: audit)),
                writeNote: WriteCreditNote(database: database, issue: IssueCreditNote(ids: ids))
            ).routes
            + QuoteRoutes(
                database: database, write: WriteQuote(database: database, ids: ids),
                deposit: RequestDeposit(database: database, ids: ids, write: write),
                invoice: InvoiceQuote(database: database, ids: ids, write: write)
            ).routes
    }

    /// What comes from practice-management software.
    private static func importRoutes(_ context: ServiceContext, _ arrivals: Doorbell) -> [Route] {
        let audit = AuditStore(ids: context.ids)
        let imports = importInvoices(context)
        let bytesMax = context.settings[Configuration.importBytesMax]
        return ImportRoutes(imports: imports, fileBytesMax: bytesMax).routes
            + ImportFileRoutes(
                database: context.database,
                start: StartImport(
                    database: context.database, ids: context.ids, audit: audit, reading: imports.reading,
                    arrivals: arrivals),
                keep: KeepImportMapping(database: context.database, audit: audit), fileBytesMax: bytesMax
            ).routes
    }

    private static func importInvoices(_ context: ServiceContext) -> ImportInvoices {
        let (database, ids) = (context.database, context.ids)
        return ImportInvoices(
            database: database, keepClient: KeepClient(database: database, ids: ids),
            write: WriteInvoice(database: database, ids: ids), reading: BlockingWork("invoicing-imports"))
    }

    private static func takeImports(_ context: ServiceContext) -> TakeImports {
        let (database, ids) = (context.database, context.ids)
        let imports = importInvoices(context)
        return TakeImports(
            database: database, ids: ids, time: context.time, logger: context.logger,
            stage: StageImport(database: database, ids: ids, reading: imports.reading),
            clients: TakeClientRows(keep: imports.keepClient),
            invoices: TakeInvoiceRows(database: database, imports: imports),
            openItems: TakeOpenItemRows(
                keep: KeepReceivable(database: database, ids: ids, audit: AuditStore(ids: ids))),
            payments: TakePaymentRow(ids: ids))
    }

    /// Documents as pages and e-invoices, and what they say of both parties.
    private static func printRoutes(_ context: ServiceContext) -> [Route] {
        let (database, settings) = (context.database, context.settings)
        let audit = AuditStore(ids: context.ids)
        let print = PrintDocument(
            database: database, file: DocumentFile(profilePath: settings[Configuration.colourProfile.setting]),
            drawing: BlockingWork("invoicing-documents", waitingMax: 64))
        let account = PrintAccount(database: database, file: print.file, drawing: print.drawing)
        return DocumentRoutes(print: print, payAddress: settings[Configuration.payAddress]).routes
            + StatementRoutes(print: account).routes
            + RecipientRoutes(database: database).routes
            + SellerRoutes(
                database: database, keep: KeepSeller(database: database, audit: audit),
                keepBilling: KeepBilling(database: database, audit: audit), drawing: print.drawing
            ).routes
            + ClinicAddressRoutes(
                database: database, keep: KeepClinicAddress(database: database, audit: audit)
            ).routes
    }

    /// What is owed, what is paid, and by which rules.
    private static func moneyRoutes(_ context: ServiceContext, _ record: RecordPayment) -> [Route] {
        let (database, ids) = (context.database, context.ids)
        let audit = AuditStore(ids: ids)
        return TillRoutes(database: database, collect: CollectPayment(database: database, ids: ids)).routes
            + PaymentRoutes(
                database: database, apply: ApplyCredit(database: database, audit: audit),
                reverse: ReverseCollection(database: database, audit: audit),
                accept: AcceptOnlinePayment(database: database, record: record, audit: audit)
            ).routes
            + ListSheetRoutes(database: database).routes
            + OverdueRoutes(database: database, keep: KeepDunning(database: database, audit: audit)).routes
            + SettlementRoutes(
                database: database, settle: SettleDebts(database: database, ids: ids, audit: audit),
                archive: ArchivePayment(database: database, audit: audit)
            ).routes
            + ReceivableRoutes(
                database: database, keep: KeepReceivable(database: database, ids: ids, audit: audit)
            ).routes
            + RuleRoutes(
                database: database, keepMethod: KeepMethod(database: database, audit: audit),
                keepRules: KeepRules(database: database, audit: audit), audit: audit
            ).routes
    }
}
