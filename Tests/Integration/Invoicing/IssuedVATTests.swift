import HTTPServer
import PaymentModel
import Testing

/// However it comes: typed, from a quote or in a file, it is issued here.
@Suite struct `INV-4: the VAT of what is issued` {
    @Test func `INV-4: a seller that bills no VAT issues no line with VAT, by no file either`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        let taxed = chain.draft(6_000, for: client, vatBasisPoints: 2_000)
        let waiting = chain.draft(6_000, for: client, issuedOn: nil, vatBasisPoints: 2_000)
        let draft: InvoiceID = try await chain.call(.post, "/v1/invoices", waiting).id()
        try await chain.sell(#""siren":"732829320","vatScheme":"exempt","#)
        let days = #""issuedOn":"2026-11-20","dueOn":"2026-12-25""#
        let offer = taxed.replacing(#""dueOn":"2026-12-20""#, with: #""validUntil":"2026-12-20""#)
        let answers = try await [
            chain.call(.post, "/v1/invoices", taxed), chain.issue(draft), chain.call(.post, "/v1/quotes", offer),
            chain.call(.post, "/v1/quotes/\(quote)/invoice", "{\(days)}", headers: Chain.seen()),
            chain.call(
                .post, "/v1/quotes/\(quote)/deposits",
                #"{"amount":{"minorUnits":5000,"currency":"EUR"},\#(days)}"#, headers: Chain.seen()),
        ]
        for answer in answers {
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == "/lines/0/vatBasisPoints", "\(answer.text)")
            #expect(error?["reason"]?.text?.contains("293 B") == true, "\(answer.text)")
            #expect(error?["remedy"]?.text?.contains("vatScheme") == true, "\(answer.text)")
        }
        #expect(try await chain.numbers().isEmpty)
        let file = Chain.invoiceHeader + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin")
        let plain = file.replacing("20/11/2026", with: "2026-11-20").replacing("20/12/2026", with: "2026-12-20")
        for mode in ["dry-run", "keep-good", "all-or-nothing"] {
            let report = try await chain.imports(plain, mode: mode)
            let problem = report.json["problems"]?.elements?.first
            #expect(report.json["imported"]?.integer == 0 && problem?["line"]?.integer == 2, "\(report.text)")
            #expect(problem?["column"]?.text == "vat_rate", "\(report.text)")
            #expect(problem?["remedy"]?.text?.contains("vatScheme") == true, "\(report.text)")
        }
        #expect(try await chain.numbers().isEmpty)
        #expect(try await chain.imports(plain.replacing("20,00", with: "0")).json["imported"]?.integer == 1)
        let free = taxed.replacing(#""vatBasisPoints":2000"#, with: #""vatBasisPoints":0"#)
        #expect(try await chain.call(.post, "/v1/invoices", free).status == 201)
    }

    @Test func `INV-4: a seller of goods and services issues no line that does not say which it is, but of old quotes`()
        async throws
    {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let quote = try await chain.quote(for: client)
        try await chain.sell(selling: "both")
        let bill = chain.draft(6_000, for: client)
        let draft = try await chain.invoice(6_000, for: client, issuedOn: nil)
        let offer = bill.replacing(#""dueOn":"2026-12-20""#, with: #""validUntil":"2026-12-20""#)
        let answers = try await [
            chain.call(.post, "/v1/invoices", bill), chain.issue(draft), chain.call(.post, "/v1/quotes", offer),
        ]
        for answer in answers {
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == "/lines/0/nature", "\(answer.text)")
            #expect(error?["remedy"]?.text == "Give goods, services or both.", "\(answer.text)")
        }
        let file = Chain.invoiceHeader + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin")
        for mode in ["dry-run", "keep-good"] {
            let done = try await chain.takeFile(Array(file.utf8), kind: "invoices", mode: mode)
            #expect(done == "done: 1 read 0 added 0 there 1 refused", "\(mode)")
        }
        #expect(try await chain.numbers().isEmpty, "what was refused took none")
        let said = bill.replacing(#""label":"#, with: #""nature":"goods","label":"#)
        #expect(try await chain.call(.post, "/v1/invoices", said).status == 201)
        let days = #"{"issuedOn":"2026-11-20","dueOn":"2026-12-25"}"#
        let billed = try await chain.call(.post, "/v1/quotes/\(quote)/invoice", days, headers: Chain.seen())
        #expect(billed.status == 201, "nobody can add to what was offered: \(billed.text)")
        let invoice: InvoiceID = try billed.id()
        let data = String(decoding: try await chain.file("/v1/invoices/\(invoice)/factur-x"), as: UTF8.self)
        #expect(!data.contains("Nature des opérations"), "it is not guessed")
    }

    @Test(arguments: [(1_960, "Give one of: 2000, 1000, 550, 210, 0"), (20, "Give 2000 for 20 percent")])
    func `INV-4: a rate that French law does not know is refused, and the ones it knows are told`(
        rate: Int, remedy: String
    ) async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let issued = chain.draft(6_000, for: client, vatBasisPoints: rate)
        let draft = chain.draft(6_000, for: client, issuedOn: nil, vatBasisPoints: rate)
        let offer = issued.replacing(#""dueOn":"2026-12-20""#, with: #""validUntil":"2026-12-20""#)
        for (path, json) in [("/v1/invoices", issued), ("/v1/invoices", draft), ("/v1/quotes", offer)] {
            let answer = try await chain.call(.post, path, json)
            let error = answer.json["errors"]?.elements?.first
            #expect(answer.status == 422 && error?["pointer"]?.text == "/lines/0/vatBasisPoints", "\(answer.text)")
            #expect(error?["remedy"]?.text?.contains(remedy) == true, "\(answer.text)")
        }
        let french = try await chain.call(.post, "/v1/invoices", issued, headers: ["Accept-Language": "fr"])
        #expect(french.text.contains("taux français"), "\(french.text)")
        let file = Chain.invoiceHeader + Chain.invoiceRow("R-1", day: 20, client: 1, label: "Soin")
        let plain = file.replacing("20/11/2026", with: "2026-11-20").replacing("20/12/2026", with: "2026-12-20")
        for (told, remedy) in [("19,60", "Give one of: 20,00; 10,00; 5,50;"), ("0,20", "Give 20,00 for 0,20")] {
            let report = try await chain.imports(plain.replacing("20,00", with: told))
            let problem = report.json["problems"]?.elements?.first
            #expect(report.json["imported"]?.integer == 0, "it would be issued here: \(report.text)")
            #expect(problem?["reason"]?.text == "\(told) percent is no French rate.", "\(report.text)")
            #expect(problem?["remedy"]?.text?.contains(remedy) == true, "\(report.text)")
        }
        #expect(try await chain.numbers().isEmpty)
    }
}
