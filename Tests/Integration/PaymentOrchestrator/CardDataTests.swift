import HTTPClient
import HTTPServer
import KafkaClient
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import TestSupport
import Testing

/// Cards are typed on the provider's page; whatever brings a number our way, nothing of it stays.
@Suite struct `PAY-15: a card's number` {
    private static let numbers = ["4242424242424242", "5555555555554444", "378282246310005"]

    @Test func `typed at a provider is in no request, log line, row or topic of ours`() async throws {
        let payments = try await MortalPayments.start()
        try await payments.noticeRequests(with: Self.numbers)
        for (story, number) in zip(MortalPayments.stories, Self.numbers) {
            let asked = try await payments.ask(story)
            let reference = try #require(try await payments.open(asked))
            try await payments.bring(number, to: asked, reference)
            try await payments.typeCard(number, asked, reference)
            try await waitUntil("\(story.provider) is accepted") { try await payments.state(asked) == "accepted" }
            await payments.refund(asked)
            try await waitUntil("\(story.provider) gave it back") {
                try await payments.told("refund-completed", of: asked) == 1
            }
            let traces = try await payments.traces(of: asked)
            for (place, text) in traces {
                #expect(text.contains(asked.id.description), "\(place) is looked through: \(text.count)")
                for number in Self.numbers {
                    #expect(!text.contains(number) && !text.contains(number.asHexadecimal), "\(number) in \(place)")
                }
            }
        }
        let unnoticed = try await payments.stack.sandbox.control(.get, "/faults").list
        let expected = Self.numbers.count * MortalPayments.ourCalls.count
        #expect(unnoticed.filter { $0["kind"] == "slow" }.count == expected, "no request of ours had a number")
    }

    @Test func `in a text is refused, and neither kept nor said again`() async throws {
        let bench = try await PaymentBench.start()
        let number = "4242 4242 4242 4242"
        let titled = try await bench.call(
            .post, "/v1/payments", bench.draft(more: #""title":"Carte \#(number)","#), key: "titled")
        #expect(titled.json["errors"]?.elements?.first?["pointer"]?.text == "/title", "\(titled.text)")
        let named = bench.draft().replacing("Martin", with: "Martin \(number)")
        let person = try await bench.call(.post, "/v1/payments", named, key: "named")
        #expect(person.json["errors"]?.elements?.first?["pointer"]?.text == "/client/lastName", "\(person.text)")
        let field = try await bench.call(
            .post, "/v1/payments", bench.draft(more: #""cardNumber":"\#(number)","#), key: "field")
        let payment = try await bench.request()
        let decided = try await bench.call(
            .post, "/v1/payments/\(payment.id)/resolutions",
            #"{"alarm":"x","providerReference":"y","resolution":"note","reason":"paid by \#(number)"}"#, key: "why")
        let compact = number.replacing(" ", with: "")
        let post = try await bench.call(
            .post, "/v1/payments", bench.draft().replacing("ada@", with: "\(compact)@"), key: "post")
        let alarm = try await bench.call(
            .post, "/v1/payments/\(payment.id)/resolutions",
            #"{"alarm":"\#(number)","providerReference":"\#(compact)","resolution":"note","reason":"r"}"#, key: "alarm")
        #expect(alarm.json["errors"]?.elements?.count == 2, "\(alarm.text)")
        let clinic = try await bench.call(
            .put, "/v1/clinics/\(PaymentBench.clinic)",
            #"{"name":"\#(number)","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#)
        let account = try await bench.call(.get, "/v1/provider-accounts").json["items"]?.elements?.first?["id"]?.text
        let referral = try await bench.call(
            .put, "/v1/provider-accounts/\(account ?? "")/referral",
            #"{"url":"https://provider.example/\#(compact)","state":"active"}"#)
        for answer in [titled, person, field, decided, post, alarm, clinic, referral] {
            // Eight of them: four come by chance in the trace's name.
            let isSaid = answer.text.contains("4242 4242") || answer.text.contains("42424242")
            #expect(answer.status == 422 && !isSaid, "\(answer.text)")
        }
        #expect(try await !bench.overseer.rows(of: PaymentOrchestratorService.schema).contains("4242 4242"))
    }
}

extension String {
    /// As bytes are shown in a row.
    fileprivate var asHexadecimal: String { utf8.map { String($0, radix: 16) }.joined() }
}

extension PostgresPool {
    /// Every row of every table of a schema, as text.
    func rows(of schema: String) async throws -> String {
        try await transaction(.readOnly.setting("quittance.organisation", to: "every")) { transaction in
            try transaction.query(
                """
                SELECT query_to_xml(format('SELECT t::text AS row FROM %I.%I AS t', schemaname, tablename),
                    true, false, '')::text AS rows
                FROM pg_tables WHERE schemaname = \(schema)
                """
            ) { row in try row("rows") as String }
        }.joined(separator: "\n")
    }
}

extension MortalPayments {
    /// Calls of ours, as the sandbox names them; what the client's browser does there is none.
    static let ourCalls = [
        "alma.create-payment", "alma.get-payment", "alma.eligibility", "alma.refund-payment", "stripe.create-session",
        "stripe.get-session", "stripe.get-intent", "stripe.create-refund", "stripe.list-refunds",
        "paypal.create-order", "paypal.get-order", "paypal.capture-order", "paypal.refund-capture",
    ]

    /// Each fault is used up by the first call of ours that has a number anywhere in it.
    fileprivate func noticeRequests(with numbers: [String]) async throws {
        for number in numbers {
            for call in Self.ourCalls {
                try await stack.fault(
                    #"{"operation":"\#(call)","kind":"slow","milliseconds":0,"containing":"\#(number)"}"#)
            }
        }
    }

    /// The client pays on the provider's page, and the provider tells us the number in all its answers.
    fileprivate func typeCard(_ number: String, _ asked: Asked, _ reference: String) async throws {
        let provider = asked.story.provider.rawValue
        try await stack.fault(
            """
            {"operation":"\(asked.story.read)","kind":"alter","times":0,"members":\
            {"card":{"number":"\(number)"},"payment_method":{"card":{"number":"\(number)"}},"comment":"\(number)"}}
            """)
        let page = "\(stack.sandbox.url)/\(provider)/checkout/\(reference)/accept"
        let answer = try await stack.client.send(
            HTTPRequest(
                .post, page, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: Array("card=\(number)".utf8)))
        #expect((200..<400).contains(answer.status))
    }

    /// What a confused browser or somebody hostile may bring along.
    fileprivate func bring(_ number: String, to asked: Asked, _ reference: String) async throws {
        let provider = asked.story.provider.rawValue
        _ = try await call(.get, "/p/\(asked.token)?card=\(number)")
        _ = try await call(.get, "/p/\(asked.token)/return?card=\(number)&pid=\(number)")
        _ = try await call(.post, "/p/\(asked.token)", #"{"card":"\#(number)"}"#)
        _ = try await call(.get, "/p/\(number)")
        let accounts = try await call(.get, "/v1/provider-accounts").json["items"]?.elements ?? []
        let account = accounts.first { $0["provider"]?.text == provider }?["id"]?.text ?? ""
        _ = try await call(
            asked.story.provider == .alma ? .get : .post, "/webhooks/\(provider)/\(account)?pid=\(number)",
            asked.story.provider == .alma ? nil : #"{"data":{"object":{"card":"\#(number)"}}}"#)
        _ = try await call(.get, "/v1/payments?search=\(number)")
        _ = try await call(.get, "/v1/payments/\(number)")
    }

    /// What there is of a payment, by where it is.
    fileprivate func traces(of asked: Asked) async throws -> [(place: String, text: String)] {
        var settings = stack.settings
        settings.searchPath = PaymentOrchestratorService.schema
        let overseer = PostgresPool(settings, logger: NotificationStack.logger)
        let rows = try await overseer.rows(of: PaymentOrchestratorService.schema)
        await overseer.close()
        return [("the database", rows), ("the log", try stack.log()), ("the topic", try await topic(asked))]
    }

    private func topic(_ asked: Asked) async throws -> String {
        let consumer = try KafkaConsumer(
            stack.broker.settings(), group: "reader-\(asked.id)", topics: ["quittance.payments"],
            logger: NotificationStack.logger)
        var text = ""
        try await waitUntil("the refund is in the topic") {
            for record in try await consumer.nextBatch(max: 500, wait: .milliseconds(100)) {
                text += String(decoding: record.value ?? [], as: UTF8.self) + "\n"
                for header in record.headers {
                    text += "\(header.name) \(String(decoding: header.value, as: UTF8.self)) "
                }
            }
            let refunds = text.split(separator: "\n").filter { $0.contains("refund-completed") }
            return refunds.contains { $0.contains(asked.id.description) }
        }
        await consumer.close()
        return text
    }
}
