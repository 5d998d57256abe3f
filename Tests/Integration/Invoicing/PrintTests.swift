import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport
import Testing

/// Documents as files, looked at by libraries that know nothing of us.
@Suite struct `INV-5: documents of invoicing` {
    @Test func `INV-5, C-30: every kind of document is PDF/A-3 whose data a validator of EN 16931 accepts`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.sell()
        let (person, stable) = (try await chain.client(), try await chain.client())
        try await chain.name(
            stable,
            #"{"company":"Haras de l'Étang","siren":"552100554","vatNumber":"FR96552100554","street":"Route 1"}"#)
        let several: InvoiceID = try await chain.bill(person, Self.severalRates)
        let business: InvoiceID = try await chain.bill(stable, Self.severalRates)
        let deposit = try await chain.depositAndRest(of: try await chain.quote(for: person))
        let note = try await chain.call(
            .post, "/v1/invoices/\(several)/credit-notes",
            #"{"amount":{"minorUnits":1234,"currency":"EUR"},"issuedOn":"2026-11-21","reason":"Geste"}"#,
            headers: Chain.seen(2))
        let noteID: CreditNoteID = try note.id()
        var files: [String: [UInt8]] = [:]
        for id in [several, business, deposit.first, deposit.rest] {
            let number = try #require(try await chain.invoice(id)["number"]?.text)
            files["\(number).pdf"] = try await chain.file("/v1/invoices/\(id)/pdf?payToken=k3vTq9XwZ1")
            files["\(number).xml"] = try await chain.file("/v1/invoices/\(id)/factur-x")
        }
        files["note.pdf"] = try await chain.file("/v1/credit-notes/\(noteID)/pdf?language=en")
        files["note.xml"] = try await chain.file("/v1/credit-notes/\(noteID)/factur-x")
        let check = try await FacturXCheck.run(files)
        #expect(check.status == 0 && check.output.contains("0 findings"), "\(check.output)")
        #expect(files.count == 10)
    }

    @Test func `INV-4 INV-5: goods of one VAT rate that come back are credited at that rate alone, as files too`()
        async throws
    {
        let chain = try await Chain.open()
        try await chain.sell()
        let id: InvoiceID = try await chain.bill(try await chain.client(), Self.twoRates)
        let goods = try await chain.credit(id, Self.rates((2_000, 3_000)), seen: 2)
        #expect(goods.vatByRate == [[2_000, 2_500, 500]], "\(goods.text)")
        // Of 75.00 + 15.00 and 50.00 + 2.75 that are left.
        let spread = try await chain.credit(id, Self.euros(1_000), seen: 3)
        #expect(spread.vatByRate == [[2_000, 526, 105], [550, 350, 19]], "\(spread.text)")
        let told: [String] = try await chain.bench.askAll(
            """
            SELECT concat_ws(' ', line ->> 'rate', line -> 'base' ->> 'minorUnits', line -> 'vat' ->> 'minorUnits')
            FROM outbox CROSS JOIN LATERAL json_array_elements(convert_from(value, 'UTF8')::json -> 'vat')
                WITH ORDINALITY AS told (line, place)
            WHERE subject = \(id.value) AND type LIKE '%.credit-note-issued.%' ORDER BY position, place
            """)
        #expect(told == ["2000 2500 500", "2000 526 105", "550 350 19"], "REC-8: others are told the rates")
        let more = try await chain.credit(id, Self.rates((550, 4_906), (2_000, 8_370)), seen: 4)
        let error = more.json["errors"]?.elements?.first
        #expect(more.status == 422 && error?["pointer"]?.text == "/rates/1/amount", "\(more.text)")
        #expect(error?["reason"]?.text == "83.70 EUR is more than the 83.69 EUR left of this rate.")
        #expect(error?["remedy"]?.text == "Give 83.69 EUR or less.")
        let french = try await chain.credit(id, Self.rates((1_000, 100)), seen: 4, language: "fr")
        let reason = french.json["errors"]?.elements?.first?["reason"]?.text
        #expect(reason == "La facture ne comporte rien à ce taux.", "GEN-5: \(french.text)")
        let both = try await chain.credit(id, "\(Self.euros(1_000)),\(Self.rates((550, 100)))", seen: 4)
        #expect(both.status == 422 && both.text.contains("Give either amount or rates."), "\(both.text)")
        let rest = try await chain.credit(id, Self.rates((550, 4_906), (2_000, 8_369)), seen: 4)
        #expect(rest.vatByRate == [[2_000, 6_974, 1_395], [550, 4_650, 256]], "\(rest.text)")
        #expect(try await chain.standing(of: id) == "credited 0 17275 0")
        var files: [String: [UInt8]] = [:]
        for (name, answer) in [("goods", goods), ("spread", spread), ("rest", rest)] {
            let note: CreditNoteID = try answer.id()
            files["\(name).pdf"] = try await chain.file("/v1/credit-notes/\(note)/pdf")
            files["\(name).xml"] = try await chain.file("/v1/credit-notes/\(note)/factur-x")
        }
        let data = String(decoding: files["goods.xml"] ?? [], as: UTF8.self)
        #expect(data.contains("RateApplicablePercent>20.00<") && !data.contains("RateApplicablePercent>5.50<"))
        #expect(data.contains("Nature des opérations : livraisons de biens<"), "\(data)")
        let check = try await FacturXCheck.run(files)
        #expect(check.status == 0 && check.output.contains("0 findings"), "\(check.output)")
        #expect(files.count == 6)
    }

    @Test func `INV-3, INV-5: what bears no VAT says why in the data of each document`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let id = try await chain.bill(client, Self.exemptions)
        let terms = #""issuedOn":"2026-11-20","validUntil":"2026-12-21""#
        let offer = #"{"clientID":"\#(client)","clinicID":"\#(chain.clinic)",\#(terms),\#(Self.exemptions)}"#
        let quote: QuoteID = try await chain.call(.post, "/v1/quotes", offer).id()
        let deposit = try await chain.depositAndRest(of: quote)
        let note: CreditNoteID = try await chain.credit(id, Self.euros(1_000), seen: 2).id()
        var files = ["note.xml": try await chain.file("/v1/credit-notes/\(note)/factur-x")]
        for (name, id) in [("whole", id), ("deposit", deposit.first), ("rest", deposit.rest)] {
            files["\(name).xml"] = try await chain.file("/v1/invoices/\(id)/factur-x")
        }
        for (name, bytes) in files {
            let data = String(decoding: bytes, as: UTF8.self)
            #expect(data.contains("ExemptionReason>Exonération de TVA, art. 261, 4-4° du CGI<"), "\(name): \(data)")
            #expect(data.contains("CategoryCode>E<") && data.contains("CategoryCode>Z<"), "\(name): \(data)")
        }
        let check = try await FacturXCheck.run(files)
        #expect(check.status == 0 && check.output.contains("0 findings") && files.count == 4, "\(check.output)")
    }

    @Test func `INV-5: a seller that bills no VAT says so, and its e-invoice is accepted`() async throws {
        let chain = try await Chain.open()
        try await chain.sell(#""siren":"732829320","vatScheme":"exempt","#)
        let id = try await chain.invoice(6_000, for: try await chain.client())
        let data = try await chain.file("/v1/invoices/\(id)/factur-x")
        #expect(String(decoding: data, as: UTF8.self).contains("VATEX-FR-FRANCHISE"))
        let check = try await FacturXCheck.run([
            "exempt.xml": data, "exempt.pdf": try await chain.file("/v1/invoices/\(id)/pdf"),
        ])
        #expect(check.status == 0 && check.output.contains("0 findings"), "\(check.output)")
    }

    @Test func `INV-5: the check finds each planted fault, so that it can fail`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let id: InvoiceID = try await chain.bill(try await chain.client(), Self.severalRates)
        let data = String(decoding: try await chain.file("/v1/invoices/\(id)/factur-x"), as: UTF8.self)
        for (found, planted, rule) in [
            ("<ram:DuePayableAmount>", "<ram:DuePayableAmount>1", "BR-CO-16"),
            ("<ram:CountryID>FR", "<ram:CountryID>XX", "FX-SCH-A-000"),
            ("<ram:CategoryCode>S", "<ram:CategoryCode>E", "BR-E-"),
            ("<ram:InvoiceCurrencyCode>", "<ram:Unknown/><ram:InvoiceCurrencyCode>", "not expected"),
        ] {
            let broken = Array(data.replacing(found, with: planted).utf8)
            let check = try await FacturXCheck.run(["broken.xml": broken])
            #expect(check.status == 1 && check.output.contains(rule), "\(planted): \(check.output)")
        }
        let pdf = try await chain.file("/v1/invoices/\(id)/pdf")
        let check = try await FacturXCheck.run([
            "broken.pdf": pdf.replacing(Array("pdfaid:part>3".utf8), with: Array("pdfaid:part>1".utf8))
        ])
        #expect(check.status == 1 && check.output.contains("PDF/A"), "\(check.output)")
    }

    @Test func `INV-5: an issued document keeps its parties, whatever becomes of them`() async throws {
        let chain = try await Chain.open()
        try await chain.sell()
        let client = try await chain.client()
        let id = try await chain.invoice(5_000, for: client)
        let before = try await chain.file("/v1/invoices/\(id)/factur-x")
        try await chain.sell(#""siren":"732829320","vatScheme":"on-debits","#, seen: 1)
        try await chain.name(client, #"{"company":"Une autre"}"#)
        #expect(try await chain.file("/v1/invoices/\(id)/factur-x") == before)
        let next = try await chain.invoice(5_000, for: client)
        let text = String(decoding: try await chain.file("/v1/invoices/\(next)/factur-x"), as: UTF8.self)
        #expect(text.contains("Une autre") && text.contains("débits"))
        await #expect(throws: (any Error).self) {
            _ = try await chain.bench.askAll("DELETE FROM document_parties RETURNING establishment") as [String]
        }
    }

    @Test func `INV-5: a seller without numbers has a page but no e-invoice, and a draft has neither`() async throws {
        let chain = try await Chain.open()
        let client = try await chain.client()
        let id = try await chain.invoice(5_000, for: client)
        let page = try await chain.file("/v1/invoices/\(id)/pdf")
        #expect(page.starts(with: "%PDF-1.7".utf8))
        let data = try await chain.call(.get, "/v1/invoices/\(id)/factur-x")
        #expect(data.problem == "conflict" && data.text.contains("/v1/organisation/seller"))
        let draft = try await chain.invoice(5_000, for: client, issuedOn: nil)
        #expect(try await chain.call(.get, "/v1/invoices/\(draft)/pdf").problem == "conflict")
        let link = try await chain.call(.get, "/v1/invoices/\(id)/pdf?payToken=a/b")
        #expect(link.status == 422)
    }

    @Test func `INV-5: a logo must be a picture, and stands on the page`() async throws {
        let chain = try await Chain.open()
        #expect(try await chain.logo(Chain.pixel).problem == "conflict")
        try await chain.sell()
        #expect(try await chain.logo(Array("not a picture".utf8)).status == 415)
        let french = try await chain.logo(Array("not a picture".utf8), language: "fr")
        #expect(french.json["detail"]?.text?.contains("ce n'est pas une image PNG") == true, "GEN-5: \(french.text)")
        #expect(try await chain.logo(Array(Chain.pixel.prefix(40))).status == 415)
        let kept = try await chain.logo(Chain.pixel)
        #expect(kept.status == 204 && kept.headers["ETag"] == "\"v2\"", "\(kept.text)")
        #expect(try await chain.logo(Chain.pixel).status == 412, "somebody else was faster")
        #expect(try await chain.call(.delete, "/v1/organisation/logo").problem == "precondition-required")
        #expect(try await chain.call(.delete, "/v1/organisation/logo", headers: Chain.seen()).status == 412)
        #expect(try await chain.call(.get, "/v1/organisation/seller").json["hasLogo"] == .bool(true))
        let id = try await chain.invoice(5_000, for: try await chain.client())
        let with = try await chain.file("/v1/invoices/\(id)/pdf")
        #expect(try await chain.file("/v1/invoices/\(id)/pdf") == with, "the same document is the same bytes")
        #expect(try await chain.call(.delete, "/v1/organisation/logo", headers: Chain.seen(2)).status == 204)
        #expect(try await chain.file("/v1/invoices/\(id)/pdf") != with)
    }

    @Test func `INV-5 GEN-1: nobody reads another organisation's documents or says what it is`() async throws {
        let (chain, other) = (try await Chain.open(), try await Chain.open())
        let client = try await chain.client()
        let id = try await chain.invoice(5_000, for: client)
        for path in ["/v1/invoices/\(id)/pdf", "/v1/invoices/\(id)/factur-x", "/v1/clients/\(client)/billing-details"] {
            #expect(try await other.call(.get, path).status == 404)
        }
        #expect(try await other.name(client, #"{"company":"Vol"}"#).status == 404)
        let wrong = #"{"name":"A","siren":"732829321","vatScheme":"exempt","address":{"town":"Lyon"}}"#
        let refused = try await chain.call(.put, "/v1/organisation/seller", wrong, headers: Chain.seen(0))
        #expect(refused.json["errors"]?.elements?.first?["pointer"]?.text == "/siren")
        #expect(refused.text.contains("last digit does not fit"), "\(refused.text)")
        let strange = #""siret":"55210055400013","vatNumber":"FR96552100554""#
        let others = wrong.replacing(#""732829321""#, with: #""732829320",\#(strange)"#)
        let two = try await chain.call(.put, "/v1/organisation/seller", others, headers: Chain.seen(0))
        #expect(
            two.json["errors"]?.elements?.map { $0["pointer"]?.text } == ["/siret", "/vatNumber"],
            "they are of another company: \(two.text)")
    }

    /// 120.00 at 20 % and 52.75 at 5.5 %.
    private static let twoRates = """
        "lines":[{"label":"Collier","unitPriceTenThousandths":1000000,"vatBasisPoints":2000,"nature":"goods"},
                 {"label":"Atelier","unitPriceTenThousandths":500000,"vatBasisPoints":550,"nature":"services"}]
        """

    private static func euros(_ cents: Int64) -> String {
        #""amount":{"minorUnits":\#(cents),"currency":"EUR"}"#
    }

    /// What a request credits of single rates.
    private static func rates(_ parts: (rate: Int, cents: Int64)...) -> String {
        let items = parts.map { part in #"{"vatBasisPoints":\#(part.rate),\#(euros(part.cents))}"# }
        return #""rates":[\#(items.joined(separator: ","))]"#
    }

    /// With VAT, exempt and at zero.
    private static let exemptions = """
        "discount":{"basisPoints":500},
        "lines":[{"label":"Soin","unitPriceTenThousandths":1000000,"vatBasisPoints":2000,"nature":"services"},
                 {"label":"Élevage","unitPriceTenThousandths":333333,"vatBasisPoints":0,"nature":"services",
                  "exemption":"Exonération de TVA, art. 261, 4-4° du CGI"},
                 {"label":"Don","unitPriceTenThousandths":111111,"vatBasisPoints":0,"nature":"goods"}]
        """

    private static let severalRates = """
        "suppliedOn":"2026-11-18",
        "deliveryAddress":{"name":"Box <Nord> & fils","street":"8 chemin du Pré","postcode":"14600","town":"Pré"},
        "notes":"Contrôle & suivi <à jeun>","discount":{"basisPoints":500},
        "lines":[{"label":"Consultation <chien> & chat","unitPriceTenThousandths":420000,"vatBasisPoints":2000,
                  "nature":"services","practitioner":"Dr Léa <Morel> & fils"},
                 {"label":"Croquettes","quantityThousandths":7500,"unit":"kg","unitPriceTenThousandths":641667,
                  "vatBasisPoints":550,"discount":{"basisPoints":1000},"nature":"goods"},
                 {"label":"Comprimés","quantityThousandths":14000,"unitPriceTenThousandths":4583,"vatBasisPoints":1000,
                  "nature":"goods"}]
        """
}

/// Runs the check of this folder over files by their names.
private enum FacturXCheck {
    static func run(_ files: [String: [UInt8]]) async throws -> PythonScript.Run {
        let folder = try TemporaryFolder()
        let paths = try files.sorted { $0.key < $1.key }.map { name, bytes in
            let path = "\(folder.path)/\(name)"
            try Data(bytes).write(to: URL(filePath: path))
            return path
        }
        return try await PythonScript.run(
            ["\(ExternalProcess.repository)Tests/Integration/Invoicing/check_factur_x.py"] + paths)
    }
}

extension Chain {
    func sell(
        _ details: String = #""siren":"732829320","vatNumber":"FR44732829320","vatScheme":"on-receipts","#,
        selling operations: String = "services", seen version: Int = 0
    ) async throws {
        let json = """
            {"name":"Les Tilleuls SELAS",\(details)"legalForm":"SELAS","operations":"\(operations)",
             "colour":"#1F5F7A",
             "bankAccount":{"iban":"FR76 3000 6000 0112 3456 7890 189","bic":"AGRIFRPPXXX"},
             "address":{"street":"12 rue des Lilas","postcode":"69003","town":"Lyon"}}
            """
        let answer = try await call(.put, "/v1/organisation/seller", json, headers: Chain.seen(version))
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: answer.text) }
    }

    /// Says what documents say of a client.
    @discardableResult
    func name(_ client: ClientID, _ json: String) async throws -> InProcessClient.Answer {
        try await call(.put, "/v1/clients/\(client)/billing-details", json, headers: Chain.seen(0))
    }

    /// An issued invoice of these lines.
    func bill(_ client: ClientID, _ lines: String) async throws -> InvoiceID {
        try await call(
            .post, "/v1/invoices",
            """
            {"clientID":"\(client)","clinicID":"\(clinic)","issuedOn":"2026-11-20","dueOn":"2026-12-20",\(lines)}
            """
        ).id()
    }

    /// A deposit on a quote, and the invoice that deducts it.
    fileprivate func depositAndRest(of quote: QuoteID) async throws -> (first: InvoiceID, rest: InvoiceID) {
        let first: InvoiceID = try await call(
            .post, "/v1/quotes/\(quote)/deposits",
            #"{"amount":{"minorUnits":5001,"currency":"EUR"},"issuedOn":"2026-11-20","dueOn":"2026-11-30"}"#,
            headers: Chain.seen(1)
        ).id()
        let rest: InvoiceID = try await call(
            .post, "/v1/quotes/\(quote)/invoice", #"{"issuedOn":"2026-11-25","dueOn":"2026-12-25"}"#,
            headers: Chain.seen(2)
        ).id()
        return (first, rest)
    }

    /// A credit note of `what`, as a request says it.
    fileprivate func credit(
        _ invoice: InvoiceID, _ what: String, seen version: Int, language: String = "en"
    ) async throws -> InProcessClient.Answer {
        try await call(
            .post, "/v1/invoices/\(invoice)/credit-notes",
            #"{"issuedOn":"2026-11-22","reason":"Retour",\#(what)}"#,
            headers: ["If-Match": "\"v\(version)\"", "Accept-Language": language])
    }

    func file(_ path: String) async throws -> [UInt8] {
        let answer = try await call(.get, path)
        guard answer.status == 200 else { throw InvoicingBenchFailure(description: "\(path): \(answer.text)") }
        return answer.bytes
    }

    /// One black pixel.
    static let pixel: [UInt8] = {
        let text = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
        return [UInt8](Data(base64Encoded: text) ?? Data())
    }()

    func logo(_ bytes: [UInt8], language: String = "en") async throws -> InProcessClient.Answer {
        try await bench.http.call(
            IncomingRequest(
                method: "PUT", target: "/v1/organisation/logo",
                headers: [
                    "Authorization": "Bearer \(try await bench.http.token(for: principal()))",
                    "Content-Type": "image/png", "Accept-Language": language, "If-Match": "\"v1\"",
                ], bytes: bytes))
    }
}

extension InProcessClient.Answer {
    /// Rate, base and VAT in cents, of each rate.
    fileprivate var vatByRate: [[Int64]] {
        (json["vat"]?.elements ?? []).map { share in
            [share["rate"]?.integer ?? -1, share.cents("base") ?? -1, share.cents("vat") ?? -1]
        }
    }
}
