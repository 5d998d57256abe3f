import HTTPServer
import PaymentModel
import TestSupport
import Testing

/// What of an invoice's page asks to be paid online.
@Suite struct `INV-5: the code to pay by` {
    @Test func `INV-5: the code on a page is the link to pay, and a page without one has no code`() async throws {
        let chain = try await Chain.open()
        let id = try await chain.invoice(6_000, for: try await chain.client())
        let path = "/v1/invoices/\(id)/pdf"
        let scanned = try await PDFText.codes(of: try await chain.file("\(path)?payToken=k3vTq9XwZ1"))
        #expect(scanned == "https://pay.example/p/k3vTq9XwZ1\n")
        #expect(try await PDFText.codes(of: try await chain.file(path)) == "")
    }

    @Test func `INV-5: nothing asks to be paid online where nothing is due, or a deposit is not to be`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let paid = try await chain.invoice(6_000, for: client)
        let path = "/v1/invoices/\(paid)/pdf?payToken=k3vTq9XwZ1"
        #expect(try await chain.collect(4_000, for: client, by: "card").status == 201)
        #expect(try await PDFText.codes(of: try await chain.file(path)) != "", "a part is due still")
        #expect(try await chain.collect(2_000, for: client, by: "card").status == 201)
        let quote = try await chain.quote(for: client)
        let offline: InvoiceID = try await chain.deposit(1_000, on: quote).id()
        let online: InvoiceID = try await chain.deposit(1_000, on: quote, online: true, seen: 2).id()
        for (invoice, isAsked) in [(paid, false), (offline, false), (online, true)] {
            let file = try await chain.file("/v1/invoices/\(invoice)/pdf?payToken=k3vTq9XwZ1")
            #expect(try await PDFText.codes(of: file).isEmpty != isAsked, "\(invoice)")
            #expect(try await PDFText.read(file).contains("Payer en ligne") == isAsked, "\(invoice)")
        }
    }
}
