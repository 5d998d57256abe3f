import EventContract
package import HTTPServer
import PaymentModel
package import PaymentProviders
package import ServiceRuntime
package import TransactionalMessaging

/// The state machine between a receivable and a provider.
///
/// Consumes  `quittance.invoicing`: invoice-issued, invoice-part-paid, invoice-paid, credit-note-issued,
///           payment-on-account-recorded (`Consumers/ReceivableConsumer.swift`); client-changed
///           (`Consumers/OnClientChanged.swift`)
/// Publishes `quittance.payments`: payment-requested, -link-opened, -accepted, -refused, -cancelled, -expired,
///           -unknown, refund-requested, -completed, -failed (`Announcements/`); provider-account-connected
///           (`UseCases/`)
/// Serves    accounts and plans, payments, the live screen, the client's link, providers' notifications (`HTTP/`)
/// Runs      ask-about-due-payments (`Jobs/`): polls, sweeps, ends what is over
package enum PaymentOrchestrator: QuittanceService {
    package static let name = "payment-orchestrator"
    package static let schema = "payments"
    package static let port = 8102
    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-counting", PackageResources._002_counting_sql),
    ]
    package static let settings = PaymentSettings.all

    /// Puts the service together.
    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let network = ProviderNetwork(logger: context.logger)
        let parts = try parts(context, network.transport)
        return Assembly(
            openAPI: openAPI, routes: parts.routes, consumers: parts.consumers,
            jobs: [
                Job("ask-about-due-payments", every: context.settings[PaymentSettings.askEvery], run: parts.askAboutDue)
            ],
            problems: problem(of:), closing: [{ await network.close() }])
    }

    /// The description of the API.
    package static let openAPI = String(decoding: PackageResources.openapi_json, as: UTF8.self)

    /// What our own refusals mean for a caller.
    package static func problem(of error: any Error) -> Problem? { PaymentProblems.problem(of: error) }

    /// Puts the parts together over any way to reach providers.
    package static func parts(_ context: ServiceContext, _ network: ProviderTransport) throws -> Parts {
        let desk = try desk(context, network)
        let job = AskAboutDuePayments(
            desk: desk, ids: context.ids, logger: context.logger,
            togetherMax: context.settings[PaymentSettings.askTogetherMax])
        // A group of its own, which begins with the first client there ever was.
        let clients = Consumer(
            group: "payments.clients", topics: [.invoicing], order: .passOthers,
            subscriptions: [OnClientChanged().subscription])
        return Parts(
            routes: UseCases(desk: desk, context: context).routes,
            consumers: [ReceivableConsumer(store: desk.store).consumer, clients], askAboutDue: { try await job.run() })
    }

    /// What a process of this service is made of, each part to be run by itself.
    package struct Parts: Sendable {
        /// The operations of the API.
        package let routes: [Route]
        /// Keeps what is owed, and who may owe.
        package let consumers: [Consumer]
        /// Looks once after everything that is due.
        package let askAboutDue: @Sendable () async throws -> Void
    }

    private static func desk(_ context: ServiceContext, _ network: ProviderTransport) throws -> ProviderDesk {
        let settings = context.settings
        let calendar = try ClinicCalendar(settings[PaymentSettings.timeZone])
        let gate = ProviderGate(network, limits: settings.providerLimits, surroundings: .measured(time: context.time))
        let store = PaymentStore(
            database: context.database, time: context.time, asking: settings.askingSchedule,
            intentLease: settings.intentLease, calendar: calendar, logger: context.logger)
        return ProviderDesk(
            providers: [.alma: AlmaProvider(settings.almaSettings(calendar), transport: gate.guarded)], store: store,
            sealer: try Sealer(keys: settings[PaymentSettings.sealingKeys]), ids: context.ids,
            time: context.time)
    }
}

/// Every use case, put together once.
private struct UseCases {
    let desk: ProviderDesk
    let context: ServiceContext

    var routes: [Route] {
        let (ids, time, addresses) = (context.ids, context.time, context.settings.addresses)
        let payments = PaymentRoutes(
            request: RequestPayment(
                desk: desk, ids: ids, time: time, arrivalWait: context.settings[PaymentSettings.invoiceWait]),
            cancel: CancelPayment(desk: desk),
            refund: RefundPayment(desk: desk, ids: ids, time: time), addresses: addresses)
        let accounts = AccountRoutes(
            connect: ConnectAccount(desk: desk, ids: ids, time: time), database: context.database)
        let links = LinkRoutes(
            start: StartPayment(desk: desk, addresses: addresses, ids: ids, time: time),
            looks: LinkLooks(pause: context.settings[PaymentSettings.linkPause], time: time))
        return accounts.routes + payments.routes + LiveRoutes(payments: payments, database: context.database).routes
            + links.routes + WebhookRoutes(take: TakeNotification(desk: desk, ids: ids)).routes
    }
}
