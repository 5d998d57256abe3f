import HTTPClient
import HTTPServer
import PaymentModel
import PaymentOrchestratorService
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `What the payment service lets in` {
    @Test func `GEN-1: nothing of another organisation exists, on any route`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let accounts = try await bench.call(.get, "/v1/provider-accounts")
        let account = try #require(accounts.json["items"]?.elements?.first?["id"]?.text)
        let stranger = PaymentBench.principal(OrganisationID(0xB))
        let service = PaymentBench.principal(OrganisationID(0xB), role: .service)
        let calls: [(HTTPMethod, String, String?, Principal)] = [
            (.get, "/v1/payments/\(payment.id)", nil, stranger),
            (.get, "/v1/payments/\(payment.id)/history", nil, stranger),
            (.get, "/v1/payments/\(payment.id)/timeline", nil, stranger),
            (.get, "/v1/payments/\(payment.id)/live", nil, stranger),
            (.get, "/v1/payments/\(payment.id)/recipient", nil, service),
            (.post, "/v1/payments/\(payment.id)/cancel", nil, stranger),
            (.post, "/v1/payments/\(payment.id)/refunds", "{}", stranger),
            (.get, "/v1/provider-accounts/\(account)", nil, stranger),
            (.put, "/v1/provider-accounts/\(account)/settings", "{}", stranger),
        ]
        for (method, path, json, principal) in calls {
            let answer = try await bench.call(method, path, json, key: "k", as: principal)
            #expect(answer.status == 404, "\(method) \(path) answered \(answer.text)")
        }
        #expect(try await bench.call(.get, "/v1/payments", as: stranger).json["items"]?.elements?.isEmpty == true)
        #expect(
            try await bench.call(.get, "/v1/provider-accounts", as: stranger).json["items"]?.elements?.isEmpty
                == true)
        #expect(try await bench.state(payment.id) == "requested")
    }

    @Test func `hides the payments of clinics the caller does not act for`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let elsewhere = PaymentBench.principal(role: .frontDesk, clinics: .some([ClinicID(0xE)]))
        #expect(try await bench.call(.get, "/v1/payments/\(payment.id)", as: elsewhere).status == 404)
        #expect(try await bench.call(.get, "/v1/payments", as: elsewhere).json["items"]?.elements?.isEmpty == true)
        #expect(try await bench.call(.post, "/v1/payments", bench.draft(), key: "k", as: elsewhere).status == 403)
    }

    @Test func `row-level security is a second fence`() async throws {
        let bench = try await PaymentBench.start()
        _ = try await bench.request()
        let another = TransactionOptions.readOnly.setting("quittance.organisation", to: "\(OrganisationID(0xB))")
        for options in [another, .readOnly] {
            let count = try await bench.database.pool.transaction(options) { transaction in
                try transaction.one("SELECT count(*) AS count FROM payment") { row in try row("count") as Int64 }
            }
            #expect(count == 0)
        }
    }

    @Test func `PAY-1: a key is tried at once, kept sealed and never shown`() async throws {
        let bench = try await PaymentBench.start()
        let wrong = #"{"clinicID":"\#(ClinicID(0xF))","provider":"alma","key":"sk_test_nobody"}"#
        let refused = try await bench.call(.post, "/v1/provider-accounts", wrong, key: "wrong")
        #expect(refused.status == 422 && refused.json["errors"]?.elements?.first?["pointer"]?.text == "/key")
        #expect(!refused.text.contains("sk_test_nobody"))
        let shown = try await bench.call(.get, "/v1/provider-accounts")
        #expect(shown.json["items"]?.elements?.count == 1)
        #expect(!shown.text.contains(PaymentBench.key))
        let stored = try await bench.overseer.read { transaction in
            try transaction.query("SELECT sealed_key FROM provider_account") { row in
                try row("sealed_key") as [UInt8]
            }
        }
        #expect(!String(decoding: stored.flatMap { $0 }, as: UTF8.self).contains("sk_test"))
    }

    @Test func `PAY-3: every plan is answered with its schedule and fees, or with why not`() async throws {
        let bench = try await PaymentBench.start()
        let body = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":7500,"currency":"EUR"}}"#
        let plans = try #require(try await bench.call(.post, "/v1/eligibility", body).json["items"]?.elements)
        #expect(plans.count == 6)
        let twice = try #require(plans.first { $0["plan"]?.text == "2x" })
        let amounts = twice["schedule"]?.elements?.compactMap { $0["amount"]?["minorUnits"]?.integer }
        #expect(amounts == [3_750, 3_750])
        #expect(twice["clinicFee"]?["minorUnits"]?.integer == 210)
        let small = #"{"clinicID":"\#(PaymentBench.clinic)","amount":{"minorUnits":100,"currency":"EUR"}}"#
        let refused = try #require(
            try await bench.call(.post, "/v1/eligibility", small).json["items"]?.elements?.first)
        #expect(refused["reason"]?.text == "The smallest amount is 50.00 EUR.")
        let french = try await bench.http.call(
            .post, "/v1/eligibility", as: PaymentBench.principal(), json: small, headers: ["Accept-Language": "fr"])
        let said = french.json["items"]?.elements?.first?["reason"]?.text
        #expect(said?.contains("50,00\u{202F}€") == true && said?.contains("smallest") == false, "GEN-5: \(said ?? "")")
    }

    @Test(arguments: [
        (#""phone":"+33612345678""#, #""phone":"+33478000000""#, "/client/phone"),
        (#""firstName":"Ada","#, "", "/client/firstName"), (#""lastName":"Martin","#, "", "/client/lastName"),
        (#""phone":"+33612345678","#, "", "/client/phone"), (#""email":"ada@example.org","#, "", "/client/email"),
        (#""town":"Lyon","#, "", "/client/town"), (#","country":"FR""#, "", "/client/country"),
        (#""minorUnits":20000"#, #""minorUnits":-1"#, "/amount/minorUnits"),
        (#""minorUnits":20000"#, #""minorUnits":99999999999999999999"#, "/amount/minorUnits"),
        (#""currency":"EUR""#, #""currency":"XXQ""#, "/amount/currency"),
        (#""plan":"3x""#, #""plan":"3x","surprise":1"#, "/surprise"),
        (#""channel":"link""#, #""channel":"pigeon""#, "/channel"),
    ])
    func `PAY-6: names the field that is wrong and stores nothing`(
        good: String, bad: String, pointer: String
    ) async throws {
        let bench = try await PaymentBench.start()
        let draft = bench.draft().replacing(good, with: bad)
        let answer = try await bench.call(.post, "/v1/payments", draft, key: "k")
        #expect(answer.status == 422)
        #expect(
            answer.json["errors"]?.elements?.contains { $0["pointer"]?.text == pointer } == true, "\(answer.text)")
        #expect(try await bench.call(.get, "/v1/payments").json["items"]?.elements?.isEmpty == true)
    }

    @Test(arguments: [
        (#""channel":"sms""#, false), (#""channel":"browser","confirmation":"code""#, false),
        (#""channel":"link""#, true), (#""channel":"browser""#, true),
    ])
    func `PAY-5: what goes by SMS goes to mobiles only`(channel: String, isTaken: Bool) async throws {
        let bench = try await PaymentBench.start()
        let draft = bench.draft().replacing("+33612345678", with: "+33140000001")
            .replacing(#""channel":"link""#, with: channel)
        let answer = try await bench.call(.post, "/v1/payments", draft, key: "k")
        #expect((answer.status == 201) == isTaken, "\(answer.text)")
        let pointers = answer.json["errors"]?.elements?.compactMap { $0["pointer"]?.text }
        #expect(pointers == (isTaken ? nil : ["/client/phone"]), "\(answer.text)")
    }

    @Test func `PAY-6: the contacts of another clinic of the organisation are no client's either`() async throws {
        let bench = try await PaymentBench.start()
        let described =
            #"{"name":"Les Tilleuls","ownPhones":["+33612345678"],"ownEmails":["ADA@example.org"],"ownAddresses":[]}"#
        let stranger = PaymentBench.principal(OrganisationID(0xB))
        _ = try await bench.call(.put, "/v1/clinics/\(ClinicID(0xB0))", described, as: stranger)
        #expect(try await bench.ask().status == 201, "another organisation's list is its own")
        _ = try await bench.call(.put, "/v1/clinics/\(ClinicID(0xCE))", described)
        let refused = try await bench.ask()
        let pointers = refused.json["errors"]?.elements?.compactMap { $0["pointer"]?.text }
        #expect(refused.status == 422 && pointers == ["/client/phone", "/client/email"], "\(refused.text)")
    }

    @Test func `C-07: the same key gives the first payment again, and is refused for another amount`() async throws {
        let bench = try await PaymentBench.start()
        let first = try await bench.call(.post, "/v1/payments", bench.draft(), key: "same")
        let again = try await bench.call(.post, "/v1/payments", bench.draft(), key: "same")
        #expect(first.json["payment"]?["id"] == again.json["payment"]?["id"])
        let other = try await bench.call(.post, "/v1/payments", bench.draft(9_900), key: "same")
        #expect(other.status == 422 && other.problem == "idempotency-key-reused")
        #expect(try await bench.call(.get, "/v1/payments").json["items"]?.elements?.count == 1)
    }

    @Test func `lists sales newest first, page by page`() async throws {
        let bench = try await PaymentBench.start()
        var made: [String] = []
        for _ in 0..<3 { made.append(try await bench.request().id.description) }
        let first = try await bench.call(.get, "/v1/payments?limit=2").json
        let next = try #require(first["next"]?.text)
        let second = try await bench.call(.get, "/v1/payments?limit=2&after=\(next)").json
        let listed = [first, second].flatMap { $0["items"]?.elements ?? [] }.compactMap { $0["id"]?.text }
        #expect(listed == made.reversed())
    }

    @Test func `describes exactly the routes it serves`() async throws {
        let bench = try await PaymentBench.start()
        #expect(try OpenAPICheck(bench.assembly.openAPI, bench.assembly.routes).differences() == [])
    }

    @Test func `tells a message's sender whom to reach, and only a program`() async throws {
        let bench = try await PaymentBench.start()
        let payment = try await bench.request()
        let path = "/v1/payments/\(payment.id)/recipient"
        let recipient = try await bench.call(.get, path, as: PaymentBench.principal(role: .service)).json
        #expect(recipient["phone"]?.text == "+33612345678")
        #expect(recipient["payLink"]?.text == "https://pay.example/p/\(payment.token)")
        #expect(recipient["clinicName"]?.text == "Clinique des Lilas")
        #expect(try await bench.call(.get, path).status == 403)
    }

    @Test func `a link that leads nowhere says so kindly`() async throws {
        let bench = try await PaymentBench.start()
        for token in ["AAAAAAAAAAAAAAAAAAAAAA", "short", "%3Cscript%3E"] {
            let answer = try await bench.http.call(.get, "/p/\(token)")
            #expect(answer.status == 404 && answer.text.contains("Lien inconnu"))
        }
    }

    @Test func `a key for money that is not real is refused where money is`() async throws {
        let bench = try await PaymentBench.start()
        let live = try await bench.connect("sk_live_real")
        #expect(live.status == 422 && live.json["errors"]?.elements?.first?["pointer"]?.text == "/key")
    }

    @Test(arguments: [("", "2026-11-20"), (#","timeZone":"Indian/Reunion""#, "2026-11-21")])
    func `an acceptance and a refund are on the clinic's own day, C-09`(zone: String, day: String) async throws {
        let bench = try await PaymentBench.start()
        let clinic = #"{"name":"Clinique","ownPhones":[],"ownEmails":[],"ownAddresses":[]\#(zone)}"#
        #expect(try await bench.call(.put, "/v1/clinics/\(PaymentBench.clinic)", clinic).status == 204)
        // 21:30 UTC: half past ten at night in Paris, half past one in the morning in Réunion.
        try await bench.stand(at: "2026-11-20T21:30:00Z")
        let payment = try await bench.accepted()
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", "{}", key: "all")
        let accepted = try await bench.bodies(payment, "payment-accepted")
        #expect(accepted.count == 1 && accepted[0].contains(#""acceptedOn":"\#(day)""#), "\(accepted)")
        let refunded = try await bench.bodies(payment, "refund-completed")
        #expect(refunded.count == 1 && refunded[0].contains(#""completedOn":"\#(day)""#), "\(refunded)")
    }

    @Test(arguments: [("", "2026-11-20"), (#","timeZone":"Indian/Reunion""#, "2026-11-21")])
    func `GEN-5: what is paid and when is told in the clinic's own days, before the payment and after it`(
        zone: String, day: String
    ) async throws {
        let clinic = #"{"name":"Clinique","ownPhones":[],"ownEmails":[],"ownAddresses":[]\#(zone)}"#
        let question = """
            {"clinicID":"\(PaymentBench.clinic)","amount":{"minorUnits":20000,"currency":"EUR"},"country":"FR"}
            """
        for story in ProviderStory.all {
            let (bench, _) = try await story.connected()
            #expect(try await bench.call(.put, "/v1/clinics/\(PaymentBench.clinic)", clinic).status == 204)
            try await bench.stand(at: "2026-11-20T21:30:00Z")
            let offered = try await bench.call(.post, "/v1/eligibility", question).json["items"]?.elements ?? []
            let first = offered.filter { ["1x", "3x"].contains($0["plan"]?.text) }
                .compactMap { $0["schedule"]?.elements?.first?["dueOn"]?.text }
            #expect(first.count > 1 && first.allSatisfy { $0 == day }, "\(story.provider): \(first)")
            let (payment, _) = try await story.accepted(bench)
            let due = try await bench.view(payment)["schedule"]?.elements?.map { $0["dueOn"]?.text }
            #expect(due == [day], "\(story.provider)")
        }
        let bench = try await PaymentBench.start()
        #expect(try await bench.call(.put, "/v1/clinics/\(PaymentBench.clinic)", clinic).status == 204)
        try await bench.stand(at: "2026-11-20T21:30:00Z")
        let payment = try await bench.accepted()
        let part = #"{"amount":{"minorUnits":6000,"currency":"EUR"}}"#
        _ = try await bench.call(.post, "/v1/payments/\(payment)/refunds", part, key: "part")
        let view = try await bench.view(payment)
        #expect(view["schedule"]?.elements?.first?["dueOn"]?.text == day, "\(view)")
        #expect(view["instalments"]?.elements?.first?["paidOn"]?.text == day, "\(view)")
        #expect(try await !bench.events(payment).contains("schedule-changed"), "and whoever reads it says the same")
    }

    @Test func `GEN-1: a clinic is one organisation's; another cannot describe it nor connect an account to it`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let clinic = #"{"name":"Somebody else's","ownPhones":[],"ownEmails":[],"ownAddresses":[]}"#
        let stranger = PaymentBench.principal(OrganisationID(0xB))
        let path = "/v1/clinics/\(PaymentBench.clinic)"
        let refused = try await bench.call(.put, path, clinic, as: stranger)
        #expect(refused.status == 404, "\(refused.text)")
        let account = #"{"clinicID":"\#(PaymentBench.clinic)","provider":"alma","key":"\#(PaymentBench.key)"}"#
        #expect(try await bench.call(.post, "/v1/provider-accounts", account, key: "x", as: stranger).status == 404)
        let described: [String] = try await bench.overseer.query("SELECT name FROM clinic") { row in try row("name") }
        #expect(described == ["Clinique des Lilas"])
        #expect(try await bench.call(.put, path, clinic).status == 204, "its own may change it as before")
        #expect(try await bench.call(.put, "/v1/clinics/\(ClinicID(0xB0B))", clinic, as: stranger).status == 204)
    }

    @Test func `a clinic's time zone is one that exists`() async throws {
        let bench = try await PaymentBench.start()
        let clinic = #"{"name":"Clinique","ownPhones":[],"ownEmails":[],"ownAddresses":[],"timeZone":"Mars/Base"}"#
        #expect(try await bench.call(.put, "/v1/clinics/\(PaymentBench.clinic)", clinic).status == 422)
    }
}
