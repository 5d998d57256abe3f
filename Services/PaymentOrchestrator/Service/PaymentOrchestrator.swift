package import HTTPServer
import PaymentModel
package import PaymentProviders
package import ServiceRuntime
package import TransactionalMessaging

/// The state machine between a receivable and a provider.
///
/// Consumes  `quittance.invoicing`: invoice-issued, invoice-part-paid, invoice-paid, credit-note-issued
///           (`Consumers/ReceivableConsumer.swift`)
/// Publishes `quittance.payments`: payment-requested, -link-opened, -accepted, -refused, -cancelled, -expired,
///           -unknown, refund-requested, -completed, -failed (`Announcements/`); provider-account-connected
///           (`UseCases/`)
/// Serves    accounts and plans, payments, the live screen, the client's link, providers' notifications (`HTTP/`)
/// Runs      ask-about-due-payments (`Jobs/`): polls, sweeps, ends what is over
package enum PaymentOrchestrator: QuittanceService {
    package static let name = "payment-orchestrator"
    package static let schema = "payments"
    package static let port = 8_082
    package static let migrations = [Migration("0001-tables", PackageResources._001_tables_sql)]
    package static let settings = PaymentSettings.all

    /// Puts the service together.
    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        let network = ProviderNetwork(logger: context.logger)
        let parts = try parts(context, network.transport)
        return Assembly(
            openAPI: openAPI, routes: parts.routes, consumers: [parts.receivables],
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
        let job = AskAboutDuePayments(desk: desk, ids: context.ids, logger: context.logger)
        return Parts(
            routes: UseCases(desk: desk, context: context).routes,
            receivables: ReceivableConsumer(store: desk.store).consumer, askAboutDue: { try await job.run() })
    }

    /// What a process of this service is made of, each part to be run by itself.
    package struct Parts: Sendable {
        /// The operations of the API.
        package let routes: [Route]
        /// Keeps what is owed.
        package let receivables: Consumer
        /// Looks once after everything that is due.
        package let askAboutDue: @Sendable () async throws -> Void
    }

    private static func desk(_ context: ServiceContext, _ network: ProviderTransport) throws -> ProviderDesk {
        let settings = context.settings
        let calendar = try ClinicCalendar(settings[PaymentSettings.timeZone])
        let gate = ProviderGate(network, limits: settings.providerLimits, surroundings: .measured(time: context.time))
        let store = PaymentStore(
            database: context.database, time: context.time, asking: settings.askingSchedule,
            intentLease: settings[PaymentSettings.intentLease])
        return ProviderDesk(
            providers: [.alma: AlmaProvider(settings.almaSettings(calendar), transport: gate.guarded)], store: store,
            sealer: try Sealer(keys: settings[PaymentSettings.sealingKeys]), calendar: calendar, ids: context.ids,
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
                desk: desk, ids: ids, time: time, invoiceWait: context.settings[PaymentSettings.invoiceWait]),
            cancel: CancelPayment(desk: desk),
            refund: RefundPayment(desk: desk, ids: ids, time: time), addresses: addresses)
        let accounts = AccountRoutes(
            connect: ConnectAccount(desk: desk, ids: ids, time: time), database: context.database)
        let links = LinkRoutes(start: StartPayment(desk: desk, addresses: addresses, ids: ids, time: time))
        return accounts.routes + payments.routes + LiveRoutes(payments: payments, database: context.database).routes
            + links.routes + WebhookRoutes(take: TakeNotification(desk: desk, ids: ids)).routes
    }
}
