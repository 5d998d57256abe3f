import EventContract
import HTTPClient
import HTTPServer
import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
package import ServiceRuntime
package import TransactionalMessaging

/// payment-orchestrator: the state machine between a receivable and a provider.
///
/// - Consumes: `InvoiceIssuedV1`, `InvoicePartPaidV1`, `InvoicePaidV1`, `CreditNoteIssuedV1`,
///   `ReceivableRecordedV1`, `ReceivableCorrectedV1`, `ReceivablePartPaidV1`, `ReceivableSettledV1`,
///   `ReceivableReopenedV1`, `PaymentOnAccountRecordedV1`, `ClientChangedV1`, `ClientMergedV1`, `ClientErasedV1`
///   (invoicing)
/// - Publishes: `PaymentRequestedV1`, `PaymentLinkRequestedV1`, `VerificationRequestedV1`, `PaymentLinkOpenedV1`,
///   `PaymentAcceptedV1`, `PaymentRefusedV1`, `PaymentCancelledV1`, `PaymentExpiredV1`, `PaymentUnknownV1`,
///   `InstalmentPaidV1`, `InstalmentLateV1`, `ScheduleChangedV1`, `RefundRequestedV1`, `RefundCompletedV1`,
///   `RefundFailedV1`, `DisputeOpenedV1`, `DisputeClosedV1`, `ProviderAccountConnectedV1`, `ProviderAccountFailedV1`
/// - Serves: clinics and their accounts at providers, plans, payments, the waiting screen, the client's link,
///   notifications of providers, what providers paid out
/// - Runs: asks providers about what nobody reported, follows instalments and refunds, ends what is over; tries
///   accounts' keys, looks for their disputes and refunds and tells of those nobody was told of; counts what waits for
///   a person; writes down what was said to providers, and forgets what no payment came of; says when ceilings of
///   credit are outdated; seals secrets anew
package enum PaymentOrchestratorService: QuittanceService {
    package static let name = "payment-orchestrator"
    package static let schema = "payments"
    package static let port = 8102

    package static let settings = Configuration.all
    package static let settingRules = Configuration.rules

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-counting", PackageResources._002_counting_sql),
        Migration("0003-merchants", PackageResources._003_merchants_sql),
        Migration("0004-confirmation", PackageResources._004_confirmation_sql),
        Migration("0005-free-plans", PackageResources._005_free_plans_sql),
        Migration("0006-instalments", PackageResources._006_instalments_sql),
        Migration("0007-exchanges", PackageResources._007_exchanges_sql),
        Migration("0008-sealed-with", PackageResources._008_sealed_with_sql),
        Migration("0009-clinic-owners", PackageResources._009_clinic_owners_sql),
        Migration("0010-not-online", PackageResources._010_not_online_sql),
        Migration("0011-disputes", PackageResources._011_disputes_sql),
        Migration("0012-account-failures", PackageResources._012_account_failures_sql),
        Migration("0013-instead-of", PackageResources._013_instead_of_sql),
        Migration("0014-called-off", PackageResources._014_called_off_sql),
        Migration("0015-referrals", PackageResources._015_referrals_sql),
        Migration("0016-links-and-accounts", PackageResources._016_links_and_accounts_sql),
        Migration("0017-refunds-that-came-back", PackageResources._017_refunds_that_came_back_sql),
        Migration("0018-noted-alarms", PackageResources._018_noted_alarms_sql),
        Migration("0019-held-money", PackageResources._019_held_money_sql),
        Migration("0020-refund-requests", PackageResources._020_refund_requests_sql),
        Migration("0021-requesters", PackageResources._021_requesters_sql),
        Migration("0022-erased-clients", PackageResources._022_erased_clients_sql),
        Migration("0023-reasons-after-erasure", PackageResources._023_reasons_after_erasure_sql),
        Migration("0024-open-alarms", PackageResources._024_open_alarms_sql),
        Migration("0025-missed-refunds", PackageResources._025_missed_refunds_sql),
        Migration("0026-attempt-captures", PackageResources._026_attempt_captures_sql),
        Migration("0027-second-payments", PackageResources._027_second_payments_sql),
        Migration("0028-named-receivables", PackageResources._028_named_receivables_sql),
        Migration("0029-merged-clients", PackageResources._029_merged_clients_sql),
        Migration("0030-second-refunds", PackageResources._030_second_refunds_sql),
        Migration("0031-told-methods", PackageResources._031_told_methods_sql),
        Migration("0032-payments-of-a-debt", PackageResources._032_payments_of_a_debt_sql),
        Migration("0033-asked-plans", PackageResources._033_asked_plans_sql),
        Migration("0034-agreed-tries", PackageResources._034_agreed_tries_sql),
    ]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let network = ProviderNetwork(logger: context.logger)
        let gate = ProviderGate(
            network.transport, limits: context.settings.providerLimits, surroundings: .measured(time: context.time))
        let ask = try AskProvider(context, gate)
        let check = CheckAccounts(
            check: CheckAccount(ask: ask, ids: context.ids, logger: context.logger),
            suspects: { await gate.refusedAccounts })
        let neighbours = HTTPClient(logger: context.logger)
        let watched = WatchedPayments()
        let due = AskAboutDuePayments(
            ask: ask, ids: context.ids, logger: context.logger,
            togetherMax: context.settings[Configuration.askTogetherMax], watched: watched)
        let every = context.settings[Configuration.disputesEvery]
        let look = { (missed: MissedNews) in
            LookForMissed(ask: ask, ids: context.ids, missed: missed, every: every, logger: context.logger)
        }
        let announce = AnnounceAccounts(ask: ask, ids: context.ids, logger: context.logger)
        let write = WriteExchanges(store: ask.store, logger: context.logger)
        let ceilings = CheckCeilings(
            usury: try UsuryTable(text: context.settings[Configuration.usuryCeilings]), calendar: ask.store.calendar,
            time: context.time, logger: context.logger)
        let reseal = ResealSecrets(
            database: context.database, secrets: SecretStore(sealer: ask.sealer), logger: context.logger)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: try routes(ask, ceilings.usury, context, neighbours, watched),
            consumers: [
                receivables(KeepReceivable(store: ask.store)), clients, erasures(ForgetClient(store: ask.store)),
                mergers(MergeClients(forget: ForgetClient(store: ask.store))),
            ],
            jobs: [
                Job(
                    "ask-about-due-payments", every: context.settings[Configuration.askEvery],
                    idlingUpTo: DueBell.idleMax, wokenBy: ask.store.due.doorbell, run: due.run),
                Job(
                    "ask-about-watched-payments", every: .milliseconds(250), idlingUpTo: .seconds(60),
                    wokenBy: watched.doorbell, run: due.runWatched),
                Job("check-accounts", every: .seconds(10), run: check.run),
                Job("look-for-disputes", every: min(.seconds(60), every), run: look(.disputes).run),
                Job("look-for-refunds", every: min(.seconds(60), every), run: look(.refunds).run),
                Job("announce-accounts", every: .seconds(60), exclusively: true, run: announce.run),
                Job("count-alarms", every: .seconds(30), run: CountAlarms(store: ask.store).run),
                Job(
                    "write-exchanges", every: .seconds(5), idlingUpTo: .seconds(5),
                    wokenBy: ask.store.notes.doorbell, run: write.run),
                Job(
                    "forget-asked-plans", every: .seconds(3_600), exclusively: true,
                    run: ForgetAskedPlans(store: ask.store).run),
                Job("check-ceilings", every: .seconds(86_400), exclusively: true, run: ceilings.run),
                Job("reseal-secrets", every: .seconds(3_600), exclusively: true, run: reseal.run),
            ],
            checks: [
                HealthChecks.Check("provider accounts") { await check.health(broken: await gate.brokenAccounts) },
                HealthChecks.Check("ceilings of credit") { ceilings.health() },
            ],
            phrases: Phrasebook(json: PackageResources.problems_fr_json), problems: Problems.problem,
            closing: [{ await write.finish() }, { await neighbours.close() }, { await network.close() }])
    }

    /// Events of one debt wait for each other: an older amount must not come after a newer one.
    private static func receivables(_ keep: KeepReceivable) -> Consumer {
        Consumer(
            group: "payments.receivables", topics: [.invoicing], order: .holdKey,
            subscriptions: [
                OnInvoiceIssued(keep: keep).subscription, OnInvoicePartPaid(keep: keep).subscription,
                OnInvoicePaid(keep: keep).subscription, OnCreditNoteIssued(keep: keep).subscription,
                OnReceivableRecorded(keep: keep).subscription, OnReceivableCorrected(keep: keep).subscription,
                OnReceivablePartPaid(keep: keep).subscription, OnReceivableSettled(keep: keep).subscription,
                OnReceivableReopened(keep: keep).subscription,
                OnPaymentOnAccountRecorded(keep: keep).subscription,
            ])
    }

    /// A group of its own, which begins with the first client there ever was.
    private static let clients = Consumer(
        group: "payments.clients", topics: [.invoicing], order: .passOthers,
        subscriptions: [OnClientChanged().subscription])

    /// A group of its own, which begins with the first client that was ever erased.
    private static func erasures(_ forget: ForgetClient) -> Consumer {
        Consumer(
            group: "payments.erasures", topics: [.invoicing], order: .passOthers,
            subscriptions: [OnClientErased(forget: forget).subscription])
    }

    /// A group of its own, which begins with the first two clients that ever were one person.
    private static func mergers(_ merge: MergeClients) -> Consumer {
        Consumer(
            group: "payments.mergers", topics: [.invoicing], order: .passOthers,
            subscriptions: [OnClientMerged(merge: merge).subscription])
    }

    /// Questions to invoicing, each with a token for what it asks about; `nil` where this service has no key.
    private static func invoicing(
        _ scope: Scope, _ context: ServiceContext, _ client: HTTPClient
    ) throws -> AskOwner? {
        guard let key = context.settings[Configuration.signingKey] else { return nil }
        let asker = AskOwner.Asker(name: name, key: try SigningKey(jwk: key.reveal()), settings: context.settings)
        let owner = AskOwner.Owner(
            name: "invoicing", baseURL: context.settings[Configuration.invoicingURL], scope: scope)
        return AskOwner(owner, as: asker, client: client, time: context.time)
    }

    private static func routes(
        _ ask: AskProvider, _ usury: UsuryTable, _ context: ServiceContext, _ neighbours: HTTPClient,
        _ watched: WatchedPayments
    ) throws -> [Route] {
        let clients = try invoicing("clients:read", context, neighbours)
        let confirm = ConfirmArrival(clients: clients, invoices: try invoicing("invoices:read", context, neighbours))
        // Of many who are at tills at once, one finds out whether invoicing answers again.
        let methods = try invoicing("organisation:read", context, neighbours).map {
            GuardedOwner($0, time: context.time, failuresMax: 1)
        }
        let readMethods = ReadMethods(invoicing: methods, database: context.database, logger: context.logger)
        let (ids, time, settings) = (context.ids, context.time, context.settings)
        let codes = VerificationCodes(sealer: ask.sealer, ids: ids)
        let request = RequestPayment(
            ask: ask, ids: ids, time: time, arrivalWait: settings[Configuration.invoiceWait], codes: codes,
            usury: usury, readClient: ReadClient(invoicing: clients), readMethods: readMethods, confirm: confirm)
        let payments = PaymentRoutes(
            request: request,
            cancel: CancelPayment(ask: ask), refund: RefundPayment(ask: ask, ids: ids, time: time),
            resolve: ResolvePayment(ask: ask, ids: ids, time: time),
            addresses: settings.addresses)
        let looks = LinkLooks(pause: settings[Configuration.linkPause], time: time)
        return AccountRoutes(
            connect: ConnectAccount(ask: ask, ids: ids, time: time),
            change: ChangeAccountSettings(database: context.database),
            keepReferral: KeepReferral(database: context.database, time: time),
            offer: OfferPlans(ask: ask, readMethods: readMethods, usury: usury, time: time),
            database: context.database
        ).routes
            + payments.routes
            + CodeRoutes(
                payments: payments, send: SendCode(store: ask.store, codes: codes, time: time),
                check: CheckCode(store: ask.store, codes: codes, time: time), codes: codes, time: time
            ).routes
            + PayLinkRoutes(payments: payments, send: SendLink(store: ask.store, time: time), time: time).routes
            + LiveRoutes(payments: payments, database: context.database, watched: watched).routes
            + LinkRoutes(
                start: StartPayment(ask: ask, addresses: settings.addresses, looks: looks, ids: ids, time: time),
                looks: looks,
                fallOver: FallOver(request: request)
            ).routes
            + PayoutRoutes(read: ReadPayouts(ask: ask)).routes
            + WebhookRoutes(take: TakeNotification(ask: ask, ids: ids), time: time).routes
    }
}

extension AskProvider {
    fileprivate init(_ context: ServiceContext, _ gate: ProviderGate) throws {
        let settings = context.settings
        let calendar = try ClinicCalendar(settings[Configuration.timeZone])
        self.init(
            providers: [
                .alma: AlmaProvider(settings.almaSettings, transport: gate.guarded),
                .stripe: StripeProvider(
                    settings.stripeSettings(context.time),
                    transport: gate.guarded(callsPerSecondMax: settings[Configuration.stripeRateMax])),
                .paypal: PayPalProvider(settings.paypalSettings(context.time), transport: gate.guarded),
            ],
            store: PaymentStore(
                database: context.database, time: context.time, asking: settings.askingSchedule,
                intentLease: settings.intentLease, calendar: calendar, logger: context.logger,
                due: DueBell(every: settings[Configuration.askEvery], time: context.time),
                notes: ExchangeNotes(paymentsMax: settings[Configuration.exchangesWaitMax])),
            sealer: try Sealer(keys: settings[Configuration.sealingKeys]), ids: context.ids, time: context.time,
            condition: { await gate.condition(of: $0) })
    }
}
