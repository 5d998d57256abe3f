import Foundation
import HTTPClient
import HTTPServer
import InvoicingService
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// payment-orchestrator beside invoicing, whose clients it asks about.
private struct Neighbours: Sendable {
    static let clinic = NotificationStack.clinic
    private static let started = Task { try await start() }

    let payments: MortalPayments
    private let invoicing: ServiceChild
    private let port: Int

    static func shared() async throws -> Neighbours { try await started.value }

    private static func start() async throws -> Neighbours {
        let port = try FreePort.pick()
        let payments = try await MortalPayments.start { stack in
            [
                "QUITTANCE_INVOICING_URL": "http://127.0.0.1:\(port)",
                "QUITTANCE_SIGNING_KEY": stack.key.privateKeyText,
            ]
        }
        let stack = payments.stack
        try await stack.cluster.migrate(InvoicingService.schema, InvoicingService.migrations, in: stack.settings)
        let invoicing = try stack.child("invoicing", "serve", ["QUITTANCE_HTTP_PORT": "\(port)"])
        try await stack.waitUntilReady(invoicing, port)
        let neighbours = Neighbours(payments: payments, invoicing: invoicing, port: port)
        _ = try await neighbours.tell(
            .put, "/v1/organisation", #"{"name":"Les Lilas"}"#, headers: [("If-Match", "\"v0\"")])
        let own =
            #"{"name":"Les Lilas","ownPhones":["+33478000000"],"ownEmails":[],"ownAddresses":["1 rue Haute Lyon"]}"#
        _ = try await payments.call(.put, "/v1/clinics/\(clinic)", own)
        return neighbours
    }

    /// Calls invoicing as its manager.
    func tell(
        _ method: HTTPRequest.Method, _ path: String, _ json: String? = nil, headers: [(String, String)] = []
    ) async throws -> JSONValue {
        let manager = NotificationStack.principal(scopes: [
            "organisation:read", "organisation:write", "clients:read", "clients:write", "invoices:write",
        ])
        let answer = try await payments.stack.call(method, path, json, at: port, as: manager, headers: headers)
        guard answer.isSuccess else { throw BenchFailure(text: String(decoding: answer.body, as: UTF8.self)) }
        return answer.json
    }

    /// A clinic of invoicing's.
    func place() async throws -> String {
        let made = try await tell(
            .post, "/v1/clinics", #"{"code":"C\#(UInt32.random(in: 0...999_999))","name":"Lilas"}"#)
        return try #require(made["id"]?.text)
    }

    /// A client with these fields, entered a moment ago.
    func client(_ more: String) async throws -> String {
        let clinic = try await place()
        let client = #"{"clinicID":"\#(clinic)","lastName":"Martin","firstName":"Ada","town":"Lyon"\#(more)}"#
        return try #require(try await tell(.post, "/v1/clients", client)["id"]?.text)
    }

    /// An invoice that is written and not issued.
    func draftInvoice(of client: String) async throws -> String {
        let draft = """
            {"clinicID":"\(try await place())","clientID":"\(client)","dueOn":"2027-01-31",
             "lines":[{"label":"Consultation","unitPriceTenThousandths":2000000,"vatBasisPoints":2000}]}
            """
        return try #require(try await tell(.post, "/v1/invoices", draft)["id"]?.text)
    }

    /// What a client owes without an invoice, to a clinic of its own.
    func receivable(of client: String) async throws -> ReceivableID {
        let owed = """
            {"clinicID":"\(try await place())","clientID":"\(client)","label":"Croquettes",
             "recordedOn":"2026-11-20","dueOn":"2027-01-31","amount":{"minorUnits":20000,"currency":"EUR"}}
            """
        return try #require(try await tell(.post, "/v1/receivables", owed)["id"]?.text.flatMap { ReceivableID($0) })
    }

    /// The organisation is paid by Stripe online, or not.
    func switchStripe(online: Bool, active: Bool = true) async throws {
        try await switchMethod("stripe", online: online, active: active)
    }

    /// The organisation is paid by a provider online, or not.
    func switchMethod(_ provider: String, online: Bool, active: Bool = true) async throws {
        let methods = try await tell(.get, "/v1/payment-methods")["items"]?.elements ?? []
        let version = try #require(methods.first { $0["code"]?.text == provider }?["version"]?.integer)
        let method = """
            {"kind":"\(provider)","label":"\(provider)","online":\(online),"active":\(active),"journal":"ST",
             "account":"511600"}
            """
        _ = try await tell(
            .put, "/v1/payment-methods/\(provider)", method, headers: [("If-Match", "\"v\(version)\"")])
    }

    /// What lets payment-orchestrator ask this invoicing, or what is at another address in its place.
    func asking(at address: String? = nil) -> [String: String] {
        [
            "QUITTANCE_INVOICING_URL": address ?? "http://127.0.0.1:\(port)",
            "QUITTANCE_SIGNING_KEY": payments.stack.key.privateKeyText,
        ]
    }

    /// A payment at once by Stripe, of a client nobody has to be asked about.
    func askAtStripe(_ client: String) async throws -> HTTPResponse {
        let draft = """
            {"clinicID":"\(Self.clinic)","clientID":"\(client)","plan":"1x","provider":"stripe","channel":"link",
             "amount":{"minorUnits":20000,"currency":"EUR"},"another":true}
            """
        return try await payments.call(.post, "/v1/payments", draft)
    }

    /// What the wizard says of Stripe's plans, once each.
    func wordsOnStripe() async throws -> Set<String> {
        let question = #"{"clinicID":"\#(Self.clinic)","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        let items = try await payments.call(.post, "/v1/eligibility", question).json["items"]?.elements ?? []
        return Set(items.filter { $0["provider"]?.text == "stripe" }.map { $0["reason"]?.text ?? "offered" })
    }

    /// Asks for a payment of a free amount, saying only whose it is unless there is more.
    func ask(_ client: String, _ more: String = "") async throws -> HTTPResponse {
        let draft = """
            {"clinicID":"\(Self.clinic)","clientID":"\(client)","plan":"3x","channel":"link",\(more)
             "amount":{"minorUnits":20000,"currency":"EUR"}}
            """
        return try await payments.call(.post, "/v1/payments", draft)
    }
}

@Suite(.serialized) struct `A payment whose request does not say who pays` {
    private static let reachable = #","phone":"+33612345678","email":"ada@example.org""#

    @Test func `PAY-6: is made for the client as invoicing knows it`() async throws {
        let neighbours = try await Neighbours.shared()
        let client = try await neighbours.client(Self.reachable)
        let street = #"{"street":"12 rue des Lilas","postcode":"69003"}"#
        _ = try await neighbours.tell(
            .put, "/v1/clients/\(client)/billing-details", street, headers: [("If-Match", "\"v0\"")])
        let answer = try await neighbours.ask(client)
        #expect(answer.status == 201, "\(answer.json)")
        let payer = answer.json["payment"]?["client"]
        #expect(payer?["lastName"]?.text == "Martin" && payer?["phone"]?.text == "+33612345678", "\(answer.json)")
    }

    @Test func `PAY-6: names every mandatory field that the client's record lacks`() async throws {
        let neighbours = try await Neighbours.shared()
        let answer = try await neighbours.ask(try await neighbours.client(""))
        #expect(answer.status == 422, "\(answer.json)")
        let pointers = answer.json["errors"]?.elements?.compactMap { $0["pointer"]?.text } ?? []
        #expect(pointers == ["/client/phone", "/client/email"], "\(answer.json)")
    }

    @Test func `PAY-6: is refused where the record has the clinic's own phone or address`() async throws {
        let neighbours = try await Neighbours.shared()
        let client = try await neighbours.client(#","phone":"+33478000000","email":"ada@example.org""#)
        let street = #"{"street":"1, rue Haute"}"#
        _ = try await neighbours.tell(
            .put, "/v1/clients/\(client)/billing-details", street, headers: [("If-Match", "\"v0\"")])
        let answer = try await neighbours.ask(client)
        let pointers = answer.json["errors"]?.elements?.compactMap { $0["pointer"]?.text } ?? []
        #expect(pointers == ["/client/phone", "/client/addressLine"], "\(answer.json)")
    }

    @Test func `PAY-6: is refused for a client nobody knows, and where this service has no key to ask with`()
        async throws
    {
        let neighbours = try await Neighbours.shared()
        let unknown = try await neighbours.ask("\(ClientID(0xBAD))")
        #expect(unknown.json["errors"]?.elements?.first?["pointer"]?.text == "/clientID", "\(unknown.json)")
        let bench = try await PaymentBench.start()
        let bare =
            #"{"clinicID":"\#(PaymentBench.clinic)","clientID":"\#(PaymentBench.client)","plan":"3x","#
            + #""channel":"link","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        let mute = try await bench.call(.post, "/v1/payments", bare, key: "mute")
        #expect(mute.json["errors"]?.elements?.first?["pointer"]?.text == "/client", "\(mute.text)")
    }

    @Test func `INV-15: is refused by a method that is off, which no wizard offers, with invoicing's reason`()
        async throws
    {
        let neighbours = try await Neighbours.shared()
        let client = try await neighbours.client(#","phone":"+33612345670","email":"ada@example.org""#)
        for (online, active, reason) in [
            (false, true, "stripe is not allowed online."), (true, false, "stripe is not in use."),
        ] {
            try await neighbours.switchStripe(online: online, active: active)
            let refused = try await neighbours.askAtStripe(client)
            let problem = refused.json
            #expect(refused.status == 409 && problem["type"]?.text?.hasSuffix("method-off") == true, "\(problem)")
            #expect(problem["detail"]?.text == reason, "\(problem)")
            #expect(try await neighbours.wordsOnStripe() == [reason])
        }
        let other = try await neighbours.ask(client)
        #expect(other.status == 201, "the other methods are as they were: \(other.json)")
        try await neighbours.switchStripe(online: true)
        #expect(try await neighbours.wordsOnStripe().contains("offered"))
        let asked = try await neighbours.askAtStripe(client)
        #expect(asked.status == 201, "\(asked.json)")
    }

    @Test func `INV-15, PAY-13: no client whose payment was refused is led on to a method that is off`() async throws {
        let neighbours = try await Neighbours.shared()
        let payments = neighbours.payments
        let asked = try await payments.ask(MortalPayments.stories[0])
        let reference = try #require(try await payments.open(asked))
        try await payments.stack.sandbox.control(.post, "/alma/payments/\(reference)/act", #"{"action":"decline"}"#)
        try await waitUntil("it is refused") { try await payments.state(asked) == "refused" }
        try await neighbours.switchStripe(online: false)
        let without = try await payments.call(.get, "/p/\(asked.token)")
        #expect(!String(decoding: without.body, as: UTF8.self).contains("(Stripe)"))
        try await neighbours.switchStripe(online: true)
        let with = try await payments.call(.get, "/p/\(asked.token)")
        #expect(String(decoding: with.body, as: UTF8.self).contains("(Stripe)"))
    }

    @Test func `INV-15: is refused while invoicing hangs by what it said last, whichever instance heard it`()
        async throws
    {
        let neighbours = try await Neighbours.shared()
        let first = try await PaymentBench.start(neighbours.asking())
        let hanging = { () async throws -> PaymentBench in
            try await first.again(neighbours.asking(at: "\(first.sandbox.url)/sink/invoicing"))
        }
        // Nobody waits for half an hour.
        try await first.fault(#"{"kind":"slow","operation":"sink.take","milliseconds":1800000,"times":0}"#)
        let question = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        for (online, active, reason) in [
            (false, true, "alma is not allowed online."), (true, false, "alma is not in use."),
        ] {
            try await neighbours.switchMethod("alma", online: online, active: active)
            let told = try await first.ask()
            #expect(told.json["detail"]?.text == reason, "\(told.text)")
            let other = try await hanging()
            // The first waits in vain, the second does not wait; both know.
            for _ in 1...2 {
                let refused = try await other.ask()
                #expect(refused.status == 409 && refused.json["detail"]?.text == reason, "\(refused.text)")
            }
            let plans = try await other.call(.post, "/v1/eligibility", question).json["items"]?.elements ?? []
            #expect(Set(plans.map { $0["reason"]?.text ?? "offered" }) == [reason], "\(plans)")
        }
        // Restored from a backup and changed otherwise, invoicing says this by the version by which it said that.
        _ = try await first.overseer.execute("UPDATE told_methods SET not_used = '{}', not_online = '{alma}'")
        for bench in [first, try await hanging()] {
            let refused = try await bench.ask()
            #expect(refused.json["detail"]?.text == "alma is not in use.", "\(refused.text)")
        }
        try await neighbours.switchMethod("alma", online: true)
        #expect(try await hanging().ask().status == 409, "nobody heard yet that it is used again")
        #expect(try await first.ask().status == 201)
        #expect(try await hanging().ask().status == 201)
    }

    /// There all methods are used until somebody changes one, and clinics are paid meanwhile.
    @Test func `INV-15: is made where invoicing does not answer and never said by which methods`() async throws {
        let nobody = "http://127.0.0.1:\(try FreePort.pick())"
        let bench = try await PaymentBench.start(Neighbours.shared().asking(at: nobody))
        #expect(try await bench.ask().status == 201)
    }

    @Test func `INV-15: is made at once while invoicing hangs, after one that waited, and the log says so once`()
        async throws
    {
        let first = try await PaymentBench.start()
        let bench = try await first.again(
            Neighbours.shared().asking(at: "\(first.sandbox.url)/sink/invoicing"))
        // Nobody waits for half an hour.
        try await bench.fault(#"{"kind":"slow","operation":"sink.take","milliseconds":1800000,"times":0}"#)
        let question = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"EUR"}}"#
        for times in 1...2 {
            for _ in 0..<3 { #expect(try await bench.ask().status == 201) }
            #expect(try await bench.call(.post, "/v1/eligibility", question).status == 200)
            #expect(try await bench.calls("sink.take") == times, "one finds out whether it answers again")
            bench.clock.move(.seconds(11))
        }
        #expect(bench.log.lines.count { $0.contains("invoicing does not answer which methods") } == 1)
        // What is there and cannot be read has answered.
        try await bench.sandbox.control(.delete, "/faults")
        for times in 3...4 {
            #expect(try await bench.ask().status == 201)
            #expect(try await bench.calls("sink.take") == times)
        }
    }

    /// What is there is waited for, however long its event takes; these are not.
    @Test func `is told what invoicing has not got, or has not issued, without waiting for it`() async throws {
        let neighbours = try await Neighbours.shared()
        let details =
            #""client":{"firstName":"Ada","lastName":"Martin","phone":"+33612345678","email":"ada@example.org","#
            + #""town":"Lyon","country":"FR"},"#
        let nobody = try await neighbours.ask("\(ClientID(0xBAD))", details)
        let client = try await neighbours.client(#","phone":"+33612345679","email":"ada@example.org""#)
        let nowhere = try await neighbours.ask(client, #""invoiceID":"\#(InvoiceID(0xBAD))","#)
        let draft = try await neighbours.draftInvoice(of: client)
        let early = try await neighbours.ask(client, #""invoiceID":"\#(draft)","#)
        let never = try await neighbours.ask(client, #""receivableID":"\#(ReceivableID(0xBAD))","#)
        let cases = [
            (nobody, "/clientID", "Invoicing does not know it."),
            (never, "/receivableID", "Invoicing does not know it."),
            (nowhere, "/invoiceID", "Invoicing does not know it."),
            (early, "/invoiceID", "It is not issued."),
        ]
        for (answer, pointer, reason) in cases {
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == pointer, "\(answer.json)")
            // The other words are said after the wait, by whoever could not ask.
            #expect(error?["reason"]?.text == reason, "\(answer.json)")
        }
    }

    /// Its events were heard before anybody kept them here.
    @Test func `INV-8: takes invoicing's word for what is owed without an invoice that no event tells of any more`()
        async throws
    {
        let neighbours = try await Neighbours.shared()
        let database = neighbours.payments.database
        let every = TransactionOptions.readWrite.setting("quittance.organisation", to: "every")
        let client = try await neighbours.client(#","phone":"+33612345677","email":"ada@example.org""#)
        let receivable = try await neighbours.receivable(of: client)
        try await waitUntil("its event was heard") {
            try await database.pool.transaction(every) { transaction in
                try transaction.execute("DELETE FROM receivable WHERE invoice = \(receivable)")
            } == 1
        }
        let answer = try await neighbours.ask(client, #""receivableID":"\#(receivable)","#)
        let error = answer.json["errors"]?.elements?.first
        #expect(answer.status == 422 && error?["pointer"]?.text == "/clinicID", "\(answer.json)")
        #expect(error?["reason"]?.text == "It is owed to another clinic.", "\(answer.json)")
    }
}
