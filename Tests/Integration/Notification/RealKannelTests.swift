import HTTPClient
import NotificationChannels
import NotificationDomain
import NotificationWorld
import Observability
import PaymentModel
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// NOT-1: the channel against Kannel 1.4 itself, whose answers, receipts and parts nobody of us wrote.
@Suite(
    .serialized,
    .enabled(
        if: ["bearerbox", "smsbox", "fakesmsc"].allSatisfy(isInstalled),
        "Kannel comes with deploy/local/install --servers")
) struct `Kannel itself` {
    private static let started = Task { try RealKannel() }

    private static let texts = [
        "Bonjour", "été à l'œil \"a\" \\ {b} [c] ~ | ^ & < > % + = ? # ;", "È {} € ~ | ^ \\ [x]",
        "🐶 שלום مرحبا", "deux\nlignes, ça va", String(repeating: "€", count: 153),
        String(repeating: "a", count: 152) + "€€€",
        String(repeating: "a", count: 66) + String(repeating: "🐶", count: 40),
        String(repeating: "çaé🐶", count: 60),
    ]

    private func gateway(
        _ kannel: RealKannel, password: String = RealKannel.password, timeMax: Duration = .seconds(5)
    ) -> KannelGateway {
        KannelGateway(
            KannelSettings(
                baseURL: kannel.url, login: (RealKannel.user, Secret(password)), sender: "Les Lilas",
                receipts: ("http://127.0.0.1:1/nobody", Secret("secret")), timeMax: timeMax),
            client: HTTPClient(logger: quiet))
    }

    private func message(_ text: String = "Bonjour", to address: String? = nil) -> OutgoingMessage {
        OutgoingMessage(
            id: IdentifierSource.system.make(), address: address ?? "+336\(Int.random(in: 10_000_000...99_999_999))",
            subject: "", text: text, validMinutes: 10, writtenAt: TimeSource.system.now())
    }

    @Test(arguments: texts)
    func `NOT-7: takes a text letter by letter, in the parts that were counted, and cuts no pair`(text: String)
        async throws
    {
        let kannel = try await Self.started.value
        let (gateway, message) = (gateway(kannel), message(text))
        let parts = SMSParts(of: text).count
        #expect(await gateway.send(message) == .accepted(reference: nil, parts: parts))
        try await waitUntil("it is at the phone") { try await !kannel.messages(to: message.address).isEmpty }
        let shown = try #require(try await kannel.messages(to: message.address).first)
        let unfilled = String(String.UnicodeScalarView(shown.shown.unicodeScalars.filter { $0 != SMSParts.filler }))
        #expect(unfilled == text)
        #expect(shown.parts == parts && shown.sender == "Les Lilas")
    }

    @Test func `NOT-10: leaves a stranger's message to be sent, and refuses what nobody can send`() async throws {
        let kannel = try await Self.started.value
        let before = try await kannel.submissions()
        let message = message()
        let stranger = await gateway(kannel, password: "wrong").send(message)
        #expect(stranger == .notTaken(reason: "the gateway answered 403"))
        for address in ["", "nobody"] {
            let refused = await gateway(kannel).send(self.message(to: address))
            #expect(refused == .refused(reason: "the gateway answered 400"))
        }
        #expect(try await kannel.submissions() == before)
        #expect(await gateway(kannel).send(message) == .accepted(reference: nil, parts: 1))
        try await waitUntil("it is at the phone") { try await kannel.messages(to: message.address).count == 1 }
        #expect(try await kannel.submissions() == before + 1)
    }

    @Test
    func `NOT-10: that answers too late has taken the message all the same: so nobody knows, and nobody repeats it`()
        async throws
    {
        let kannel = try RealKannel()
        try await kannel.signal("STOP", to: "bearerbox")
        let message = message()
        guard case .unknown = await gateway(kannel, timeMax: .seconds(1)).send(message) else {
            Issue.record("it claims to know")
            return
        }
        #expect(try await kannel.messages(to: message.address).isEmpty)
        try await kannel.signal("CONT", to: "bearerbox")
        try await waitUntil("it left after all") { try await kannel.messages(to: message.address).count == 1 }
    }

    @Test func `NOT-10: that is away has no part of a message, which leaves when it is back`() async throws {
        let kannel = try RealKannel()
        try await kannel.signal("KILL", to: "bearerbox")
        try await kannel.signal("KILL", to: "smsbox")
        let message = message()
        guard case .notTaken = await gateway(kannel).send(message) else {
            Issue.record("it had a part of it")
            return
        }
        try await kannel.startAgain()
        #expect(await gateway(kannel).send(message) == .accepted(reference: nil, parts: 1))
        try await waitUntil("it is at the phone") { try await kannel.messages(to: message.address).count == 1 }
    }

    @Test func `NOT-9: asks again until a STOP it heard while we were away is taken, and answers nobody`() async throws
    {
        let port = try FreePort.pick()
        let secret = "secretOfTheReceipts"
        // As the service's README has it.
        let kannel = try RealKannel(
            replies: "http://127.0.0.1:\(port)/webhooks/kannel/replies?key=\(secret)&from=%p&text=%a&id=%I")
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMS_GATEWAYS": "kannel", "QUITTANCE_KANNEL_URL": kannel.url,
                "QUITTANCE_KANNEL_USER": RealKannel.user, "QUITTANCE_KANNEL_PASSWORD": RealKannel.password,
                "QUITTANCE_RECEIPTS_URL": "http://127.0.0.1:\(port)/webhooks", "QUITTANCE_RECEIPT_SECRET": secret,
            ], at: port)
        let id = try #require(try await stack.seed(1, by: "kannel").first)
        let phone = NotificationStack.phone(id)
        try await kannel.reply("STOP", from: phone)
        let server = try await stack.serve()
        try await waitUntil("the STOP is recorded", within: .seconds(30)) {
            try await stack.database.read(organisation: nil) { transaction in
                try transaction.one(
                    """
                    SELECT count(*) > 0 AS is_in FROM consent WHERE address = \(phone) AND decision = 'withdrawn'
                    """
                ) { row in try row("is_in") }
            }
        }
        // An answer to the phone would be on its way before these, which take the same way one after the other.
        let channel = gateway(kannel)
        for count in 1...3 {
            let later = message()
            #expect(await channel.send(later) == .accepted(reference: nil, parts: 1))
            try await waitUntil("message \(count) is at its phone") {
                try await kannel.messages(to: later.address).count == 1
            }
        }
        #expect(try await kannel.submissions() == 3, "an SMS was sent back")
        try await server.kill()
    }

    @Test func `NOT-10, C-14: two workers hand over each message once, and Kannel's own receipts say that it arrived`()
        async throws
    {
        let kannel = try RealKannel()
        let port = try FreePort.pick()
        let stack = try await NotificationStack.start(
            [
                "QUITTANCE_SMS_GATEWAYS": "kannel", "QUITTANCE_KANNEL_URL": kannel.url,
                "QUITTANCE_KANNEL_USER": RealKannel.user, "QUITTANCE_KANNEL_PASSWORD": RealKannel.password,
                "QUITTANCE_RECEIPTS_URL": "http://127.0.0.1:\(port)/webhooks",
                "QUITTANCE_RECEIPT_SECRET": "secret of the receipts", "QUITTANCE_LOOK_EVERY": "200ms",
            ], at: port)
        let processes = [try await stack.serve(), try stack.work(), try stack.work()]
        let ids = try await stack.seed(200, by: "kannel")
        try await stack.ring(ids)
        try await waitUntil("all receipts are in", within: .seconds(60)) {
            try await stack.states(of: ids) == ["delivered": ids.count]
        }
        let phones = Set(try await kannel.messages().map(\.to))
        print("NOT-10: \(ids.count) messages by Kannel, \(try await kannel.submissions()) reached its SMSC")
        #expect(try await kannel.submissions() == ids.count && phones == Set(ids.map(NotificationStack.phone)))
        for process in processes { try await process.kill() }
    }
}
