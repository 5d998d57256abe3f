import EventContract
import HTTPClient
import HTTPServer
import Observability
import PaymentModel
import ReconciliationDomain
package import ServiceRuntime
package import TransactionalMessaging

/// reconciliation: what providers owe, what the bank received, and why.
///
/// - Consumes: `QuoteIssuedV1`, `DepositRequestedV1`, `InvoiceIssuedV1`, `InvoicePaidV1`, `InvoicePartPaidV1`,
///   `CreditNoteIssuedV1`, `ReceivableSettledV1`, `ReceivableReopenedV1`, `CashCollectedV1`,
///   `PaymentOnAccountRecordedV1`, `PaymentOnAccountAllocatedV1`, `PaymentOnAccountReversedV1`,
///   `PaymentOnAccountChargedBackV1`, `PaymentOnAccountRefundedV1` (invoicing),
///   `PaymentRequestedV1`, `PaymentAcceptedV1`, `PaymentRefusedV1`, `PaymentCancelledV1`, `PaymentExpiredV1`,
///   `RefundCompletedV1`, `RefundFailedV1`, `DisputeOpenedV1`, `DisputeClosedV1`, `ProviderAccountConnectedV1`
///   (payment-orchestrator)
/// - Publishes: `FeeRecordedV1`, `PayoutExpectedV1`, `BankLineImportedV1`, `MatchedV1`, `PayoutPointedV1`,
///   `PayoutUnpointedV1`, `PayoutLateV1`, `DiscrepancyOpenedV1`, `DiscrepancyClosedV1`, `PeriodClosedV1`,
///   `PeriodReopenedV1`
/// - Serves: imports of reports and statements, how far they are, accounts whose payouts are asked for, CSV mappings,
///   columns of reports, the fee screen, what is expected, payouts, bank lines, explanations of invoices and payouts,
///   what is pointed together and what may be, whether a provider's word points, differences on account 471,
///   discrepancies and what people do about them, balances, the zones of clinics, the organisation's bank accounts,
///   chart, journals, VAT on fees, receipts by rate of VAT, periods, the file for the tax office, every grid as a file,
///   tills as they were counted, remittances, statistics, matching rules
/// - Runs: `announce-late-payouts`, `open-missing-payouts`, `fetch-payouts`, `refresh-statistics`,
///   `count-breaches`, `show-breaches`
package enum ReconciliationService: QuittanceService {
    package static let name = "reconciliation"
    package static let schema = "reconciliation"
    package static let port = 8104

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-order-of-arrival", PackageResources._002_order_of_arrival_sql),
        Migration("0003-clinics-of-organisations", PackageResources._003_clinics_of_organisations_sql),
        Migration(
            "0004-discrepancies-and-late-payouts",
            PackageResources._004_discrepancies_and_late_payouts_sql),
        Migration("0005-accounting", PackageResources._005_accounting_sql),
        Migration("0006-bank-files", PackageResources._006_bank_files_sql),
        Migration("0007-fee-rows", PackageResources._007_fee_rows_sql),
        Migration("0008-pointing-by-hand", PackageResources._008_pointing_by_hand_sql),
        Migration("0009-clinics-of-invoices", PackageResources._009_clinics_of_invoices_sql),
        Migration("0010-language-of-files", PackageResources._010_language_of_files_sql),
        Migration("0011-till", PackageResources._011_till_sql),
        Migration("0012-statistics", PackageResources._012_statistics_sql),
        Migration("0013-matching-rules", PackageResources._013_matching_rules_sql),
        Migration("0014-accounts-of-statements", PackageResources._014_accounts_of_statements_sql),
        Migration("0015-payouts-by-api", PackageResources._015_payouts_by_api_sql),
        Migration("0016-joint-pointings", PackageResources._016_joint_pointings_sql),
        Migration("0017-fee-taxes", PackageResources._017_fee_taxes_sql),
        Migration("0018-vat-receipts", PackageResources._018_vat_receipts_sql),
        Migration(
            "0019-disputes-and-returned-refunds",
            PackageResources._019_disputes_and_returned_refunds_sql),
        Migration("0020-imports", PackageResources._020_imports_sql),
        Migration("0021-refunds-that-wait", PackageResources._021_refunds_that_wait_sql),
        Migration("0022-dry-runs-of-imports", PackageResources._022_dry_runs_of_imports_sql),
        Migration("0023-imports-once", PackageResources._023_imports_once_sql),
        Migration("0024-origins-of-invoices", PackageResources._024_origins_of_invoices_sql),
        Migration("0025-payouts-of-nothing", PackageResources._025_payouts_of_nothing_sql),
        Migration("0026-payouts-to-match", PackageResources._026_payouts_to_match_sql),
        Migration("0027-receipts-of-online-money", PackageResources._027_receipts_of_online_money_sql),
        Migration("0028-payouts-told-whole", PackageResources._028_payouts_told_whole_sql),
        Migration("0029-pointings-undone", PackageResources._029_pointings_undone_sql),
        Migration("0030-what-invoices-owe", PackageResources._030_what_invoices_owe_sql),
        Migration("0031-when-sales-changed", PackageResources._031_when_sales_changed_sql),
        Migration("0032-alma-report-columns", PackageResources._032_alma_report_columns_sql),
        Migration("0033-when-receipts-were-told", PackageResources._033_when_receipts_were_told_sql),
        Migration("0034-disputes-lost-in-part", PackageResources._034_disputes_lost_in_part_sql),
        Migration("0035-receipts-taken-off", PackageResources._035_receipts_taken_off_sql),
        Migration("0036-discrepancies", PackageResources._036_discrepancies_sql),
        Migration("0037-receipts-charged-back", PackageResources._037_receipts_charged_back_sql),
        Migration("0038-what-is-wrong", PackageResources._038_what_is_wrong_sql),
        Migration("0039-for-accountants", PackageResources._039_for_accountants_sql),
        Migration("0040-providers-word", PackageResources._040_providers_word_sql),
        Migration("0041-held-differences", PackageResources._041_held_differences_sql),
        Migration("0042-credited-vat", PackageResources._042_credited_vat_sql),
        Migration("0043-taken-movements", PackageResources._043_taken_movements_sql),
        Migration("0044-found-by-day-and-by-words", PackageResources._044_found_by_day_and_by_words_sql),
    ]

    package static let settings: [any DescribedSetting] = [
        Configuration.bankWindow, Configuration.timeZone, Configuration.exportsMax, Configuration.importsMax,
        Configuration.lateEvery, Configuration.statisticsAgeMax, Configuration.paymentsURL,
        Configuration.signingKey, Configuration.payoutsEvery, CountBreaches.every,
    ]
    package static let settingRules = Configuration.rules

    package static let invariants =
        BooksInvariants.all + SumInvariants.all + TillInvariants.all + InvoiceInvariants.all

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let parts = try Parts(context)
        let client = HTTPClient(logger: context.logger)
        let fetch = try fetching(parts, client, context)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: routes(of: parts, fetch, context),
            consumers: [
                Consumer(
                    group: name, topics: [.invoicing, .payments], order: .holdKey,
                    subscriptions: [
                        OnQuoteIssued().subscription, OnDepositRequested().subscription,
                        OnInvoiceIssued(receipts: parts.receipts).subscription,
                        OnInvoicePaid().subscription, OnInvoicePartPaid().subscription,
                        OnCreditNoteIssued(count: parts.countVAT).subscription,
                        OnReceivableSettled().subscription, OnReceivableReopened().subscription,
                        OnPaymentAccepted(clinics: parts.clinics, expect: parts.expect, count: parts.sales)
                            .subscription,
                        OnPaymentRequested(count: parts.sales).subscription,
                        OnPaymentRefused(count: parts.sales).subscription,
                        OnPaymentCancelled(count: parts.sales).subscription,
                        OnPaymentExpired(count: parts.sales).subscription,
                        OnRefundCompleted(clinics: parts.clinics, count: parts.count).subscription,
                        OnRefundFailed(clinics: parts.clinics, count: parts.count).subscription,
                        OnDisputeOpened(count: parts.disputed).subscription,
                        OnDisputeClosed(count: parts.disputed).subscription,
                        OnCashCollected(ids: context.ids, count: parts.collections).subscription,
                        OnPaymentOnAccountReversed(count: parts.collections, vat: parts.countVAT).subscription,
                        OnPaymentOnAccountChargedBack(count: parts.countVAT).subscription,
                        OnPaymentOnAccountRefunded(count: parts.countVAT).subscription,
                        OnPaymentOnAccountRecorded(count: parts.countVAT).subscription,
                        OnPaymentOnAccountAllocated(count: parts.countVAT).subscription,
                        OnProviderAccountConnected().subscription,
                    ])
            ],
            jobs: [
                Job(
                    "announce-late-payouts", every: context.settings[Configuration.lateEvery], exclusively: true,
                    run: AnnounceLatePayouts(
                        database: context.database, ids: context.ids, usualZone: parts.clinics.usualZone,
                        discrepancies: parts.discrepancies
                    ).run),
                Job(
                    "open-missing-payouts", every: context.settings[Configuration.lateEvery], exclusively: true,
                    run: OpenMissingPayouts(
                        database: context.database, ids: context.ids, windowDays: parts.match.matching.windowDays,
                        discrepancies: parts.discrepancies
                    ).run),
                Job("refresh-statistics", every: .seconds(900), exclusively: true, run: refreshing(context).run),
                Job(
                    "fetch-payouts", every: context.settings[Configuration.payoutsEvery], exclusively: true,
                    run: { try await fetch.run() }),
            ] + CountBreaches(of: name, invariants, in: context).jobs,
            phrases: Phrasebook(json: PackageResources.problems_fr_json), problems: Problems.problem,
            closing: [{ await client.close() }])
    }

    private static func fetching(
        _ parts: Parts, _ client: HTTPClient, _ context: ServiceContext
    ) throws -> FetchPayouts {
        let settings = context.settings
        var payments: AskOwner?
        if let url = settings[Configuration.paymentsURL], let key = settings[Configuration.signingKey] {
            let asker = AskOwner.Asker(name: name, key: try SigningKey(jwk: key.reveal()), settings: settings)
            payments = AskOwner(
                AskOwner.Owner(name: "payment-orchestrator", baseURL: url, scope: "payouts:read"), as: asker,
                client: client, time: context.time)
        }
        return FetchPayouts(
            database: context.database, ids: context.ids, time: context.time, payments: payments,
            reports: parts.settling(context))
    }

    private static func refreshing(_ context: ServiceContext) -> RefreshStatistics {
        RefreshStatistics(
            database: context.database, ageMax: context.settings[Configuration.statisticsAgeMax])
    }

    private static func routes(of parts: Parts, _ fetch: FetchPayouts, _ context: ServiceContext) -> [Route] {
        let database = context.database
        let places = FilePlaces(placesMax: context.settings[Configuration.importsMax])
        let groups: [[Route]] = [
            ImportRoutes(
                settlements: parts.settling(context),
                statements: ImportStatement(
                    database: database, ids: context.ids, time: context.time, match: parts.match,
                    deposits: parts.deposits, discrepancies: parts.discrepancies, logger: context.logger),
                places: places
            ).routes,
            PayoutSourceRoutes(database: database, fetch: fetch, places: places).routes,
            CSVMappingRoutes(database: database, keep: KeepCSVMapping(database: database)).routes,
            AlmaReportColumnRoutes(database: database, keep: KeepAlmaReportColumns(database: database)).routes,
            FeeRoutes(database: database, exports: parts.exports).routes,
            ExpectedPayoutRoutes(database: database).routes,
            ExportRoutes(
                database: database, exports: parts.exports, grids: GridStore(usualZone: parts.clinics.usualZone)
            ).routes,
            parts.accounting(context).routes, parts.holding(context).routes,
            PayoutRoutes(
                database: database, pointing: PointPayout(database: database, match: parts.match),
                unpointing: UnpointPayout(database: database, match: parts.match), trails: parts.trails,
                ledger: parts.ledger
            ).routes,
            JointPointingRoutes(
                database: database, pointing: PointTogether(database: database, match: parts.match),
                undoing: UndoTogether(database: database, match: parts.match),
                proposing: ProposeTogether(database: database, match: parts.match)
            ).routes,
            ExplainRoutes(database: database, trails: parts.trails).routes,
            DiscrepancyRoutes(
                database: database, discrepancies: parts.discrepancies,
                lookAfter: LookAfterDiscrepancy(
                    database: database, discrepancies: parts.discrepancies, residues: parts.review.residues)
            ).routes,
            BankLineRoutes(database: database).routes,
            RegisterRoutes(
                database: database, clinics: parts.clinics,
                keepAccount: KeepBankAccount(
                    database: database, match: parts.match, deposits: parts.deposits,
                    periods: PeriodStore(ids: context.ids))
            ).routes,
            parts.remittances(context).routes,
            MatchingRuleRoutes(
                database: database,
                keep: KeepMatchingRules(database: database, ids: context.ids, match: parts.match),
                attempt: TryMatchingRules(database: database, match: parts.match)
            ).routes,
            ProvidersWordRoutes(
                database: database, take: TakeProvidersWord(database: database, ids: context.ids, match: parts.match)
            ).routes,
            StatisticRoutes(database: database, refreshing: refreshing(context)).routes,
            VATReceiptRoutes(database: database).routes,
            FeeTaxRoutes(database: database, keep: KeepFeeTax(database: database, ids: context.ids)).routes,
        ]
        // Payouts, statements and accounts are the organisation's, whichever clinic's clients paid.
        return groups.flatMap { $0 }.map(\.forAllClinics) + parts.till(context).routes
    }

    /// What several routes and consumers share.
    private struct Parts {
        let clinics: ClinicStore
        let settlements: SettlementStore
        let discrepancies: DiscrepancyStore
        let ledger: LedgerStore
        let review: ReviewPayment
        let match: MatchPayouts
        let deposits: MatchDeposits
        let collections: CountCollection
        let receipts: VATReceiptStore
        let exports: FilePlaces

        init(_ context: ServiceContext) throws {
            clinics = ClinicStore(usualZone: try TimeZones.checked(context.settings[Configuration.timeZone]))
            settlements = SettlementStore(ids: context.ids)
            discrepancies = DiscrepancyStore(ids: context.ids)
            ledger = LedgerStore(ids: context.ids)
            exports = FilePlaces(placesMax: context.settings[Configuration.exportsMax])
            review = ReviewPayment(
                settlements: settlements, discrepancies: discrepancies, disputes: DisputeStore(ids: context.ids),
                residues: ResidueStore(ids: context.ids), ledger: ledger)
            match = MatchPayouts(
                matching: PayoutMatching(windowDays: context.settings[Configuration.bankWindow]),
                joining: JointMatching(windowDays: context.settings[Configuration.bankWindow]),
                settlements: settlements, discrepancies: discrepancies, residues: review.residues, ledger: ledger)
            deposits = MatchDeposits(
                matching: DepositMatching(windowDays: context.settings[Configuration.bankWindow]), ledger: ledger)
            receipts = VATReceiptStore(ids: context.ids)
            collections = CountCollection(ids: context.ids, ledger: ledger)
        }

        func settling(_ context: ServiceContext) -> ImportSettlement {
            ImportSettlement(
                database: context.database, ids: context.ids, time: context.time, match: match,
                lines: TakeSettlementLine(review: review, bringBack: BringBackPayout(match: match)),
                logger: context.logger)
        }

        func till(_ context: ServiceContext) -> TillRoutes {
            let database = context.database
            return TillRoutes(
                database: database,
                close: CloseTill(
                    database: database, ids: context.ids, time: context.time, clinics: clinics, ledger: ledger))
        }

        func remittances(_ context: ServiceContext) -> RemittanceRoutes {
            let database = context.database
            return RemittanceRoutes(
                database: database,
                making: MakeRemittance(
                    database: database, ids: context.ids, time: context.time, clinics: clinics, deposits: deposits),
                pointing: PointRemittance(database: database, deposits: deposits),
                unpointing: UnpointRemittance(database: database, deposits: deposits),
                cancelling: CancelRemittance(database: database, deposits: deposits))
        }

        func accounting(_ context: ServiceContext) -> AccountingRoutes {
            let (database, periods) = (context.database, PeriodStore(ids: context.ids))
            return AccountingRoutes(
                database: database, keepChart: KeepChart(database: database, periods: periods),
                close: ClosePeriod(database: database, time: context.time, clinics: clinics, periods: periods),
                reopen: ReopenPeriod(database: database, periods: periods),
                writeFEC: WriteFEC(database: database), exports: exports)
        }

        func holding(_ context: ServiceContext) -> HeldDifferenceRoutes {
            HeldDifferenceRoutes(
                database: context.database,
                clearing: ClearHeldDifference(
                    database: context.database, ids: context.ids, time: context.time, clinics: clinics,
                    periods: PeriodStore(ids: context.ids), ledger: ledger))
        }

        var trails: TrailStore {
            TrailStore(
                settlements: settlements, discrepancies: discrepancies, disputes: review.disputes,
                windowDays: match.matching.windowDays)
        }

        var held: CountHeld { CountHeld(ledger: ledger) }

        var count: CountRefund { CountRefund(held: held, ledger: ledger, review: review) }

        var countVAT: CountVATReceipts { CountVATReceipts(clinics: clinics, receipts: receipts, held: held) }

        var sales: CountSale { CountSale(clinics: clinics) }

        var disputed: CountDispute {
            CountDispute(disputes: review.disputes, held: held, ledger: ledger, review: review)
        }

        var expect: ExpectPayment { ExpectPayment(refunds: count, disputes: disputed, held: held, review: review) }
    }
}
