import EventContract
import HTTPClient
import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

extension NotificationService {
    static func assembleWorker(_ context: ServiceContext) throws -> Assembly {
        let settings = context.settings
        let client = HTTPClient(logger: context.logger)
        let mail = SMTPClient(mailServer(settings), logger: context.logger)
        let callsMax = settings[Configuration.callsMax]
        let shared = accountStore(settings)
        // What a rate lets through is called for at once: taken beforehand, it would pile up behind a gateway that
        // hangs, and all leave in one moment.
        let hands = WorkerHands(capacity: callsMax, taking: shared.rates.isAnyLimited ? .whenFree : .ahead)
        // Beside the others: a gateway that hangs, or one that is slow, holds up what somebody waits for no longer.
        let urgentHands = WorkerHands(capacity: max(1, callsMax / 8), taking: .whenFree)
        let sms = try GatewayAccounts(settings).gateways(client, context.time)
        let isAllowed = try permission(context, client)
        let handsOff = HandsOff(database: context.database, hands: [hands, urgentHands], logger: context.logger)
        let lateness = lateness(context)
        lateness.begin()
        let deliver = DeliverMessage(
            database: context.database, gateways: byName(sms, smtp(settings, mail)), order: sms.map(\.name),
            accounts: shared, handsOff: handsOff, bring: try bringDocument(context, client), ids: context.ids,
            logger: context.logger, receipts: TakeReceipt(lateness: lateness), lateness: lateness,
            law: KeepToTheLaw(rehearsal: settings[Configuration.rehearsalDay].flatMap { LocalDate($0) }),
            stopMention: settings[Configuration.campaignsAs] == "marketing" ? settings[Configuration.stopMention] : nil)
        let take = { (which: MessageQueues.Which, database: Database) in
            TakeMessages(
                database: database, which: which, order: sms.map(\.name), accounts: shared,
                inHandTime: settings[Configuration.inHandTime])
        }
        let readiness = WorkerReadiness(
            database: context.database, gateways: sms.map(\.name), accounts: shared,
            lookEvery: settings[Configuration.lookEvery])
        let worker = Worker(
            all: Worker.Side(take: take(.all, context.database), hands: hands),
            urgent: Worker.Side(take: take(.urgent, context.database.urgent), hands: urgentHands), deliver: deliver,
            handsOff: handsOff, bell: WorkBell(context.database), lookEvery: settings[Configuration.lookEvery],
            readiness: readiness, time: context.time, logger: context.logger)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            consumers: [
                Consumer(
                    group: "notification-worker", topics: [.notificationDispatch], order: .passOthers,
                    subscriptions: [OnMessageDispatch(hands: hands, urgentHands: urgentHands).subscription])
            ],
            background: [Background("worker") { if await isAllowed() { await worker.run() } }],
            checks: readiness.checks,
            closing: [{ await client.close() }, { await mail.close() }])
    }

    private static func fetchDocument(_ context: ServiceContext, _ client: HTTPClient) throws -> FetchDocument {
        let invoicing = AskOwner.Owner(
            name: "invoicing", baseURL: context.settings[Configuration.invoicingURL], scope: "invoices:read")
        return FetchDocument(
            invoicing: GuardedOwner(try ask(invoicing, context, client), time: context.time),
            bytesMax: context.settings[Configuration.attachmentBytesMax])
    }

    private static func bringDocument(_ context: ServiceContext, _ client: HTTPClient) throws -> BringDocument {
        BringDocument(
            database: context.database, fetch: try fetchDocument(context, client),
            links: AskPayLink(
                payments: GuardedOwner(try askPayments(context, client), time: context.time, failuresMax: 1),
                time: context.time),
            linkWait: context.settings[Configuration.payLinkWait], ids: context.ids, logger: context.logger)
    }

    /// Whether messages may be taken: at once, and in a rehearsal when its gateways are proved to be sandboxes.
    private static func permission(
        _ context: ServiceContext, _ client: HTTPClient
    ) throws -> @Sendable () async -> Bool {
        guard context.settings[Configuration.rehearsalDay] != nil else { return { true } }
        let proof = RehearsalProof(
            origins: try GatewayAccounts(context.settings).standIns(), client: client, logger: context.logger)
        return { await proof.isGiven() }
    }

    private static func byName(
        _ sms: [any MessageGateway], _ smtp: any MessageGateway
    ) -> [String: any MessageGateway] {
        Dictionary((sms + [smtp]).map { ($0.name, $0) }) { first, _ in first }
    }

    private static func smtp(_ settings: Settings, _ client: SMTPClient) -> any MessageGateway {
        SMTPGateway(
            client: client, sender: MailMessage.Mailbox(settings[Configuration.mailFrom]),
            attachmentBytesMax: settings[Configuration.attachmentBytesMax],
            hasLogin: settings[Configuration.smtpUser] != nil)
    }

    private static func mailServer(_ settings: Settings) -> SMTPSettings {
        var server = SMTPSettings(
            host: settings[Configuration.smtpHost], port: settings[Configuration.smtpPort],
            security: SMTPSettings.Security(rawValue: settings[Configuration.smtpTLS]) ?? .startTLS)
        if let user = settings[Configuration.smtpUser], let password = settings[Configuration.smtpPassword] {
            server.login = SMTPSettings.Login(user: user, password: password)
        }
        server.totalTimeout = settings[Configuration.gatewayTimeMax]
        server.trustedCertificates = settings[Configuration.smtpCertificates]
        return server
    }
}
