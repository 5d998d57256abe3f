import HTTPServer
import PaymentModel
import PostgresClient
import Testing

/// NOT-2: invoicing says to a service whom a message about an invoice is for.
@Suite struct `The recipient of an invoice` {
    private func ask(_ chain: Chain, _ id: InvoiceID, _ role: Role = .service) async throws -> InProcessClient.Answer {
        try await chain.call(.get, "/v1/invoices/\(id)/recipient", as: chain.principal(role: role))
    }

    @Test func `NOT-2: is its client as known now, with what is due now`() async throws {
        let chain = try await Chain.open()
        let json = #"""
            {"clinicID":"\#(chain.clinic)","lastName":"Müller","firstName":"Zoé","phone":"+33612345601",
             "email":"zoe@example.org","language":"en","town":"Lyon"}
            """#
        let client: ClientID = try await chain.call(.post, "/v1/clients", json).id()
        let invoice = try await chain.invoice(10_000, for: client)
        #expect(try await chain.collect(4_000, for: client, by: "card").status == 201)
        let answer = try await ask(chain, invoice).json
        let words = ["firstName", "lastName", "phone", "email", "language", "clinicName", "number", "dueOn"]
        #expect(
            words.map { answer[$0]?.text } == [
                "Zoé", "Müller", "+33612345601", "zoe@example.org", "en", "Clinique", "F-LILAS-2026-000001",
                "2026-12-20",
            ])
        #expect(answer.cents("amount") == 6_000 && answer["isDeposit"] == .bool(false))
    }

    @Test func `INV-14: says to who asks about a level whether dunning of the client is paused by now`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let invoice = try await chain.invoice(1_000, for: client)
        let path = "/v1/clients/\(client)/dunning-pause"
        let reminder = "/v1/invoices/\(invoice)/recipient?level=1"
        let service = chain.principal(role: .service)
        #expect(try await chain.call(.get, reminder, as: service).json["isDunningPaused"] == .bool(false))
        let today: LocalDate = try await chain.bench.ask("SELECT (now() AT TIME ZONE 'Europe/Paris')::date")
        // A midnight that comes between changes neither answer.
        for (version, (days, isPaused)) in [(1, true), (-1, false)].enumerated() {
            let until = #"{"until":"\#(today.adding(days: days))"}"#
            #expect(try await chain.call(.put, path, until, headers: Chain.seen(version + 1)).status == 200)
            let answer = try await chain.call(.get, reminder, as: service)
            #expect(answer.status == 200 && answer.json["isDunningPaused"] == .bool(isPaused), "\(answer.text)")
            #expect(try await ask(chain, invoice).json["isDunningPaused"] == nil, "a document is no reminder")
        }
    }

    @Test func `INV-14: is told of what is owed without an invoice too, with its label and what is due now`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let receivable = try await chain.receivable(1_000, for: client)
        #expect(try await chain.collect(400, for: client, by: "card").status == 201)
        let levels = #"{"levels":[{"daysLate":7,"label":"Rappel","text":"Merci de passer."}]}"#
        #expect(try await chain.call(.put, "/v1/dunning-levels", levels, headers: Chain.seen(0)).status == 200)
        let path = "/v1/receivables/\(receivable)/recipient"
        let service = chain.principal(role: .service)
        let answer = try await chain.call(.get, "\(path)?level=1", as: service).json
        let words = ["receivableID", "lastName", "clinicName", "label", "dueOn", "dunningText"]
        #expect(
            words.map { answer[$0]?.text } == [
                "\(receivable)", "Martin", "Clinique", "Croquettes", "2026-12-31", "Merci de passer.",
            ])
        #expect(answer.cents("amount") == 600 && answer["isDunningPaused"] == .bool(false))
        let pause = "/v1/clients/\(client)/dunning-pause"
        #expect(try await chain.call(.put, pause, #"{"until":"2999-01-01"}"#, headers: Chain.seen()).status == 200)
        let paused = try await chain.call(.get, "\(path)?level=1", as: service)
        #expect(paused.json["isDunningPaused"] == .bool(true), "\(paused.text)")
        let elsewhere = chain.principal(role: .service, clinics: .some([try await chain.anotherClinic("PANTIN")]))
        #expect(try await chain.call(.get, path, as: elsewhere).status == 404)
    }

    @Test func `NOT-2, GEN-2: is told of no draft, and to nobody but services`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let draft = try await chain.invoice(1_000, for: client, issuedOn: nil)
        #expect(try await ask(chain, draft).status == 404)
        let invoice = try await chain.invoice(1_000, for: client)
        for role in Role.allCases where role != .service {
            #expect(try await ask(chain, invoice, role).status == 403, "\(role)")
        }
        let answer = try await ask(chain, invoice)
        #expect(answer.status == 200 && answer.json["email"] == nil && answer.json["phone"] == nil)
    }
}
