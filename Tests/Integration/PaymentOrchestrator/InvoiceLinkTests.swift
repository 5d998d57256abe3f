import HTTPServer
import PaymentModel
import PaymentWorld
import TestSupport
import Testing

/// INV-5: the link a mailed invoice carries, told to the service that mails it.
@Suite struct `The link that pays an invoice` {
    private static let service = PaymentBench.principal(role: .service)

    private func link(
        _ bench: PaymentBench, of invoice: InvoiceID, as principal: Principal = service
    ) async throws -> InProcessClient.Answer {
        try await bench.call(.get, "/v1/invoices/\(invoice)/pay-link", as: principal)
    }

    @Test func `INV-5: is that of its live payment, and of the next one once that is called off`() async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let none = try await link(bench, of: invoice)
        #expect(none.status == 200 && none.json["payLink"] == nil && none.json["payToken"] == nil)
        let first = try await bench.request(invoice: invoice)
        let told = try await link(bench, of: invoice)
        #expect(told.json["payLink"]?.text == "https://pay.example/p/\(first.token)")
        #expect(told.json["payToken"]?.text == first.token && told.json["expiresAt"]?.text != nil)
        #expect(told.headers["Cache-Control"] == "no-store")
        #expect(told.json["paymentID"]?.text == "\(first.id)" && none.json["paymentID"] == nil)
        _ = try await bench.open(first.token)
        #expect(try await link(bench, of: invoice).json["payToken"]?.text == first.token, "the client may go on")
        _ = try await bench.call(.post, "/v1/payments/\(first.id)/cancel")
        let second = try await bench.request(invoice: invoice)
        #expect(try await link(bench, of: invoice).json["payToken"]?.text == second.token)
    }

    @Test(arguments: ["cancelled", "accepted", "refused", "expired", "unknown", "not confirmed"])
    func `INV-5: is none when it leads nowhere`(_ end: String) async throws {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        let needsCode = end == "not confirmed"
        let payment = try await bench.request(
            invoice: invoice, channel: needsCode ? "browser" : "link", more: needsCode ? #""confirmation":"code","# : ""
        )
        switch end {
        case "cancelled": _ = try await bench.call(.post, "/v1/payments/\(payment.id)/cancel")
        case "accepted", "refused":
            let reference = try #require(try await bench.open(payment.token))
            try await bench.act(end == "accepted" ? "accept" : "decline", on: reference)
            _ = try await bench.notify(reference)
        case "unknown":
            try await bench.fault(#"{"kind":"drop","operation":"alma.create-payment","times":0}"#)
            try await bench.fault(#"{"kind":"drop","operation":"alma.list-payments","times":0}"#)
            _ = try await bench.open(payment.token)
            #expect(try await bench.state(payment.id) == "unknown")
        case "expired": bench.clock.move(.seconds(49 * 3_600))
        default: break
        }
        let told = try await link(bench, of: invoice)
        #expect(told.status == 200 && told.json["payLink"] == nil, "\(told.text)")
        #expect(!told.text.contains(payment.token))
    }

    @Test func `INV-5: is none once the client has agreed, though the provider has not decided`() async throws {
        let story = try #require(ProviderStory.all.first { $0.provider == .stripe })
        let (bench, _) = try await story.connected()
        let invoice = try await bench.invoice(20_000)
        let payment = try await story.request(bench, invoice: invoice)
        let reference = try #require(try await story.open(payment.token, bench))
        #expect(try await link(bench, of: invoice).json["payToken"]?.text == payment.token)
        try await story.act("accept-slowly", on: reference, bench)
        try await bench.sweep(after: .seconds(4))
        #expect(try await bench.state(payment.id) == "open")
        #expect(try await link(bench, of: invoice).json["payLink"] == nil)
    }

    @Test func `INV-5, GEN-1: is told to services of the organisation and its clinics, and to nobody else`()
        async throws
    {
        let bench = try await PaymentBench.start()
        let invoice = try await bench.invoice(20_000)
        _ = try await bench.request(invoice: invoice)
        for role in [Role.manager, .frontDesk, .accountant] {
            #expect(try await link(bench, of: invoice, as: PaymentBench.principal(role: role)).status == 403)
        }
        let others = [
            PaymentBench.principal(OrganisationID(0xB), role: .service),
            PaymentBench.principal(role: .service, clinics: .some([ClinicID(0xE)])),
        ]
        for other in others { #expect(try await link(bench, of: invoice, as: other).json["payLink"] == nil) }
        #expect(try await link(bench, of: invoice).json["payLink"] != nil)
    }
}
