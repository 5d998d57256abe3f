import EventContract
import HTTPServer
import PaymentModel
import PaymentProviders
package import ServiceRuntime
package import TransactionalMessaging

/// payment-orchestrator: the state machine between a receivable and a provider.
///
/// - Consumes: `InvoiceIssuedV1`, `InvoicePartPaidV1`, `InvoicePaidV1`, `CreditNoteIssuedV1`,
///   `PaymentOnAccountRecordedV1`, `ClientChangedV1` (invoicing)
/// - Publishes: `PaymentRequestedV1`, `PaymentLinkOpenedV1`, `PaymentAcceptedV1`, `PaymentRefusedV1`,
///   `PaymentCancelledV1`, `PaymentExpiredV1`, `PaymentUnknownV1`, `RefundRequestedV1`, `RefundCompletedV1`,
///   `RefundFailedV1`, `ProviderAccountConnectedV1`
/// - Serves: clinics and their accounts at providers, plans, payments, the waiting screen, the client's link,
///   notifications of providers
/// - Runs: asks providers about what nobody reported, and ends what is over
package enum PaymentOrchestratorService: QuittanceService {
    package static let name = "payment-orchestrator"
    package static let schema = "payments"
    package static let port = 8102

    package static let settings = Configuration.all

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-counting", PackageResources._002_counting_sql),
    ]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let network = ProviderNetwork(logger: context.logger)
        let ask = try AskProvider(context, network.transport)
        let due = AskAboutDuePayments(
            ask: ask, ids: context.ids, logger: context.logger,
            togetherMax: context.settings[Configuration.askTogetherMax])
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: routes(ask, context), consumers: [receivables(KeepReceivable(store: ask.store)), clients],
            jobs: [Job("ask-about-due-payments", every: context.settings[Configuration.askEvery], run: due.run)],
            problems: Problems.problem, closing: [{ await network.close() }])
    }

    /// Events of one invoice wait for each other: an older amount must not come after a newer one.
    private static func receivables(_ keep: KeepReceivable) -> Consumer {
        Consumer(
            group: "payments.receivables", topics: [.invoicing], order: .holdKey,
            subscriptions: [
                OnInvoiceIssued(keep: keep).subscription, OnInvoicePartPaid(keep: keep).subscription,
                OnInvoicePaid(keep: keep).subscription, OnCreditNoteIssued(keep: keep).subscription,
                OnPaymentOnAccountRecorded(keep: keep).subscription,
            ])
    }

    /// A group of its own, which begins with the first client there ever was.
    private static let clients = Consumer(
        group: "payments.clients", topics: [.invoicing], order: .passOthers,
        subscriptions: [OnClientChanged().subscription])

    private static func routes(_ ask: AskProvider, _ context: ServiceContext) -> [Route] {
        let (ids, time, settings) = (context.ids, context.time, context.settings)
        let payments = PaymentRoutes(
            request: RequestPayment(
                ask: ask, ids: ids, time: time, arrivalWait: settings[Configuration.invoiceWait]),
            cancel: CancelPayment(ask: ask), refund: RefundPayment(ask: ask, ids: ids, time: time),
            addresses: settings.addresses)
        return AccountRoutes(
            connect: ConnectAccount(ask: ask, ids: ids, time: time),
            change: ChangeAccountSettings(database: context.database), offer: OfferPlans(ask: ask),
            database: context.database
        ).routes
            + payments.routes
            + LiveRoutes(payments: payments, database: context.database).routes
            + LinkRoutes(
                start: StartPayment(ask: ask, addresses: settings.addresses, ids: ids, time: time),
                looks: LinkLooks(pause: settings[Configuration.linkPause], time: time)
            ).routes
            + WebhookRoutes(take: TakeNotification(ask: ask, ids: ids), time: time).routes
    }
}

extension AskProvider {
    fileprivate init(_ context: ServiceContext, _ network: ProviderTransport) throws {
        let settings = context.settings
        let calendar = try ClinicCalendar(settings[Configuration.timeZone])
        let gate = ProviderGate(network, limits: settings.providerLimits, surroundings: .measured(time: context.time))
        self.init(
            providers: [
                .alma: AlmaProvider(settings.almaSettings(calendar), transport: gate.guarded),
                .stripe: StripeProvider(settings.stripeSettings(calendar, context.time), transport: gate.guarded),
                .paypal: PayPalProvider(settings.paypalSettings(calendar, context.time), transport: gate.guarded),
            ],
            store: PaymentStore(
                database: context.database, time: context.time, asking: settings.askingSchedule,
                intentLease: settings.intentLease, calendar: calendar, logger: context.logger),
            sealer: try Sealer(keys: settings[Configuration.sealingKeys]), ids: context.ids, time: context.time)
    }
}
