import EventContract
import HTTPClient
import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
package import ServiceRuntime
package import TransactionalMessaging

/// notification: facts become messages, and workers hand each over once.
///
/// - Consumes: `PaymentRequestedV1`, `PaymentLinkRequestedV1`, `VerificationRequestedV1`, `PaymentAcceptedV1`,
///   `PaymentRefusedV1`, `PaymentCancelledV1`, `PaymentExpiredV1`, `RefundCompletedV1`, `ScheduleChangedV1`
///   (payment-orchestrator); `InvoiceIssuedV1`, `CreditNoteIssuedV1`, `DepositRequestedV1`, `InvoiceOverdueV1`,
///   `InvoicePaidV1`, `ReceivableSettledV1`, `PaymentOnAccountRecordedV1`, `PaymentOnAccountReversedV1`,
///   `ClientChangedV1`, `ClientMergedV1`, `ClientErasedV1` (invoicing); workers: `MessageDispatchV1` (its own)
/// - Publishes: `MessageRequestedV1`, `MessageDispatchV1`, `MessageSentV1`, `MessageDeliveredV1`, `MessageFailedV1`,
///   `MessageCalledOffV1`, `RecipientOptedOutV1`, `CampaignStartedV1`, `CampaignFinishedV1`, `QuotaLowV1`
/// - Serves: messages and what became of them, who agreed to marketing, reminders, templates and what they cost,
///   the directory, campaigns, quotas, receipts of gateways
/// - Runs: prepares messages; asks gateways that keep replies for them; releases reminders that are due; writes
///   campaigns; tells quotas what was used; gives up calls whose worker died; calls off what would come too late;
///   finds another way for what waits for a gateway that is gone
package enum NotificationService: QuittanceService {
    package static let name = "notification"
    package static let schema = "notification"
    package static let port = 8103
    package static let processRoles: [ProcessRole] = [.serve, .work]
    package static let settings = Configuration.all
    package static let settingRules = Configuration.rules

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-deadlines", PackageResources._002_deadlines_sql),
        Migration("0003-texts-are-forgotten", PackageResources._003_texts_are_forgotten_sql),
        Migration("0004-words-of-organisations", PackageResources._004_words_of_organisations_sql),
        Migration("0005-gateways", PackageResources._005_gateways_sql),
        Migration("0006-reminders", PackageResources._006_reminders_sql),
        Migration("0007-consent", PackageResources._007_consent_sql),
        Migration("0008-urgent-first", PackageResources._008_urgent_first_sql),
        Migration("0009-invoices", PackageResources._009_invoices_sql),
        Migration("0010-directory", PackageResources._010_directory_sql),
        Migration("0011-quota", PackageResources._011_quota_sql),
        Migration("0012-campaigns", PackageResources._012_campaigns_sql),
        Migration("0013-forgetting", PackageResources._013_forgetting_sql),
        Migration("0014-when-due", PackageResources._014_when_due_sql),
        Migration("0015-receipts", PackageResources._015_receipts_sql),
        Migration("0016-erased-while-called", PackageResources._016_erased_while_called_sql),
        Migration("0017-clients-of-the-directory", PackageResources._017_clients_of_the_directory_sql),
        Migration("0018-one-person-once", PackageResources._018_one_person_once_sql),
        Migration("0019-languages", PackageResources._019_languages_sql),
        Migration("0020-one-mail", PackageResources._020_one_mail_sql),
        Migration("0021-how-payments-ended", PackageResources._021_how_payments_ended_sql),
        Migration("0022-others-are-reminded", PackageResources._022_others_are_reminded_sql),
        Migration("0023-payments-asked-for", PackageResources._023_payments_asked_for_sql),
        Migration("0024-heard-replies", PackageResources._024_heard_replies_sql),
        Migration("0025-receivables", PackageResources._025_receivables_sql),
        Migration("0026-holidays-of-clinics", PackageResources._026_holidays_of_clinics_sql),
        Migration("0027-waits-since", PackageResources._027_waits_since_sql),
        Migration("0028-clocks-and-waits", PackageResources._028_clocks_and_waits_sql),
        Migration("0029-apart-by-owner", PackageResources._029_apart_by_owner_sql),
        Migration("0030-uncertain-messages", PackageResources._030_uncertain_messages_sql),
        Migration("0031-saint-pierre", PackageResources._031_saint_pierre_sql),
        Migration("0032-consents-as-read", PackageResources._032_consents_as_read_sql),
        Migration("0033-parts-taken", PackageResources._033_parts_taken_sql),
        Migration("0034-campaign-languages", PackageResources._034_campaign_languages_sql),
        Migration("0035-found-at-once", PackageResources._035_found_at_once_sql),
        Migration("0036-link-ends", PackageResources._036_link_ends_sql),
    ]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        switch context.processRole {
        case .serve: try await assembleServer(context)
        case .work: try assembleWorker(context)
        }
    }

    private static func assembleServer(_ context: ServiceContext) async throws -> Assembly {
        let accounts = try GatewayAccounts(context.settings)
        let order = try accounts.order()
        let client = HTTPClient(logger: context.logger)
        let bell = WorkBell(context.database)
        let request = RequestMessage(
            ids: context.ids, ageMax: context.settings[Configuration.messageAgeMax], bell: bell)
        let tell = TellOfInvoice(request: request, time: context.time)
        let draw = DrawOnQuota(logger: context.logger)
        let lateness = lateness(context)
        lateness.begin()
        let prepare = PrepareMessages(
            database: context.database, which: .others, ask: try askRecipient(context, client), order: order,
            ids: context.ids, logger: context.logger, draw: draw, bell: bell)
        let release = ReleaseReminders(
            database: context.database, request: request, ids: context.ids, time: context.time)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: MessageRoutes(
                database: context.database, lateAfter: lateness.lateAfter, settle: SettleMessage(lateness: lateness)
            ).routes
                + TemplateRoutes(database: context.database).routes
                + consents(context, accounts, order)
                + ReminderRoutes(
                    database: context.database,
                    plan: PlanReminder(database: context.database, ids: context.ids, time: context.time)
                ).routes
                + PolicyRoutes(database: context.database, gateways: order).routes
                + ClinicRoutes(database: context.database).routes
                + ReceiptRoutes(
                    database: context.database, gateways: accounts.receipts, ids: context.ids,
                    take: TakeReceipt(lateness: lateness)
                ).routes
                + directory(context) + quota(context, draw) + campaigns(context, draw, bell),
            consumers: [
                payments(
                    request, tell, TellOfPaymentEnd(request: request, time: context.time),
                    PlanDebitNotices(ids: context.ids)),
                invoices(tell, MergeClients(share: share(context))),
                // In a group of its own: an import of clients is in nobody's way.
                Consumer(
                    group: "notification-directory", topics: [.invoicing], order: .holdKey,
                    subscriptions: [OnClientChanged().subscription]),
            ],
            jobs: try jobs(context, client, prepare, release, bell) + campaignJobs(context, draw, order, bell)
                + [
                    Job(
                        "link-contacts", every: .seconds(1), idlingUpTo: .seconds(15), exclusively: true,
                        run: try linkContacts(context, client).run),
                    Job(
                        "watch-gateways", every: .seconds(5), exclusively: true,
                        run: watchGateways(context, order + ["smtp"]).run),
                    Job(
                        "reroute-messages", every: .seconds(1), idlingUpTo: .seconds(5), exclusively: true,
                        run: RerouteMessages(database: context.database, order: order).run),
                ] + (try replyJobs(context, accounts, client)),
            background: [Background("hear-work") { await bell.listen() }],
            phrases: Phrasebook(json: PackageResources.problems_fr_json), problems: Problems.problem,
            closing: [{ await client.close() }])
    }

    /// Nobody waits for a look that finds nothing: the bell rings when there is something to write, and what was put
    /// off for a few seconds is looked for often meanwhile.
    private static func jobs(
        _ context: ServiceContext, _ client: HTTPClient, _ prepare: PrepareMessages, _ release: ReleaseReminders,
        _ bell: WorkBell
    ) throws -> [Job] {
        var prepareUrgent = prepare
        prepareUrgent.which = .urgent
        // Who gives no answer about the others is asked about a code all the same.
        prepareUrgent.ask = try askRecipient(context, client)
        let recover = RecoverMessages(
            database: context.database, ids: context.ids, callLease: context.settings[Configuration.callLease],
            receipts: TakeReceipt(lateness: lateness(context)), logger: context.logger)
        return [
            // Apart, so that a code is not asked for behind the recipients of a morning's reminders.
            Job(
                "prepare-urgent-messages", every: .milliseconds(100), idlingUpTo: .seconds(5), exclusively: true,
                wokenBy: bell.urgentMessages, run: prepareUrgent.run),
            Job(
                "prepare-messages", every: .milliseconds(100), idlingUpTo: .seconds(5), exclusively: true,
                wokenBy: bell.messages, run: prepare.run),
            // Not more seldom: somebody may end the payment while a reminder that is due waits for a look.
            Job(
                "release-reminders", every: .seconds(1), idlingUpTo: .seconds(2), exclusively: true, run: release.run),
            Job(
                "recover-messages", every: .seconds(1), idlingUpTo: .seconds(5), exclusively: true, run: recover.run),
        ]
    }

    private static func campaignJobs(
        _ context: ServiceContext, _ draw: DrawOnQuota, _ order: [String], _ bell: WorkBell
    ) -> [Job] {
        [
            Job(
                "write-campaigns", every: .milliseconds(200), idlingUpTo: .seconds(5), exclusively: true,
                wokenBy: bell.campaigns, run: writeCampaigns(context, draw, order).run),
            Job(
                "count-messages", every: .seconds(1), idlingUpTo: .seconds(5), exclusively: true,
                run: CountMessages(database: context.database, ids: context.ids, draw: draw).run),
        ]
    }

    /// There is nothing to ask where no gateway keeps replies.
    private static func replyJobs(
        _ context: ServiceContext, _ accounts: GatewayAccounts, _ client: HTTPClient
    ) throws -> [Job] {
        let hear = HearReplies(
            database: context.database, boxes: try accounts.replyBoxes(client, context.time),
            stop: takeStop(context), time: context.time, unheard: UnheardReplies(logger: context.logger))
        return [
            Job(
                "hear-replies", every: context.settings[Configuration.repliesEvery], exclusively: true, run: hear.run)
        ]
    }

    static func lateness(_ context: ServiceContext) -> TellOfLateness {
        TellOfLateness(lateAfter: context.settings[Configuration.lateAfter], logger: context.logger)
    }

    private static func watchGateways(_ context: ServiceContext, _ gateways: [String]) -> WatchGateways {
        WatchGateways(
            database: context.database, gateways: gateways, accounts: accountStore(context.settings),
            lateAfter: context.settings[Configuration.lateAfter], time: context.time)
    }

    private static func payments(
        _ request: RequestMessage, _ tell: TellOfInvoice, _ tellOfEnd: TellOfPaymentEnd, _ notices: PlanDebitNotices
    ) -> Consumer {
        Consumer(
            group: name, topics: [.payments], order: .holdKey,
            subscriptions: [
                OnPaymentRequested(request: request, tell: tell).subscription,
                OnPaymentLinkRequested(request: request).subscription,
                OnVerificationRequested(request: request).subscription,
                OnPaymentAccepted(request: request, notices: notices).subscription,
                OnPaymentRefused(tell: tellOfEnd).subscription, OnPaymentCancelled(tell: tellOfEnd).subscription,
                OnPaymentExpired().subscription,
                OnRefundCompleted(request: request, notices: notices).subscription,
                OnScheduleChanged(notices: notices).subscription,
            ])
    }

    /// In a group of its own: a client at the desk does not wait for a link behind an import of invoices.
    private static func invoices(_ tell: TellOfInvoice, _ merge: MergeClients) -> Consumer {
        Consumer(
            group: "notification-invoices", topics: [.invoicing], order: .holdKey,
            subscriptions: [
                OnInvoiceIssued(tell: tell).subscription, OnCreditNoteIssued(tell: tell).subscription,
                OnDepositRequested(tell: tell).subscription, OnInvoiceOverdue(tell: tell).subscription,
                OnInvoicePaid().subscription, OnReceivableSettled().subscription,
                OnPaymentOnAccountRecorded(tell: tell).subscription, OnPaymentOnAccountReversed().subscription,
                OnClientMerged(merge: merge).subscription, OnClientErased().subscription,
            ])
    }

    private static func consents(
        _ context: ServiceContext, _ accounts: GatewayAccounts, _ order: [String]
    ) -> [Route] {
        let told = ConsentRoutes(
            database: context.database,
            record: RecordConsent(database: context.database, ids: context.ids, share: share(context)),
            time: context.time)
        let unheard = UnheardReplies(logger: context.logger)
        unheard.begin(order)
        let heard = ReplyRoutes(
            stop: takeStop(context), unheard: unheard, gateways: accounts.receipts, ids: context.ids)
        return told.routes + heard.routes
    }

    private static func takeStop(_ context: ServiceContext) -> TakeStop {
        TakeStop(database: context.database, ids: context.ids, time: context.time, share: share(context))
    }

    private static func share(_ context: ServiceContext) -> ShareWithdrawals {
        ShareWithdrawals(ids: context.ids, time: context.time)
    }

    private static func directory(_ context: ServiceContext) -> [Route] {
        ContactRoutes(
            database: context.database,
            keep: KeepContact(database: context.database, ids: context.ids, share: share(context)),
            imports: ImportContacts(
                database: context.database, ids: context.ids, reading: BlockingWork("contact-files"))
        ).routes + ContactGroupRoutes(database: context.database).routes
    }

    private static func quota(_ context: ServiceContext, _ draw: DrawOnQuota) -> [Route] {
        QuotaRoutes(
            database: context.database,
            book: BookQuota(database: context.database, ids: context.ids, time: context.time, draw: draw)
        ).routes
    }

    private static func campaigns(
        _ context: ServiceContext, _ draw: DrawOnQuota, _ bell: WorkBell
    ) -> [Route] {
        CampaignRoutes(
            database: context.database,
            keep: KeepCampaign(database: context.database, ids: context.ids, time: context.time),
            count: CountRecipients(
                database: context.database, mention: context.settings[Configuration.stopMention]),
            steer: SteerCampaign(database: context.database, ids: context.ids, draw: draw, bell: bell),
            sender: context.settings[Configuration.smsSender]
        ).routes
    }

    private static func writeCampaigns(
        _ context: ServiceContext, _ draw: DrawOnQuota, _ order: [String]
    ) -> WriteCampaigns {
        WriteCampaigns(
            database: context.database, ids: context.ids, draw: draw,
            mention: context.settings[Configuration.stopMention], order: order,
            ageMax: context.settings[Configuration.messageAgeMax], logger: context.logger)
    }

    private static func askRecipient(_ context: ServiceContext, _ client: HTTPClient) throws -> AskRecipient {
        let settings = context.settings
        let invoicing = AskOwner.Owner(
            name: "invoicing", baseURL: settings[Configuration.invoicingURL], scope: "invoices:recipients")
        // What somebody waits for is asked again after five seconds.
        func guarded(_ owner: AskOwner) -> GuardedOwner {
            GuardedOwner(owner, time: context.time, rest: .seconds(PrepareMessages.waitSeconds))
        }
        return AskRecipient(
            payments: guarded(try askPayments(context, client)), invoicing: guarded(try ask(invoicing, context, client))
        )
    }

    private static func linkContacts(_ context: ServiceContext, _ client: HTTPClient) throws -> LinkContacts {
        let invoicing = AskOwner.Owner(
            name: "invoicing", baseURL: context.settings[Configuration.invoicingURL], scope: "clients:read")
        return LinkContacts(
            database: context.database, invoicing: try ask(invoicing, context, client), ids: context.ids,
            share: share(context), logger: context.logger)
    }

    static func askPayments(_ context: ServiceContext, _ client: HTTPClient) throws -> AskOwner {
        let payments = AskOwner.Owner(
            name: "payment-orchestrator", baseURL: context.settings[Configuration.paymentsURL],
            scope: "payments:recipients")
        return try ask(payments, context, client)
    }

    static func ask(
        _ owner: AskOwner.Owner, _ context: ServiceContext, _ client: HTTPClient
    ) throws -> AskOwner {
        let key = try SigningKey(jwk: context.settings[Configuration.signingKey].reveal())
        return AskOwner(
            owner, as: AskOwner.Asker(name: name, key: key, settings: context.settings), client: client,
            time: context.time)
    }

    static func accountStore(_ settings: Settings) -> GatewayAccountStore {
        GatewayAccountStore(
            // What cannot be read was refused with the settings.
            rates: GatewayRates(settings[Configuration.gatewayRateMax]) ?? .unlimited,
            failuresMax: settings[Configuration.gatewayFailuresMax], rest: settings[Configuration.gatewayRest])
    }
}
