import EventContract
import HTTPServer
import PaymentModel
import PaymentWorld
import PostgresClient
import ServiceRuntime
import TestSupport
import Testing
import TransactionalMessaging

/// INV-1: two clients who were one person.
@Suite struct `Clients who are merged` {
    /// What is heard about one debt and its client, each once.
    private enum News: CaseIterable {
        case isOwed, becameSecond, becameThird
    }

    @Test func `INV-1: what the one that went owes is asked of the one that stays, whatever is heard first`()
        async throws
    {
        let bench = try await PaymentBench.start()
        for first in News.allCases {
            for second in News.allCases where second != first {
                let third = try #require(News.allCases.first { $0 != first && $0 != second })
                let clients = (0..<3).map { _ in IdentifierSource.system.make() as ClientID }
                let (invoice, receivable) = (
                    IdentifierSource.system.make() as InvoiceID, IdentifierSource.system.make() as ReceivableID
                )
                for news in [first, second, third] {
                    switch news {
                    case .isOwed: try await owe(invoice, receivable, by: clients[0], bench)
                    case .becameSecond: try await merge(clients[0], into: clients[1], bench)
                    case .becameThird: try await merge(clients[1], into: clients[2], bench)
                    }
                }
                let order = "\(first), \(second), \(third)"
                let stays = try await ask(#""invoiceID":"\#(invoice)","#, of: clients[2], bench)
                #expect(stays.status == 201, "\(order): \(stays.text)")
                #expect(stays.json["payment"]?["clientID"]?.text == "\(clients[2])", "\(order)")
                // Who has not looked again names the one that went.
                let went = try await ask(#""receivableID":"\#(receivable)","#, of: clients[0], bench)
                #expect(went.status == 201, "\(order): \(went.text)")
                #expect(went.json["payment"]?["clientID"]?.text == "\(clients[2])", "\(order)")
                let elses = try await ask(#""invoiceID":"\#(invoice)","#, of: ClientID(0xE15E), bench)
                #expect(elses.status == 422, "\(order): \(elses.text)")
            }
        }
    }

    @Test func `PAY-11: payments of the one that went are those of the one that stays, once, and go on`() async throws {
        let bench = try await PaymentBench.start()
        let other: ClientID = IdentifierSource.system.make()
        let payment = try await bench.request()
        let reference = try #require(try await bench.open(payment.token))
        let before = try await bench.view(payment.id)
        for _ in 0..<2 { try await merge(PaymentBench.client, into: other, bench) }
        let after = try await bench.view(payment.id)
        #expect(after["clientID"]?.text == "\(other)" && after["state"]?.text == "open")
        #expect(after["client"] == before["client"] && after["amount"] == before["amount"])
        for client in [PaymentBench.client, other] {
            #expect(try await bench.listed("clientID=\(client)") == [payment.id], "either name finds it")
        }
        // C-06: the same free amount is not asked of the same person twice.
        for client in [PaymentBench.client, other] {
            let again = try await ask(#""another":false,"#, of: client, bench)
            #expect(again.problem == "other-payment-is-live", "\(again.text)")
        }
        try await bench.act("accept", on: reference)
        #expect(try await bench.notify(reference).status == 204)
        let told = try await bench.bodies(payment.id, "payment-accepted")
        #expect(told.count == 1 && told[0].contains(#""clientID":"\#(other)""#), "\(told)")
    }

    @Test func `GEN-7: who is merged into somebody erased leaves nothing, in whichever order one hears of it`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let other: ClientID = IdentifierSource.system.make()
        let payment = try await bench.request()
        try await bench.hear(ClientErasedV1(clientID: other, erasedOn: bench.clock.now.utcDate), about: other)
        #expect(try await bench.state(payment.id) == "requested")
        try await merge(PaymentBench.client, into: other, bench)
        let view = try await bench.view(payment.id)
        #expect(view["client"] == nil && view["cancellation"]?.text == "client-erased", "\(view)")
        let late = try await ask(#""another":false,"#, of: PaymentBench.client, bench)
        #expect(late.status == 422 && late.text.contains("The client was erased."), "\(late.text)")
    }

    @Test(arguments: [0, 3])
    func `INV-1: nobody who asks at the same moment leaves a payment with the one that went`(
        earlier: Int
    ) async throws {
        let bench = try await PaymentBench.start()
        let other: ClientID = IdentifierSource.system.make()
        let statuses = try await bench.ask(24, with: earlier) {
            try await merge(PaymentBench.client, into: other, bench)
        }
        #expect(statuses == Array(repeating: 201, count: 24))
        let clients = try await bench.database.read(organisation: nil) { transaction in
            try transaction.query("SELECT client FROM payment") { row in try row("client") as ClientID }
        }
        #expect(clients == Array(repeating: other, count: 24))
    }

    @Test func `INV-1: who becomes one that is becoming a third at this moment is the third's`() async throws {
        let bench = try await PaymentBench.start()
        let clients = (0..<3).map { _ in IdentifierSource.system.make() as ClientID }
        let (went, between, last) = (clients[0], clients[1], clients[2])
        try await bench.hear(
            ClientChangedV1(clientID: went, language: .french, hasEmail: true, hasPhone: true), about: went)
        let asked = try await ask("", of: went, bench)
        let payment = try #require(asked.json["payment"]?["id"]?.text.flatMap { PaymentID($0) }, "\(asked.text)")
        try await merge(between, into: PaymentBench.client, bench)
        let gate = try await bench.holdClient()
        async let first: Void = merge(PaymentBench.client, into: last, bench)
        try await bench.overseer.waitForLocks(1)
        async let second: Void = merge(went, into: between, bench)
        try await bench.overseer.waitForLocks(2)
        await gate.close()
        _ = try await (first, second)
        #expect(try await bench.view(payment)["clientID"]?.text == "\(last)")
        for client in clients { #expect(try await bench.listed("clientID=\(client)") == [payment], "by any name") }
    }

    private func owe(
        _ invoice: InvoiceID, _ receivable: ReceivableID, by client: ClientID, _ bench: PaymentBench
    ) async throws {
        let issued = InvoiceIssuedV1(
            invoiceID: invoice, clientID: client, number: "F-1", issuedOn: .earliest, dueOn: .earliest,
            total: .euros(cents: 20_000), vat: [])
        try await bench.hear(issued, about: invoice)
        let recorded = ReceivableRecordedV1(
            receivableID: receivable, clientID: client, amount: .euros(cents: 20_000), recordedOn: .earliest,
            dueOn: .earliest)
        try await bench.hear(recorded, about: receivable)
    }

    private func merge(_ client: ClientID, into other: ClientID, _ bench: PaymentBench) async throws {
        try await bench.hear(ClientMergedV1(clientID: client, intoClientID: other), about: client)
    }

    private func ask(
        _ what: String, of client: ClientID, _ bench: PaymentBench
    ) async throws -> InProcessClient.Answer {
        let draft = bench.draft(more: what).replacing(#""another":true,"#, with: "")
            .replacing("\(PaymentBench.client)", with: "\(client)")
        return try await bench.call(.post, "/v1/payments", draft, key: "ask-\(IdentifierSource.system.next())")
    }
}
