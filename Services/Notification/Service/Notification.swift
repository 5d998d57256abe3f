import EventContract
import HTTPClient
import HTTPServer
import NotificationChannels
import NotificationDomain
import Observability
package import ServiceRuntime
package import TransactionalMessaging

/// notification: facts become messages, and workers hand each over once.
///
/// - Consumes: `PaymentRequestedV1`, `PaymentAcceptedV1`, `PaymentRefusedV1`, `PaymentCancelledV1`, `PaymentExpiredV1`,
///   `RefundCompletedV1` (payment-orchestrator); workers: `MessageDispatchV1` (its own)
/// - Publishes: `MessageRequestedV1`, `MessageDispatchV1`, `MessageSentV1`, `MessageDeliveredV1`, `MessageFailedV1`
/// - Serves: messages and what became of them, templates and what they cost, receipts of gateways
/// - Runs: prepares messages; gives up calls whose worker died; calls off what would come too late
package enum NotificationService: QuittanceService {
    package static let name = "notification"
    package static let schema = "notification"
    package static let port = 8103
    package static let processRoles: [ProcessRole] = [.serve, .work]
    package static let settings = Configuration.all

    package static let migrations = [
        Migration("0001-tables", PackageResources._001_tables_sql),
        Migration("0002-deadlines", PackageResources._002_deadlines_sql),
        Migration("0003-texts-are-forgotten", PackageResources._003_texts_are_forgotten_sql),
        Migration("0004-words-of-organisations", PackageResources._004_words_of_organisations_sql),
    ]

    package static func assemble(_ context: ServiceContext) async throws -> Assembly {
        switch context.processRole {
        case .serve: try await assembleServer(context)
        case .work: assembleWorker(context)
        }
    }

    private static func assembleServer(_ context: ServiceContext) async throws -> Assembly {
        let client = HTTPClient(logger: context.logger)
        let request = RequestMessage(ids: context.ids, ageMax: context.settings[Configuration.messageAgeMax])
        let prepare = PrepareMessages(
            database: context.database, ask: try askRecipient(context, client),
            ids: context.ids, logger: context.logger)
        let recover = RecoverMessages(
            database: context.database, ids: context.ids, callLease: context.settings[Configuration.callLease])
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            routes: MessageRoutes(database: context.database).routes
                + TemplateRoutes(database: context.database).routes + PolicyRoutes(database: context.database).routes
                + ReceiptRoutes(
                    database: context.database, secret: context.settings[Configuration.smsWebhookSecret],
                    ids: context.ids
                ).routes,
            consumers: [consumer(request)],
            jobs: [
                Job("prepare-messages", every: .milliseconds(100), exclusively: true, run: prepare.run),
                Job("recover-messages", every: .seconds(1), exclusively: true, run: recover.run),
            ],
            problems: Problems.problem,
            closing: [{ await client.close() }])
    }

    private static func consumer(_ request: RequestMessage) -> Consumer {
        Consumer(
            group: name, topics: [.payments], order: .holdKey,
            subscriptions: [
                OnPaymentRequested(request: request).subscription, OnPaymentAccepted(request: request).subscription,
                OnPaymentRefused().subscription, OnPaymentCancelled().subscription, OnPaymentExpired().subscription,
                OnRefundCompleted(request: request).subscription,
            ])
    }

    private static func askRecipient(_ context: ServiceContext, _ client: HTTPClient) throws -> AskRecipient {
        let settings = context.settings
        return AskRecipient(
            client: client, baseURL: settings[Configuration.paymentsURL],
            key: try SigningKey(jwk: settings[Configuration.signingKey].reveal()),
            rules: TokenRules(
                issuer: settings[StandardSettings.tokenIssuer], audience: settings[StandardSettings.tokenAudience]),
            time: context.time)
    }

    private static func assembleWorker(_ context: ServiceContext) -> Assembly {
        let client = HTTPClient(logger: context.logger)
        let mail = SMTPClient(mailServer(context.settings), logger: context.logger)
        let hands = WorkerHands(capacity: context.settings[Configuration.callsMax])
        let deliver = DeliverMessage(
            database: context.database, gateways: gateways(context.settings, client, mail),
            ids: context.ids, logger: context.logger)
        let worker = Worker(
            database: context.database, hands: hands, deliver: deliver,
            inHandTime: context.settings[Configuration.inHandTime],
            lookEvery: context.settings[Configuration.lookEvery], logger: context.logger)
        return Assembly(
            openAPI: String(decoding: PackageResources.openapi_json, as: UTF8.self),
            consumers: [
                Consumer(
                    group: "notification-worker", topics: [.notificationDispatch], order: .passOthers,
                    subscriptions: [OnMessageDispatch(hands: hands).subscription])
            ],
            background: [Background("worker") { await worker.run() }],
            closing: [{ await client.close() }, { await mail.close() }])
    }

    private static func gateways(
        _ settings: Settings, _ client: HTTPClient, _ mail: SMTPClient
    ) -> [Channel: any MessageGateway] {
        let sms = SMSFactorSettings(
            baseURL: settings[Configuration.smsURL], token: settings[Configuration.smsToken],
            sender: settings[Configuration.smsSender], timeMax: settings[Configuration.gatewayTimeMax])
        return [
            .sms: SMSFactorGateway(sms, client: client),
            .email: SMTPGateway(client: mail, sender: MailMessage.Mailbox(settings[Configuration.mailFrom])),
        ]
    }

    private static func mailServer(_ settings: Settings) -> SMTPSettings {
        var server = SMTPSettings(
            host: settings[Configuration.smtpHost], port: settings[Configuration.smtpPort])
        if let user = settings[Configuration.smtpUser], let password = settings[Configuration.smtpPassword] {
            server.login = SMTPSettings.Login(user: user, password: password)
        }
        server.totalTimeout = settings[Configuration.gatewayTimeMax]
        server.trustedCertificates = settings[Configuration.smtpCertificates]
        return server
    }
}
